/** Rules drawn at random, judged by promtool against what our engine tells on the same samples. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firingInMuster } from './as-muster.ts';
import { judgedByPromtool, promtoolVersion } from './as-prometheus.ts';
import { draft, DRAFT_STEPS } from './draft.ts';

const version = promtoolVersion();
const RUNS = 12;

describe.skipIf(version === null)(`judged by promtool ${version ?? '(not installed here: left out)'}`, () => {
  test('[RF10] random rules fire at the steps at which theirs do, and at no others', {
    timeout: 60_000,
  }, async () => {
    let fired = 0;
    await fc.assert(
      fc.asyncProperty(draft, async (drawn) => {
        const firing = await firingInMuster(drawn);
        fired += firing.reduce((sum, names) => sum + names.size, 0);
        expect(judgedByPromtool(drawn, firing)).toBe('');
      }),
      { numRuns: RUNS },
    );
    expect(fired).toBeGreaterThan(0);
  });

  test('[RF10] [RU33] they still do when the server begins anew in the middle', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(draft, fc.integer({ min: 1, max: DRAFT_STEPS - 1 }), async (drawn, restartAt) => {
        expect(judgedByPromtool(drawn, await firingInMuster(drawn, restartAt))).toBe('');
      }),
      { numRuns: RUNS },
    );
  });

  test('[RF10] promtool tells an alert that is claimed too much, and one too little', async () => {
    const [drawn] = fc.sample(draft, { numRuns: 1, seed: 7 });
    if (!drawn) throw new Error('one is drawn');
    const firing = await firingInMuster(drawn);
    const turned = firing.map((names, step) =>
      step === DRAFT_STEPS - 1 ? new Set(names.has('R0') ? [] : ['R0']) : names,
    );
    expect(judgedByPromtool(drawn, turned)).toContain('R0');
  });
});
