import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFault, serverKeyFault } from './config-words.ts';

function faultIn(text: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    return jsonFault(text, error as SyntaxError);
  }
  return 'none';
}

test.each([
  ['{', 'line 1, column 2: Expected property name'],
  ['', 'line 1, column 1: Unexpected end'],
  ['{\n  "a": abc\n}', "line 2, column 8: Unexpected token 'a'"],
  ['{\n  "a": 1,\n}', 'line 3, column 1: Expected double-quoted property name'],
  ['{\n  "a": 1\n  "b": 2\n}', "line 3, column 3: Expected ',' or '}'"],
  ['{"a": tru', 'line 1, column 10: Unexpected end'],
  ['\ufeff{}', 'line 1, column 1: Unexpected token'],
])('[AT113] where %j stops being JSON', (text, words) => {
  expect(faultIn(text)).toContain(words);
});

test('[AT113] whatever is cut off or put in, the place lies in the text and no value is repeated', () => {
  const whole = JSON.stringify(
    { server: 'wss://m.example', token: 'enr_secret-word', proxy: 'http://u:hidden@p' },
    null,
    2,
  );
  fc.assert(
    fc.property(
      fc.nat(whole.length),
      fc.constantFrom('', 'x', '"', ',', '}', '\n'),
      fc.boolean(),
      (at, put, cut) => {
        const text = whole.slice(0, at) + put + (cut ? '' : whole.slice(at));
        const words = faultIn(text);
        if (words === 'none') return;
        const [, line, column] = /^line (\d+), column (\d+): /.exec(words) ?? [];
        const lines = text.split('\n');
        expect(Number(line)).toBeLessThanOrEqual(lines.length);
        expect(Number(column)).toBeLessThanOrEqual((lines[Number(line) - 1] ?? '').length + 1);
        expect(words).not.toMatch(/secret|hidden/);
      },
    ),
  );
});

test.each([
  ['short', /^has 5 characters; a key is 43 characters/],
  [`${'A'.repeat(43)}=`, /^has 44 characters and holds "="/],
  [`${'A'.repeat(42)}+`, /^holds "\+"; /],
  [7, /^is no text/],
])('[AT113] of a server key that is none it says what was found: %j', (value, words) => {
  expect(serverKeyFault(value)).toMatch(words);
  expect(serverKeyFault(value)).toContain('"Add a machine"');
});
