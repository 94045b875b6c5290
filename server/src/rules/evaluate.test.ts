import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, idleTracks, NEXT_PHASE, raisedOf } from './evaluate.ts';
import type { Sample, Track } from './evaluate.ts';
import type { ThresholdCondition } from './rule.ts';

const cpu: ThresholdCondition = {
  type: 'threshold',
  metric: 'cpu.utilisation',
  op: 'above',
  levels: [
    { severity: 'warning', level: 90, clear: 80 },
    { severity: 'critical', level: 98, clear: 90 },
  ],
  forMs: MINUTE_MS,
  keepForMs: 30 * SECOND_MS,
  floor: null,
};

function sample(atS: number, value: number, fields: Partial<Sample> = {}): Sample {
  return { atMs: atS * SECOND_MS, value, floor: null, fresh: true, afterGap: false, ...fields };
}

/** Severity after each sample, one every ten seconds. */
function run(condition: ThresholdCondition, values: readonly (number | Sample)[]): string[] {
  let tracks = idleTracks(condition);
  return values.map((value, i) => {
    tracks = evaluate(condition, tracks, typeof value === 'number' ? sample(i * 10, value) : value);
    return raisedOf(condition, tracks)?.severity ?? '-';
  });
}
const repeat = (value: number, n: number): number[] => Array.from({ length: n }, () => value);

test('[RU1] a level raises when every sample of the hold has breached, at the first sample that completes it', () => {
  expect(run(cpu, repeat(90, 8))).toEqual(['-', '-', '-', '-', '-', '-', 'warning', 'warning']);
});

test('[RU1] one miss begins the hold anew', () => {
  expect(run(cpu, [...repeat(95, 6), 89, ...repeat(95, 7)]).lastIndexOf('-')).toBe(12);
});

test('[RU1] a hold of nothing raises with the first sample', () => {
  expect(run({ ...cpu, forMs: 0 }, [89.99, 90])).toEqual(['-', 'warning']);
});

test('[RU2] between level and clear level what is raised stays raised', () => {
  expect(run({ ...cpu, forMs: 0, keepForMs: 0 }, [90, 85, 80, 79.99])).toEqual([
    'warning',
    'warning',
    'warning',
    '-',
  ]);
});

test('[RU2] it clears when every sample of the keep time was clear', () => {
  const held = { ...cpu, forMs: 0 };
  expect(run(held, [95, 70, 70, 70, 70])).toEqual(['warning', 'warning', 'warning', 'warning', '-']);
  expect(run(held, [95, 70, 70, 85, 70, 70, 70]).every((severity) => severity === 'warning')).toBe(true);
});

test('[RU3] levels rise and fall one by one without clearing in between', () => {
  const quick = { ...cpu, forMs: 0, keepForMs: 0 };
  expect(run(quick, [91, 99, 95, 89, 85, 79])).toEqual([
    'warning',
    'critical',
    'critical',
    'warning',
    'warning',
    '-',
  ]);
});

test('[RU4] the floor must hold too, with its own level per severity', () => {
  const disk: ThresholdCondition = {
    ...cpu,
    levels: [
      { severity: 'warning', level: 90, clear: 85 },
      { severity: 'critical', level: 95, clear: 90, floor: 5 },
    ],
    forMs: 0,
    keepForMs: 0,
    floor: { metric: 'filesystem.available', op: 'below', level: 10 },
  };
  const at = (value: number, floor: number | null) => sample(0, value, { floor });
  expect(run(disk, [at(99, 12), at(99, 10), at(99, 9.9), at(99, 4), at(99, 5.2), at(99, 6)])).toEqual([
    '-',
    '-',
    'warning',
    'critical',
    'critical',
    'warning',
  ]);
  expect(run(disk, [at(99, 9), at(99, 10.5), at(99, 11)])).toEqual(['warning', 'warning', '-']);
  expect(run(disk, [at(99, null), at(99, 9), at(99, null)])).toEqual(['-', 'warning', 'warning']);
});

