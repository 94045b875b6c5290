import { expect, test } from 'vitest';
import { createMemoryAgentConfigStore } from '../store/memory/agent-config.ts';
import { createConfigStandings, WRITTEN_PER_TICK_MAX } from './standings.ts';

const RUNS = { able: true, checks: 'runs' } as const;

test('[CF4] it is known what an agent was told and since when it works by what, also after a restart', async () => {
  const store = createMemoryAgentConfigStore();
  const standings = await createConfigStandings(store);
  standings.connected('a', RUNS);
  standings.told('a', 12, 7, 100);
  standings.configured('a', { version: 12, refused: null }, 110);
  standings.told('a', 12, 7, 200);
  standings.configured('a', { version: 12, refused: null }, 210);
  standings.told('a', 13, 8, 300);
  standings.configured('a', { version: 12, refused: 'older' }, 310);
  standings.connected('b', { able: false, checks: 'unable' });
  await standings.tick();
  const again = await createConfigStandings(store);
  expect(again.get('a')).toEqual({
    agentId: 'a',
    able: true,
    serial: 8,
    checks: 'runs',
    runs: 12,
    runsSinceMs: 110,
    told: 13,
    toldAtMs: 300,
    refused: 'older',
  });
  expect(again.get('b')).toMatchObject({ able: false, runs: null });
  expect(again.get('c')).toBeNull();
  expect(again.highestTaken()).toBe(12);
});

test('[CF4] words are written some with each tick, only when they changed, and again after a failure', async () => {
  const store = createMemoryAgentConfigStore();
  const written: number[] = [];
  let failing = true;
  const standings = await createConfigStandings({
    ...store,
    putStandings: async (some) => {
      if (failing) throw new Error('disk full');
      written.push(some.length);
    },
  });
  for (let i = 0; i <= WRITTEN_PER_TICK_MAX; i++) standings.connected(`a${i}`, RUNS);
  await expect(standings.tick()).rejects.toThrow('disk full');
  failing = false;
  await standings.tick();
  await standings.tick();
  standings.connected('a0', RUNS);
  await standings.tick();
  expect(written).toEqual([WRITTEN_PER_TICK_MAX, 1]);
});
