/** The port of the change records in plain maps, for tests. */
import type { ChangePolicy } from '@muster/shared/api/changes.ts';
import type { ChangeRecord, ChangeStore } from '../../changes/store.ts';
import { decodeCursor, encodeCursor } from '../../cursor.ts';

export function createMemoryChangeStore(): ChangeStore {
  const changes = new Map<string, ChangeRecord>();
  let policy: ChangePolicy | null = null;
  return {
    put: async (change) => void changes.set(change.id, change),
    change: async (id) => changes.get(id) ?? null,
    find: async ({ state, ciId, alsoOf = [], limit, cursor }) => {
      const after = cursor ? decodeCursor(cursor, 2) : null;
      const rest = [...changes.values()]
        .toSorted((a, b) => b.startsAtMs - a.startsAtMs || (a.id < b.id ? 1 : -1))
        .filter(
          (change) =>
            (!state || change.state === state) &&
            (!ciId || [ciId, ...alsoOf].some((id) => change.ciIds.includes(id))),
        )
        .filter(
          ({ startsAtMs, id }) =>
            !after ||
            startsAtMs < Number(after[0]) ||
            (startsAtMs === Number(after[0]) && id < (after[1] as string)),
        );
      const items = rest.slice(0, limit);
      const last = items.at(-1);
      return {
        items,
        nextCursor: rest.length > limit && last ? encodeCursor([String(last.startsAtMs), last.id]) : null,
      };
    },
    inForce: async (atMs) =>
      [...changes.values()].filter(
        ({ state, startsAtMs, endsAtMs }) =>
          (state === 'approved' || state === 'closed') && startsAtMs <= atMs && atMs < endsAtMs,
      ),
    highestNumber: async () =>
      Math.max(0, ...[...changes.values()].map(({ ref }) => Number(ref.replace(/\D/g, '')))),
    policy: async () => policy,
    putPolicy: async (next) => {
      policy = next;
    },
  };
}
