/** What speeds up the imports of drizzle-orm changes nothing of what is imported, and is worth its place. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ENTRIES = [
  'drizzle-orm',
  'drizzle-orm/sqlite-core',
  'drizzle-orm/better-sqlite3',
  'drizzle-orm/migrator',
];
const PROGRAM = `
const names = [];
for (const entry of ${JSON.stringify(ENTRIES)}) names.push(Object.keys(await import(entry)));
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ names, cpuMs: (user + system) / 1_000 }));`;

function load(flags: string[]): { names: string[][]; cpuMs: number } {
  const output = execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', PROGRAM], {
    cwd: join(import.meta.dirname, '../server'),
    encoding: 'utf8',
  });
  return JSON.parse(output) as { names: string[][]; cpuMs: number };
}

test('[OP6] drizzle-orm is loaded whole, in half of the processor time', () => {
  const plain = load([]);
  const quick = load([`--require=${join(import.meta.dirname, 'drizzle-imports.cjs')}`]);
  expect(quick.names).toEqual(plain.names);
  expect(quick.names.flat()).toContain('sqliteTable');
  expect(quick.cpuMs).toBeLessThan(plain.cpuMs / 2);
});
