import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SHOTS } from './screenshots.ts';

const source = readFileSync(join(import.meta.dirname, 'src/routes.tsx'), 'utf8');

/** `const name = createRoute({ getParentRoute: () => parent, path: '…' … })` → whole addresses by name. */
function addresses(): Map<string, string> {
  const found = new Map([
    ['root', ''],
    ['app', ''],
  ]);
  for (const [, name = '', parent = '', path = ''] of source.matchAll(
    /const (\w+) = createRoute\(\{\s*getParentRoute: \(\) => (\w+),\s*path: '([^']*)'/g,
  )) {
    const above = found.get(parent);
    if (above === undefined) throw new Error(`${name} stands before its parent ${parent}`);
    found.set(name, `${above}/${path}`.replace(/\/+/g, '/'));
  }
  return found;
}

test('[DB206] every page of the table of contents is photographed', () => {
  const all = addresses();
  expect(all.size).toBeGreaterThan(20);
  const unseen = [...all].filter(([name, address]) => {
    if (name === 'root' || name === 'app') return false;
    const pattern = new RegExp(`^${address.replace(/\$\w*/g, '[^/]+').replace(/(?<=.)\/$/, '')}/?$`);
    const leads = source.includes(`const ${name} = createRoute`) && redirectsOnly(name);
    return !leads && !SHOTS.some(({ path }) => pattern.test(path.replace(/[?#].*$/, '')));
  });
  expect(unseen).toEqual([]);
});

/** Frames around other pages and addresses that only lead on have no picture of their own. */
function redirectsOnly(name: string): boolean {
  const body = source.slice(source.indexOf(`const ${name} = createRoute`));
  const own = body.slice(0, body.indexOf('\n});'));
  return (
    (own.includes('throw redirect') && !own.includes('component:')) || source.includes(`${name}.addChildren`)
  );
}

test('[DB206] no two pictures have the same name', () => {
  const names = SHOTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
