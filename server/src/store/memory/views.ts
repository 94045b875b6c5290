/** The port of saved views in a plain map, for tests. */
import type { ViewRecord, ViewStore } from '../../views/store.ts';

export function createMemoryViewStore(): ViewStore {
  const views = new Map<string, ViewRecord>();
  return {
    viewsFor: async (owner) =>
      [...views.values()]
        .filter((view) => view.owner === owner || view.shared)
        .toSorted((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1)),
    view: async (id) => views.get(id) ?? null,
    putView: async (view) => void views.set(view.id, view),
    deleteView: async (id) => views.delete(id),
  };
}
