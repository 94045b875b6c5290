/** Puts together what stands on the CMDB: relations, assets, findings, changes, licences, map. One block per slice. */
import type { Clock } from './clock.ts';
import type { RecordAudit } from './access/audit.ts';
import { createAssets } from './assets/assets.ts';
import type { AssetNumberer } from './assets/numbers.ts';
import { addAssetRoutes } from './assets/routes.ts';
import type { AssetStore } from './assets/store.ts';
import { createBackground } from './background.ts';
import type { Classes } from './classes/classes.ts';
import { addClassRoutes } from './classes/routes.ts';
import { createImports } from './imports/imports.ts';
import { addImportRoutes } from './imports/routes.ts';
import { pause } from './pause.ts';
import { createSqlImportStore } from './store/sql/imports.ts';
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
  readonly classes: Classes;
  readonly assetStore: AssetStore;
  readonly numberer: AssetNumberer;
  /** When its agent was last heard; null: never. */
  readonly lastSeenMs: (ciId: string) => Millis | null;
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
  classes,
  assetStore,
  numberer,
  lastSeenMs,
  clock,
  log,
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
  addClassRoutes(routes, { classes, store: cmdbStore });
  const { registry } = classes;
  const assets = await createAssets({
    cmdb,
    cmdbStore,
    graph,
    store: assetStore,
    numberer,
    registry,
    newId,
    lastSeenMs,
  });
  const importing = createBackground(log);
  const importStore = createSqlImportStore(sql);
  const imports = createImports({
    cmdb,
    cmdbStore,
    graph,
    store: importStore,
    assets,
    numberer,
    registry,
    newId,
    pause,
  });
  await imports.recover();
  addImportRoutes(routes, {
    imports,
    store: importStore,
    registry,
    background: importing,
    now: () => clock.now(),
  });
  addAssetRoutes(routes, { assets, numberer, store: assetStore, cmdb, cmdbStore, graph, registry });
  return {
    graph,
    tick: (nowMs) => history.tick(nowMs),
  };
}
