/** Puts together what stands on the CMDB: relations, assets, findings, changes, licences, map. One block per slice. */
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import type { RecordAudit } from './access/audit.ts';
import { createAssets } from './assets/assets.ts';
import type { AssetNumberer } from './assets/numbers.ts';
import { createArchive } from './assets/archive.ts';
import { addAssetRoutes } from './assets/routes.ts';
import type { AssetStore } from './assets/store.ts';
import { createBackground } from './background.ts';
import type { Classes } from './classes/classes.ts';
import { addClassRoutes } from './classes/routes.ts';
import type { Cmdb } from './cmdb/cmdb.ts';
import { createControl } from './app-control.ts';
import { createIdentityCare } from './cmdb/identity-care.ts';
import { addIdentityRoutes } from './cmdb/identity-routes.ts';
import { createMerging } from './cmdb/merging.ts';
import type { CmdbStore } from './cmdb/store.ts';
import type { FindingsQueue } from './findings/findings.ts';
import type { FindingStore } from './findings/store.ts';
import { createHistory } from './history/history.ts';
import type { Routes } from './http/routes.ts';
import type { Incidents } from './incidents/incidents.ts';
import type { CiFacts } from './incidents/life-cycle.ts';
import { createImports } from './imports/imports.ts';
import { addImportRoutes } from './imports/routes.ts';
import { type Log, messageOf } from './log.ts';
import { createDeriver } from './relations/derive.ts';
import type { RelationGraph } from './relations/graph.ts';
import type { NodeDirectory } from './relations/nodes.ts';
import { addRelationRoutes } from './relations/routes.ts';
import { createServices } from './relations/services.ts';
import { createSuggestions } from './relations/suggestions.ts';
import { pause } from './pause.ts';
import { createSqlIncidentStore } from './store/sql/incidents.ts';
import { createSqlImportStore } from './store/sql/imports.ts';
import { createSqlHistoryStore } from './store/sql/history.ts';
import type { SqlStore } from './store/sql/open.ts';
import type { PresenceState } from '@muster/shared/presence/state.ts';
import { openTwinKey } from './twin/sign.ts';
import { addTwinRoutes } from './twin/routes.ts';
import { createTwin } from './twin/twin.ts';
import { VERSION } from './version.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';

export interface RecordsDeps {
  readonly sql: SqlStore;
  readonly graph: RelationGraph;
  readonly nodes: NodeDirectory;
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
  /** null: never heard. */
  readonly stateOf: (ciId: string) => PresenceState | null;
  readonly incidents: Incidents;
  readonly ciFacts: (ciId: string, nowMs: Millis) => CiFacts | null;
  readonly openIncidentsOf: (ciId: string) => number;
  /** The agent configuration labels the machine so: `name=value`, or a name for any value. */
  readonly isLabelled: (ciId: string, label: string) => boolean;
  /** Folder of what the server keeps. */
  readonly dataDir: string;
}

export interface Records {
  /** Once a second. */
  tick(nowMs: Millis): Promise<void>;
  /** Resolves when what was handed over so far is done. */
  settled(): Promise<void>;
}

export async function createRecords(deps: RecordsDeps): Promise<Records> {
  const {
    sql,
    graph,
    nodes,
    cmdb,
    cmdbStore,
    findings,
    classes,
    assetStore,
    numberer,
    lastSeenMs,
    routes,
    newId,
    clock,
    log,
    stateOf,
    openIncidentsOf,
    isLabelled,
    dataDir,
  } = deps;
  const deriver = createDeriver({ cmdb, store: cmdbStore, graph });
  addRelationRoutes(routes, {
    graph,
    nodes,
    store: cmdbStore,
    stateOf,
    openIncidentsOf,
    suggestions: createSuggestions(graph, nodes, deriver.portsOf),
  });
  const merging = createMerging({ cmdb, store: cmdbStore, graph, newId });
  const care = createIdentityCare({
    cmdb,
    store: cmdbStore,
    merging,
    findings,
    newId,
    report: (what, error) => log('error', what, { error: messageOf(error) }),
  });
  addIdentityRoutes(routes, { store: cmdbStore, book: cmdb.identity, merging, care, lastSeenMs });
  const control = await createControl({ ...deps, graph });
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
  const archive = createArchive({ cmdb, cmdbStore, graph, newId });
  addAssetRoutes(routes, {
    archive,
    assets,
    numberer,
    store: assetStore,
    cmdb,
    cmdbStore,
    graph,
    registry,
    isLabelled,
  });
  const history = createHistory({ ...deps, store: createSqlHistoryStore(sql) });
  const services = createServices({ graph, nodes, stateOf, openIncidentsOf });
  const incidentStore = createSqlIncidentStore(sql);
  const twin = createTwin({
    file: join(dataDir, 'twin.json'),
    key: openTwinKey(join(dataDir, 'twin.key')),
    monotonicMs: () => clock.monotonicMs(),
    report: (what, error) => log('error', what, { error: messageOf(error) }),
    sources: {
      store: cmdbStore,
      edgesOf: (id) => ({ from: graph.from(id), to: graph.to(id) }),
      nameOf: (id) => nodes.get(id)?.name ?? id,
      services: (nowMs) => services.list(nowMs).map(({ id }) => services.detail(id, nowMs)),
      incidents: async () =>
        (await incidentStore.unfinished()).map((incident) => ({
          ref: incident.ref,
          title: incident.title,
          priority: incident.priority,
          state: incident.state,
          ciName: incident.ciName ?? '',
          openedAt: toIso(incident.openedAtMs),
        })),
      version: VERSION,
    },
  });
  addTwinRoutes(routes, { twin });
  return {
    tick: async (nowMs) => {
      await control.tick(nowMs);
      await history.tick(nowMs);
      await deriver.tick(nowMs);
      twin.tick(nowMs);
    },
    settled: async () => {
      await control.settled();
      await importing.settled();
      await twin.settled();
    },
  };
}
