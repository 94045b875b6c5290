/** The port of the rollouts in memory, for tests. */
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import {
  type MemberRecord,
  memberRank,
  type PinRecord,
  type RolloutRecord,
  type RolloutStore,
} from '../../rollouts/store.ts';

export function createMemoryRolloutStore(): RolloutStore {
  const rollouts = new Map<string, RolloutRecord>();
  const members = new Map<string, Map<string, MemberRecord>>();
  const pins = new Map<string, PinRecord>();
  const put = (rollout: RolloutRecord, changed: readonly MemberRecord[]) => {
    rollouts.set(rollout.id, rollout);
    const own = members.get(rollout.id) ?? new Map<string, MemberRecord>();
    for (const member of changed) own.set(member.agentId, member);
    members.set(rollout.id, own);
  };
  const newest = () =>
    [...rollouts.values()].toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
  const keyOf = ({ state, name, agentId }: MemberRecord) => [String(memberRank(state)), name, agentId];

  return {
    add: async (rollout, all) => put(rollout, all),
    put: async (rollout, changed) => put(rollout, changed),
    latest: async () => newest()[0] ?? null,
    rollout: async (id) => rollouts.get(id) ?? null,
    rollouts: async ({ limit, cursor }) => {
      const all = newest();
      const [, lastId] = cursor === undefined ? [] : decodeCursor(cursor, 2);
      const start = all.findIndex(({ id }) => id === lastId) + 1;
      const items = all.slice(start, start + limit);
      const last = items.at(-1);
      const hasMore = start + limit < all.length && last !== undefined;
      return { items, nextCursor: hasMore ? encodeCursor([String(last.createdAtMs), last.id]) : null };
    },
    members: async (id) => [...(members.get(id)?.values() ?? [])].toSorted((a, b) => a.turn - b.turn),
    membersPage: async (id, { state, ring, limit, cursor }) => {
      const after = cursor === undefined ? [] : decodeCursor(cursor, 3);
      const all = [...(members.get(id)?.values() ?? [])]
        .filter((member) => state === undefined || member.state === state)
        .filter((member) => ring === undefined || member.ring === ring)
        .toSorted((a, b) => compare(keyOf(a), keyOf(b)))
        .filter((member) => after.length === 0 || compare(keyOf(member), after) > 0);
      const items = all.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: all.length > limit && last ? encodeCursor(keyOf(last)) : null };
    },
    pins: async () => [...pins.values()],
    pin: async (pin) => void pins.set(pin.agentId, pin),
    unpin: async (agentId) => void pins.delete(agentId),
  };
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [i, part] of a.entries()) {
    const other = b[i] ?? '';
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}
