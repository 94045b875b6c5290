/** What every store of presence does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Machine } from '../../availability/presence.ts';
import type { AvailabilityStore } from '../../availability/store.ts';
import type { PresenceInterval } from '../../availability/timeline.ts';

const machine: Machine = {
  presence: 'unknown',
  cause: 'agent-stopped',
  sinceMs: 2_000,
  planned: false,
  evidence: [{ en: 'Last heard.', zh: '最后一次收到上报。' }],
  absentSinceMs: 2_000,
  ownFault: null,
  lastHeardMs: 2_000,
  streamMs: 1_990,
  streamBootId: 'boot-a',
  bootId: 'boot-a',
  link: { open: false, atMs: 2_010, how: 'closed' },
  lastWord: { reason: 'stop', atMs: 2_000 },
  witness: { answer: 'answers', atMs: 2_050 },
  intervalMs: 10_000,
  absences: [{ fromMs: 100, toMs: 200, ours: true }],
};

const SAID = { presence: 'unknown', cause: 'unreachable', planned: false } as const;

function interval(fromMs: number, toMs: number | null, presence: PresenceInterval['presence'] = 'up') {
  const rest = { cause: null, planned: false, evidence: machine.evidence, revised: false };
  return { fromMs, toMs, presence, ...rest } satisfies PresenceInterval;
}

export function availabilityStoreContract(
  name: string,
  open: () => Promise<{ store: AvailabilityStore; close: () => Promise<void> }>,
): void {
  describe(name, () => {
    let store: AvailabilityStore;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    test('[AV11] what is known of a machine comes back as it was written last', async () => {
      await store.record([{ ciId: 'ci_a', machine: { ...machine, presence: 'up' }, intervals: [] }]);
      await store.record([{ ciId: 'ci_a', machine, intervals: [] }]);
      expect(await store.machines()).toEqual([{ ciId: 'ci_a', machine }]);
    });

    test('[AV11] intervals replace those that begin at or after the first of them, of this machine only', async () => {
      const first = [interval(0, 100), interval(100, 200, 'down'), interval(200, null)];
      await store.record([
        { ciId: 'ci_a', machine, intervals: first },
        { ciId: 'ci_b', machine, intervals: first },
      ]);
      const later = [
        interval(100, 150, 'off'),
        { ...interval(150, null, 'asleep'), revised: true, revisedAtMs: 9_000, was: SAID },
      ];
      await store.record([{ ciId: 'ci_a', machine, intervals: later }]);
      expect(await store.intervals('ci_a', 0, Infinity)).toEqual([first[0], ...later]);
      expect(await store.intervals('ci_b', 0, Infinity)).toEqual(first);
    });

    test('[AV11] a period returns the intervals that overlap it, uncut', async () => {
      const all = [interval(0, 100), interval(100, 200, 'down'), interval(200, null)];
      await store.record([{ ciId: 'ci_a', machine, intervals: all }]);
      expect(await store.intervals('ci_a', 100, 200)).toEqual([all[1]]);
      expect(await store.intervals('ci_a', 99, 201)).toEqual(all);
      expect(await store.intervals('ci_a', 5_000, Infinity)).toEqual([all[2]]);
      expect(await store.intervals('ci_c', 0, Infinity)).toEqual([]);
    });

    test('[AV11] the ends of several records at once are what each returns alone', async () => {
      const all = [interval(0, 100), interval(100, 200, 'down'), interval(200, null)];
      const revised = { ...interval(150, null, 'off'), revised: true, revisedAtMs: 9_000, was: SAID };
      await store.record([
        { ciId: 'ci_a', machine, intervals: all },
        { ciId: 'ci_b', machine, intervals: [revised] },
        { ciId: 'ci_d', machine, intervals: [interval(0, null)] },
      ]);
      expect(await store.intervalsSince([])).toEqual(new Map());
      for (const fromMs of [-1, 0, 99, 100, 150, 200, 5_000]) {
        const asked = [
          { ciId: 'ci_a', fromMs },
          { ciId: 'ci_b', fromMs: fromMs + 1 },
          { ciId: 'ci_c', fromMs },
        ];
        const found = await store.intervalsSince(asked);
        for (const { ciId, fromMs: sinceMs } of asked)
          expect(found.get(ciId) ?? []).toEqual(await store.intervals(ciId, sinceMs, Infinity));
        expect(found.has('ci_d')).toBe(false);
      }
    });

    test('[AV11] a machine that is named twice in one call has what was said last', async () => {
      await store.record([
        { ciId: 'ci_a', machine: { ...machine, presence: 'up' }, intervals: [interval(0, null)] },
        { ciId: 'ci_b', machine, intervals: [interval(0, null)] },
        { ciId: 'ci_a', machine, intervals: [interval(0, 50), interval(50, null, 'off')] },
      ]);
      expect(await store.intervals('ci_a', 0, Infinity)).toEqual([
        interval(0, 50),
        interval(50, null, 'off'),
      ]);
      expect(await store.machines()).toContainEqual({ ciId: 'ci_a', machine });
    });

    test('[AV16] several machines at once return what each returns alone, without evidence', async () => {
      const all = [interval(0, 100), interval(100, 200, 'down'), interval(200, null)];
      await store.record([
        { ciId: 'ci_a', machine, intervals: all },
        { ciId: 'ci_b', machine, intervals: [interval(150, null, 'off')] },
        { ciId: 'ci_d', machine, intervals: [interval(0, null)] },
      ]);
      for (const [fromMs, toMs] of [
        [100, 200],
        [99, 201],
        [0, 1],
        [120, 160],
        [5_000, Infinity],
      ] as const) {
        const found = await store.bareIntervals(['ci_a', 'ci_b', 'ci_c'], fromMs, toMs);
        for (const ciId of ['ci_a', 'ci_b', 'ci_c']) {
          const alone = await store.intervals(ciId, fromMs, toMs);
          expect(found.get(ciId) ?? []).toEqual(
            alone.map(({ evidence: _evidence, revised: _revised, ...bare }) => bare),
          );
        }
        expect(found.has('ci_d')).toBe(false);
      }
    });

    test('[AV12] old closed intervals go, the open one stays', async () => {
      await store.record([
        {
          ciId: 'ci_a',
          machine,
          intervals: [interval(0, 100), interval(100, 200, 'down'), interval(200, null)],
        },
      ]);
      expect(await store.dropBefore(150)).toBe(1);
      expect(await store.dropBefore(9_000)).toBe(1);
      expect(await store.intervals('ci_a', 0, Infinity)).toEqual([interval(200, null)]);
    });
  });
}
