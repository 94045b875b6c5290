/** What was reported between a merge and its undoing: each side keeps what its own reporters told. */
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSqlCmdbStore } from '../store/sql/cmdb.ts';
import { openTestStore } from '../store/sql/testing.ts';
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
} from './identity-testing.ts';

const UUID = ['4c4c4544-0031-4210-8034-b7c04f4c5931', '4c4c4544-0032-4210-8034-b7c04f4c5932'] as const;
const SNAPSHOTS = {
  a: {
    hardware: hardware({ serial: 'AAA1111', uuid: UUID[0] }),
    os: os('one'),
    software: software({ bash: '5' }),
  },
  b: {
    hardware: hardware({ serial: 'BBB2222', uuid: UUID[1] }),
    os: os('two'),
    software: software({ curl: '8' }),
  },
} as const satisfies Record<string, Snapshot>;

/** What is known of a machine, without when it was said. */
async function knownOf({ store }: World, id: string) {
  const ci = await store.ci(id);
  return {
    name: ci?.name,
    agentId: ci?.agentId,
    serial: ci?.attributes['serial']?.value,
    hostname: ci?.attributes['hostname']?.value,
    software: (await store.installations(id)).map(({ name, version }) => `${name} ${version}`),
    serialKeys: ((await store.keysOf([id])).get(id) ?? [])
      .filter(({ kind }) => kind === 'serial')
      .map(({ value }) => value),
    parts: (await store.parts(id)).map(({ class: is, name }) => `${is} ${name}`).toSorted(),
  };
}

const STORES = [
  ['in memory', async () => ({ store: undefined, close: async () => {} })],
  [
    'on SQL',
    async () => {
      const sql = await openTestStore();
      return { store: createSqlCmdbStore(sql), close: () => sql.close() };
    },
  ],
] as const;

describe.each(STORES)('undone after further reports, %s', (_where, open) => {
  test.each([
    ['only the one that stays', ['a']],
    ['only the other', ['b']],
    ['first one, then the other', ['a', 'b']],
    ['first the other, then the one', ['b', 'a']],
  ] as const)('[ID16] %s reported in between: neither has what the other told', async (_what, between) => {
    const { store, close } = await open();
    const world = await createWorld(store);
    const one = (await world.report(agent('a'), SNAPSHOTS.a)).ciId;
    const two = (await world.report(agent('b'), SNAPSHOTS.b)).ciId;
    const [merge] = await world.merging.merge(one, [two], ACTOR, world.now());
    for (const who of between)
      expect((await world.report(agent(who), { ...SNAPSHOTS[who], network: network() })).ciId).toBe(one);
    await world.merging.undo(merge?.id ?? '', ACTOR, world.now());
    const [ofOne, ofTwo] = [await knownOf(world, one), await knownOf(world, two)];
    expect([ofOne.serial, ofOne.serialKeys, ofOne.agentId]).toEqual(['AAA1111', ['AAA1111'], 'a']);
    expect([ofTwo.serial, ofTwo.serialKeys, ofTwo.agentId]).toEqual(['BBB2222', ['BBB2222'], 'b']);
    for (const who of ['a', 'b'] as const) await world.report(agent(who), SNAPSHOTS[who]);
    expect(await knownOf(world, one)).toMatchObject({ name: 'one', software: ['bash 5'] });
    expect(await knownOf(world, two)).toMatchObject({ name: 'two', software: ['curl 8'] });
    await close();
  });
});

test('[ID16] whatever is reported between a merge and its undoing, the next report of each makes both whole (property)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'b', 'x'), { maxLength: 6 }),
      fc.boolean(),
      async (between, backwards) => {
        const told = async (world: World) => {
          const one = (await world.report(agent('a'), SNAPSHOTS.a)).ciId;
          const two = (await world.report(agent('b'), SNAPSHOTS.b)).ciId;
          await world.report(other('x'), SNAPSHOTS.b);
          return { one, two };
        };
        const plain = await createWorld();
        const expected = await told(plain);
        const world = await createWorld();
        const { one, two } = await told(world);
        const [keep, gone] = backwards ? [two, one] : [one, two];
        const [merge] = await world.merging.merge(keep, [gone], ACTOR, world.now());
        for (const who of between) {
          if (who === 'x') await world.report(other('x'), { ...SNAPSHOTS.b, os: os('two', null, 'corp') });
          else await world.report(agent(who), SNAPSHOTS[who]);
        }
        await world.merging.undo(merge?.id ?? '', ACTOR, world.now());
        await told(world);
        expect([await knownOf(world, one), await knownOf(world, two)]).toEqual([
          await knownOf(plain, expected.one),
          await knownOf(plain, expected.two),
        ]);
      },
    ),
    { numRuns: 30 },
  );
});

test.each(STORES)(
  '[ID17] split, then merged again, is the whole machine, %s (property)',
  async (where, open) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'x', 'y'), { maxLength: 4 }),
        fc.constantFrom('x', 'a'),
        async (reports, parted) => {
          const { store, close } = await open();
          const world = await createWorld(store);
          const of = {
            a: { by: agent('a'), sections: SNAPSHOTS.a },
            x: { by: other('x'), sections: { ...SNAPSHOTS.a, network: network('d0:94:66:01:02:03') } },
            y: { by: other('y'), sections: { os: os('one', null, 'corp'), hardware: SNAPSHOTS.a.hardware } },
          };
          const one = (await world.report(of.a.by, of.a.sections)).ciId;
          for (const who of ['x', ...reports] as const) await world.report(of[who].by, of[who].sections);
          const before = await knownOf(world, one);
          const fresh = await world.merging.split(one, of[parted].by, ACTOR, world.now());
          await world.merging.merge(one, [fresh.id], ACTOR, world.now());
          const after = await knownOf(world, one);
          expect({ ...after, agentId: null }).toEqual({ ...before, agentId: null });
          expect(world.cmdb.identity.survivorOf(fresh.id)).toBe(one);
          expect((await world.report(of[parted].by, of[parted].sections)).ciId).toBe(one);
          expect(await knownOf(world, one)).toEqual(before);
          await close();
        },
      ),
      { numRuns: where === 'in memory' ? 30 : 4 },
    );
  },
);

test('[ID1] a crash between the stand-in and its machine leaves no stand-in behind: the report comes again', async () => {
  const world = await createWorld();
  const known = await world.report(other('x'), SNAPSHOTS.a);
  const standIn = await world.cmdb.placeholder(
    { agentId: 'a', hostname: 'one', scope: { class: null, site: null, tags: [] } },
    world.now(),
  );
  const { apply } = world.store;
  let stored = 0;
  world.store.apply = async (set) => {
    if (++stored === 2) throw new Error('killed');
    await apply(set);
  };
  await expect(world.report(agent('a'), SNAPSHOTS.a)).rejects.toThrow('killed');
  world.store.apply = apply;
  const again = await createWorld(world.store);
  expect((await again.report(agent('a'), SNAPSHOTS.a)).ciId).toBe(known.ciId);
  expect((await again.store.ci(standIn))?.mergedInto).toBe(known.ciId);
  expect((await again.store.findCis({ limit: 9 })).items.map(({ id }) => id)).toEqual([known.ciId]);
});
