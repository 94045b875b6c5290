import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import { openTestStore } from '../store/sql/testing.ts';
import { createSqlCmdbStore } from '../store/sql/cmdb.ts';
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
import type { Reporter } from './reports.ts';

const UUID2 = '4c4c4544-0058-4b10-8032-b7c04f515a32';

/** Everything that is held of these CIs but history, which only grows, and when evidence was confirmed. */
async function stateOf({ store, cmdb, graph }: World, ids: readonly string[]) {
  const of = async (id: string) => ({
    ci: await store.ci(id),
    parts: await store.parts(id, true),
    software: await store.installations(id),
    sections: await store.sections(id),
    keys: ((await store.keysOf([id])).get(id) ?? []).map(({ kind, value }) => `${kind} ${value}`).toSorted(),
    reporters: cmdb.identity.reportersOf(id).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    edges: [...graph.from(id), ...graph.to(id)]
      .map(({ type, fromId, toId, group, needed }) => `${type} ${fromId} ${toId} ${group} ${needed}`)
      .toSorted(),
  });
  return {
    cis: await Promise.all(ids.map(of)),
    pins: await store.pins(),
    open: await store.reviews({ state: 'open', limit: 9 }),
  };
}

async function twoMachines(world: World) {
  const one = await world.report(agent('a'), {
    hardware: hardware({ serial: 'AAA1111' }),
    os: os('one'),
    software: software({ bash: '5', openssl: '3' }),
  });
  const two = await world.report(agent('b'), {
    hardware: hardware({ serial: 'BBB2222', uuid: UUID2 }),
    network: network('d0:94:66:01:02:03'),
    software: software({ bash: '5', curl: '8' }),
  });
  const site = await world.cmdb.create({ class: 'Location', name: 'Room 4' }, ACTOR, world.now());
  await world.graph.relate([{ type: 'locatedAt', fromId: two.ciId, toId: site.id }], {
    actor: ACTOR,
    source: 'human',
    nowMs: world.now(),
  });
  return { one: one.ciId, two: two.ciId, site: site.id };
}

describe.each([
  ['in memory', async () => ({ store: undefined, close: async () => {} })],
  [
    'on SQL',
    async () => {
      const sql = await openTestStore();
      return { store: createSqlCmdbStore(sql), close: () => sql.close() };
    },
  ],
] as const)('a merge %s', (_where, open) => {
  test('[ID15] the other lives on in the one that stays: asset data, relations, reporters, newer sections, history', async () => {
    const { store, close } = await open();
    const world = await createWorld(store);
    const { one, two, site } = await twoMachines(world);
    await world.cmdb.edit(two, { assetNumber: 'A-7', owner: 'Bo', tags: ['till'] }, ACTOR, world.now());
    await world.merging.merge(one, [two], ACTOR, world.now());
    expect(await world.store.ci(one)).toMatchObject({ assetNumber: 'A-7', owner: 'Bo', tags: ['till'] });
    expect(await world.store.ci(two)).toMatchObject({ mergedInto: one, assetNumber: null });
    expect(world.graph.from(one, 'locatedAt')).toMatchObject([{ toId: site }]);
    expect((await world.store.installations(one)).map(({ name }) => name)).toEqual(['bash', 'curl']);
    expect((await world.store.parts(one)).map(({ class: is }) => is)).toContain('NetworkInterface');
    expect([world.cmdb.ciOfAgent('a'), world.cmdb.ciOfAgent('b')]).toEqual([one, one]);
    expect((await world.store.findCis({ limit: 9 })).items.map(({ id }) => id)).toEqual([one]);
    const history = await world.store.history({
      machineId: one,
      alsoOf: world.cmdb.identity.mergedIn(one),
      limit: 50,
    });
    expect(history.items.map(({ ciId, kind }) => `${ciId === one ? 'one' : 'two'} ${kind}`)).toContain(
      'two created',
    );
    await close();
  });

  test('[ID16] merge, then undo, is as before', async () => {
    const { store, close } = await open();
    const world = await createWorld(store);
    const { one, two } = await twoMachines(world);
    const before = await stateOf(world, [one, two]);
    const [merge] = await world.merging.merge(one, [two], ACTOR, world.now());
    await world.merging.undo(merge?.id ?? '', ACTOR, world.now());
    expect(await stateOf(world, [one, two])).toEqual(before);
    const kinds = (await world.history(two)).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['merged', 'split']));
    await close();
  });
});

