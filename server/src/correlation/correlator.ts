/** Stands between rules and incidents: decides which alert is told, held for a moment, or an effect of a cause elsewhere. */
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { isOpen, type Words } from '@muster/shared/api/incidents.ts';
import type { Severity, SuppressedBy } from '@muster/shared/api/rules.ts';
import type { Millis } from '@muster/shared/time.ts';
import { type PresenceStatus, type PresenceView, saidWhy } from '../availability/status.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { causeKeyOf } from '../incidents/cause.ts';
import type { Incidents } from '../incidents/incidents.ts';
import type { AlertNews, CiFacts } from '../incidents/life-cycle.ts';
import type { Incident } from '../incidents/store.ts';
import { type Log, messageOf } from '../log.ts';
import type { MaintenanceView } from '../maintenance/view.ts';
import type { RelationGraph } from '../relations/graph.ts';
import type { NodeDirectory } from '../relations/nodes.ts';
import type { AlertTransition, React } from '../rules/alert.ts';
import type { AlertMark } from '../rules/alert-book.ts';
import type { RuleEngine } from '../rules/engine.ts';
import { type Companion, CRASH_LOOP_MS, isCrashLoop, kinshipOf } from './companions.ts';
import {
  type Cause,
  CorrelationCore,
  type Decision,
  type FoundCause,
  type How,
  howOf,
  type ReleaseWhy,
  type Sight,
  type Silence,
} from './core.ts';
import type { SightState } from './infer.ts';
import { HOLD_MS } from './limits.ts';
import { buildReach, type Reach } from './reach.ts';
import {
  behindFound,
  behindPlanned,
  behindSilent,
  causeDescription,
  causeTitle,
  endWords,
  joinWords,
  type Named,
  extentWords,
  RELEASED,
} from './words.ts';

export interface CorrelatorDeps {
  readonly graph: Pick<RelationGraph, 'all' | 'onChange'>;
  readonly nodes: Pick<NodeDirectory, 'get' | 'onChange'>;
  readonly directory: CiDirectory;
  readonly presence: PresenceView;
  readonly maintenance: Pick<MaintenanceView, 'at'>;
  readonly incidents: Incidents;
  /** Asked for when it is needed: the rules want `react` before they are there. */
  readonly alerts: () => Pick<RuleEngine, 'live' | 'alert' | 'opening' | 'mark'>;
  /** null: not in the directory. */
  readonly ciFacts: (ciId: string) => CiFacts | null;
  readonly newsOf: (transition: AlertTransition, type: AlertNews['type'], affected: CiFacts) => AlertNews;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly log: Log;
}

export interface Correlator {
  readonly react: React;
  /** Once a second, after the rules. */
  tick(nowMs: Millis): Promise<void>;
  /** What was taken so far is carried out. */
  settled(): Promise<void>;
}

/** The incident that an alert joins. `leads`: as the cause of what it was opened for. */
interface Company {
  readonly incident: Incident;
  readonly leads: boolean;
}

/** Of the alert that stands for a cause that was found. */
const CAUSE_PREFIX = 'cor';
/** Cause keys of silences that nothing with a record explains; of those that were not lost, their place follows. */
const STORM_KEYS: Readonly<Record<How, string>> = {
  lost: 'network silent',
  quit: 'shut down together',
  'not-back': 'not come back',
  stopped: 'agents stopped',
};
/** What is measured of a cause; of what nobody knows more of than its silence: null. */
const AGENT_STOPPED = 'agent.stopped';
/** A decision that fails so often is given up, so that those behind it are carried out. */
const TRIES_MAX = 100;

export function createCorrelator(deps: CorrelatorDeps): Correlator {
  return new Keeper(deps);
}

