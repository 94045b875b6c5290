import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { RelationEdge } from '../cmdb/store.ts';
import type { ImpactGraph } from '../relations/impact.ts';
import type { GraphNode } from '../relations/nodes.ts';
import { createMemoryAgreementStore } from '../store/memory/agreements.ts';
import { NOTHING_AGREED } from './agreed.ts';
import { createServiceAvailability } from './service-availability.ts';
import { MOMENTS_MAX } from './service-sweep.ts';
import { createTargets } from './targets.ts';
import type { PresenceInterval } from './timeline.ts';

const DAY = Date.UTC(2026, 10, 20);
const NOW = DAY + 12 * HOUR_MS;
const PERIOD = { fromMs: DAY, toMs: NOW };
const rest = { cause: null, planned: false, evidence: [], revised: false };

const up = (fromMs: number, toMs: number | null): PresenceInterval => ({
  ...rest,
  fromMs,
  toMs,
  presence: 'up',
});
const down = (fromMs: number, toMs: number): PresenceInterval => ({
  ...rest,
  fromMs,
  toMs,
  presence: 'down',
});

/** Down for half of each 800 ms, more often than is walked through. */
function flapping(): PresenceInterval[] {
  const made: PresenceInterval[] = [];
  for (let i = 0; i <= MOMENTS_MAX / 2; i++) {
    const fromMs = DAY + i * 800;
    made.push(down(fromMs, fromMs + 400), up(fromMs + 400, fromMs + 800));
  }
  return [...made.slice(0, -1), { ...(made.at(-1) as PresenceInterval), toMs: null }];
}

const RECORDS: Readonly<Record<string, readonly PresenceInterval[]>> = {
  calm: [
    up(DAY - DAY_MS, DAY + HOUR_MS),
    down(DAY + HOUR_MS, DAY + 2 * HOUR_MS),
    up(DAY + 2 * HOUR_MS, null),
  ],
  other: [
    up(DAY - DAY_MS, DAY + HOUR_MS + 30 * MINUTE_MS),
    down(DAY + HOUR_MS + 30 * MINUTE_MS, DAY + 3 * HOUR_MS),
    up(DAY + 3 * HOUR_MS, null),
  ],
  wild: flapping(),
};

const entry = (id: string): CiEntry => ({
  id,
  class: 'Server',
  name: id,
  lifecycle: 'in_use',
  criticality: 1,
  tags: [],
  site: null,
  owner: null,
  agentId: null,
  timeZone: 'UTC',
  createdAtMs: 0,
});

/** Services by what they stand on: members, and how many of them must hold. */
function setUp(
  services: Readonly<Record<string, { readonly of: readonly string[]; readonly needed?: number }>>,
) {
  const edges: RelationEdge[] = Object.entries(services).flatMap(([fromId, { of, needed }]) =>
    of.map(
      (toId): RelationEdge => ({
        id: `${fromId} ${toId}`,
        type: 'dependsOn',
        fromId,
        toId,
        group: needed === undefined ? null : 'g',
        needed: needed ?? null,
        source: 'human',
        actor: 'user:x',
        sinceMs: 0,
        endedAtMs: null,
      }),
    ),
  );
  const graph: ImpactGraph = {
    from: (id) => edges.filter(({ fromId }) => fromId === id),
    to: (id) => edges.filter(({ toId }) => toId === id),
    node: (id) => ({ id, name: id, class: id in services ? 'Service' : 'Server', machineId: null }),
    partsOf: () => [],
  };
  const nodes = Object.keys(services).map(
    (id) => ({ id, name: id, class: 'Service', lifecycle: 'in_use' }) as GraphNode,
  );
  const entries = Object.keys(RECORDS).map(entry);
  const directory: CiDirectory = {
    get: (id) => entries.find((one) => one.id === id),
    all: () => entries,
    onChange: () => undefined,
  };
  const base = { directory, agreed: NOTHING_AGREED, pause: async () => undefined };
  const nodeDirectory = { get: (id: string) => nodes.find((node) => node.id === id), all: () => nodes };
  const record = {
    intervals: async (id: string) => RECORDS[id] ?? [],
    bareIntervals: async (ids: readonly string[]) => new Map(ids.map((id) => [id, RECORDS[id] ?? []])),
  };
  const available = createServiceAvailability({ ...base, store: record, nodes: nodeDirectory, graph });
  return { available, base, nodes: nodeDirectory, record };
}

const list = (of: ReturnType<typeof setUp>) => of.available.list(PERIOD, NOW, { formula: 'known-time' });

test('[AV25] a service whose members changed too often has no figures, and the others keep theirs', async () => {
  const world = setUp({ Mail: { of: ['calm'] }, Shop: { of: ['wild'] } });
  const { items } = await list(world);
  expect(items.map(({ ciId, tooOften, availability }) => [ciId, tooOften, availability])).toEqual([
    ['Mail', false, (11 / 12) * 100],
    ['Shop', true, null],
  ]);
  await expect(world.available.report('Shop', PERIOD, NOW)).rejects.toMatchObject({ code: 'range-invalid' });
});

test('[AV25] a target of such a service stands without a budget, and the others keep theirs', async () => {
  const { available, base, nodes, record } = setUp({ Mail: { of: ['calm'] }, Shop: { of: ['wild'] } });
  let id = 0;
  const targets = await createTargets({
    ...base,
    store: createMemoryAgreementStore(),
    record,
    nodes,
    services: available,
    newId: (prefix) => `${prefix}_${++id}`,
  });
  const fields = {
    percent: 99,
    formula: 'known-time',
    period: 'month',
    note: '',
    agreedWith: 'Sales',
  } as const;
  for (const ciId of ['Shop', 'Mail'])
    await targets.create({ ...fields, ciId, fromDay: '2026-11-20' }, 'user:anna', NOW);
  expect((await targets.list(NOW)).map(({ ciId, current }) => [ciId, current?.usedSeconds])).toEqual([
    ['Mail', 3_600],
    ['Shop', undefined],
  ]);
});

test('[AV22] [AV24] k of n: fewer than needed take it, more needed than there are is all of them, without members no figures', async () => {
  const world = setUp({
    one: { of: ['calm', 'other'], needed: 1 },
    two: { of: ['calm', 'other'], needed: 2 },
    three: { of: ['calm', 'other'], needed: 3 },
    none: { of: [] },
  });
  const { items } = await list(world);
  const figures = new Map(items.map((one) => [one.ciId, [one.downSeconds, one.outages, one.availability]]));
  expect(figures.get('one')?.slice(0, 2)).toEqual([30 * 60, 1]);
  expect(figures.get('two')?.slice(0, 2)).toEqual([120 * 60, 1]);
  expect(figures.get('three')).toEqual(figures.get('two'));
  expect(figures.get('none')).toEqual([0, 0, null]);
});
