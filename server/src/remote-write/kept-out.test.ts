import { expect, test } from 'vitest';
import { KeptOutCounts } from './kept-out.ts';
import { COUNTED_MACHINES_MAX, COUNTED_METRICS_MAX, NAMES_SURE_MAX } from './limits.ts';

test('[RW25] names that were not heard for long make room for new ones; those that go on keep their count', () => {
  const counts = new KeptOutCounts();
  const held = counts.metric('node_held', 'no-line');
  const quiet = counts.metric('node_quiet', 'no-line');
  counts.add([quiet], 1_000, 0);
  for (let i = 0; i < 3 * COUNTED_METRICS_MAX; i++) {
    counts.add([counts.metric(`m${i}`, 'no-line')], 1, i);
    // A label set that is known keeps its tally and does not ask for it again.
    counts.add([held], 1, i);
  }
  const shown = counts.metrics(10 * COUNTED_METRICS_MAX, () => true);
  expect(shown.length).toBeLessThanOrEqual(COUNTED_METRICS_MAX);
  expect(shown[0]).toMatchObject({ metric: 'node_held', samples: 3 * COUNTED_METRICS_MAX });
  expect(shown.some(({ metric }) => metric === `m${3 * COUNTED_METRICS_MAX - 1}`)).toBe(true);
  expect(shown.some(({ metric }) => metric === 'node_quiet')).toBe(false);
  expect(counts.samples).toBe(1_000 + 6 * COUNTED_METRICS_MAX);
});

test('[RW25] names of unknown machines are bounded the same way', () => {
  const counts = new KeptOutCounts();
  for (let i = 0; i < 5 * COUNTED_MACHINES_MAX; i++)
    counts.add([counts.machine('instance', `host${i}`, 'machine-unknown')], 1, i);
  const shown = counts.machines(10 * COUNTED_MACHINES_MAX, () => true);
  expect(shown.length).toBeLessThanOrEqual(COUNTED_MACHINES_MAX);
  expect(shown.some(({ value }) => value === `host${5 * COUNTED_MACHINES_MAX - 1}`)).toBe(true);
});

test('[RW50] of more names than are counted fewer may stand, but never fewer than from where on there may be more', () => {
  const counts = new KeptOutCounts();
  const names = Array.from({ length: COUNTED_MACHINES_MAX + 1 }, (_, i) =>
    counts.machine('instance', `host${i}`, 'machine-unknown'),
  );
  let fewest = Infinity;
  for (let i = 0; i < 3 * names.length; i++) {
    counts.add([names[i % names.length] as (typeof names)[number]], 1, i);
    if (i >= names.length) fewest = Math.min(fewest, counts.machines(Infinity, () => true).length);
  }
  expect(fewest).toBeGreaterThanOrEqual(NAMES_SURE_MAX);
  expect(fewest).toBeLessThan(COUNTED_MACHINES_MAX);
});

test('[RW25] a tally that was given up and another of its name that came meanwhile are one again', () => {
  const counts = new KeptOutCounts();
  const old = counts.metric('node_x', 'no-line');
  counts.add([old], 5, 0);
  for (let i = 0; i < COUNTED_METRICS_MAX; i++) counts.add([counts.metric(`m${i}`, 'no-line')], 1, i);
  counts.add([counts.metric('node_x', 'no-line')], 3, 1);
  counts.add([old], 2, 2);
  counts.add([old], 2, 3);
  const found = counts
    .metrics(10 * COUNTED_METRICS_MAX, () => true)
    .filter(({ metric }) => metric === 'node_x');
  expect(found).toMatchObject([{ samples: 12, lastMs: 3 }]);
  // What a person changed makes all of it void, tallies that somebody still holds too.
  counts.forget();
  counts.add([old], 1, 4);
  expect(counts.metrics(10, () => true)).toMatchObject([{ metric: 'node_x', samples: 1 }]);
});
