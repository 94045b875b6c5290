import { SECOND_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectationOf, expectedAt, expectedSpans } from './expectation.ts';
import { totalsOf } from './slices.ts';
import type { SliceInput } from './slices.ts';
import type { PresenceInterval } from './timeline.ts';

const HOUR_S = 3_600;

function interval(
  fromS: number,
  toS: number | null,
  presence: PresenceInterval['presence'],
  planned = false,
) {
  return {
    fromMs: fromS * SECOND_MS,
    toMs: toS === null ? null : toS * SECOND_MS,
    presence,
    cause: null,
    planned,
    evidence: [],
    revised: false,
  } satisfies PresenceInterval;
}

/** Of a machine in service that was known before the period. */
function figures({
  fromMs,
  toMs,
  ...input
}: Pick<SliceInput, 'intervals' | 'expected' | 'roaming'> & { fromMs: number; toMs: number }) {
  const rest = { windows: [], marks: [], beginMs: -Infinity, inService: true, retired: false };
  return totalsOf({ ...rest, ...input, cells: [{ fromMs, toMs }] }).figures();
}

function over(hours: number, intervals: PresenceInterval[], roaming = false) {
  const toMs = hours * HOUR_S * SECOND_MS;
  return figures({ fromMs: 0, toMs, intervals, expected: [{ fromMs: 0, toMs }], roaming });
}

test('[AV5] availability counts known time only; low and high bound it; coverage says how much is known', () => {
  const result = over(10, [
    interval(0, 7 * HOUR_S, 'up'),
    interval(7 * HOUR_S, 8 * HOUR_S, 'down'),
    interval(8 * HOUR_S, null, 'unknown'),
  ]);
  expect(result).toEqual({
    agreedSeconds: 36_000,
    downSeconds: 3_600,
    unknownSeconds: 7_200,
    plannedSeconds: 0,
    excludedSeconds: 0,
    reclassifiedSeconds: 0,
    availability: 87.5,
    availabilityLow: 70,
    availabilityHigh: 90,
    coverage: 80,
    mtbfSeconds: 25_200,
    mtrsSeconds: 3_600,
    mtbsiSeconds: 28_800,
    outages: 1,
    longestOutageSeconds: 3_600,
  });
});

test('[AV6] nothing known gives null, not 0 and not 100', () => {
  const result = over(1, [interval(0, null, 'unknown')]);
  expect(result).toMatchObject({
    availability: null,
    availabilityLow: 0,
    availabilityHigh: 100,
    coverage: 0,
    mtbfSeconds: null,
    mtrsSeconds: null,
  });
});

test('[AV6] no agreed time gives null for every share', () => {
  expect(over(1, [interval(0, null, 'down', true)])).toMatchObject({
    agreedSeconds: 0,
    plannedSeconds: 3_600,
    availability: null,
    availabilityLow: null,
    availabilityHigh: null,
    coverage: null,
    outages: 0,
  });
});

test('[AV7] an outage that changes its cause is one outage, one after an up time is another', () => {
  const result = over(4, [
    { ...interval(0, HOUR_S, 'down'), cause: 'host-down' },
    { ...interval(HOUR_S, 2 * HOUR_S, 'off'), cause: 'shut-down' },
    interval(2 * HOUR_S, 3 * HOUR_S, 'up'),
    interval(3 * HOUR_S, null, 'down'),
  ]);
  expect(result).toMatchObject({ outages: 2, mtrsSeconds: 1.5 * HOUR_S, mtbfSeconds: 0.5 * HOUR_S });
});

test('[AV4] a roaming machine that said it sleeps is not down, and its time is not agreed time', () => {
  const intervals = [interval(0, HOUR_S, 'asleep'), interval(HOUR_S, null, 'up')];
  expect(over(2, intervals, true)).toMatchObject({ agreedSeconds: 3_600, downSeconds: 0, availability: 100 });
  expect(over(2, intervals, false)).toMatchObject({
    agreedSeconds: 7_200,
    downSeconds: 3_600,
    availability: 50,
  });
});

