/** The port of the exchange with Prometheus in plain maps, for tests. */
import type {
  ForeignSeriesKey,
  ForeignSeriesRecord,
  MappingRecord,
  RemoteWriteStore,
  TargetRecord,
} from '../../remote-write/store.ts';

export function createMemoryRemoteWriteStore(): RemoteWriteStore {
  const mappings = new Map<string, MappingRecord>();
  const targets = new Map<string, TargetRecord>();
  const series = new Map<string, ForeignSeriesRecord>();
  return {
    mappings: async () => made(mappings),
    putMapping: async (mapping) => void mappings.set(mapping.id, mapping),
    deleteMapping: async (id) => mappings.delete(id),
    targets: async () => made(targets),
    putTarget: async (target) => void targets.set(target.id, target),
    deleteTarget: async (id) => targets.delete(id),
    foreignSeries: async () => [...series.values()],
    putForeignSeries: async (records) => {
      for (const record of records) series.set(keyOf(record), record);
    },
    deleteForeignSeries: async (keys) => {
      for (const key of keys) series.delete(keyOf(key));
    },
  };
}

function keyOf({ ciId, metric, instance }: ForeignSeriesKey): string {
  return `${ciId}\n${metric}\n${instance}`;
}

function made<T extends { id: string; createdAtMs: number }>(records: ReadonlyMap<string, T>): T[] {
  return [...records.values()].toSorted((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
}