const REPORTERS: readonly Reporter[] = [agent('a'), agent('b'), other('x'), other('y')];
const SNAPSHOTS: readonly Snapshot[] = [
  { hardware: hardware({ serial: 'AAA1111' }), os: os('one') },
  { hardware: hardware({ serial: 'BBB2222', uuid: UUID2 }), os: os('two', 'c'.repeat(31) + '3') },
  { software: software({ bash: '5', curl: '8' }) },
  { software: software({ bash: '6' }), network: network('d0:94:66:01:02:03', 'd0:94:66:01:02:04') },
  { hardware: hardware({ serial: null, uuid: null, model: 'OptiPlex 7000' }), network: network() },
];
const anyReport = fc.record({ reporter: fc.nat(3), snapshot: fc.nat(4) });

test('[ID16] merge ∘ split = identity on the whole state, whatever was reported and edited before (property)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyReport, { minLength: 1, maxLength: 8 }),
      fc.array(fc.record({ at: fc.nat(3), edit: fc.nat(4) }), { maxLength: 4 }),
      fc.boolean(),
      async (reports, edits, backwards) => {
        const world = await createWorld();
        const { one, two, site } = await twoMachines(world);
        for (const { reporter, snapshot } of reports)
          await world.report(REPORTERS[reporter] as Reporter, SNAPSHOTS[snapshot] as Snapshot);
        const ids = (await world.store.machines())
          .filter(({ mergedInto }) => mergedInto === null)
          .map(({ id }) => id);
        const changes = [
          { owner: 'Bo' },
          { lock: { model: 'Till' } },
          { tags: ['x'], site: 'Suzhou' },
          { set: { cost: 9 } },
          { name: 'Named' },
        ];
        for (const { at, edit } of edits)
          await world.cmdb.edit(ids[at % ids.length] as string, changes[edit] ?? {}, ACTOR, world.now());
        const [keep, gone] = backwards ? [two, one] : [one, two];
        const all = [...ids, site];
        const before = await stateOf(world, all);
        const [merge] = await world.merging.merge(keep, [gone], ACTOR, world.now());
        await world.merging.undo(merge?.id ?? '', ACTOR, world.now());
        expect(await stateOf(world, all)).toEqual(before);
      },
    ),
    { numRuns: 60 },
  );
});

test('[ID15] nothing is changed of what was merged: the error names the one that stays', async () => {
  const world = await createWorld();
  const { one, two, site } = await twoMachines(world);
  const [merge] = await world.merging.merge(one, [two], ACTOR, world.now());
  const refused = { code: 'transition-not-allowed', message: expect.stringContaining(one) as string };
  await expect(world.cmdb.edit(two, { owner: 'Bo' }, ACTOR, world.now())).rejects.toMatchObject(refused);
  const many = await world.cmdb.editMany(
    [{ ids: [two], editOf: () => ({ owner: 'Bo' }) }],
    ACTOR,
    world.now(),
  );
  expect(many.failed).toMatchObject([{ id: two, code: 'transition-not-allowed' }]);
  const by = { actor: ACTOR, source: 'human' as const, nowMs: world.now() };
  await expect(
    world.graph.relate([{ type: 'locatedAt', fromId: two, toId: site }], by),
  ).rejects.toMatchObject(refused);
  await expect(world.merging.merge(two, [one], ACTOR, world.now())).rejects.toMatchObject(refused);
  await expect(world.merging.split(two, agent('b'), ACTOR, world.now())).rejects.toMatchObject(refused);
  await world.merging.undo(merge?.id ?? '', ACTOR, world.now());
  expect(await world.cmdb.edit(two, { owner: 'Bo' }, ACTOR, world.now())).toMatchObject({ owner: 'Bo' });
});