class Keeper implements Correlator {
  readonly #deps: CorrelatorDeps;
  readonly #core: CorrelationCore;
  #reach: Reach | null = null;
  #isStarted = false;
  #working: Promise<unknown> = Promise.resolve();
  /** Not yet carried out; in order, across failures. */
  #todo: Decision[] = [];
  #tries = 0;
  /** Ends of suppressed alerts, told together. */
  #over: { readonly incidentId: string; readonly news: AlertNews }[] = [];

  constructor(deps: CorrelatorDeps) {
    this.#deps = deps;
    deps.graph.onChange(() => (this.#reach = null));
    deps.nodes.onChange(() => (this.#reach = null));
    this.#core = new CorrelationCore({
      reach: () => (this.#reach ??= buildReach(deps.graph.all(), (id) => deps.nodes.get(id))),
      sight: (ciId, nowMs) => this.#sight(ciId, nowMs),
      machines: () => this.#machineIds(),
      upCount: () => this.#upCount(),
      kindOf: (ciId) => this.#kindOf(ciId),
      newId: (prefix, nowMs) => deps.newId(prefix, nowMs),
    });
  }

  readonly react: React = (transitions, nowMs) =>
    this.#inOrder(async () => {
      this.#start(nowMs);
      const held: { alertId: string; incidentId: string }[] = [];
      for (const transition of transitions) {
        const incidentId = await this.#take(transition, nowMs);
        if (incidentId !== null) held.push({ alertId: transition.alert.id, incidentId });
      }
      return held;
    });

  tick(nowMs: Millis): Promise<void> {
    return this.#inOrder(async () => {
      this.#start(nowMs);
      this.#todo.push(...this.#core.tick(nowMs));
      if (this.#todo.length + this.#over.length === 0) return;
      await this.#tellOver(nowMs);
      await this.#carryOut(nowMs);
    });
  }

  async settled(): Promise<void> {
    await this.#working;
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#working.then(work, work);
    this.#working = done.catch(() => undefined);
    return done;
  }

