import type { Check } from '@muster/shared/checks/check.ts';
import { expect, test } from 'vitest';
import { asksItself, checkOf, draftOf, NEW_CHECK, type CheckDraft } from './checkDraft.ts';

const RHYTHM = { intervalMs: 60_000, timeoutMs: 2_500 };
const CHECKS: readonly Check[] = [
  { kind: 'tcp', host: 'db.example', port: 5_432, ...RHYTHM },
  { kind: 'tls', host: '2001:db8::1', port: 993, verify: false, ...RHYTHM },
  {
    kind: 'http',
    url: 'https://intranet.example/',
    statusMin: 200,
    statusMax: 204,
    contains: ' all is well ',
    followRedirects: true,
    verify: true,
    ...RHYTHM,
  },
  {
    kind: 'http',
    url: 'http://a/',
    statusMin: 200,
    statusMax: 399,
    contains: null,
    followRedirects: false,
    verify: false,
    ...RHYTHM,
  },
  { kind: 'dns', name: 'example.org', type: 'MX', expected: null, ...RHYTHM },
];

test.each(CHECKS)('[CK2] a check of kind $kind comes out of its form as it went in', (check) => {
  expect(checkOf(draftOf('one', check), [])).toEqual({ name: 'one', check });
});

function wrongOf(change: Partial<CheckDraft>, taken: readonly string[] = []): string[] {
  const made = checkOf(
    {
      ...NEW_CHECK,
      name: 'one',
      url: 'https://intranet.example/',
      host: 'db',
      record: 'a.example',
      ...change,
    },
    taken,
  );
  return 'wrong' in made ? [...made.wrong].sort() : [];
}

test('[CK2] each field that is not right is named, of the chosen kind alone', () => {
  expect(wrongOf({})).toEqual([]);
  expect(wrongOf({ name: ' ' })).toEqual(['name']);
  expect(wrongOf({}, ['one'])).toEqual(['name']);
  expect(wrongOf({ url: 'ftp://a/' })).toEqual(['url']);
  expect(wrongOf({ url: 'https://user:secret@a/' })).toEqual(['url']);
  expect(wrongOf({ statusMin: '500' })).toEqual(['statusMax']);
  expect(wrongOf({ statusMin: '', statusMax: '2x' })).toEqual(['statusMax', 'statusMin']);
  expect(wrongOf({ kind: 'tcp', port: '0', host: '' })).toEqual(['host', 'port']);
  expect(wrongOf({ kind: 'tcp', port: '', url: 'nonsense' })).toEqual(['port']);
  expect(wrongOf({ kind: 'dns', record: 'a b' })).toEqual(['record']);
  expect(wrongOf({ timeoutSeconds: '60' })).toEqual(['timeoutSeconds']);
  expect(wrongOf({ timeoutSeconds: '9.5', intervalMs: 10_000 })).toEqual(['timeoutSeconds']);
});

test.each([
  [{ kind: 'http', url: 'http://127.0.0.1:8420/' }, true],
  [{ kind: 'http', url: 'https://LOCALHOST/x' }, true],
  [{ kind: 'http', url: 'http://[::1]:80/' }, true],
  [{ kind: 'http', url: 'https://' }, false],
  [{ kind: 'http', url: 'https://localhost.example/' }, false],
  [{ kind: 'tcp', host: ' 127.0.1.1 ' }, true],
  [{ kind: 'tls', host: '::1' }, true],
  [{ kind: 'tcp', host: '10.127.0.1' }, false],
  [{ kind: 'dns', host: 'localhost' }, false],
] as const)('[CF54] whether agents would ask their own machine: %o', (more, asks) => {
  expect(asksItself({ ...NEW_CHECK, ...more })).toBe(asks);
});
