/** Stretches of a record that two people judged otherwise than it says: an overlay that never changes the record. Pure. */
import type { ReclassifiedAs } from '@muster/shared/api/availability.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { BareInterval } from './slices.ts';
import { subtract, union } from './spans.ts';
import type { Span } from './spans.ts';

export interface Mark extends Span {
  readonly as: ReclassifiedAs;
}

/** Marks apart and ascending: what was approved later stands over what was approved earlier. */
export function layered(approved: readonly Mark[]): Mark[] {
  let marks: Mark[] = [];
  for (const next of approved) {
    if (next.fromMs >= next.toMs) continue;
    marks = marks.flatMap((held) => subtract([held], [next]).map((left) => ({ ...left, as: held.as })));
    marks.push({ fromMs: next.fromMs, toMs: next.toMs, as: next.as });
  }
  return marks.sort((a, b) => a.fromMs - b.fromMs);
}

export function marksAs(marks: readonly Mark[], as: ReclassifiedAs): Span[] {
  return union(marks.filter((mark) => mark.as === as));
}

export function marksWithin(marks: readonly Mark[], fromMs: Millis, toMs: Millis): Mark[] {
  return marks
    .filter((mark) => mark.fromMs < toMs && mark.toMs > fromMs)
    .map(({ fromMs: begin, toMs: end, as }) => ({
      fromMs: Math.max(begin, fromMs),
      toMs: Math.min(end, toMs),
      as,
    }));
}

/** The record as marks of 'up' and 'down' would have it, also where there was none. Both lists ascending and apart. */
export function overlaid(
  intervals: readonly BareInterval[],
  marks: readonly Mark[],
): readonly BareInterval[] {
  const said = marks.filter(({ as }) => as === 'up' || as === 'down');
  if (said.length === 0) return intervals;
  const made: BareInterval[] = [];
  for (const interval of intervals) made.push(...cutBy(interval, said));
  const recorded = intervals.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? Infinity }));
  for (const mark of said)
    for (const hole of subtract([mark], recorded)) made.push({ ...hole, ...saying(mark), planned: false });
  return made.sort((a, b) => a.fromMs - b.fromMs);
}

function cutBy(interval: BareInterval, marks: readonly Mark[]): BareInterval[] {
  const endMs = interval.toMs ?? Infinity;
  const pieces: BareInterval[] = [];
  let fromMs = interval.fromMs;
  const upTo = (toMs: Millis, said: Partial<BareInterval>) => {
    if (fromMs >= toMs) return;
    pieces.push({ ...interval, ...said, fromMs, toMs: toMs === Infinity ? null : toMs });
    fromMs = toMs;
  };
  for (const mark of marks) {
    if (mark.toMs <= fromMs) continue;
    if (mark.fromMs >= endMs) break;
    upTo(mark.fromMs, {});
    upTo(Math.min(mark.toMs, endMs), saying(mark));
  }
  upTo(endMs, {});
  return pieces;
}

function saying({ as }: Mark): Pick<BareInterval, 'presence' | 'cause'> {
  return { presence: as === 'down' ? 'down' : 'up', cause: null };
}
