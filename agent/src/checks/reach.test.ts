import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allowedWay, CheckRefusal, refusalOf, type Resolve } from './reach.ts';

const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  'fe80::1',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
  '0.0.0.0',
  '::',
  '224.0.0.1',
  'ff02::1',
  '255.255.255.255',
];
const OWN = [
  '127.0.0.1',
  '127.8.9.10',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
];

test.each(METADATA)('[CK32] %s is never reached, whatever the owner allows', (address) => {
  expect(refusalOf(address, 'network')).toContain('never');
  expect(refusalOf(address, 'loopback')).toContain('never');
});

test.each(OWN)('[CK32] %s is reached only where the owner allows his own machine', (address) => {
  expect(refusalOf(address, 'network')).toContain('is not allowed here');
  expect(refusalOf(address, 'loopback')).toBeNull();
});

test.each([
  '10.0.0.5',
  '192.168.1.1',
  '8.8.8.8',
  '100.100.100.201',
  '2001:db8::1',
  'fd00::5',
  '64:ff9b::808:808',
])('[CK32] %s may be reached', (address) => expect(refusalOf(address, 'network')).toBeNull());

test('[CK32] every address of loopback and of link-local is found, as IPv4 and mapped into IPv6', () => {
  fc.assert(
    fc.property(
      fc.constantFrom([127], [169, 254]),
      fc.array(fc.nat(255), { minLength: 3, maxLength: 3 }),
      (net, rest) => {
        const address = [...net, ...rest].slice(0, 4).join('.');
        expect(refusalOf(address, 'network')).not.toBeNull();
        expect(refusalOf(`::ffff:${address}`, 'network')).not.toBeNull();
      },
    ),
  );
});

test('[CK32] a name counts as what it resolves to; an address, however it is written, is looked at as well', async () => {
  const system: Resolve = (host, answered) => systemLookup(host, { all: true }, answered);
  const { lookup } = allowedWay('localhost', { reach: 'network', resolve: system });
  const answer = (reach: 'network' | 'loopback') =>
    new Promise<Error | string | LookupAddress[]>((resolve) =>
      allowedWay('localhost', { reach, resolve: system }).lookup(
        'localhost',
        { all: true },
        (error, address) => resolve(error ?? address),
      ),
    );
  expect(await answer('network')).toBeInstanceOf(CheckRefusal);
  expect(JSON.stringify(await answer('loopback'))).toContain('127.0.0.1');
  expect(() => allowedWay('127.0.0.1', { reach: 'network', resolve: system })).toThrow(CheckRefusal);
  // What getaddrinfo() takes for 127.0.0.1, too.
  for (const spelling of ['2130706433', '0x7f.1', '127.1'])
    expect(
      await new Promise((resolve) => lookup(spelling, { all: true }, (error) => resolve(error))),
    ).toBeInstanceOf(CheckRefusal);
});
