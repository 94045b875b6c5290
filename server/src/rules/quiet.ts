/** Which samples change nothing while no rule of their series is at work: worked out once per set of rules. Pure. */
import type { SeriesCondition } from './judged.ts';

/** What has to be looked at beside the two limits. */
export const IS_COUNTER = 1;
/** A value below the one before is remarkable. */
export const COUNTS_FALLS = 2;
/** So is any other value than the one before. */
export const COUNTS_CHANGES = 4;
/** Some of its signals must be fed with each sample, soon if not at once. */
export const IS_FED = 8;

/** A sample within both limits is quiet: `value < upper && value >= lower`, so that what is no number never is. */
export interface Limits {
  readonly upper: number;
  readonly lower: number;
  readonly flags: number;
}

/** Sums of values may be off by the last digits: what is so near to a level counts as beyond it. */
const ROUNDING_SHARE = 1e-9;
const NO_LIMITS: Limits = { upper: Infinity, lower: -Infinity, flags: 0 };
/** Each sample is looked at. */
const ALL: Limits = { upper: -Infinity, lower: Infinity, flags: 0 };

interface Judged {
  readonly said: SeriesCondition;
  readonly condition: { readonly op: 'above' | 'below' };
  readonly firstLevel: number;
}

/** Of one rule that is idle. */
export function limitsOf({ said, condition: { op }, firstLevel }: Judged, isCounter: boolean): Limits {
  switch (said.type) {
    case 'threshold':
      break;
    case 'forecast':
    case 'anomaly':
      // They speak at certain times, whatever comes.
      return { ...NO_LIMITS, flags: IS_FED };
    case 'change':
    case 'baseline':
      return ALL;
  }
  const { window } = said;
  if (window === undefined) return within(op, firstLevel, 0);
  switch (window.fn) {
    case 'n-of-m':
      return ALL;
    case 'avg':
    case 'min':
    case 'max':
    case 'p95':
    case 'rate':
      return within(op, soonBeyond(op, firstLevel), IS_FED);
    case 'increase':
      // Nothing counted is nothing beyond.
      return isAtRestByNothing(op, firstLevel) && isCounter
        ? { upper: Number.MIN_VALUE, lower: 0, flags: 0 }
        : ALL;
    case 'changes':
      return isAtRestByNothing(op, firstLevel) ? { ...NO_LIMITS, flags: COUNTS_CHANGES } : ALL;
    case 'resets':
      return isAtRestByNothing(op, firstLevel) ? { ...NO_LIMITS, flags: COUNTS_FALLS } : ALL;
  }
}

/** Quiet is what is quiet for each of them. */
export function narrowest(all: readonly Limits[]): Limits {
  return {
    upper: Math.min(Infinity, ...all.map(({ upper }) => upper)),
    lower: Math.max(-Infinity, ...all.map(({ lower }) => lower)),
    flags: all.reduce((flags, one) => flags | one.flags, 0),
  };
}

/** No average, percentile or extreme of values that are all within reaches the level. */
export function soonBeyond(op: 'above' | 'below', level: number): number {
  const margin = Math.abs(level) * ROUNDING_SHARE;
  return op === 'above' ? level - margin : level + margin;
}

function within(op: 'above' | 'below', level: number, flags: number): Limits {
  return op === 'above' ? { ...NO_LIMITS, upper: level, flags } : { ...NO_LIMITS, lower: level, flags };
}

function isAtRestByNothing(op: 'above' | 'below', firstLevel: number): boolean {
  return op === 'above' && firstLevel > 0;
}
