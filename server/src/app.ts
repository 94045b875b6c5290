/** Puts the server together: the same assembly that main and tests use. The chains meet here, as plain calls. */
import { randomBytes } from 'node:crypto';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { type Access, createAccess } from './access/access.ts';
import { createRecordAudit, startAuditLog } from './access/audit-log.ts';
import { ensureFirstAdministrator } from './access/first-administrator.ts';
import { addAccessRoutes } from './access/routes.ts';
import { addAvailabilityRoutes } from './availability/routes.ts';
import { unheardState } from './availability/status.ts';
import { createTcpProbe } from './availability/tcp-probe.ts';
import { createMonitoring } from './app-monitoring.ts';
import { createRecords } from './app-records.ts';
import { createRolloutParts } from './app-rollouts.ts';
import { createAssetNumberer } from './assets/numbers.ts';
import { addCalendarRoutes } from './calendars/routes.ts';
import { createBackground } from './background.ts';
import { makeBackup } from './backup.ts';
import { createRegister } from './capacity/register.ts';
import { addCapacityRoutes } from './capacity/routes.ts';
import { createSurvey } from './capacity/survey.ts';
import { createClasses } from './classes/classes.ts';
import type { Clock } from './clock.ts';
import { createCmdb } from './cmdb/cmdb.ts';
import { addCmdbRoutes, historyEntry } from './cmdb/routes.ts';
import type { DataFolder } from './data-folder.ts';
import { isDueAgain } from './due.ts';
import { eachPart } from './each-part.ts';
import { readDisk } from './engine-disk.ts';
import { engineMetrics } from './engine-metrics.ts';
import { createFindings } from './findings/findings.ts';
import { Fleet } from './fleet/fleet.ts';
import { addFleetRoutes, type InstallLines } from './fleet/routes.ts';
import { openServerKey, type ServerKey } from './fleet/server-key.ts';
import { signedByInPool } from './fleet/signature.ts';
import type { SocketHandler } from './http/listen.ts';
import { OwnMetrics } from './http/own-metrics.ts';
import { processMetrics } from './http/process-metrics.ts';
import { createWeb, type Web } from './http/web.ts';
import { createCmdbPort } from './intake/cmdb-port.ts';
import { createIntake } from './intake/intake.ts';
import { mountIntake } from './intake/mount.ts';
import { addIntakeRoutes } from './intake/routes.ts';
import { newId } from './ids.ts';
import type { IncidentEvent } from './incidents/incidents.ts';
import { createOutbox } from './incidents/outbox.ts';
import { addIncidentRoutes, incidentSummary } from './incidents/routes.ts';
import type { InstallAssets } from './install/assets.ts';
import { installPlatforms, mountInstall } from './install/mount.ts';
import type { IngestSinks } from './ingest/sinks.ts';
import { localAgentIdIn } from './local-agent.ts';
import { type Log, messageOf } from './log.ts';
import { addMachinesRoutes } from './machines/routes.ts';
import { hoursSource } from './maintenance/members.ts';
import { addAlertRoutes } from './correlation/routes.ts';
import { addMaintenanceRoutes } from './maintenance/routes.ts';
import { addMetricsRoutes, type ProcessesReport } from './metrics/routes.ts';
import { sendByChannel } from './notify/channels/index.ts';
import { createNotifier } from './notify/notify.ts';
import { addNotifyRoutes } from './notify/routes.ts';
import { pause, pauseBehind } from './pause.ts';
import { addEngineRoute, addOperationsRoutes, fleetState } from './operations.ts';
import { causeKeyOf } from './incidents/cause.ts';
import { createBacktester } from './rules/backtest.ts';
import { addRuleEditorRoutes } from './rules/editor-routes.ts';
import { spaceLevel } from './rules/space-level.ts';
import { addRuleRoutes, alertView } from './rules/routes.ts';
import { silencesIn } from './rules/silences.ts';
import { addSearchRoutes } from './search/routes.ts';
import { createSearch } from './search/search.ts';
import { createPulse, processReader } from './pulse.ts';
import { createReleaseCatalogue } from './releases/catalogue.ts';
import { createInbound } from './remote-write/inbound.ts';
import { createOutbound } from './remote-write/outbound.ts';
import { postToTarget } from './remote-write/target-client.ts';
import { addRemoteWriteRoutes, refusalsOfSenders } from './remote-write/routes.ts';
import { openMetricEngine } from './store/engine/engine.ts';
import { openOutgoingQueue } from './store/outgoing/queue.ts';
import { createSqlAccessStore } from './store/sql/access.ts';
import { createSqlAssetStore } from './store/sql/assets.ts';
import { createSqlAgentConfigStore } from './store/sql/agent-config.ts';
import { createSqlAgreementStore } from './store/sql/agreements.ts';
import { createSqlAvailabilityStore } from './store/sql/availability.ts';
import { createSqlCalendarStore } from './store/sql/calendars.ts';
import { createSqlClassStore } from './store/sql/classes.ts';
import { createSqlCmdbStore } from './store/sql/cmdb.ts';
import { createSqlFindingStore } from './store/sql/findings.ts';
import { createFingerprints } from './fingerprints/fingerprints.ts';
import { addFingerprintRoutes } from './fingerprints/routes.ts';
import { createSqlFingerprintStore } from './store/sql/fingerprints.ts';
import { createSqlFleetStore } from './store/sql/fleet.ts';
import { createSqlMaintenanceStore } from './store/sql/maintenance.ts';
import { createSqlIncidentStore } from './store/sql/incidents.ts';
import { createSqlIntakeStore } from './store/sql/intake.ts';
import { createApplyHours } from './presence-hours/apply.ts';
import { createPresenceHours } from './presence-hours/hours.ts';
import { addPresenceHoursRoutes } from './presence-hours/routes.ts';
import { createSqlSuggestionStore } from './store/sql/presence-suggestions.ts';
import { createSqlPresenceSettingsStore } from './store/sql/presence-settings.ts';
import { createSqlNotifyStore } from './store/sql/notify.ts';
import { createSqlRemoteWriteStore } from './store/sql/remote-write.ts';
import { createSqlRulesStore } from './store/sql/rules.ts';
import { createSqlSearchStore } from './store/sql/search.ts';
import { openSqlStore } from './store/sql/open.ts';
import { createSqlViewStore } from './store/sql/views.ts';
import { VERSION } from './version.ts';
import { addViewRoutes } from './views/routes.ts';
import { createNetworkReader } from './witness/network-reader.ts';
import { addWitnessRoutes } from './witness/routes.ts';
import { createPresenceSettings } from './witness/settings.ts';
import { createWitnesses } from './witness/witnesses.ts';
import { AGENT_CONFIG_DEFAULT } from './ws/agent-hub.ts';
import { createAgentConfigs } from './agent-config/agent-config.ts';
import { holdingByRules, movesAbout } from './agent-config/holding.ts';
import { addAgentConfigRoutes } from './agent-config/routes.ts';
import { createConfigStandings } from './agent-config/standings.ts';
import { createConfigVersions } from './agent-config/versions.ts';
import { Admission } from './ws/admission.ts';
import { createLink } from './ws/link.ts';
import { createRelationGraph } from './relations/graph.ts';
import { createMembership } from './relations/membership.ts';
import { createNodeDirectory } from './relations/nodes.ts';
import { createCertificateWatch } from './own-certificate.ts';
import type { ProcessList } from './ws/live-hub.ts';

