/** The availability answer for one CI: figures, outages, and intervals cut where hours, planned work or judgement change. */
import type {
  AvailabilityFigures,
  AvailabilityFormula,
  availabilityEndpoints,
} from '@muster/shared/api/availability.ts';
import { DAY_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { CiEntry } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { Agreed } from './agreed.ts';
import { NO_MARKS } from './agreed.ts';
import type { Expectation } from './expectation.ts';
import { FORMULA_WORDS } from './figures.ts';
import { sliceInput } from './ledger.ts';
import { marksAs, overlaid } from './marks.ts';
import { outagesOf } from './outages.ts';
import type { Outage } from './outages.ts';
import { recordBegin, totalsOf } from './slices.ts';
import type { SliceInput } from './slices.ts';
import { intersect, union } from './spans.ts';
import type { Span } from './spans.ts';
import { SILENT_AFTER_MS_MIN } from './presence.ts';
import { pastState } from './status.ts';
import { asFirstSaid, mergeEvidence } from './timeline.ts';
import type { PresenceInterval } from './timeline.ts';

export type AvailabilityReport = z.input<(typeof availabilityEndpoints)['getAvailability']['response']>;

/** Two years and a bit: a year beside the one before. */
export const PERIOD_MS_MAX = 800 * DAY_MS;
export const OUTAGES_LISTED_MAX = 500;

export interface ReportOptions {
  readonly formula?: AvailabilityFormula;
  /** 'no': as the record says. */
  readonly reclassified?: 'yes' | 'no';
}

/** An interval of a machine, or one worked out for a service: `because` names the members that failed. */
export interface RecordedInterval extends PresenceInterval {
  readonly because?: readonly { readonly id: string; readonly name: string }[];
}

/** `intervals` overlap the period. What lies after `nowMs` is left out of every figure. */
export function availabilityReport(
  entry: CiEntry,
  agreed: Agreed,
  intervals: readonly PresenceInterval[],
  period: Span,
  nowMs: Millis,
  options: ReportOptions = {},
): AvailabilityReport {
  const inForce = options.reclassified === 'no' ? { ...agreed, marks: NO_MARKS } : agreed;
  const input = sliceInput(entry, inForce, intervals, pastCells(period, nowMs));
  return reportOf(
    {
      timeZone: entry.timeZone,
      expectation: agreed.expectations.of(entry),
      input,
      firstInput: { ...input, intervals: asFirstSaid(intervals) },
      intervals,
    },
    period,
    nowMs,
    options.formula,
  );
}

/** The past part of a period as the only cell; none where all of it is to come. */
export function pastCells(period: Span, nowMs: Millis): Span[] {
  const toMs = Math.min(period.toMs, nowMs);
  return period.fromMs < toMs ? [{ fromMs: period.fromMs, toMs }] : [];
}

export interface Reported {
  readonly timeZone: string | null;
  readonly expectation: Expectation;
  readonly input: SliceInput;
  /** The same from the record as it was before it was corrected. */
  readonly firstInput: SliceInput;
  readonly intervals: readonly RecordedInterval[];
}

export function reportOf(
  reported: Reported,
  period: Span,
  nowMs: Millis,
  formula: AvailabilityFormula = 'known-time',
): AvailabilityReport {
  const { input, intervals } = reported;
  const revised = intervals.flatMap(({ revisedAtMs }) => revisedAtMs ?? []);
  const figures = totalsOf(input).figures(formula);
  return {
    ...figures,
    formula,
    formulaWords: { ...FORMULA_WORDS[formula] },
    revisedAt: revised.length === 0 ? null : toIso(Math.max(...revised)),
    beforeRevision: beforeRevision(reported.firstInput, figures, formula),
    intervals: piecesOf(reported, period.toMs > nowMs),
    outageList: outagesOf(input, 'down')
      .toReversed()
      .slice(0, OUTAGES_LISTED_MAX)
      .map((outage) => outageView(outage, intervals, input.marks, nowMs)),
  };
}

function beforeRevision(
  firstInput: SliceInput,
  now: AvailabilityFigures,
  formula: AvailabilityFormula,
): AvailabilityReport['beforeRevision'] {
  const first = totalsOf(firstInput).figures(formula);
  const { availability, coverage, downSeconds, unknownSeconds, outages } = first;
  const isSame =
    downSeconds === now.downSeconds && unknownSeconds === now.unknownSeconds && outages === now.outages;
  return isSame ? null : { availability, coverage, downSeconds, unknownSeconds, outages };
}

/** An outage with what its intervals say of it. */
export function outageView(
  outage: Outage,
  intervals: readonly RecordedInterval[],
  marks: SliceInput['marks'],
  nowMs: Millis,
): AvailabilityReport['outageList'][number] {
  const endMs = outage.toMs ?? nowMs;
  const parts = intervals.filter((one) => one.fromMs < endMs && (one.toMs ?? Infinity) > outage.fromMs);
  const revised = parts.flatMap(({ revisedAtMs }) => revisedAtMs ?? []);
  const lengthOf = ({ fromMs, toMs }: PresenceInterval) => (toMs ?? endMs) - fromMs;
  const corrected = parts.filter(({ was }) => was !== undefined).sort((a, b) => lengthOf(b) - lengthOf(a))[0];
  const because = new Map(parts.flatMap((part) => part.because ?? []).map((one) => [one.id, one]));
  const touching = marks.filter((mark) => mark.fromMs < endMs && mark.toMs > outage.fromMs);
  return {
    from: toIso(outage.fromMs),
    to: outage.toMs === null ? null : toIso(outage.toMs),
    seconds: outage.agreedMs / SECOND_MS,
    presence: outage.presence,
    cause: outage.cause,
    evidence: parts
      .reduce<PresenceInterval['evidence']>((all, part) => mergeEvidence(all, part.evidence), [])
      .map((words) => ({ ...words })),
    revised: parts.some((part) => part.revised),
    revisedAt: revised.length === 0 ? null : toIso(Math.max(...revised)),
    was: wasView(corrected),
    reclassified: [...new Set(touching.map(({ as }) => as))],
    because: [...because.values()].map((one) => ({ ...one })),
  };
}

function wasView(interval: PresenceInterval | undefined): Piece['was'] {
  return interval?.was ? { presence: interval.was.presence, cause: interval.was.cause } : null;
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

/** Parts of the intervals inside the period, each alike from end to end. */
function piecesOf({ timeZone, expectation, input, intervals }: Reported, reachesNow: boolean): Piece[] {
  const [cell] = input.cells;
  if (cell === undefined) return [];
  const past = { fromMs: Math.max(cell.fromMs, recordBegin(input)), toMs: cell.toMs };
  const { marks, windows } = input;
  const unplanned = marksAs(marks, 'unplanned');
  const borders = [...input.expected, ...windows, ...marks].flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
  borders.sort((a, b) => a - b);
  const plannedAt = (recorded: boolean, atMs: Millis): boolean =>
    (recorded || covers(windows, atMs) || markAt(marks, atMs) === 'planned') && !covers(unplanned, atMs);

  const backMs = returnsOf(intervals);
  let absentSinceMs: Millis | null = null;
  return intervals.flatMap((interval, index) => {
    const whole = intersect(union([past]), [{ fromMs: interval.fromMs, toMs: interval.toMs ?? Infinity }])[0];
    if (interval.presence === 'up') absentSinceMs = null;
    else absentSinceMs ??= interval.fromMs;
    if (whole === undefined) return [];
    const since = absentSinceMs;
    const wasShort = since !== null && (backMs[index] ?? Infinity) - since <= SILENT_AFTER_MS_MIN;
    return cutAt(whole, borders).map((part): Piece => {
      const atMs = part.fromMs;
      const expected = covers(input.expected, atMs);
      const reclassified = markAt(marks, atMs);
      const planned = plannedAt(interval.planned, atMs);
      const [said = interval] = overlaid([{ ...interval, ...part }], marks);
      // Over before it was judged, so that nobody missed it then either; what is known to be down was down all the same.
      const isForgiven = said.presence === 'up' || (said.presence === 'unknown' && wasShort);
      const sinceMs = isForgiven ? null : (since ?? atMs);
      const record = { presence: said.presence, cause: said.cause, planned, absentSinceMs: sinceMs };
      return {
        from: toIso(part.fromMs),
        to: interval.toMs === null && reachesNow && part.toMs === past.toMs ? null : toIso(part.toMs),
        presence: interval.presence,
        cause: interval.cause,
        expected,
        planned,
        state: pastState({ timeZone }, expectation, record, { inHours: expected, atMs }),
        evidence: interval.evidence.map((words) => ({ ...words })),
        revised: interval.revised,
        revisedAt: interval.revisedAtMs == null ? null : toIso(interval.revisedAtMs),
        was: wasView(interval),
        reclassified,
        because: (interval.because ?? []).map((one) => ({ ...one })),
      };
    });
  });
}

/** By interval: when the machine is up from it on, or next after it; undefined: not yet. Of the last that was read, when it ended. */
function returnsOf(intervals: readonly RecordedInterval[]): (Millis | undefined)[] {
  let backMs: Millis | undefined = intervals.at(-1)?.toMs ?? undefined;
  return intervals
    .toReversed()
    .map(({ presence, fromMs }) => {
      if (presence === 'up') backMs = fromMs;
      return backMs;
    })
    .reverse();
}

function cutAt(whole: Span, borders: readonly Millis[]): Span[] {
  const parts: Span[] = [];
  let { fromMs } = whole;
  for (const border of borders) {
    if (border <= fromMs) continue;
    if (border >= whole.toMs) break;
    parts.push({ fromMs, toMs: border });
    fromMs = border;
  }
  parts.push({ fromMs, toMs: whole.toMs });
  return parts;
}

function covers(spans: readonly Span[], atMs: Millis): boolean {
  return spans.some((span) => span.fromMs <= atMs && atMs < span.toMs);
}

function markAt(marks: SliceInput['marks'], atMs: Millis): Piece['reclassified'] {
  return marks.find((mark) => mark.fromMs <= atMs && atMs < mark.toMs)?.as ?? null;
}
