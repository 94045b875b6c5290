/** Small steps shared by the parsers of recorded output: lines, fields, sizes. All total, all linear. */

/** Lines without their ends, whatever the system that wrote them. */
export function linesOf(text: string): string[] {
  return text.split(/\r?\n|\r/);
}

/** Ends trimmed, runs of white space as one space; null when nothing is left. */
export function oneSpaced(value: string | null | undefined): string | null {
  const clean = (value ?? '').replace(/\s+/g, ' ').trim();
  return clean === '' ? null : clean;
}

/** Ends trimmed; null when nothing is left. */
export function trimmed(value: string | null | undefined): string | null {
  const clean = (value ?? '').trim();
  return clean === '' ? null : clean;
}

/** Words between white space. */
export function wordsOf(line: string): string[] {
  return line.split(/\s+/).filter((word) => word !== '');
}

/** 'key<separator>value' cut at the first separator, both ends trimmed; null without one. */
export function pairOf(line: string, separator = ':'): readonly [key: string, value: string] | null {
  const at = line.indexOf(separator);
  return at === -1 ? null : [line.slice(0, at).trim(), line.slice(at + separator.length).trim()];
}

/** A decimal number at the start of the text, with a point or a comma; null when there is none. */
export function leadingNumber(value: string | null | undefined): number | null {
  const match = /^\s*(-?\d{1,20}(?:[.,]\d{1,12})?)/.exec(value ?? '');
  return match?.[1] === undefined ? null : Number(match[1].replace(',', '.'));
}

/** A whole decimal number and nothing else; null otherwise. */
export function wholeNumber(value: string | null | undefined): number | null {
  const clean = (value ?? '').trim();
  return /^-?\d{1,20}$/.test(clean) ? Number(clean) : null;
}

const UNIT_POWERS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5, e: 6 };

/**
 * '74.3 GB', '465,76 GB', '1024MiB', '2048 kB' → bytes.
 * @param base what a unit without `i` counts in: 1000 (disks) or 1024 (memory)
 */
export function bytesOfSize(value: string | null | undefined, base: 1000 | 1024): number | null {
  const match = /^\s*(\d{1,20}(?:[.,]\d{1,12})?)\s*([KMGTPE]?)(i?)(?:B|bytes|octets)?\b/i.exec(value ?? '');
  if (match?.[1] === undefined) return null;
  const power = UNIT_POWERS[(match[2] ?? '').toLowerCase()] ?? 0;
  return Math.round(Number(match[1].replace(',', '.')) * (match[3] === '' ? base : 1024) ** power);
}

/** '2,26 GHz', '667 MHz', '1452.000000MHz' → Hz. */
export function hertzOf(value: string | null | undefined): number | null {
  const match = /(\d{1,12}(?:[.,]\d{1,12})?)\s*([KMG]?)Hz/i.exec(value ?? '');
  if (match?.[1] === undefined) return null;
  const power = UNIT_POWERS[(match[2] ?? '').toLowerCase()] ?? 0;
  return Math.round(Number(match[1].replace(',', '.')) * 1000 ** power);
}

/** What `JSON.parse` makes of the text; null for what is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
