import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RelationEdge } from '../cmdb/store.ts';
import { createCmdb } from '../cmdb/cmdb.ts';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createRelationGraph, EdgeIndex } from './graph.ts';
import type { IndependentClass } from '@muster/shared/cmdb/classes.ts';

async function setUp() {
  const store = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
  const graph = await createRelationGraph({ cmdb, store, newId });
  let at = 1_000;
  const by = (source: 'human' | 'agent' = 'human') => ({
    actor: source === 'human' ? 'user:anna' : 'system',
    source,
    nowMs: at++,
  });
  const ci = async (ciClass: IndependentClass, name: string) =>
    (await cmdb.create({ class: ciClass, name }, 'user:anna', at++)).id;
  const history = async (id: string) =>
    (await store.history({ machineId: id, ciId: id, limit: 50 })).items.map(({ kind, before, after }) => [
      kind,
      before,
      after,
    ]);
  return { store, cmdb, graph, by, ci, history };
}

test('[RE1] an edge stands in the history of both ends; the same again changes nothing', async () => {
  const { store, graph, by, ci, history } = await setUp();
  const [mail, srv] = [await ci('Service', 'mail'), await ci('Server', 'srv')];
  const [edge] = await graph.relate([{ type: 'dependsOn', fromId: mail, toId: srv }], by());
  expect(await graph.relate([{ type: 'dependsOn', fromId: mail, toId: srv }], by())).toEqual([]);
  await graph.end([edge?.id ?? ''], by());
  expect(await history(mail)).toEqual([
    ['relation-ended', 'srv', null],
    ['relation-added', null, 'srv'],
    ['created', null, 'mail'],
  ]);
  expect(await history(srv)).toHaveLength(3);
  // Either end may stand on the other: the row says which end it is.
  const attributeOf = async (id: string) =>
    (await store.history({ machineId: id, ciId: id, limit: 1 })).items[0]?.attribute;
  expect([await attributeOf(mail), await attributeOf(srv)]).toEqual([
    'relation:dependsOn',
    'relation:dependsOn:inverse',
  ]);
  expect([...graph.all()]).toEqual([]);
});

test('[RE2] where an end may have one only, the one before ends, within one call too', async () => {
  const { graph, by, ci, history } = await setUp();
  const [laptop, anna, bob] = [
    await ci('Workstation', 'nb'),
    await ci('Person', 'Anna'),
    await ci('Person', 'Bob'),
  ];
  await graph.relate([{ type: 'assignedTo', fromId: laptop, toId: anna }], by());
  await graph.relate([{ type: 'assignedTo', fromId: laptop, toId: bob }], by());
  expect(graph.from(laptop, 'assignedTo').map(({ toId }) => toId)).toEqual([bob]);
  expect((await history(laptop)).slice(0, 2)).toEqual(
    expect.arrayContaining([
      ['relation-ended', 'Anna', null],
      ['relation-added', null, 'Bob'],
    ]),
  );
  const other = await ci('Workstation', 'nb2');
  await graph.relate(
    [
      { type: 'assignedTo', fromId: other, toId: anna },
      { type: 'assignedTo', fromId: other, toId: bob },
      { type: 'assignedTo', fromId: other, toId: bob },
    ],
    by(),
  );
  expect(graph.from(other, 'assignedTo').map(({ toId }) => toId)).toEqual([bob]);
  const [host1, host2, vm] = [
    await ci('Server', 'h1'),
    await ci('Server', 'h2'),
    await ci('VirtualMachine', 'vm'),
  ];
  await graph.relate([{ type: 'hosts', fromId: host1, toId: vm }], by());
  await graph.relate([{ type: 'hosts', fromId: host2, toId: vm }], by());
  expect(graph.to(vm, 'hosts').map(({ fromId }) => fromId)).toEqual([host2]);
});

test('[RE3] ends that do not go together, unknown ones and the CI itself are refused, and nothing of the call stays', async () => {
  const { graph, by, ci } = await setUp();
  const [srv, anna] = [await ci('Server', 'srv'), await ci('Person', 'Anna')];
  const good = { type: 'assignedTo', fromId: srv, toId: anna } as const;
  for (const bad of [
    { type: 'hosts', fromId: srv, toId: anna },
    { type: 'dependsOn', fromId: srv, toId: srv },
    { type: 'dependsOn', fromId: srv, toId: 'ci_none' },
  ] as const)
    await expect(graph.relate([good, bad], by())).rejects.toThrow();
  expect([...graph.all()]).toEqual([]);
});

