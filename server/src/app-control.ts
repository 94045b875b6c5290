/** Puts together what watches over the CMDB: changes that nobody approved, what findings open, software and licences. */
import { createChanges } from './changes/changes.ts';
import { addChangesRoutes } from './changes/routes.ts';
import { createChangeWatch } from './changes/watch.ts';
import { createBackground } from './background.ts';
import { ciNames } from './cmdb/names.ts';
import { AppError } from './errors.ts';
import { createIncidentOpener } from './findings/incident-opener.ts';
import { addFindingsRoutes } from './findings/routes.ts';
import type { Incidents } from './incidents/incidents.ts';
import type { CiFacts } from './incidents/life-cycle.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { eachPart } from './each-part.ts';
import { createLicences } from './licences/licences.ts';
import { pause } from './pause.ts';
import type { RelationGraph } from './relations/graph.ts';
import { SoftwareRegister } from './software/register.ts';
import { addSoftwareRoutes } from './software/routes.ts';
import { createSoftwareWatch } from './software/software-watch.ts';
import { createSqlSoftwareStore } from './store/sql/software.ts';
import type { RecordsDeps } from './app-records.ts';
import { createSqlChangeStore } from './store/sql/changes.ts';
import { createSqlHistoryStore } from './store/sql/history.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface ControlDeps
  extends Pick<
    RecordsDeps,
    'sql' | 'cmdb' | 'cmdbStore' | 'findings' | 'findingStore' | 'routes' | 'newId' | 'clock' | 'log'
  > {
  readonly graph: RelationGraph;
  readonly incidents: Incidents;
  readonly ciFacts: (ciId: string, nowMs: Millis) => CiFacts | null;
}

export interface Control {
  /** Once a second. */
  tick(nowMs: Millis): Promise<void>;
  /** Resolves when what was reported so far is judged. */
  settled(): Promise<void>;
}

/** What decides which rules are of a machine. */
const SCOPE: ReadonlySet<string> = new Set(['class', 'tags', 'lifecycle']);
/** Findings that are decided at once with the change they wait for. */
const FINDINGS_PER_TURN = 500;

export async function createControl(deps: ControlDeps): Promise<Control> {
  const { sql, cmdb, cmdbStore, findings, findingStore, routes, newId, clock, log } = deps;
  const behind = createBackground(log);
  const history = createSqlHistoryStore(sql);
  const changeStore = createSqlChangeStore(sql);
  const watch = createChangeWatch({
    store: changeStore,
    findings,
    sourcesOf: async (machineId) =>
      new Map((await cmdbStore.installations(machineId)).map(({ name, source }) => [name, source])),
    explain: async (explained) => {
      const byCause = Map.groupBy(explained, ({ by, id }) => (by === 'change' ? id : `policy:${id}`));
      for (const [causeId, some] of byCause)
        await history.linkCause(
          some.map(({ historyId }) => historyId),
          causeId,
        );
    },
  });
  cmdb.onApplied((change) => {
    if (change.history.length === 0) return;
    behind.run('what a report changed was not judged', () => watch.follow(change, clock.now()));
  });
  addChangesRoutes(routes, {
    changes: createChanges({ store: changeStore, newId }),
    store: changeStore,
    ciNames: (ids) => ciNames(cmdbStore, ids),
    onPolicy: watch.forgetPolicy,
    mergedIn: (ciId) => cmdb.identity.mergedIn(ciId),
    onDecided: async (change, actor, nowMs) => {
      const approved = change.state === 'approved';
      const decision = approved
        ? ({ state: 'accepted', note: `${change.ref}: ${change.title}`, changeId: change.id } as const)
        : ({ state: 'open', note: null, changeId: null } as const);
      // Those that are decided wait no more, so that the first page is always of others.
      for (;;) {
        const waiting = await findingStore.find({
          changeId: change.id,
          state: 'open',
          limit: FINDINGS_PER_TURN,
        });
        if (waiting.items.length === 0) return;
        for (const { id } of waiting.items) await findings.decide(id, decision, actor, nowMs);
        await pause();
      }
    },
  });
  const opener = createIncidentOpener({
    findings,
    store: findingStore,
    incidents: deps.incidents,
    ci: (id) => cmdbStore.ci(id),
    ciFacts: deps.ciFacts,
  });
  findings.onChange((finding) =>
    behind.run('a finding opened no incident', () => opener.follow(finding, clock.now())),
  );
  addFindingsRoutes(routes, {
    findings,
    store: findingStore,
    ciNames: (ids) => ciNames(cmdbStore, ids),
    onRules: opener.forgetRules,
    mergedIn: (ciId) => cmdb.identity.mergedIn(ciId),
    requireChange: async (id, state, some) => {
      const change = await changeStore.change(id);
      if (!change) throw new AppError('not-found', `There is no change ${id}.`);
      const { state: is, ref } = change;
      if (state === 'accepted' && is !== 'approved' && is !== 'closed')
        throw new AppError('input-invalid', `${ref} is ${is}: only an approved change explains a finding.`);
      if (is === 'rejected' || is === 'cancelled')
        throw new AppError('input-invalid', `${ref} is ${is} and explains nothing.`);
      for (const { ciId } of some) {
        const ci = ciId === null ? null : await cmdbStore.ci(ciId);
        if (ci && !change.ciIds.includes(ci.id) && !change.tags.some((tag) => ci.tags.includes(tag)))
          throw new AppError('input-invalid', `${ref} is not of ${ci.name}.`);
      }
    },
  });
  const softwareStore = createSqlSoftwareStore(sql);
  const monotonicMs = () => clock.monotonicMs();
  const register = await SoftwareRegister.open({ store: softwareStore, monotonicMs, breathe: pause });
  const softwareWatch = createSoftwareWatch({
    store: softwareStore,
    register,
    cmdbStore,
    machines: () => cmdb.listed(),
    findings,
    findingStore,
    monotonicMs,
    breathe: pause,
  });
  cmdb.onApplied(({ ci, installations, history: rows }) => {
    const keys = [...(installations?.put.map(({ key }) => key) ?? []), ...(installations?.removed ?? [])];
    const moved = rows.some(
      ({ kind, attribute }) => kind === 'merged' || kind === 'split' || attribute === 'lifecycle',
    );
    if (keys.length > 0) behind.run('packages were not counted', () => register.changed(keys));
    if (moved) behind.run('packages were not counted', () => register.changedAll(ci.id));
    if (
      isMachineClass(ci.class) &&
      (keys.length > 0 || moved || rows.some(({ attribute }) => SCOPE.has(attribute ?? '')))
    )
      softwareWatch.look(ci.id);
  });
  const licences = createLicences({
    store: softwareStore,
    register,
    cmdb,
    cmdbStore,
    graph: deps.graph,
    findings,
    findingStore,
    breathe: pause,
  });
  addSoftwareRoutes(routes, {
    register,
    watch: softwareWatch,
    licences,
    store: softwareStore,
    cmdbStore,
    findings,
    findingStore,
    newId,
    behind: (work) => behind.run('machines were not looked at for a rule of software', work),
  });
  let turn: Promise<unknown> | null = null;
  /** Counting and looking take their time and hold nothing up. */
  function inTurn(nowMs: Millis): void {
    turn ??= eachPart(log, [
      ['packages were not counted', () => register.tick()],
      ['software was not looked at', () => softwareWatch.tick(nowMs)],
      ['licences were not looked at', () => licences.tick(nowMs)],
    ]).finally(() => {
      turn = null;
    });
  }
  return {
    tick: async (nowMs) => inTurn(nowMs),
    settled: async () => {
      await behind.settled();
      await turn;
    },
  };
}
