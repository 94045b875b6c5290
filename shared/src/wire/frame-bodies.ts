/** What stands in frames of inventory and events (frames.ts). Only the server parses it: an agent imports nothing but types from here. */
import * as z from 'zod';
import { GOODBYE_REASONS } from './goodbye.ts';
import { TopProcess } from './top-process.ts';
import { bySection, TimeMs } from './values.ts';

const GoodbyeReason = z.enum(GOODBYE_REASONS);

/** Changed sections with their data, confirmed ones without. A section that is not there is unchanged. */
export const InventoryBody = z.object({
  atMs: TimeMs,
  sections: bySection(
    z.object({
      /** SHA-256 (hex) over the JSON text of `data`. */
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      /** false: something could not be read; an absent item then proves nothing. */
      complete: z.boolean(),
      /** Absent: still what the report with this hash said. */
      data: z.unknown().optional(),
    }),
  ),
});
export type InventoryBody = z.infer<typeof InventoryBody>;

/** One series of a flight recording; `null` where nothing was read. */
const FlightSeries = z.object({
  metric: z.string().max(64),
  instance: z.string().max(256),
  values: z.array(z.number().nullable()).max(2_000),
});

export const AgentEvent = z.discriminatedUnion('type', [
  /** The agent runs again. `previous`: how the last run ended, null if it left no word (killed, power lost). */
  z.object({
    type: z.literal('started'),
    atMs: TimeMs,
    bootId: z.string().max(64),
    bootedAtMs: TimeMs,
    previous: GoodbyeReason.nullable(),
    agentVersion: z.string().max(32),
  }),
  z.object({
    type: z.literal('stopping'),
    atMs: TimeMs,
    reason: GoodbyeReason,
    /** As in a goodbye. */
    uninstalled: z.boolean().optional(),
  }),
  /** Frames that the spool had to drop; their time is unknown to the server for good. */
  z.object({
    type: z.literal('dropped'),
    atMs: TimeMs,
    frames: z.int().min(1),
    fromMs: TimeMs,
    toMs: TimeMs,
    why: z.enum(['spool-full', 'spool-age', 'disk-full', 'spool-corrupt']),
  }),
  z.object({
    type: z.literal('collector-failed'),
    atMs: TimeMs,
    collector: z.string().max(32),
    detail: z.string().max(500),
  }),
  z.object({
    type: z.literal('flight'),
    atMs: TimeMs,
    requestId: z.string().max(64),
    /** Times common to all series, ascending. */
    timesMs: z.array(TimeMs).max(2_000),
    series: z.array(FlightSeries).max(256),
    topProcesses: z.array(TopProcess).max(64),
  }),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;

export const EventsBody = z.object({ events: z.array(AgentEvent).min(1).max(256) });
export type EventsBody = z.infer<typeof EventsBody>;
