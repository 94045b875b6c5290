/**
 * Puts together what watches and judges: presence, availability, rules, incidents. The server, the stories of the tests and
 * the simulated year run this same assembly, each on stores, sources and a clock of its own.
 */
import type { Millis } from '@muster/shared/time.ts';
import { toIso } from '@muster/shared/time.ts';
import type { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import type { Agreed } from './availability/agreed.ts';
import type { AgreementStore } from './availability/agreements-store.ts';
import type { Expectations } from './availability/expectation.ts';
import {
  createFleetAvailability,
  type FleetAvailability,
  tellingChanges,
} from './availability/fleet-availability.ts';
import { createPresence, type LinkEnd, type LinkStart, type PresenceKeeper } from './availability/keeper.ts';
import type { Neighbourhood } from './availability/neighbours.ts';
import type { HostProbe } from './availability/probe.ts';
import type { PresenceStatus } from './availability/status.ts';
import { createReclassifications, type Reclassifications } from './availability/reclassifications.ts';
import { createServiceAvailability, type ServiceAvailability } from './availability/service-availability.ts';
import type { AvailabilityStore } from './availability/store.ts';
import { createTargets, type Targets } from './availability/targets.ts';
import { createBackground } from './background.ts';
import { createNotSeen } from './presence-hours/not-seen.ts';
import { createUninstalled } from './presence-hours/uninstalled.ts';
import { PRESENCE_SETTINGS_DEFAULT } from '@muster/shared/api/presence.ts';
import type { Findings } from './findings/finding.ts';
import { type Calendars, createCalendars } from './calendars/calendars.ts';
import type { CalendarStore } from './calendars/store.ts';
import type { CiDirectory } from './cmdb/directory.ts';
import { createCircles } from './correlation/circles.ts';
import { createCorrelator } from './correlation/correlator.ts';
import { inWindow } from './correlation/words.ts';
import { causeKeyOf } from './incidents/cause.ts';
import type { EvidenceSources } from './incidents/evidence.ts';
import { createEvidenceKeeper, type EvidenceKeeper, flightLineId } from './incidents/evidence-keeper.ts';
import { createIncidents, type IncidentEvent, type Incidents } from './incidents/incidents.ts';
import type { AlertNews, CiFacts } from './incidents/life-cycle.ts';
import type { IncidentStore } from './incidents/store.ts';
import { sceneOf } from './incidents/scene.ts';
import { createSurroundings } from './incidents/surroundings.ts';
import { type Log, messageOf } from './log.ts';
import { createMaintenance, type Maintenance } from './maintenance/maintenance.ts';
import { coverageSource, watchMembers } from './maintenance/members.ts';
import { createWindowNotes } from './maintenance/notes.ts';
import type { MaintenanceStore } from './maintenance/store.ts';
import type { MetricStore, SeriesIdentity, StoredTick } from './metrics/store.ts';
import type { RelationGraph } from './relations/graph.ts';
import type { Membership } from './relations/membership.ts';
import type { NodeDirectory } from './relations/nodes.ts';
import { impactGraph } from './relations/services.ts';
import type { AlertTransition } from './rules/alert.ts';
import { createRuleEngine, type RuleEngine } from './rules/engine.ts';
import { nameWordsOf } from './rules/packs/name-words.ts';
import type { RulesStore } from './rules/store.ts';

export interface MonitoringDeps {
  readonly stores: {
    readonly availability: AvailabilityStore;
    readonly agreements: AgreementStore;
    readonly calendars: CalendarStore;
    readonly rules: RulesStore;
    readonly incidents: IncidentStore;
    readonly maintenance: MaintenanceStore;
  };
  readonly directory: CiDirectory;
  readonly graph: Pick<RelationGraph, 'from' | 'to' | 'all' | 'onChange'>;
  readonly nodes: Pick<NodeDirectory, 'get' | 'all' | 'partsOf' | 'onChange'>;
  readonly membership: Membership;
  /** What turned out to be another CI is that; absent: nothing ever did. */
  readonly survivorOf?: (ciId: string) => string;
  readonly metrics: MetricStore;
  /** Series that others tell of a machine: they are no word of its agent. Absent: there are none. */
  readonly isForeign?: (series: SeriesIdentity) => boolean;
  /** null: no witness but the machine's own word. */
  readonly probe: HostProbe | null;
  /** Who may be asked about a silent machine; absent: nobody. */
  readonly neighbours?: Neighbourhood;
  /** Where machines that are not seen any more are told; absent: nowhere. */
  readonly findings?: Findings;
  /** After so many days a machine that its user takes along counts as not seen. */
  readonly notSeenDays?: () => number;
  /** Two ticks further apart than this: the server stood still. For simulations with longer steps. */
  readonly stallMs?: Millis;
  /** Collection interval of the machine's agent; the default where absent. */
  readonly intervalMs?: (ciId: string) => Millis;
  /** The configuration has switched the metric off on this machine. */
  readonly isOff?: (ciId: string, metric: string) => boolean;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** The account of that name as it is written there, when it is active and may work on incidents; else null. */
  readonly holderOf: (name: string) => Promise<string | null>;
  /** Changes of the CI for the evidence. */
  readonly changesOf: EvidenceSources['changesOf'];
  /** End of the CI's warranty as YYYY-MM-DD; null: not entered. */
  readonly warrantyOf?: (ciId: string) => Promise<string | null>;
  /** Asks the machine's agent for its recording; false: it is not connected. */
  readonly requestFlight: (ciId: string, requestId: string) => boolean;
  /** After each durable change of an incident, in order. */
  readonly onIncident: (event: IncidentEvent, nowMs: Millis) => void;
  /** Other rules hold than before; absent: nobody wants to know. */
  readonly onRules?: () => void;
  /** Gives way to other work. */
  readonly pause: () => Promise<void>;
  /** Before each piece of the past that rules read; absent: `pause`. */
  readonly pausePast?: () => Promise<void>;
  readonly log: Log;
  readonly nowMs: Millis;
}

/** What agents send, as ingest hands it over once it is durable. */
export interface MonitoringInputs {
  connected(ciId: string, agentId: string, info: LinkStart, nowMs: Millis): void;
  disconnected(ciId: string, agentId: string, end: LinkEnd, nowMs: Millis): void;
  samples(ciId: string, ticks: readonly StoredTick[], nowMs: Millis): void;
  event(
    ciId: string,
    key: { agentId: string; epoch: string; seq: number; index: number },
    event: AgentEvent,
    nowMs: Millis,
  ): Promise<void>;
}

export interface Monitoring {
  readonly inputs: MonitoringInputs;
  readonly expectations: Expectations;
  readonly agreed: Agreed;
  readonly calendars: Calendars;
  readonly reclassifications: Reclassifications;
  readonly targets: Targets;
  readonly availabilityStore: AvailabilityStore;
  readonly fleetAvailability: FleetAvailability;
  readonly serviceAvailability: ServiceAvailability;
  readonly maintenance: Maintenance;
  readonly presence: PresenceKeeper;
  readonly rules: RuleEngine;
  readonly incidents: Incidents;
  readonly evidence: EvidenceKeeper;
  /** null: not in the directory. */
  ciFacts(ciId: string): CiFacts | null;
  /** Evidence is read behind everything else: of a thousand incidents the last must not be told after all that reading. */
  gather(whatIfItFails: string, work: () => Promise<unknown>): void;
  /** Once a second; what one part fails at stops no other: each with what to log. */
  ticks(nowMs: Millis): readonly (readonly [string, () => unknown])[];
  /** Presence, alerts and what follows from them are durable and told. */
  settled(): Promise<void>;
  /** And all evidence is gathered. */
  gathered(): Promise<void>;
}

export async function createMonitoring(deps: MonitoringDeps): Promise<Monitoring> {
  const { stores, directory, metrics, newId, pause, log, nowMs } = deps;
  const maintenance = await createMaintenance(
    {
      store: stores.maintenance,
      newId,
      source: coverageSource(deps),
      troubles,
      onEdge: (edge, atMs) => windowNotes.onEdge(edge, atMs),
      report: (what, error) => log('error', what, { error: messageOf(error) }),
    },
    nowMs,
  );
  watchMembers(deps, () => maintenance.membersChanged());
  const calendars = await createCalendars({
    store: stores.calendars,
    nodes: deps.nodes,
    membership: deps.membership,
    newId,
  });
  const { expectations } = calendars;
  const reclassifications = await createReclassifications({ store: stores.agreements, newId });
  const agreed: Agreed = { expectations, planned: maintenance, marks: reclassifications.marks };
  let tickedMs = nowMs;
  const availabilityStore = tellingChanges(
    stores.availability,
    (changes) => fleetAvailability.changed(changes),
    () => tickedMs,
  );
  const serviceAvailability = createServiceAvailability({
    store: availabilityStore,
    directory,
    nodes: deps.nodes,
    graph: impactGraph(deps.graph, deps.nodes),
    agreed,
    pause,
  });
  const targets = await createTargets({
    store: stores.agreements,
    record: availabilityStore,
    directory,
    nodes: deps.nodes,
    services: serviceAvailability,
    agreed,
    newId,
    pause,
  });
  const fleetAvailability = createFleetAvailability({
    store: availabilityStore,
    directory,
    agreed,
    pause,
  });
  const presence = createPresence({
    store: availabilityStore,
    directory,
    expectations,
    maintenance,
    newestSampleMs: (ciId) => newestOf(metrics, ciId, deps.isForeign),
    ...(deps.intervalMs ? { intervalMs: deps.intervalMs } : {}),
    probe: deps.probe,
    ...(deps.neighbours ? { neighbours: deps.neighbours } : {}),
    circlesOf: createCircles(deps),
    ...(deps.stallMs === undefined ? {} : { stallMs: deps.stallMs }),
    report: (what, error) => log('error', what, { error: messageOf(error) }),
  });
  await presence.start(nowMs);
  const notSeen =
    deps.findings &&
    createNotSeen({
      directory,
      expectations,
      presence,
      findings: deps.findings,
      days: deps.notSeenDays ?? (() => PRESENCE_SETTINGS_DEFAULT.notSeenDays),
    });
  const uninstalled = deps.findings && createUninstalled({ directory, presence, findings: deps.findings });
  // Before the rules hear of it: a flexible window that begins now holds their alerts back.
  presence.onChange((status, atMs) => {
    const sinceMs = troubleSince(status);
    if (sinceMs !== null) maintenance.troubled(status.ciId, sinceMs, atMs);
  });

  const behind = createBackground(log);
  const gathering = createBackground(log);
  const surroundings = createSurroundings(deps);
  const incidents = await createIncidents({
    store: stores.incidents,
    newId,
    holderOf: deps.holderOf,
    surroundings,
    ciFacts: (ciId) => ciFacts(ciId) ?? nodeFacts(ciId),
    heardSinceMs: (ciId) => {
      const status = presence.get(ciId);
      return status && (status.presence === 'up' ? status.sinceMs : null);
    },
    onEvent: onIncident,
  });
  const windowNotes = createWindowNotes({
    store: stores.incidents,
    incidents,
    coveredBy: (windowId) => maintenance.coveredBy(windowId),
    run: (what, work) => behind.run(what, work),
  });
  const correlator = createCorrelator({
    graph: deps.graph,
    nodes: deps.nodes,
    directory,
    presence,
    maintenance,
    incidents,
    alerts: () => rules,
    ciFacts,
    newsOf,
    newId,
    log,
  });
  const rules: RuleEngine = await createRuleEngine({
    store: stores.rules,
    directory,
    metrics,
    presence,
    ...(deps.isForeign ? { isForeign: deps.isForeign } : {}),
    membership: deps.membership,
    newId,
    react: correlator.react,
    suppressedBy: (ciId, atMs) => {
      maintenance.troubled(ciId, atMs, atMs);
      return inWindow(maintenance.at(ciId, atMs));
    },
    log,
    ...(deps.intervalMs ? { intervalMs: deps.intervalMs } : {}),
    ...(deps.isOff ? { isOff: deps.isOff } : {}),
    ...(deps.onRules ? { onRules: deps.onRules } : {}),
    pause: deps.pausePast ?? pause,
    nowMs,
  });
  const evidence = await createEvidenceKeeper({
    store: stores.incidents,
    incidents,
    sources: {
      metrics,
      changesOf: deps.changesOf,
      presenceOf: (ciId) => {
        const status = presence.get(ciId);
        return status
          ? {
              presence: status.presence,
              cause: status.cause,
              since: toIso(status.sinceMs),
              reasons: [...status.evidence],
            }
          : null;
      },
    },
    breachOf: async (incident) => {
      const [first] = await stores.rules.alertsByIds(
        incident.alerts.map(({ alertId }) => alertId).slice(0, 1),
      );
      return { metric: first?.metric ?? null, instance: first?.instance ?? '' };
    },
    requestFlight: deps.requestFlight,
    sceneOf: (incident, changes, atMs) =>
      sceneOf(
        incident,
        changes,
        {
          surroundings,
          maintenance,
          changesOf: deps.changesOf,
          warrantyOf: deps.warrantyOf ?? (async () => null),
          store: stores.incidents,
        },
        atMs,
      ),
  });

  /** What is missed, and what has an alert. */
  function* troubles(): Generator<readonly [string, Millis]> {
    for (const { id } of directory.all()) {
      const sinceMs = troubleSince(presence.get(id));
      if (sinceMs !== null) yield [id, sinceMs];
    }
    for (const { ciId, breachedAtMs } of rules.live()) yield [ciId, breachedAtMs];
  }

  function ciFacts(ciId: string): CiFacts | null {
    const entry = directory.get(ciId);
    if (!entry) return null;
    return {
      id: entry.id,
      name: entry.name,
      class: entry.class,
      criticality: entry.criticality,
      expectedNow: presence.get(ciId)?.inHours ?? true,
    };
  }

  /** Of what has no agent, such as a switch. */
  function nodeFacts(ciId: string): CiFacts | null {
    const node = deps.nodes.get(ciId);
    if (!node || node.machineId !== null) return null;
    const { id, name, class: ciClass, criticality } = node;
    return { id, name, class: ciClass, criticality, expectedNow: true };
  }

  function onIncident(event: IncidentEvent, nowMs: Millis): void {
    if (event.incident.acknowledgedAtMs === nowMs) {
      for (const { alertId } of event.incident.alerts)
        behind.run('an alert was not acknowledged', () => rules.acknowledge(alertId, nowMs));
    }
    deps.onIncident(event, nowMs);
    gathering.run('evidence could not be gathered', () => evidence.onIncident(event, nowMs));
  }

  let completing = false;
  /** At most one waits behind the evidence that is being gathered. */
  function completeEvidence(nowMs: Millis): void {
    if (completing) return;
    completing = true;
    gathering.run('evidence could not be completed', async () => {
      completing = false;
      await evidence.tick(nowMs);
    });
  }

  return {
    inputs: {
      connected: (ciId, agentId, info, nowMs) => presence.connected(ciId, agentId, info, nowMs),
      disconnected: (ciId, agentId, end, nowMs) => presence.disconnected(ciId, agentId, end, nowMs),
      samples: (ciId, ticks, nowMs) => {
        presence.samples(ciId, ticks, nowMs);
        rules.onSamples(ciId, ticks, nowMs);
      },
      event: async (ciId, key, event, nowMs) => {
        await presence.event(ciId, event, nowMs);
        if (event.type === 'flight') await evidence.onFlight(ciId, flightLineId(key), event, nowMs);
      },
    },
    expectations,
    agreed,
    calendars,
    reclassifications,
    targets,
    availabilityStore,
    fleetAvailability,
    serviceAvailability,
    maintenance,
    presence,
    rules,
    incidents,
    evidence,
    ciFacts,
    gather: (what, work) => gathering.run(what, work),
    ticks: (nowMs) => [
      ['maintenance windows were not looked after', () => maintenance.tick(nowMs)],
      ['the time was not taken', () => (tickedMs = nowMs)],
      ['service hours were not looked after', () => calendars.tick(nowMs)],
      ['presence was not looked after', () => presence.tick(nowMs)],
      ['machines not seen were not looked for', () => notSeen?.tick(nowMs)],
      ['machines without an agent were not looked for', () => uninstalled?.tick(nowMs)],
      ['the rules were not looked after', () => rules.tick(nowMs)],
      ['alerts were not put together', () => correlator.tick(nowMs)],
      ['incidents were not looked after', () => incidents.tick(nowMs)],
      ['evidence was not looked after', () => completeEvidence(nowMs)],
    ],
    settled: async () => {
      await maintenance.settled();
      await presence.settled();
      await rules.settled();
      await correlator.settled();
      // What was found out about alerts is written by the rules.
      await rules.settled();
      await behind.settled();
    },
    gathered: () => gathering.settled(),
  };
}

function newsOf(transition: AlertTransition, type: AlertNews['type'], affected: CiFacts): AlertNews {
  const { alert, atMs, title, reasonWords, rule } = transition;
  const silent = rule.condition.type === 'silent';
  const causeKey = causeKeyOf(alert.ciId, silent ? null : alert.metric, alert.instance);
  const sentences = (language: 'en' | 'zh') =>
    [...reasonWords, rule.explanation]
      // A person may have explained a rule in one language only; better that one than none.
      .map((words) => words[language] || words[language === 'en' ? 'zh' : 'en'])
      .filter((text) => text !== '');
  return {
    type,
    atMs,
    alertId: alert.id,
    severity: alert.severity,
    breachedAtMs: alert.breachedAtMs,
    causeKey,
    ownCauseKey: causeKey,
    metric: silent ? null : (alert.metric ?? ''),
    outage: silent,
    seen: alert.acknowledgement !== null,
    rule: {
      id: alert.ruleId,
      name: nameWordsOf(alert.ruleName) ?? { en: alert.ruleName, zh: alert.ruleName },
    },
    unwatched: alert.resolvedBecause === 'rule-ended',
    affected,
    title,
    description: { en: sentences('en').join('\n'), zh: sentences('zh').join('\n') },
  };
}

/** Since when a machine is not as it is expected; our own fault is no trouble of its. */
function troubleSince(status: PresenceStatus | undefined): Millis | null {
  if (status === undefined || status.silence === 'no' || status.cause === 'server-self') return null;
  return status.silentSinceMs ?? status.sinceMs;
}

function newestOf(metrics: MetricStore, ciId: string, isForeign: MonitoringDeps['isForeign']): Millis | null {
  let newestMs: Millis | null = null;
  for (const { identity, atMs } of metrics.latest(ciId))
    if (!isForeign?.(identity)) newestMs = Math.max(newestMs ?? atMs, atMs);
  return newestMs;
}
