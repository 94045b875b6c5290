/** What any CMDB store must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeSet, CmdbStore, HistoryRow, Installation, Machine, Part } from '../../cmdb/store.ts';

export function cmdbStoreContract(
  name: string,
  open: () => Promise<{ store: CmdbStore; close(): Promise<void> }>,
): void {
  describe(`CMDB store: ${name}`, () => {
    let store: CmdbStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[CI1] what was applied is read back whole, and applying it again changes nothing', async () => {
      const set = changes(machine('ci_a', 'web-01'), {
        parts: [part('ci_a', 'ci_p1', 'eth0')],
        put: [installed('dpkg\0openssl\0amd64', 'openssl', '3.0.1')],
        history: [row('h1', 'ci_a', 10)],
      });
      await store.apply(set);
      await store.apply(set);
      expect(await store.machine('ci_a')).toEqual(set.machine);
      expect(await store.parts('ci_a')).toEqual(set.parts);
      expect(await store.installations('ci_a')).toEqual(set.installations.put);
      expect(await store.sections('ci_a')).toEqual(set.sections);
      expect((await store.history({ machineId: 'ci_a', limit: 10 })).items).toEqual(set.history);
      expect(await store.traces('ci_a', 10)).toEqual(set.traces);
    });

    test('[CI1] what is not there is null or empty', async () => {
      expect(await store.machine('ci_none')).toBeNull();
      expect(await store.parts('ci_none')).toEqual([]);
      expect(await store.sections('ci_none')).toEqual({});
      expect(await store.machinesByKeys([])).toEqual([]);
      expect(await store.findCis({ limit: 5 })).toEqual({ items: [], nextCursor: null });
    });

    test('[CI1] a list among more machines than one question can name is whole and in order', async () => {
      const all = Array.from({ length: 260 }, (_, i) => `ci_${String(i).padStart(4, '0')}`);
      for (const id of all) await store.apply(changes(machine(id, `m${id}`)));
      const ids = new Set(all.filter((_, i) => i % 10 !== 0));
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.findCis({ ids, limit: 100, ...(cursor ? { cursor } : {}) });
        found.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(found).toEqual([...ids]);
      expect(await store.countCis({ ids })).toBe(ids.size);
    });

    test('[CI1] people’s changes of many machines are applied together, and leave keys and parts alone', async () => {
      await store.apply(changes(machine('ci_a', 'a'), { parts: [part('ci_a', 'ci_p1', 'eth0')] }));
      await store.apply(changes(machine('ci_b', 'b')));
      const keys = await store.machinesByKeys([{ kind: 'hostname', value: 'a' }]);
      const edits = {
        cis: [machine('ci_a', 'a'), machine('ci_b', 'b')].map((ci) => ({ ...ci, site: 'Suzhou' })),
        keys: new Map(),
        relations: [],
        history: [row('h_ci_a', 'ci_a', 10), row('h_ci_b', 'ci_b', 10)],
      };
      await store.applyEdits(edits);
      await store.applyEdits(edits);
      expect([(await store.machine('ci_a'))?.site, (await store.machine('ci_b'))?.site]).toEqual([
        'Suzhou',
        'Suzhou',
      ]);
      expect((await store.history({ machineId: 'ci_b', limit: 9 })).items).toHaveLength(1);
      expect(await store.parts('ci_a')).toHaveLength(1);
      const after = await store.machinesByKeys([{ kind: 'hostname', value: 'a' }]);
      expect(after.map(({ id }) => id)).toEqual(keys.map(({ id }) => id));
    });

    test('[CI1] a removed part is listed only on request', async () => {
      await store.apply(
        changes(machine('ci_a', 'a'), { parts: [{ ...part('ci_a', 'ci_p1', 'sda'), removedAtMs: 5 }] }),
      );
      expect(await store.parts('ci_a')).toEqual([]);
      expect(await store.parts('ci_a', true)).toHaveLength(1);
    });

    test('[CI1] an update of a package keeps when it was first seen; a removal takes it away', async () => {
      const key = 'dpkg\0openssl\0amd64';
      await store.apply(changes(machine('ci_a', 'a'), { put: [installed(key, 'openssl', '1')] }));
      await store.apply(
        changes(machine('ci_a', 'a'), { put: [{ ...installed(key, 'openssl', '2'), firstSeenAtMs: 99 }] }),
      );
      expect(await store.installations('ci_a')).toMatchObject([{ version: '2', firstSeenAtMs: 1 }]);
      await store.apply(changes(machine('ci_b', 'b'), { put: [installed(key, 'openssl', '1')] }));
      await store.apply(changes(machine('ci_a', 'a'), { removed: [key] }));
      expect(await store.installations('ci_a')).toEqual([]);
      expect(await store.installations('ci_b')).toHaveLength(1);
    });

    test.each([
      ['by part of the name, whatever its case', { q: 'EB-0' }, ['web-01', 'web-02']],
      ['by part of a serial', { q: 'zz9' }, ['web-02']],
      ['by address', { q: '10.0.0.7' }, ['db']],
      ['by tag, whole words only', { tag: 'red' }, ['db']],
      ['by tag, letter by letter', { tag: 'r_d' }, []],
      ['by tag, in its own case', { tag: 'RED' }, []],
      ['by class', { class: 'Workstation' }, ['web-02']],
      ['by lifecycle', { lifecycle: 'retired' as const }, ['db']],
      ['by a set of ids', { ids: new Set(['ci_1']) }, ['web-01']],
      ['by an empty set of ids', { ids: new Set<string>() }, []],
      ['per cent and underscore are plain characters', { q: '%' }, []],
      ['by site', { site: 'Hangzhou' }, ['web-01']],
      ['by having no site', { site: '' }, ['db', 'web-02']],
      ['by owner', { owner: 'anna' }, ['web-02']],
      ['by a value that a person gave', { source: 'human' as const }, ['db']],
      ['by evidence that is too old', { staleSinceMs: 3 }, ['db', 'web-01', 'web-02']],
      ['by evidence that is not too old', { staleSinceMs: 2 }, []],
      ['by an installed package', { software: 'openssl' }, ['web-01']],
      ['by a package whose name only begins so', { software: 'open' }, []],
    ])('[CI2] machines are found %s', async (_how, query, names) => {
      await store.apply(
        changes(
          { ...machine('ci_1', 'web-01'), site: 'Hangzhou' },
          { put: [installed('dpkg\0openssl\0amd64', 'openssl', '3')] },
        ),
      );
      await store.apply(
        changes(
          { ...machine('ci_2', 'web-02'), class: 'Workstation', tags: ['redder'], owner: 'anna' },
          { keys: [{ kind: 'serial', value: 'AZZ9' }] },
        ),
      );
      await store.apply(
        changes(
          {
            ...machine('ci_3', 'db'),
            lifecycle: 'retired',
            tags: ['red'],
            attributes: { model: { ...MODEL, source: 'human', lockedBy: 'user:anna' } },
          },
          { keys: [{ kind: 'address', value: '10.0.0.7' }] },
        ),
      );
      const found = await store.findCis({ ...query, limit: 10 });
      expect(found.items.map((one) => one.name)).toEqual(names);
      expect(await store.countCis(query)).toBe(names.length);
    });

    test.each([
      ['all of the class', {}, ['eth0', 'eth1', 'eth9']],
      ['by part of the name', { q: 'TH1' }, ['eth1']],
      ['by a key', { q: 'aa:bb' }, ['eth9']],
      ['by the name of its machine', { q: 'db' }, ['eth9']],
      ['by site of its machine', { site: 'Hangzhou' }, ['eth0', 'eth1']],
      ['by evidence that is too old', { staleSinceMs: 3 }, ['eth0', 'eth1', 'eth9']],
      ['by evidence of another section', { staleSinceMs: 2 }, ['eth0', 'eth1', 'eth9']],
      ['by the source of a value', { source: 'agent' as const }, []],
    ])('[CI10] parts over all machines are found: %s', async (_how, query, names) => {
      const site = { site: 'Hangzhou' };
      await store.apply(
        changes(
          { ...machine('ci_1', 'web'), ...site },
          {
            parts: [
              part('ci_1', 'p1', 'eth0'),
              part('ci_1', 'p2', 'eth1'),
              { ...part('ci_1', 'p3', 'eth2'), removedAtMs: 9 },
              { ...part('ci_1', 'p4', '/'), class: 'FileSystem', section: 'storage' },
            ],
          },
        ),
      );
      await store.apply(
        changes(machine('ci_2', 'db'), { parts: [{ ...part('ci_2', 'p5', 'eth9'), keys: ['mac aa:bb'] }] }),
      );
      const wanted = { ...query, class: 'NetworkInterface' as const };
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<CmdbStore['findParts']>> = await store.findParts({
          ...wanted,
          limit: 2,
          ...(cursor ? { cursor } : {}),
        });
        seen.push(...page.items.map((one) => one.part.name));
        cursor = page.nextCursor;
      } while (cursor);
      expect(seen).toEqual(names);
      expect(await store.countCis(wanted)).toBe(names.length);
    });

    test('[CI10] classes are counted as the lists show them', async () => {
      await store.apply(
        changes(machine('ci_1', 'a'), {
          parts: [part('ci_1', 'p1', 'eth0'), { ...part('ci_1', 'p2', 'eth1'), removedAtMs: 9 }],
        }),
      );
      await store.apply(changes({ ...machine('ci_2', 'b'), mergedInto: 'ci_1' }));
      expect(await store.classCounts()).toEqual(
        new Map([
          ['NetworkInterface', 1],
          ['Server', 1],
        ]),
      );
    });

    test('[CI10] a part is read with its machine, by id, also when it is gone', async () => {
      const gone = { ...part('ci_1', 'p1', 'eth0'), removedAtMs: 9 };
      await store.apply(changes(machine('ci_1', 'a'), { parts: [gone] }));
      expect(await store.part('p1')).toEqual(gone);
      expect(await store.part('p2')).toBeNull();
    });

    test('[CI10] when each section was last confirmed', async () => {
      await store.apply(changes(machine('ci_1', 'a')));
      expect(await store.confirmations(['ci_1', 'ci_9'])).toEqual(new Map([['ci_1', { os: 2 }]]));
    });

    test('[CI2] a placeholder that turned out to be another machine is not listed', async () => {
      await store.apply(changes({ ...machine('ci_1', 'a'), mergedInto: 'ci_2' }));
      await store.apply(changes({ ...machine('ci_2', 'b'), placeholder: true }));
      await store.apply(changes({ ...machine('ci_3', 'c'), lifecycle: 'retired' }));
      expect((await store.findCis({ limit: 9 })).items.map(({ name }) => name)).toEqual(['b', 'c']);
    });

    test('[CI2] pages follow each other without gap or repeat, also with equal names', async () => {
      for (const id of ['ci_1', 'ci_2', 'ci_3', 'ci_4', 'ci_5'])
        await store.apply(changes(machine(id, id > 'ci_3' ? 'same' : 'alike')));
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<CmdbStore['findCis']>> = await store.findCis({
          limit: 2,
          ...(cursor ? { cursor } : {}),
        });
        seen.push(...page.items.map((one) => one.id));
        cursor = page.nextCursor;
      } while (cursor);
      expect(seen).toEqual(['ci_1', 'ci_2', 'ci_3', 'ci_4', 'ci_5']);
    });

    test('[CI3] machines are found by the keys they hold now, not by those they held', async () => {
      await store.apply(
        changes(machine('ci_1', 'a'), {
          keys: [
            { kind: 'serial', value: 'S1' },
            { kind: 'mac', value: 'aa' },
          ],
        }),
      );
      await store.apply(changes(machine('ci_1', 'a'), { keys: [{ kind: 'serial', value: 'S2' }] }));
      expect(
        await store.machinesByKeys([
          { kind: 'serial', value: 'S1' },
          { kind: 'mac', value: 'aa' },
        ]),
      ).toEqual([]);
      expect((await store.machinesByKeys([{ kind: 'serial', value: 'S2' }])).map(({ id }) => id)).toEqual([
        'ci_1',
      ]);
      expect(await store.machinesByKeys([{ kind: 'uuid', value: 'S2' }])).toEqual([]);
    });

    test('[CI4] history comes newest first, by range and in pages', async () => {
      await store.apply(
        changes(machine('ci_1', 'a'), {
          history: [
            row('h1', 'ci_1', 10),
            row('h2', 'ci_1', 20),
            row('h3', 'ci_1', 20),
            row('h4', 'ci_1', 30),
          ],
        }),
      );
      const first = await store.history({ machineId: 'ci_1', limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(['h4', 'h3']);
      const second = await store.history({ machineId: 'ci_1', limit: 2, cursor: first.nextCursor ?? '' });
      expect(second.items.map(({ id }) => id)).toEqual(['h2', 'h1']);
      expect(second.nextCursor).toBeNull();
      expect(
        (await store.history({ machineId: 'ci_1', fromMs: 20, toMs: 30, limit: 9 })).items.map(
          ({ id }) => id,
        ),
      ).toEqual(['h3', 'h2']);
    });

    test('[CI4] history of one CI leaves its parts out', async () => {
      await store.apply(
        changes(machine('ci_1', 'a'), {
          history: [row('h1', 'ci_1', 10), { ...row('h2', 'ci_1', 20), ciId: 'p1' }],
        }),
      );
      const ids = async (ciId: string) =>
        (await store.history({ machineId: 'ci_1', ciId, limit: 9 })).items.map(({ id }) => id);
      expect([await ids('ci_1'), await ids('p1')]).toEqual([['h1'], ['h2']]);
    });

    test('[CI4] a cursor of somebody else is refused as bad input', async () => {
      await expect(store.history({ machineId: 'ci_1', limit: 2, cursor: 'nonsense' })).rejects.toMatchObject({
        code: 'input-invalid',
      });
    });
  });
}

const MODEL = {
  value: 'R650',
  source: 'agent',
  observedAtMs: 1,
  section: 'hardware',
  lockedBy: null,
} as const;

function machine(id: string, name: string): Machine {
  return {
    id,
    name,
    class: 'Server',
    subclass: null,
    classLocked: false,
    nameLocked: false,
    lifecycle: 'in_use',
    criticality: 3,
    assetNumber: null,
    owner: null,
    supportGroup: null,
    serviceHours: null,
    site: null,
    tags: [],
    agentId: null,
    placeholder: false,
    mergedInto: null,
    createdAtMs: 1,
    attributes: { model: MODEL },
  };
}

function part(machineId: string, id: string, name: string): Part {
  return {
    id,
    machineId,
    name,
    class: 'NetworkInterface',
    section: 'network',
    keys: [`name ${name}`],
    attributes: {},
    absentReports: 0,
    createdAtMs: 1,
    removedAtMs: null,
  };
}

function installed(key: string, name: string, version: string): Installation {
  return {
    key,
    name,
    version,
    architecture: 'amd64',
    publisher: null,
    source: 'dpkg',
    installedAtMs: null,
    sizeBytes: 12,
    firstSeenAtMs: 1,
    absentReports: 0,
  };
}

function row(id: string, machineId: string, atMs: number): HistoryRow {
  return {
    id,
    atMs,
    ciId: machineId,
    machineId,
    ciName: 'a',
    ciClass: 'Server',
    kind: 'changed',
    attribute: 'ipAddresses',
    before: ['10.0.0.1'],
    after: null,
    source: 'agent',
    actor: 'agent:1',
  };
}

function changes(
  of: Machine,
  more: {
    parts?: Part[];
    put?: Installation[];
    removed?: string[];
    history?: HistoryRow[];
    keys?: ChangeSet['keys'];
  } = {},
): ChangeSet {
  return {
    machine: of,
    keys: more.keys ?? [],
    parts: more.parts ?? [],
    installations: { put: more.put ?? [], removed: more.removed ?? [] },
    sections: {
      os: {
        hash: 'x',
        complete: true,
        reportedAtMs: 1,
        confirmedAtMs: 2,
        source: 'agent',
        reporter: 'x',
        missing: false,
        leftOut: ['software.packages.installedAtMs'],
        data: { name: '办公室' },
      },
    },
    history: more.history ?? [],
    traces: [
      {
        id: `t_${of.id}`,
        atMs: 1,
        ciId: of.id,
        agentId: 'x',
        decision: 'created',
        rule: 'new',
        reason: 'first',
        keys: [],
        rejected: [],
      },
    ],
  };
}
