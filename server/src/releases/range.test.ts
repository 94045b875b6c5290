import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wantedRange } from './range.ts';

const FILE = { bytes: 1_000, etag: '"abc"' };

test.each([
  [null, null],
  ['bytes=0-', { first: 0, last: 999 }],
  ['bytes=10-19', { first: 10, last: 19 }],
  ['bytes=990-5000', { first: 990, last: 999 }],
  ['bytes=-100', { first: 900, last: 999 }],
  ['bytes=-5000', { first: 0, last: 999 }],
  ['bytes=-0', 'outside'],
  ['bytes=1000-', 'outside'],
  ['bytes=20-10', null],
  ['bytes=0-1,5-6', null],
  ['bytes=-', null],
  ['lines=0-1', null],
  ['bytes=a-b', null],
])('[RO15] of 1000 bytes %s is %o', (range, wanted) => {
  expect(wantedRange({ range, ifRange: null }, FILE)).toEqual(wanted);
});

test('[RO15] a download of another content begins anew', () => {
  const asked = (ifRange: string | null) => wantedRange({ range: 'bytes=10-', ifRange }, FILE);
  expect(asked('"abc"')).toEqual({ first: 10, last: 999 });
  for (const other of ['"abd"', 'W/"abc"', 'Sun, 06 Nov 1994 08:49:37 GMT']) expect(asked(other)).toBeNull();
});

test('[RO15] whatever is asked for lies within the file', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.option(fc.nat(60)), fc.option(fc.nat(60)), (bytes, from, to) => {
      const wanted = wantedRange(
        { range: `bytes=${from ?? ''}-${to ?? ''}`, ifRange: null },
        { bytes, etag: '' },
      );
      if (wanted === null || wanted === 'outside') return;
      expect(wanted.first).toBeGreaterThanOrEqual(0);
      expect(wanted.first).toBeLessThanOrEqual(wanted.last);
      expect(wanted.last).toBeLessThan(bytes);
    }),
  );
});
