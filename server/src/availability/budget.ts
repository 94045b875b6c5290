/** Periods of a target, and what of its error budget is used, left, and how fast it goes. Pure. */
import type { AvailabilityFormula } from '@muster/shared/api/availability.ts';
import type { BUDGET_STATES, ErrorBudget, TargetPeriod } from '@muster/shared/api/availability-targets.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { DAY_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import { totalsOf } from './slices.ts';
import type { SliceInput } from './slices.ts';
import type { Span } from './spans.ts';
import { durationWords } from './words.ts';

/** How fast a budget is used is seen over this long, unless it is being used this moment. */
export const BURN_LOOKBACK_MS = DAY_MS;

const MONTHS: Readonly<Record<TargetPeriod, number>> = { month: 1, quarter: 3, year: 12 };

/** The period that holds `atMs`, and so many before it, ascending; none that ends before `fromDay`, which cuts the first. */
export function targetPeriods(
  period: TargetPeriod,
  zone: string,
  fromDay: string,
  atMs: Millis,
  pastMax: number,
): Span[] {
  const months = MONTHS[period];
  const startMs = (day: Temporal.PlainDate): Millis => day.toZonedDateTime(zone).epochMilliseconds;
  const firstMs = startMs(Temporal.PlainDate.from(fromDay));
  const now = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone).toPlainDate();
  let begin = now.with({ month: now.month - ((now.month - 1) % months), day: 1 });
  const periods: Span[] = [];
  for (let i = 0; i <= pastMax; i++) {
    const span = { fromMs: Math.max(startMs(begin), firstMs), toMs: startMs(begin.add({ months })) };
    if (span.fromMs >= span.toMs || span.fromMs > atMs) break;
    periods.unshift(span);
    begin = begin.subtract({ months });
  }
  return periods;
}

export interface BudgetInput {
  readonly percent: number;
  readonly formula: AvailabilityFormula;
  readonly period: Span;
  readonly nowMs: Millis;
  /** Over at least the period until now and the day before now. */
  readonly input: SliceInput;
  /** Agreed time of the rest of the period, and what of the rest is planned away. */
  readonly aheadMs: Millis;
  readonly aheadPlannedMs: Millis;
}

export function errorBudget({
  percent,
  formula,
  period,
  nowMs,
  input,
  aheadMs,
  aheadPlannedMs,
}: BudgetInput): z.input<typeof ErrorBudget> {
  const sums = totalsOf({ ...input, cells: [{ fromMs: period.fromMs, toMs: nowMs }] });
  const share = 1 - percent / 100;
  const plannedMs = formula === 'spm' ? sums.plannedMs + aheadPlannedMs : 0;
  const wholeMs = sums.agreedMs + aheadMs + plannedMs;
  // Of 4 h at 90 % it is 24 min, not a moment less.
  const allowedMs = Math.round((wholeMs * (100 - percent)) / 100);
  const usedMs = sums.downMs;
  const leftMs = allowedMs - usedMs;
  const downNow = isDownAt(input, nowMs);
  const lostShare = downNow ? 1 : shareLost(input, nowMs);
  const burnRate = lostShare === null || share === 0 ? null : lostShare / share;
  const state = stateOf(wholeMs, usedMs, allowedMs);
  return {
    from: toIso(period.fromMs),
    to: toIso(period.toMs),
    figures: sums.figures(formula),
    agreedSecondsWhole: wholeMs / SECOND_MS,
    allowedSeconds: allowedMs / SECOND_MS,
    usedSeconds: usedMs / SECOND_MS,
    leftSeconds: leftMs / SECOND_MS,
    usedPercent: allowedMs > 0 ? (usedMs / allowedMs) * 100 : null,
    burnRate,
    lastsSeconds: lostShare !== null && lostShare > 0 && leftMs > 0 ? leftMs / lostShare / SECOND_MS : null,
    downNow,
    state,
    warning: warningOf(state, usedMs, allowedMs),
  };
}

function stateOf(wholeMs: Millis, usedMs: Millis, allowedMs: Millis): (typeof BUDGET_STATES)[number] {
  if (wholeMs === 0) return 'none';
  if (usedMs === 0) return 'ok';
  return usedMs >= allowedMs ? 'spent' : usedMs * 2 >= allowedMs ? 'half' : 'ok';
}

function warningOf(state: string, usedMs: Millis, allowedMs: Millis): Words | null {
  const [used, allowed] = [durationWords(usedMs), durationWords(allowedMs)];
  if (state === 'half')
    return {
      en: `Half of the error budget is used: ${used.en} of ${allowed.en}.`,
      zh: `故障预算已用去一半：${allowed.zh}中已用 ${used.zh}。`,
    };
  if (state === 'spent')
    return {
      en: `The error budget is used up: ${used.en} down, ${allowed.en} allowed.`,
      zh: `故障预算已用尽：已停机 ${used.zh}，允许 ${allowed.zh}。`,
    };
  return null;
}

function isDownAt(input: SliceInput, nowMs: Millis): boolean {
  const cells = [{ fromMs: nowMs - 1, toMs: nowMs }];
  return totalsOf({ ...input, cells }).downMs > 0;
}

/** Of the agreed time of the last day; null without any. */
function shareLost(input: SliceInput, nowMs: Millis): number | null {
  const { agreedMs, downMs } = totalsOf({
    ...input,
    cells: [{ fromMs: nowMs - BURN_LOOKBACK_MS, toMs: nowMs }],
  });
  return agreedMs === 0 ? null : downMs / agreedMs;
}
