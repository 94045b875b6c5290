/** What any search store must do; run over the memory stores and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeSet, CmdbStore, Installation, Machine, Part } from '../../cmdb/store.ts';
import { type Incident, type IncidentStore, UNTOUCHED } from '../../incidents/store.ts';
import type { SearchStore } from '../../search/store.ts';

export interface SearchStores {
  readonly cmdb: CmdbStore;
  readonly incidents: IncidentStore;
  readonly search: SearchStore;
  close(): Promise<void>;
}

export function searchStoreContract(name: string, open: () => Promise<SearchStores>): void {
  describe(`search store: ${name}`, () => {
    let stores: SearchStores;
    beforeEach(async () => {
      stores = await open();
    });
    afterEach(() => stores.close());

    test.each([
      ['by part of the reference', ['c-0002'], ['INC-0002']],
      ['by the English title', ['disk'], ['INC-0003', 'INC-0001']],
      ['by the Chinese title', ['写满'], ['INC-0003', 'INC-0001']],
      ['by the CI', ['srv-erp'], ['INC-0002']],
      ['by several words', ['disk', '0001'], ['INC-0001']],
      ['with a quote, letter by letter', ['"c:\\'], ['INC-0002']],
      ['per cent is a plain character', ['%'], []],
    ])('[SE6] incidents are found %s', async (_how, words, refs) => {
      const disk = { en: 'Disk is full', zh: '磁盘已写满' };
      await stores.incidents.save(incident(1, disk, null), []);
      await stores.incidents.save(incident(2, { en: 'Name "C:\\"', zh: '名称' }, 'SRV-ERP01'), []);
      await stores.incidents.save(incident(3, disk, null), []);
      expect((await stores.search.incidents(words, 9)).map(({ ref }) => ref)).toEqual(refs);
    });

    test('[SE6] names of packages come once, with their machines counted once', async () => {
      await stores.cmdb.apply(change('ci_1', ['OpenSSL amd64', 'OpenSSL i386', 'vim amd64']));
      await stores.cmdb.apply(change('ci_2', ['OpenSSL amd64']));
      expect(await stores.search.softwareNames(['open', 'ssl'], 9)).toEqual(['OpenSSL']);
      expect(await stores.search.softwareNames(['o_en'], 9)).toEqual([]);
      expect(await stores.search.installationCounts(['OpenSSL', 'vim', 'none'])).toEqual(
        new Map([
          ['OpenSSL', 2],
          ['vim', 1],
        ]),
      );
      expect(await stores.search.installationCounts([])).toEqual(new Map());
    });

    test('[SE5] components come in pages, without those that are gone', async () => {
      await stores.cmdb.apply(change('ci_1', [], [part('p1'), part('p2'), part('p3', 9), part('p4')]));
      expect((await stores.search.components(null, 2)).map(({ id }) => id)).toEqual(['p1', 'p2']);
      expect((await stores.search.components('p2', 2)).map(({ id }) => id)).toEqual(['p4']);
    });
  });
}

function part(id: string, removedAtMs: number | null = null): Part {
  return {
    id,
    machineId: 'ci_1',
    name: id,
    class: 'Component',
    section: 'storage',
    keys: [],
    attributes: {},
    absentReports: 0,
    createdAtMs: 1,
    removedAtMs,
  };
}

function change(id: string, software: readonly string[], parts: readonly Part[] = []): ChangeSet {
  const machine: Machine = {
    id,
    name: id,
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
    attributes: {},
  };
  const put = software.map((text): Installation => {
    const [name = '', architecture = null] = text.split(' ');
    return {
      key: `dpkg\0${name}\0${architecture ?? ''}`,
      name,
      architecture,
      version: '1',
      publisher: null,
      source: 'dpkg',
      installedAtMs: null,
      sizeBytes: null,
      firstSeenAtMs: 1,
      absentReports: 0,
    };
  });
  return {
    machine,
    keys: [],
    parts,
    installations: { put, removed: [] },
    sections: {},
    history: [],
    traces: [],
  };
}

function incident(number: number, title: Incident['title'], ciName: string | null): Incident {
  return {
    ...UNTOUCHED,
    id: `inc_${number}`,
    ref: `INC-000${number}`,
    state: 'new',
    title,
    description: { en: '', zh: '' },
    impact: 2,
    urgency: 2,
    priority: 2,
    why: { en: 'why', zh: '原因' },
    source: 'monitor',
    ciId: null,
    ciName,
    ciClass: null,
    causeKey: null,
    assignee: null,
    holdReason: null,
    resolution: null,
    cause: null,
    action: null,
    needsCause: false,
    alerts: [],
    openedAtMs: number,
    breachedAtMs: null,
    acknowledgedAtMs: null,
    resolvedAtMs: null,
    restoredAtMs: null,
    closedAtMs: null,
    quietSinceMs: null,
    respondByMs: 0,
    restoreByMs: 0,
    version: 1,
  };
}
