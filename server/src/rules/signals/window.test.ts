import type { WindowFn } from '@muster/shared/api/rules.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantile } from '../functions/over-time.ts';
import { BucketRing, WINDOW_BUCKETS_MAX } from './bucket-ring.ts';
import { ChangeSignal } from './change.ts';
import { ConfirmSignal, WindowSignal } from './window.ts';

interface Taken {
  readonly atMs: number;
  readonly value: number;
  /** NaN at the first and after a gap. */
  readonly sinceMs: number;
  readonly afterGap: boolean;
}

const OVER_MS = 10 * MINUTE_MS;
/** Distances are no shorter than a bucket is wide, so that each sample has a bucket of its own. */
const series = fc
  .array(
    fc.tuple(
      fc.integer({ min: 5, max: 90 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 9 }),
    ),
    {
      minLength: 1,
      maxLength: 150,
    },
  )
  .map((steps) => {
    let atMs = 1_000_000_000_000;
    return steps.map(([seconds, value, gap], i): Taken => {
      const distanceMs = seconds * SECOND_MS + (gap === 0 ? 3 * MINUTE_MS : 0);
      atMs += distanceMs;
      const apart = i === 0 || gap === 0;
      return { atMs, value, sinceMs: apart ? Number.NaN : distanceMs, afterGap: apart };
    });
  });

const within = (taken: readonly Taken[], last: number) =>
  taken.slice(0, last + 1).filter(({ atMs }) => atMs > (taken[last]?.atMs ?? 0) - OVER_MS);

/** What each function says, by its definition. */
const BRUTE: Readonly<
  Record<WindowFn, (inside: readonly Taken[], before: readonly Taken[]) => number | null>
> = {
  avg: (inside) => inside.reduce((sum, { value }) => sum + value, 0) / inside.length,
  min: (inside) => Math.min(...inside.map(({ value }) => value)),
  max: (inside) => Math.max(...inside.map(({ value }) => value)),
  p95: (inside) =>
    quantile(
      0.95,
      inside.map(({ value }) => value),
    ),
  increase: (inside) => grown(inside).sum,
  rate: (inside) => {
    const { sum, ms } = grown(inside);
    return ms === 0 ? null : (sum * SECOND_MS) / ms;
  },
  changes: (inside, all) => pairs(inside, all).filter(([a, b]) => a !== b).length,
  resets: (inside, all) => pairs(inside, all).filter(([a, b]) => b < a).length,
};

/** Of rates: what a counter has grown. */
function grown(inside: readonly Taken[]) {
  const known = inside.filter(({ sinceMs }) => !Number.isNaN(sinceMs));
  const sum = known.reduce((total, { value, sinceMs }) => total + (value * sinceMs) / SECOND_MS, 0);
  return { sum, ms: known.reduce((total, { sinceMs }) => total + sinceMs, 0) };
}

/** Each sample of the window with the one before it, wherever that lies. */
function pairs(inside: readonly Taken[], all: readonly Taken[]): [number, number][] {
  return inside.flatMap((taken): [number, number][] => {
    const before = all[all.indexOf(taken) - 1];
    return before ? [[before.value, taken.value]] : [];
  });
}

test.each(Object.keys(BRUTE) as WindowFn[])(
  '[RU27] [RU28] %s over a window is what its definition says',
  (fn) => {
    fc.assert(
      fc.property(series, (taken) => {
        const signal = new WindowSignal({ fn, overMs: OVER_MS }, 'above');
        let startMs = Infinity;
        for (const [i, { atMs, value, sinceMs }] of taken.entries()) {
          const inside = within(taken, i);
          if (inside.length === 1) startMs = atMs;
          const counts = fn === 'increase' || fn === 'changes' || fn === 'resets';
          const isKnown = counts || 2 * (atMs - startMs) >= OVER_MS;
          const wanted = isKnown ? BRUTE[fn](inside, taken) : null;
          const found = signal.take(atMs, value, sinceMs);
          if (wanted === null) expect(found).toBeNull();
          else expect(found).toBeCloseTo(wanted, 6);
        }
      }),
      { numRuns: 60 },
    );
  },
);

