import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameWordsIn, OWN_TOKEN_NAME, storedNameIn, TOKEN_NAMES } from './given-names.ts';

const GIVEN = { first: { en: 'One thing', zh: '一件事' } };

test('[DB342] a given name is said in both languages until somebody gives another', () => {
  expect(nameWordsIn(GIVEN, { id: 'first', name: 'One thing' })).toEqual(GIVEN.first);
  expect(nameWordsIn(GIVEN, { id: 'first', name: 'Mine' })).toEqual({ en: 'Mine', zh: 'Mine' });
  // Of a user, who happens to call it so.
  expect(nameWordsIn(GIVEN, { id: 'rule-1', name: 'One thing' })).toEqual({
    en: 'One thing',
    zh: 'One thing',
  });
  expect(nameWordsIn(GIVEN, { id: 'constructor', name: 'x' })).toEqual({ en: 'x', zh: 'x' });
});

test('[DB342] saved as it was shown, in either language, a name stays the given one', () => {
  for (const typed of Object.values(GIVEN.first)) {
    expect(storedNameIn(GIVEN, { id: 'first' }, typed)).toBe('One thing');
  }
  fc.assert(
    fc.property(
      fc.constantFrom('first', 'rule-1'),
      fc.string(),
      fc.constantFrom('en', 'zh'),
      (id, name, language) => {
        const shown = nameWordsIn(GIVEN, { id, name })[language];
        expect(storedNameIn(GIVEN, { id }, shown)).toBe(name);
      },
    ),
  );
});

test('[DB353] the token that a server makes for its own agent is called so in both languages', () => {
  const words = nameWordsIn(TOKEN_NAMES, { id: OWN_TOKEN_NAME, name: OWN_TOKEN_NAME });
  expect(words).toEqual({ en: 'this machine', zh: '服务器本机' });
});
