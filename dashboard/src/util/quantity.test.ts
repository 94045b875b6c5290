import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ABSENT, displayUnit, percentText, quantityText, scaleFor } from './quantity.ts';

test.each([
  [89.7, '%', '89.7 %', '89.7%'],
  [0, '%', '0.0 %', '0.0%'],
  [24_482_138_522, 'B', '22.8 GiB', '22.8 GiB'],
  [480 * 2 ** 30, 'B', '480 GiB', '480 GiB'],
  [512, 'B', '512 B', '512 B'],
  [27_158_118, 'B/s', '25.9 MiB/s', '25.9 MiB/s'],
  [300, 'B/s', '0.3 KiB/s', '0.3 KiB/s'],
  [184e6, 'bit/s', '184 Mbit/s', '184 Mbit/s'],
  [0.0038, 's', '3.8 ms', '3.8 ms'],
  [4.2, 's', '4.2 s', '4.2 s'],
  [12_345, '1', '12,345', '12,345'],
  [1.5, '1', '1.50', '1.50'],
  [12.25, '1/s', '12.3/s', '12.3/s'],
  [61.5, '°C', '61.5 °C', '61.5 °C'],
])('[DB21] %s %s is read as %s and %s', (value, unit, en, zh) => {
  expect(quantityText(value, unit, 'en')).toBe(en);
  expect(quantityText(value, unit, 'zh')).toBe(zh);
});

test('[DB22] what is absent or not a number is never 0', () => {
  for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(quantityText(value, '%', 'en')).toBe(ABSENT);
  }
});

test('[DB21] the network is shown in bits, disks in bytes', () => {
  expect(displayUnit('network.received', 'B/s')).toEqual({ unit: 'bit/s', factor: 8 });
  expect(displayUnit('disk.written', 'B/s')).toEqual({ unit: 'B/s', factor: 1 });
});

test('[DB21] a prefix keeps the number below the next one', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 2 ** 55, noNaN: true }), (bytes) => {
      const { factor } = scaleFor('B', bytes);
      expect(bytes * factor).toBeGreaterThanOrEqual(0.999);
      expect(bytes * factor).toBeLessThan(1024.001);
    }),
  );
});

test('[DB23] 100 % is said only where nothing was missing', () => {
  expect(percentText(100, 'en')).toBe('100.00 %');
  expect(percentText(99.9999, 'zh')).toBe('99.99%');
});
