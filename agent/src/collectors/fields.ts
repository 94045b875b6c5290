/** Small readers of the kernel's text tables, shared by the parsers. */

/** Lines without the last line's empty rest. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Words between blanks and tabs. */
export function wordsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/[ \t]+/);
}

/** A number without sign or with one; throws on anything else, naming `source`. */
export function numberOf(word: string | undefined, source: string): number {
  const value = word === undefined || word === '' ? Number.NaN : Number(word);
  if (!Number.isFinite(value)) throw new Error(`${source}: ${JSON.stringify(word ?? '')} is not a number`);
  return value;
}

/** 100 × part ÷ whole within 0 to 100; 0 when there is no whole. */
export function percentOf(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.max(0, (100 * part) / whole)) : 0;
}
