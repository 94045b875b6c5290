/** Recorded presence intervals in the words for presence, and as the segments of a strip. Pure. */
import type { z } from 'zod';
import type { PresenceInterval } from '@muster/shared/api/availability.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { StripSegment } from '../ui/PresenceStrip.tsx';
import type { ShownPresence } from '../ui/states.ts';
import { millis } from '../util/time.ts';

export type Interval = z.infer<typeof PresenceInterval>;

/** `nowMs` ends the interval that still goes on. */
export function stripSegments(
  intervals: readonly Interval[],
  nowMs: Millis,
  causeWords: (interval: Interval) => string | undefined = () => undefined,
): StripSegment[] {
  return intervals.map((interval) => ({
    fromMs: millis(interval.from),
    toMs: millis(interval.to) ?? nowMs,
    presence: interval.state,
    cause: causeWords(interval),
  }));
}

/** One state of the machine without a break, however often the expected hours began or ended in it. */
export interface Stretch {
  readonly fromMs: Millis;
  /** null: still so. */
  readonly toMs: Millis | null;
  readonly presence: ShownPresence;
  readonly cause: Interval['cause'];
  /** How much of it lay in the expected hours. */
  readonly expectedMs: number;
  readonly evidence: Interval['evidence'];
  readonly revised: boolean;
  /** Of its corrected parts the longest; null: not noted. */
  readonly revisedAt: Interval['revisedAt'];
  readonly was: Interval['was'];
  /** Kinds of judgement that touch it. */
  readonly reclassified: readonly NonNullable<Interval['reclassified']>[];
}

/** Intervals in order, joined where only the expected hours part them; the state is that of the expected part. */
export function stretches(intervals: readonly Interval[], nowMs: Millis): Stretch[] {
  const joined: { pieces: Interval[] }[] = [];
  for (const interval of intervals) {
    const held = joined.at(-1);
    const last = held?.pieces.at(-1);
    if (held && last && isSame(last, interval)) held.pieces.push(interval);
    else joined.push({ pieces: [interval] });
  }
  return joined.flatMap(({ pieces }) => {
    const [first] = pieces;
    const last = pieces.at(-1);
    if (first === undefined || last === undefined) return [];
    const lengthMs = (piece: Interval) => (millis(piece.to) ?? nowMs) - millis(piece.from);
    const [corrected] = pieces.filter(({ revised }) => revised).sort((a, b) => lengthMs(b) - lengthMs(a));
    const inHours = pieces.filter(({ expected }) => expected);
    const sentences = new Map(
      pieces.flatMap(({ evidence }) => evidence.map((each) => [each.en, each] as const)),
    );
    return [
      {
        fromMs: millis(first.from),
        toMs: millis(last.to),
        presence: (inHours[0] ?? first).state,
        cause: first.cause,
        expectedMs: inHours.reduce((sum, piece) => sum + lengthMs(piece), 0),
        evidence: [...sentences.values()],
        revised: pieces.some(({ revised }) => revised),
        revisedAt: corrected?.revisedAt ?? null,
        was: corrected?.was ?? null,
        reclassified: [...new Set(pieces.flatMap(({ reclassified }) => reclassified ?? []))],
      },
    ];
  });
}

function isSame(a: Interval, b: Interval): boolean {
  return a.to === b.from && a.presence === b.presence && a.cause === b.cause && a.planned === b.planned;
}
