/** Distance from what is usual at this hour of the week. */
import type { Condition } from '@muster/shared/api/rules.ts';
import { DAY_MS, HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { judge, type HourProfile, type Judgement } from '../functions/hour-of-week.ts';
import { BucketRing } from './bucket-ring.ts';
import type { Shown, Signal } from './signal.ts';

export type BaselineCondition = Extract<Condition, { type: 'baseline' }>;

/** A profile is learned anew once in this time. */
export const PROFILE_MS = DAY_MS;

const DAYS = {
  en: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  zh: ['周一', '周二', '周三', '周四', '周五', '周六', '周日'],
} as const;
const DAY_HOURS = DAY_MS / HOUR_MS;

/** Deviations beyond usual in the direction asked for; 0 while the least absolute level is not passed; null without a profile. */
export class BaselineSignal implements Signal {
  readonly historyMs: Millis;
  readonly historyStepMs = 0;
  staleAtMs: Millis = -Infinity;
  readonly #condition: BaselineCondition;
  readonly #ring: BucketRing;
  readonly #shownAs: (value: number) => { readonly en: string; readonly zh: string };
  #profile: HourProfile | null = null;
  #value: number | null = null;
  #judgement: Judgement | null = null;

  constructor(
    condition: BaselineCondition,
    shownAs: (value: number) => { readonly en: string; readonly zh: string },
  ) {
    this.#condition = condition;
    this.#shownAs = shownAs;
    this.#ring = new BucketRing(condition.overMs, 'sum');
    this.historyMs = condition.overMs;
  }

  /** What to learn from: null where too little is known. */
  learn(profile: HourProfile | null): void {
    this.#profile = profile;
  }

  take(atMs: Millis, value: number): number | null {
    this.feed(atMs, value);
    const mean = this.#mean();
    this.#value = mean;
    if (mean === null || this.#profile === null) return null;
    this.#judgement = judge(this.#profile, atMs, mean);
    if (this.#judgement === null) return null;
    const { direction, minimum } = this.#condition;
    const { deviations, centre } = this.#judgement;
    const passes =
      direction === 'above'
        ? mean >= minimum
        : direction === 'below'
          ? mean < minimum
          : Math.abs(mean - centre) >= minimum;
    if (!passes) return 0;
    if (direction === 'both') return Math.abs(deviations);
    return Math.max(0, direction === 'above' ? deviations : -deviations);
  }

  feed(atMs: Millis, value: number): void {
    if (Number.isFinite(value)) this.#ring.push(atMs, value, 1);
  }

  dueMs(): Millis {
    return -Infinity;
  }

  shown(deviations: number): Shown {
    const judgement = this.#judgement;
    if (judgement === null) return { value: this.#value, level: null, reasons: [] };
    const { usual, centre, hourOfWeek, deviations: found } = judgement;
    const oneDeviation = (usual.high - usual.low) / 6;
    const side = found < 0 ? -1 : 1;
    const low = this.#shownAs(usual.low < 0 && centre >= 0 ? 0 : usual.low);
    const high = this.#shownAs(usual.high);
    const day = Math.floor(hourOfWeek / DAY_HOURS);
    const hour = `${String(hourOfWeek % DAY_HOURS).padStart(2, '0')}:00`;
    return {
      value: this.#value,
      level: centre + side * deviations * oneDeviation,
      reasons: [
        {
          en: `${DAYS.en[day]} ${hour} is usually ${low.en} to ${high.en}.`,
          zh: `${DAYS.zh[day]} ${hour} 通常为 ${low.zh} 至 ${high.zh}。`,
        },
      ],
    };
  }

  #mean(): number | null {
    const ring = this.#ring;
    let total = 0;
    let weight = 0;
    for (let i = 0; i < ring.size; i++) {
      total += ring.value(i);
      weight += ring.weight(i);
    }
    return weight === 0 ? null : total / weight;
  }
}