export interface AppOptions {
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly log: Log;
  readonly adminPassword: string | null;
  /** Folder of the built dashboard. */
  readonly dashboardFolder: string;
  readonly proxies: number;
  readonly publicHost: string | null;
  /** TLS that browsers can check. */
  readonly strictTransport: boolean;
  /** What this server shows to agents and browsers, and on which machine; null without TLS of its own. */
  readonly certificate: { readonly expiresMs: Millis; readonly hostname: string } | null;
  readonly insecure: boolean;
  /** Longest time that agents may hold ticks back to send several at once; 0 = each goes at once. */
  readonly holdMsMax: Millis;
  /** The same for workstations on battery or a metered line. */
  readonly economyHoldMsMax: Millis;
  readonly metricsBytesMax: number | null;
  readonly validateResponses: boolean;
  /** Address of the dashboard as people reach it, for links in messages. */
  readonly dashboardUrl: string | null;
  /** By which releases of the agent are signed; null: this server rolls out none. */
  readonly releaseKey: PublicReleaseKey | null;
  readonly install: {
    readonly assets: InstallAssets;
    readonly lines: (serverKey: ServerKey) => InstallLines;
  };
  readonly onProgress: (text: string) => void;
}

export interface App {
  readonly web: Web;
  readonly fleet: Fleet;
  readonly sockets: { agent: SocketHandler; live: SocketHandler };
  /** The account made at this start; null when there were users. `password` is null when it was configured. */
  readonly firstAdministrator: { name: string; password: string | null } | null;
  /** Number of the release that new machines are given; null: the agent of these sources. */
  provenSerial(): number | null;
  /** Once a second. */
  tick(nowMs: Millis): Promise<void>;
  backup(to: string): Promise<string>;
  close(): Promise<void>;
}

