/** What any store of the exchange with Prometheus must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  ForeignSeriesRecord,
  MappingRecord,
  RemoteWriteStore,
  TargetRecord,
} from '../../remote-write/store.ts';

export function remoteWriteStoreContract(
  name: string,
  open: () => Promise<{ store: RemoteWriteStore; close(): Promise<void> }>,
): void {
  describe(`store of the exchange with Prometheus: ${name}`, () => {
    let store: RemoteWriteStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[RW60] mappings are kept whole, replaced and deleted by id, the oldest first', async () => {
      await store.putMapping(mapping('b', 2));
      await store.putMapping(mapping('a', 2));
      await store.putMapping(mapping('c', 1));
      await store.putMapping({ ...mapping('b', 2), enabled: false, lines: [] });
      expect(await store.mappings()).toEqual([
        mapping('c', 1),
        mapping('a', 2),
        { ...mapping('b', 2), enabled: false, lines: [] },
      ]);
      expect([await store.deleteMapping('c'), await store.deleteMapping('c')]).toEqual([true, false]);
      expect((await store.mappings()).map(({ id }) => id)).toEqual(['a', 'b']);
    });

    test('[RW60] targets are kept whole, with their secrets, replaced and deleted by id', async () => {
      await store.putTarget(target('b', 2));
      await store.putTarget(target('a', 1));
      const changed: TargetRecord = { ...target('b', 2), auth: { kind: 'basic', user: 'u', password: 'p' } };
      await store.putTarget(changed);
      expect(await store.targets()).toEqual([target('a', 1), changed]);
      expect([await store.deleteTarget('a'), await store.deleteTarget('a')]).toEqual([true, false]);
      expect(await store.targets()).toEqual([changed]);
    });

    test('[RW60] a series is kept once for each CI, metric and instance', async () => {
      await store.putForeignSeries([series('ci_1', 'sda'), series('ci_1', 'sdb'), series('ci_2', 'sda')]);
      await store.putForeignSeries([{ ...series('ci_1', 'sdb'), agentReports: true }]);
      await store.putForeignSeries([]);
      const found = (await store.foreignSeries()).toSorted((a, b) =>
        a.ciId + a.instance < b.ciId + b.instance ? -1 : 1,
      );
      expect(found).toEqual([
        series('ci_1', 'sda'),
        { ...series('ci_1', 'sdb'), agentReports: true },
        series('ci_2', 'sda'),
      ]);
    });

    test('[RW60] series are deleted by CI, metric and instance, those that are not there too', async () => {
      await store.putForeignSeries([
        series('ci_1', 'sda'),
        series('ci_1', 'sdb'),
        series('ci_2', 'sda'),
        { ...series('ci_1', 'sdb'), metric: 'disk.written' },
      ]);
      await store.deleteForeignSeries([
        series('ci_1', 'sdb'),
        series('ci_2', 'sda'),
        series('ci_3', 'sda'),
        { ...series('ci_1', 'sda'), metric: 'disk.written' },
      ]);
      await store.deleteForeignSeries([]);
      const found = await store.foreignSeries();
      expect(found.map(({ ciId, metric, instance }) => `${ciId} ${metric} ${instance}`).toSorted()).toEqual([
        'ci_1 disk.read sda',
        'ci_1 disk.written sdb',
      ]);
    });
  });
}

function mapping(id: string, createdAtMs: number): MappingRecord {
  return {
    id,
    createdAtMs,
    name: `mapping ${id}`,
    enabled: true,
    machine: { label: 'host', by: ['serial', 'name'], stripPort: false },
    where: [{ label: 'job', is: 'one-of', values: ['a*', 'b'] }],
    lines: [
      { from: 'node_load1', to: 'load.1m', factor: 1, instanceLabel: null, where: [] },
      {
        from: 'x_kib',
        to: 'disk.read',
        factor: 1024,
        instanceLabel: 'dev',
        where: [{ label: 'dev', is: 'none-of', values: ['ram*'] }],
      },
    ],
  };
}

function target(id: string, createdAtMs: number): TargetRecord {
  return {
    id,
    createdAtMs,
    name: `target ${id}`,
    enabled: true,
    url: 'https://tsdb.example/api/v1/write',
    auth: { kind: 'bearer', token: 'geheim' },
    labels: [{ name: 'site', value: '北京' }],
    metrics: ['cpu.*'],
    classes: ['Server'],
  };
}

function series(ciId: string, instance: string): ForeignSeriesRecord {
  return {
    ciId,
    metric: 'disk.read',
    instance,
    mappingId: 'node-exporter',
    sender: 'token:prometheus',
    sinceMs: 1_790_000_000_000,
    seenMs: 1_790_000_000_500,
    agentReports: false,
  };
}