  /** Returns the incident that holds the alert. */
  async #take(transition: AlertTransition, nowMs: Millis): Promise<string | null> {
    const { alert, type } = transition;
    if (type === 'updated') return this.#note(transition, nowMs);
    if (transition.rule.condition.type !== 'silent') return this.#tell(transition, type, nowMs);
    const known = this.#core.ofAlert(alert.id);
    if (type === 'opened' && known === undefined) {
      this.#core.opened(alert, nowMs);
      return null;
    }
    if (type !== 'resolved')
      return known === undefined || known.state === 'told' ? this.#tell(transition, type, nowMs) : null;
    const holder = this.#deps.incidents.ofAlert(alert.id);
    if (known?.state === 'suppressed' && holder !== null) {
      // Of a hundred that return at once the incident is told once.
      const facts = this.#factsOf(alert.ciId);
      this.#over.push({ incidentId: holder.id, news: this.#deps.newsOf(transition, 'resolved', facts) });
      this.#core.resolved(alert.id, nowMs);
      return holder.id;
    }
    // Told before it is forgotten: what fails is told again.
    const incidentId = known?.state === 'held' ? null : await this.#tell(transition, type, nowMs);
    this.#core.resolved(alert.id, nowMs);
    return incidentId;
  }

  async #tell(transition: AlertTransition, type: AlertNews['type'], nowMs: Millis): Promise<string | null> {
    const ci = this.#deps.ciFacts(transition.alert.ciId);
    if (!ci) return null;
    const { incidents } = this.#deps;
    const news = this.#deps.newsOf(transition, type, ci);
    const company = type === 'opened' ? this.#companyOf(transition, news.causeKey, nowMs) : null;
    const causeKey = company?.incident.causeKey ?? null;
    const joined =
      company &&
      causeKey !== null &&
      (await incidents.attach(
        company.incident.id,
        [{ ...news, causeKey, ownCauseKey: news.causeKey, leads: company.leads }],
        nowMs,
      ));
    const incident = joined || (await incidents.react(news, ci, nowMs));
    return incident?.id ?? null;
  }

  /** The incident on the same machine that the alert belongs to by its nature; null: it has a cause of its own. */
  #companyOf({ alert, rule }: AlertTransition, causeKey: string, nowMs: Millis): Company | null {
    const { incidents } = this.#deps;
    if (incidents.ofAlert(alert.id) !== null) return null;
    const unfinished = incidents.unfinished().filter(({ ciId }) => ciId === alert.ciId);
    const metric = rule.condition.type === 'silent' ? null : alert.metric;
    if (metric === null && rule.condition.type !== 'silent') return null;
    const opening = { metric, breachedAtMs: alert.breachedAtMs };
    const silentKey = causeKeyOf(alert.ciId, null, '');
    if (isCrashLoop(opening))
      for (const incident of unfinished)
        if (incident.causeKey === silentKey && nowMs - incident.openedAtMs <= CRASH_LOOP_MS)
          return { incident, leads: true };
    if (unfinished.some((incident) => incident.causeKey === causeKey && isOpen(incident.state))) return null;
    for (const incident of unfinished) {
      if (!isOpen(incident.state)) continue;
      const kinship = this.#kinshipTo(incident, opening);
      if (kinship !== null) return { incident, leads: kinship === 'cause of all' };
    }
    return null;
  }

  /** 'cause of all': it explains what the incident is named after. */
  #kinshipTo(incident: Incident, opening: Companion): 'effect' | 'cause' | 'cause of all' | null {
    const kinships = incident.alerts.flatMap(({ alertId, open, causeKey }) => {
      const standing = open ? this.#deps.alerts().alert(alertId) : null;
      if (!standing?.metric || standing.ciId !== incident.ciId) return [];
      const kinship = kinshipOf(opening, standing);
      return [kinship === 'cause' && causeKey === incident.causeKey ? 'cause of all' : kinship];
    });
    return (['effect', 'cause of all', 'cause'] as const).find((one) => kinships.includes(one)) ?? null;
  }

  /** What is known of an alert has changed, such as why a machine is silent. */
  async #note({ alert, title, reasonWords, remind }: AlertTransition, nowMs: Millis): Promise<string | null> {
    const incidentId = this.#deps.incidents.incidentOfAlert(alert.id);
    if (incidentId === null || this.#core.ofAlert(alert.id)?.state === 'suppressed') return null;
    const sentence = (language: 'en' | 'zh') =>
      [title, ...reasonWords].map((words) => words[language]).join(language === 'zh' ? '' : ' ');
    const text = { en: sentence('en'), zh: sentence('zh') };
    if (remind) await this.#deps.incidents.remind(incidentId, alert.id, text, nowMs);
    else await this.#deps.incidents.record(incidentId, 'evidence', text, nowMs);
    return null;
  }

  /** Before anything else: what alerts and incidents say of the time before. */
  #start(nowMs: Millis): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { incidents } = this.#deps;
    const causes = new Map<string, FoundCause>();
    for (const incident of incidents.unfinished()) {
      const [cause, ...others] = causesOf(incident);
      if (cause === undefined) continue;
      causes.set(incident.id, cause);
      this.#core.restoreCause(cause);
      // One stands for all that the incident holds.
      for (const other of others)
        this.#over.push({ incidentId: incident.id, news: this.#mergedNews(other, cause, nowMs) });
    }
    const silences = new Map<string, Omit<Silence, 'alertIds'> & { readonly alertIds: Set<string> }>();
    for (const alert of this.#deps.alerts().live()) {
      if (alert.metric !== null || alert.suppressedBy?.kind === 'maintenance') continue;
      if (this.#deps.alerts().opening(alert.id)?.rule.condition.type !== 'silent') continue;
      const known = silences.get(alert.ciId);
      if (known) {
        known.alertIds.add(alert.id);
        continue;
      }
      const holder = incidents.ofAlert(alert.id);
      const isIn = holder?.alerts.some(({ alertId, open }) => open && alertId === alert.id) ?? false;
      const cause = isIn && holder ? this.#causeBefore(alert.suppressedBy, causes.get(holder.id)) : null;
      const status = this.#deps.presence.get(alert.ciId);
      const lastSeenMs = Math.min(status?.lastSeenMs ?? alert.breachedAtMs, alert.breachedAtMs);
      const isSuppressed = alert.state === 'suppressed' && cause !== null;
      const isTold = alert.state !== 'suppressed' && isIn;
      silences.set(alert.ciId, {
        ciId: alert.ciId,
        alertIds: new Set([alert.id]),
        breachedAtMs: alert.breachedAtMs,
        lastSeenMs,
        how: howOf(alert.breachedAtMs, lastSeenMs, this.#sight(alert.ciId, nowMs)),
        state: isSuppressed ? 'suppressed' : isTold ? 'told' : 'held',
        dueMs: isSuppressed || isTold ? null : Math.max(nowMs, Math.min(nowMs, alert.openedAtMs) + HOLD_MS),
        cause: isSuppressed ? cause : null,
      });
    }
    for (const silence of silences.values()) this.#core.restore(silence);
    this.#endWhatWasNotTold(nowMs);
  }

  #causeBefore(by: SuppressedBy | null, found: FoundCause | undefined): Cause | null {
    if (found) return found;
    return by?.kind === 'dependency' && by.id !== null ? { kind: 'silent', ciId: by.id } : null;
  }

  /** Ends that were taken and not yet told when the server died. */
  #endWhatWasNotTold(nowMs: Millis): void {
    for (const incident of this.#deps.incidents.unfinished())
      for (const { alertId, open, severity, ciId, causeKey } of incident.alerts) {
        if (!open || alertId.startsWith(`${CAUSE_PREFIX}_`)) continue;
        const alert = this.#deps.alerts().alert(alertId);
        if (alert !== null && (alert.state !== 'resolved' || !alert.settled)) continue;
        const name = this.#nameOf(ciId)?.name ?? ciId;
        const title = { en: `${name}: the alert is over`, zh: `${name}：告警已恢复` };
        this.#over.push({
          incidentId: incident.id,
          news: {
            type: 'resolved',
            atMs: nowMs,
            alertId,
            severity,
            breachedAtMs: nowMs,
            causeKey,
            outage: false,
            affected: this.#factsOf(ciId),
            unwatched: alert?.resolvedBecause === 'rule-ended',
            title,
            description: title,
          },
        });
      }
  }

  async #tellOver(nowMs: Millis): Promise<void> {
    const byIncident = new Map<string, AlertNews[]>();
    for (const { incidentId, news } of this.#over) {
      const held = byIncident.get(incidentId);
      if (held) held.push(news);
      else byIncident.set(incidentId, [news]);
    }
    for (const [incidentId, news] of byIncident) {
      await this.#deps.incidents.attach(incidentId, news, nowMs);
      this.#over = this.#over.filter((one) => one.incidentId !== incidentId);
    }
  }

  async #carryOut(nowMs: Millis): Promise<void> {
    while (this.#todo.length > 0) {
      const [decision] = this.#todo;
      if (!decision) return;
      try {
        await this.#do(decision, nowMs);
      } catch (error) {
        this.#tries += 1;
        if (this.#tries < TRIES_MAX) throw error;
        this.#deps.log('error', 'a decision about alerts was given up', {
          decision: decision.type,
          error: messageOf(error),
        });
      }
      this.#tries = 0;
      this.#todo.shift();
    }
  }

  #do(decision: Decision, nowMs: Millis): Promise<void> {
    switch (decision.type) {
      case 'tell':
        return this.#tellSilence(decision.ciId, nowMs);
      case 'open':
        return this.#open(decision.cause, decision.silent, nowMs);
      case 'merge':
        return this.#merge(decision.from, decision.into, nowMs);
      case 'join':
        return this.#join(decision.ciId, decision.into, nowMs);
      case 'suppress':
        return this.#suppress(decision.ciIds, decision.by, nowMs);
      case 'release':
        return this.#release(decision.ciIds, decision.why, nowMs);
      case 'end':
        return this.#end(decision.cause, nowMs);
    }
  }

  async #tellSilence(ciId: string, nowMs: Millis): Promise<void> {
    const marks: AlertMark[] = [];
    for (const alertId of this.#core.get(ciId)?.alertIds ?? []) {
      const transition = this.#deps.alerts().opening(alertId);
      if (!transition) continue;
      await this.#leaveForeign(alertId, ciId, nowMs);
      const incidentId = await this.#tell(transition, 'opened', nowMs);
      marks.push({ alertId, suppressedBy: null, incidentId });
    }
    this.#deps.alerts().mark(marks, nowMs);
  }

  /** An alert that opens again is not kept by the incident of what silenced it last time. */
  async #leaveForeign(alertId: string, ciId: string, nowMs: Millis): Promise<void> {
    const holder = this.#deps.incidents.ofAlert(alertId);
    const held = holder?.alerts.find((alert) => alert.alertId === alertId);
    if (!holder || !held || held.open || holder.ciId === ciId) return;
    await this.#deps.incidents.release(holder.id, [alertId], RELEASED.over, nowMs);
  }

  async #open(cause: FoundCause, silent: readonly string[], nowMs: Millis): Promise<void> {
    if (this.#deps.incidents.ofAlert(cause.id) !== null) return;
    const { ciId } = cause;
    const news = [this.#causeNews(cause, silent, 'opened', nowMs)];
    // Those that were told before are joined with their incidents.
    for (const one of this.#newsOf(silent, cause))
      if (this.#deps.incidents.ofAlert(one.alertId) === null) news.push(one);
    const incident = await this.#deps.incidents.reactAll(
      news,
      ciId === null ? null : this.#factsOf(ciId),
      nowMs,
    );
    if (incident && cause.beside.size > 0)
      await this.#deps.incidents.record(incident.id, 'evidence', this.#extentOf(cause, silent), nowMs);
  }

  #causeNews(
    cause: FoundCause,
    silent: readonly string[],
    type: 'opened' | 'resolved',
    nowMs: Millis,
  ): AlertNews {
    const { id, ciId } = cause;
    const named = this.#namedCause(cause);
    const causeKey = keyOfCause(cause);
    return {
      type,
      atMs: nowMs,
      alertId: id,
      severity: this.#worstOf(silent),
      breachedAtMs: cause.sinceMs,
      causeKey,
      ownCauseKey: causeKey,
      metric: cause.how === 'stopped' ? AGENT_STOPPED : null,
      outage: silent.some((each) => this.#isOutage(cause, each)),
      affected: this.#factsOf(ciId ?? ''),
      title:
        type === 'opened'
          ? causeTitle(cause.how, named, new Set([...silent, ...cause.beside]).size)
          : endWords(cause.how, named, silent.length),
      description: causeDescription(cause),
    };
  }

  /** What exactly is lost, and how much of it nobody misses now. */
  #extentOf({ beside }: FoundCause, silent: readonly string[]): Words {
    const all = [...new Set([...silent, ...beside])];
    const classes = new Map<string, number>();
    for (const ciId of all) {
      const ciClass = this.#factsOf(ciId).class;
      classes.set(ciClass, (classes.get(ciClass) ?? 0) + 1);
    }
    const spared = all.filter((ciId) => this.#isSpared(ciId)).length;
    return extentWords([...classes], spared);
  }

  /** It need not be up now. */
  #isSpared(ciId: string): boolean {
    return this.#deps.presence.get(ciId)?.expected === true;
  }

  /** Of what its user switches off and on, that it is off is no failure. A host that answers is up. */
  #isOutage({ how }: FoundCause, ciId: string): boolean {
    if (how === 'stopped') return false;
    return how === 'lost' || this.#factsOf(ciId).class !== 'Workstation';
  }

  #worstOf(ciIds: readonly string[]): Severity {
    for (const ciId of ciIds)
      for (const alertId of this.#core.get(ciId)?.alertIds ?? [])
        if (this.#deps.alerts().alert(alertId)?.severity === 'critical') return 'critical';
    return 'warning';
  }

  async #merge(from: FoundCause, into: Cause, nowMs: Millis): Promise<void> {
    const [target, source] = [this.#holderOf(into), this.#deps.incidents.ofAlert(from.id)];
    if (!target || !source) return;
    if (target.id !== source.id)
      await this.#deps.incidents.join(target.id, source.id, this.#joinWords(into), nowMs);
    await this.#deps.incidents.attach(target.id, [this.#mergedNews(from, into, nowMs)], nowMs);
  }

  /** It does not stand for itself any more. */
  #mergedNews(from: FoundCause, into: Cause, nowMs: Millis): AlertNews {
    return { ...this.#causeNews(from, [], 'resolved', nowMs), title: this.#joinWords(into) };
  }

  async #join(ciId: string, into: Cause, nowMs: Millis): Promise<void> {
    const target = this.#holderOf(into);
    if (!target) return;
    for (const alertId of this.#core.get(ciId)?.alertIds ?? []) {
      const source = this.#deps.incidents.ofAlert(alertId);
      if (source && source.id !== target.id)
        await this.#deps.incidents.join(target.id, source.id, this.#joinWords(into), nowMs);
    }
  }

  async #suppress(ciIds: readonly string[], by: Cause, nowMs: Millis): Promise<void> {
    if (by.kind === 'found') await this.#open(by, ciIds, nowMs);
    const target = this.#holderOf(by);
    const suppressedBy = this.#suppressedBy(by, nowMs);
    const news = this.#newsOf(ciIds, by).filter(
      ({ alertId }) => this.#deps.incidents.ofAlert(alertId)?.keptApart !== true,
    );
    const marks = news.map(({ alertId }) => ({ alertId, suppressedBy, incidentId: target?.id ?? null }));
    const foreign = news.filter(({ alertId }) => {
      const holder = this.#deps.incidents.ofAlert(alertId);
      return holder !== null && holder.id !== target?.id;
    });
    for (const { alertId } of foreign) {
      const holder = this.#deps.incidents.ofAlert(alertId);
      if (holder) await this.#deps.incidents.release(holder.id, [alertId], suppressedBy.words, nowMs);
    }
    if (target) await this.#deps.incidents.attach(target.id, this.#titled(news, by), nowMs);
    this.#deps.alerts().mark(marks, nowMs);
  }

  /** What a cause that was found silenced in the end was not known when it was told first. */
  #titled(news: readonly AlertNews[], by: Cause): readonly AlertNews[] {
    if (by.kind !== 'found') return news;
    const title = causeTitle(by.how, this.#namedCause(by), countOf(by));
    return news.map((one) => ({ ...one, causeTitle: title }));
  }

  /** The opening of all alerts of these machines, as effects of that cause. */
  #newsOf(ciIds: readonly string[], by: Cause): AlertNews[] {
    const causeKey = by.kind === 'window' ? '' : keyOfCause(by);
    const news: AlertNews[] = [];
    for (const ciId of ciIds)
      for (const alertId of this.#core.get(ciId)?.alertIds ?? []) {
        const transition = this.#deps.alerts().opening(alertId);
        if (!transition) continue;
        const own = this.#deps.newsOf(transition, 'opened', this.#factsOf(ciId));
        const outage = own.outage && (by.kind !== 'found' || this.#isOutage(by, ciId));
        news.push({ ...own, outage, causeKey, ownCauseKey: own.causeKey });
      }
    return news;
  }

  #suppressedBy(by: Cause, nowMs: Millis): SuppressedBy {
    const name = this.#namedCause(by)?.name ?? '';
    if (by.kind === 'found') {
      const words = behindFound(by.how, this.#namedCause(by), countOf(by));
      return { kind: by.ciId === null ? 'storm' : 'dependency', id: by.ciId, words };
    }
    const words =
      by.kind === 'silent'
        ? behindSilent(name)
        : behindPlanned(name, this.#deps.maintenance.at(by.ciId, nowMs)?.title ?? null);
    return { kind: 'dependency', id: by.ciId, words };
  }

  async #release(ciIds: readonly string[], why: ReleaseWhy, nowMs: Millis): Promise<void> {
    const byIncident = new Map<string, string[]>();
    const marks: AlertMark[] = [];
    for (const ciId of ciIds)
      for (const alertId of this.#core.get(ciId)?.alertIds ?? []) {
        const holder = this.#deps.incidents.ofAlert(alertId);
        // What people took apart is an incident of its own already.
        const isApart = holder?.keptApart === true;
        marks.push({ alertId, suppressedBy: null, incidentId: isApart ? holder.id : null });
        if (!holder || isApart) continue;
        const held = byIncident.get(holder.id);
        if (held) held.push(alertId);
        else byIncident.set(holder.id, [alertId]);
      }
    for (const [incidentId, alertIds] of byIncident)
      await this.#deps.incidents.release(incidentId, alertIds, RELEASED[why], nowMs);
    this.#deps.alerts().mark(marks, nowMs);
  }

  async #end(cause: FoundCause, nowMs: Millis): Promise<void> {
    const holder = this.#deps.incidents.ofAlert(cause.id);
    if (!holder) return;
    const left = [...this.#core.silences()].filter(
      ({ state, lastSeenMs }) =>
        state !== 'suppressed' && lastSeenMs >= cause.sinceMs && lastSeenMs <= cause.untilMs,
    );
    const news = this.#causeNews(
      cause,
      left.map(({ ciId }) => ciId),
      'resolved',
      nowMs,
    );
    await this.#deps.incidents.attach(holder.id, [news], nowMs);
  }

  /** The incident of the cause. */
  #holderOf(cause: Cause): Incident | null {
    if (cause.kind === 'window') return null;
    if (cause.kind === 'found') return this.#deps.incidents.ofAlert(cause.id);
    for (const alertId of this.#core.get(cause.ciId)?.alertIds ?? []) {
      const holder = this.#deps.incidents.ofAlert(alertId);
      if (holder) return holder;
    }
    return null;
  }

  /** What is to blame; of those that were not lost, where they are. */
  #namedCause(cause: Cause): Named | null {
    const ciId = cause.kind === 'found' ? (cause.ciId ?? cause.placeId) : cause.ciId;
    return ciId === null ? null : this.#nameOf(ciId);
  }

  #joinWords(into: Cause): Words {
    return joinWords(into.kind === 'found' ? into.how : 'lost', this.#namedCause(into));
  }

  #nameOf(ciId: string): Named | null {
    const name = this.#deps.directory.get(ciId)?.name ?? this.#deps.nodes.get(ciId)?.name;
    return name === undefined ? null : { name, kind: this.#kindOf(ciId) };
  }

  /** Also of what has no agent; what is gone keeps its id for a name. */
  #factsOf(ciId: string): CiFacts {
    const machine = this.#deps.ciFacts(ciId);
    if (machine) return machine;
    const node = this.#deps.nodes.get(ciId);
    return {
      id: ciId,
      name: node?.name ?? ciId,
      class: node?.class ?? '',
      criticality: node?.criticality ?? 3,
      expectedNow: true,
    };
  }

  #kindOf(ciId: string): Named['kind'] {
    const ciClass = this.#deps.nodes.get(ciId)?.class;
    if (ciClass === undefined) return this.#deps.directory.get(ciId) ? 'device' : 'other';
    if (ciClass === 'NetworkDevice' || isMachineClass(ciClass)) return 'device';
    return ciClass === 'Subnet' ? 'subnet' : ciClass === 'Location' ? 'place' : 'other';
  }

  #sight(ciId: string, nowMs: Millis): Sight | undefined {
    const status = this.#deps.presence.get(ciId);
    if (!status) return undefined;
    const window = this.#deps.maintenance.at(ciId, nowMs);
    return {
      state: sightOf(status),
      lastSeenMs: status.lastSeenMs,
      missed: status.silence === 'yes',
      said: hasSaid(status),
      answeredMs: status.answeredMs ?? null,
      windowId: window?.windowId ?? (status.planned ? 'planned' : null),
      bootedMs: status.bootsMs?.at(-1) ?? null,
    };
  }

  *#machineIds(): Iterable<string> {
    for (const { id } of this.#deps.directory.all()) yield id;
  }

  #upCount(): number {
    let count = 0;
    for (const { id } of this.#deps.directory.all())
      if (this.#deps.presence.get(id)?.presence === 'up') count += 1;
    return count;
  }
}

