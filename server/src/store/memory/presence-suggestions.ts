/** Suggestions about presence in memory. */
import type { SuggestionRecord, SuggestionStore } from '../../presence-hours/store.ts';

export function createMemorySuggestionStore(): SuggestionStore {
  const held = new Map<string, SuggestionRecord>();
  return {
    all: async () =>
      [...held.values()].sort((a, b) => b.proposedAtMs - a.proposedAtMs || (a.id < b.id ? 1 : -1)),
    put: async (record) => {
      held.set(record.id, record);
    },
    drop: async (ids) => {
      for (const id of ids) held.delete(id);
    },
  };
}
