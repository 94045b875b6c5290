import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALPHABET_MAX, assignCodes, CODE_BITS_MAX, codeLengths, fillTable } from './prefix-code.ts';

const SYMBOLS = 226;

/** Counts of all sorts: few or many symbols, even or so uneven that plain codes get far too long. */
const counts = fc.oneof(
  fc.array(fc.nat(20), { minLength: 1, maxLength: SYMBOLS }),
  fc.array(
    fc.integer({ min: 0, max: 28 }).map((bits) => 2 ** bits),
    { minLength: 1, maxLength: 40 },
  ),
  fc.integer({ min: 1, max: 40 }).map((length) => {
    const fibonacci = [1, 1];
    while (fibonacci.length < length)
      fibonacci.push((fibonacci.at(-1) as number) + (fibonacci.at(-2) as number));
    return fibonacci.slice(0, length);
  }),
);

test('[ME45] a code is complete, no longer than its longest, and what is common is not longer than what is rare', () => {
  fc.assert(
    fc.property(counts, (given) => {
      const lengths = new Uint8Array(ALPHABET_MAX);
      const used = codeLengths(Uint32Array.from(given), given.length, lengths);
      const there = given.flatMap((count, symbol) =>
        count > 0 ? [{ count, length: lengths[symbol] as number }] : [],
      );
      expect(used).toBe(there.length);
      expect(lengths.filter((length) => length > 0).length).toBe(there.length);
      for (const { length } of there) expect(length).toBeLessThanOrEqual(CODE_BITS_MAX);
      if (used > 1) expect(there.reduce((sum, { length }) => sum + 2 ** -length, 0)).toBe(1);
      for (const a of there)
        for (const b of there) if (a.count > b.count) expect(a.length).toBeLessThanOrEqual(b.length);
    }),
    { numRuns: 500 },
  );
});

test('[ME45] any bits behind a code give its symbol', () => {
  fc.assert(
    fc.property(counts, fc.nat(2 ** 20), (given, behind) => {
      const lengths = new Uint8Array(ALPHABET_MAX);
      const used = codeLengths(Uint32Array.from(given), given.length, lengths);
      if (used < 2) return;
      const codes = new Uint32Array(ALPHABET_MAX);
      assignCodes(lengths, given.length, codes);
      const table = new Int32Array(1 << CODE_BITS_MAX);
      const mask = fillTable(
        lengths,
        given.length,
        Int32Array.from(given, (_, symbol) => symbol << 4),
        table,
      );
      given.forEach((count, symbol) => {
        if (count === 0) return;
        const code = codes[symbol] as number;
        const bits = ((code & 0xffff) | (behind << (code >>> 16))) & mask;
        expect(table[bits]).toBe((symbol << 4) | (lengths[symbol] as number));
      });
    }),
  );
});

test('[ME21] lengths that leave room or take too much are no code', () => {
  for (const lengths of [
    [1, 2],
    [1, 1, 1],
    [11, 11],
  ])
    expect(() =>
      fillTable(Uint8Array.from(lengths), lengths.length, new Int32Array(3), new Int32Array(2048)),
    ).toThrow('code lengths make no code');
});
