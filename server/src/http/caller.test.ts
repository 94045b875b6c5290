import { expect, test } from 'vitest';
import { callerOf, isSameOrigin } from './caller.ts';

const headers = (map: Record<string, string>) => (name: string) => map[name];
const plain = (address: string) => ({ address, encrypted: false });

test.each([
  ['no proxy: headers are not believed', 0, { 'x-forwarded-for': '1.1.1.1' }, '10.0.0.9'],
  ['one proxy: its entry is the last', 1, { 'x-forwarded-for': '6.6.6.6, 1.1.1.1' }, '1.1.1.1'],
  [
    'two proxies: the outer one wrote the last but one',
    2,
    { 'x-forwarded-for': '6.6.6.6, 1.1.1.1, 10.0.0.2' },
    '1.1.1.1',
  ],
  ['two proxies of which the inner one replaces', 2, { 'x-forwarded-for': '1.1.1.1' }, '1.1.1.1'],
  ['no header from the proxy', 1, {}, '10.0.0.9'],
  ['an address with port', 1, { 'x-forwarded-for': '1.1.1.1:4711' }, '1.1.1.1'],
  ['IPv6 in brackets', 1, { 'x-forwarded-for': '[2001:db8::1]:4711' }, '2001:db8::1'],
])('[HT9] address of the caller, %s', (_case, proxies, sent, expected) => {
  expect(callerOf(headers(sent as Record<string, string>), plain('10.0.0.9'), proxies).address).toBe(
    expected,
  );
});

test('[HT9] an IPv4 address in IPv6 clothes and a zone are plain addresses', () => {
  expect(callerOf(headers({}), plain('::ffff:10.1.2.3'), 0).address).toBe('10.1.2.3');
  expect(callerOf(headers({}), plain('fe80::1%eth0'), 0).address).toBe('fe80::1');
});

test('[HT9] TLS in front counts only behind a proxy of ours', () => {
  const sent = headers({ 'x-forwarded-proto': 'https', host: 'Inner', 'x-forwarded-host': 'Outer' });
  expect(callerOf(sent, plain('x'), 0)).toMatchObject({ secure: false, host: 'inner' });
  expect(callerOf(sent, plain('x'), 1)).toMatchObject({ secure: true, host: 'outer' });
  expect(callerOf(headers({}), { address: 'x', encrypted: true }, 0).secure).toBe(true);
});

test.each([
  ['127.0.0.1', 0, true],
  ['::ffff:127.0.0.2', 0, true],
  ['::1', 0, true],
  ['10.0.0.9', 0, false],
  ['127.0.0.1', 1, false],
] as const)('[ME73] from %s behind %d proxies: on this machine %s', (address, proxies, expected) => {
  expect(callerOf(headers({ 'x-forwarded-for': '127.0.0.1' }), plain(address), proxies).isLocal).toBe(
    expected,
  );
});

const caller = { address: '', isLocal: false, secure: false, host: 'muster.test:8420' };
test.each([
  ['the browser says so', { 'sec-fetch-site': 'same-origin' }, true],
  ['typed by the user', { 'sec-fetch-site': 'none' }, true],
  ['same site is not same origin', { 'sec-fetch-site': 'same-site' }, false],
  [
    'cross-site, whatever the origin says',
    { 'sec-fetch-site': 'cross-site', origin: 'http://muster.test:8420' },
    false,
  ],
  ['an old browser on our page', { origin: 'http://muster.test:8420' }, true],
  ['an old browser on another page', { origin: 'http://evil.test' }, false],
  ['another port', { origin: 'http://muster.test:9' }, false],
  ['the public address', { origin: 'https://public.test' }, true],
  ['a sandboxed page', { origin: 'null' }, false],
  ['no browser', {}, true],
])('[HT10] same origin: %s', (_case, sent, expected) => {
  expect(isSameOrigin(headers(sent as Record<string, string>), caller, 'public.test')).toBe(expected);
});