test('[ID16] several merges are undone from the last to the first, and only so', async () => {
  const world = await createWorld();
  const { one, two } = await twoMachines(world);
  const third = await world.report(agent('c'), {
    hardware: hardware({ serial: 'CCC3333', uuid: UUID2.replace('0058', '0059') }),
  });
  const before = await stateOf(world, [one, two, third.ciId]);
  const [first, second] = await world.merging.merge(one, [two, third.ciId], ACTOR, world.now());
  await expect(world.merging.undo(first?.id ?? '', ACTOR, world.now())).rejects.toMatchObject({
    code: 'transition-not-allowed',
  });
  await world.merging.undo(second?.id ?? '', ACTOR, world.now());
  await world.merging.undo(first?.id ?? '', ACTOR, world.now());
  expect(await stateOf(world, [one, two, third.ciId])).toEqual(before);
});

test('[ID16] what people and reports changed since a merge is not lost by undoing it', async () => {
  const world = await createWorld();
  const { one, two } = await twoMachines(world);
  const [merge] = await world.merging.merge(one, [two], ACTOR, world.now());
  await world.cmdb.edit(one, { owner: 'Cy' }, ACTOR, world.now());
  await world.report(agent('b'), { software: software({ bash: '5', curl: '9' }) });
  await world.merging.undo(merge?.id ?? '', ACTOR, world.now());
  expect((await world.store.ci(one))?.owner).toBe('Cy');
  expect((await world.store.installations(two)).find(({ name }) => name === 'curl')?.version).toBe('9');
  expect((await world.store.installations(one)).map(({ name }) => name)).toEqual(['bash', 'openssl']);
});

test('[ID17] two machines that were one CI are split by who reports, stay apart for ever, and can be merged again', async () => {
  const world = await createWorld();
  const same = { serial: 'SAME-123', uuid: null };
  const first = await world.report(agent('a'), { hardware: hardware(same), os: os('one') });
  await world.report(agent('b'), { hardware: hardware(same), os: os('two') });
  const fresh = await world.merging.split(first.ciId, agent('b'), ACTOR, world.now());
  expect([world.cmdb.ciOfAgent('a'), world.cmdb.ciOfAgent('b')]).toEqual([first.ciId, fresh.id]);
  for (let i = 0; i < 2; i++) {
    const a = await world.report(agent('a'), { hardware: hardware(same), os: os('one') });
    const b = await world.report(agent('b'), { hardware: hardware(same), os: os('two') });
    expect([a.ciId, b.ciId]).toEqual([first.ciId, fresh.id]);
  }
  expect(await world.store.ci(first.ciId)).toMatchObject({ name: 'one', agentId: 'a' });
  expect(await world.store.ci(fresh.id)).toMatchObject({ name: 'two', agentId: 'b' });
  expect((await world.merging.preview(first.ciId, [fresh.id])).keptApart).toEqual([fresh.id]);
  await world.merging.merge(first.ciId, [fresh.id], ACTOR, world.now());
  expect(world.cmdb.ciOfAgent('b')).toBe(first.ciId);
});

describe('questions', () => {
  async function asked() {
    const world = await createWorld();
    const known = await world.report(agent('a'), { hardware: hardware(), os: os('db') });
    const doubtful = await world.report(agent('b'), {
      hardware: hardware({ uuid: UUID2 }),
      os: os('db'),
    });
    const [review] = await world.store.reviews({ state: 'open', limit: 9 });
    return { world, known: known.ciId, doubtful: doubtful.ciId, review: review?.id ?? '' };
  }

  test('[ID9] doubt merges nothing: the report has a CI of its own, a question and a finding', async () => {
    const { world, known, doubtful } = await asked();
    expect(doubtful).not.toBe(known);
    expect(await world.findings()).toEqual([{ kind: 'identity-review', ciId: doubtful, state: 'open' }]);
  });

  test('[ID18] answered with the CI it is: merged, and reports of this reporter are of it from then on', async () => {
    const { world, known, doubtful, review } = await asked();
    const decided = await world.care.decide(review, { same: known }, ACTOR, world.now());
    expect(decided).toMatchObject({ state: 'same', decidedCiId: known, decidedBy: ACTOR });
    expect((await world.store.ci(doubtful))?.mergedInto).toBe(known);
    const next = await world.report(agent('b'), { hardware: hardware({ uuid: UUID2 }), os: os('other') });
    expect(next.ciId).toBe(known);
    expect((await world.findings())[0]?.state).toBe('resolved');
  });

  test('[ID18] answered with a new one: both stay, whatever is reported later', async () => {
    const { world, known, doubtful, review } = await asked();
    await world.care.decide(review, { new: true }, ACTOR, world.now());
    const next = await world.report(agent('b'), { hardware: hardware(), os: os('db') });
    expect([next.ciId, next.decision.rule]).toEqual([doubtful, 'person']);
    expect(world.cmdb.identity.apartFrom(known)).toEqual(new Set([doubtful]));
    await expect(world.care.decide(review, { same: known }, ACTOR, world.now())).rejects.toMatchObject({
      code: 'transition-not-allowed',
    });
  });

  test('[ID18] undoing the merge of an answer opens the question again', async () => {
    const { world, known, review } = await asked();
    const { mergeId } = await world.care.decide(review, { same: known }, ACTOR, world.now());
    await world.merging.undo(mergeId ?? '', ACTOR, world.now());
    expect(await world.store.review(review)).toMatchObject({ state: 'open', mergeId: null });
    expect(await world.store.pins()).toEqual([]);
  });
});

