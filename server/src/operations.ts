/** The server about itself: overview, status, own metrics. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { EngineStatus } from '@muster/shared/api/engine.ts';
import type { Trouble } from '@muster/shared/api/operations.ts';
import { roleHas, type TokenRole } from '@muster/shared/api/rights.ts';
import { DAY_MS, toIso, type Millis } from '@muster/shared/time.ts';
import type { PresenceView } from './availability/status.ts';
import type { Clock } from './clock.ts';
import type { CiDirectory } from './cmdb/directory.ts';
import { engineForecast, readDisk } from './engine-disk.ts';
import type { Routes } from './http/routes.ts';
import type { Incidents } from './incidents/incidents.ts';
import type { DurationFigures } from './metrics/durations.ts';
import type { MetricStats, MetricStore } from './metrics/store.ts';
import { TIERS } from './metrics/tiers.ts';
import { type Pulse, PULSE_STEP_MS } from './pulse.ts';
import type { Inbound } from './remote-write/inbound.ts';
import { outgoingTroubles } from './remote-write/outgoing-troubles.ts';
import type { Outbound } from './remote-write/outbound.ts';
import { rollCall } from './roll-call.ts';
import type { FleetState } from './ws/live-hub.ts';

/** Below this the server says that its disk is filling up. */
export const DISK_FREE_BYTES_MIN = 1 << 30;
/** A group commit slower than this means that the disk does not keep up. */
const COMMIT_MS_WARN = 5_000;

/** Longer ago it is no trouble any more, though the page still tells it. */
const DROPPED_MS_TOLD = DAY_MS;

interface OperationsDeps {
  readonly clock: Clock;
  readonly startedAtMs: Millis;
  readonly version: string;
  readonly dataDir: string;
  /** Reachable in plain text from other machines. */
  readonly insecure: boolean;
  readonly presence: Pick<PresenceView, 'counts' | 'get'>;
  readonly directory: CiDirectory;
  readonly incidents: Pick<Incidents, 'openCounts'>;
  readonly lastClosedAtMs: () => Promise<Millis | null>;
  readonly channels: () => Promise<readonly { readonly enabled: boolean }[]>;
  readonly metrics: Pick<MetricStore, 'pace' | 'stats'>;
  readonly databaseBytes: () => number;
  readonly agentsConnected: () => number;
  readonly inbound: Pick<Inbound, 'figures' | 'troubles' | 'warnings'>;
  readonly outbound: Pick<Outbound, 'status'>;
}

export function addOperationsRoutes(routes: Routes, deps: OperationsDeps): void {
  const roll = () => rollCall(deps.directory.all(), (ciId) => deps.presence.get(ciId)?.state);
  routes.add(ENDPOINTS.overview, async (_input, { nowMs }) => {
    const lastClosedMs = await deps.lastClosedAtMs();
    const channels = await deps.channels();
    return {
      at: toIso(nowMs),
      ...fleetState(deps, nowMs),
      channelsOn: channels.filter(({ enabled }) => enabled).length,
      lastClosedAt: lastClosedMs === null ? null : toIso(lastClosedMs),
      sites: roll().map(({ site, fleet }) => ({ site, fleet })),
    };
  });

  routes.add(ENDPOINTS.rollCall, async (_input, { nowMs }) => ({
    at: toIso(nowMs),
    sites: roll().map(({ site, cells }) => ({ site, cells: cells.map((cell) => [...cell]) })),
  }));

  routes.add(ENDPOINTS.serverStatus, async (_input, { nowMs, actor }) => {
    const stats = deps.metrics.stats(nowMs);
    const diskFreeBytes = readDisk(deps.dataDir)?.freeBytes ?? null;
    return {
      version: deps.version,
      startedAt: toIso(deps.startedAtMs),
      serverTime: toIso(nowMs),
      insecure: deps.insecure,
      agentsConnected: deps.agentsConnected(),
      samplesPerSecond: stats.samplesPerSecond,
      seriesCount: stats.seriesCount,
      journalBytes: stats.journalBytes,
      metricBytes: stats.chunkBytes,
      databaseBytes: deps.databaseBytes(),
      diskFreeBytes,
      troubles: troublesOf({
        diskFreeBytes,
        lastCommitMs: stats.durations.commit.lastMs,
        corruptions: [...stats.corruptions, ...unreadableOf(deps, nowMs)],
        waiting: stats.waiting,
        exchange: exchangeTroublesFor(actor.role, deps, nowMs),
        dataDir: deps.dataDir,
      }),
    };
  });
}

