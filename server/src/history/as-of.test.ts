import { createHash } from 'node:crypto';
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCmdb } from '../cmdb/cmdb.ts';
import type { HistoryRow } from '../cmdb/store.ts';
import { newId } from '../ids.ts';
import { createRelationGraph } from '../relations/graph.ts';
import { createSqlCmdbStore } from '../store/sql/cmdb.ts';
import { createSqlHistoryStore } from '../store/sql/history.ts';
import { openTestStore } from '../store/sql/testing.ts';
import { createAsOf, stateNow } from './as-of.ts';
import type { CiState } from './past.ts';

let sql: Awaited<ReturnType<typeof openTestStore>>;
beforeAll(async () => {
  sql = await openTestStore();
});
afterAll(async () => sql.close());

async function setUp() {
  const cmdbStore = createSqlCmdbStore(sql);
  const store = createSqlHistoryStore(sql);
  const cmdb = await createCmdb({ store: cmdbStore, newId, recordAudit: async () => {} });
  const graph = await createRelationGraph({ cmdb, store: cmdbStore, newId });
  return { cmdb, cmdbStore, store, graph, asOf: createAsOf({ store, cmdbStore }) };
}

let agents = 0;
let clockMs = 1_000_000;

type Step =
  | { readonly do: 'report'; readonly snapshot: Snapshot; readonly complete: boolean }
  | { readonly do: 'edit'; readonly edit: object }
  | { readonly do: 'relate' | 'unrelate' };

const packages = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('openssl', 'curl', 'vim', 'bash'),
    version: fc.constantFrom('1', '2', '3'),
  }),
  { selector: ({ name }) => name },
);
const interfaces = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('eno1', 'eno2', 'wlan0'),
    state: fc.constantFrom('up' as const, 'down' as const),
    mtu: fc.constantFrom(1500, 9000),
  }),
  { selector: ({ name }) => name },
);
const snapshot: fc.Arbitrary<Snapshot> = fc.record(
  {
    software: packages.map((list) => ({
      packages: list.map((each) => ({
        ...each,
        architecture: 'amd64',
        publisher: null,
        source: 'dpkg' as const,
        installedAtMs: null,
        sizeBytes: null,
      })),
    })),
    network: interfaces.map((list) => ({
      interfaces: list.map((each) => ({
        ...each,
        mac: null,
        macPermanent: true,
        kind: 'ethernet' as const,
        virtual: false,
        removable: false,
        speedBitsPerSecond: null,
        driver: null,
        addresses: [],
      })),
      gateways: [],
      dnsServers: [],
    })),
    os: fc
      .record({ kernel: fc.constantFrom('6.1', '6.2'), hostname: fc.constantFrom('web', 'till') })
      .map((some) => ({
        family: 'linux' as const,
        name: 'Debian GNU/Linux',
        version: '12',
        codename: null,
        build: null,
        architecture: 'x86_64',
        domain: null,
        machineId: null,
        bootId: null,
        bootedAtMs: 1,
        installedAtMs: null,
        timeZone: 'Asia/Shanghai',
        ...some,
      })),
  },
  { requiredKeys: [] },
);
const edit = fc.oneof(
  fc.constantFrom('Anna', 'Bo', null).map((owner) => ({ owner })),
  fc.constantFrom('till', 'front desk').map((name) => ({ name })),
  fc.constantFrom('6.0', null).map((kernel) => ({ lock: { kernel } })),
  fc.constantFrom('worn', 'good').map((condition) => ({ set: { condition } })),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('report' as const), snapshot, complete: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), edit }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('relate' as const, 'unrelate' as const) }) },
);

function plain({ ci, parts, software }: CiState) {
  return {
    ci,
    parts: parts.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    software: software.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  };
}

