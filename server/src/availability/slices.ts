/** A machine's availability cut into slices of time that can be added up again to what the whole would give. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import type { AvailabilityFigures, AvailabilityFormula } from '@muster/shared/api/availability.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { figuresOf } from './figures.ts';
import type { Sums } from './figures.ts';
import { marksAs, overlaid } from './marks.ts';
import type { Mark } from './marks.ts';
import { intersect, subtract, union } from './spans.ts';
import type { Span } from './spans.ts';
import type { PresenceInterval } from './timeline.ts';

/** What figures need of an interval; its evidence is long and stays where it is. */
export type BareInterval = Pick<PresenceInterval, 'fromMs' | 'toMs' | 'presence' | 'cause' | 'planned'>;

/** All in ms. An outage that goes on over the border of two slices is one: head and tail say so. */
export interface Slice extends Sums {
  /** Agreed time of the outage at the slice's beginning, and of the one at its end. */
  readonly headMs: number;
  readonly tailMs: number;
  readonly startsDown: boolean;
  readonly endsDown: boolean;
  /** One outage from beginning to end. */
  readonly allDown: boolean;
}

export interface SliceInput {
  /** Ascending, each begins where the one before ends; none after now. */
  readonly cells: readonly Span[];
  /** Recorded presence over all cells, ascending. */
  readonly intervals: readonly BareInterval[];
  /** Expected time over all cells. */
  readonly expected: readonly Span[];
  readonly roaming: boolean;
  /** Maintenance windows, ascending and apart. */
  readonly windows: readonly Span[];
  /** What people judged otherwise than the record, ascending and apart. */
  readonly marks: readonly Mark[];
  /** Nothing before it counts; -Infinity: no limit. */
  readonly beginMs: Millis;
  /** false: time without a record is nobody's to miss. */
  readonly inService: boolean;
  /** true: what its lifecycle took out of service is not even planned time. */
  readonly retired: boolean;
}

/** What of a machine's time is agreed, down, unknown, planned: spans over the whole of `cells`. */
export interface MachineSpans {
  readonly agreed: readonly Span[];
  readonly unknown: readonly Span[];
  readonly planned: readonly Span[];
  /** Taken out of the agreed time by judgement, and all of the hours that were judged. */
  readonly excluded: readonly Span[];
  readonly marked: readonly Span[];
  readonly outages: readonly Span[];
}

export function machineSpans(input: SliceInput): MachineSpans {
  const { roaming, marks } = input;
  const intervals = overlaid(input.intervals, marks);
  const endMs = input.cells.at(-1)?.toMs ?? 0;
  const fromMs = Math.max(input.cells[0]?.fromMs ?? 0, recordBegin(input));
  const whole = fromMs < endMs ? [{ fromMs, toMs: endMs }] : [];
  const spans = (wanted: (interval: BareInterval) => boolean) =>
    union(intervals.filter(wanted).map((one) => ({ fromMs: one.fromMs, toMs: one.toMs ?? endMs })));
  const missed = input.inService
    ? whole
    : intersect(
        whole,
        spans(() => true),
      );
  const hours = intersect(input.expected, missed);
  const agreedAway = union([...spans((one) => one.planned), ...input.windows, ...marksAs(marks, 'planned')]);
  const planned = marks.length === 0 ? agreedAway : subtract(agreedAway, marksAs(marks, 'unplanned'));
  const excluded = marksAs(marks, 'excluded');
  const away = roaming ? spans(isOwnWord) : [];
  const agreed = subtract(hours, union([...planned, ...away, ...excluded]));
  return {
    agreed,
    unknown: subtract(
      agreed,
      spans((one) => one.presence !== 'unknown'),
    ),
    planned: input.retired ? [] : intersect(hours, planned),
    excluded: intersect(subtract(hours, planned), excluded),
    marked: intersect(hours, union(marks)),
    outages: spans((one) => isOutage(one, roaming)),
  };
}

/** A machine is known a moment before its first interval begins; that moment is no unknown time. */
export const FIRST_HEARD_WITHIN_MS = 5 * SECOND_MS;

export function recordBegin({
  beginMs,
  intervals,
}: {
  readonly beginMs: Millis;
  readonly intervals: readonly { readonly fromMs: Millis }[];
}): Millis {
  const firstMs = intervals[0]?.fromMs;
  return firstMs !== undefined && firstMs > beginMs && firstMs - beginMs <= FIRST_HEARD_WITHIN_MS
    ? firstMs
    : beginMs;
}

export function isOwnWord({ presence }: Pick<BareInterval, 'presence'>): boolean {
  return presence === 'asleep' || presence === 'off';
}

export function isOutage(interval: Pick<BareInterval, 'presence'>, roaming: boolean): boolean {
  return interval.presence === 'down' || (!roaming && isOwnWord(interval));
}

