/** What every store of the asset side does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AssetStore, AssignmentRecord, StocktakeRecord } from '../../assets/store.ts';

const OUT: AssignmentRecord = {
  id: 'asg_1',
  ciId: 'ci_a',
  kind: 'out',
  personId: 'ci_p',
  personName: 'Liu Fang',
  atMs: 1_000,
  due: '2026-03-01',
  condition: 'good',
  note: '',
  actor: 'user:anna',
  lifecycle: 'in_use',
  endedAtMs: null,
};
const COUNT: StocktakeRecord = {
  id: 'stk_1',
  name: 'Spring',
  site: 'Hangzhou',
  locationId: null,
  class: null,
  startedAtMs: 1,
  startedBy: 'user:anna',
  endedAtMs: null,
  result: null,
};

export function assetStoreContract(
  name: string,
  open: () => Promise<{ store: AssetStore; close: () => Promise<void> }>,
): void {
  describe(name, () => {
    let store: AssetStore;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    test('[AS4] the settings of a class come back as they were put last', async () => {
      const setting = { class: 'Printer', pattern: 'P-{seq}', lifeMonths: 60, counters: { 'P-{seq}': 3 } };
      await store.putSetting({ ...setting, counters: {} });
      await store.putSetting(setting);
      expect(await store.settings()).toEqual([setting]);
    });

    test('[AS20] what is handed out is open until it is given back, and both rows stay', async () => {
      await store.addAssignments([OUT], null);
      expect(await store.openAssignment('ci_a')).toEqual(OUT);
      const back = { ...OUT, id: 'asg_2', kind: 'in' as const, atMs: 2_000, due: null };
      await store.addAssignments([back], 'asg_1');
      expect(await store.openAssignment('ci_a')).toBeNull();
      expect((await store.assignments({ ciId: 'ci_a', limit: 9 })).items).toEqual([
        back,
        { ...OUT, endedAtMs: 2_000 },
      ]);
    });

    test('[AS20] assignments are found by thing, person and what is overdue, page by page', async () => {
      await store.addAssignments([OUT], null);
      await store.addAssignments([{ ...OUT, id: 'asg_2', ciId: 'ci_b', due: null }], null);
      await store.addAssignments([{ ...OUT, id: 'asg_3', ciId: 'ci_c', due: '2026-04-01' }], null);
      const ids = async (query: Partial<Parameters<AssetStore['assignments']>[0]>) =>
        (await store.assignments({ limit: 9, ...query })).items.map(({ id }) => id);
      expect(await ids({ personId: 'ci_p' })).toEqual(['asg_3', 'asg_2', 'asg_1']);
      expect(await ids({ personId: 'ci_q' })).toEqual([]);
      expect(await ids({ ciId: 'ci_a', alsoOf: ['ci_c'] })).toEqual(['asg_3', 'asg_1']);
      expect(await ids({ open: true, dueBefore: '2026-03-15' })).toEqual(['asg_1']);
      const page = await store.assignments({ limit: 2 });
      expect(page.items.map(({ id }) => id)).toEqual(['asg_3', 'asg_2']);
      expect(await ids({ cursor: page.nextCursor ?? '' })).toEqual(['asg_1']);
      expect(await store.assignment('asg_2')).toMatchObject({ ciId: 'ci_b' });
      expect(await store.assignment('asg_9')).toBeNull();
    });

    test('[AS40] a count comes back with its scans, each code once', async () => {
      await store.putStocktake(COUNT);
      await store.putStocktake({ ...COUNT, id: 'stk_2' });
      const scan = { stocktakeId: 'stk_1', code: 'PC-1', ciId: 'ci_a', atMs: 5, actor: 'user:anna' };
      await store.addScan(scan);
      await store.addScan({ ...scan, atMs: 9 });
      expect(await store.scans('stk_1')).toEqual([scan]);
      expect(await store.scans('stk_2')).toEqual([]);
      const ended = { ...COUNT, endedAtMs: 10, result: [] };
      await store.putStocktake(ended);
      expect(await store.stocktake('stk_1')).toEqual(ended);
      expect((await store.stocktakes()).map(({ id }) => id)).toEqual(['stk_2', 'stk_1']);
    });
  });
}