test('[RU5] a late sample lengthens and breaks runs, but neither raises nor clears', () => {
  const late = (atS: number, value: number) => sample(atS, value, { fresh: false });
  expect(run(cpu, [late(0, 95), late(30, 95), late(60, 95), late(90, 95)])).toEqual(['-', '-', '-', '-']);
  expect(run(cpu, [late(0, 95), late(60, 95), sample(70, 95)])).toEqual(['-', '-', 'warning']);
  expect(run(cpu, [late(0, 95), late(30, 50), sample(70, 95)])).toEqual(['-', '-', '-']);
});

test('[RU5] a gap begins runs anew', () => {
  expect(run(cpu, [sample(0, 95), sample(300, 95, { afterGap: true }), sample(350, 95)])).toEqual([
    '-',
    '-',
    '-',
  ]);
});

test('[RU6] NaN neither breaches nor clears', () => {
  expect(run({ ...cpu, forMs: 0, keepForMs: 0 }, [Number.NaN, 95, Number.NaN, 10])).toEqual([
    '-',
    'warning',
    'warning',
    '-',
  ]);
});

test('[RU1] "below" is less than the level and clears at the clear level', () => {
  const low: ThresholdCondition = {
    ...cpu,
    op: 'below',
    levels: [{ severity: 'warning', level: 10, clear: 20 }],
    forMs: 0,
    keepForMs: 0,
  };
  expect(run(low, [10, 9.99, 19.99, 20])).toEqual(['-', 'warning', 'warning', '-']);
});

test('[RU7] the table of phases: only a clear sample leaves "raised", only a breach leaves "idle"', () => {
  expect(NEXT_PHASE).toMatchInlineSnapshot(`
    {
      "clearing": {
        "between": "raised",
        "breach": "raised",
        "clear": "clearing",
      },
      "idle": {
        "between": "idle",
        "breach": "pending",
        "clear": "idle",
      },
      "pending": {
        "between": "idle",
        "breach": "pending",
        "clear": "idle",
      },
      "raised": {
        "between": "raised",
        "breach": "raised",
        "clear": "clearing",
      },
    }
  `);
});

/** Raised or not after each sample, from the definition: look back over the whole history each time. */
function byHistory(values: readonly number[], forSamples: number, keepSamples: number): boolean[] {
  let raised = false;
  return values.map((_, i) => {
    const last = (n: number, ok: (v: number) => boolean) => i >= n && values.slice(i - n, i + 1).every(ok);
    if (!raised) raised = last(forSamples, (v) => v >= 90);
    else raised = !last(keepSamples, (v) => v < 80);
    return raised;
  });
}

test('[RU1] equals the definition on any series', () => {
  const values = fc.array(fc.constantFrom(10, 79, 80, 85, 89, 90, 95), { maxLength: 60 });
  const samples = fc.integer({ min: 0, max: 5 });
  fc.assert(
    fc.property(values, samples, samples, (list, forSamples, keepSamples) => {
      const condition: ThresholdCondition = {
        ...cpu,
        levels: [{ severity: 'warning', level: 90, clear: 80 }],
        forMs: forSamples * 10 * SECOND_MS,
        keepForMs: keepSamples * 10 * SECOND_MS,
      };
      expect(run(condition, list).map((severity) => severity === 'warning')).toEqual(
        byHistory(list, forSamples, keepSamples),
      );
    }),
    { numRuns: 500 },
  );
});

test('[RU7] a sample that changes nothing gives the same tracks back', () => {
  const raised: Track[] = [{ phase: 'raised', breachedAtMs: 0 }, { phase: 'idle' }];
  expect(evaluate(cpu, raised, sample(10, 95))).toBe(raised);
  const idle = idleTracks(cpu);
  expect(evaluate(cpu, idle, sample(10, 20))).toBe(idle);
});
