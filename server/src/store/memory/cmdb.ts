/** The CMDB port in plain maps, for tests. */
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import type {
  CmdbStore,
  HistoryRow,
  IdentityKey,
  Installation,
  Machine,
  Part,
  SectionStates,
  TraceRow,
} from '../../cmdb/store.ts';

export function createMemoryCmdbStore(): CmdbStore {
  const machines = new Map<string, Machine>();
  const parts = new Map<string, Part>();
  const keys = new Map<string, readonly IdentityKey[]>();
  const installations = new Map<string, Map<string, Installation>>();
  const sections = new Map<string, SectionStates>();
  const history = new Map<string, HistoryRow>();
  const traces = new Map<string, TraceRow>();

  const matches = (machine: Machine, q: string): boolean =>
    [machine.name, machine.assetNumber ?? '', ...(keys.get(machine.id) ?? []).map(({ value }) => value)].some(
      (text) => text.toLowerCase().includes(q),
    );

  return {
    async apply(set) {
      const id = set.machine.id;
      machines.set(id, structuredClone(set.machine));
      keys.set(id, set.keys);
      for (const part of set.parts) parts.set(part.id, structuredClone(part));
      const installed = installations.get(id) ?? new Map<string, Installation>();
      for (const item of set.installations.put)
        installed.set(item.key, {
          ...item,
          firstSeenAtMs: installed.get(item.key)?.firstSeenAtMs ?? item.firstSeenAtMs,
        });
      for (const key of set.installations.removed) installed.delete(key);
      installations.set(id, installed);
      sections.set(id, { ...sections.get(id), ...structuredClone(set.sections) });
      for (const row of set.history) if (!history.has(row.id)) history.set(row.id, row);
      for (const row of set.traces) if (!traces.has(row.id)) traces.set(row.id, row);
    },
    machine: async (id) => machines.get(id) ?? null,
    machines: async () => [...machines.values()],
    async findMachines(query) {
      const after = query.cursor ? decodeCursor(query.cursor, 2) : null;
      const q = query.q?.toLowerCase();
      const found = [...machines.values()]
        .filter((machine) => !(machine.placeholder && machine.lifecycle === 'retired'))
        .filter((machine) => !query.class || machine.class === query.class)
        .filter((machine) => !query.lifecycle || machine.lifecycle === query.lifecycle)
        .filter((machine) => !query.ids || query.ids.has(machine.id))
        .filter((machine) => !query.tag || machine.tags.includes(query.tag))
        .filter((machine) => !q || matches(machine, q))
        .filter((machine) => !after || compare([machine.name, machine.id], after) > 0)
        .toSorted((a, b) => compare([a.name, a.id], [b.name, b.id]));
      const items = found.slice(0, query.limit);
      const last = items.at(-1);
      return {
        items,
        nextCursor: found.length > query.limit && last ? encodeCursor([last.name, last.id]) : null,
      };
    },
    machinesByKeys: async (wanted) =>
      [...machines.values()].filter((machine) =>
        (keys.get(machine.id) ?? []).some((key) =>
          wanted.some(({ kind, value }) => kind === key.kind && value === key.value),
        ),
      ),
    parts: async (machineId, withRemoved = false) =>
      [...parts.values()]
        .filter((part) => part.machineId === machineId && (withRemoved || part.removedAtMs === null))
        .toSorted((a, b) => compare([a.class, a.name, a.id], [b.class, b.name, b.id])),
    installations: async (machineId) =>
      [...(installations.get(machineId)?.values() ?? [])].toSorted((a, b) =>
        compare([a.name, a.key], [b.name, b.key]),
      ),
    sections: async (machineId) => sections.get(machineId) ?? {},
    async history(query) {
      const after = query.cursor ? decodeCursor(query.cursor, 2) : null;
      const order = (row: HistoryRow): [number, string] => [row.atMs, row.id];
      const rows = [...history.values()]
        .filter((row) => row.machineId === query.machineId)
        .filter((row) => query.fromMs === undefined || row.atMs >= query.fromMs)
        .filter((row) => query.toMs === undefined || row.atMs < query.toMs)
        .toSorted((a, b) => b.atMs - a.atMs || compare([b.id], [a.id]))
        .filter(
          (row) =>
            !after ||
            row.atMs < Number(after[0]) ||
            (row.atMs === Number(after[0]) && row.id < (after[1] as string)),
        );
      const items = rows.slice(0, query.limit);
      const last = items.at(-1);
      return {
        items,
        nextCursor: rows.length > query.limit && last ? encodeCursor(order(last).map(String)) : null,
      };
    },
    traces: async (machineId, limit) =>
      [...traces.values()]
        .filter((row) => row.ciId === machineId)
        .toSorted((a, b) => b.atMs - a.atMs || compare([b.id], [a.id]))
        .slice(0, limit),
  };
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [i, part] of a.entries()) {
    const other = b[i] as string;
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}
