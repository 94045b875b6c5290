/** The invented installation's exchange with Prometheus: two senders, what is kept out, and three stores in different moods. */
import type {
  Mapping,
  MappingFields,
  RemoteWriteIn,
  RemoteWriteTarget,
  TargetAuth,
  TargetState,
} from '@muster/shared/api/remote-write.ts';
import { SECRET_KEPT } from '@muster/shared/api/remote-write.ts';
import { type Role, roleHas } from '@muster/shared/api/rights.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import { Refusal } from '../refusal.ts';
import type { Handlers } from '../handlers.ts';
import type { World } from '../world.ts';

const URL_HERE = 'https://muster.lanxi.example:8420/api/v1/write';
const MIB = 2 ** 20;
/** Machines that senders feed. */
const FED = 6;

/** An address may hold a key; who may not set it sees where it leads, not the rest. */
function withoutPath(target: RemoteWriteTarget): RemoteWriteTarget {
  return { ...target, url: `${new URL(target.url).origin}/${SECRET_KEPT}` };
}

export function exchangeHandlers(world: World, role: Role): Handlers {
  const isNew = world.machines.length < 2;
  const mappings = makeMappings();
  const targets = isNew ? [] : makeTargets(world.startMs);
  const mappingOf = (id: string): Mapping => {
    const found = mappings.find((one) => one.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no mapping ${id}.`);
    return found;
  };
  const targetOf = (id: string): RemoteWriteTarget => {
    const found = targets.find((one) => one.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no target ${id}.`);
    return found;
  };
  return {
    remoteWriteIn: () => (isNew ? nothingIn(world) : makeIn(world)),
    listWriteMappings: () => ({ items: mappings }),
    createWriteMapping: ({ body }) => {
      const made: Mapping = { ...body, id: `map_${mappings.length}`, origin: 'own' };
      mappings.unshift(made);
      return made;
    },
    updateWriteMapping: ({ params, body }) => {
      const held = mappingOf(params.id);
      return Object.assign(held, body, { origin: held.origin === 'own' ? 'own' : 'changed' });
    },
    deleteWriteMapping: ({ params }) => {
      mappings.splice(mappings.indexOf(mappingOf(params.id)), 1);
      return {};
    },
    listForeignSeries: ({ params }) => ({
      items: isFed(world, params.id)
        ? (['disk.read', 'disk.written', 'temperature'] as const).map((metric) => ({
            metric,
            instance: 'sda',
            mappingId: 'map_ups',
            mappingName: 'ipmi_exporter',
            sender: 'token:prometheus-bj',
            since: toIso(world.startMs - 12 * DAY_MS),
            agentReports: false,
          }))
        : [],
      nextCursor: null,
    }),
    remoteWriteOut: () => ({
      at: toIso(Date.now()),
      since: toIso(world.startMs - 3 * DAY_MS),
      queue: {
        bytes: isNew ? 0 : 96 * MIB,
        bytesMax: 2048 * MIB,
        unwrittenDropped: 0,
        lastError: null,
        setAside: isNew
          ? []
          : [
              {
                name: '0000000104857600-0000000028041120.queue.set-aside-48210-samples',
                samples: 48_210,
                at: toIso(Date.now() - 2 * HOUR_MS),
              },
            ],
      },
      targets: roleHas(role, 'exchange.write') ? targets : targets.map(withoutPath),
    }),
    createWriteTarget: ({ body }) => {
      const made: RemoteWriteTarget = {
        ...body,
        auth: masked(body.auth),
        id: `rwt_${targets.length + 1}`,
        status: idle(),
      };
      targets.push(made);
      return made;
    },
    updateWriteTarget: ({ params, body }) => {
      const target = targetOf(params.id);
      const state = body.enabled ? 'sending' : 'paused';
      return Object.assign(target, body, {
        auth: masked(body.auth),
        status: { ...target.status, state },
      });
    },
    deleteWriteTarget: ({ params }) => {
      targets.splice(targets.indexOf(targetOf(params.id)), 1);
      return {};
    },
    testWriteTarget: ({ params }) =>
      targetOf(params.id).status.state === 'waiting'
        ? { ok: false, answer: 'connect ECONNREFUSED 10.20.3.9:9009' }
        : { ok: true, answer: 'HTTP 204' },
  };
}

function isFed({ machines }: World, id: string): boolean {
  return machines.slice(0, FED).some(({ detail }) => detail.id === id);
}

function masked(auth: TargetAuth): TargetAuth {
  if (auth.kind === 'bearer') return { ...auth, token: SECRET_KEPT };
  return auth.kind === 'basic' ? { ...auth, password: SECRET_KEPT } : auth;
}

