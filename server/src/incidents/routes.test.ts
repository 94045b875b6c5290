import type { Endpoint } from '@muster/shared/api/endpoint.ts';
import { type IncidentDetail, TIMELINE_HEAD } from '@muster/shared/api/incidents.ts';
import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import { beforeEach, expect, test } from 'vitest';
import type { Handler, Routes } from '../http/routes.ts';
import { newId } from '../ids.ts';
import { createMemoryIncidentStore } from '../store/memory/incidents.ts';
import { createIncidents, type Incidents } from './incidents.ts';
import { VERIFY_MS, type CiFacts } from './life-cycle.ts';
import { addIncidentRoutes } from './routes.ts';

const actor = { name: 'user:anna', userId: 'usr_1', role: 'operator' } as const;
const machine = (id: string): CiFacts => ({
  id,
  name: id.toUpperCase(),
  class: 'Server',
  criticality: 3,
  expectedNow: true,
});

/** The routes without the web: input and answer pass the schemas of the endpoint, as they do there. */
class Desk {
  readonly store = createMemoryIncidentStore();
  readonly sameRule: string[] = [];
  incidents!: Incidents;
  readonly #handlers = new Map<string, (input: unknown) => Promise<unknown>>();

  async open(): Promise<void> {
    this.incidents = await createIncidents({
      store: this.store,
      newId,
      holderOf: async (name) => name,
      onEvent: () => undefined,
    });
    const routes: Routes = {
      add: <E extends Endpoint>(endpoint: E, handler: Handler<E>) => {
        const handle = handler as (input: object, context: object) => Promise<unknown>;
        this.#handlers.set(endpoint.id, async (input) => {
          const { params = {}, query = {}, body = {} } = input as Record<string, unknown>;
          const parsed = {
            params: endpoint.params.parse(params),
            query: endpoint.query.parse(query),
            body: endpoint.body.parse(body),
          };
          return endpoint.response.parse(await handle(parsed, { actor, nowMs: 0, address: '127.0.0.1' }));
        });
      },
    };
    addIncidentRoutes(routes, {
      incidents: this.incidents,
      store: this.store,
      ciFacts: (id) => machine(id),
      mergedIn: () => [],
      alertsByIds: async () => [],
      incidentsOfSameRules: async () => this.sameRule,
    });
  }

  async call<T>(id: string, input: object = {}): Promise<T> {
    const handler = this.#handlers.get(id);
    if (!handler) throw new Error(`no route ${id}`);
    return (await handler(input)) as T;
  }

  /** One that opens, and where `over` is set ends by itself and is verified. */
  async happens(ciId: string, cause: string, atMs: number, over = true): Promise<string> {
    const news = {
      type: 'opened' as const,
      atMs,
      alertId: `al_${atMs}_${ciId}`,
      severity: 'warning' as const,
      breachedAtMs: atMs,
      causeKey: `${ciId} ${cause}`,
      outage: false,
      affected: machine(ciId),
      title: { en: `${cause} on ${ciId}`, zh: `${ciId} ${cause}` },
      description: { en: '', zh: '' },
    };
    const incident = await this.incidents.react(news, machine(ciId), atMs);
    if (over) {
      await this.incidents.react({ ...news, type: 'resolved' }, machine(ciId), atMs + 1);
      await this.incidents.tick(atMs + 1 + VERIFY_MS);
    }
    return incident?.id ?? '';
  }
}

let desk: Desk;
beforeEach(async () => {
  desk = new Desk();
  await desk.open();
});

interface Similar {
  items: { likeness: string; incident: { ref: string }; resolution: string | null }[];
  sameCause: number;
}

