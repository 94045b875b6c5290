import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import { expect, test } from 'vitest';
import { toldIntervals } from './intervals.ts';

const version = (atMs: number | null, everybodyMs?: number, pilotMs?: number) => {
  const of = (intervalMs?: number) => (intervalMs === undefined ? {} : { intervalMs });
  const content: ConfigGroups = {
    everybody: of(everybodyMs),
    groups: [{ name: 'pilot', of: { tags: ['pilot'], classes: [], sites: [] }, settings: of(pilotMs) }],
  };
  return { atMs, content };
};

test('[DB360] the intervals that a machine was told are those of its groups, each from its version on', () => {
  const versions = [
    version(null),
    version(10, 30_000),
    version(20, 30_000, 5_000),
    version(30, 60_000, 5_000),
  ];
  const machine = { class: 'Server', site: null };
  expect(toldIntervals(versions, { ...machine, tags: ['pilot'] }, 10_000)).toEqual([
    { sinceMs: null, intervalMs: 10_000 },
    { sinceMs: 10, intervalMs: 30_000 },
    { sinceMs: 20, intervalMs: 5_000 },
  ]);
  expect(
    toldIntervals(versions, { ...machine, tags: [] }, 10_000).map(({ intervalMs }) => intervalMs),
  ).toEqual([10_000, 30_000, 60_000]);
});
