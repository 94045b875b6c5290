/** Makes any text that a machine gives for a device, mount point or sensor fit to name a series. */
import { INSTANCE_BYTES_MAX } from '@muster/shared/wire/limits.ts';

/** Hex digits that keep two long names apart after they were cut. */
const DIGEST_DIGITS = 8;
const MARK = '~';

/**
 * The text itself if it is at most INSTANCE_BYTES_MAX bytes of UTF-8 without control characters.
 * Control characters become U+FFFD; a longer text is cut at a character and ends in `~` and a digest of
 * the whole, so that two paths with the same beginning stay two series.
 */
export function instanceText(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  const made = newInstanceText(text);
  if (texts.size >= TEXTS_MAX) texts.clear();
  texts.set(text, made);
  return made;
}

/** The same few names come with each tick. */
const TEXTS_MAX = 1_024;
const texts = new Map<string, string>();

function newInstanceText(text: string): string {
  const clean = withoutControls(text);
  if (clean.length * 3 <= INSTANCE_BYTES_MAX) return clean;
  const bytes = new TextEncoder().encode(clean);
  if (bytes.length <= INSTANCE_BYTES_MAX) return clean;
  let end = INSTANCE_BYTES_MAX - MARK.length - DIGEST_DIGITS;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end)) + MARK + digest(bytes);
}

/** Control characters become U+FFFD: they would break a log line or a table. */
export function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd');
}

/** FNV-1a, 32 bits. */
function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(DIGEST_DIGITS, '0');
}
