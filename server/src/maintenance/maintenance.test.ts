import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { createMemoryMaintenanceStore } from '../store/memory/maintenance.ts';
import type { CoverageSource } from './coverage.ts';
import type { WindowFields } from './edit.ts';
import { occurrencesOf } from './window.ts';
import { COVERAGE_INTERVAL_MS, COVERED_PER_TICK, createMaintenance, type WindowEdge } from './maintenance.ts';

const T = Temporal.Instant.from('2026-11-24T00:00Z').epochMilliseconds;
const BY = 'user:anna';

interface Machine {
  id: string;
  class: string;
  tags: string[];
}

async function open({
  store = createMemoryMaintenanceStore(),
  nowMs = T,
  machines = fleet(),
  survivorOf = (id: string): string => id,
} = {}) {
  const edges: string[] = [];
  const troubles = new Map<string, Millis>();
  const changes: Millis[] = [];
  let ids = 0;
  const maintenance = await createMaintenance(
    {
      store,
      newId: (prefix) => `${prefix}_${++ids}`,
      source: { ...sourceOf(machines), survivorOf },
      troubles: () => troubles,
      onEdge: ({ type, window, ciId }: WindowEdge) => edges.push(`${window.title} ${type} ${ciId ?? 'all'}`),
      report: (what, error) => {
        throw new Error(what, { cause: error });
      },
    },
    nowMs,
  );
  maintenance.onChange((at) => changes.push(at));
  return { maintenance, store, edges, troubles, changes, machines };
}

function fleet(): Machine[] {
  return ['ci_1', 'ci_2', 'ci_3'].map((id) => ({ id, class: 'Server', tags: id === 'ci_3' ? ['blue'] : [] }));
}

function sourceOf(machines: Machine[]): CoverageSource {
  const ids = new Set(machines.map(({ id }) => id));
  return {
    machines: () => machines,
    isMachine: (id) => ids.has(id),
    nodes: () => machines.map((one) => ({ ...one, machineId: null })),
    graph: { from: () => [], to: () => [], node: () => undefined, partsOf: () => [] },
    membership: { locationsOf: () => [], servicesOf: () => [] },
  };
}

function fields(more: Partial<WindowFields> = {}): WindowFields {
  return {
    title: 'Patches',
    reason: '',
    agreedBy: 'Head of IT',
    targets: { ciIds: ['ci_1'], services: [], locations: [], classes: [], tags: [] },
    children: 'none',
    schedule: { kind: 'once', fromMs: T + 2 * HOUR_MS, toMs: T + 4 * HOUR_MS },
    timeZone: 'UTC',
    flexible: null,
    ...more,
  };
}

const tags = (...names: string[]) => ({ ciIds: [], services: [], locations: [], classes: [], tags: names });
const hoursOf = (spans: readonly { fromMs: Millis; toMs: Millis }[]) =>
  spans.map(({ fromMs, toMs }) => [(fromMs - T) / HOUR_MS, (toMs - T) / HOUR_MS]);

test('[MW2] a CI is in a window from its first moment until its last, and others are not', async () => {
  const { maintenance } = await open();
  await maintenance.set(fields(), BY, T);
  expect(maintenance.at('ci_1', T + 2 * HOUR_MS - 1)).toBeNull();
  expect(maintenance.at('ci_1', T + 2 * HOUR_MS)).toEqual({
    windowId: 'mw_1',
    title: 'Patches',
    fromMs: T + 2 * HOUR_MS,
    toMs: T + 4 * HOUR_MS,
  });
  expect(maintenance.at('ci_1', T + 4 * HOUR_MS)).toBeNull();
  expect(maintenance.at('ci_2', T + 3 * HOUR_MS)).toBeNull();
  expect(maintenance.spans('ci_1', T, T + 3 * HOUR_MS)).toEqual([
    { windowId: 'mw_1', title: 'Patches', fromMs: T + 2 * HOUR_MS, toMs: T + 3 * HOUR_MS },
  ]);
});

