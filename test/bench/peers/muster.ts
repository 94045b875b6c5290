/** Muster as users start it: a process of its own with the kept compiled code of `npm start`; accounts, rules and history at work. */
import { join } from 'node:path';
import { ENROLMENT_USES_MAX } from '@muster/shared/api/fleet.ts';
import { ROOT, type RunningServer, startServer, until } from '../../e2e/harness.ts';
import { deleteFolder } from './children.ts';
import { InvalidRun } from './figure.ts';
import { HttpClient } from './http-client.ts';

const STORED_MS_MAX = 60_000;

/** Of `GET /status/engine`; totals count from the start of the process. */
export interface EngineCounts {
  readonly samplesTotal: number;
  readonly duplicatesTotal: number;
  readonly refusedTotal: number;
  readonly pendingWindows: number;
  readonly journalBytes: number;
  readonly agentsConnected: number;
}

export interface Muster {
  readonly server: RunningServer;
  readonly pid: number;
  /** One kept connection with an administrator's token. */
  readonly http: HttpClient;
  /** Body of a GET below /api/v1. */
  json<T>(path: string): Promise<T>;
  counts(): Promise<EngineCounts>;
  /** Tokens with which so many machines may enrol, and the key that the server shows them. */
  enrolment(machines: number): Promise<{ tokens: string[]; serverKey: string }>;
  stop(): Promise<void>;
}

/** @param again data, port and token of a server that was ended: it comes back as itself */
export async function startMuster(again?: RunningServer): Promise<Muster> {
  const server = await startServer({
    ...(again ? { dataDir: again.dataDir, port: again.port, token: again.token } : {}),
    env: {
      NODE_COMPILE_CACHE:
        process.env.NODE_COMPILE_CACHE ?? join(ROOT, 'node_modules', '.cache', 'node-compile'),
    },
  });
  const http = new HttpClient(server.url, 1, { authorization: `Bearer ${server.token}` });
  const json = async <T>(path: string): Promise<T> =>
    JSON.parse((await http.get(`/api/v1${path}`)).toString()) as T;
  return {
    server,
    pid: server.process.pid ?? 0,
    http,
    json,
    counts: async () => {
      const { ingest, queues } = await json<{ ingest: EngineCounts; queues: EngineCounts }>('/status/engine');
      return { ...queues, ...ingest };
    },
    enrolment: async (machines) => {
      const tokens: string[] = [];
      let key = '';
      // The load takes them in turns, so each is used as often as the others.
      const count = Math.ceil(machines / ENROLMENT_USES_MAX);
      for (let i = 0; i < count; i++) {
        const usesMax = Math.ceil(machines / count);
        const made = await server.api<{ token: string; serverKey: string }>('POST', '/enrolment-tokens', {
          usesMax,
        });
        tokens.push(made.token);
        key = made.serverKey;
      }
      return { tokens, serverKey: key };
    },
    stop: async () => {
      http.close();
      await server.stop();
      deleteFolder(server.dataDir);
    },
  };
}

/** @throws InvalidRun unless the server holds exactly so many samples that took effect */
export async function verifyStored(muster: Muster, samples: number): Promise<void> {
  let counts = await muster.counts();
  await until(async () => (counts = await muster.counts()).samplesTotal >= samples, {
    withinMs: STORED_MS_MAX,
    what: () => `Muster holds ${samples} samples; it holds ${counts.samplesTotal}`,
  }).catch((error: unknown) => {
    throw new InvalidRun(error instanceof Error ? error.message : String(error));
  });
  if (counts.samplesTotal !== samples || counts.refusedTotal > 0)
    throw new InvalidRun(
      `Muster holds ${counts.samplesTotal} of ${samples} samples, ${counts.refusedTotal} refused`,
    );
}