/** One slice for each cell. */
export function slices(input: SliceInput): Slice[] {
  const { agreed, unknown, planned, excluded, marked, outages } = machineSpans(input);
  const agreedOf = lengths(agreed, input.cells);
  const unknownOf = lengths(unknown, input.cells);
  const plannedOf = lengths(planned, input.cells);
  const excludedOf = lengths(excluded, input.cells);
  const markedOf = lengths(marked, input.cells);
  return input.cells.map((cell, index) => ({
    agreedMs: agreedOf[index] ?? 0,
    unknownMs: unknownOf[index] ?? 0,
    plannedMs: plannedOf[index] ?? 0,
    excludedMs: excludedOf[index] ?? 0,
    markedMs: markedOf[index] ?? 0,
    ...outageFigures(outages, agreed, cell),
  }));
}

function outageFigures(outages: readonly Span[], agreed: readonly Span[], cell: Span) {
  const made = {
    downMs: 0,
    outages: 0,
    longestMs: 0,
    headMs: 0,
    tailMs: 0,
    startsDown: false,
    endsDown: false,
    allDown: false,
  };
  for (const outage of outages) {
    if (outage.toMs <= cell.fromMs) continue;
    if (outage.fromMs >= cell.toMs) break;
    const atStart = outage.fromMs <= cell.fromMs;
    const atEnd = outage.toMs >= cell.toMs;
    const piece = {
      fromMs: Math.max(outage.fromMs, cell.fromMs),
      toMs: Math.min(outage.toMs, cell.toMs),
    };
    const ms = overlapMs(agreed, piece);
    made.downMs += ms;
    if (ms > 0) made.outages += 1;
    made.longestMs = Math.max(made.longestMs, ms);
    if (atStart) Object.assign(made, { startsDown: true, headMs: ms });
    if (atEnd) Object.assign(made, { endsDown: true, tailMs: ms });
    if (atStart && atEnd) made.allDown = true;
  }
  return made;
}

/** Length of the spans inside each cell. */
function lengths(spans: readonly Span[], cells: readonly Span[]): number[] {
  let first = 0;
  return cells.map(({ fromMs, toMs }) => {
    while (first < spans.length && (spans[first] as Span).toMs <= fromMs) first += 1;
    let ms = 0;
    for (let i = first; i < spans.length; i++) {
      const span = spans[i] as Span;
      if (span.fromMs >= toMs) break;
      ms += Math.min(span.toMs, toMs) - Math.max(span.fromMs, fromMs);
    }
    return ms;
  });
}

export function overlapMs(spans: readonly Span[], piece: Span): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle] as Span).toMs <= piece.fromMs) low = middle + 1;
    else high = middle;
  }
  let ms = 0;
  for (let i = low; i < spans.length; i++) {
    const span = spans[i] as Span;
    if (span.fromMs >= piece.toMs) break;
    ms += Math.min(span.toMs, piece.toMs) - Math.max(span.fromMs, piece.fromMs);
  }
  return ms;
}

/** Adds up the slices of one machine in their order, or the totals of several machines. */
export class Totals implements Sums {
  agreedMs = 0;
  downMs = 0;
  unknownMs = 0;
  plannedMs = 0;
  excludedMs = 0;
  markedMs = 0;
  outages = 0;
  longestMs = 0;
  #open = false;
  #openMs = 0;

  /** The slice that follows on the one before. */
  next(slice: Slice): void {
    this.agreedMs += slice.agreedMs;
    this.downMs += slice.downMs;
    this.unknownMs += slice.unknownMs;
    this.plannedMs += slice.plannedMs;
    this.excludedMs += slice.excludedMs;
    this.markedMs += slice.markedMs;
    const joined = this.#open && slice.startsDown;
    const heldMs = joined ? this.#openMs : 0;
    this.outages += slice.outages - (heldMs > 0 && slice.headMs > 0 ? 1 : 0);
    this.longestMs = Math.max(this.longestMs, slice.longestMs, slice.startsDown ? heldMs + slice.headMs : 0);
    this.#open = slice.endsDown;
    this.#openMs = slice.endsDown ? (slice.allDown ? heldMs + slice.headMs : slice.tailMs) : 0;
  }

  /** Another machine. */
  add(other: Totals): void {
    this.agreedMs += other.agreedMs;
    this.downMs += other.downMs;
    this.unknownMs += other.unknownMs;
    this.plannedMs += other.plannedMs;
    this.excludedMs += other.excludedMs;
    this.markedMs += other.markedMs;
    this.outages += other.outages;
    this.longestMs = Math.max(this.longestMs, other.longestMs);
  }

  figures(formula?: AvailabilityFormula): AvailabilityFigures {
    return figuresOf(this, formula);
  }
}

/** Of the whole of one period. */
export function totalsOf(input: SliceInput): Totals {
  const totals = new Totals();
  for (const slice of slices(input)) totals.next(slice);
  return totals;
}
