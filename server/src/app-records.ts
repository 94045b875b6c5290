/** Puts together what stands on the CMDB: relations, assets, findings, changes, licences, map. One block per slice. */
import type { Clock } from './clock.ts';
import type { RecordAudit } from './access/audit.ts';
import type { Cmdb } from './cmdb/cmdb.ts';
import { ciNames } from './cmdb/names.ts';
import type { CmdbStore } from './cmdb/store.ts';
import type { FindingsQueue } from './findings/findings.ts';
import { addFindingsRoutes } from './findings/routes.ts';
import type { FindingStore } from './findings/store.ts';
import { createHistory } from './history/history.ts';
import type { Routes } from './http/routes.ts';
import type { Log } from './log.ts';
import { createRelationGraph, type RelationGraph } from './relations/graph.ts';
import { createSqlHistoryStore } from './store/sql/history.ts';
import type { SqlStore } from './store/sql/open.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface RecordsDeps {
  readonly sql: SqlStore;
  readonly cmdb: Cmdb;
  readonly cmdbStore: CmdbStore;
  readonly findings: FindingsQueue;
  readonly findingStore: FindingStore;
  readonly routes: Routes;
  readonly recordAudit: RecordAudit;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Records {
  readonly graph: RelationGraph;
  /** Once a second. */
  tick(nowMs: Millis): Promise<void>;
}

export async function createRecords({
  sql,
  cmdb,
  cmdbStore,
  findings,
  findingStore,
  routes,
  recordAudit,
  newId,
}: RecordsDeps): Promise<Records> {
  const graph = await createRelationGraph({ cmdb, store: cmdbStore, newId });
  addFindingsRoutes(routes, {
    findings,
    store: findingStore,
    ciNames: (ids) => ciNames(cmdbStore, ids),
  });
  const history = createHistory({
    store: createSqlHistoryStore(sql),
    cmdb,
    cmdbStore,
    routes,
    recordAudit,
    newId,
  });
  return {
    graph,
    tick: (nowMs) => history.tick(nowMs),
  };
}
