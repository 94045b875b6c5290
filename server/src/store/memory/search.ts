/** The search port over the memory stores, for tests. */
import type { CmdbStore } from '../../cmdb/store.ts';
import type { IncidentStore } from '../../incidents/store.ts';
import type { SearchStore } from '../../search/store.ts';

const ALL = 10_000;

export function createMemorySearchStore(cmdb: CmdbStore, incidents: IncidentStore): SearchStore {
  const packages = async () => {
    const machines = await cmdb.machines();
    const each = await Promise.all(
      machines.map(async ({ id }) =>
        (await cmdb.installations(id)).map(({ name }) => ({ machineId: id, name })),
      ),
    );
    return each.flat();
  };
  return {
    async incidents(words, limit) {
      const { items } = await incidents.list({ limit: ALL });
      return items
        .filter(({ ref, title, ciName }) => {
          const texts = [ref, title.en, title.zh, ciName ?? ''].map((text) => text.toLowerCase());
          return words.every((word) => texts.some((text) => text.includes(word)));
        })
        .slice(0, limit);
    },
    async softwareNames(words, limit) {
      const names = new Set((await packages()).map(({ name }) => name));
      return [...names]
        .filter((name) => words.every((word) => name.toLowerCase().includes(word)))
        .slice(0, limit);
    },
    async installationCounts(names) {
      const machines = new Map<string, Set<string>>();
      for (const { machineId, name } of await packages())
        if (names.includes(name)) machines.set(name, (machines.get(name) ?? new Set()).add(machineId));
      return new Map([...machines].map(([name, ids]) => [name, ids.size]));
    },
    mergedNames: async () => (await cmdb.machines()).filter(({ mergedInto }) => mergedInto !== null),
    async components(after, limit) {
      const { items } = await cmdb.findParts({ class: 'Component', limit: ALL });
      return items
        .map(({ part }) => part)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .filter(({ id }) => after === null || id > after)
        .slice(0, limit);
    },
  };
}