export function fleetState(
  deps: Pick<OperationsDeps, 'presence' | 'incidents'> & { readonly metrics: Pick<MetricStore, 'pace'> },
  nowMs: Millis,
): FleetState {
  const { open, unclaimed } = deps.incidents.openCounts();
  return {
    fleet: deps.presence.counts(),
    openIncidents: open,
    unclaimedIncidents: unclaimed,
    samplesPerSecond: deps.metrics.pace(nowMs).samplesPerSecond,
  };
}

/** What only the page about the engine needs. */
export interface EngineDeps extends OperationsDeps {
  readonly pulse: Pick<Pulse, 'points'>;
  readonly notificationsWaiting: () => number;
  readonly lastBackupAtMs: () => Promise<Millis | null>;
}

export function addEngineRoute(routes: Routes, deps: EngineDeps): void {
  routes.add(ENDPOINTS.engineStatus, async (_input, { nowMs, actor }) => {
    const stats = deps.metrics.stats(nowMs);
    const disk = readDisk(deps.dataDir);
    const points = deps.pulse.points();
    const last = points.at(-1);
    const memory = process.memoryUsage();
    const lastBackupMs = await deps.lastBackupAtMs();
    return {
      at: toIso(nowMs),
      version: deps.version,
      runtime: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      startedAt: toIso(deps.startedAtMs),
      ingest: {
        samplesPerSecond: stats.samplesPerSecond,
        seriesCount: stats.seriesCount,
        agentsConnected: deps.agentsConnected(),
        samplesTotal: stats.samplesTotal,
        duplicatesTotal: stats.duplicatesTotal,
        lateTotal: stats.lateTotal,
        refusedTotal: stats.refusedTotal,
      },
      exchange: exchangeOf(deps, nowMs),
      queues: {
        headBytes: stats.headBytes,
        journalBytes: stats.journalBytes,
        journalAgeMs: stats.journalAgeMs,
        pendingWindows: stats.pendingWindows,
        notificationsWaiting: deps.notificationsWaiting(),
      },
      durations: {
        commit: durationOf(stats.durations.commit),
        sync: durationOf(stats.durations.sync),
        index: durationOf(stats.durations.index),
        settle: durationOf(stats.durations.settle),
      },
      process: {
        residentBytes: memory.rss,
        heapUsedBytes: memory.heapUsed,
        cpuShare: last?.cpuShare ?? null,
        loopLagMs: last?.loopLagMs ?? null,
      },
      pulse: {
        stepMs: PULSE_STEP_MS,
        toAt: last ? toIso(last.atMs) : null,
        samplesPerSecond: points.map(({ samplesPerSecond }) => samplesPerSecond),
        loopLagMs: points.map(({ loopLagMs }) => loopLagMs),
        cpuShare: points.map(({ cpuShare }) => cpuShare),
        residentBytes: points.map(({ residentBytes }) => residentBytes),
      },
      storage: {
        folder: deps.dataDir,
        freeBytes: disk?.freeBytes ?? null,
        totalBytes: disk?.totalBytes ?? null,
        databaseBytes: deps.databaseBytes(),
        journalBytes: stats.journalBytes,
        tiers: TIERS.map(({ tier, retentionMs }) => {
          const own = stats.partitions.filter((partition) => partition.tier === tier);
          return {
            tier,
            bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
            since: own.length === 0 ? null : toIso(Math.min(...own.map(({ startMs }) => startMs))),
            retentionMs,
          };
        }),
        forecast: engineForecast(stats, disk, nowMs),
        sampleBytes: stats.journalBytes + stats.chunkBytes,
        bytesMax: stats.bytesMax,
        droppedBytesTotal: stats.droppedBytesTotal,
        dropped: stats.dropped.map(({ atMs, tier, startMs, endMs, bytes }) => ({
          at: toIso(atMs),
          tier,
          from: toIso(startMs),
          to: toIso(endMs),
          bytes,
        })),
      },
      lastBackupAt: lastBackupMs === null ? null : toIso(lastBackupMs),
      troubles: troublesOf({
        diskFreeBytes: disk?.freeBytes ?? null,
        lastCommitMs: stats.durations.commit.lastMs,
        corruptions: [...stats.corruptions, ...unreadableOf(deps, nowMs)],
        waiting: stats.waiting,
        exchange: exchangeTroublesFor(actor.role, deps, nowMs),
        dropped: stats.dropped.filter(({ atMs }) => nowMs - atMs < DROPPED_MS_TOLD),
        dataDir: deps.dataDir,
      }),
    };
  });
}

