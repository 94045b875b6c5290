/** One JSON text for one meaning, so that a hash changes only when the machine does. */

/** A copy with the keys of all objects in order of code units; arrays keep their order. */
export function canonical<T>(value: T): T;
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => canonical(item));
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, canonical<unknown>(Reflect.get(value, key))]));
}

/** SHA-256 of a text's UTF-8, as 64 hex digits. */
export function sha256Hex(text: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', text);
}
