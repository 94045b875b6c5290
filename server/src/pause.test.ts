import { expect, test } from 'vitest';
import { BEHIND_CROWD_MS_MAX, CROWD_LOOK_MS, pauseBehind } from './pause.ts';

test('[RU46] work that stands back goes on when the crowd is gone, and with a crowd that never goes', async () => {
  let crowdMs = 3 * CROWD_LOOK_MS;
  let sleptMs = 0;
  const behind = pauseBehind(() => sleptMs < crowdMs, {
    sleep: async (ms) => void (sleptMs += ms),
  });
  await behind();
  expect(sleptMs).toBe(3 * CROWD_LOOK_MS);
  crowdMs = Infinity;
  await behind();
  await behind();
  expect(sleptMs).toBe(BEHIND_CROWD_MS_MAX);
});
