import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type NamedSeries, SeriesNames } from './series-names.ts';

const name = (instance: string): NamedSeries => ({ metric: 'filesystem.used', instance });

test('[IG13] names that connections share stand in memory once, and go with the last of them', () => {
  const names = new SeriesNames();
  const first = names.hold(name('sda1'));
  expect(names.hold(name('sda1'))).toBe(first);
  const other = names.hold(name('sdb1'));
  expect(names.size).toBe(2);
  names.release(first);
  expect(names.at(first)).toMatchObject(name('sda1'));
  names.release(first);
  expect(names.size).toBe(1);
  expect(() => names.at(first)).toThrow('is held');
  expect(names.at(other)).toMatchObject(name('sdb1'));
});

test('[IG13] a number stands for one name for as long as it is held', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(7)), { maxLength: 200 }), (steps) => {
      const names = new SeriesNames();
      const held: { readonly no: number; readonly instance: string }[] = [];
      for (const [hold, n] of steps) {
        if (hold) held.push({ no: names.hold(name(`sd${n}`)), instance: `sd${n}` });
        else if (held.length > 0) names.release(held.splice(n % held.length, 1)[0]?.no as number);
        for (const { no, instance } of held) expect(names.at(no).instance).toBe(instance);
        expect(names.size).toBe(new Set(held.map(({ instance }) => instance)).size);
      }
    }),
  );
});
