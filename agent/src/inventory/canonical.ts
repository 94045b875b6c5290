/** One JSON text for one meaning, so that a hash changes only when the machine does. */
import { createHash } from 'node:crypto';

/** A copy with the keys of all objects in order of code units; arrays keep their order. */
export function canonical<T>(value: T): T;
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => canonical(item));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, canonical<unknown>(item)]));
}

/** SHA-256 of a text's UTF-8, as 64 hex digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
