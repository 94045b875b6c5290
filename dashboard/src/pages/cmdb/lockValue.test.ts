import { expect, test } from 'vitest';
import { parseValue, printValue } from './lockValue.ts';

test.each([
  ['text', 'PF3X', 'PF3X'],
  ['number', 12, '12'],
  ['bytes', 16 * 2 ** 30, '16'],
  ['list', ['10.0.0.1', '10.0.0.2'], '10.0.0.1\n10.0.0.2'],
  ['yes-no', false, 'false'],
] as const)(
  '[DB183] a value of the form %s is typed as people write it, and read back',
  (form, value, text) => {
    expect(printValue(form, value)).toBe(text);
    expect(parseValue(form, text)).toEqual(value);
  },
);

test.each([
  ['number', 'twelve'],
  ['bytes', ''],
  ['text', '  '],
] as const)('[DB183] %s is refused as %j', (form, text) => {
  expect(parseValue(form, text)).toBeUndefined();
});

test('[DB183] an empty list and a decimal comma are values', () => {
  expect(parseValue('list', ' \n')).toEqual([]);
  expect(parseValue('bytes', '0,5')).toBe(2 ** 29);
});
