import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import { expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { createMemoryIncidentStore } from '../store/memory/incidents.ts';
import { createEvidenceKeeper, EVIDENCE_AFTER_MS } from './evidence-keeper.ts';
import { heaviestFirst } from './evidence.ts';
import { createIncidents, type IncidentEvent } from './incidents.ts';
import type { CiFacts } from './life-cycle.ts';
import { sceneOf, suspicion } from './scene.ts';
import { NO_PLACE, NO_SURROUNDINGS, type Surroundings } from './surroundings.ts';

const BREACH_MS = 30 * DAY_MS;
const DB: CiFacts = { id: 'ci_db', name: 'DB', class: 'Server', criticality: 2, expectedNow: true };
const title = { en: 'DB is silent', zh: 'DB 失联' };

const change = (id: string, ciId: string, beforeMs: number): HistoryEntry => ({
  id,
  at: new Date(BREACH_MS - beforeMs).toISOString(),
  ciId,
  ciName: ciId,
  ciClass: 'Server',
  kind: 'changed',
  attribute: 'os.version',
  before: '1',
  after: '2',
  source: 'agent',
  actor: 'system',
});

const CHANGES = [
  change('own', 'ci_db', HOUR_MS),
  change('switch', 'ci_sw', 0),
  change('old', 'ci_db', 2 * DAY_MS),
  change('far', 'ci_up9', 6 * DAY_MS),
];

/** A house whose every fact can be changed afterwards. */
async function house(changes = CHANGES) {
  const store = createMemoryIncidentStore();
  const facts = {
    owner: 'Finance',
    warranty: '2027-06-30' as string | null,
    lifecycle: 'in_use',
    criticality: 2,
    changes,
    window: 'Patch day',
  };
  const surroundings: Surroundings = {
    ...NO_SURROUNDINGS,
    placeOf: () => ({ ...NO_PLACE, owner: { id: null, name: facts.owner } }),
    standingOf: () => ({ lifecycle: facts.lifecycle, criticality: facts.criticality }),
    impactOf: () => [
      {
        node: { id: 'ci_svc', name: 'ERP', class: 'Service', machineId: null },
        state: 'lost',
        path: [
          { id: 'ci_db', name: 'DB', class: 'Server', machineId: null },
          { id: 'ci_svc', name: 'ERP', class: 'Service', machineId: null },
        ],
        redundancy: [],
      },
    ],
    upstreamOf: () => [
      { id: 'ci_sw', name: 'SW', class: 'NetworkDevice', path: ['DB', 'SW'] },
      { id: 'ci_up9', name: 'UP', class: 'Server', path: ['DB', '1', '2', '3', '4', '5', '6', 'UP'] },
    ],
  };
  const changesOf = async (ciId: string, fromMs: number, toMs: number) =>
    facts.changes.filter(
      (one) => one.ciId.startsWith(ciId) && Date.parse(one.at) >= fromMs && Date.parse(one.at) < toMs,
    );
  const events: IncidentEvent[] = [];
  const incidents = await createIncidents({
    store,
    newId,
    holderOf: async (name) => name,
    surroundings,
    onEvent: (event) => void events.push(event),
  });
  const maintenance = {
    spans: () => [
      { windowId: 'mw_1', title: facts.window, fromMs: BREACH_MS - HOUR_MS, toMs: BREACH_MS - HOUR_MS / 2 },
    ],
  };
  const keeper = await createEvidenceKeeper({
    store,
    incidents,
    sources: {
      metrics: { range: async () => ({ stepMs: 1, series: [] }) },
      changesOf,
      presenceOf: () => null,
    },
    breachOf: async () => ({ metric: null, instance: '' }),
    requestFlight: () => true,
    sceneOf: (incident, own, nowMs) =>
      sceneOf(
        incident,
        own,
        { surroundings, maintenance, changesOf, warrantyOf: async () => facts.warranty, store },
        nowMs,
      ),
  });
  const opened = await incidents.react(
    {
      type: 'opened',
      atMs: BREACH_MS,
      alertId: 'al_1',
      severity: 'critical',
      breachedAtMs: BREACH_MS,
      causeKey: 'ci_db silent',
      outage: true,
      affected: DB,
      title,
      description: title,
    },
    DB,
    BREACH_MS,
  );
  if (!opened) throw new Error('no incident');
  for (const event of events.splice(0)) await keeper.onIncident(event, BREACH_MS);
  return { store, keeper, facts, id: opened.id, events };
}

test('[IC37] changes on the CI and upstream are suspects by time and distance, the likeliest first; far and old ones are none', async () => {
  const { store, id } = await house();
  const scene = (await store.evidence(id))?.scene;
  expect(
    scene?.suspects.map(({ change: { id: which }, score, distance }) => [which, score, distance]),
  ).toEqual([
    ['own', 86, 0],
    ['switch', 50, 1],
    ['old', 11, 0],
  ]);
  expect(scene?.suspects[1]?.why.en).toBe('1 min before the breach, on SW, 1 step upstream');
  expect(scene?.suspects[0]?.why.zh).toBe('越限前 1 小时，发生在本配置项');
});

test('[IC37] what people entered, and that an item came on record, stands behind what a report saw change', async () => {
  const { store, id } = await house([
    { ...change('criticality', 'ci_db', 0), source: 'human', attribute: 'criticality' },
    { ...change('new', 'ci_db', 0), kind: 'created', attribute: null },
    { ...change('disk', 'ci_db', HOUR_MS), kind: 'created', ciId: 'ci_db.disk' },
  ]);
  const scene = (await store.evidence(id))?.scene;
  expect(scene?.suspects.map(({ change: { id: which }, score }) => [which, score])).toEqual([
    ['disk', 86],
    ['criticality', 10],
    ['new', 10],
  ]);
});

test.each([
  [0, 0, 100],
  [6 * HOUR_MS, 0, 50],
  [DAY_MS, 0, 20],
  [7 * DAY_MS, 0, 3],
  [0, 1, 50],
  [6 * HOUR_MS, 1, 25],
  [-HOUR_MS, 0, 100],
])('[IC37] %d ms before, %d steps away: %d', (beforeMs, steps, score) => {
  expect(suspicion(beforeMs, steps)).toBe(score);
});

test('[IC38] what was captured at the breach stays, whatever becomes of the CI', async () => {
  const { store, keeper, facts, id } = await house();
  const before = await store.evidence(id);
  expect(before?.scene).toMatchObject({
    place: { owner: { name: 'Finance' } },
    lifecycle: 'in_use',
    criticality: 2,
    warrantyEnd: '2027-06-30',
    impact: [{ name: 'ERP', state: 'lost', path: ['DB', 'ERP'] }],
    windows: [{ title: 'Patch day' }],
  });
  Object.assign(facts, {
    owner: 'Sales',
    warranty: null,
    lifecycle: 'retired',
    criticality: 4,
    window: 'Renamed',
    changes: [change('late', 'ci_db', -HOUR_MS)],
  });
  await keeper.tick(BREACH_MS + EVIDENCE_AFTER_MS);
  const flight = {
    type: 'flight' as const,
    atMs: BREACH_MS,
    requestId: id,
    timesMs: [],
    series: [],
    topProcesses: [],
  };
  await keeper.onFlight('ci_db', 'line_1', flight, BREACH_MS + HOUR_MS);
  const after = await store.evidence(id);
  expect(after?.scene).toEqual(before?.scene);
  expect(after?.changes).toEqual(before?.changes);
  expect((await store.get(id))?.place.owner?.name).toBe('Finance');
});

const process = (
  name: string,
  cpuPercent: number,
  residentBytes: number,
  writtenBytesPerSecond: number | null,
) => ({
  pid: 1,
  name,
  user: 'root',
  cpuPercent,
  residentBytes,
  readBytesPerSecond: null,
  writtenBytesPerSecond,
});
const PROCESSES = [
  process('busy', 300, 1, 5),
  process('leak', 1, 900, null),
  process('backup', 20, 50, 9_000),
];

test.each([
  ['memory.utilisation', ['leak', 'backup', 'busy']],
  ['swap.utilisation', ['leak', 'backup', 'busy']],
  ['pressure.memory.some', ['leak', 'backup', 'busy']],
  ['disk.utilisation', ['backup', 'busy', 'leak']],
  ['filesystem.utilisation', ['backup', 'busy', 'leak']],
  ['pressure.io.some', ['backup', 'busy', 'leak']],
  ['cpu.utilisation', ['busy', 'backup', 'leak']],
  [null, ['busy', 'backup', 'leak']],
])('[IC41] processes at a breach of %s', (metric, names) => {
  expect(heaviestFirst(PROCESSES, metric).map(({ name }) => name)).toEqual(names);
});
