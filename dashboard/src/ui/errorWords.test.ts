import { expect, test } from 'vitest';
import { en, zh } from '../i18n/testing.ts';
import { ERROR_WORDS } from './ErrorPanel.tsx';

const [catalogue = ''] = Object.values(
  import.meta.glob<string>('../../../server/src/errors.ts', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);
const CODES = [...catalogue.matchAll(/^ {2}'?([a-z]+(?:-[a-z]+)*)'?: \{/gm)].map((match) => String(match[1]));

test('[DB211] the catalogue of the server is read whole', () => {
  expect(CODES.length).toBe([...catalogue.matchAll(/status: \d/g)].length);
  expect(CODES).toEqual(
    expect.arrayContaining(['forbidden', 'busy', 'file-unreadable', 'asset-number-taken']),
  );
});

test.each(CODES)('[DB211] the error %s has words of its own in both languages', (code) => {
  const key = ERROR_WORDS[code]?.replace('errors.', '');
  expect(key).toBeDefined();
  const said = [en, zh].map(({ errors }) => Object.entries(errors).find(([name]) => name === key)?.[1]);
  expect(said.every((text) => typeof text === 'string' && text !== '')).toBe(true);
});
