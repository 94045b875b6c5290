/** The anomaly score against labelled series of others, and the benchmark's own arithmetic. */
import { describe, expect, test } from 'vitest';
import { testdataFolder } from '../testdata.ts';
import { type NabReport, type NabResult, runNab } from './run.ts';
import { normalised, probationOf, scoreSeries } from './scoring.ts';

const found = runNab(testdataFolder());
const NONE: NabResult = {
  detector: 'none',
  scores: {},
  found: 0,
  windows: 0,
  falseAlarms: 0,
  falseAlarmsPerWeek: 0,
  bySeries: {},
};
const report: NabReport = found ?? { ours: NONE, recorded: [NONE], reproducedTo: null };
/** Reached: about a tenth of one a week. */
const FALSE_ALARMS_PER_WEEK_MAX = 0.25;

describe.skipIf(found === null)('over labelled series', () => {
  const { ours, recorded, reproducedTo } = report;

  test.skipIf(reproducedTo === null)('[RF8] recorded scores are reproduced', () => {
    expect(reproducedTo).toBeLessThan(1e-11);
  });

  test.each(recorded.map((one) => [one.detector, one] as const))(
    '[RF8] one threshold for all series scores higher than %s',
    (_, theirs) => {
      expect(ours.scores['standard']).toBeGreaterThan((theirs.scores['standard'] ?? Infinity) + 20);
      expect(ours.scores['reward_low_FP_rate']).toBeGreaterThan(
        theirs.scores['reward_low_FP_rate'] ?? Infinity,
      );
    },
  );

  test('[RF8] false alarms are rare', () => {
    expect(ours.falseAlarmsPerWeek).toBeLessThan(FALSE_ALARMS_PER_WEEK_MAX);
  });

  test('[RF8] series without an anomaly stay silent', () => {
    const quiet = Object.entries(ours.bySeries).filter(([name]) => name.startsWith('artificialNoAnomaly/'));
    for (const [name, { counts }] of quiet) expect({ name, fp: counts.fp }).toEqual({ name, fp: 0 });
  });
});

const STANDARD = { tpWeight: 1, fpWeight: 0.11, fnWeight: 1 };
const NO_ROW = Array.from({ length: 1_000 }, () => 0);
const rowsAt = (...at: number[]) => NO_ROW.map((_, i) => (at.includes(i) ? 1 : 0));
const WINDOWS = [{ first: 400, last: 499 }];

test.each([
  ['nothing', [], -1],
  ['at the first row', [400], 1],
  ['in the middle', [450], 0.86],
  ['twice in the window: the first counts', [400, 480], 1],
  ['a false one far before', [200, 400], 1 - 0.11],
  ['a false one right behind', [400, 500], 1],
  ['a false one long behind', [400, 900], 1 - 0.11],
  ['in the probationary period: nothing', [20], -1],
])('[RF8] a detection %s', (_, at, score) => {
  expect(scoreSeries(rowsAt(...at), WINDOWS, 0.5, STANDARD).score).toBeCloseTo(score, 1);
});

test('[RF8] silence has 0, perfection 100', () => {
  expect(normalised(-3, 3, STANDARD)).toBe(0);
  expect(normalised(3, 3, STANDARD)).toBe(100);
  expect(normalised(0, 1, { ...STANDARD, fnWeight: 2 })).toBeCloseTo(66.7, 1);
  expect(probationOf(1_000)).toBe(150);
  expect(probationOf(10_000)).toBe(750);
});
