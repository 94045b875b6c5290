/** Milliseconds since 1970-01-01T00:00:00Z. Times are these inside, ISO 8601 UTC with ms at the API. */
export type Millis = number;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export function toIso(atMs: Millis): string {
  return new Date(atMs).toISOString();
}