function nothingIn({ startMs }: World): RemoteWriteIn {
  return {
    at: toIso(Date.now()),
    since: toIso(startMs - HOUR_MS),
    url: URL_HERE,
    samples: { received: 0, stored: 0, keptOut: 0, stale: 0, ahead: 0, invalid: 0 },
    requests: { taken: 0, refused: 0, later: 0 },
    series: 0,
    seriesMax: 200_000,
    machines: [],
    senders: [],
    turnedAway: [],
    reasons: [],
    metrics: [],
    unknown: [],
  };
}

function makeIn({ startMs, machines }: World): RemoteWriteIn {
  const lastAt = (ageMs: number) => toIso(Date.now() - ageMs);
  return {
    at: toIso(Date.now()),
    since: toIso(startMs - 3 * DAY_MS),
    url: URL_HERE,
    samples: {
      received: 48_213_904,
      stored: 9_408_112,
      keptOut: 38_804_530,
      stale: 1_262,
      ahead: 0,
      invalid: 0,
    },
    requests: { taken: 102_331, refused: 3, later: 0 },
    series: 1_184,
    seriesMax: 200_000,
    machines: machines.slice(0, FED).map(({ detail }, i) => ({
      ciId: detail.id,
      name: detail.name,
      series: 37 + i,
      lastAt: lastAt(4 * SECOND_MS),
    })),
    senders: [
      {
        actor: 'token:prometheus-bj',
        address: '10.20.1.15',
        program: 'Prometheus/3.5.0',
        requests: 101_904,
        samples: 47_960_122,
        stored: 9_408_112,
        ahead: 0,
        keptOut: [
          { why: 'no-line', samples: 20_814_960 },
          { why: 'agent-reports', samples: 17_735_788 },
        ],
        lastAt: lastAt(2 * SECOND_MS),
        refusal: null,
      },
      {
        actor: 'token:vmagent',
        address: '10.30.4.8',
        program: 'vmagent-20250910-tags-v1.126.0',
        requests: 430,
        samples: 253_782,
        stored: 214_300,
        ahead: 0,
        keptOut: [{ why: 'machine-unknown', samples: 39_482 }],
        lastAt: lastAt(41 * MINUTE_MS),
        refusal: '2 series were left out, the rest was taken: node_load1 has too many labels.',
      },
      {
        actor: 'token:lab',
        address: '10.40.0.7',
        program: 'Prometheus/2.53.1',
        requests: 58,
        samples: 3_785,
        stored: 0,
        ahead: 0,
        keptOut: [
          { why: 'machine-unknown', samples: 2_960 },
          { why: 'no-line', samples: 825 },
        ],
        lastAt: lastAt(9 * SECOND_MS),
        refusal: null,
      },
    ],
    turnedAway: [
      {
        at: lastAt(3 * MINUTE_MS),
        address: '10.40.0.9',
        program: 'Prometheus/3.5.0',
        why: 'not-signed-in',
        count: 41,
      },
      { at: lastAt(2 * HOUR_MS), address: '10.40.0.8', program: '', why: 'forbidden', count: 1 },
    ],
    reasons: [
      { why: 'no-line', metrics: 2, samples: 20_814_960 },
      { why: 'conditions', metrics: 1, samples: 3_002_660 },
      { why: 'agent-reports', metrics: 1, samples: 912_040 },
      { why: 'machine-unknown', metrics: 1, samples: 204_411 },
      { why: 'other-series', metrics: 1, samples: 102_204 },
    ],
    metrics: [
      ['node_cpu_seconds_total', 'no-line', 14_210_848],
      ['node_filesystem_free_bytes', 'no-line', 6_604_112],
      ['node_network_receive_bytes_total', 'conditions', 3_002_660],
      ['node_load1', 'agent-reports', 912_040],
      ['node_memory_MemTotal_bytes', 'machine-unknown', 204_411],
      ['node_disk_read_bytes_total', 'other-series', 102_204],
    ].map(([metric, why, samples]) => ({
      metric: String(metric),
      why: why as RemoteWriteIn['metrics'][number]['why'],
      samples: Number(samples),
      lastAt: lastAt(2 * SECOND_MS),
    })),
    unknown: [
      {
        label: 'instance',
        value: 'edge-gw-07.shenzhen.lanxi.example',
        why: 'machine-unknown',
        samples: 182_204,
        lastAt: lastAt(3 * SECOND_MS),
      },
      {
        label: 'instance',
        value: 'build',
        why: 'machine-ambiguous',
        samples: 22_207,
        lastAt: lastAt(HOUR_MS),
      },
    ],
  };
}

