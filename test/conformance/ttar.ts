/** Reads a ttar archive: a plain-text archive of a file tree, as the recorded /sys trees are kept in. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { invariant } from '@muster/shared/invariant.ts';

export type TtarEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** Bytes as Latin-1 text. */
  | { readonly kind: 'file'; readonly path: string; readonly content: string };

/**
 * `text` is the archive read as Latin-1, because files in it may hold any byte. An entry is `Directory:`, or
 * `Path:` followed by `SymlinkTo:` or by `Lines: n` and n lines. In those, NULLBYTE is a zero byte and EOF at
 * the end of the last line says that no newline follows; a backslash before either makes it plain text.
 */
export function parseTtar(text: string): TtarEntry[] {
  const lines = text.split('\n');
  const entries: TtarEntry[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [key, value] = keyAndValue(lines[at] as string);
    if (key === 'Directory') entries.push({ kind: 'directory', path: value });
    if (key !== 'Path') continue;
    const [next, detail] = keyAndValue(lines[at + 1] ?? '');
    if (next === 'SymlinkTo') {
      entries.push({ kind: 'link', path: value, target: detail });
      at += 1;
      continue;
    }
    const count = Number(detail);
    invariant(
      next === 'Lines' && Number.isInteger(count),
      `ttar line ${at + 2}: Lines or SymlinkTo expected`,
    );
    entries.push({ kind: 'file', path: value, content: contentOf(lines.slice(at + 2, at + 2 + count)) });
    at += 1 + count;
  }
  return entries;
}

/** Writes the tree under `folder`. An entry that would lie outside of it is refused. */
export function unpackTtar(text: string, folder: string): void {
  for (const entry of parseTtar(text)) {
    const place = join(folder, entry.path);
    invariant(
      !normalize(entry.path).startsWith('..') && !entry.path.startsWith('/'),
      `ttar entry ${entry.path} leads out`,
    );
    mkdirSync(entry.kind === 'directory' ? place : dirname(place), { recursive: true });
    if (entry.kind === 'link') symlinkSync(entry.target, place);
    if (entry.kind === 'file') writeFileSync(place, entry.content, 'latin1');
  }
}

function keyAndValue(line: string): [string, string] {
  const found = /^(Directory|Path|SymlinkTo|Lines): (.*)$/.exec(line);
  return found === null ? ['', ''] : [found[1] as string, found[2] as string];
}

function contentOf(lines: readonly string[]): string {
  const text = lines.map((line) => `${line}\n`).join('');
  const ended = /(?<!\\)EOF\n$/.test(text) ? text.slice(0, -'EOF\n'.length) : text;
  return ended.replace(/(?<!\\)NULLBYTE/g, '\0').replace(/\\(NULLBYTE|EOF)/g, '$1');
}