/** Runs the steps and hands over what was captured live after each. */
async function live(steps: readonly Step[]) {
  const made = await setUp();
  const { cmdb, cmdbStore, graph } = made;
  const agentId = `agent${++agents}`;
  const person = await cmdb.create(
    { class: 'Location', name: `Room ${agents}` },
    'user:anna',
    (clockMs += 1),
  );
  let ciId = await cmdb.placeholder(
    { agentId, hostname: 'web', scope: { class: 'Server', site: null, tags: [] } },
    (clockMs += 1_000),
  );
  const bornMs = clockMs;
  const captured: { atMs: number; state: ReturnType<typeof plain>; edges: string[] }[] = [];
  for (const one of steps) {
    clockMs += 1_000;
    if (one.do === 'report') {
      const sections = Object.fromEntries(
        Object.entries(one.snapshot).map(([name, data]) => [
          name,
          {
            hash: createHash('sha256').update(JSON.stringify(data)).digest('hex'),
            complete: one.complete,
            data,
          },
        ]),
      );
      const result = await cmdb.applyInventory({
        reporter: { source: 'agent', id: agentId },
        hostname: 'web',
        scope: { class: 'Server', site: null, tags: [] },
        reporterCiId: ciId,
        body: { atMs: clockMs, sections },
        nowMs: clockMs,
      });
      ciId = result.ciId;
    } else if (one.do === 'edit') await cmdb.edit(ciId, one.edit, 'user:anna', clockMs);
    else {
      const by = { actor: 'user:anna', source: 'human' as const, nowMs: clockMs };
      const held = graph.from(ciId, 'locatedAt');
      if (one.do === 'relate') await graph.relate([{ type: 'locatedAt', fromId: ciId, toId: person.id }], by);
      else
        await graph.end(
          held.map(({ id }) => id),
          by,
        );
    }
    const now = await stateNow(cmdbStore, ciId);
    if (now === null) throw new Error('the machine is gone');
    captured.push({
      atMs: clockMs,
      state: plain({ ...now, parts: now.parts.filter((part) => part.removedAtMs === null) }),
      edges: graph.from(ciId).map(({ id }) => id),
    });
  }
  return { ...made, ciId, bornMs, captured };
}

test('[HI1] the state as of any moment is the state that was there then (property)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { asOf, ciId, bornMs, captured } = await live(steps);
      for (const { atMs, state, edges } of captured) {
        for (const momentMs of [atMs, atMs + 999]) {
          const then = await asOf.state(ciId, momentMs);
          expect(then && plain(then)).toEqual(state);
        }
        expect((await asOf.relations([ciId], atMs)).map(({ id }) => id).toSorted()).toEqual(edges.toSorted());
        expect((await asOf.list(atMs)).find(({ id }) => id === ciId)).toMatchObject({
          name: state.ci.name,
          owner: state.ci.owner,
          class: state.ci.class,
        });
      }
      expect(await asOf.state(ciId, bornMs - 1)).toBeNull();
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('[HI2] replaying the changes up to a moment onto the first state gives the state as of it (property)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { asOf, cmdbStore, ciId, captured } = await live(steps);
      const { items } = await cmdbStore.history({ machineId: ciId, ciId, limit: 500 });
      for (const row of items.filter(({ kind }) => kind === 'changed')) {
        const before = await asOf.state(ciId, row.atMs - 1);
        const after = await asOf.state(ciId, row.atMs);
        // One report can tell a value once only.
        expect(valueIn(before, row)).toEqual(row.before);
        expect(valueIn(after, row)).toEqual(row.after);
      }
      expect(captured).toHaveLength(steps.length);
    }),
    { numRuns: 30 },
  );
}, 60_000);

function valueIn(state: CiState | null, { attribute }: HistoryRow): unknown {
  const name = attribute ?? '';
  if (name.startsWith('software:'))
    return state?.software.find((item) => `software:${item.name}` === name)?.version ?? null;
  const fields = state?.ci as unknown as Record<string, unknown> | undefined;
  return state?.ci.attributes[name]?.value ?? fields?.[name] ?? null;
}

