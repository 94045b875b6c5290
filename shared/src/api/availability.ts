/** Presence intervals and availability figures. */
import { z } from 'zod';
import { Cause, Presence, PresenceStateName } from './cmdb.ts';
import { endpoint, IsoTime, IsoTimeInput } from './endpoint.ts';

export const PresenceInterval = z.object({
  from: IsoTime,
  /** null: still so. */
  to: IsoTime.nullable(),
  presence: Presence,
  cause: Cause.nullable(),
  /** Inside the hours in which the machine is expected. */
  expected: z.boolean(),
  planned: z.boolean(),
  /** What a person is told of it. */
  state: PresenceStateName,
  evidence: z.array(z.object({ en: z.string(), zh: z.string() })),
  revised: z.boolean(),
});

export const availabilityEndpoints = {
  getAvailability: endpoint({
    id: 'getAvailability',
    method: 'GET',
    path: '/availability',
    right: 'read',
    tag: 'availability',
    summary: 'Figures and intervals of one CI over [from, to)',
    query: z.object({ ci: z.string().min(1).max(64), from: IsoTimeInput, to: IsoTimeInput }),
    response: z.object({
      agreedSeconds: z.number(),
      downSeconds: z.number(),
      unknownSeconds: z.number(),
      plannedSeconds: z.number(),
      /** These four: 0 to 100; null when nothing is known. Low counts unknown as down, high as up. */
      availability: z.number().nullable(),
      availabilityLow: z.number().nullable(),
      availabilityHigh: z.number().nullable(),
      coverage: z.number().nullable(),
      mtbfSeconds: z.number().nullable(),
      mtrsSeconds: z.number().nullable(),
      outages: z.number(),
      intervals: z.array(PresenceInterval),
    }),
  }),
};
