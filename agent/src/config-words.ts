/** What is wrong with a configuration file, for whoever has it open; nothing of what stands in it is repeated but a key that is public. Pure. */

/** base64url of 32 bytes. */
const SERVER_KEY_LENGTH = 43;
/** Different characters named at most. */
const STRANGE_MAX = 5;
const WHERE_IT_STANDS =
  'The right one stands in the line that "Add a machine" shows in the dashboard, after --server-key.';

/** A server key that is none: what was found, and where the right one is. */
export function serverKeyFault(value: unknown): string {
  if (typeof value !== 'string') return `is no text. ${WHERE_IT_STANDS}`;
  const strange = [...new Set(value.replaceAll(/[A-Za-z0-9_-]/g, ''))].slice(0, STRANGE_MAX);
  const found = [
    ...(value.length === SERVER_KEY_LENGTH ? [] : [`has ${value.length} characters`]),
    ...(strange.length === 0 ? [] : [`holds ${strange.map((one) => JSON.stringify(one)).join(' ')}`]),
  ].join(' and ');
  return `${found}; a key is ${SERVER_KEY_LENGTH} characters of A-Z, a-z, 0-9, - and _. ${WHERE_IT_STANDS}`;
}

/** Line and column, from 1, at which `text` stops being JSON. `error` is what JSON.parse threw for it. */
export function jsonFault(text: string, error: SyntaxError): string {
  const before = text.slice(0, placeOf(text, error.message)).split('\n');
  // V8 repeats some of the text around the place, in which a token may stand.
  const [what] = error.message.split(/ in JSON at|, /);
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${what}`;
}

const UNEXPECTED = 'Unexpected token';

/** V8 says the place of all but two: the end of the text, and a token, before which every beginning of the text lacks only its end. */
function placeOf(text: string, message: string): number {
  const [, at] = /at position (\d+)/.exec(message) ?? [];
  if (at !== undefined) return Number(at);
  if (!message.startsWith(UNEXPECTED)) return text.length;
  for (let length = 1; length <= text.length; length += 1) {
    if (parseFault(text.slice(0, length)).startsWith(UNEXPECTED)) return length - 1;
  }
  return text.length;
}

/** '' where it is JSON. */
function parseFault(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}