function makeMappings(): Mapping[] {
  const noLoop = { label: 'device', is: 'none-of' as const, values: ['loop*', 'ram*', 'dm-*'] };
  const line = (
    from: string,
    to: MappingFields['lines'][number]['to'],
    instanceLabel: string | null = null,
  ) => ({
    from,
    to,
    factor: 1,
    instanceLabel,
    where: instanceLabel === 'device' ? [noLoop] : [],
  });
  const machine = { label: 'instance', by: ['name' as const, 'address' as const], stripPort: true };
  return [
    {
      id: 'map_ups',
      origin: 'own',
      name: 'ipmi_exporter',
      enabled: true,
      machine: { label: 'host', by: ['serial'], stripPort: false },
      where: [{ label: 'job', is: 'one-of', values: ['ipmi'] }],
      lines: [line('ipmi_temperature_celsius', 'temperature', 'name')],
    },
    {
      id: 'node-exporter',
      origin: 'changed',
      name: 'node_exporter',
      enabled: true,
      machine,
      where: [],
      lines: [
        line('node_load1', 'load.1m'),
        line('node_memory_MemTotal_bytes', 'memory.total'),
        { ...line('node_vmstat_pswpin', 'swap.in'), factor: 4_096 },
        line('node_disk_read_bytes_total', 'disk.read', 'device'),
        line('node_network_receive_bytes_total', 'network.received', 'device'),
      ],
    },
    {
      id: 'windows-exporter',
      origin: 'shipped',
      name: 'windows_exporter',
      enabled: false,
      machine,
      where: [],
      lines: [line('windows_net_bytes_received_total', 'network.received', 'nic')],
    },
  ];
}

function idle(): TargetState {
  return {
    state: 'idle',
    queuedSamples: 0,
    queuedBytes: 0,
    queueAgeMs: null,
    sent: 0,
    refused: 0,
    dropped: 0,
    failedRequests: 0,
    lastSentAt: null,
    failingSince: null,
    nextAttemptAt: null,
    lastError: null,
    lastRefusal: null,
    lastDroppedAt: null,
  };
}

function makeTargets(startMs: number): RemoteWriteTarget[] {
  const base = { labels: [{ name: 'site', value: 'beijing' }], metrics: [], classes: [], enabled: true };
  return [
    {
      ...base,
      id: 'rwt_vm',
      name: 'VictoriaMetrics',
      url: 'https://tsdb.lanxi.example/api/v1/write',
      auth: { kind: 'bearer', token: SECRET_KEPT },
      status: { ...idle(), state: 'sending', sent: 128_404_112, lastSentAt: toIso(Date.now() - SECOND_MS) },
    },
    {
      ...base,
      id: 'rwt_mimir',
      name: 'Mimir (Suzhou)',
      url: 'https://mimir.suzhou.lanxi.example/api/v1/push',
      auth: { kind: 'basic', user: 'tenant-7', password: SECRET_KEPT },
      metrics: ['cpu.*', 'memory.*', 'filesystem.utilisation'],
      classes: ['Server', 'Hypervisor'],
      status: {
        ...idle(),
        state: 'waiting',
        queuedSamples: 25_804_110,
        queuedBytes: 94 * MIB,
        queueAgeMs: 2 * HOUR_MS + 11 * MINUTE_MS,
        sent: 90_118_000,
        failedRequests: 131,
        lastSentAt: toIso(startMs - 2 * HOUR_MS),
        failingSince: toIso(startMs - 2 * HOUR_MS),
        nextAttemptAt: toIso(Date.now() + 38 * SECOND_MS),
        lastError: { at: toIso(startMs), answer: 'connect ECONNREFUSED 10.20.3.9:9009' },
      },
    },
    {
      ...base,
      id: 'rwt_prom',
      name: 'Prometheus (lab)',
      url: 'http://10.20.9.4:9090/api/v1/write',
      auth: { kind: 'none' },
      enabled: false,
      status: {
        ...idle(),
        state: 'paused',
        queuedSamples: 402_118,
        queuedBytes: 1.4 * MIB,
        queueAgeMs: 20 * MINUTE_MS,
        sent: 1_204_887,
        refused: 1_210,
        lastSentAt: toIso(startMs - 20 * MINUTE_MS),
        lastRefusal: {
          at: toIso(startMs - HOUR_MS),
          samples: 100,
          answer: 'HTTP 400: out of order sample',
        },
      },
    },
  ];
}