function durationOf({ counts, lastMs, p50Ms, p95Ms, p99Ms, maxMs }: DurationFigures) {
  return { count: counts.reduce((sum, count) => sum + count), lastMs, p50Ms, p95Ms, p99Ms, maxMs };
}

function exchangeOf(
  { inbound, outbound }: Pick<EngineDeps, 'inbound' | 'outbound'>,
  nowMs: Millis,
): EngineStatus['exchange'] {
  const { stored, keptOut } = inbound.figures();
  const { queue, targets } = outbound.status(nowMs);
  const states = targets.map(({ status }) => status);
  const ages = states.flatMap(({ queueAgeMs }) => queueAgeMs ?? []);
  return {
    storedTotal: stored,
    keptOutTotal: keptOut,
    ...inbound.warnings(nowMs),
    targets: targets.length,
    queuedSamples: Math.max(0, ...states.map(({ queuedSamples }) => queuedSamples)),
    queueAgeMs: ages.length === 0 ? null : Math.max(...ages),
    queueBytes: queue.bytes,
    queueBytesMax: queue.bytesMax,
    droppedTotal: states.reduce((sum, { dropped }) => sum + dropped, queue.unwrittenDropped),
  };
}

/** Files of samples for other stores that could not be read. */
function unreadableOf({ outbound }: Pick<OperationsDeps, 'outbound'>, nowMs: Millis) {
  return outbound.status(nowMs).queue.setAside.map(({ name, samples, at }) => ({
    atMs: Date.parse(at),
    what: `outgoing/${name} could not be read and was set aside; ${samples} samples for other stores were in it`,
  }));
}

/** Names of senders and targets are for those who may read the exchange. */
function exchangeTroublesFor(
  role: TokenRole,
  { inbound, outbound }: Pick<OperationsDeps, 'inbound' | 'outbound'>,
  nowMs: Millis,
): readonly Trouble[] {
  if (!roleHas(role, 'exchange.read')) return [];
  return [
    ...inbound.troubles(nowMs).map((detail) => ({ code: 'exchange-in', detail })),
    ...outgoingTroubles(outbound.status(nowMs), nowMs).map((detail) => ({ code: 'exchange-out', detail })),
  ];
}

function troublesOf(facts: {
  diskFreeBytes: number | null;
  lastCommitMs: number;
  corruptions: readonly { atMs: Millis; what: string }[];
  readonly waiting: MetricStats['waiting'];
  /** For the page about the engine alone: it was asked for. */
  readonly dropped?: MetricStats['dropped'];
  readonly exchange: readonly Trouble[];
  dataDir: string;
}): Trouble[] {
  const troubles: Trouble[] = [];
  if (facts.diskFreeBytes !== null && facts.diskFreeBytes < DISK_FREE_BYTES_MIN) {
    troubles.push({
      code: 'disk-nearly-full',
      detail: `${Math.floor(facts.diskFreeBytes / 2 ** 20)} MiB are left for ${facts.dataDir}.`,
    });
  }
  if (facts.lastCommitMs > COMMIT_MS_WARN)
    troubles.push({
      code: 'disk-slow',
      detail: `The last write to the journal took ${Math.round(facts.lastCommitMs)} ms.`,
    });
  for (const { atMs, what } of facts.corruptions)
    troubles.push({ code: 'data-damaged', detail: `${toIso(atMs)}: ${what}` });
  for (const { atMs, what } of facts.waiting)
    troubles.push({ code: 'windows-waiting', detail: `${toIso(atMs)}: ${what}` });
  for (const { atMs, tier, startMs, endMs, bytes } of facts.dropped?.slice(-1) ?? []) {
    const span = `${toIso(startMs)} to ${toIso(endMs)}`;
    troubles.push({
      code: 'samples-dropped',
      detail: `${toIso(atMs)}: ${tier} samples of ${span} (${bytes} bytes), because of MUSTER_METRICS_BYTES_MAX`,
    });
  }
  troubles.push(...facts.exchange);
  return troubles;
}