test('[HI3] the same report a thousand times keeps nothing of the past; an update of a package keeps one row', async () => {
  const { cmdb, store, cmdbStore } = await setUp();
  const agentId = `agent${++agents}`;
  const before = await store.lastSeq();
  const software = (version: string) => ({
    packages: Array.from({ length: 50 }, (_, i) => ({
      name: `p${i}`,
      version: i === 7 ? version : '1',
      architecture: null,
      publisher: null,
      source: 'dpkg' as const,
      installedAtMs: null,
      sizeBytes: null,
    })),
  });
  let ciId: string | null = null;
  const report = async (version: string) => {
    clockMs += 1_000;
    const data = software(version);
    const hash = createHash('sha256').update(JSON.stringify(data)).digest('hex');
    ({ ciId } = await cmdb.applyInventory({
      reporter: { source: 'agent', id: agentId },
      hostname: 'same',
      scope: { class: null, site: null, tags: [] },
      reporterCiId: ciId,
      body: { atMs: clockMs, sections: { software: { hash, complete: true, data } } },
      nowMs: clockMs,
    }));
  };
  for (let i = 0; i < 1_000; i++) await report('1');
  // The first report is one row that says that there was nothing before.
  expect((await store.lastSeq()) - before).toBe(1);
  await report('2');
  expect((await store.lastSeq()) - before).toBe(2);
  const { items } = await cmdbStore.history({ machineId: ciId ?? '', limit: 10 });
  expect(items.map(({ attribute }) => attribute)).toEqual(['software:p7', null]);
}, 60_000);

test('[HI4] a clock that was set back changes the order of nothing', async () => {
  const { cmdb, asOf } = await setUp();
  const { id } = await cmdb.create({ class: 'Supplier', name: 'First' }, 'user:anna', 5_000);
  await cmdb.edit(id, { name: 'Second' }, 'user:anna', 9_000);
  await cmdb.edit(id, { name: 'Third' }, 'user:anna', 7_000);
  expect((await asOf.state(id, 6_000))?.ci.name).toBe('First');
  expect(await asOf.state(id, 4_999)).toBeNull();
  expect((await asOf.state(id, 9_000))?.ci.name).toBe('Third');
});

test('[HI40] deleting by age loses nothing that a kept moment needs, whatever the clock did (property)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          jumpMs: fc.integer({ min: -3_000, max: 4_000 }),
          what: fc.constantFrom('name', 'owner', 'tie'),
        }),
        {
          minLength: 2,
          maxLength: 10,
        },
      ),
      fc.nat(20_000),
      async (changes, keptSinceMs) => {
        const { cmdb, graph, asOf, store } = await setUp();
        const startMs = (clockMs += 100_000);
        let nowMs = startMs;
        const one = await cmdb.create({ class: 'Peripheral', name: 'n' }, 'user:anna', nowMs);
        const room = await cmdb.create({ class: 'Location', name: `Room ${++agents}` }, 'user:anna', nowMs);
        const moments = [nowMs];
        for (const [i, { jumpMs, what }] of changes.entries()) {
          nowMs = Math.max(startMs, nowMs + jumpMs);
          const by = { actor: 'user:anna', source: 'human' as const, nowMs };
          const held = graph.from(one.id, 'locatedAt').map(({ id }) => id);
          if (what !== 'tie') await cmdb.edit(one.id, { [what]: `n${i}` }, 'user:anna', nowMs);
          else if (held.length > 0) await graph.end(held, by);
          else await graph.relate([{ type: 'locatedAt', fromId: one.id, toId: room.id }], by);
          moments.push(nowMs);
        }
        const sinceMs = startMs + keptSinceMs;
        const told = async () => {
          const states: unknown[] = [];
          for (const atMs of [...moments, sinceMs, nowMs + 1].filter((each) => each >= sinceMs))
            states.push([
              atMs - startMs,
              (await asOf.state(one.id, atMs))?.ci,
              (await asOf.relations([one.id], atMs)).map(({ id }) => id).toSorted(),
              (await createAsOf({ store, cmdbStore: createSqlCmdbStore(sql) }).list(atMs))
                .filter(({ id }) => id === one.id)
                .map(({ name, owner }) => [name, owner]),
            ]);
          return states;
        };
        const before = await told();
        while ((await store.deleteBefore('states', sinceMs, 2)) > 0);
        expect(await told()).toEqual(before);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);