test('[MW3] of overlapping windows the one that ends last is named, and the spans of both are told', async () => {
  const { maintenance } = await open();
  await maintenance.set(fields(), BY, T);
  await maintenance.set(
    fields({ title: 'Move', schedule: { kind: 'once', fromMs: T + 3 * HOUR_MS, toMs: T + 6 * HOUR_MS } }),
    BY,
    T,
  );
  expect(maintenance.at('ci_1', T + 3.5 * HOUR_MS)?.title).toBe('Move');
  expect(hoursOf(maintenance.spans('ci_1', T, T + DAY_MS))).toEqual([
    [2, 4],
    [3, 6],
  ]);
});

test('[MW14] begins and ends are told once each, also to those who listen', async () => {
  const { maintenance, edges, changes } = await open();
  await maintenance.set(fields(), BY, T);
  changes.length = 0;
  for (let minute = 0; minute <= 300; minute++) maintenance.tick(T + minute * MINUTE_MS);
  expect(edges).toEqual(['Patches begins all', 'Patches ends all']);
  expect(changes).toEqual([T + 2 * HOUR_MS, T + 4 * HOUR_MS]);
});

test('[MW14] a window that ran before the server started is not told to begin again', async () => {
  const { store, maintenance } = await open();
  await maintenance.set(fields(), BY, T);
  await maintenance.settled();
  const again = await open({ store, nowMs: T + 3 * HOUR_MS });
  again.maintenance.tick(T + 3 * HOUR_MS);
  expect(again.edges).toEqual([]);
  expect(again.maintenance.at('ci_1', T + 3 * HOUR_MS)?.title).toBe('Patches');
  again.maintenance.tick(T + 4 * HOUR_MS);
  expect(again.edges).toEqual(['Patches ends all']);
});

test('[MW15] a machine that gets the tag during the window is in it from then on, not before', async () => {
  const { maintenance, machines, store } = await open();
  await maintenance.set(fields({ targets: tags('blue') }), BY, T);
  maintenance.tick(T + 2.5 * HOUR_MS);
  machines[0]?.tags.push('blue');
  machines[2]?.tags.pop();
  maintenance.membersChanged();
  maintenance.tick(T + 3 * HOUR_MS);
  await maintenance.settled();
  const spans = (ciId: string, view = maintenance) => hoursOf(view.spans(ciId, T, T + DAY_MS));
  expect(spans('ci_1')).toEqual([[3, 4]]);
  expect(spans('ci_3')).toEqual([[2, 3]]);
  const again = await open({ store, machines, nowMs: T + 5 * HOUR_MS });
  expect(spans('ci_1', again.maintenance)).toEqual([[3, 4]]);
  expect(spans('ci_3', again.maintenance)).toEqual([[2, 3]]);
});

test('[MW15] who is covered is worked out again at most every ten seconds', async () => {
  const { maintenance, machines } = await open();
  await maintenance.set(fields({ targets: tags('blue') }), BY, T);
  maintenance.tick(T);
  machines[0]?.tags.push('blue');
  maintenance.membersChanged();
  maintenance.tick(T + COVERAGE_INTERVAL_MS - 1);
  expect(maintenance.coveredBy('mw_1')).toEqual(['ci_3']);
  maintenance.tick(T + COVERAGE_INTERVAL_MS);
  expect(maintenance.coveredBy('mw_1')).toEqual(['ci_3', 'ci_1']);
});

test('[MW15] other targets count from the change on', async () => {
  const { maintenance } = await open();
  await maintenance.set(fields(), BY, T);
  await maintenance.change('mw_1', { targets: tags('blue') }, BY, T + 3 * HOUR_MS);
  expect(hoursOf(maintenance.spans('ci_1', T, T + DAY_MS))).toEqual([[2, 3]]);
  expect(hoursOf(maintenance.spans('ci_3', T, T + DAY_MS))).toEqual([[3, 4]]);
});

