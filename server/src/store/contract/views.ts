/** What any store of saved views must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ViewRecord, ViewStore } from '../../views/store.ts';

export function viewStoreContract(
  name: string,
  open: () => Promise<{ store: ViewStore; close(): Promise<void> }>,
): void {
  describe(`view store: ${name}`, () => {
    let store: ViewStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[DB84] a person sees own views and shared ones, by name', async () => {
      await store.putView(view('v1', 'user:anna', 'Servers'));
      await store.putView(view('v2', 'user:bob', 'Disks', { shared: true, hiddenColumns: ['user'] }));
      await store.putView(view('v3', 'user:bob', 'Mine'));
      expect(await store.viewsFor('user:anna')).toEqual([
        view('v2', 'user:bob', 'Disks', { shared: true, hiddenColumns: ['user'] }),
        view('v1', 'user:anna', 'Servers'),
      ]);
    });

    test('[DB84] a view is replaced whole and deleted once', async () => {
      await store.putView(view('v1', 'user:anna', 'Servers', { hiddenColumns: [] }));
      await store.putView(view('v1', 'user:anna', 'All servers'));
      expect(await store.view('v1')).toEqual(view('v1', 'user:anna', 'All servers'));
      expect([await store.deleteView('v1'), await store.deleteView('v1')]).toEqual([true, false]);
      expect(await store.view('v1')).toBeNull();
    });
  });
}

function view(id: string, owner: string, name: string, change: Partial<ViewRecord> = {}): ViewRecord {
  return {
    id,
    owner,
    name,
    search: 'class=Server',
    hiddenColumns: null,
    shared: false,
    updatedAtMs: 5,
    ...change,
  };
}
