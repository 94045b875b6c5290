/** The anomaly score on series made up for it: what it must find, and what must leave it silent. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANOMALY_THRESHOLD, type AnomalyDetector, createAnomalyDetector, QUIET_MS } from './anomaly.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.parse('2026-01-05T00:00:00Z');

/** A small generator of its own (mulberry32), so that series are the same everywhere. */
function randomOf(seed: number): { even: () => number; normal: () => number } {
  let a = seed >>> 0;
  const even = () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(even() + 1e-12)) * Math.cos(2 * Math.PI * even());
  return { even, normal };
}

interface Sample {
  readonly atMs: number;
  readonly value: number;
}
type Shape = (hour: number, random: ReturnType<typeof randomOf>) => number;

function seriesOf(shape: Shape, { days = 21, stepMs = 5 * MINUTE_MS, seed = 1 } = {}): Sample[] {
  const random = randomOf(seed);
  return Array.from({ length: (days * DAY_MS) / stepMs }, (_, i) => ({
    atMs: START_MS + i * stepMs,
    value: shape((i * stepMs) / HOUR_MS, random),
  }));
}

const SHAPES: Readonly<Record<string, Shape>> = {
  'a daily rhythm': (hour, { normal }) => 40 + 30 * Math.sin((hour * Math.PI) / 12) + 3 * normal(),
  'office hours': (hour, { normal }) => {
    const isWork = (hour / 24) % 7 < 5 && hour % 24 > 8 && hour % 24 < 18;
    return isWork ? 50 + 4 * normal() : 5 + 0.5 * Math.abs(normal());
  },
  'a nightly job': (hour, { normal }) => (hour % 24 < 0.5 ? 90 + 3 * normal() : 8 + 2 * Math.abs(normal())),
  'a steady drift': (hour, { normal }) => 0.05 * hour + 0.5 * normal(),
  'a sawtooth': (hour, { normal }) => ((hour * 3) % 100) + 0.5 * normal(),
};
const FLAT: Shape = () => 45;

const scoresOf = (samples: readonly Sample[], detector: AnomalyDetector = createAnomalyDetector()) =>
  samples.map(({ atMs, value }) => detector.add(atMs, value));
const alarmsOf = (samples: readonly Sample[]) => {
  const scores = scoresOf(samples);
  return samples.filter((_, i) => (scores[i] ?? 0) >= ANOMALY_THRESHOLD).map(({ atMs }) => atMs);
};
const changed = (samples: readonly Sample[], from: number, to: number, by: (value: number) => number) =>
  samples.map((sample, i) => (i >= from && i < to ? { ...sample, value: by(sample.value) } : sample));

describe.each(Object.entries(SHAPES))('%s', (_, shape) => {
  const samples = seriesOf(shape);
  const at = Math.floor(samples.length * 0.75) + 36;

  test('[RF6] is silent by itself: at most one false alarm in three weeks', () => {
    for (const seed of [1, 2, 3]) expect(alarmsOf(seriesOf(shape, { seed })).length).toBeLessThanOrEqual(1);
    const hourly = seriesOf(shape, { stepMs: HOUR_MS, days: 60 });
    expect(alarmsOf(hourly).length).toBeLessThanOrEqual(2);
  });

  test.each([
    ['a spike', at + 1, (value: number) => value + 150],
    ['a new level', samples.length, (value: number) => value + 120],
    ['a hole', at + 24, (value: number) => value - 120],
  ])('[RF5] %s is found at once, and told once', (__, to, by) => {
    const alarms = alarmsOf(changed(samples, at, to, by));
    const atMs = samples[at]?.atMs ?? NaN;
    expect(alarms).toContain(atMs);
    expect(alarms.filter((one) => one > atMs && one < atMs + QUIET_MS)).toEqual([]);
  });
});

test('[RF5] a value that is usual by day is found at night', () => {
  const square: Shape = (hour, { normal }) =>
    hour % 24 > 9 && hour % 24 < 18 ? 60 + 2 * normal() : 10 + normal();
  const samples = seriesOf(square);
  const night = samples.findIndex(({ atMs }) => atMs === START_MS + 16 * DAY_MS + 3 * HOUR_MS);
  expect(alarmsOf(changed(samples, night, night + 6, () => 60))).toEqual([samples[night]?.atMs]);
});