test('[RU33] a window that begins to listen later says the same, once it has been told of twice its length', () => {
  fc.assert(
    fc.property(
      series,
      fc.nat(),
      fc.constantFrom<WindowFn>('avg', 'p95', 'increase', 'changes'),
      (taken, at, fn) => {
        const from = at % taken.length;
        const always = new WindowSignal({ fn, overMs: OVER_MS }, 'above');
        const late = new WindowSignal({ fn, overMs: OVER_MS }, 'above');
        const beginMs = taken[from]?.atMs ?? 0;
        const told = taken.findIndex(({ atMs }) => atMs >= beginMs - late.historyMs);
        for (const [i, { atMs, value, sinceMs }] of taken.entries()) {
          const wanted = always.take(atMs, value, sinceMs);
          if (i >= told && i < from) late.feed(atMs, value, i === told ? Number.NaN : sinceMs);
          if (i >= from) expect(late.take(atMs, value, i === told ? Number.NaN : sinceMs)).toBe(wanted);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('[RU27] a window of any length and any rate has no more than its buckets', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 10_000, max: 10_000_000 }),
      (stepMs, overMs) => {
        const ring = new BucketRing(overMs, 'sum');
        let sum = 0;
        for (let i = 0; i < 2_000; i++) ring.push(i * stepMs, 1, 1);
        for (let i = 0; i < ring.size; i++) sum += ring.weight(i);
        expect(ring.size).toBeLessThanOrEqual(WINDOW_BUCKETS_MAX + 2);
        const inside = Math.min(2_000, Math.ceil(overMs / stepMs));
        // The bucket that is leaving may still hold samples that have left.
        const bucket = Math.ceil(Math.ceil(overMs / WINDOW_BUCKETS_MAX) / stepMs) + 1;
        expect(sum).toBeGreaterThanOrEqual(Math.min(2_000, inside) - 1);
        expect(sum).toBeLessThanOrEqual(inside + bucket);
      },
    ),
    { numRuns: 40 },
  );
});

test('[RU29] n of m is beyond a level when n of the last m samples are', () => {
  fc.assert(
    fc.property(
      series,
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 4 }),
      fc.constantFrom<'above' | 'below'>('above', 'below'),
      (taken, n, more, op) => {
        const signal = new ConfirmSignal({ fn: 'n-of-m', n, m: n + more }, { op, intervalMs: 10_000 });
        let last: number[] = [];
        for (const { atMs, value, sinceMs, afterGap } of taken) {
          if (afterGap) last = [];
          last = [...last, value].slice(-(n + more));
          const found = signal.take(atMs, value, sinceMs, afterGap);
          expect(found === null).toBe(last.length < n);
          if (found === null) continue;
          for (let level = 0; level <= 21; level++) {
            const beyond = (one: number) => (op === 'above' ? one >= level : one < level);
            expect(beyond(found)).toBe(last.filter(beyond).length >= n);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('[RU31] a change is a difference to some value of its time since the change before', () => {
  fc.assert(
    fc.property(
      series,
      fc.integer({ min: 0, max: 15 }),
      fc.constantFrom<'any' | 'up' | 'down'>('any', 'up', 'down'),
      (taken, atLeast, direction) => {
        const signal = new ChangeSignal({
          type: 'change',
          metric: 'temperature',
          direction,
          atLeast,
          overMs: OVER_MS,
          keepForMs: 0,
          severity: 'warning',
        });
        let changedMs = -Infinity;
        for (const [i, { atMs, value }] of taken.entries()) {
          const held = within(taken, i).filter((one) => one.atMs < atMs && one.atMs >= changedMs);
          const isChange = held.some((one) => {
            const by = value - one.value;
            const counts = (much: number) => much > 0 && much >= atLeast;
            return (direction !== 'down' && counts(by)) || (direction !== 'up' && counts(-by));
          });
          expect(signal.take(atMs, value)).toBe(isChange ? 1 : 0);
          if (isChange) changedMs = atMs;
        }
      },
    ),
    { numRuns: 60 },
  );
});
