import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandParts } from './commandParts.ts';

const wholes = (code: string) => commandParts(code).flatMap(({ text, whole }) => (whole ? [text] : []));

test('[DB357] an option stays whole and together with a short value', () => {
  expect(wholes('release build ~/release-1 --key ~/muster-release.key.pub --serial 1')).toEqual([
    '--key',
    '--serial 1',
  ]);
  expect(wholes('agent run --insecure --token-file -')).toEqual(['--insecure', '--token-file']);
  expect(wholes('set -- --proxy x')).toEqual(['--', '--proxy x']);
});

test('[DB357] the parts are the command, blank for blank', () => {
  const word = fc.constantFrom('--serial', '--', '1', 'a', ' ', '\n', '\\', '~/release-1', '-x');
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const code = words.join('');
      expect(
        commandParts(code)
          .map(({ text }) => text)
          .join(''),
      ).toBe(code);
    }),
  );
});
