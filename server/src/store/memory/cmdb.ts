/** The CMDB port in plain maps, for tests. */
import { isMachineClass, isPartClass } from '@muster/shared/cmdb/classes.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import { createMemoryIdentity } from './identity.ts';
import type { SectionExchange, SectionHeads } from '../../cmdb/identity-record.ts';
import type {
  Attributes,
  Ci,
  CiFilter,
  CiPage,
  CmdbStore,
  HistoryRow,
  IdentityKey,
  Installation,
  Machine,
  Part,
  PartOfMachine,
  RelationEdge,
  SectionStates,
  Source,
  TraceRow,
} from '../../cmdb/store.ts';

export function createMemoryCmdbStore(): CmdbStore {
  const cis = new Map<string, Ci>();
  const relations = new Map<string, RelationEdge>();
  const parts = new Map<string, Part>();
  const keys = new Map<string, readonly IdentityKey[]>();
  const installations = new Map<string, Map<string, Installation>>();
  const sections = new Map<string, SectionStates>();
  const history = new Map<string, HistoryRow>();
  const traces = new Map<string, TraceRow>();

  const identity = createMemoryIdentity();

  const textOf = (machine: Ci): string[] => [
    machine.name,
    machine.assetNumber ?? '',
    ...(keys.get(machine.id) ?? []).map(({ value }) => value),
  ];
  const has = (texts: readonly string[], q: string | undefined): boolean =>
    !q || texts.some((text) => text.toLowerCase().includes(q.toLowerCase()));
  const holds = (attributes: Attributes, source: Source | undefined): boolean =>
    !source || Object.values(attributes).some((held) => held.source === source);
  const isStale = (
    machineId: string,
    section: InventorySection | null,
    sinceMs: number | undefined,
  ): boolean =>
    sinceMs === undefined ||
    !Object.entries(sections.get(machineId) ?? {}).some(
      ([name, state]) => (section === null || name === section) && state.confirmedAtMs >= sinceMs,
    );

  function fits(machine: Ci, filter: CiFilter): boolean {
    return (
      (!filter.lifecycle || machine.lifecycle === filter.lifecycle) &&
      (!filter.ids || filter.ids.has(machine.id)) &&
      (!filter.tag || machine.tags.includes(filter.tag)) &&
      (filter.site === undefined || (machine.site ?? '') === filter.site) &&
      (filter.owner === undefined || (machine.owner ?? '') === filter.owner) &&
      (filter.software === undefined ||
        [...(installations.get(machine.id)?.values() ?? [])].some(({ name }) => name === filter.software))
    );
  }

  const shown = (): Ci[] => [...cis.values()].filter((ci) => ci.mergedInto === null);

  const isOf = (ci: Ci, filter: CiFilter): boolean => {
    const classes = [ci.class as string, ci.subclass ?? ''];
    if (filter.class) return classes.includes(filter.class);
    return filter.classes ? classes.some((name) => filter.classes?.has(name)) : isMachineClass(ci.class);
  };

  const listed = (filter: CiFilter): Ci[] =>
    shown()
      .filter((ci) => isOf(ci, filter))
      .filter((machine) => fits(machine, filter) && has(textOf(machine), filter.q))
      .filter((machine) => holds(machine.attributes, filter.source))
      .filter((machine) => isStale(machine.id, null, filter.staleSinceMs))
      .toSorted((a, b) => compare([a.name, a.id], [b.name, b.id]));

  const listedParts = (filter: CiFilter): PartOfMachine[] =>
    [...parts.values()]
      .filter((part) => part.class === filter.class && part.removedAtMs === null)
      .map((part) => ({ part, machine: cis.get(part.machineId) as Machine }))
      .filter(({ machine }) => machine.mergedInto === null)
      .filter(
        ({ part, machine }) =>
          fits(machine, filter) && has([part.name, machine.name, ...part.keys], filter.q),
      )
      .filter(({ part }) => holds(part.attributes, filter.source))
      .filter(({ part }) => isStale(part.machineId, part.section, filter.staleSinceMs))
      .toSorted((a, b) => compare([a.part.name, a.part.id], [b.part.name, b.part.id]));

  function pageOf<T>(
    all: readonly T[],
    page: CiPage,
    key: (item: T) => { name: string; id: string },
  ): { items: T[]; nextCursor: string | null } {
    const after = page.cursor ? decodeCursor(page.cursor, 2) : null;
    const rest = all.filter((item) => !after || compare([key(item).name, key(item).id], after) > 0);
    const items = rest.slice(0, page.limit);
    const last = items.at(-1);
    return {
      items,
      nextCursor: rest.length > page.limit && last ? encodeCursor([key(last).name, key(last).id]) : null,
    };
  }

  const byKeys = (wanted: readonly IdentityKey[]): Ci[] =>
    [...cis.values()].filter((ci) =>
      (keys.get(ci.id) ?? []).some((key) =>
        wanted.some(({ kind, value }) => kind === key.kind && value === key.value),
      ),
    );

  function exchange({ aId, bId, sections: wanted, overtaken = [] }: SectionExchange, atMs: number): void {
    for (const section of overtaken) {
      for (const part of parts.values())
        if (part.machineId === bId && part.section === section && part.removedAtMs === null)
          parts.set(part.id, { ...part, removedAtMs: atMs });
      const { [section]: _gone, ...rest } = sections.get(bId) ?? {};
      sections.set(bId, rest);
      if (section === 'software') installations.delete(bId);
    }
    const isWanted = (section: InventorySection) => wanted.includes(section);
    for (const part of parts.values()) {
      if (!isWanted(part.section) || (part.machineId !== aId && part.machineId !== bId)) continue;
      parts.set(part.id, { ...part, machineId: part.machineId === aId ? bId : aId });
    }
    const split = (states: SectionStates, inside: boolean): SectionStates =>
      Object.fromEntries(
        Object.entries(states).filter(([section]) => isWanted(section as InventorySection) === inside),
      );
    const [a, b] = [sections.get(aId) ?? {}, sections.get(bId) ?? {}];
    sections.set(aId, { ...split(a, false), ...split(b, true) });
    sections.set(bId, { ...split(b, false), ...split(a, true) });
    if (!isWanted('software')) return;
    const [ofA, ofB] = [installations.get(aId) ?? new Map(), installations.get(bId) ?? new Map()];
    installations.set(aId, ofB);
    installations.set(bId, ofA);
  }

  return {
    ...identity,
    async sectionHeads(machineId) {
      const heads: SectionHeads = {};
      for (const [section, { data: _data, ...head }] of Object.entries(sections.get(machineId) ?? {}))
        heads[section as InventorySection] = head;
      return heads;
    },
    keysOf: async (ciIds) => new Map(ciIds.map((id) => [id, [...(keys.get(id) ?? [])]])),
    async confirmSections(machineId, confirmed, reporter) {
      const held = sections.get(machineId) ?? {};
      for (const section of confirmed) {
        const state = held[section];
        if (state) held[section] = { ...state, confirmedAtMs: reporter.lastAtMs };
      }
      identity.put({ reporters: [reporter] });
    },
    async apply(set) {
      const id = set.machine.id;
      cis.set(id, structuredClone(set.machine));
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
      const held = { ...sections.get(id), ...structuredClone(set.sections) };
      for (const [section, head] of Object.entries(set.heads ?? {}))
        held[section as InventorySection] = { data: null, ...held[section as InventorySection], ...head };
      sections.set(id, held);
      for (const row of set.history) if (!history.has(row.id)) history.set(row.id, row);
      for (const row of set.traces) if (!traces.has(row.id)) traces.set(row.id, row);
      identity.put(set.identity);
    },
    async applyEdits(edits) {
      for (const ci of edits.cis) cis.set(ci.id, structuredClone(ci));
      for (const one of edits.exchanges ?? []) exchange(one, edits.atMs ?? 0);
      for (const [id, all] of edits.keys) keys.set(id, all);
      for (const edge of edits.relations) relations.set(edge.id, edge);
      for (const row of edits.history) if (!history.has(row.id)) history.set(row.id, row);
      for (const row of edits.traces ?? []) if (!traces.has(row.id)) traces.set(row.id, row);
      identity.put(edits.identity);
    },
    ci: async (id) => cis.get(id) ?? null,
    cis: async (ids) => [...new Set(ids)].flatMap((id) => cis.get(id) ?? []),
    machine: async (id) => [...cis.values()].filter(isMachine).find((machine) => machine.id === id) ?? null,
    machines: async () => [...cis.values()].filter(isMachine),
    records: async (recordClass) => [...cis.values()].filter((ci) => ci.class === recordClass),
    findCis: async (query) => pageOf(listed(query), query, (ci) => ci),
    findParts: async (query) => pageOf(listedParts(query), query, ({ part }) => part),
    countCis: async (filter) =>
      isPartClass(filter.class) ? listedParts(filter).length : listed(filter).length,
    async classCounts() {
      const counts = new Map<string, number>();
      const present = [...parts.values()].filter(
        (part) => part.removedAtMs === null && cis.get(part.machineId)?.mergedInto === null,
      );
      const names = [
        ...shown().flatMap((ci) => [ci.class, ci.subclass]),
        ...present.map((part) => part.class),
      ];
      for (const name of names) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
      return counts;
    },
    part: async (id) => parts.get(id) ?? null,
    confirmations: async (machineIds) =>
      new Map(
        machineIds
          .filter((id) => sections.get(id) !== undefined && Object.keys(sections.get(id) ?? {}).length > 0)
          .map((id) => [
            id,
            Object.fromEntries(
              Object.entries(sections.get(id) ?? {}).map(([section, state]) => [
                section,
                state.confirmedAtMs,
              ]),
            ),
          ]),
      ),
    machinesByKeys: async (wanted) => byKeys(wanted).filter(isMachine),
    cisByKeys: async (wanted) => byKeys(wanted),
    relations: async () => [...relations.values()].filter((edge) => edge.endedAtMs === null),
    relationsOf: async (ciId) =>
      [...relations.values()]
        .filter((edge) => edge.fromId === ciId || edge.toId === ciId)
        .toSorted((a, b) => b.sinceMs - a.sinceMs || compare([b.id], [a.id])),
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
        .filter((row) => [query.machineId, ...(query.alsoOf ?? [])].includes(row.machineId))
        .filter((row) => query.ciId === undefined || row.ciId === query.ciId)
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

function isMachine(ci: Ci): ci is Machine {
  return isMachineClass(ci.class);
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [i, part] of a.entries()) {
    const other = b[i] as string;
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}
