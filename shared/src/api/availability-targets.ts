/** Agreed availability of machines and services, met or missed per period, and the error budget that is left. */
import { z } from 'zod';
import { AvailabilityFigures, AvailabilityFormula } from './availability.ts';
import { endpoint, IdParams, IsoTime } from './endpoint.ts';

export const TARGETS_MAX = 2_000;
/** Finished periods that a target shows. */
export const TARGET_PERIODS_PAST = 12;

export const TARGET_PERIODS = ['month', 'quarter', 'year'] as const;
export const TargetPeriod = z.enum(TARGET_PERIODS);
export type TargetPeriod = z.infer<typeof TargetPeriod>;

export const TargetFields = z.object({
  ciId: z.string().min(1).max(64),
  /** 0 to 100. */
  percent: z.number().min(1).max(100),
  formula: AvailabilityFormula,
  period: TargetPeriod,
  /** It counts from this day on: its first period is the rest of the one that holds the day. */
  fromDay: z.iso.date(),
  agreedWith: z.string().trim().min(1).max(200),
  note: z.string().trim().max(1_000).default(''),
});
export type TargetFields = z.infer<typeof TargetFields>;

/** ok, half: half of the budget is used, spent: all of it, none: no agreed time. */
export const BUDGET_STATES = ['ok', 'half', 'spent', 'none'] as const;

export const TargetPeriodResult = z.object({
  from: IsoTime,
  to: IsoTime,
  /** null: nothing to judge by. */
  met: z.boolean().nullable(),
  availability: z.number().nullable(),
  coverage: z.number().nullable(),
  downSeconds: z.number(),
  outages: z.number(),
});

export const ErrorBudget = z.object({
  from: IsoTime,
  to: IsoTime,
  figures: AvailabilityFigures,
  /** Agreed time of the whole period, and what of it may be down: times (1 − target). */
  agreedSecondsWhole: z.number(),
  allowedSeconds: z.number(),
  usedSeconds: z.number(),
  /** Negative when more is used than was allowed. */
  leftSeconds: z.number(),
  /** 0 to 100 and over; null where nothing is allowed. */
  usedPercent: z.number().nullable(),
  /** How many times faster than allowed it is used now: while down, else over the last day; null without agreed time. */
  burnRate: z.number().nullable(),
  /** Agreed time until it is used up at that rate; null: it is not being used, or is used up. */
  lastsSeconds: z.number().nullable(),
  downNow: z.boolean(),
  state: z.enum(BUDGET_STATES),
  /** The warning in words; null for ok and none. */
  warning: z.object({ en: z.string(), zh: z.string() }).nullable(),
});

export const AvailabilityTarget = TargetFields.extend({
  id: z.string(),
  ciName: z.string(),
  ciClass: z.string(),
  /** Zone in which its periods begin. */
  zone: z.string(),
  by: z.string(),
  at: IsoTime,
  /** null: no longer known CI, a service that changed too often, or the first period has not begun. */
  current: ErrorBudget.nullable(),
  /** Finished periods, the newest first. */
  past: z.array(TargetPeriodResult),
});
export type AvailabilityTarget = z.infer<typeof AvailabilityTarget>;

export const availabilityTargetsEndpoints = {
  listTargets: endpoint({
    id: 'listTargets',
    method: 'GET',
    path: '/availability/targets',
    right: 'read',
    tag: 'availability',
    summary: 'Availability targets with their error budgets now, the most used first',
    query: z.object({ ci: z.string().min(1).max(64).optional() }),
    response: z.object({ items: z.array(AvailabilityTarget) }),
  }),
  createTarget: endpoint({
    id: 'createTarget',
    method: 'POST',
    path: '/availability/targets',
    right: 'targets.write',
    tag: 'availability',
    summary: 'Agrees a target for a machine or service',
    body: TargetFields,
    response: AvailabilityTarget,
    status: 201,
  }),
  updateTarget: endpoint({
    id: 'updateTarget',
    method: 'PUT',
    path: '/availability/targets/:id',
    right: 'targets.write',
    tag: 'availability',
    summary: 'Replaces what was agreed',
    params: IdParams,
    body: TargetFields.omit({ ciId: true }),
    response: AvailabilityTarget,
  }),
  deleteTarget: endpoint({
    id: 'deleteTarget',
    method: 'DELETE',
    path: '/availability/targets/:id',
    right: 'targets.write',
    tag: 'availability',
    summary: 'Takes a target back',
    params: IdParams,
  }),
};
