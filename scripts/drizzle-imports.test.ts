/** What speeds up the imports of drizzle-orm changes nothing of what is imported, and is worth its place. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const QUICK = `--require=${join(import.meta.dirname, 'drizzle-imports.cjs')}`;
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
  const quick = load([QUICK]);
  expect(quick.names).toEqual(plain.names);
  expect(quick.names.flat()).toContain('sqliteTable');
  expect(quick.cpuMs).toBeLessThan(plain.cpuMs / 2);
});

test('[OP6] a package that lies below it, and one below another, are found and read as Node reads them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-imports-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = {
    'main.mjs': "import own from 'drizzle-orm'; import outer from 'outer'; console.log(own, outer);",
    'node_modules/drizzle-orm/package.json': '{"type":"module","exports":"./index.js"}',
    'node_modules/drizzle-orm/index.js':
      "import part from './part.js'; import inner from 'inner'; export default part + inner;",
    'node_modules/drizzle-orm/part.js': 'export default 1;',
    'node_modules/drizzle-orm/node_modules/inner/package.json': '{"main":"./inner.js"}',
    'node_modules/drizzle-orm/node_modules/inner/inner.js': "module.exports = require('./part.js');",
    'node_modules/drizzle-orm/node_modules/inner/part.js': 'module.exports = 2;',
    'node_modules/outer/package.json': '{"type":"module","exports":"./index.js"}',
    'node_modules/outer/index.js': "export { default } from 'drizzle-orm';",
    'node_modules/outer/node_modules/drizzle-orm/package.json': '{"type":"module","exports":"./index.js"}',
    'node_modules/outer/node_modules/drizzle-orm/index.js': "export { default } from './part.js';",
    'node_modules/outer/node_modules/drizzle-orm/part.js': 'export default 4;',
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  expect(execFileSync(process.execPath, [QUICK, join(folder, 'main.mjs')], { encoding: 'utf8' })).toBe(
    '3 4\n',
  );
});
