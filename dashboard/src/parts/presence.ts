/** Recorded presence intervals in the words for presence, and as the segments of a strip. Pure. */
import type { z } from 'zod';
import type { PresenceInterval } from '@muster/shared/api/availability.ts';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { StripSegment } from '../ui/PresenceStrip.tsx';
import { shownPresence, type ShownPresence } from '../ui/states.ts';
import { millis } from '../util/time.ts';

export type Interval = z.infer<typeof PresenceInterval>;

/** Whether absence by the machine's own word is no outage: class and tags, as rule AV1 says. */
export function isRoaming(ci: Pick<CiSummary, 'class' | 'tags'>): boolean {
  if (ci.tags.includes('24x7') || ci.tags.includes('fixed')) return false;
  return ci.class === 'Workstation' || ci.tags.includes('roaming');
}

/**
 * What a person is told about recorded presence. `expected` of an interval is about the hours: silence outside them
 * is no trouble, and a word of its own (asleep, off) is none for a roaming machine at any hour.
 */
export function intervalPresence(interval: Interval, roaming: boolean): ShownPresence {
  const { presence, cause, expected, planned } = interval;
  if (planned && presence !== 'up') return 'planned';
  switch (presence) {
    case 'asleep':
    case 'off':
      return expected && !roaming ? 'silent' : presence;
    case 'down':
      return expected ? 'silent' : 'off';
    case 'unknown':
      return expected ? shownPresence({ presence, cause, expected }) : 'unknown';
    case 'up':
      return 'up';
  }
}

/** `nowMs` ends the interval that still goes on. */
export function stripSegments(
  intervals: readonly Interval[],
  nowMs: Millis,
  causeWords: (interval: Interval) => string | undefined = () => undefined,
  roaming = true,
): StripSegment[] {
  return intervals.map((interval) => ({
    fromMs: millis(interval.from),
    toMs: millis(interval.to) ?? nowMs,
    presence: intervalPresence(interval, roaming),
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
}

/** Intervals in order, joined where only the expected hours part them; the state is that of the expected part. */
export function stretches(intervals: readonly Interval[], nowMs: Millis, roaming: boolean): Stretch[] {
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
    const inHours = pieces.filter(({ expected }) => expected);
    const sentences = new Map(
      pieces.flatMap(({ evidence }) => evidence.map((each) => [each.en, each] as const)),
    );
    return [
      {
        fromMs: millis(first.from),
        toMs: millis(last.to),
        presence: intervalPresence(inHours[0] ?? first, roaming),
        cause: first.cause,
        expectedMs: inHours.reduce((sum, piece) => sum + lengthMs(piece), 0),
        evidence: [...sentences.values()],
        revised: pieces.some(({ revised }) => revised),
      },
    ];
  });
}

function isSame(a: Interval, b: Interval): boolean {
  return a.to === b.from && a.presence === b.presence && a.cause === b.cause && a.planned === b.planned;
}