test('[RE4] nobody is found within himself: places and teams are trees; what depends may go round', async () => {
  const { graph, by, ci } = await setUp();
  const [site, house, room] = [
    await ci('Location', 'site'),
    await ci('Location', 'house'),
    await ci('Location', 'room'),
  ];
  await graph.relate(
    [
      { type: 'locatedAt', fromId: room, toId: house },
      { type: 'locatedAt', fromId: house, toId: site },
    ],
    by(),
  );
  await expect(graph.relate([{ type: 'locatedAt', fromId: site, toId: room }], by())).rejects.toThrow(
    'lies within',
  );
  const [a, b] = [await ci('Service', 'a'), await ci('Service', 'b')];
  await graph.relate(
    [
      { type: 'dependsOn', fromId: a, toId: b },
      { type: 'dependsOn', fromId: b, toId: a },
    ],
    by(),
  );
  expect(graph.from(b)).toHaveLength(1);
});

test('[RE5] how many of a group are needed changes without a line in history', async () => {
  const { graph, by, ci, history } = await setUp();
  const [web, srv] = [await ci('Service', 'web'), await ci('Server', 'srv')];
  const wish = { type: 'dependsOn', fromId: web, toId: srv, group: 'front' } as const;
  await graph.relate([{ ...wish, needed: 1 }], by());
  const before = await history(web);
  await graph.relate([{ ...wish, needed: 2 }], by());
  expect(graph.from(web).map(({ needed }) => needed)).toEqual([2]);
  expect(await history(web)).toEqual(before);
});

test('[RE6] what a store holds after any calls is what the index holds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.boolean()), { maxLength: 15 }),
      async (steps) => {
        const { store, cmdb, graph, by, ci } = await setUp();
        const places = [
          await ci('Location', 'a'),
          await ci('Location', 'b'),
          await ci('Location', 'c'),
          await ci('Location', 'd'),
        ];
        for (const [from, to, end] of steps) {
          const [fromId, toId] = [places[from] ?? '', places[to] ?? ''];
          const work = end
            ? graph.end(
                graph.from(fromId).map(({ id }) => id),
                by(),
              )
            : graph.relate([{ type: 'locatedAt', fromId, toId }], by());
          await work.catch(() => undefined);
        }
        const again = await createRelationGraph({ cmdb, store, newId });
        const ids = (edges: Iterable<RelationEdge>) => [...edges].map(({ id }) => id).toSorted();
        expect(ids(again.all())).toEqual(ids(graph.all()));
        for (const id of places) expect(graph.from(id).length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 40 },
  );
});

test('[RE6] the index gives what looking through all edges gives', () => {
  const edge = fc.record({
    id: fc.integer({ min: 0, max: 9 }),
    from: fc.nat(4),
    to: fc.nat(4),
    ended: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 40 }), (steps) => {
      const index = new EdgeIndex();
      const model = new Map<string, RelationEdge>();
      for (const { id, from, to, ended } of steps) {
        const held = model.get(`r${id}`);
        const made: RelationEdge = {
          id: `r${id}`,
          type: 'dependsOn',
          fromId: held?.fromId ?? `n${from}`,
          toId: held?.toId ?? `n${to}`,
          source: 'human',
          actor: '',
          sinceMs: 0,
          endedAtMs: ended ? 1 : null,
          group: null,
          needed: null,
        };
        index.put(made);
        if (ended) model.delete(made.id);
        else model.set(made.id, made);
      }
      for (let at = 0; at < 5; at++) {
        const ids = (edges: readonly RelationEdge[]) => edges.map(({ id }) => id).toSorted();
        expect(ids(index.from(`n${at}`))).toEqual(
          ids([...model.values()].filter(({ fromId }) => fromId === `n${at}`)),
        );
        expect(ids(index.to(`n${at}`))).toEqual(
          ids([...model.values()].filter(({ toId }) => toId === `n${at}`)),
        );
      }
    }),
  );
});
