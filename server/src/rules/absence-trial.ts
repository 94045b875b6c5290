/** Absence tried on the past: when a series would have been missed, from the times at which it and its machine were heard. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import type { Span } from '../availability/spans.ts';
import { ABSENCE_REMEMBERED_MS } from './absence.ts';
import type { AbsenceCondition } from './rule.ts';
import { reopened, type Stretch } from './trial.ts';

export interface Hearings {
  /** Times at which the machine was heard, of whatever series; ascending. */
  readonly heard: readonly Millis[];
  /** Those at which the series was; ascending. */
  readonly seen: readonly Millis[];
  /** A longer distance is a gap: what was heard before it says nothing of afterwards. */
  readonly gapMs: Millis;
  /** What began earlier is not told. */
  readonly fromMs: Millis;
  /** When absence of the machine was planned. */
  readonly planned: readonly Span[];
}

export function missedIn(
  { severity, forMs }: AbsenceCondition,
  { heard, seen, gapMs, fromMs, planned }: Hearings,
): Stretch[] {
  const found: { fromMs: Millis; toMs: Millis | null }[] = [];
  let open = false;
  let next = 0;
  let lastMs = -Infinity;
  let sinceMs = -Infinity;
  let beforeMs = -Infinity;
  for (const atMs of heard) {
    if (atMs - beforeMs > gapMs) sinceMs = atMs;
    beforeMs = atMs;
    while ((seen[next] ?? Infinity) <= atMs) lastMs = seen[next++] ?? lastMs;
    if (lastMs === -Infinity) continue;
    const goneMs = atMs - Math.max(lastMs, sinceMs);
    const isOld = atMs - lastMs > ABSENCE_REMEMBERED_MS;
    if (!open && goneMs >= forMs && !isOld) {
      open = true;
      found.push({ fromMs: atMs, toMs: null });
    } else if (open && (isOld || (goneMs < forMs && lastMs >= sinceMs))) {
      open = false;
      const last = found.at(-1);
      if (last) last.toMs = atMs;
    }
  }
  return reopened(found, planned)
    .filter((span) => (span.toMs ?? Infinity) > fromMs)
    .map((span) => ({ severity, ...span, worst: Number.NaN }));
}
