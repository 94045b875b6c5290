import type { Query } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { ROLLOUT_STATES, type Rollout } from '@muster/shared/api/rollouts.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { latestRolloutQuery, rolloutAgentsQuery, rolloutQuery, silentSince } from './queries.ts';

type Paced = { readonly refetchInterval?: unknown };

/** How long until it is asked again with `data` in hand. */
function paceOf(query: Paced, data: unknown): number {
  const pace = query.refetchInterval as (query: Pick<Query, 'state'>) => number;
  return pace({ state: { data } } as Pick<Query, 'state'>);
}

test('[DB221] a rollout that moves is read every two seconds, any other rarely, in a hidden tab none', () => {
  for (const state of ROLLOUT_STATES) {
    const moves = state === 'running' || state === 'paused' || state === 'rolling-back';
    for (const query of [latestRolloutQuery, rolloutQuery('rol_1')])
      expect(paceOf(query, { state })).toBe((moves ? 2 : 15) * SECOND_MS);
  }
  expect(paceOf(latestRolloutQuery, null)).toBe(15 * SECOND_MS);
  // Set, it would ask in hidden tabs too.
  expect(latestRolloutQuery).not.toHaveProperty('refetchIntervalInBackground');
  expect(rolloutQuery('rol_1')).not.toHaveProperty('refetchIntervalInBackground');
});

test('[DB224] who has read many pages of agents has them read again less often', () => {
  const rollout: Pick<Rollout, 'id' | 'state'> = { id: 'rol_1', state: 'running' };
  const pages = (count: number) => ({ pages: Array.from({ length: count }) });
  expect(paceOf(rolloutAgentsQuery(rollout, {}), pages(1))).toBe(2 * SECOND_MS);
  expect(paceOf(rolloutAgentsQuery(rollout, {}), pages(20))).toBe(15 * SECOND_MS);
  expect(paceOf(rolloutAgentsQuery({ ...rollout, state: 'done' }, {}), pages(1))).toBe(15 * SECOND_MS);
});

test('[DB221] without an answer the page knows since when', () => {
  expect(silentSince({ error: null, dataUpdatedAt: 5 })).toBeNull();
  expect(silentSince({ error: new Error('no answer'), dataUpdatedAt: 5 })).toBe(5);
});
