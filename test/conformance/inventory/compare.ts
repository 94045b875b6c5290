/** Compares a value with an expectation that holds placeholders and comes from a language without number types. */

/** Any value stands for these, an absent one too: what they asked for was not recorded. */
const ANYTHING = ['__ignore__', '__code__'];
/** A pattern stood here that was not recorded: any value, but there must be one. */
const SOME_TEXT = '__re__';

/**
 * Where `actual` differs from `expected`; null when it does not.
 * null in the expectation: the key is absent or null. "12" and 12 are equal. Keys that the expectation has not are a difference.
 */
export function difference(expected: unknown, actual: unknown, at = '$'): string | null {
  if (typeof expected === 'string' && ANYTHING.includes(expected)) return null;
  if (expected === SOME_TEXT) return isScalar(actual) ? null : `${at}: nothing, expected some text`;
  if (expected === null)
    return actual === null || actual === undefined ? null : unequal(at, expected, actual);
  if (Array.isArray(expected)) return listDifference(expected, actual, at);
  if (isRecord(expected)) return recordDifference(expected, actual, at);
  return isScalar(actual) && scalarText(actual) === scalarText(expected)
    ? null
    : unequal(at, expected, actual);
}

function listDifference(expected: readonly unknown[], actual: unknown, at: string): string | null {
  if (!Array.isArray(actual)) return unequal(at, expected, actual);
  for (const [index, item] of expected.entries()) {
    const found = index < actual.length ? difference(item, actual[index], `${at}[${index}]`) : null;
    if (found !== null) return found;
  }
  return actual.length === expected.length
    ? null
    : `${at}: ${actual.length} entries, expected ${expected.length}`;
}

function recordDifference(expected: Record<string, unknown>, actual: unknown, at: string): string | null {
  if (!isRecord(actual)) return unequal(at, expected, actual);
  for (const [key, value] of Object.entries(expected)) {
    const found = difference(value, actual[key], `${at}.${key}`);
    if (found !== null) return found;
  }
  const extra = Object.keys(actual).find(
    (key) => !(key in expected) && actual[key] !== null && actual[key] !== undefined,
  );
  return extra === undefined ? null : `${at}.${extra}: ${shown(actual[extra])}, expected nothing`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function scalarText(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '';
  return String(value);
}

function unequal(at: string, expected: unknown, actual: unknown): string {
  return `${at}: ${shown(actual)}, expected ${shown(expected)}`;
}

const SHOWN_CHARS = 160;

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value);
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
