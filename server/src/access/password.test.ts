import { expect, test } from 'vitest';
import { hashPassword, passwordMatches, UNKNOWN_USER_HASH } from './password.ts';

test('[AC9] a password matches its own hash and no other', async () => {
  const [first, second] = await Promise.all([hashPassword('pässwort 一二'), hashPassword('pässwort 一二')]);
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(first).not.toBe(second);
  expect(await passwordMatches('pässwort 一二', first)).toBe(true);
  expect(await passwordMatches('pa\u0308sswort 一二', second)).toBe(true);
  expect(await passwordMatches('passwort 一二', first)).toBe(false);
});

test('[AC9] the hash for unknown names has the same cost and no password', async () => {
  const cost = (hash: string) => hash.split('$')[3];
  expect(cost(UNKNOWN_USER_HASH)).toBe(cost(await hashPassword('x')));
  expect(await passwordMatches('', UNKNOWN_USER_HASH)).toBe(false);
});

test('[AC9] a stored hash of another kind is an error, not a mismatch', async () => {
  await expect(passwordMatches('x', '$2b$10$abc')).rejects.toThrow(/not argon2id/);
});
