/** Alert rules drawn at random, in the part of both worlds where the same is meant, and series for them to look at. */
import { MINUTE_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';

/** Samples and evaluations come once in this time. */
export const STEP_MS = MINUTE_MS;
/** No window is longer: for so long the series are calm, so that each window is filled before anything happens. */
const WINDOW_STEPS_MAX = 6;

const FUNCTIONS = ['last', 'avg', 'min', 'max', 'p95', 'n-of-m', 'changes'] as const;
const COUNTER_FUNCTIONS = ['increase', 'rate'] as const;

/** A rule on the one series of its kind. Times in steps. */
export interface SeriesRule {
  readonly kind: 'gauge' | 'counter' | 'uptime';
  readonly fn: (typeof FUNCTIONS)[number] | (typeof COUNTER_FUNCTIONS)[number] | 'resets';
  readonly op: 'above' | 'below';
  readonly level: number;
  readonly windowSteps: number;
  /** For `n-of-m`. */
  readonly n: number;
  readonly forSteps: number;
  readonly keepSteps: number;
}
interface AbsenceRule {
  readonly kind: 'absence';
  readonly forSteps: number;
}
/** On the first rules of the draft that look at series, by their place. */
interface CompositeRule {
  readonly kind: 'composite';
  readonly op: 'and' | 'or';
  readonly of: readonly [number, number];
  readonly forSteps: number;
}
export type DraftRule = SeriesRule | AbsenceRule | CompositeRule;

export interface Draft {
  readonly rules: readonly DraftRule[];
  /** Values a step apart; null: none. */
  readonly gauge: readonly number[];
  readonly counter: readonly number[];
  readonly uptime: readonly number[];
  readonly missable: readonly (number | null)[];
}

/** Calm at this, which is beyond no level; levels are such that no value lies on the edge of them by rounding. */
const CALM = 50;
const GAUGE_VALUES = [0, 10, 50, 50, 90, 100];

const steps = fc.integer({ min: 0, max: 4 });
const windowSteps = fc.integer({ min: 2, max: WINDOW_STEPS_MAX });

const onGauge: fc.Arbitrary<SeriesRule> = fc
  .record({
    fn: fc.constantFrom(...FUNCTIONS),
    op: fc.constantFrom('above', 'below'),
    windowSteps,
    n: fc.integer({ min: 1, max: 3 }),
    beyond: fc.constantFrom(7.3, 21.7, 38.1),
    times: fc.integer({ min: 1, max: 3 }),
    forSteps: steps,
    keepSteps: steps,
  })
  .map(({ beyond, times, n, op, ...rule }) => {
    const counts = rule.fn === 'changes';
    const level = counts ? times + 0.5 : op === 'above' ? CALM + beyond : CALM - beyond;
    return { ...rule, kind: 'gauge', op: counts ? 'above' : op, level, n: Math.min(n, rule.windowSteps) };
  });

const onCounter: fc.Arbitrary<SeriesRule> = fc
  .record({
    fn: fc.constantFrom(...COUNTER_FUNCTIONS),
    windowSteps,
    level: fc.constantFrom(0.5, 2.5, 7.5),
    forSteps: steps,
    keepSteps: steps,
  })
  .map(({ level, ...rule }) => ({
    ...rule,
    kind: 'counter',
    op: 'above',
    level: rule.fn === 'rate' ? (level * 1_000) / (rule.windowSteps * STEP_MS) : level,
    n: 1,
  }));

const onUptime: fc.Arbitrary<SeriesRule> = fc
  .record({ windowSteps, level: fc.constantFrom(0.5, 1.5), forSteps: steps, keepSteps: steps })
  .map((rule) => ({ ...rule, kind: 'uptime', fn: 'resets', op: 'above', n: 1 }));

const absence: fc.Arbitrary<AbsenceRule> = fc
  .integer({ min: 2, max: WINDOW_STEPS_MAX })
  .map((forSteps) => ({ kind: 'absence', forSteps }));

/** Stretches of one value each. */
function stretches<T>(values: readonly T[], length: number): fc.Arbitrary<T[]> {
  return fc
    .array(fc.tuple(fc.constantFrom(...values), fc.integer({ min: 1, max: 7 })), {
      minLength: 8,
      maxLength: 14,
    })
    .map((drawn) => drawn.flatMap(([value, count]) => Array.from({ length: count }, () => value)))
    .map((all) => Array.from({ length }, (_, i) => all[i % all.length] as T));
}

/** As many values of each series, the calm ones at the beginning among them. */
export const DRAFT_STEPS = 48;
const LIVELY = DRAFT_STEPS - WINDOW_STEPS_MAX - 1;
const calm = <T>(value: T): T[] => Array.from({ length: WINDOW_STEPS_MAX + 1 }, () => value);

export const draft: fc.Arbitrary<Draft> = fc.record({
  rules: fc
    .tuple(
      fc.array(fc.oneof(onGauge, onGauge, onCounter, onUptime), { minLength: 4, maxLength: 8 }),
      fc.array(absence, { maxLength: 2 }),
      fc.array(
        fc.record({
          kind: fc.constant('composite' as const),
          op: fc.constantFrom('and' as const, 'or' as const),
          of: fc.constantFrom<readonly [number, number]>([0, 1], [1, 2], [2, 3], [0, 3]),
          forSteps: steps,
        }),
        { maxLength: 3 },
      ),
    )
    .map((all) => all.flat()),
  gauge: stretches(GAUGE_VALUES, LIVELY).map((values) => [...calm(CALM), ...values]),
  counter: stretches([0, 0, 0, 1, 3, 5], LIVELY).map((growth) => sums([...calm(0), ...growth])),
  uptime: stretches([false, false, false, false, true], LIVELY).map((boots) =>
    uptimes([...calm(false), ...boots]),
  ),
  missable: stretches<number | null>([50, 50, null], LIVELY).map((values) => [...calm(50), ...values]),
});

function sums(growth: readonly number[]): number[] {
  let total = 100;
  return growth.map((by) => (total += by));
}

/** Each `true` is a boot of its own: a value that has fallen. */
function uptimes(boots: readonly boolean[]): number[] {
  let seconds = 1_000_000;
  return boots.map((booted) => (seconds = booted ? seconds / 2 : seconds + 60));
}