test('[CI33] the order in which sources report does not change what is known in the end (property)', async () => {
  const said: readonly { by: Reporter; sections: Snapshot }[] = [
    { by: agent('a'), sections: { hardware: hardware({ model: 'A' }), os: os('pc', 'a'.repeat(31) + '1') } },
    { by: agent('a'), sections: { software: software({ bash: '5', openssl: '3' }) } },
    {
      by: other('x'),
      sections: { hardware: hardware({ model: 'B' }), network: network('d0:94:66:01:02:03') },
    },
    {
      by: other('x'),
      sections: { software: software({ Bash: '5' }), os: os('pc', 'a'.repeat(31) + '1', 'corp') },
    },
  ];
  const endOf = async (order: readonly number[]) => {
    const world = await createWorld();
    for (const index of order) {
      const { by, sections } = said[index] as (typeof said)[number];
      await world.report(by, sections);
    }
    const id = world.cmdb.ciOfAgent('a') ?? '';
    const ci = await world.store.ci(id);
    const heads = await world.store.sectionHeads(id);
    return {
      name: ci?.name,
      class: ci?.class,
      agentId: ci?.agentId,
      attributes: Object.fromEntries(
        Object.entries(ci?.attributes ?? {})
          .filter(([, { value }]) => value !== null)
          .map(
            ([name, held]) =>
              [
                name,
                [held.value, held.source, (held.others ?? []).map(({ source, value }) => [source, value])],
              ] as const,
          )
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ),
      parts: (await world.store.parts(id)).map(({ class: is, name }) => `${is} ${name}`),
      software: (await world.store.installations(id)).map(({ name, version }) => `${name} ${version}`),
      owners: (Object.keys(heads) as InventorySection[])
        .map((section) => `${section} ${heads[section]?.reporter}`)
        .toSorted(),
      kinds: (await world.history(id)).map(({ kind }) => kind),
    };
  };
  // What identifies comes first for each reporter: without it nobody could know that they mean the same machine.
  const firsts = [0, 2];
  const expected = await endOf([0, 2, 1, 3]);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(firsts, { minLength: 2 }),
      fc.shuffledSubarray([1, 3], { minLength: 2 }),
      fc.array(fc.nat(3), { maxLength: 5 }),
      async (first, rest, again) => {
        expect(await endOf([...first, ...rest, ...again])).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});

test('[CI34] what says nothing new is read no further: dates move, and nothing else is written or read', async () => {
  const world = await createWorld();
  const all = { hardware: hardware(), os: os('pc'), software: software({ bash: '5' }) };
  const { ciId } = await world.report(agent('a'), all);
  const refused = async () => {
    throw new Error('read');
  };
  const { parts, installations, sections, machine, apply } = world.store;
  Object.assign(world.store, {
    parts: refused,
    installations: refused,
    sections: refused,
    machine: refused,
    apply: refused,
  });
  for (let i = 0; i < 100; i++) expect((await world.report(agent('a'), all)).ciId).toBe(ciId);
  Object.assign(world.store, { parts, installations, sections, machine, apply });
  expect(await world.history(ciId)).toHaveLength(1);
  expect((await world.store.sectionHeads(ciId)).os?.confirmedAtMs).toBe(
    world.cmdb.identity.reporter('agent', 'a')?.lastAtMs,
  );
});