test('[MW16] a window set while it is wanted counts at once, and for the past not at all', async () => {
  const { maintenance, edges } = await open();
  maintenance.tick(T + 3 * HOUR_MS);
  await maintenance.set(fields(), BY, T + 3 * HOUR_MS);
  expect(maintenance.at('ci_1', T + 3 * HOUR_MS)?.toMs).toBe(T + 4 * HOUR_MS);
  expect(hoursOf(maintenance.spans('ci_1', T, T + DAY_MS))).toEqual([[3, 4]]);
  expect(edges).toEqual(['Patches begins all']);
  await maintenance.end('mw_1', BY, T + 3.5 * HOUR_MS);
  expect(maintenance.at('ci_1', T + 3.5 * HOUR_MS)).toBeNull();
  expect(edges).toEqual(['Patches begins all', 'Patches ends all']);
});

test('[MW23] each CI begins its flexible window with its own trouble, back to when the trouble began', async () => {
  const { maintenance, edges, store } = await open();
  const targets = { ...tags(), ciIds: ['ci_1', 'ci_2'] };
  await maintenance.set(fields({ targets, flexible: { durationMs: HOUR_MS, per: 'ci' } }), BY, T);
  maintenance.tick(T + 2 * HOUR_MS);
  expect(maintenance.standing(maintenance.get('mw_1'), T + 2 * HOUR_MS).state).toBe('waiting');
  maintenance.troubled('ci_3', T + 2.5 * HOUR_MS, T + 2.5 * HOUR_MS);
  maintenance.troubled('ci_1', T + 2.5 * HOUR_MS - MINUTE_MS, T + 2.5 * HOUR_MS);
  expect(maintenance.at('ci_1', T + 2.5 * HOUR_MS)?.fromMs).toBe(T + 2.5 * HOUR_MS - MINUTE_MS);
  expect(maintenance.at('ci_2', T + 2.5 * HOUR_MS)).toBeNull();
  expect(maintenance.at('ci_3', T + 2.5 * HOUR_MS)).toBeNull();
  maintenance.tick(T + 2.5 * HOUR_MS);
  expect(edges).toEqual(['Patches begins ci_1']);
  // A second trouble begins nothing anew.
  maintenance.troubled('ci_1', T + 3.75 * HOUR_MS, T + 3.75 * HOUR_MS);
  expect(maintenance.at('ci_1', T + 3.75 * HOUR_MS)).toBeNull();
  await maintenance.settled();
  const again = await open({ store, nowMs: T + 5 * HOUR_MS });
  expect(again.maintenance.spans('ci_1', T, T + DAY_MS)).toEqual(maintenance.spans('ci_1', T, T + DAY_MS));
});

test('[MW23] the trouble of one begins the window for all, when so agreed', async () => {
  const { maintenance } = await open();
  const targets = { ...tags(), ciIds: ['ci_1', 'ci_2'] };
  await maintenance.set(fields({ targets, flexible: { durationMs: HOUR_MS, per: 'window' } }), BY, T);
  maintenance.troubled('ci_1', T + 3 * HOUR_MS, T + 3 * HOUR_MS);
  expect(maintenance.at('ci_2', T + 3.9 * HOUR_MS)?.toMs).toBe(T + 4 * HOUR_MS);
});

test('[MW24] what is wrong already when a flexible window opens begins it then', async () => {
  const { maintenance, troubles } = await open();
  await maintenance.set(fields({ flexible: { durationMs: HOUR_MS, per: 'ci' } }), BY, T);
  troubles.set('ci_1', T + HOUR_MS);
  maintenance.tick(T + HOUR_MS);
  expect(maintenance.at('ci_1', T + HOUR_MS)).toBeNull();
  maintenance.tick(T + 2 * HOUR_MS);
  expect(hoursOf(maintenance.spans('ci_1', T, T + DAY_MS))).toEqual([[2, 3]]);
});

test('[MW24] a trouble that began inside and was noticed after the end still begins it', async () => {
  const { maintenance } = await open();
  await maintenance.set(fields({ flexible: { durationMs: HOUR_MS, per: 'ci' } }), BY, T);
  const sinceMs = T + 4 * HOUR_MS - MINUTE_MS;
  maintenance.tick(T + 4 * HOUR_MS);
  maintenance.troubled('ci_1', sinceMs, T + 4 * HOUR_MS + 10_000);
  expect(maintenance.at('ci_1', T + 4 * HOUR_MS + 10_000)?.fromMs).toBe(sinceMs);
});

