import { expect, test } from 'vitest';
import { BEHIND_CROWD_MS_MAX, CROWD_LOOK_MS, CROWD_OVER_MS, pauseBehind } from './pause.ts';

test('[RU46] between two waves of a crowd nothing begins', async () => {
  let sleptMs = 0;
  const behind = pauseBehind(() => sleptMs % 500 === 0 && sleptMs < 2_000, {
    sleep: async (ms) => void (sleptMs += ms),
  });
  await behind();
  expect(sleptMs).toBe(1_500 + CROWD_OVER_MS);
});

test('[RU46] work that stands back goes on when the crowd is gone, and with a crowd that never goes', async () => {
  let crowdMs = 3 * CROWD_LOOK_MS;
  let sleptMs = 0;
  const behind = pauseBehind(() => sleptMs < crowdMs, {
    sleep: async (ms) => void (sleptMs += ms),
  });
  await behind();
  // The last look that sees somebody is the third.
  expect(sleptMs).toBe(2 * CROWD_LOOK_MS + CROWD_OVER_MS);
  crowdMs = Infinity;
  await behind();
  await behind();
  expect(sleptMs).toBe(BEHIND_CROWD_MS_MAX);
});
