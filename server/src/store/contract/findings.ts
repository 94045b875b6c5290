/** What any store of findings must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FindingRecord, FindingStore } from '../../findings/store.ts';

export function findingStoreContract(
  name: string,
  open: () => Promise<{ store: FindingStore; close(): Promise<void> }>,
): void {
  describe(`finding store: ${name}`, () => {
    let store: FindingStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[FI1] the newest finding of a matter is found by kind and key', async () => {
      await store.put(finding('f1', 10, { state: 'resolved' }));
      await store.put(finding('f2', 20));
      await store.put(finding('f3', 30, { key: 'another' }));
      expect((await store.latest('ghost-device', 'ci_a'))?.id).toBe('f2');
      expect(await store.latest('software-denied', 'ci_a')).toBeNull();
      expect(await store.finding('f2')).toEqual(finding('f2', 20));
    });

    test('[FI7] rules are set as a whole, and null until then', async () => {
      expect(await store.rules()).toBeNull();
      const rule = {
        id: 'one',
        name: 'One',
        enabled: true,
        kinds: ['ghost-device' as const],
        changeKinds: [],
        classes: [],
        tags: [],
        criticality: null,
        urgency: 2,
      };
      await store.putRules([rule]);
      await store.putRules([{ ...rule, name: 'Two' }]);
      expect(await store.rules()).toEqual([{ ...rule, name: 'Two' }]);
    });

    test('[FI8] those that wait for a change are found by it', async () => {
      await store.put(finding('f1', 10, { changeId: 'chg_1' }));
      await store.put(finding('f2', 20));
      expect((await store.find({ changeId: 'chg_1', limit: 10 })).items.map(({ id }) => id)).toEqual(['f1']);
    });

    test('[FI2] lists are newest first, in pages without gap or repeat, filtered', async () => {
      for (const id of ['f1', 'f2', 'f3', 'f4', 'f5']) await store.put(finding(id, id === 'f5' ? 5 : 10));
      await store.put(finding('f6', 1, { kind: 'software-denied', ciId: 'ci_b' }));
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<FindingStore['find']>> = await store.find({
          kind: 'ghost-device',
          limit: 2,
          ...(cursor ? { cursor } : {}),
        });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor);
      expect(seen).toEqual(['f4', 'f3', 'f2', 'f1', 'f5']);
      expect((await store.find({ ciId: 'ci_b', limit: 9 })).items.map(({ id }) => id)).toEqual(['f6']);
      expect((await store.find({ ciId: 'ci_z', alsoOf: ['ci_b'], limit: 9 })).items).toHaveLength(1);
    });

    test('[FI3] open findings are counted by kind', async () => {
      await store.put(finding('f1', 1));
      await store.put(finding('f1', 1, { count: 2 }));
      await store.put(finding('f2', 1, { state: 'dismissed' }));
      expect(await store.openCounts()).toEqual(new Map([['ghost-device', 1]]));
      expect((await store.find({ state: 'dismissed', limit: 9 })).items.map(({ id }) => id)).toEqual(['f2']);
    });
  });
}

function finding(id: string, openedAtMs: number, change: Partial<FindingRecord> = {}): FindingRecord {
  return {
    id,
    kind: 'ghost-device',
    key: 'ci_a',
    ciId: 'ci_a',
    title: { en: 'A retired machine reports', zh: '已退役的设备仍在上报' },
    evidence: { lifecycle: 'retired' },
    state: 'open',
    count: 1,
    openedAtMs,
    lastAtMs: openedAtMs,
    decidedBy: null,
    decidedAtMs: null,
    note: null,
    changeId: null,
    incidentRef: null,
    ...change,
  };
}
