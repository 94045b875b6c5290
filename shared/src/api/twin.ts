/** The off-site twin: a signed copy of what is on record, to be read without this server. */
import { z } from 'zod';
import { endpoint, IsoTime } from './endpoint.ts';

export const TwinSettings = z.object({
  enabled: z.boolean(),
  /** Folder of the server, e.g. a mounted share. */
  folder: z.string().trim().max(1_024),
  /** Hour of the day in UTC at which it is made. */
  hour: z.int().min(0).max(23),
  /** So many are kept, the oldest go. */
  keep: z.int().min(1).max(365),
});
export type TwinSettings = z.infer<typeof TwinSettings>;

export const TwinState = z.object({
  settings: TwinSettings,
  running: z.object({ done: z.number(), total: z.number() }).nullable(),
  lastSuccessAt: IsoTime.nullable(),
  lastPath: z.string().nullable(),
  lastBytes: z.number().nullable(),
  lastTookMs: z.number().nullable(),
  lastError: z.object({ at: IsoTime, message: z.string() }).nullable(),
  nextAt: IsoTime.nullable(),
  /** The last success is older than twice the interval, or there never was one. */
  overdue: z.boolean(),
  /** SHA-256 of the public key, to compare with what `muster twin verify` says. */
  keyFingerprint: z.string(),
});
export type TwinState = z.infer<typeof TwinState>;

export const twinEndpoints = {
  getTwin: endpoint({
    id: 'getTwin',
    method: 'GET',
    path: '/twin',
    right: 'read',
    tag: 'twin',
    summary: 'How the off-site twin stands: last success, size, next',
    response: TwinState,
  }),
  setTwin: endpoint({
    id: 'setTwin',
    method: 'PUT',
    path: '/twin/settings',
    right: 'twin.write',
    tag: 'twin',
    summary: 'Where and when the twin is made, and how many are kept',
    body: TwinSettings,
    response: TwinState,
  }),
  runTwin: endpoint({
    id: 'runTwin',
    method: 'POST',
    path: '/twin/run',
    right: 'twin.write',
    tag: 'twin',
    summary: 'Makes a twin now; GET /twin says how far it is',
    status: 202,
    response: TwinState,
  }),
};