test('[MW17] what cannot be stored is not in force', async () => {
  const store = createMemoryMaintenanceStore();
  const { maintenance } = await open({
    store: { ...store, put: () => Promise.reject(new Error('disk full')) },
  });
  await expect(maintenance.set(fields(), BY, T)).rejects.toThrow('disk full');
  expect([...maintenance.all()]).toEqual([]);
  await maintenance.settled();
});

test('[MW18] windows of three years ago are forgotten, younger ones are not', async () => {
  const { maintenance, store } = await open();
  await maintenance.set(fields(), BY, T);
  maintenance.tick(T + 5 * HOUR_MS);
  maintenance.tick(T + 3 * 365 * DAY_MS);
  expect([...maintenance.all()]).toHaveLength(1);
  maintenance.tick(T + 3 * 366 * DAY_MS + 2 * DAY_MS);
  await maintenance.settled();
  expect([...maintenance.all()]).toEqual([]);
  expect(await store.windows()).toEqual([]);
});

test('[MW19] a month of 5,000 machines in 100 windows is worked out by window and not by machine', async () => {
  const machines = Array.from({ length: 5_000 }, (_, i) => ({
    id: `ci_${i}`,
    class: 'Server',
    tags: [`g${i % 10}`],
  }));
  const { maintenance } = await open({ machines });
  for (let i = 0; i < 100; i++)
    await maintenance.set(
      fields({
        targets: tags(`g${i % 10}`),
        timeZone: 'Europe/Berlin',
        schedule: {
          kind: 'recurring',
          start: '2026-11-24T02:30',
          rule: i % 3 === 0 ? 'FREQ=DAILY' : 'FREQ=WEEKLY;BYDAY=TU,TH',
          durationMs: HOUR_MS,
          except: [],
          prolonged: [],
        },
      }),
      BY,
      T,
    );
  let spans = 0;
  for (const { id } of machines) spans += maintenance.spans(id, T, T + 30 * DAY_MS).length;
  for (const { id } of machines) spans += maintenance.at(id, T + DAY_MS + 2 * HOUR_MS) === null ? 0 : 1;
  expect(spans).toBeGreaterThan(500_000);
  // The very same times: what a recurrence costs is paid once per window.
  const [first, last] = ['ci_0', 'ci_4990'].map((id) => maintenance.spans(id, T, T + 30 * DAY_MS));
  expect(first?.length).toBeGreaterThan(100);
  for (const [i, span] of (first ?? []).entries()) expect(last?.[i]).toBe(span);
});

test('[MW15] of many windows the coverage is worked out a few in a second, those that run first, and at the begin in any case', async () => {
  const machines = Array.from({ length: 40 }, (_, i) => ({
    id: `ci_${i}`,
    class: 'Server',
    tags: [`t${i}`],
  }));
  const { maintenance } = await open({ machines });
  const at = (hours: number) => ({
    kind: 'once' as const,
    fromMs: T + hours * HOUR_MS,
    toMs: T + (hours + 1) * HOUR_MS,
  });
  for (let i = 0; i < 40; i++)
    await maintenance.set(
      fields({ targets: tags(`t${i}`), schedule: at(i === 39 ? 0 : i === 38 ? 1 : 50) }),
      BY,
      T,
    );
  for (let s = 0; s < 30; s++) maintenance.tick(T + MINUTE_MS + s * 1_000);
  const joins = () => machines.filter(({ id }) => maintenance.windowsOf(id).length > 1).length;
  for (const machine of machines)
    machine.tags = machine.tags.flatMap((tag) => [tag, `t${40 - Number(tag.slice(1))}`]);
  maintenance.membersChanged();
  maintenance.tick(T + 5 * MINUTE_MS);
  expect(maintenance.at('ci_1', T + 5 * MINUTE_MS)).toMatchObject({ windowId: 'mw_40' });
  expect(joins()).toBeLessThanOrEqual(COVERED_PER_TICK);
  for (let s = 1; s < 15; s++) maintenance.tick(T + 5 * MINUTE_MS + s * 1_000);
  expect(joins()).toBe(38);
  machines[7]?.tags.push('t38');
  maintenance.membersChanged();
  maintenance.tick(T + HOUR_MS);
  expect(maintenance.at('ci_7', T + HOUR_MS)).toMatchObject({ windowId: 'mw_39' });
});

