/** What any store of maintenance windows must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MaintenanceStore } from '../../maintenance/store.ts';
import type { WindowRecord } from '../../maintenance/window.ts';

export function maintenanceStoreContract(
  name: string,
  open: () => Promise<{ store: MaintenanceStore; close(): Promise<void> }>,
): void {
  describe(`maintenance store: ${name}`, () => {
    let store: MaintenanceStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[MW30] a window is put whole, with every version of it', async () => {
      expect(await store.windows()).toEqual([]);
      await store.put(window('mw_b'));
      await store.put(window('mw_a'));
      const ended = window('mw_b', [
        ...window('mw_b').versions,
        { agreedAtMs: 9, by: 'user:bo', schedule: null, timeZone: 'UTC', flexible: null },
      ]);
      await store.put(ended);
      expect(await store.windows()).toEqual([window('mw_a'), ended]);
    });

    test('[MW31] who was in a window since when is only ever added to, each change once', async () => {
      const second = { windowId: 'mw_a', atMs: 20, added: ['ci_3'], removed: ['ci_1'] };
      const first = { windowId: 'mw_a', atMs: 10, added: ['ci_1', 'ci_2'], removed: [] };
      await store.addCoverage([second]);
      await store.addCoverage([first, second]);
      expect(await store.coverage()).toEqual([first, second]);
    });

    test('[MW31] triggers are kept in the order of their times, each once', async () => {
      const all = { windowId: 'mw_a', ciId: null, atMs: 7 };
      const one = { windowId: 'mw_a', ciId: 'ci_1', atMs: 5 };
      await store.addTriggers([all, one]);
      await store.addTriggers([one]);
      expect(await store.triggers()).toEqual([one, all]);
    });

    test('[MW32] what is dropped takes its coverage and triggers along', async () => {
      for (const windowId of ['mw_a', 'mw_b']) {
        await store.put(window(windowId));
        await store.addCoverage([{ windowId, atMs: 1, added: ['ci_1'], removed: [] }]);
        await store.addTriggers([{ windowId, ciId: null, atMs: 1 }]);
      }
      await store.drop(['mw_a']);
      expect((await store.windows()).map(({ id }) => id)).toEqual(['mw_b']);
      expect((await store.coverage()).map(({ windowId }) => windowId)).toEqual(['mw_b']);
      expect((await store.triggers()).map(({ windowId }) => windowId)).toEqual(['mw_b']);
    });
  });
}

function window(id: string, versions: WindowRecord['versions'] = []): WindowRecord {
  return {
    id,
    title: 'Patch night',
    reason: 'Security patches',
    agreedBy: 'Head of IT',
    targets: { ciIds: ['ci_1'], services: [], locations: [], classes: ['Server'], tags: [] },
    children: 'all',
    createdBy: 'user:anna',
    createdAtMs: 1,
    changedAtMs: 1,
    versions:
      versions.length > 0
        ? versions
        : [
            {
              agreedAtMs: 1,
              by: 'user:anna',
              schedule: {
                kind: 'recurring',
                start: '2026-11-24T02:00',
                rule: 'FREQ=WEEKLY;BYDAY=TU',
                durationMs: 7_200_000,
                except: ['2026-12-29T02:00'],
                prolonged: [{ name: '2026-12-22T02:00', toMs: 99 }],
              },
              timeZone: 'Europe/Berlin',
              flexible: { durationMs: 60_000, per: 'ci' },
            },
          ],
  };
}
