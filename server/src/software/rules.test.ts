import { expect, test } from 'vitest';
import { type Installed, violations } from './rules.ts';
import type { StoredRule } from './store.ts';

const rule = (id: string, of: Partial<StoredRule>): StoredRule => ({
  id,
  name: id,
  enabled: true,
  mode: 'deny',
  classes: [],
  tags: [],
  sources: [],
  names: [],
  publisher: null,
  version: null,
  reason: '',
  severity: 'warning',
  ...of,
});
const item = (
  name: string,
  version: string,
  source: Installed['source'] = 'dpkg',
  publisher: string | null = null,
): Installed => ({
  name,
  version,
  source,
  publisher,
  productName: name,
});
const SERVER = { class: 'Server', tags: ['web'] };
const found = (rules: StoredRule[], items: Installed[]) =>
  [...violations(rules, SERVER, items)].map(([{ id }, some]) => [id, some.map(({ name }) => name)]);

test('[SW4] a rule denies by name, publisher and version, compared by the family of the package', () => {
  const below = rule('old', { names: ['openssl*'], version: { operator: '<', value: '3.0.12' } });
  expect(
    found([below], [item('openssl', '3.0.9-1'), item('openssl-doc', '3.0.12'), item('nmap', '1')]),
  ).toEqual([['old', ['openssl']]]);
  // 3.0~rc1 is before 3.0 in Debian's order.
  expect(found([rule('x', { version: { operator: '<', value: '3.0' } })], [item('a', '3.0~rc1')])).toEqual([
    ['x', ['a']],
  ]);
  const maker = rule('maker', { publisher: 'acme*' });
  expect(
    found([maker], [item('Tool', '1', 'windows', 'Acme Corp.'), item('Other', '1', 'windows', null)]),
  ).toEqual([['maker', ['Tool']]]);
});

test.each([
  [{ classes: ['Workstation' as const] }, 0],
  [{ classes: ['Server' as const] }, 1],
  [{ tags: ['db'] }, 0],
  [{ tags: ['web'] }, 1],
  [{ enabled: false }, 0],
  [{ sources: ['windows'] }, 0],
])('[SW5] a rule is of classes, tags and sources: %o', (of, count) => {
  expect(found([rule('r', { names: ['nmap'], ...of })], [item('nmap', '1')])).toHaveLength(count);
});

test('[SW6] beside the lists of a machine nothing is allowed; together they allow what each allows', () => {
  const lists = [
    rule('office', { mode: 'only', names: ['LibreOffice*'], sources: ['windows'] }),
    rule('base', { mode: 'only', names: ['7-Zip'], sources: ['windows'] }),
  ];
  const items = [
    item('LibreOffice 24.2', '1', 'windows'),
    item('7-Zip', '1', 'windows'),
    item('Game', '1', 'windows'),
  ];
  expect(found(lists, [...items, item('bash', '5')])).toEqual([['office', ['Game']]]);
});
