/** The past put together: states, comparisons, accuracy, what is kept, and their operations. */
import type { Millis } from '@muster/shared/time.ts';
import type { RecordAudit } from '../access/audit.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { CmdbStore } from '../cmdb/store.ts';
import type { Routes } from '../http/routes.ts';
import { createAccuracyKeeper } from './accuracy-keeper.ts';
import { type AsOf, createAsOf } from './as-of.ts';
import { createCompare } from './compare.ts';
import { createRetention } from './retention.ts';
import { addHistoryRoutes } from './routes.ts';
import type { HistoryStore } from './store.ts';

export interface History {
  readonly asOf: AsOf;
  /** Once a second; some ten milliseconds at most. */
  tick(nowMs: Millis): Promise<void>;
}

export function createHistory(deps: {
  store: HistoryStore;
  cmdb: Pick<Cmdb, 'onApplied' | 'edit' | 'identity' | 'listed'>;
  cmdbStore: CmdbStore;
  routes: Routes;
  recordAudit: RecordAudit;
  newId: (prefix: string, nowMs: Millis) => string;
}): History {
  const { store, cmdb, cmdbStore, routes, recordAudit, newId } = deps;
  const asOf = createAsOf({ store, cmdbStore });
  const compare = createCompare({ store, cmdbStore, cmdb, asOf });
  const accuracy = createAccuracyKeeper({ store, cmdbStore, cmdb });
  const retention = createRetention({ store, recordAudit });
  addHistoryRoutes(routes, { store, cmdbStore, cmdb, asOf, compare, accuracy, retention, newId });
  return {
    asOf,
    async tick(nowMs) {
      await accuracy.tick(nowMs);
      await retention.tick(nowMs);
    },
  };
}
