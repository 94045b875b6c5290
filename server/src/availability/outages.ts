/** Outages of one machine in a period, and the stretches of which nothing is known. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import { overlaid } from './marks.ts';
import { machineSpans, overlapMs } from './slices.ts';
import type { BareInterval, SliceInput } from './slices.ts';
import { isOutage } from './slices.ts';
import type { Span } from './spans.ts';

export interface Outage {
  readonly fromMs: Millis;
  /** null: still so. */
  readonly toMs: Millis | null;
  /** Agreed time inside the period. */
  readonly agreedMs: number;
  /** Of its longest part. */
  readonly presence: BareInterval['presence'];
  readonly cause: BareInterval['cause'];
}

/** Those that touch agreed time, ascending; parts that follow one another without a gap are one. */
export function outagesOf(input: SliceInput, kind: 'down' | 'unknown'): Outage[] {
  const { agreed } = machineSpans(input);
  const period = { fromMs: input.cells[0]?.fromMs ?? 0, toMs: input.cells.at(-1)?.toMs ?? 0 };
  const wanted = overlaid(input.intervals, input.marks).filter((one) =>
    kind === 'down' ? isOutage(one, input.roaming) : one.presence === 'unknown',
  );
  return joined(wanted)
    .map((parts) => outageOf(parts, agreed, period))
    .filter(({ agreedMs }) => agreedMs > 0);
}

function joined(intervals: readonly BareInterval[]): BareInterval[][] {
  const runs: BareInterval[][] = [];
  for (const interval of intervals) {
    const run = runs.at(-1);
    if (run && run.at(-1)?.toMs === interval.fromMs) run.push(interval);
    else runs.push([interval]);
  }
  return runs;
}

function outageOf(parts: readonly BareInterval[], agreed: readonly Span[], period: Span): Outage {
  const [first] = parts as readonly [BareInterval];
  const last = parts.at(-1) ?? first;
  const endMs = (part: BareInterval) => part.toMs ?? period.toMs;
  const longest = parts.reduce((a, b) => (endMs(b) - b.fromMs > endMs(a) - a.fromMs ? b : a));
  const piece = {
    fromMs: Math.max(first.fromMs, period.fromMs),
    toMs: Math.min(endMs(last), period.toMs),
  };
  return {
    fromMs: first.fromMs,
    toMs: last.toMs,
    agreedMs: piece.fromMs < piece.toMs ? overlapMs(agreed, piece) : 0,
    presence: longest.presence,
    cause: longest.cause,
  };
}
