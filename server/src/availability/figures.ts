/** Availability figures from times that were added up, by each of the published formulas. Pure. */
import type { AvailabilityFigures, AvailabilityFormula } from '@muster/shared/api/availability.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';

/** What figures are made of: of a period, a machine, or several. All in ms but the count. */
export interface Sums {
  /** Agreed (AST): expected, not planned away, not excluded. */
  readonly agreedMs: Millis;
  /** Of it: down (DT), without evidence (UT). */
  readonly downMs: Millis;
  readonly unknownMs: Millis;
  /** Expected time that was planned away (M), and expected time judged to be not ours to answer for. */
  readonly plannedMs: Millis;
  readonly excludedMs: Millis;
  /** Expected time that people judged otherwise than the record. */
  readonly markedMs: Millis;
  readonly outages: number;
  readonly longestMs: Millis;
}

/** Percentages from 0 to 100; a share of nothing is null; without an outage there is no time between outages. */
export function figuresOf(sums: Sums, formula: AvailabilityFormula = 'known-time'): AvailabilityFigures {
  const { agreedMs, downMs, unknownMs, outages } = sums;
  const upMs = agreedMs - unknownMs - downMs;
  const [goodMs, wholeMs] = sharesOf(sums, formula);
  const perOutage = (ms: Millis) => (outages === 0 ? null : ms / outages / SECOND_MS);
  return {
    agreedSeconds: agreedMs / SECOND_MS,
    downSeconds: downMs / SECOND_MS,
    unknownSeconds: unknownMs / SECOND_MS,
    plannedSeconds: sums.plannedMs / SECOND_MS,
    excludedSeconds: sums.excludedMs / SECOND_MS,
    reclassifiedSeconds: sums.markedMs / SECOND_MS,
    availability: percent(goodMs, wholeMs),
    availabilityLow: percent(upMs, agreedMs),
    availabilityHigh: percent(upMs + unknownMs, agreedMs),
    coverage: percent(agreedMs - unknownMs, agreedMs),
    mtbfSeconds: perOutage(goodMs),
    mtrsSeconds: perOutage(downMs),
    mtbsiSeconds: perOutage(goodMs + downMs),
    outages,
    longestOutageSeconds: sums.longestMs / SECOND_MS,
  };
}

/** What counts as available, and the whole of which it is a share. */
export function sharesOf(
  { agreedMs, downMs, unknownMs, plannedMs }: Pick<Sums, 'agreedMs' | 'downMs' | 'unknownMs' | 'plannedMs'>,
  formula: AvailabilityFormula,
): [goodMs: Millis, wholeMs: Millis] {
  switch (formula) {
    case 'known-time':
      return [agreedMs - unknownMs - downMs, agreedMs - unknownMs];
    case 'ham':
      return [agreedMs - downMs, agreedMs];
    case 'spm':
      return [agreedMs + plannedMs - downMs, agreedMs + plannedMs];
  }
}

/** What an answer says of the formula it was worked out by. */
export const FORMULA_WORDS: Readonly<Record<AvailabilityFormula, Words>> = {
  'known-time': {
    en: 'Up time as a share of the agreed time of which something is known: planned work and time without evidence are left out.',
    zh: '在线时间占“有依据的约定时间”的比例：计划停机和无依据的时间均不计入。',
  },
  ham: {
    en: 'Agreed time without outages as a share of agreed time: planned work is left out, time without evidence counts as up.',
    zh: '约定时间中扣除停机后的比例：计划停机不计入，无依据的时间视为在线。',
  },
  spm: {
    en: 'Service hours without outages as a share of all service hours: planned work counts as up, and so does time without evidence.',
    zh: '全部服务时间中扣除停机后的比例：计划停机和无依据的时间均视为在线。',
  },
};

export function percent(partMs: number, wholeMs: number): number | null {
  return wholeMs === 0 ? null : (partMs / wholeMs) * 100;
}