/** The same figures, second by second, from the definitions alone. */
function bruteForce(
  fromS: number,
  toS: number,
  intervals: readonly PresenceInterval[],
  inHours: (atMs: number) => boolean,
  roaming: boolean,
) {
  let agreed = 0;
  let down = 0;
  let unknown = 0;
  let planned = 0;
  const touched = new Set<number>();
  let episode = 0;
  let wasOut = false;
  const firstS = Math.min(fromS, ...intervals.map((i) => i.fromMs / SECOND_MS));
  for (let second = firstS; second < toS; second++) {
    const atMs = second * SECOND_MS;
    const at = intervals.find((i) => i.fromMs <= atMs && (i.toMs === null || atMs < i.toMs));
    const ownWord = at?.presence === 'asleep' || at?.presence === 'off';
    const out = at?.presence === 'down' || (!roaming && ownWord);
    if (out && !wasOut) episode++;
    wasOut = out;
    if (second < fromS || !inHours(atMs)) continue;
    if (at?.planned) planned++;
    if (at?.planned || (roaming && ownWord)) continue;
    agreed++;
    if (out) {
      down++;
      touched.add(episode);
    } else if (!at || at.presence === 'unknown') unknown++;
  }
  return { agreed, down, unknown, planned, outages: touched.size };
}

const timelines = fc
  .array(
    fc.record({
      lengthS: fc.integer({ min: 1, max: 9_000 }),
      presence: fc.constantFrom('up', 'down', 'asleep', 'off', 'unknown'),
      planned: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .chain((parts) => fc.record({ parts: fc.constant(parts), openEnd: fc.boolean() }));

/** Fridays and days on which the clocks change, near the office hours and midnight. */
const anchors = [
  ['Europe/Berlin', '2026-03-29T00:00Z'],
  ['Europe/Berlin', '2026-10-23T14:30Z'],
  ['America/New_York', '2026-03-06T20:00Z'],
  ['America/Sao_Paulo', '2026-07-31T19:30Z'],
  ['Australia/Lord_Howe', '2026-04-03T05:00Z'],
  ['Asia/Shanghai', '2026-11-20T08:00Z'],
  ['Africa/Cairo', '2026-04-23T21:30Z'],
] as const;

test('[AV8] figures equal a count of every second, in zones that change their clocks', () => {
  fc.assert(
    fc.property(
      timelines,
      fc.constantFrom(...anchors),
      fc.integer({ min: -4_000, max: 4_000 }),
      fc.integer({ min: 0, max: 40_000 }),
      fc.boolean(),
      fc.constantFrom('Server', 'Workstation'),
      ({ parts, openEnd }, [zone, anchor], shiftS, lengthS, roaming, ciClass) => {
        const startS = Temporal.Instant.from(anchor).epochMilliseconds / SECOND_MS;
        let atS = startS;
        const intervals = parts.map((part, i) => {
          const fromS = atS;
          atS += part.lengthS;
          const isLast = i === parts.length - 1;
          return interval(fromS, isLast && openEnd ? null : atS, part.presence, part.planned);
        });
        const fromS = startS + shiftS;
        const toS = fromS + lengthS;
        const expectation = expectationOf({ class: ciClass, tags: [] });
        const [fromMs, toMs] = [fromS * SECOND_MS, toS * SECOND_MS];
        const expected = expectedSpans(expectation, zone, fromMs, toMs);
        const result = figures({ fromMs, toMs, intervals, expected, roaming });
        const counted = bruteForce(
          fromS,
          toS,
          intervals,
          (atMs) => expectedAt(expectation, zone, atMs),
          roaming,
        );
        expect({
          agreed: result.agreedSeconds,
          down: result.downSeconds,
          unknown: result.unknownSeconds,
          planned: result.plannedSeconds,
          outages: result.outages,
        }).toEqual(counted);
      },
    ),
    { numRuns: 150 },
  );
});
