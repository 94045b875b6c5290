/** What is loaded with a module, read from the sources. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SHARED = '@muster/shared/';
const SHARED_FOLDER = join(import.meta.dirname, '../../shared/src');

/** Paths of our modules and names of packages, `entry` among them. Types are not loaded, nor what is imported when it is needed. */
export function staticImports(entry: string, found = new Set<string>()): Set<string> {
  if (found.has(entry)) return found;
  found.add(entry);
  for (const [, names = '', from = ''] of readFileSync(entry, 'utf8').matchAll(
    /^(?:import|export) (?!type)(?:([^;']*?) from )?'([^']+)'(?: with [^;]*)?;/gms,
  )) {
    const isTypes =
      /^\{[^}]*\}\s*$/.test(names) &&
      names
        .replace(/[{}\s]/g, '')
        .split(',')
        .every((name) => name === '' || name.startsWith('type'));
    if (isTypes) continue;
    const path = from.startsWith(SHARED)
      ? join(SHARED_FOLDER, from.slice(SHARED.length))
      : join(dirname(entry), from);
    if (from.endsWith('.ts')) staticImports(path, found);
    else found.add(from);
  }
  return found;
}
