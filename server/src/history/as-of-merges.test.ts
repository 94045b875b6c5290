import { toIso } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ACTOR,
  agent,
  createWorld,
  hardware,
  network,
  os,
  other,
  software,
  type World,
} from '../cmdb/identity-testing.ts';
import { AppError } from '../errors.ts';
import { createSqlCmdbStore } from '../store/sql/cmdb.ts';
import { createSqlHistoryStore } from '../store/sql/history.ts';
import { openTestStore } from '../store/sql/testing.ts';
import { createAsOf, stateNow } from './as-of.ts';
import type { CiState } from './past.ts';

let sql: Awaited<ReturnType<typeof openTestStore>> | null = null;
beforeAll(() => {
  sql = null;
});
afterAll(async () => sql?.close());

async function setUp() {
  await sql?.close();
  sql = await openTestStore();
  const cmdbStore = createSqlCmdbStore(sql);
  const store = createSqlHistoryStore(sql);
  return { world: await createWorld(cmdbStore), cmdbStore, store, asOf: createAsOf({ store, cmdbStore }) };
}

const REPORTERS = [agent('a'), agent('b'), other('x')] as const;
const packages = fc.dictionary(fc.constantFrom('bash', 'curl', 'vim'), fc.constantFrom('1', '2'));
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      who: fc.nat(2),
      packages,
      port: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      which: fc.nat(3),
      owner: fc.constantFrom('Bo', null),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('merge' as const), keep: fc.nat(3), other: fc.nat(3) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('undo' as const), which: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('split' as const), which: fc.nat(3), who: fc.nat(2) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('relate' as const), which: fc.nat(3) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Random steps leave one kind out now and then: these have all of them. Of the splits, that of the machine with two reporters is done. */
const EACH_KIND: Step[] = [
  { do: 'edit', which: 0, owner: 'Bo' },
  { do: 'relate', which: 0 },
  { do: 'merge', keep: 0, other: 1 },
  { do: 'undo', which: 0 },
  { do: 'merge', keep: 0, other: 1 },
  { do: 'split', which: 0, who: 0 },
  { do: 'split', which: 0, who: 1 },
  { do: 'split', which: 1, who: 0 },
  { do: 'split', which: 1, who: 1 },
  { do: 'report', who: 0, packages: {}, port: false },
];

function pick<T>(all: readonly T[], at: number): T {
  return all[at % all.length] as T;
}

async function take(world: World, one: Step, site: string, merges: string[]): Promise<void> {
  const ids = (await world.store.machines()).map(({ id }) => id).toSorted();
  switch (one.do) {
    case 'report':
      await world.report(pick(REPORTERS, one.who), {
        software: software(one.packages),
        ...(one.port ? { network: network(`d0:94:66:01:02:0${one.who}`) } : {}),
      });
      return;
    case 'edit':
      await world.cmdb.edit(pick(ids, one.which), { owner: one.owner }, ACTOR, world.now());
      return;
    case 'merge':
      for (const { id } of await world.merging.merge(
        pick(ids, one.keep),
        [pick(ids, one.other)],
        ACTOR,
        world.now(),
      ))
        merges.push(id);
      return;
    case 'undo':
      if (merges.length > 0) await world.merging.undo(pick(merges, one.which), ACTOR, world.now());
      return;
    case 'split':
      await world.merging.split(pick(ids, one.which), pick(REPORTERS, one.who), ACTOR, world.now());
      return;
    case 'relate':
      await world.graph.relate([{ type: 'locatedAt', fromId: pick(ids, one.which), toId: site }], {
        actor: ACTOR,
        source: 'human',
        nowMs: world.now(),
      });
  }
}

function plain(state: CiState | null) {
  return (
    state && {
      ci: state.ci,
      parts: state.parts
        .filter(({ removedAtMs }) => removedAtMs === null)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      software: state.software.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    }
  );
}

test('[HI1] the past holds across merges, their undoing and splits (property)', async () => {
  const done = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
      const { world, cmdbStore, asOf } = await setUp();
      await world.report(agent('a'), { hardware: hardware({ serial: 'AAA1111' }), os: os('one') });
      await world.report(agent('b'), {
        hardware: hardware({ serial: 'BBB2222', uuid: '4c4c4544-0058-4b10-8032-b7c04f515a32' }),
        network: network('d0:94:66:01:02:03'),
      });
      const room = await world.cmdb.create({ class: 'Location', name: 'Room' }, ACTOR, world.now());
      const merges: string[] = [];
      const captured: {
        atMs: number;
        states: Map<string, ReturnType<typeof plain>>;
        edges: string[];
        listed: string[];
      }[] = [];
      for (const one of steps) {
        try {
          await take(world, one, room.id, merges);
          done.set(one.do, (done.get(one.do) ?? 0) + 1);
        } catch (error) {
          // What may not be done changes nothing, and that is to hold too.
          if (!(error instanceof AppError)) throw error;
        }
        const ids = (await cmdbStore.machines()).map(({ id }) => id);
        const states = new Map<string, ReturnType<typeof plain>>();
        for (const id of ids) states.set(id, plain(await stateNow(cmdbStore, id)));
        captured.push({
          atMs: world.now(),
          states,
          edges: ids.flatMap((id) => world.graph.from(id).map((edge) => edge.id)).toSorted(),
          listed: [...states]
            .flatMap(([id, state]) => (state?.ci.mergedInto === null ? [id] : []))
            .toSorted(),
        });
      }
      const machines = (await cmdbStore.machines()).map(({ id }) => id);
      for (const { atMs, states, edges, listed } of captured) {
        for (const id of machines)
          expect([toIso(atMs), plain(await asOf.state(id, atMs))]).toEqual([
            toIso(atMs),
            states.get(id) ?? null,
          ]);
        expect((await asOf.relations(machines, atMs)).map(({ id }) => id).toSorted()).toEqual(edges);
        const then = (await asOf.list(atMs)).map(({ id }) => id).filter((id) => machines.includes(id));
        expect(then.toSorted()).toEqual(listed);
      }
    }),
    { numRuns: 25, examples: [[EACH_KIND]] },
  );
  expect([...done.keys()].toSorted()).toEqual(['edit', 'merge', 'relate', 'report', 'split', 'undo']);
}, 120_000);

test('[HI3] a merge keeps one row of the past for each side and thing that it changes', async () => {
  const { world, store } = await setUp();
  const one = await world.report(agent('a'), { hardware: hardware({ serial: 'AAA1111' }) });
  const two = await world.report(agent('b'), {
    hardware: hardware({ serial: 'BBB2222', uuid: '4c4c4544-0058-4b10-8032-b7c04f515a32' }),
    software: software({ bash: '5' }),
  });
  const before = await store.lastSeq();
  await world.merging.merge(one.ciId, [two.ciId], ACTOR, world.now());
  // Each of the two: its values, and what went to the other side.
  expect((await store.lastSeq()) - before).toBe(4);
});