test('[RF6] a flat series is silent until it moves', () => {
  const samples = seriesOf(FLAT);
  expect(Math.max(...scoresOf(samples))).toBe(0);
  const moved = changed(samples, 4_000, 4_001, () => 46);
  expect(alarmsOf(moved)).toEqual([moved[4_000]?.atMs]);
  const rounded = changed(samples, 4_000, 4_001, (value) => value + 1e-9);
  expect(alarmsOf(rounded)).toEqual([]);
});

test('[RF6] it says nothing while it learns', () => {
  const samples = changed(seriesOf(FLAT, { days: 3 }), 100, 300, () => 1_000);
  expect(alarmsOf(samples)).toEqual([]);
});

test('[RF6] gaps, NaN, infinite and late samples do no harm', () => {
  const samples = seriesOf(SHAPES['a daily rhythm'] as Shape);
  const gappy = samples.filter((_, i) => i % 1_000 > 180);
  expect(alarmsOf(gappy).length).toBeLessThanOrEqual(1);
  const spoilt = samples.flatMap((sample, i) =>
    i % 50 === 7
      ? [
          sample,
          { ...sample, value: 1e6 },
          { atMs: sample.atMs - HOUR_MS, value: -1e6 },
          { atMs: sample.atMs + 1, value: [NaN, Infinity, -Infinity][i % 3] ?? NaN },
        ]
      : [sample],
  );
  const clean = scoresOf(samples);
  const among = scoresOf(spoilt).filter((_, i) => samples.includes(spoilt[i] as Sample));
  expect(among).toEqual(clean);
  const afterYear = [...samples, { atMs: START_MS + 400 * DAY_MS, value: 1e9 }];
  expect(scoresOf(afterYear).at(-1)).toBe(0);
});

test('[RF7] stored and restored anywhere, it goes on exactly as it would have', () => {
  const samples = changed(
    seriesOf(SHAPES['office hours'] as Shape, { days: 18, stepMs: 20 * MINUTE_MS }),
    1_100,
    1_103,
    (value) => value + 200,
  );
  const whole = scoresOf(samples);
  expect(whole.some((score) => score >= ANOMALY_THRESHOLD)).toBe(true);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: samples.length }), { maxLength: 4 }), (cuts) => {
      let detector = createAnomalyDetector();
      const scores = samples.map(({ atMs, value }, i) => {
        if (cuts.includes(i)) detector = createAnomalyDetector(JSON.parse(JSON.stringify(detector.state())));
        return detector.add(atMs, value);
      });
      expect(scores).toEqual(whole);
    }),
    { numRuns: 20 },
  );
});

test('[RF7] its state is small, and one that cannot be read begins anew', () => {
  const detector = createAnomalyDetector();
  scoresOf(seriesOf(SHAPES['a sawtooth'] as Shape), detector);
  const state = detector.state();
  expect(JSON.stringify(state).length).toBeLessThan(8_000);
  const broken = createAnomalyDetector({ ...state, memory: 'AAAA' });
  expect(broken.state()).toEqual(createAnomalyDetector().state());
});

test('[RF6] unit and zero point do not matter', () => {
  const samples = changed(seriesOf(SHAPES['a nightly job'] as Shape), 4_500, 4_502, (value) => value + 200);
  const plain = scoresOf(samples);
  fc.assert(
    fc.property(
      fc.constantFrom(1e-6, 0.125, 3, 1024, 1e9),
      fc.double({ min: -1_000, max: 1_000, noNaN: true }),
      (unit, zero) => {
        const scores = scoresOf(samples.map(({ atMs, value }) => ({ atMs, value: (value + zero) * unit })));
        for (const [i, score] of scores.entries())
          expect(Math.abs(score - (plain[i] ?? NaN))).toBeLessThan(1e-2);
      },
    ),
    { numRuns: 20 },
  );
});

test('[RF5] scores lie between 0 and 1 whatever comes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -HOUR_MS, max: 30 * HOUR_MS }), fc.double()), { maxLength: 300 }),
      (steps) => {
        const detector = createAnomalyDetector();
        let atMs = START_MS;
        for (const [stepMs, value] of steps) {
          const score = detector.add((atMs += stepMs), value);
          expect(score >= 0 && score <= 1).toBe(true);
        }
      },
    ),
  );
});
