/** Evaluation of one threshold on one series: a state machine per level, as data, moved by samples in order of time. */
import type { Level, Severity } from '@muster/shared/api/rules.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { ThresholdCondition } from './rule.ts';

/** Where one level stands. `sinceMs`: first sample of the unbroken run; `breachedAtMs`: that of the run that raised it. */
export type Track =
  | { readonly phase: 'idle' }
  | { readonly phase: 'pending'; readonly sinceMs: Millis }
  | { readonly phase: 'raised'; readonly breachedAtMs: Millis }
  | { readonly phase: 'clearing'; readonly breachedAtMs: Millis; readonly sinceMs: Millis };
export type Phase = Track['phase'];

/** What a sample says to a level: beyond it, on the clear side, or neither. */
export type Reading = 'breach' | 'between' | 'clear';

export const NEXT_PHASE = {
  idle: { breach: 'pending', between: 'idle', clear: 'idle' },
  pending: { breach: 'pending', between: 'idle', clear: 'idle' },
  raised: { breach: 'raised', between: 'raised', clear: 'clearing' },
  clearing: { breach: 'raised', between: 'raised', clear: 'clearing' },
} as const satisfies Record<Phase, Record<Reading, Phase>>;

/** A run that has lasted this long moves on. */
export const RUN_OUT = {
  pending: { after: 'forMs', to: 'raised' },
  clearing: { after: 'keepForMs', to: 'idle' },
} as const satisfies Partial<Record<Phase, { after: 'forMs' | 'keepForMs'; to: Phase }>>;

/** A released floor lies this share of its level beyond it: hysteresis for a condition without a clear level. */
export const FLOOR_RELEASE_SHARE = 0.1;

export interface Sample {
  readonly atMs: Millis;
  readonly value: number;
  /** Latest value of the floor's series at the same instance; null when there is none that is recent. */
  readonly floor: number | null;
  /** Recent enough to raise and to clear; others only lengthen or break runs. */
  readonly fresh: boolean;
  /** Nothing is known of the time since the sample before: runs begin anew. */
  readonly afterGap: boolean;
}

export const IDLE: Track = { phase: 'idle' };

export function idleTracks(condition: ThresholdCondition): readonly Track[] {
  return condition.levels.map(() => IDLE);
}

/** One sample; `tracks` stand in the order of the levels. The same array comes back when nothing changes. */
export function evaluate(
  condition: ThresholdCondition,
  tracks: readonly Track[],
  sample: Sample,
): readonly Track[] {
  invariant(tracks.length === condition.levels.length, 'one track per level');
  let changed = false;
  const next = condition.levels.map((level, i) => {
    const before = tracks[i] ?? IDLE;
    const after = move(condition, before, readingOf(condition, level, before, sample), sample);
    changed ||= after !== before;
    return after;
  });
  return changed ? next : tracks;
}

/** 'above' is at the level or more, 'below' is less: each value is one or the other. */
export function isBeyond(value: number, op: 'above' | 'below', level: number): boolean {
  return op === 'above' ? value >= level : value < level;
}

export function isClear(value: number, op: 'above' | 'below', clear: number): boolean {
  return op === 'above' ? value < clear : value >= clear;
}

function readingOf(condition: ThresholdCondition, level: Level, track: Track, sample: Sample): Reading {
  const { value } = sample;
  if (Number.isNaN(value)) return 'between';
  const floor = floorOf(condition, level, sample.floor);
  if (floor === 'holds' && isBeyond(value, condition.op, level.level)) return 'breach';
  if (isClear(value, condition.op, level.clear)) return 'clear';
  const isUp = track.phase === 'raised' || track.phase === 'clearing';
  return isUp && floor === 'released' ? 'clear' : 'between';
}

function floorOf(
  { floor }: ThresholdCondition,
  level: Level,
  value: number | null,
): 'holds' | 'between' | 'released' | 'unknown' {
  if (floor === null) return 'holds';
  if (value === null || Number.isNaN(value)) return floor.absent ?? 'unknown';
  const edge = level.floor ?? floor.level;
  if (isBeyond(value, floor.op, edge)) return 'holds';
  const margin = Math.abs(edge) * FLOOR_RELEASE_SHARE;
  return isClear(value, floor.op, floor.op === 'above' ? edge - margin : edge + margin)
    ? 'released'
    : 'between';
}

function move(condition: ThresholdCondition, before: Track, reading: Reading, sample: Sample): Track {
  const run = enter(before, NEXT_PHASE[before.phase][reading], sample);
  if (!sample.fresh || (run.phase !== 'pending' && run.phase !== 'clearing')) return run;
  const out = RUN_OUT[run.phase];
  return sample.atMs - run.sinceMs >= condition[out.after] ? enter(run, out.to, sample) : run;
}

function enter(before: Track, phase: Phase, { atMs, afterGap }: Sample): Track {
  const goesOn = before.phase === phase;
  switch (phase) {
    case 'idle':
      return goesOn ? before : IDLE;
    case 'pending':
      return goesOn && !afterGap ? before : { phase, sinceMs: atMs };
    case 'raised':
      return goesOn ? before : { phase, breachedAtMs: breachOf(before, atMs) };
    case 'clearing':
      return goesOn && !afterGap ? before : { phase, breachedAtMs: breachOf(before, atMs), sinceMs: atMs };
  }
}

function breachOf(track: Track, atMs: Millis): Millis {
  if (track.phase === 'raised' || track.phase === 'clearing') return track.breachedAtMs;
  return track.phase === 'pending' ? track.sinceMs : atMs;
}

/** What is raised: the highest level since when, and the beginning of the first breach that still holds. */
export interface Raised {
  readonly severity: Severity;
  readonly level: number;
  readonly levelSinceMs: Millis;
  readonly breachedAtMs: Millis;
}

export function raisedOf(condition: ThresholdCondition, tracks: readonly Track[]): Raised | null {
  let highest: Raised | null = null;
  let breachedAtMs = Infinity;
  for (const [i, level] of condition.levels.entries()) {
    const track = tracks[i] ?? IDLE;
    if (track.phase !== 'raised' && track.phase !== 'clearing') continue;
    breachedAtMs = Math.min(breachedAtMs, track.breachedAtMs);
    if (highest === null || level.severity === 'critical')
      highest = {
        severity: level.severity,
        level: level.level,
        levelSinceMs: track.breachedAtMs,
        breachedAtMs,
      };
  }
  return highest && { ...highest, breachedAtMs };
}
