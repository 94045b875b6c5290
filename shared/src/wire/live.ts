/**
 * `/ws/live`, between server and dashboard: JSON text, two unions. The browser subscribes per visible part
 * and unsubscribes when it is hidden; nothing is sent for what nobody watches.
 */
import { z } from 'zod';
import { Cause, Presence, PresenceStateName } from '../api/cmdb.ts';
import { IncidentSummary } from '../api/incidents.ts';
import { FleetCounts } from '../api/operations.ts';
import { TopProcess } from './top-process.ts';

/** Close code of `/ws/live` when the session behind it is over. */
export const LIVE_CLOSE_SIGNED_OUT = 4401;

export const LIVE_SUBSCRIPTIONS_MAX = 64;
/** The server says it is alive this often; a page that misses three shows that it is not live. */
export const LIVE_HEARTBEAT_MS = 1_000;

export const Topic = z.discriminatedUnion('name', [
  /** Counts and which lists changed. */
  z.object({ name: z.literal('fleet') }),
  /** Presence of all machines, as they change. */
  z.object({ name: z.literal('presence') }),
  z.object({ name: z.literal('incidents') }),
  z.object({ name: z.literal('incident'), id: z.string().max(64) }),
  /** 1 s samples and processes of one machine; holds a live lease on its agent. */
  z.object({ name: z.literal('machine'), ciId: z.string().max(64) }),
]);
export type Topic = z.infer<typeof Topic>;

export const LiveToServer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('subscribe'), id: z.string().min(1).max(64), topic: Topic }),
  z.object({ type: z.literal('unsubscribe'), id: z.string().min(1).max(64) }),
]);
export type LiveToServer = z.infer<typeof LiveToServer>;

/** [metric, instance, value]; counters already as rates. */
const LivePoint = z.tuple([z.string(), z.string(), z.number()]);

export const LiveFromServer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('heartbeat'), serverTimeMs: z.number(), serverStartedAtMs: z.number() }),
  z.object({
    type: z.literal('fleet'),
    id: z.string(),
    fleet: FleetCounts,
    openIncidents: z.number(),
    unclaimedIncidents: z.number(),
    samplesPerSecond: z.number(),
  }),
  z.object({
    type: z.literal('presence'),
    id: z.string(),
    items: z.array(
      z.object({
        ciId: z.string(),
        presence: Presence,
        cause: Cause.nullable(),
        expected: z.boolean(),
        state: PresenceStateName,
        sinceMs: z.number(),
        lastSeenMs: z.number(),
      }),
    ),
  }),
  z.object({ type: z.literal('incident'), id: z.string(), incident: IncidentSummary }),
  /** `interval`: 'live' at 1 s, 'regular' at the agent's own interval. */
  z.object({
    type: z.literal('samples'),
    id: z.string(),
    atMs: z.number(),
    interval: z.enum(['live', 'regular']),
    points: z.array(LivePoint),
  }),
  z.object({ type: z.literal('processes'), id: z.string(), atMs: z.number(), items: z.array(TopProcess) }),
  z.object({ type: z.literal('refused'), id: z.string(), code: z.string(), detail: z.string() }),
]);
export type LiveFromServer = z.infer<typeof LiveFromServer>;