test('[MW15] a machine that turned out to be another one is covered as that other one', async () => {
  const machines = fleet();
  const known = new Map<string, string>();
  const { maintenance } = await open({ machines, survivorOf: (id) => known.get(id) ?? id });
  await maintenance.set(fields(), BY, T);
  expect(maintenance.coveredBy('mw_1')).toEqual(['ci_1']);
  known.set('ci_1', 'ci_2');
  maintenance.membersChanged();
  maintenance.tick(T + HOUR_MS);
  expect(maintenance.coveredBy('mw_1')).toEqual(['ci_2']);
});

test('[MW13] what is changed to a time that is all over is refused: ending is another thing', async () => {
  const { maintenance } = await open();
  await maintenance.set(fields(), BY, T);
  const over = { kind: 'once' as const, fromMs: T + HOUR_MS, toMs: T + 2 * HOUR_MS };
  await expect(maintenance.change('mw_1', { schedule: over }, BY, T + 3 * HOUR_MS)).rejects.toThrow(
    /over already/,
  );
  expect(maintenance.at('ci_1', T + 3 * HOUR_MS)).not.toBeNull();
});

test('[MW11] prolonging is taken back: the running occurrence ends when it did before, and never in the past', async () => {
  const { maintenance } = await open();
  await maintenance.set(fields(), BY, T);
  await maintenance.prolong('mw_1', HOUR_MS, BY, T + 3 * HOUR_MS);
  await maintenance.prolong('mw_1', -HOUR_MS, BY, T + 3 * HOUR_MS + MINUTE_MS);
  expect(maintenance.at('ci_1', T + 4 * HOUR_MS)).toBeNull();
  await maintenance.prolong('mw_1', HOUR_MS, BY, T + 3 * HOUR_MS + 2 * MINUTE_MS);
  await expect(maintenance.prolong('mw_1', -HOUR_MS, BY, T + 4 * HOUR_MS)).rejects.toThrow(/End it/);
  const weekly = {
    kind: 'recurring' as const,
    start: '2026-11-24T06:00',
    rule: 'FREQ=WEEKLY',
    durationMs: HOUR_MS,
  };
  await maintenance.set(fields({ schedule: { ...weekly, except: [], prolonged: [] } }), BY, T + 5 * HOUR_MS);
  await maintenance.prolong('mw_2', HOUR_MS, BY, T + 6.5 * HOUR_MS);
  await maintenance.prolong('mw_2', -HOUR_MS, BY, T + 6.6 * HOUR_MS);
  expect(hoursOf(maintenance.spans('ci_1', T + 5 * HOUR_MS, T + 10 * HOUR_MS))).toEqual([[6, 7]]);
});

test('[MW6] a rule whose count no search would reach the end of is refused', async () => {
  const { maintenance } = await open();
  const daily = {
    kind: 'recurring' as const,
    start: '2026-11-24T06:00',
    durationMs: HOUR_MS,
    except: [],
    prolonged: [],
  };
  await expect(
    maintenance.set(fields({ schedule: { ...daily, rule: 'FREQ=DAILY;COUNT=9000' } }), BY, T),
  ).rejects.toThrow(/COUNT/);
  const [last] = occurrencesOf(
    { schedule: { ...daily, start: '2010-01-01T06:00', rule: 'FREQ=DAILY;COUNT=4000' }, timeZone: 'UTC' },
    Date.UTC(2010, 0, 1) + 3_999 * DAY_MS,
    Date.UTC(2010, 0, 1) + 4_001 * DAY_MS,
  );
  expect(last?.name).toBe('2020-12-13T06:00');
});
