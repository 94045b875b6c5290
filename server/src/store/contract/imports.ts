/** What every store of imports does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImportRecord, ImportStore, RowRecord } from '../../imports/store.ts';

const RECORD: ImportRecord = {
  id: 'imp_1',
  name: 'assets.csv',
  state: 'uploaded',
  createdAtMs: 1,
  actor: 'user:anna',
  rows: 2,
  mapping: null,
  counts: null,
  done: 0,
  appliedAtMs: null,
  undoneAtMs: null,
  kept: 0,
  fault: null,
};
const TABLE = {
  format: 'csv' as const,
  encoding: 'UTF-8',
  delimiter: ',',
  lines: [2, 3],
  headers: ['Name', 'Cost'],
  rows: [
    ['a', 1],
    ['b', null],
  ],
};
const row = (line: number, outcome: RowRecord['outcome']): RowRecord => ({
  line,
  outcome,
  name: `n${line}`,
  ci: null,
  matchedBy: null,
  changes: [{ field: 'cost', before: null, after: 5 }],
  kept: [],
  problems: [],
  undo: null,
  created: outcome === 'new',
  relationIds: [],
  left: null,
  endedEdges: [],
});

export function importStoreContract(
  name: string,
  open: () => Promise<{ store: ImportStore; close: () => Promise<void> }>,
): void {
  describe(name, () => {
    let store: ImportStore;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    test('[IM1] an import comes back with its table, newest first', async () => {
      await store.addImport(RECORD, TABLE);
      await store.addImport({ ...RECORD, id: 'imp_2' }, TABLE);
      await store.putImport({ ...RECORD, state: 'checked' });
      expect((await store.imports()).map(({ id, state }) => [id, state])).toEqual([
        ['imp_2', 'uploaded'],
        ['imp_1', 'checked'],
      ]);
      expect(await store.table('imp_1')).toEqual(TABLE);
      expect([await store.import('imp_9'), await store.table('imp_9')]).toEqual([null, null]);
    });

    test('[IM1] rows come back in the order of the file, by outcome, and are replaced by line', async () => {
      await store.addImport(RECORD, TABLE);
      await store.putRows('imp_1', [row(3, 'error'), row(2, 'new')]);
      await store.putRows('imp_1', [row(3, 'changed')]);
      expect(await store.rows('imp_1', { afterLine: 0, limit: 9 })).toEqual([
        row(2, 'new'),
        row(3, 'changed'),
      ]);
      expect(await store.rows('imp_1', { afterLine: 2, limit: 9 })).toEqual([row(3, 'changed')]);
      expect(await store.rows('imp_1', { afterLine: 0, limit: 9, outcome: 'error' })).toEqual([]);
      await store.dropRows('imp_1');
      expect(await store.rows('imp_1', { afterLine: 0, limit: 9 })).toEqual([]);
    });
  });
}