/** All that it took, with those of whom nobody was told. */
function countOf({ mostMembers, members, beside }: FoundCause): number {
  let count = mostMembers;
  for (const ciId of beside) if (!members.has(ciId)) count += 1;
  return count;
}

function hasSaid({ presence, cause }: PresenceStatus): boolean {
  return presence !== 'up' && saidWhy(presence, cause);
}

function sightOf(status: PresenceStatus): SightState {
  const { presence, cause, silence } = status;
  if (presence === 'up') return 'up';
  // What said that it goes is no evidence of anything that failed.
  if (hasSaid(status)) return 'away';
  if (cause === 'agent-stopped') return 'mute';
  return silence === 'yes' || (presence === 'unknown' && cause !== 'server-self') ? 'gone' : 'away';
}

function keyOfCause(cause: Pick<Cause, 'ciId'> & Partial<Pick<FoundCause, 'how' | 'placeId'>>): string {
  if (cause.ciId !== null) return causeKeyOf(cause.ciId, null, '');
  const { how = 'lost', placeId = null } = cause;
  return placeId === null ? STORM_KEYS[how] : `${STORM_KEYS[how]} ${placeId}`;
}

/** What `keyOfCause` made. */
function kindOfCause(causeKey: string | null): Pick<FoundCause, 'how' | 'placeId'> {
  for (const how of ['quit', 'not-back', 'stopped'] as const) {
    const key = STORM_KEYS[how];
    if (causeKey === key) return { how, placeId: null };
    if (causeKey?.startsWith(`${key} `)) return { how, placeId: causeKey.slice(key.length + 1) };
  }
  return { how: 'lost', placeId: null };
}

/** The causes that were found and stand, of an incident. Several: it took another one and was not told of its end. */
function causesOf({ alerts, affected, breachedAtMs, openedAtMs }: Incident): FoundCause[] {
  const sinceMs = breachedAtMs ?? openedAtMs;
  const isCause = (alertId: string) => alertId.startsWith(`${CAUSE_PREFIX}_`);
  const silenced = new Set(alerts.flatMap(({ alertId, ciId }) => (isCause(alertId) ? [] : [ciId])));
  return alerts
    .filter(({ alertId, open }) => open && isCause(alertId))
    .map(({ alertId, ciId, causeKey }) => ({
      kind: 'found',
      id: alertId,
      ciId: ciId === '' ? null : ciId,
      ...kindOfCause(causeKey),
      sinceMs,
      untilMs: affected.reduce((latestMs, hit) => Math.max(latestMs, hit.sinceMs), sinceMs),
      members: new Set(),
      mostMembers: silenced.size,
      beside: new Set(),
      overDueMs: null,
    }));
}