const MIB = 2 ** 20;
/** Housekeeping of the metrics engine is bounded per call; it need not run more often. */
const MAINTAIN_MS = 1_000;

export async function createApp(options: AppOptions): Promise<App> {
  const { folder, clock, log, onProgress } = options;
  const startedAtMs = clock.now();
  onProgress('opening the database');
  const sql = await openSqlStore({ file: folder.database, nowMs: startedAtMs });
  if (sql.migration.copy)
    log('info', 'the database was migrated; a copy of what it was before is kept', {
      copy: sql.migration.copy,
    });
  onProgress('reading the journal of the samples');
  const metrics = await openMetricEngine({
    folder: folder.metrics,
    bytesMax: options.metricsBytesMax ?? undefined,
    onDamage: (what) => log('error', 'stored samples are in trouble', { what }),
    onProgress: ({ doneBytes, totalBytes }) => {
      // Of less nobody waits for the end.
      if (totalBytes >= MIB)
        onProgress(`journal: ${Math.round(doneBytes / MIB)} of ${Math.round(totalBytes / MIB)} MiB read`);
    },
  });

  const accessStore = createSqlAccessStore(sql);
  const record = createRecordAudit(accessStore, clock);
  await startAuditLog(accessStore, record, VERSION);
  const access: Access = createAccess({ store: accessStore, record });
  const firstAdministrator = await ensureFirstAdministrator({
    store: accessStore,
    record,
    configuredPassword: options.adminPassword,
    nowMs: startedAtMs,
  });

  const serverKey = openServerKey(folder.serverKey);
  const fleet = new Fleet({
    store: createSqlFleetStore(sql),
    serverKey,
    recordAudit: record,
    newId,
    randomBytes,
  });
  const findingStore = createSqlFindingStore(sql);
  const findings = createFindings({ store: findingStore, newId });
  const cmdbStore = createSqlCmdbStore(sql);
  const classes = await createClasses({ store: createSqlClassStore(sql), newId });
  const assetStore = createSqlAssetStore(sql);
  const numberer = await createAssetNumberer({ store: assetStore, registry: classes.registry });
  const cmdb = await createCmdb({
    store: cmdbStore,
    newId,
    recordAudit: record,
    registry: classes.registry,
    numberFor: numberer.next,
  });
  const { directory } = cmdb;

  const graph = await createRelationGraph({ cmdb, store: cmdbStore, newId });
  const nodes = await createNodeDirectory({
    cmdb,
    store: cmdbStore,
    graph,
    report: (what, error) => log('error', what, { error: messageOf(error) }),
  });
  const behind = createBackground(log);
  const incidentStore = createSqlIncidentStore(sql);
  const rulesStore = createSqlRulesStore(sql);
  const membership = createMembership({ graph, nodes });
  const presenceSettings = await createPresenceSettings(createSqlPresenceSettingsStore(sql));
  const witnesses = createWitnesses({
    settings: presenceSettings,
    directory,
    membership,
    newId,
    door: {
      canWitness: (ciId) => link.agents.canWitness(ciId),
      askWitness: (ciId, requestId, address) => link.agents.askWitness(ciId, requestId, address),
    },
  });
  const networkReader = createNetworkReader({
    read: async (ciId) => (await cmdbStore.sections(ciId)).network?.data,
    found: (ciId, section) => witnesses.network(ciId, section),
  });
  cmdb.onReport(({ ci }) => networkReader.changed(ci.id));
  const remoteWriteStore = createSqlRemoteWriteStore(sql);
  const inbound = await createInbound({
    store: remoteWriteStore,
    metrics,
    directory,
    machines: () => cmdbStore.machines(),
    // Not presence: an exporter that answers is no word of the agent.
    onSamples: (ciId, ticks, nowMs) => {
      outbound.take(ticks);
      rules.onSamples(ciId, ticks, nowMs, directory.get(ciId)?.agentId != null);
    },
    putInUse: async (ciId, sender, nowMs) => {
      await cmdb.edit(ciId, { lifecycle: 'in_use' }, sender, nowMs, { source: 'third-party' });
    },
    newId,
    report: (what, error) => log('warn', what, { error: messageOf(error) }),
    epoch: randomBytes(8).toString('hex'),
    startedAtMs,
  });
  cmdb.onApplied((change) => inbound.ciChanged(change));
  const outbound = await createOutbound({
    store: remoteWriteStore,
    queue: await openOutgoingQueue({ folder: folder.outgoing, now: () => clock.now() }),
    metrics,
    directory,
    survivorOf: (ciId) => cmdb.identity.survivorOf(ciId),
    post: postToTarget,
    newId,
    now: () => clock.now(),
    random: Math.random,
    report: (what, error) => log('error', what, { error: messageOf(error) }),
    startedAtMs,
  });
  const admission = new Admission(Math.random);
  const fingerprints = await createFingerprints(createSqlFingerprintStore(sql));
  const agentConfigStore = createSqlAgentConfigStore(sql);
  const configStandings = await createConfigStandings(agentConfigStore);
  const configVersions = await createConfigVersions(
    agentConfigStore,
    configStandings.highestTaken,
    (content) => agentConfigs.oversized(content),
  );
  const agentConfigs = createAgentConfigs({
    defaults: AGENT_CONFIG_DEFAULT,
    directory,
    fingerprints,
    versions: configVersions,
    standings: configStandings,
    serverKey,
    holdingOf: (ciId, intervalMs) =>
      holdingByRules(
        ciId,
        {
          alwaysMs: options.holdMsMax,
          economyMs: movesAbout(directory.get(ciId)?.class) ? options.economyHoldMsMax : 0,
        },
        intervalMs,
        rules,
      ),
    log: options.log,
    collectorsSwitched: cmdb.collectorsSwitched,
    reconfigure: (agentId) => link.agents.reconfigure(agentId),
  });
  const monitoring = await createMonitoring({
    stores: {
      availability: createSqlAvailabilityStore(sql),
      agreements: createSqlAgreementStore(sql),
      calendars: createSqlCalendarStore(sql),
      rules: rulesStore,
      incidents: incidentStore,
      maintenance: createSqlMaintenanceStore(sql),
    },
    directory,
    graph,
    nodes,
    membership,
    survivorOf: (ciId) => cmdb.identity.survivorOf(ciId),
    metrics,
    isForeign: (series) => inbound.isForeign(series),
    probe: createTcpProbe(),
    neighbours: witnesses,
    intervalMs: agentConfigs.intervalMsOf,
    isOff: agentConfigs.isOff,
    findings,
    notSeenDays: () => presenceSettings.get().notSeenDays,
    newId,
    holderOf: async (name) => {
      const user = await accessStore.userByName(name);
      return user && !user.disabled && roleHas(user.role, 'incidents.write') ? user.name : null;
    },
    changesOf: async (ciId, fromMs, toMs, limit) =>
      (await cmdbStore.history({ machineId: ciId, fromMs, toMs, limit })).items.map(historyEntry),
    warrantyOf: async (ciId) => {
      const end = (await cmdbStore.ci(ciId))?.attributes.warrantyEnd?.value;
      return typeof end === 'string' ? end : null;
    },
    requestFlight: (ciId, requestId) => {
      const agentId = directory.get(ciId)?.agentId;
      return agentId != null && link.agents.requestFlight(agentId, requestId);
    },
    onIncident,
    pause,
    // Machines of a site that comes back are let in before what rules missed is read.
    pausePast: pauseBehind(() => admission.isCrowded),
    log,
    onRules: () => agentConfigs.rulesChanged(),
    nowMs: startedAtMs,
  });
  const {
    agreed,
    availabilityStore,
    ciFacts,
    evidence,
    expectations,
    fleetAvailability,
    incidents,
    maintenance,
    presence,
    rules,
    serviceAvailability,
  } = monitoring;
  const presenceHours = await createPresenceHours({
    store: createSqlSuggestionStore(sql),
    record: availabilityStore,
    directory,
    expectations,
    membership,
    apply: createApplyHours({
      calendars: monitoring.calendars,
      tag: async (ciId, { add, remove }, actor, nowMs) => {
        const tags = (directory.get(ciId)?.tags ?? []).filter((tag) => tag !== remove && tag !== add);
        await cmdb.edit(ciId, { tags: add === null ? tags : [...tags, add] }, actor, nowMs);
      },
      tagsOf: (ciId) => directory.get(ciId)?.tags ?? [],
    }),
    newId,
    pause,
    report: (what, error) => log('error', what, { error: messageOf(error) }),
  });
  const notifyStore = createSqlNotifyStore(sql);
  const notifier = await createNotifier({
    store: notifyStore,
    send: sendByChannel,
    newId,
    incidentUrl: (ref) => (options.dashboardUrl === null ? null : `${options.dashboardUrl}/incidents/${ref}`),
    record: (incidentId, kind, text, nowMs) => incidents.record(incidentId, kind, text, nowMs),
  });
  const outbox = createOutbox({
    store: incidentStore,
    tell: (event, atMs) => notifier.onIncident(event, atMs),
  });
  const link = createLink({
    fleet,
    metrics,
    cmdb,
    sinks: createSinks(),
    configFor: agentConfigs.configFor,
    signedConfigs: agentConfigs,
    admission,
    clock,
    log,
    randomBytes: (count) => randomBytes(count),
    isSigned: signedByInPool,
    random: Math.random,
    serverStartedAtMs: startedAtMs,
  });
  const releaseCatalogue = createReleaseCatalogue({ folder: folder.releases, key: options.releaseKey, log });
  const rollouts = await createRolloutParts({
    sql,
    fleet,
    agents: link.agents,
    catalogue: releaseCatalogue,
    directory,
    findings,
    newId,
    now: () => clock.now(),
    log,
  });
  link.agents.onWitnessed((ciId, answer, nowMs) => witnesses.witnessed(ciId, answer, nowMs));
  presence.onChange((status, nowMs) => {
    const { ciId, presence: is, cause, expected, state, sinceMs, lastSeenMs } = status;
    link.live.publishPresence([{ ciId, presence: is, cause, expected, state, sinceMs, lastSeenMs }], nowMs);
  });

  function onIncident(event: IncidentEvent, nowMs: Millis): void {
    link.live.publishIncident(incidentSummary(event.incident));
    behind.run('an incident was not told to the channels', () => outbox.tell(event, nowMs));
  }

  function createSinks(): IngestSinks {
    const { inputs } = monitoring;
    return {
      ...inputs,
      samples: (ciId, ticks, nowMs) => {
        outbound.take(ticks);
        inputs.samples(ciId, ticks, nowMs);
      },
      connected: (ciId, agentId, info, nowMs) => {
        witnesses.connected(ciId, info.address);
        networkReader.connected(ciId);
        inputs.connected(ciId, agentId, info, nowMs);
      },
      event: async (ciId, key, event, nowMs) => {
        await inputs.event(ciId, key, event, nowMs);
        if (event.type === 'collector-failed')
          log('warn', 'a collector of an agent failed', {
            ciId,
            collector: event.collector,
            detail: event.detail,
          });
      },
      unknown: (ciId, agentId, stretch) =>
        log('warn', 'frames of an agent are lost for good', {
          ciId,
          agentId,
          why: stretch.why,
          frames: stretch.frames,
        }),
      processes: () => {},
    };
  }

  const pulse = createPulse(() => metrics.pace(clock.now()).samplesTotal, processReader());
  const ownMetrics = new OwnMetrics();
  const operations = {
    clock,
    startedAtMs,
    version: VERSION,
    dataDir: folder.path,
    insecure: options.insecure,
    presence,
    directory,
    incidents,
    metrics,
    lastClosedAtMs: () => incidentStore.lastClosedAtMs(),
    channels: () => notifyStore.channels(),
    databaseBytes: () => sql.sizeBytes(),
    agentsConnected: () => link.agents.connectedCount,
    inbound,
    outbound,
  };
  ownMetrics.register(processMetrics(clock, VERSION));
  const notificationsWaiting = () => notifier.waitingCount;
  ownMetrics.register(() =>
    engineMetrics({ ...operations, notificationsWaiting, disk: () => readDisk(folder.path) }),
  );
  ownMetrics.register(() => [...inbound.ownMetrics(), ...outbound.ownMetrics()]);

  const web = createWeb({
    access,
    record,
    clock,
    log,
    metrics: ownMetrics,
    version: VERSION,
    dashboardFolder: options.dashboardFolder,
    proxies: options.proxies,
    publicHost: options.publicHost,
    strictTransport: options.strictTransport,
    validateResponses: options.validateResponses,
    notReady: () => null,
    onRefused: refusalsOfSenders(inbound, clock),
  });
  mountInstall(web, options.install.assets, releaseCatalogue);
  const { routes } = web;
  addAccessRoutes(routes, { access });
  addOperationsRoutes(routes, operations);
  addEngineRoute(routes, {
    ...operations,
    pulse,
    notificationsWaiting,
    lastBackupAtMs: async () =>
      (await accessStore.listAudit({ limit: 1, beforeSeq: null, action: BACKUP_ACTION }))[0]?.atMs ?? null,
  });
  addNotifyRoutes(routes, { store: notifyStore, notifier });
  addMaintenanceRoutes(routes, {
    maintenance,
    nameOf: (ciId) => directory.get(ciId) ?? nodes.get(ciId),
    hoursOf: hoursSource({ directory, expectations }),
    survivorOf: (ciId) => cmdb.identity.survivorOf(ciId),
  });
  addWitnessRoutes(routes, {
    witnesses,
    locationName: (id) => {
      const node = nodes.get(id);
      return node?.class === 'Location' ? node.name : null;
    },
  });
  addPresenceHoursRoutes(routes, { hours: presenceHours, nameOf: (id) => nodes.get(id)?.name });
  addFleetRoutes(routes, {
    fleet,
    connected: (agentId) => link.agents.connected(agentId),
    holdMsOf: agentConfigs.holdMsOf,
    install: options.install.lines(serverKey),
    platforms: () => installPlatforms(options.install.assets),
    pinned: rollouts.isPinned,
    isLabelled: agentConfigs.isLabelled,
    ownAgentId: localAgentIdIn(options.folder.localAgent),
  });
  rollouts.addRoutes(routes);
  const records = await createRecords({
    sql,
    graph,
    nodes,
    cmdb,
    cmdbStore,
    findings,
    findingStore,
    classes,
    assetStore,
    numberer,
    lastSeenMs: (ciId) => presence.get(ciId)?.lastSeenMs ?? null,
    incidents,
    ciFacts,
    routes,
    recordAudit: record,
    newId,
    clock,
    log,
    stateOf: (ciId) => presence.get(ciId)?.state ?? null,
    openIncidentsOf: (ciId) => incidents.openOf(ciId),
    isLabelled: agentConfigs.isLabelled,
    dataDir: folder.path,
  });
  const intake = await createIntake({
    store: createSqlIntakeStore(sql),
    inventory: createCmdbPort(cmdb, cmdbStore, newId),
    newId,
    randomBytes,
    log,
    breathe: pause,
  });
  mountIntake(web, intake, clock);
  addIntakeRoutes(routes, {
    intake,
    machines: cmdbStore,
    serverUrl: () => options.dashboardUrl ?? '',
    version: VERSION,
  });
  addCmdbRoutes(routes, {
    cmdb,
    store: cmdbStore,
    presenceOf: (ciId) => presence.get(ciId),
    unheardState,
    openIncidentsOf: (ciId) => incidents.openOf(ciId),
    registry: classes.registry,
  });
  const indexing = createBackground(log);
  const search = createSearch({
    cmdb,
    machines: cmdbStore,
    graph,
    store: createSqlSearchStore(sql),
    users: () => accessStore.listUsers({ limit: LIST_LIMIT_MAX, after: null }),
  });
  indexing.run('the search could not read the machines', () => search.start());
  addFingerprintRoutes(routes, { fingerprints, cmdbStore });
  const isUninstalled = (ciId: string) => presence.get(ciId)?.cause === 'agent-uninstalled';
  addAgentConfigRoutes(routes, {
    versions: configVersions,
    standings: configStandings,
    configs: agentConfigs,
    defaults: AGENT_CONFIG_DEFAULT,
    directory,
    isConnected: (agentId) => link.agents.connected(agentId) !== null,
    isUninstalled,
  });
  addSearchRoutes(routes, { search, directory, presenceOf: (ciId) => presence.get(ciId) });
  addMachinesRoutes(routes, {
    cmdb,
    presenceOf: (ciId) => presence.get(ciId),
    unheardState,
    openIncidentsOf: (ciId) => incidents.openOf(ciId),
    metrics,
    record: availabilityStore,
    agreed,
  });
  addRemoteWriteRoutes(routes, { inbound, outbound, directory, serverUrl: options.dashboardUrl });
  addViewRoutes(routes, { store: createSqlViewStore(sql) });
  addMetricsRoutes(routes, {
    store: metrics,
    ciDirectory: directory,
    mergedIn: (ciId) => cmdb.identity.mergedIn(ciId),
    isUninstalled,
    processes: (ciId) => processesOf(link.live.processesOf(ciId)),
    intervalMsOf: agentConfigs.intervalMsOf,
    pause,
    monotonicMs: () => clock.monotonicMs(),
  });
  addRuleRoutes(routes, {
    engine: rules,
    store: rulesStore,
    directory,
    mergedIn: (ciId) => cmdb.identity.mergedIn(ciId),
    incidentRefs: (ids) => incidentStore.refs(ids),
  });
  addAlertRoutes(routes, {
    alerts: rules,
    incidents,
    directory,
    incidentRefs: (ids) => incidentStore.refs(ids),
  });
  addRuleEditorRoutes(routes, {
    engine: rules,
    store: rulesStore,
    directory,
    metrics,
    belonging: membership,
    backtester: createBacktester({
      directory,
      metrics,
      rules: () => rules.rules(),
      belonging: membership,
      maintenance,
      causeKeyOf,
      silences: async (ci, fromMs, toMs) =>
        silencesIn(
          await availabilityStore.intervals(ci.id, fromMs, toMs),
          { expectation: expectations.of(ci), timeZone: ci.timeZone },
          fromMs,
          toMs,
        ),
      monotonicMs: () => clock.monotonicMs(),
      breathe: pause,
    }),
  });
  addIncidentRoutes(routes, {
    incidents,
    store: incidentStore,
    ciFacts,
    teamOf: (id) => {
      const node = nodes.get(id);
      return node?.class === 'Team' ? { id: node.id, name: node.name } : null;
    },
    mergedIn: (ciId) => cmdb.identity.mergedIn(ciId),
    alertsByIds: async (ids) =>
      (await rulesStore.alertsByIds(ids)).map((alert) => alertView(rules.current(alert), directory)),
    incidentsOfSameRules: async (alertIds, beforeMs) => {
      const own = await rulesStore.alertsByIds(alertIds.slice(0, SIMILAR_ALERTS_MAX));
      const ruleIds = [...new Set(own.map(({ ruleId }) => ruleId))];
      if (ruleIds.length === 0) return [];
      const alerts = await rulesStore.alerts({ ruleIds, toMs: beforeMs, limit: SIMILAR_ALERTS_MAX });
      return [...new Set(alerts.flatMap(({ incidentId }) => incidentId ?? []))];
    },
  });
  addAvailabilityRoutes(routes, {
    store: availabilityStore,
    directory,
    agreed,
    fleet: fleetAvailability,
    services: serviceAvailability,
    nodes,
    reclassifications: monitoring.reclassifications,
    targets: monitoring.targets,
  });
  addCalendarRoutes(routes, { calendars: monitoring.calendars, directory, nodes });
  const survey = createSurvey({
    directory,
    metrics,
    pause,
    report: (what, error) => log('error', what, { error: messageOf(error) }),
  });
  const register = createRegister({
    survey,
    directory,
    metrics,
    levelOf: (entry, instance, sizeBytes) =>
      spaceLevel(rules.rules(), entry, instance, sizeBytes, membership),
  });
  addCapacityRoutes(routes, { register });

  function publishFleet(nowMs: Millis): void {
    link.live.publishFleet(fleetState(operations, nowMs), nowMs);
  }

  // A server that died between a change and its telling tells it now.
  behind.run('earlier incidents were not told to the channels', async () => {
    for (const event of await incidentStore.untold(startedAtMs)) {
      if ((await incidentStore.evidence(event.incident.id)) === null)
        monitoring.gather('evidence could not be gathered', () => evidence.onIncident(event, event.atMs));
    }
    await outbox.tellAgain(startedAtMs);
  });
  let toldAgainMs = startedAtMs;
  function tellAgain(nowMs: Millis): void {
    if (!isDueAgain(toldAgainMs, TELL_AGAIN_MS, nowMs)) return;
    toldAgainMs = nowMs;
    behind.run('incidents were not told to the channels', () => outbox.tellAgain(nowMs - TELL_AGAIN_MS));
  }

  const certificate =
    options.certificate === null
      ? null
      : createCertificateWatch({
          ...options.certificate,
          directory,
          metrics,
          onSamples: (ciId, ticks, nowMs) => {
            outbound.take(ticks);
            rules.onSamples(ciId, ticks, nowMs);
          },
          epoch: randomBytes(8).toString('hex'),
        });

  let maintaining = false;
  let maintainedMs = startedAtMs;
  function maintain(nowMs: Millis): void {
    if (maintaining || !isDueAgain(maintainedMs, MAINTAIN_MS, nowMs)) return;
    maintaining = true;
    maintainedMs = nowMs;
    void metrics
      .maintain(nowMs)
      .catch((error: unknown) =>
        log('error', 'housekeeping of the samples failed', { error: messageOf(error) }),
      )
      .finally(() => {
        maintaining = false;
      });
  }

  return {
    web,
    fleet,
    firstAdministrator,
    provenSerial: rollouts.provenSerial,
    sockets: {
      agent: (socket, caller) => link.attachAgent(socket, caller),
      live: (socket, caller) => {
        let allowed = true;
        let askedMs = clock.now();
        let endings = access.endings();
        const ask = () => {
          askedMs = clock.now();
          endings = access.endings();
          caller.identifyAgain().then(
            (actor) => {
              allowed = actor !== null;
            },
            (error: unknown) => {
              // Asked again with the next turn; until then what was known last holds.
              log('warn', 'a live view could not be checked', { error: messageOf(error) });
            },
          );
        };
        link.attachLive(socket, {
          allowed: () => {
            if (clock.now() - askedMs >= IDENTIFY_AGAIN_MS || endings !== access.endings()) ask();
            return allowed;
          },
        });
      },
    },
    async tick(nowMs) {
      // A full disk stops many of these at once; what frees it again must not be among them.
      await eachPart(log, [
        ['the links were not looked after', () => link.tick(nowMs)],
        ['rollouts were not looked after', () => rollouts.tick(nowMs)],
        ['agents were not told what rules or groups changed', () => agentConfigs.tick()],
        ['what agents work by was not written down', () => configStandings.tick()],
        ['witnesses were not waited for', () => witnesses.tick(nowMs)],
        ['networks of machines were not read', () => networkReader.tick()],
        ['hours of machines were not learned', () => presenceHours.tick(nowMs)],
        ...monitoring.ticks(nowMs),
        ['the records were not looked after', () => records.tick(nowMs)],
        ['the outbox was not looked after', () => tellAgain(nowMs)],
        ['sessions were not looked after', () => access.tick(nowMs)],
        ['the state of the fleet was not published', () => publishFleet(nowMs)],
        ['series of senders were not written down', () => inbound.tick(nowMs)],
        ['the own certificate was not looked at', () => certificate?.tick(nowMs)],
        ['the pulse was not taken', () => pulse.tick(nowMs)],
        ['housekeeping of the samples did not start', () => maintain(nowMs)],
      ]);
      // Reading history takes its time and holds nothing up.
      void survey.tick(nowMs);
      void outbound.tick(nowMs);
      // A dead mail server must not hold up the rest: deliveries run on their own.
      void notifier
        .tick(nowMs)
        .catch((error: unknown) => log('error', 'notifications failed', { error: messageOf(error) }));
    },
    async backup(to) {
      const sentence = await makeBackup({
        from: folder.path,
        to,
        sql,
        metrics,
        version: VERSION,
        nowMs: clock.now(),
      });
      await record({ actor: 'system', action: BACKUP_ACTION, subject: to, detail: {} });
      return sentence;
    },
    async close() {
      await link.stop();
      await outbound.close(clock.now());
      await monitoring.settled();
      await behind.settled();
      await records.settled();
      await monitoring.gathered();
      await indexing.settled();
      await survey.stop();
      await configStandings.tick();
      await metrics.close();
      await sql.close();
    },
  };
}

/** Alerts that are looked at for incidents like another one. */
const SIMILAR_ALERTS_MAX = 100;
/** What could not be told to the channels, e.g. on a full disk, is told again this much later. */
const TELL_AGAIN_MS = 60_000;

/** How a finished backup stands in the audit log. */
const BACKUP_ACTION = 'backup.made';
/** An open live view asks this often whether its session still stands. */
const IDENTIFY_AGAIN_MS = 30_000;

function processesOf(list: ProcessList | null): ProcessesReport | undefined {
  return list ? { at: toIso(list.atMs), items: [...list.items] } : undefined;
}
