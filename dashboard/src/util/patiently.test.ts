import { expect, test } from 'vitest';
import { patiently, type PartHost } from './patiently.ts';

function host(answers: readonly boolean[], reloads = true) {
  const seen = { waits: [] as number[], reloads: 0 };
  let asked = 0;
  const fake: PartHost = {
    serverAnswers: async () => answers[asked++] ?? true,
    reload: () => {
      seen.reloads += 1;
      return reloads;
    },
    wait: async (delayMs) => {
      seen.waits.push(delayMs);
      if (seen.reloads > 0) throw new Error('the page was read anew');
    },
  };
  return { fake, seen };
}

function failing(times: number) {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw new Error('Failed to fetch dynamically imported module');
    return 'part';
  };
}

test('[DB7] a part is read when the server is back, without a reload', async () => {
  const { fake, seen } = host([false, false, false, false, false, false]);
  expect(await patiently(failing(6), fake)()).toBe('part');
  expect(seen).toEqual({ waits: [1_000, 2_000, 4_000, 8_000, 10_000, 10_000], reloads: 0 });
});

test('[DB7] a failure of the moment in which the server came back is no reason to reload', async () => {
  const { fake, seen } = host([true]);
  expect(await patiently(failing(1), fake)()).toBe('part');
  expect(seen).toEqual({ waits: [], reloads: 0 });
});

test('[DB7] a part that the server no longer has: the page is read anew, once', async () => {
  const { fake, seen } = host([true]);
  await expect(patiently(failing(9), fake)()).rejects.toThrow('read anew');
  expect(seen.reloads).toBe(1);
  const again = host([true], false);
  await expect(patiently(failing(9), again.fake)()).rejects.toThrow('Failed to fetch');
});
