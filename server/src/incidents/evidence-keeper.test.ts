import { beforeEach, expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { createMemoryIncidentStore } from '../store/memory/incidents.ts';
import {
  createEvidenceKeeper,
  EVIDENCE_AFTER_MS,
  type EvidenceKeeper,
  flightLineId,
  FLIGHTS_MAX,
} from './evidence-keeper.ts';
import { createIncidents, type IncidentEvent } from './incidents.ts';
import type { Incident, IncidentStore } from './store.ts';

const SERVER = { id: 'ci_a', name: 'a', class: 'Server', criticality: 3, expectedNow: true };
const title = { en: 'CPU in use on a is above 90 %', zh: 'a 的 CPU 使用率高于 90%' };

let store: IncidentStore;
let keeper: EvidenceKeeper;
let incident: Incident;
let asked: string[];
beforeEach(async () => {
  store = createMemoryIncidentStore();
  asked = [];
  const events: IncidentEvent[] = [];
  const incidents = await createIncidents({
    store,
    newId,
    holderOf: async (name) => (name === 'nobody' ? null : name),
    onEvent: (event) => void events.push(event),
  });
  keeper = await createEvidenceKeeper({
    store,
    incidents,
    sources: {
      metrics: {
        range: async () => ({ stepMs: 10_000, series: [] }),
      },
      changesOf: async () => [],
      presenceOf: () => null,
    },
    breachOf: async () => ({ metric: 'cpu.utilisation', instance: '' }),
    requestFlight: (ciId, requestId) => asked.push(`${ciId} ${requestId}`) > 0,
  });
  const opened = await incidents.react(
    {
      type: 'opened',
      atMs: 0,
      alertId: 'al_1',
      severity: 'critical',
      breachedAtMs: 0,
      causeKey: 'ci_a cpu',
      outage: false,
      affected: SERVER,
      title,
      description: title,
    },
    SERVER,
    0,
  );
  if (!opened) throw new Error('no incident');
  incident = opened;
  for (const event of events.splice(0)) await keeper.onIncident(event, 0);
});

function flight(requestId: string, atMs = 1_000) {
  return {
    type: 'flight' as const,
    atMs,
    requestId,
    timesMs: [0, 1_000],
    series: [{ metric: 'cpu.utilisation', instance: '', values: [50, 99] }],
    topProcesses: [],
  };
}
const lineId = (seq: number) => flightLineId({ agentId: 'a', epoch: '0'.repeat(16), seq, index: 0 });
const recordings = async () =>
  (await store.timeline(incident.id)).filter(({ text }) => text.en.startsWith('Recording'));
const flightSeries = async () =>
  (await store.evidence(incident.id))?.series.filter(({ source }) => source === 'flight');

test('[IC6] the recording of the machine is asked for and stands in the evidence', async () => {
  expect(asked).toEqual([`ci_a ${incident.id}`]);
  await keeper.onFlight('ci_a', lineId(1), flight(incident.id), 2_000);
  expect(await flightSeries()).toMatchObject([{ metric: 'cpu.utilisation' }]);
  await keeper.tick(EVIDENCE_AFTER_MS);
  expect(await flightSeries()).toHaveLength(1);
});

test('[IC6] the same recording again has no effect', async () => {
  await keeper.onFlight('ci_a', lineId(1), flight(incident.id), 2_000);
  await keeper.onFlight('ci_a', lineId(1), flight(incident.id), 3_000);
  expect(await recordings()).toHaveLength(1);
});

test.each([
  ['of another machine', 'ci_b', (one: Incident) => one.id],
  ['that names the reference instead of the id', 'ci_a', (one: Incident) => one.ref],
  ['of no incident', 'ci_a', () => 'inc_none'],
])('[IC6] a recording %s changes nothing', async (_what, ciId, requestId) => {
  await keeper.onFlight(ciId, lineId(1), flight(requestId(incident)), 2_000);
  expect(await recordings()).toEqual([]);
  expect(await flightSeries()).toEqual([]);
});

test('[IC6] an agent that sends recordings without end fills no timeline', async () => {
  for (let seq = 0; seq < FLIGHTS_MAX + 10; seq++)
    await keeper.onFlight('ci_a', lineId(seq), flight(incident.id), 2_000);
  expect(await recordings()).toHaveLength(FLIGHTS_MAX);
});

test('[IC18] an incident that opens again keeps the evidence of its first breach', async () => {
  await keeper.onFlight('ci_a', lineId(1), flight(incident.id), 2_000);
  const before = await store.evidence(incident.id);
  expect(before).not.toBeNull();
  const lines = (await store.timeline(incident.id)).length;
  asked.splice(0);
  await keeper.onIncident({ type: 'reopened', incident }, 600_000);
  expect(asked).toEqual([]);
  expect(await store.evidence(incident.id)).toEqual(before);
  expect(await store.timeline(incident.id)).toHaveLength(lines);
});
