import { expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { StoredRule } from './rule.ts';
import { Stage } from './stage.ts';

const ABSENT: StoredRule['condition'] = {
  type: 'absence',
  metric: 'disk.errors',
  severity: 'warning',
  forMs: MINUTE_MS,
  scope: 'metric',
};

/** The agent told its disk for a while and fell silent; an exporter goes on about the load. */
async function afterSilence(isOthersWord: boolean): Promise<number> {
  const stage = new Stage();
  await stage.start();
  const [template] = stage.engine.rules();
  await stage.keepOnly(() => false);
  await stage.engine.putRule(
    { ...(template as StoredRule), id: 'rul_absent', condition: ABSENT },
    stage.nowMs,
  );
  for (let i = 0; i < 30; i++) {
    await stage.deliver(stage.tickOf(stage.nowMs, { 'disk.errors sda': 0 }));
    await stage.wait(10 * SECOND_MS);
  }
  for (let i = 0; i < 30; i++) {
    const tick = stage.tickOf(stage.nowMs, { 'load.1m': 1 });
    stage.engine.onSamples(stage.entry.id, [tick], stage.nowMs, isOthersWord);
    await stage.wait(10 * SECOND_MS);
  }
  return stage.told.length;
}

test('[RW22] what a sender tells makes no machine heard: a silent agent misses no series', async () => {
  expect(await afterSilence(true)).toBe(0);
  // The same from the agent itself: it tells, and one series is missing.
  expect(await afterSilence(false)).toBe(1);
});

test('[CF44] a metric that is switched off is not missed, and when it is on again only after the time of the rule', async () => {
  const stage = new Stage();
  await stage.start();
  const [template] = stage.engine.rules();
  await stage.keepOnly(() => false);
  await stage.engine.putRule(
    { ...(template as StoredRule), id: 'rul_absent', condition: ABSENT },
    stage.nowMs,
  );
  const minutes = async (count: number, series: Record<string, number>) => {
    for (let i = 0; i < 6 * count; i++) {
      await stage.deliver(stage.tickOf(stage.nowMs, { 'load.1m': 1, ...series }));
      await stage.wait(10 * SECOND_MS);
    }
    return stage.told.map(({ type }) => type);
  };
  expect(await minutes(5, { 'disk.errors sda': 0 })).toEqual([]);
  expect(await minutes(5, {})).toEqual(['opened']);
  stage.off = new Set(['disk.errors']);
  expect(await minutes(5, {})).toEqual(['opened', 'resolved']);
  stage.off = new Set();
  expect(await minutes(0.5, {})).toEqual(['opened', 'resolved']);
  expect(await minutes(5, {})).toEqual(['opened', 'resolved', 'opened']);
});
