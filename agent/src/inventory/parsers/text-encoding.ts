/** Text of files whose encoding nobody states: UTF-16 as Windows writes it, with or without its mark, UTF-8, Latin-1. */

/** How many bytes are looked at where no mark tells. */
const LOOK_BYTES = 512;

export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (isUtf16(bytes)) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

/** Little-endian text of western letters: every second byte is zero, no first one. */
function isUtf16(bytes: Uint8Array): boolean {
  const look = bytes.subarray(0, LOOK_BYTES);
  let zeros = 0;
  for (const [index, byte] of look.entries()) {
    if (byte !== 0) continue;
    if (index % 2 === 0) return false;
    zeros += 1;
  }
  return look.length >= 4 && zeros * 4 >= look.length;
}
