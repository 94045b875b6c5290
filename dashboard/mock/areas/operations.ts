/** The mock's notification channels with their log, and an engine at work. */
import type { z } from 'zod';
import { type Channel, type Delivery, SECRET_KEPT } from '@muster/shared/api/operations.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import { Refusal } from '../refusal.ts';
import type { Handlers } from '../handlers.ts';
import { hash } from '../signal.ts';
import type { World } from '../world.ts';

type ChannelShown = z.infer<typeof Channel>;
type DeliveryShown = z.infer<typeof Delivery>;

const GIB = 2 ** 30;
const STEP_MS = 10 * SECOND_MS;
const POINTS = 90;

export function operationsHandlers(world: World): Handlers {
  const channels = world.machines.length < 2 ? [] : makeChannels(world.startMs);
  const deliveries = channels.length === 0 ? [] : makeDeliveries(world);
  const channelOf = (id: string): ChannelShown => {
    const found = channels.find((each) => each.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no notification channel ${id}.`);
    return found;
  };
  return {
    listChannels: () => ({ items: channels, nextCursor: null }),
    createChannel: ({ body }) => {
      const made: ChannelShown = { id: `chn_${channels.length + 1}`, ...body, lastDelivery: null };
      channels.push(made);
      return made;
    },
    updateChannel: ({ params, body }) => {
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      return Object.assign(channelOf(params.id), given);
    },
    deleteChannel: ({ params }) => {
      channels.splice(channels.indexOf(channelOf(params.id)), 1);
      return {};
    },
    testChannel: ({ params }) => {
      const { config } = channelOf(params.id);
      return config.kind === 'webhook'
        ? { ok: false, answer: 'fetch failed: connect ECONNREFUSED 10.20.1.40:443' }
        : { ok: true, answer: '250 2.0.0 Ok: queued as 4F1C22A0B1' };
    },
    listDeliveries: ({ query }) => {
      const found = deliveries.filter(({ channelId }) => !query.channel || channelId === query.channel);
      const from = Number(query.cursor ?? 0);
      return {
        items: found.slice(from, from + query.limit),
        nextCursor: from + query.limit < found.length ? String(from + query.limit) : null,
      };
    },
    engineStatus: () => engineOf(world),
  };
}

function makeChannels(startMs: number): ChannelShown[] {
  return [
    {
      id: 'chn_1',
      name: 'Duty phone',
      enabled: true,
      language: 'zh',
      priorityMax: 2,
      config: {
        kind: 'email',
        host: 'mail.lanxi.example',
        port: 587,
        security: 'starttls',
        user: 'muster',
        password: SECRET_KEPT,
        from: 'muster@lanxi.example',
        to: ['duty@lanxi.example'],
      },
      lastDelivery: {
        at: toIso(startMs - 22 * MINUTE_MS),
        ok: true,
        answer: '250 2.0.0 Ok: queued as 9C41D7',
      },
    },
    {
      id: 'chn_2',
      name: 'IT chat',
      enabled: true,
      language: 'en',
      priorityMax: 4,
      config: { kind: 'webhook', url: 'https://chat.lanxi.example/hooks/9f2c', secret: SECRET_KEPT },
      lastDelivery: {
        at: toIso(startMs - 3 * MINUTE_MS),
        ok: false,
        answer: 'fetch failed: connect ECONNREFUSED 10.20.1.40:443',
      },
    },
    {
      id: 'chn_3',
      name: 'Old ticket system',
      enabled: false,
      language: 'en',
      priorityMax: 3,
      config: { kind: 'webhook', url: 'https://tickets.lanxi.example/api/in', secret: null },
      lastDelivery: null,
    },
  ];
}

function makeDeliveries({ incidents, startMs }: World): DeliveryShown[] {
  return Array.from({ length: 64 }, (_, index): DeliveryShown => {
    const incident = incidents[index % incidents.length];
    const chat = index % 3 === 0;
    const state = index === 0 ? 'waiting' : chat && index < 9 ? 'failed' : 'sent';
    const atMs = startMs - 3 * MINUTE_MS - index * 47 * MINUTE_MS;
    return {
      id: `ntf_${index}`,
      at: toIso(atMs),
      channelId: chat ? 'chn_2' : 'chn_1',
      incidentId: incident?.id ?? null,
      incidentRef: incident?.ref ?? null,
      subject: incident ? `[P${incident.priority}] Opened: ${incident.title.en} (${incident.ref})` : 'Test',
      event: 'opened',
      ok: state === 'sent',
      state,
      attempts: state === 'sent' ? 1 : state === 'failed' ? 6 : 2,
      nextAttemptAt: state === 'waiting' ? toIso(Date.now() + 4 * MINUTE_MS) : null,
      answer:
        state === 'sent'
          ? chat
            ? 'HTTP 200: ok'
            : '250 2.0.0 Ok: queued as 9C41D7'
          : 'fetch failed: connect ECONNREFUSED 10.20.1.40:443',
    };
  });
}

function engineOf(world: World) {
  const nowMs = Date.now();
  const toMs = nowMs - (nowMs % STEP_MS);
  const series = (name: string, of: (noise: number) => number) =>
    Array.from({ length: POINTS }, (_, index) => of(hash(`${name} ${toMs / STEP_MS - (POINTS - index)}`)));
  const rate = world.machines.length * 8.4;
  const lag = series('lag', (noise) => 2 + noise * noise * 18);
  const cpu = series('cpu', (noise) => 0.07 + noise * 0.08);
  return {
    at: toIso(nowMs),
    version: '0.1.0',
    runtime: '26.10.0',
    platform: 'linux x64',
    startedAt: toIso(world.startMs - 19 * DAY_MS - 4 * HOUR_MS),
    ingest: {
      samplesPerSecond: rate,
      seriesCount: world.machines.length * 84,
      agentsConnected: world.machines.filter(({ detail }) => detail.presence === 'up').length,
      samplesTotal: Math.round(rate * 19.2 * 86_400),
      duplicatesTotal: 1_284,
      lateTotal: 20_331,
      refusedTotal: 0,
    },
    exchange: {
      storedTotal: 1_204_338,
      keptOutTotal: 8_412,
      namesUnknown: 0,
      mayBeMoreNames: false,
      requestsUnsigned: 0,
      targets: 2,
      queuedSamples: 3_180,
      queueAgeMs: 6 * SECOND_MS,
      queueBytes: 4.2 * 2 ** 20,
      queueBytesMax: 2 * GIB,
      droppedTotal: 0,
    },
    queues: {
      headBytes: world.machines.length * 84 * 310,
      journalBytes: 41.3 * 2 ** 20,
      journalAgeMs: 19 * MINUTE_MS + (nowMs % MINUTE_MS),
      pendingWindows: world.machines.length * 3,
      notificationsWaiting: 1,
    },
    durations: {
      commit: { count: 1_204_118, lastMs: 21, p50Ms: 18.4, p95Ms: 34, p99Ms: 61, maxMs: 412 },
      sync: { count: 1_204_118, lastMs: 12.2, p50Ms: 11.4, p95Ms: 24, p99Ms: 48, maxMs: 398 },
      index: { count: 81_442, lastMs: 38, p50Ms: 44, p95Ms: 96, p99Ms: 140, maxMs: 803 },
      settle: { count: 30_218, lastMs: 164, p50Ms: 182, p95Ms: 410, p99Ms: 690, maxMs: 2_140 },
    },
    process: {
      residentBytes: 412 * 2 ** 20,
      heapUsedBytes: 168 * 2 ** 20,
      cpuShare: cpu.at(-1) ?? null,
      loopLagMs: lag.at(-1) ?? null,
    },
    pulse: {
      stepMs: STEP_MS,
      toAt: toIso(toMs),
      samplesPerSecond: series('rate', (noise) => rate * (0.96 + noise * 0.08)),
      loopLagMs: lag,
      cpuShare: cpu,
      residentBytes: series('rss', (noise) => (405 + noise * 10) * 2 ** 20),
    },
    storage: {
      folder: '/var/lib/muster',
      freeBytes: 148 * GIB,
      totalBytes: 240 * GIB,
      databaseBytes: 0.39 * GIB,
      journalBytes: 41.3 * 2 ** 20,
      tiers: [
        { tier: 'raw' as const, bytes: 2.1 * GIB, since: toIso(nowMs - 7 * DAY_MS), retentionMs: 7 * DAY_MS },
        {
          tier: '1m' as const,
          bytes: 1.4 * GIB,
          since: toIso(nowMs - 19 * DAY_MS),
          retentionMs: 30 * DAY_MS,
        },
        {
          tier: '10m' as const,
          bytes: 0.2 * GIB,
          since: toIso(nowMs - 19 * DAY_MS),
          retentionMs: 180 * DAY_MS,
        },
        {
          tier: '1h' as const,
          bytes: 0.04 * GIB,
          since: toIso(nowMs - 19 * DAY_MS),
          retentionMs: 761 * DAY_MS,
        },
      ],
      forecast: { bytesPerDay: 0.39 * GIB, neededBytes: 5.2 * GIB, daysUntilFull: null, daysUntilCap: 41 },
      sampleBytes: 3.78 * GIB,
      bytesMax: 6 * GIB,
      droppedBytesTotal: 0.31 * GIB,
      dropped: [
        {
          at: toIso(nowMs - 3 * DAY_MS),
          tier: '1m' as const,
          from: toIso(nowMs - 22 * DAY_MS),
          to: toIso(nowMs - 19 * DAY_MS),
          bytes: 0.31 * GIB,
        },
      ],
    },
    lastBackupAt: toIso(nowMs - 9 * HOUR_MS),
    troubles: [],
  };
}
