/** What any store of change records must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { POLICY_DEFAULT } from '../../changes/judge.ts';
import type { ChangeRecord, ChangeStore } from '../../changes/store.ts';

export function changeStoreContract(
  name: string,
  open: () => Promise<{ store: ChangeStore; close(): Promise<void> }>,
): void {
  describe(`change store: ${name}`, () => {
    let store: ChangeStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[CH4] a change is put whole; its number rises', async () => {
      expect(await store.highestNumber()).toBe(0);
      await store.put(change(9, 10));
      await store.put(change(10, 5));
      await store.put(change(9, 10, { state: 'approved' }));
      expect(await store.change('chg_9')).toEqual(change(9, 10, { state: 'approved' }));
      expect(await store.highestNumber()).toBe(10);
      expect(await store.change('chg_11')).toBeNull();
    });

    test('[CH5] lists have the latest window first, in pages, by state and CI', async () => {
      for (const number of [1, 2, 3]) await store.put(change(number, 10 * number));
      await store.put(change(4, 5, { state: 'approved', ciIds: ['ci_b', 'ci_c'] }));
      const first = await store.find({ limit: 2 });
      const second = await store.find({ limit: 2, cursor: first.nextCursor ?? '' });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([
        'chg_3',
        'chg_2',
        'chg_1',
        'chg_4',
      ]);
      expect(second.nextCursor).toBeNull();
      expect((await store.find({ limit: 9, ciId: 'ci_c' })).items.map(({ id }) => id)).toEqual(['chg_4']);
      const ofMerged = await store.find({ limit: 9, ciId: 'ci_z', alsoOf: ['ci_y', 'ci_b'] });
      expect(ofMerged.items.map(({ id }) => id)).toEqual(['chg_4']);
      expect((await store.find({ limit: 9, state: 'requested' })).items).toHaveLength(3);
    });

    test('[CH2] in force are approved and closed ones whose window holds the moment', async () => {
      await store.put(change(1, 10, { state: 'approved' }));
      await store.put(change(2, 10, { state: 'closed' }));
      await store.put(change(3, 10));
      await store.put(change(4, 21, { state: 'approved' }));
      const at = async (atMs: number) => (await store.inForce(atMs)).map(({ id }) => id).toSorted();
      expect(await at(9)).toEqual([]);
      expect(await at(10)).toEqual(['chg_1', 'chg_2']);
      expect(await at(20)).toEqual([]);
    });

    test('[CH6] the policy is kept as it was set', async () => {
      expect(await store.policy()).toBeNull();
      await store.putPolicy({ watched: {}, allowed: [] });
      await store.putPolicy(POLICY_DEFAULT);
      expect(await store.policy()).toEqual(POLICY_DEFAULT);
    });
  });
}

function change(number: number, startsAtMs: number, more: Partial<ChangeRecord> = {}): ChangeRecord {
  return {
    id: `chg_${number}`,
    ref: `CHG-${String(number).padStart(4, '0')}`,
    title: 'New memory',
    description: '',
    state: 'requested',
    kinds: ['hardware-added'],
    ciIds: ['ci_a'],
    tags: [],
    startsAtMs,
    endsAtMs: startsAtMs + 10,
    requestedBy: 'user:anna',
    requestedAtMs: 1,
    decidedBy: null,
    decidedAtMs: null,
    note: null,
    ...more,
  };
}
