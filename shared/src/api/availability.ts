/** Presence intervals and availability figures of one CI, a machine or a service. */
import { z } from 'zod';
import { Cause, Presence, PresenceStateName } from './cmdb.ts';
import { endpoint, IsoTime, IsoTimeInput } from './endpoint.ts';

const Words = z.object({ en: z.string(), zh: z.string() });

/**
 * known-time: (AST − UT − DT) / (AST − UT), ours. ham: (AST − DT) / AST, planned work in neither. spm: (H − DT) / H,
 * planned work in the whole and counted as up. The last two are as ServiceNow publishes them and know no unknown time.
 */
export const AVAILABILITY_FORMULAS = ['known-time', 'ham', 'spm'] as const;
export const AvailabilityFormula = z.enum(AVAILABILITY_FORMULAS);
export type AvailabilityFormula = z.infer<typeof AvailabilityFormula>;

/**
 * What a stretch of a record counts as by the judgement of two people: planned work; not planned after all; not ours to
 * answer for; up or down after evidence.
 */
export const RECLASSIFIED_AS = ['planned', 'unplanned', 'excluded', 'up', 'down'] as const;
export const ReclassifiedAs = z.enum(RECLASSIFIED_AS);
export type ReclassifiedAs = z.infer<typeof ReclassifiedAs>;

/** Figures of a period; the same words for one CI as for many. */
export const AvailabilityFigures = z.object({
  /** Agreed: expected, not planned away, not excluded (AST). */
  agreedSeconds: z.number(),
  /** Of it: down (DT), without evidence (UT). */
  downSeconds: z.number(),
  unknownSeconds: z.number(),
  /** Expected time that was planned away (M), and that was judged not ours to answer for. */
  plannedSeconds: z.number(),
  excludedSeconds: z.number(),
  /** Expected time that people judged otherwise than the record. */
  reclassifiedSeconds: z.number(),
  /** By the formula of the answer, 0 to 100; null when there is nothing to divide by. */
  availability: z.number().nullable(),
  /** Unknown counted as down, and as up; null without agreed time. Coverage: 1 − UT / AST. */
  availabilityLow: z.number().nullable(),
  availabilityHigh: z.number().nullable(),
  coverage: z.number().nullable(),
  /** Null without an outage: there was no failure. MTBSI = MTBF + MTRS. */
  mtbfSeconds: z.number().nullable(),
  mtrsSeconds: z.number().nullable(),
  mtbsiSeconds: z.number().nullable(),
  outages: z.number(),
  /** Agreed time of the longest outage of one CI. */
  longestOutageSeconds: z.number(),
});
export type AvailabilityFigures = z.infer<typeof AvailabilityFigures>;

/** What a record said before it was corrected. */
const Said = z.object({ presence: Presence, cause: Cause.nullable() });

export const PresenceInterval = z.object({
  from: IsoTime,
  /** null: still so. */
  to: IsoTime.nullable(),
  presence: Presence,
  cause: Cause.nullable(),
  /** Inside the hours in which the CI is expected. */
  expected: z.boolean(),
  /** Counts as planned: by life cycle, by a maintenance window, or by judgement. */
  planned: z.boolean(),
  /** What a person is told of it. */
  state: PresenceStateName,
  evidence: z.array(Words),
  /** The record said something else at first; `revisedAt` since when it says this (null: not noted). */
  revised: z.boolean(),
  revisedAt: IsoTime.nullable(),
  /** What it said at first, before every correction; null: not corrected, or not noted. */
  was: Said.nullable(),
  /** What it counts as by judgement; null: as recorded. */
  reclassified: ReclassifiedAs.nullable(),
  /** Of a service: what failed. Empty for a machine. */
  because: z.array(z.object({ id: z.string(), name: z.string() })),
});

/** One outage, or stretch of which nothing is known. */
export const AvailabilityOutage = z.object({
  /** Whole length, also what of it lies outside the period or outside the expected hours. */
  from: IsoTime,
  /** null: still so. */
  to: IsoTime.nullable(),
  /** Of it agreed time inside the period. */
  seconds: z.number(),
  presence: Presence,
  cause: Cause.nullable(),
  evidence: z.array(Words),
  revised: z.boolean(),
  revisedAt: IsoTime.nullable(),
  /** What its longest corrected part said at first; null: nothing noted. */
  was: Said.nullable(),
  /** Kinds of judgement that touch it. */
  reclassified: z.array(ReclassifiedAs),
  /** Of a service: members that were down in it. */
  because: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type AvailabilityOutage = z.infer<typeof AvailabilityOutage>;

/** 'no': as the record says, without the judgements of people ("what if"). */
export const WithReclassified = z.enum(['yes', 'no']).default('yes');

export const availabilityEndpoints = {
  getAvailability: endpoint({
    id: 'getAvailability',
    method: 'GET',
    path: '/availability',
    right: 'read',
    tag: 'availability',
    summary: 'Figures, intervals and outages of one CI, a machine or a service, over [from, to)',
    query: z.object({
      ci: z.string().min(1).max(64),
      from: IsoTimeInput,
      to: IsoTimeInput,
      formula: AvailabilityFormula.default('known-time'),
      reclassified: WithReclassified,
    }),
    response: AvailabilityFigures.extend({
      formula: AvailabilityFormula,
      formulaWords: Words,
      /** Latest correction of the record inside the period; null: none noted. */
      revisedAt: IsoTime.nullable(),
      /** The figures as they were before the record was corrected; null: no correction changed one of them. */
      beforeRevision: AvailabilityFigures.pick({
        availability: true,
        coverage: true,
        downSeconds: true,
        unknownSeconds: true,
        outages: true,
      }).nullable(),
      /** Ascending. */
      intervals: z.array(PresenceInterval),
      /** The newest first; at most 500. */
      outageList: z.array(AvailabilityOutage),
    }),
  }),
};
