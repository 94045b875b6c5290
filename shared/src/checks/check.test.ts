import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Check, CheckName, checkLine, Checks, NamedCheck } from './check.ts';

const RHYTHM = { intervalMs: 60_000, timeoutMs: 5_000 };
const HTTP = {
  kind: 'http',
  url: 'https://intranet.example/start?a=1',
  statusMin: 200,
  statusMax: 399,
  contains: null,
  followRedirects: false,
  verify: true,
  ...RHYTHM,
};
const TCP = { kind: 'tcp', host: 'db.example', port: 5_432, ...RHYTHM };
const isCheck = (check: unknown) => Check.safeParse(check).success;

test('[CK1] there are four kinds, and no field that a kind does not have', () => {
  expect(isCheck(TCP)).toBe(true);
  expect(isCheck(HTTP)).toBe(true);
  expect(isCheck({ kind: 'tls', host: '2001:db8::1', port: 443, verify: true, ...RHYTHM })).toBe(true);
  expect(isCheck({ kind: 'dns', name: 'example.org', type: 'MX', expected: null, ...RHYTHM })).toBe(true);
  for (const kind of ['exec', 'command', 'script', 'icmp', 'TCP'])
    expect(isCheck({ ...TCP, kind })).toBe(false);
  for (const more of [{ command: 'id' }, { args: [] }, { method: 'POST' }, { body: 'x' }, { headers: {} }])
    expect(isCheck({ ...HTTP, ...more })).toBe(false);
});

test.each([
  'ftp://intranet.example/',
  'file:///etc/passwd',
  'gopher://intranet.example/',
  'javascript:alert(1)',
  'https://user:secret@intranet.example/',
  'https://user@intranet.example/',
  'intranet.example',
  '//intranet.example/',
  `https://intranet.example/${'a'.repeat(500)}`,
])('[CK2] %s is no URL of a check', (url) => {
  expect(isCheck({ ...HTTP, url })).toBe(false);
});

test('[CK2] intervals, times, ports, hosts and ranges have limits, and a time leaves a second of the interval', () => {
  for (const wrong of [
    { intervalMs: 9_999 },
    { intervalMs: 86_400_001 },
    { timeoutMs: 499 },
    { timeoutMs: 30_001 },
    { intervalMs: 10_000, timeoutMs: 9_500 },
    { port: 0 },
    { port: 65_536 },
    { host: '' },
    { host: 'db example' },
    { host: 'db/..' },
    { host: 'fe80::1%eth0' },
    { host: '-rf' },
  ])
    expect(isCheck({ ...TCP, ...wrong })).toBe(false);
  expect(isCheck({ ...HTTP, statusMin: 400, statusMax: 399 })).toBe(false);
  expect(isCheck({ ...TCP, intervalMs: 10_000, timeoutMs: 9_000 })).toBe(true);
});

test('[CK2] names of checks are short, printable and begin and end with something', () => {
  for (const name of ['intranet', 'Mail, Bonn', '数据库', 'a'])
    expect(CheckName.safeParse(name).success).toBe(true);
  for (const name of ['', ' a', 'a ', 'a\nb', 'a\u0000', 'x'.repeat(65)])
    expect(CheckName.safeParse(name).success).toBe(false);
});

test('[CK3] at most 32 in one group', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, TCP]));
  expect(Checks.safeParse(many(32)).success).toBe(true);
  expect(Checks.safeParse(many(33)).success).toBe(false);
  expect(Checks.safeParse({ intranet: null }).success).toBe(true);
});

test('[CK30] whatever is read is no check, or one that comes back the same', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.record({ name: fc.string(), check: fc.anything() })), (one) => {
      const { success, data } = NamedCheck.safeParse(one);
      return !success || NamedCheck.safeParse(JSON.parse(JSON.stringify(data))).success;
    }),
  );
});

test('[CF40] two checks that differ in anything differ in their line', () => {
  const check = fc.record({
    kind: fc.constant('http' as const),
    url: fc.constantFrom('http://a/', 'https://a/'),
    statusMin: fc.constantFrom(200, 201),
    statusMax: fc.constantFrom(299, 399),
    contains: fc.constantFrom(null, 'a', 'a redirects=yes'),
    followRedirects: fc.boolean(),
    verify: fc.boolean(),
    intervalMs: fc.constantFrom(10_000, 10_500),
    timeoutMs: fc.constantFrom(500, 1_000),
  });
  fc.assert(
    fc.property(
      check,
      check,
      (a, b) => (JSON.stringify(a) === JSON.stringify(b)) === (checkLine(a) === checkLine(b)),
    ),
  );
});
