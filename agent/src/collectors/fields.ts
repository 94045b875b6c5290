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
  if (trimmed === '') return [];
  // A regular expression costs many times more where it is not compiled, and most lines have single blanks.
  return trimmed.includes('  ') || trimmed.includes('\t') ? trimmed.split(/[ \t]+/) : trimmed.split(' ');
}

/**
 * The figure behind `label` at the beginning of a line, null where no line begins so. Searched and not parsed: such tables have a hundred
 * lines of which a few are wanted, each time anew. A unit behind the figure is the caller's to know. Throws on anything but a number, naming `source`.
 */
export function figureOf(text: string, label: string, source: string): number | null {
  const before = text.startsWith(label) ? 0 : text.indexOf(`\n${label}`) + 1;
  if (before === 0 && !text.startsWith(label)) return null;
  const line = lineFrom(text, before + label.length).trim();
  const unit = line.indexOf(' ');
  return numberOf(unit < 0 ? line : line.slice(0, unit), source);
}

/** From `start` to the end of its line. */
export function lineFrom(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? text.length : end);
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