test('[IC16] what ended of the same cause, machine and rule is shown once each, the likest first, with its end', async () => {
  await desk.happens('ci_a', 'cpu', 0);
  await desk.happens('ci_a', 'memory', HOUR_MS);
  desk.sameRule.push(await desk.happens('ci_b', 'cpu', 2 * HOUR_MS));
  await desk.happens('ci_a', 'disk', 3 * HOUR_MS, false);
  const now = await desk.happens('ci_a', 'cpu', DAY_MS, false);
  desk.sameRule.push(now);
  const similar = await desk.call<Similar>('similarIncidents', { params: { id: now } });
  expect(similar.items.map(({ likeness, incident }) => [likeness, incident.ref])).toEqual([
    ['cause', 'INC-0001'],
    ['machine', 'INC-0002'],
    ['rule', 'INC-0003'],
  ]);
  expect(similar.items[0]?.resolution).toBe('recovered-by-itself');
  expect(similar.sameCause).toBe(1);
});

test('[IC16] incidents of the rule that are still open hide none that ended', async () => {
  const ended = await desk.happens('ci_z', 'cpu', 0);
  for (let n = 1; n <= 12; n++) desk.sameRule.push(await desk.happens(`ci_${n}`, 'cpu', n * HOUR_MS, false));
  desk.sameRule.push(ended);
  const now = await desk.happens('ci_a', 'cpu', DAY_MS, false);
  const { items } = await desk.call<Similar>('similarIncidents', { params: { id: now } });
  expect(items.map(({ likeness, incident }) => [likeness, incident.ref])).toEqual([['rule', 'INC-0001']]);
});

test('[IC16] how often the cause came before counts only what was before', async () => {
  for (const day of [0, 1, 2, 3]) await desk.happens('ci_a', 'cpu', day * DAY_MS);
  const counts = [];
  for (const id of ['INC-0001', 'INC-0004'])
    counts.push((await desk.call<Similar>('similarIncidents', { params: { id } })).sameCause);
  expect(counts).toEqual([0, 3]);
});

test('[IC13] an incident brings its newest entries, and the cursor to the others', async () => {
  const id = await desk.happens('ci_a', 'cpu', 0, false);
  const notes = TIMELINE_HEAD + 20;
  for (let n = 1; n <= notes; n++) await desk.incidents.note(id, `note ${n}`, 'user:anna', n);
  const detail = await desk.call<IncidentDetail>('getIncident', { params: { id } });
  expect(detail.timeline).toHaveLength(TIMELINE_HEAD);
  expect(detail.timeline.at(-1)?.text.en).toBe(`note ${notes}`);
  const older = await desk.call<{ items: { text: { en: string } }[]; nextCursor: string | null }>(
    'incidentTimeline',
    { params: { id }, query: { cursor: detail.timelineCursor } },
  );
  expect(older.items).toHaveLength(21);
  expect(older.items[0]?.text.en).toBe('note 20');
  expect(older.nextCursor).toBeNull();
  const machineOnly = await desk.call<{ items: unknown[] }>('incidentTimeline', {
    params: { id },
    query: { by: 'machine' },
  });
  expect(machineOnly.items).toHaveLength(1);
});

test('[IC1] a list asks for a group of states, priorities and nobody at once', async () => {
  await desk.happens('ci_a', 'cpu', 0);
  const taken = await desk.happens('ci_a', 'memory', 10, false);
  await desk.happens('ci_b', 'memory', 20, false);
  await desk.incidents.assign(taken, 'anna', undefined, 'user:anna', 30);
  const refs = async (query: object) =>
    (await desk.call<{ items: { ref: string }[] }>('listIncidents', { query })).items.map(({ ref }) => ref);
  expect(await refs({ state: 'unfinished' })).toHaveLength(3);
  expect(await refs({ state: 'open' })).toEqual(['INC-0003', 'INC-0002']);
  expect(await refs({ state: 'open', unclaimed: 'true' })).toEqual(['INC-0003']);
  expect(await refs({ state: 'over' })).toEqual([]);
  expect(await refs({ state: 'restored', priority: '3' })).toEqual(['INC-0001']);
  expect(await refs({ q: 'ci_b' })).toEqual(['INC-0003']);
});
