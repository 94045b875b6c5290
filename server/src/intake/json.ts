/** JSON of other agents, within a depth and a number of values. */
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from './limits.ts';
import { IntakeRefusal } from './refusal.ts';

/** @throws IntakeRefusal json-broken, json-too-deep, section-too-long */
export function parseJson(text: string): unknown {
  const { depth, values } = measured(text);
  if (values > JSON_VALUES_MAX)
    throw new IntakeRefusal('section-too-long', `it has more than ${JSON_VALUES_MAX} values`);
  if (depth > JSON_DEPTH_MAX)
    throw new IntakeRefusal('json-too-deep', `its values are nested more than ${JSON_DEPTH_MAX} deep`);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which is to be kept nowhere.
    throw new IntakeRefusal('json-broken', 'it is not JSON');
  }
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** Deepest nesting of brackets and number of values outside strings; known before anything is built. */
function measured(text: string): { depth: number; values: number } {
  let depth = 0;
  let deepest = 0;
  let values = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === COMMA) values++;
    else if (code === 0x7b || code === 0x5b) {
      values++;
      deepest = Math.max(deepest, ++depth);
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return { depth: deepest, values };
}
