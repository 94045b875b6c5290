import { PASSWORD_LENGTH_MIN } from '@muster/shared/api/access.ts';
import { expect, test } from 'vitest';
import { newPassword } from './newPassword.ts';

test('[DB62] a made-up password can be read aloud, is long enough and differs each time', () => {
  const made = Array.from({ length: 200 }, newPassword);
  for (const password of made) {
    expect(password).toMatch(/^(?:[a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    expect(password).not.toMatch(/[lo01]/);
    expect(password.length).toBeGreaterThanOrEqual(PASSWORD_LENGTH_MIN);
  }
  expect(new Set(made).size).toBe(made.length);
});
