/** Availability over a period as interval algebra: agreed, down, unknown and planned time, and what follows from them. */
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { isOutage, isOwnWord } from './slices.ts';
import { intersect, lengthMs, subtract, union } from './spans.ts';
import type { Span } from './spans.ts';
import type { PresenceInterval } from './timeline.ts';

/** Percentages run from 0 to 100. */
export interface Figures {
  /** Expected and not planned away (AST). */
  readonly agreedSeconds: number;
  /** Of it: down (DT), without evidence (UT). */
  readonly downSeconds: number;
  readonly unknownSeconds: number;
  /** Expected time taken out of the agreed time because the absence was agreed. */
  readonly plannedSeconds: number;
  /** (AST − UT − DT) / (AST − UT); null when nothing is known. */
  readonly availability: number | null;
  /** Unknown counted as down, and as up; null without agreed time. */
  readonly availabilityLow: number | null;
  readonly availabilityHigh: number | null;
  /** 1 − UT / AST; null without agreed time. */
  readonly coverage: number | null;
  /** Known up time per outage, and down time per outage; null without an outage. */
  readonly mtbfSeconds: number | null;
  readonly mtrsSeconds: number | null;
  /** Outages that touch agreed time; one that only changes its cause is one. */
  readonly outages: number;
}

export interface FigureInput {
  readonly fromMs: Millis;
  /** Not after now: the future is neither up nor down. */
  readonly toMs: Millis;
  /** Recorded presence; what it does not reach is unknown. */
  readonly intervals: readonly PresenceInterval[];
  /** Expected time inside the period. */
  readonly expected: readonly Span[];
  /** Absence by the machine's own word is no outage, and its time is not agreed time. */
  readonly roaming: boolean;
}

export function figures(input: FigureInput): Figures {
  const period = input.fromMs < input.toMs ? [{ fromMs: input.fromMs, toMs: input.toMs }] : [];
  const hours = intersect(input.expected, period);
  const planned = spansOf(input, (interval) => interval.planned);
  const away = spansOf(input, (interval) => input.roaming && isOwnWord(interval));
  const agreed = subtract(hours, union([...planned, ...away]));
  const known = spansOf(input, (interval) => interval.presence !== 'unknown');
  const outages = spansOf(input, (interval) => isOutage(interval, input.roaming));

  const agreedMs = lengthMs(agreed);
  const unknownMs = lengthMs(subtract(agreed, known));
  const downMs = lengthMs(intersect(agreed, outages));
  const upMs = agreedMs - unknownMs - downMs;
  const count = outages.filter((outage) => intersect([outage], agreed).length > 0).length;
  return {
    agreedSeconds: agreedMs / SECOND_MS,
    downSeconds: downMs / SECOND_MS,
    unknownSeconds: unknownMs / SECOND_MS,
    plannedSeconds: lengthMs(intersect(hours, planned)) / SECOND_MS,
    availability: percent(upMs, agreedMs - unknownMs),
    availabilityLow: percent(upMs, agreedMs),
    availabilityHigh: percent(upMs + unknownMs, agreedMs),
    coverage: percent(agreedMs - unknownMs, agreedMs),
    mtbfSeconds: count === 0 ? null : upMs / count / SECOND_MS,
    mtrsSeconds: count === 0 ? null : downMs / count / SECOND_MS,
    outages: count,
  };
}

function spansOf(input: FigureInput, wanted: (interval: PresenceInterval) => boolean): Span[] {
  return union(
    input.intervals
      .filter(wanted)
      .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? Math.max(input.toMs, fromMs) })),
  );
}

function percent(partMs: number, wholeMs: number): number | null {
  return wholeMs === 0 ? null : (partMs / wholeMs) * 100;
}
