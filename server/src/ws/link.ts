/** Puts the two hubs together and ties them to real sockets: what app.ts mounts at `/ws/agent` and `/ws/live`. */
import type { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import { FRAME_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { SignatureCheck } from '../fleet/signature.ts';
import { Attempts } from '../ingest/attempts.ts';
import { createGate } from '../ingest/gate.ts';
import { type Log, messageOf } from '../log.ts';
import { SeriesNames } from '../ingest/series-names.ts';
import type { IngestSinks } from '../ingest/sinks.ts';
import type { MetricStore } from '../metrics/store.ts';
import type { Admission } from './admission.ts';
import { AgentHub, type AgentHubDeps } from './agent-hub.ts';
import type { SocketInfo } from './agent-socket.ts';
import { takeDataFrames } from './data-frames.ts';
import { LiveHub } from './live-hub.ts';
import { FrameTray, InOrder } from './frame-tray.ts';
import { LIVE_MESSAGE_BYTES_MAX, LiveConnection } from './live-socket.ts';
import { linkSocketOf, listen } from './link-socket.ts';
import { checkOpenFiles, openFilesMax } from './open-files.ts';

/** Inventories in memory at once, inflated and parsed: each may be 16 MiB. */
export const INVENTORIES_AT_ONCE_MAX = 4;

/** Options for the `ws` server of `/ws/agent`. Twice a frame, so that a somewhat larger one is refused by us, with a reason. */
export const AGENT_WS_OPTIONS = { maxPayload: 2 * FRAME_BYTES_MAX, perMessageDeflate: false } as const;
export const LIVE_WS_OPTIONS = { maxPayload: 2 * LIVE_MESSAGE_BYTES_MAX, perMessageDeflate: false } as const;

export interface LinkDeps {
  readonly fleet: Fleet;
  readonly metrics: MetricStore;
  readonly cmdb: Pick<Cmdb, 'applyInventory' | 'placeholder' | 'ciOfAgent' | 'isStandIn'>;
  readonly sinks: IngestSinks;
  readonly configFor: (agentId: string, nowMs: Millis) => AgentConfig;
  readonly signedConfigs?: AgentHubDeps['signedConfigs'];
  readonly admission: Admission;
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly isSigned: SignatureCheck;
  readonly versions?: AgentHubDeps['versions'];
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly serverStartedAtMs: Millis;
}

export interface Link {
  readonly agents: AgentHub;
  readonly live: LiveHub;
  attachAgent(socket: WebSocket, info: SocketInfo): void;
  /** `allowed`: is whoever opened it still signed in? */
  attachLive(socket: WebSocket, who: { allowed: () => boolean }): void;
  /** Once a second. */
  tick(nowMs: Millis): Promise<void>;
  /** Sends everybody away; resolves when what agents sent is durable. */
  stop(): Promise<void>;
}

export function createLink(deps: LinkDeps): Link {
  const { fleet, metrics, cmdb, clock, log } = deps;
  const browsers = new Set<LiveConnection>();
  const live: LiveHub = new LiveHub({
    lease: (ciId, leaseMs) => agents.lease(ciId, leaseMs),
    identity: (series) => metrics.identity(series),
  });
  const { sinks: outer } = deps;
  const sinks: IngestSinks = {
    samples: (ciId, ticks, nowMs) => {
      outer.samples(ciId, ticks, nowMs);
      live.publishStored(ciId, ticks);
    },
    event: (ciId, key, event, nowMs) => outer.event(ciId, key, event, nowMs),
    unknown: (ciId, agentId, stretch, nowMs) => outer.unknown(ciId, agentId, stretch, nowMs),
    connected: (ciId, agentId, info, nowMs) => outer.connected(ciId, agentId, info, nowMs),
    disconnected: (ciId, agentId, end, nowMs) => outer.disconnected(ciId, agentId, end, nowMs),
    processes: (ciId, atMs, items, nowMs) => {
      outer.processes(ciId, atMs, items, nowMs);
      live.publishProcesses(ciId, atMs, items);
    },
  };
  const tray = new FrameTray((run, delayMs) => setTimeout(run, delayMs).unref());
  const inventoryGate = createGate(INVENTORIES_AT_ONCE_MAX);
  const agents: AgentHub = new AgentHub({
    ...deps,
    isStandIn: (ciId, site) => cmdb.isStandIn(ciId, site),
    sinks,
    stream: {
      fleet,
      metrics,
      cmdb,
      sinks,
      clock,
      log,
      inventoryGate,
      leftOutOf: (agentId) => deps.signedConfigs?.leftOutOf(agentId) ?? null,
      attempts: new Attempts(),
      names: new SeriesNames(),
    },
    live: {
      ticks: (ciId, ticks) => live.publishLive(ciId, ticks),
      connected: (ciId) => live.agentConnected(ciId, clock.now()),
    },
  });
  fleet.store.count().then(
    (count) => checkOpenFiles(count, openFilesMax(), log),
    (error: unknown) => log('error', 'the agents could not be counted', { error: messageOf(error) }),
  );
  return {
    agents,
    live,
    attachAgent: (socket, info) => {
      const connection = agents.attach(linkSocketOf(socket, info.line), info);
      // Not `info`: the request behind it would stay for as long as the connection.
      const { address, line } = info;
      if (line) takeDataFrames(socket, line, (payload) => tray.add(connection, payload));
      listen(socket, new InOrder(connection, tray), (error) =>
        log('info', 'the socket of an agent failed', { address, error: error.message }),
      );
    },
    attachLive: (socket, { allowed }) => {
      const { serverStartedAtMs } = deps;
      const connection = new LiveConnection(linkSocketOf(socket), {
        hub: live,
        clock,
        serverStartedAtMs,
        allowed,
      });
      browsers.add(connection);
      listen(socket, connection, (error) =>
        log('info', 'the socket of a browser failed', { error: error.message }),
      );
    },
    tick: async (nowMs) => {
      agents.tick();
      live.tick(nowMs);
      for (const browser of browsers) {
        browser.tick();
        if (!browser.open) browsers.delete(browser);
      }
      await fleet.tick(nowMs);
    },
    stop: async () => {
      for (const browser of browsers) browser.close('server-stopping');
      tray.clear();
      await agents.stop();
    },
  };
}
