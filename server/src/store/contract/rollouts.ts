/** What every store of rollouts does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MemberRecord, RolloutRecord, RolloutStore } from '../../rollouts/store.ts';
import { begun, BEGIN_MS, candidate } from '../../rollouts/testing.ts';

export function rolloutStoreContract(
  name: string,
  open: () => Promise<{ store: RolloutStore; close: () => Promise<void> }>,
): void {
  describe(`rollout store: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const made = (count = 3) => begun(Array.from({ length: count }, (_, i) => candidate(i)));

    test('[RO12] a rollout comes back as it was kept, with its agents in their turn, also after a change of some', async () => {
      const { store } = opened;
      expect(await store.latest()).toBeNull();
      expect(await store.rollout('rol_none')).toBeNull();
      const { record, members } = made(70);
      await store.add(record, members);
      expect(await store.rollout(record.id)).toEqual(record);
      expect(await store.latest()).toEqual(record);
      expect(await store.members(record.id)).toEqual(members);
      const changed = members
        .slice(10, 20)
        .map((member): MemberRecord => ({ ...member, state: 'done', sinceMs: BEGIN_MS + 5, tells: 2 }));
      const later: RolloutRecord = {
        ...record,
        state: 'paused',
        reason: {
          en: 'lunch',
          zh: '午休',
          step: { to: 'paused', by: 'user:anna', at: '2026-11-23T08:00:00.000Z', note: '' },
        },
        rings: record.rings.map((ring) => ({ ...ring, counts: { done: 10 }, startedAtMs: BEGIN_MS })),
      };
      await store.put(later, changed);
      expect(await store.rollout(record.id)).toEqual(later);
      expect(await store.members(record.id)).toEqual([
        ...members.slice(0, 10),
        ...changed,
        ...members.slice(20),
      ]);
      await store.put({ ...later, reason: null }, []);
      expect((await store.rollout(record.id))?.reason).toBeNull();
    });

    test('[RO13] rollouts are listed the latest first, page by page', async () => {
      const { store } = opened;
      const { record, members } = made();
      for (const number of [1, 2, 3])
        await store.add({ ...record, id: `rol_${number}`, createdAtMs: BEGIN_MS + number }, members);
      const first = await store.rollouts({ limit: 2, cursor: undefined });
      expect(first.items.map(({ id }) => id)).toEqual(['rol_3', 'rol_2']);
      const second = await store.rollouts({ limit: 2, cursor: first.nextCursor ?? '' });
      expect([second.items.map(({ id }) => id), second.nextCursor]).toEqual([['rol_1'], null]);
      expect((await store.latest())?.id).toBe('rol_3');
      expect(await store.members('rol_2')).toEqual(members);
    });

    test('[RO13] agents are listed with trouble first, then those under way, then by name; of a state or a ring alone', async () => {
      const { store } = opened;
      const { record, members } = made(6);
      const states = ['done', 'failed', 'waiting', 'trial', 'taken-back', 'skipped'] as const;
      const some = members
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((member, i): MemberRecord => ({ ...member, state: states[i] ?? 'done' }));
      await store.add(record, some);
      const listed: string[] = [];
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const page = await store.membersPage(record.id, {
          state: undefined,
          ring: undefined,
          limit: 2,
          cursor,
        });
        listed.push(...page.items.map(({ state }) => state));
        cursor = page.nextCursor;
      }
      expect(listed).toEqual(['failed', 'taken-back', 'trial', 'done', 'waiting', 'skipped']);
      const all = { limit: 9, cursor: undefined };
      const trial = await store.membersPage(record.id, { ...all, state: 'trial', ring: undefined });
      expect(trial.items).toEqual([some[3]]);
      const { items } = await store.membersPage(record.id, { ...all, state: undefined, ring: 'pilot' });
      expect(items.length).toBe(some.filter(({ ring }) => ring === 'pilot').length);
    });

    test('[RO10] a pin is kept once for each agent until it is taken away', async () => {
      const { store } = opened;
      const pin = { agentId: 'a', note: 'lab', pinnedBy: 'user:anna', pinnedAtMs: BEGIN_MS };
      await store.pin(pin);
      await store.pin({ ...pin, note: 'plant' });
      await store.pin({ ...pin, agentId: 'b' });
      expect((await store.pins()).toSorted((a, b) => (a.agentId < b.agentId ? -1 : 1))).toEqual([
        { ...pin, note: 'plant' },
        { ...pin, agentId: 'b' },
      ]);
      await store.unpin('a');
      await store.unpin('none');
      expect((await store.pins()).map(({ agentId }) => agentId)).toEqual(['b']);
    });
  });
}
