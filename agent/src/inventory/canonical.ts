/** One JSON text for one meaning, so that a hash changes only when the machine does. */
import { createHash } from 'node:crypto';
import type { Pause } from './pauses.ts';

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

/** The same of a section, list by list and item by item. */
export async function canonicalSection<T extends object>(section: T, pause: Pause): Promise<T> {
  const ordered: Record<string, unknown> = Object.fromEntries(
    Object.entries(section).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  for (const [key, value] of Object.entries(ordered)) {
    if (!Array.isArray(value)) {
      ordered[key] = canonical<unknown>(value);
      continue;
    }
    const items: unknown[] = [];
    for (const item of value) {
      items.push(canonical<unknown>(item));
      await pause();
    }
    ordered[key] = items;
  }
  return ordered as T;
}
