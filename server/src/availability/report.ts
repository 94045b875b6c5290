/** The availability answer for one machine: figures, and intervals cut to the period and to the expected hours. */
import type { availabilityEndpoints } from '@muster/shared/api/availability.ts';
import { DAY_MS, toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { CiEntry } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import { expectedSpans } from './expectation.ts';
import type { Expectation } from './expectation.ts';
import { figures } from './figures.ts';
import { recordBegin } from './slices.ts';
import { intersect, subtract } from './spans.ts';
import type { Span } from './spans.ts';
import { pastState } from './status.ts';
import type { PresenceInterval } from './timeline.ts';

export type AvailabilityReport = z.input<(typeof availabilityEndpoints)['getAvailability']['response']>;

/** Two years and a bit: a year beside the one before. */
export const PERIOD_MS_MAX = 800 * DAY_MS;

/** `intervals` overlap the period. What lies after `nowMs` is left out of every figure. */
export function availabilityReport(
  entry: CiEntry,
  expectation: Expectation,
  intervals: readonly PresenceInterval[],
  period: Span,
  nowMs: Millis,
): AvailabilityReport {
  const beginMs = recordBegin({ beginMs: entry.createdAtMs, intervals });
  const past = { fromMs: Math.max(period.fromMs, beginMs), toMs: Math.min(period.toMs, nowMs) };
  const expected = expectedSpans(expectation, entry.timeZone, past.fromMs, past.toMs);
  return {
    ...figures({ ...past, intervals, expected, roaming: expectation.roaming }),
    intervals: piecesOf(intervals, { entry, expectation, past, expected, reachesNow: period.toMs > nowMs }),
  };
}

/** Throws AppError 'range-invalid'. */
export function periodOf(query: { from: string; to: string }): Span {
  const period = { fromMs: Date.parse(query.from), toMs: Date.parse(query.to) };
  if (period.fromMs >= period.toMs)
    throw new AppError('range-invalid', `${query.from} is not before ${query.to}.`);
  if (period.toMs - period.fromMs > PERIOD_MS_MAX)
    throw new AppError('range-invalid', `The period is longer than ${PERIOD_MS_MAX / DAY_MS} days.`);
  return period;
}

type Piece = AvailabilityReport['intervals'][number];

interface Cutting {
  readonly entry: CiEntry;
  readonly expectation: Expectation;
  readonly past: Span;
  readonly expected: readonly Span[];
  /** The period goes on. */
  readonly reachesNow: boolean;
}

/** Parts of the intervals inside the period, cut where the expected hours begin and end. */
function piecesOf(intervals: readonly PresenceInterval[], cutting: Cutting): Piece[] {
  let absentSinceMs: Millis | null = null;
  return intervals.flatMap((interval) => {
    if (interval.presence === 'up') absentSinceMs = null;
    else absentSinceMs ??= interval.fromMs;
    return pieces(interval, absentSinceMs, cutting);
  });
}

function pieces(
  interval: PresenceInterval,
  absentSinceMs: Millis | null,
  { entry, expectation, past, expected, reachesNow }: Cutting,
): Piece[] {
  const whole = intersect([past], [{ fromMs: interval.fromMs, toMs: interval.toMs ?? Infinity }]);
  const inHours = intersect(whole, expected);
  const parts = [
    ...inHours.map((span) => ({ ...span, expected: true })),
    ...subtract(whole, inHours).map((span) => ({ ...span, expected: false })),
  ].sort((a, b) => a.fromMs - b.fromMs);
  const isOpen = interval.toMs === null && reachesNow;
  return parts.map((part) => ({
    from: toIso(part.fromMs),
    to: isOpen && part.toMs === past.toMs ? null : toIso(part.toMs),
    presence: interval.presence,
    cause: interval.cause,
    expected: part.expected,
    planned: interval.planned,
    state: pastState(
      entry,
      expectation,
      { ...interval, absentSinceMs },
      { inHours: part.expected, atMs: part.fromMs },
    ),
    evidence: [...interval.evidence],
    revised: interval.revised,
  }));
}
