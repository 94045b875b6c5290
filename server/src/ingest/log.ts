/** Where the link writes what an operator may want to read. */

/** `what` is a fixed sentence to search by; `detail` the facts of this case. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  what: string,
  detail: Readonly<Record<string, unknown>>,
) => void;

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
