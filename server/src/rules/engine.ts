/** The rules at work: takes samples and presence as they come, keeps phases and alerts, tells what changed. */
import { HOUR_MS, MINUTE_MS, DAY_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { isMetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import type { WakeLevel } from '@muster/shared/wire/control.ts';
import { HOLD_MS_MAX, INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import type { z } from 'zod';
import { silentAfterMs } from '../availability/presence.ts';
import type { PresenceStatus, PresenceView } from '../availability/status.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { messageOf } from '../log.ts';
import type { Log } from '../log.ts';
import type { MetricStore, StoredTick } from '../metrics/store.ts';
import { AlertBook } from './alert-book.ts';
import type { Finding } from './alert-book.ts';
import { alertKey, REOPEN_MS } from './alert.ts';
import type { AlertRecord, AlertTransition, React, ResolvedBecause } from './alert.ts';
import { describeAlert, findingOf, thresholdEnding } from './describe.ts';
import { evaluate, isBeyond, raisedOf } from './evaluate.ts';
import { PACKS } from './packs/all.ts';
import { packRules } from './packs/pack.ts';
import { replay } from './replay.ts';
import { appliesTo } from './rule.ts';
import type { SilentCondition, StoredRule } from './rule.ts';
import { heardTitle, silentTitle } from './sentences.ts';
import { SeriesWatches } from './series-watch.ts';
import type { Slot, Threshold, Watch } from './series-watch.ts';
import type { RuleChange, RulesStore, SeriesState } from './store.ts';

/** A sample older than this many intervals, or than an agent may hold it, raises and clears nothing. */
export const FRESH_INTERVALS = 3;
/** A floor's value older than this does not count. */
export const FLOOR_AGE_MS_MAX = 5 * MINUTE_MS;
/** A series that its machine leaves out for this long, while it reports others, has gone: an unmounted disk. */
export const GONE_INTERVALS = 12;
export const GONE_MS_MIN = 5 * MINUTE_MS;
/** Resolved alerts are kept a year and a bit, for "the same week last year". */
export const ALERTS_KEPT_MS = 400 * DAY_MS;
const PRUNE_INTERVAL_MS = HOUR_MS;
/** As many wake levels as the wire takes. */
const WAKE_LEVELS_MAX = 256;

export interface RuleEngineDeps {
  readonly store: RulesStore;
  readonly directory: CiDirectory;
  readonly metrics: Pick<MetricStore, 'identity' | 'range'>;
  readonly presence: PresenceView;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** Told in order, at least once, behind the writing; never before the first tick. */
  readonly react: React;
  readonly log: Log;
  readonly intervalMs?: (ciId: string) => Millis;
  readonly nowMs: Millis;
}

export interface RuleEngine {
  /** After the samples are durable, in the order of the agent's stream. Returns at once. */
  onSamples(ciId: string, ticks: readonly StoredTick[], nowMs: Millis): void;
  tick(nowMs: Millis): Promise<void>;
  settled(): Promise<void>;
  rules(): readonly StoredRule[];
  rule(id: string): StoredRule | undefined;
  /** Adds or replaces; alerts that the new form does not cover resolve. `change` is noted in the rule's history. */
  putRule(rule: StoredRule, nowMs: Millis, change?: RuleChange): Promise<void>;
  deleteRule(id: string, nowMs: Millis, change?: RuleChange): Promise<void>;
  /** Alerts of each rule that are not resolved, and when one opened last. */
  alertFacts(): ReadonlyMap<string, { readonly open: number; readonly lastOpenedMs: Millis | null }>;
  /** The stored alert with its latest value, where it lives. */
  current(alert: AlertRecord): AlertRecord;
  acknowledge(alertId: string, nowMs: Millis): Promise<boolean>;
  /** Levels whose crossing makes a holding agent send at once. */
  wakeLevels(ciId: string): z.infer<typeof WakeLevel>[];
  /** Shortest hold of the thresholds that apply to the machine; null without any. */
  shortestForMs(ciId: string): Millis | null;
}

/** Reads rules, phases and alerts, installs packs that are new, and catches up with the samples of its absence. */
export async function createRuleEngine(deps: RuleEngineDeps): Promise<RuleEngine> {
  const engine = new Engine(deps);
  await engine.start(deps.nowMs);
  return engine;
}

class Engine implements RuleEngine {
  readonly #deps: RuleEngineDeps;
  readonly #rules = new Map<string, StoredRule>();
  readonly #watches: SeriesWatches;
  readonly #book: AlertBook;
  /** Not idle. */
  readonly #active = new Set<Watch>();
  readonly #dirty = new Set<Watch>();
  /** Newest sample of each machine, of whatever series. */
  readonly #newestMs = new Map<string, Millis>();
  /** Machines whose silence is counted or undecided. */
  readonly #silences = new Map<string, PresenceStatus>();
  readonly #deferred: { watch: Watch; value: number; afterGap: boolean }[] = [];
  /** Of rules whose alerts were written. */
  readonly #lastOpenedMs = new Map<string, Millis>();
  #toTellAgain: AlertRecord[] = [];
  #writing: Promise<void> = Promise.resolve();
  #prunedMs = -Infinity;
  #hasTicked = false;
  /** Stored phases that nothing stands for any more. */
  #obsolete: SeriesState[] = [];
  #nowMs: Millis;

  constructor(deps: RuleEngineDeps) {
    this.#deps = deps;
    this.#nowMs = deps.nowMs;
    const { directory, metrics, newId, presence } = deps;
    this.#watches = new SeriesWatches(directory, (series) => metrics.identity(series));
    const isSuppressed = (ciId: string) => presence.get(ciId)?.planned ?? false;
    this.#book = new AlertBook({ directory, newId, isSuppressed });
  }

  async start(nowMs: Millis): Promise<void> {
    const { store, directory, presence } = this.#deps;
    await store.installPack(packRules(PACKS, this.#deps.newId, nowMs));
    for (const rule of await store.rules()) this.#rules.set(rule.id, rule);
    this.#watches.setRules(this.#rules.values());
    for (const alert of await store.live(nowMs - REOPEN_MS)) {
      this.#book.restore(alert);
      if (!alert.settled) this.#toTellAgain.push(alert);
    }
    for (const { ruleId, atMs } of await store.lastOpened()) this.#lastOpenedMs.set(ruleId, atMs);
    await this.#restoreStates(nowMs);
    this.#endAlertsWithoutCause(nowMs);
    directory.onChange((entry) => this.#ciChanged(entry));
    presence.onChange((status, atMs) => this.#takePresence(status, true, atMs));
    for (const entry of directory.all()) {
      const status = presence.get(entry.id);
      if (status) this.#takePresence(status, false, nowMs);
    }
  }

  onSamples(ciId: string, ticks: readonly StoredTick[], nowMs: Millis): void {
    this.#nowMs = nowMs;
    const intervalMs = this.#intervalMs(ciId);
    const freshFromMs = nowMs - Math.max(FRESH_INTERVALS * intervalMs, HOLD_MS_MAX);
    const gapMs = silentAfterMs({ intervalMs });
    for (const tick of ticks) {
      this.#takeTick(tick, tick.atMs >= freshFromMs, gapMs);
      if (tick.atMs > (this.#newestMs.get(ciId) ?? -Infinity)) this.#newestMs.set(ciId, tick.atMs);
    }
    if (this.#book.hasNews) this.#writeSoon(nowMs);
  }

  async tick(nowMs: Millis): Promise<void> {
    this.#nowMs = nowMs;
    this.#hasTicked = true;
    for (const alert of this.#toTellAgain.splice(0)) {
      const held = this.#book.byId(alert.id) ?? alert;
      if (!held.settled) this.#book.tellAgain(held, this.#describe(held));
    }
    for (const watch of this.#active) if (this.#hasGone(watch)) this.#end(watch, 'not-reported');
    for (const status of this.#silences.values()) this.#judgeSilence(status, false, nowMs);
    this.#book.endSuppressions((alert) => ({ ...this.#describe(alert), atMs: nowMs }));
    this.#book.forgetOld(nowMs);
    this.#prune(nowMs);
    if (this.#book.hasNews || this.#dirty.size + this.#obsolete.length > 0) this.#writeSoon(nowMs);
    await this.#writing;
  }

  settled(): Promise<void> {
    return this.#writing;
  }

  rules(): readonly StoredRule[] {
    return [...this.#rules.values()];
  }

  rule(id: string): StoredRule | undefined {
    return this.#rules.get(id);
  }

  async putRule(rule: StoredRule, nowMs: Millis, change?: RuleChange): Promise<void> {
    await this.#deps.store.putRule(rule, change);
    this.#rules.set(rule.id, rule);
    this.#rulesChanged(nowMs);
    await this.#writing;
  }

  async deleteRule(id: string, nowMs: Millis, change?: RuleChange): Promise<void> {
    await this.#deps.store.deleteRule(id, change);
    this.#rules.delete(id);
    this.#rulesChanged(nowMs);
    await this.#writing;
  }

  alertFacts(): ReadonlyMap<string, { readonly open: number; readonly lastOpenedMs: Millis | null }> {
    const facts = new Map<string, { open: number; lastOpenedMs: Millis | null }>();
    for (const [ruleId, lastOpenedMs] of this.#lastOpenedMs) facts.set(ruleId, { open: 0, lastOpenedMs });
    for (const { ruleId, openedAtMs } of this.#book.allLive()) {
      const { open = 0, lastOpenedMs = null } = facts.get(ruleId) ?? {};
      facts.set(ruleId, { open: open + 1, lastOpenedMs: Math.max(openedAtMs, lastOpenedMs ?? openedAtMs) });
    }
    return facts;
  }

  current(alert: AlertRecord): AlertRecord {
    const live = this.#book.live(alertKey(alert));
    if (live?.id !== alert.id) return alert;
    return { ...live, lastValue: this.#watches.find(live)?.lastValue ?? live.lastValue };
  }

  async acknowledge(alertId: string, nowMs: Millis): Promise<boolean> {
    const done = this.#book.acknowledge(alertId);
    if (done) this.#writeSoon(nowMs);
    await this.#writing;
    return done;
  }

  wakeLevels(ciId: string): z.infer<typeof WakeLevel>[] {
    return this.#applying(ciId)
      .filter(({ condition }) => isGauge(condition.metric))
      .flatMap(({ condition, rule }) =>
        condition.levels.map(({ level }) => ({
          metric: condition.metric,
          instance: plainInstance(rule.selector.instance),
          op: condition.op,
          level,
        })),
      )
      .slice(0, WAKE_LEVELS_MAX);
  }

  shortestForMs(ciId: string): Millis | null {
    const holds = this.#applying(ciId).map(({ condition }) => condition.forMs);
    return holds.length === 0 ? null : Math.min(...holds);
  }

  #applying(ciId: string): Threshold[] {
    const entry = this.#deps.directory.get(ciId);
    return entry ? this.#watches.thresholds().filter(({ rule }) => appliesTo(rule, entry)) : [];
  }

  #intervalMs(ciId: string): Millis {
    return this.#deps.intervalMs?.(ciId) ?? INTERVAL_MS_DEFAULT;
  }

  /** The hot path: most samples end at the slot, or at the one comparison with the first level. */
  #takeTick(tick: StoredTick, fresh: boolean, gapMs: Millis): void {
    const { atMs, series, values } = tick;
    for (let i = 0; i < series.length; i++) {
      const slot = this.#watches.slot(series[i] as number);
      if (slot === null || atMs <= slot.lastAtMs) continue;
      const afterGap = atMs - slot.lastAtMs > gapMs && slot.lastAtMs !== -Infinity;
      const value = readingOf(slot, values[i] as number, atMs, afterGap);
      if (value === null) continue;
      if (slot.cell !== null) {
        slot.cell.atMs = atMs;
        slot.cell.value = value;
      }
      for (const watch of slot.watches) {
        const { condition, firstLevel, idle } = watch.threshold;
        if (watch.tracks === idle && !isBeyond(value, condition.op, firstLevel)) continue;
        // The floor's own sample may stand behind this one in the same tick.
        if (watch.floor === null) this.#evaluate(watch, value, atMs, fresh, afterGap);
        else this.#deferred.push({ watch, value, afterGap });
      }
    }
    if (this.#deferred.length === 0) return;
    for (const { watch, value, afterGap } of this.#deferred)
      this.#evaluate(watch, value, atMs, fresh, afterGap);
    this.#deferred.length = 0;
  }

  #evaluate(watch: Watch, value: number, atMs: Millis, fresh: boolean, afterGap: boolean): void {
    const { condition, idle } = watch.threshold;
    const { floor } = watch;
    const isRecent = floor !== null && Math.abs(atMs - floor.atMs) <= FLOOR_AGE_MS_MAX;
    const floorValue = isRecent ? floor.value : null;
    const before = watch.tracks;
    const sample = { atMs, value, floor: floorValue, fresh, afterGap };
    const after = evaluate(condition, before, sample);
    watch.lastAtMs = atMs;
    watch.lastValue = value;
    if (after === before) return;
    watch.tracks = after.every(({ phase }) => phase === 'idle') ? idle : after;
    this.#trackChanged(watch);
    const wasRaised = raisedOf(condition, before);
    const raised = raisedOf(condition, after);
    if (raised === null) {
      if (wasRaised !== null) this.#resolve(watch, 'cleared');
    } else if (raised.severity !== wasRaised?.severity) {
      this.#book.raise(findingOf(watch, raised, floorValue, this.#deps.directory.get(watch.ciId)));
    }
  }

  #trackChanged(watch: Watch): void {
    this.#dirty.add(watch);
    if (watch.tracks === watch.threshold.idle) this.#active.delete(watch);
    else this.#active.add(watch);
  }

  #resolve(watch: Watch, because: ResolvedBecause): void {
    const alert = this.#book.live(watch.key);
    if (!alert) return;
    const entry = this.#deps.directory.get(watch.ciId);
    this.#book.resolve(alert, thresholdEnding(watch, because, entry, this.#endTime(watch, because)));
  }

  #endTime(watch: Watch, because: ResolvedBecause): Millis {
    return because === 'cleared' ? watch.lastAtMs : this.#nowMs;
  }

  #end(watch: Watch, because: ResolvedBecause): void {
    this.#resolve(watch, because);
    watch.tracks = watch.threshold.idle;
    this.#trackChanged(watch);
  }

  #hasGone(watch: Watch): boolean {
    const newestMs = this.#newestMs.get(watch.ciId);
    if (newestMs === undefined) return false;
    const afterMs = Math.max(GONE_INTERVALS * this.#intervalMs(watch.ciId), GONE_MS_MIN);
    return newestMs - watch.lastAtMs > afterMs;
  }

  #rulesChanged(nowMs: Millis): void {
    this.#nowMs = nowMs;
    this.#watches.setRules(this.#rules.values());
    for (const watch of this.#active) this.#refit(watch);
    this.#endAlertsWithoutCause(nowMs);
    for (const status of this.#silences.values()) this.#judgeSilence(status, false, nowMs);
    this.#writeSoon(nowMs);
  }

  /** Puts the watch under the present form of its rule, or ends it. */
  #refit(watch: Watch): void {
    const current = this.#watches.applying(watch);
    if (current === null) {
      this.#end(watch, 'rule-ended');
      return;
    }
    if (current === watch.threshold) return;
    this.#watches.watch(current, watch.ciId, watch.instance);
    this.#trackChanged(watch);
    const raised = raisedOf(current.condition, watch.tracks);
    const alert = this.#book.live(watch.key);
    if (!alert) return;
    if (raised === null) this.#resolve(watch, 'rule-ended');
    else if (raised.severity !== alert.severity)
      this.#book.raise(findingOf(watch, raised, null, this.#deps.directory.get(watch.ciId)));
  }

  /** Alerts that no rule, or no watch, stands for any more. */
  #endAlertsWithoutCause(nowMs: Millis): void {
    const watched = new Set([...this.#active].map((watch) => watch.key));
    for (const alert of this.#book.allLive()) {
      const rule = this.#rules.get(alert.ruleId);
      const entry = this.#deps.directory.get(alert.ciId);
      const stands = rule && entry && appliesTo(rule, entry);
      if (stands && (rule.condition.type === 'silent' || watched.has(alertKey(alert)))) continue;
      const about = this.#describe({ ...alert, state: 'resolved', resolvedBecause: 'rule-ended' });
      this.#book.resolve(alert, { ...about, because: 'rule-ended', value: null, atMs: nowMs });
    }
  }

  #ciChanged(entry: CiEntry): void {
    this.#watches.ciChanged(entry.id);
    for (const watch of this.#active) if (watch.ciId === entry.id) this.#refit(watch);
    this.#endAlertsWithoutCause(this.#nowMs);
    if (this.#book.hasNews) this.#writeSoon(this.#nowMs);
  }

  #takePresence(status: PresenceStatus, isNews: boolean, nowMs: Millis): void {
    this.#nowMs = nowMs;
    if (status.silence === 'no') {
      this.#silences.delete(status.ciId);
      this.#endSilence(status, nowMs);
    } else {
      this.#silences.set(status.ciId, status);
      this.#judgeSilence(status, isNews, nowMs);
    }
    if (this.#book.hasNews) this.#writeSoon(nowMs);
  }

  *#silentRules(ciId: string): Iterable<{ rule: StoredRule; condition: SilentCondition; entry: CiEntry }> {
    const entry = this.#deps.directory.get(ciId);
    if (!entry) return;
    for (const rule of this.#rules.values())
      if (rule.condition.type === 'silent' && appliesTo(rule, entry))
        yield { rule, condition: rule.condition, entry };
  }

  /** `isNews`: what is known of the silence has changed. */
  #judgeSilence(status: PresenceStatus, isNews: boolean, nowMs: Millis): void {
    const { ciId, silentSinceMs } = status;
    if (status.silence !== 'yes' || silentSinceMs === null) return;
    for (const { rule, condition, entry } of this.#silentRules(ciId)) {
      const live = this.#book.live(alertKey({ ruleId: rule.id, ciId, instance: '' }));
      const isDue = nowMs - silentSinceMs >= (condition.forMs ?? 0);
      if (live ? !isNews && live.severity === condition.severity : !isDue) continue;
      this.#book.raise({
        rule,
        ciId,
        instance: '',
        severity: condition.severity,
        value: null,
        level: null,
        breachedAtMs: silentSinceMs,
        atMs: nowMs,
        title: silentTitle(entry.name, status, entry.timeZone),
        reasonWords: status.evidence,
      });
    }
  }

  #endSilence(status: PresenceStatus, nowMs: Millis): void {
    const because = status.presence === 'up' ? 'cleared' : 'not-expected';
    for (const { rule, entry } of this.#silentRules(status.ciId)) {
      const live = this.#book.live(alertKey({ ruleId: rule.id, ciId: status.ciId, instance: '' }));
      const title = heardTitle(entry.name, because);
      if (live) this.#book.resolve(live, { rule, because, value: null, atMs: nowMs, title });
    }
  }

  #describe(alert: AlertRecord): Omit<Finding, 'severity'> {
    return describeAlert(alert, {
      rule: this.#rules.get(alert.ruleId) ?? null,
      entry: this.#deps.directory.get(alert.ciId) ?? null,
      status: this.#deps.presence.get(alert.ciId) ?? null,
    });
  }

  async #restoreStates(nowMs: Millis): Promise<void> {
    const byId = new Map(this.#watches.thresholds().map((threshold) => [threshold.rule.id, threshold]));
    for (const state of await this.#deps.store.states()) {
      const threshold = byId.get(state.ruleId);
      if (threshold?.idle.length !== state.tracks.length) {
        this.#obsolete.push({ ...state, tracks: [] });
        continue;
      }
      const watch = this.#watches.watch(threshold, state.ciId, state.instance);
      watch.tracks = state.tracks;
      watch.lastAtMs = state.atMs;
      if (this.#watches.applying(watch) === null) {
        watch.tracks = threshold.idle;
        this.#dirty.add(watch);
        continue;
      }
      this.#active.add(watch);
      await this.#catchUp(watch, nowMs);
    }
  }

  /** The samples between the last write and the end of the last run; they raise and clear nothing by themselves. */
  async #catchUp(watch: Watch, nowMs: Millis): Promise<void> {
    const gapMs = silentAfterMs({ intervalMs: this.#intervalMs(watch.ciId) });
    const caught = await replay(this.#deps.metrics, watch, { gapMs, floorAgeMsMax: FLOOR_AGE_MS_MAX, nowMs });
    watch.lastAtMs = caught.lastAtMs;
    watch.lastValue = caught.lastValue;
    if (caught.tracks === watch.tracks) return;
    watch.tracks = caught.tracks.every(({ phase }) => phase === 'idle')
      ? watch.threshold.idle
      : caught.tracks;
    this.#trackChanged(watch);
  }

  #prune(nowMs: Millis): void {
    if (nowMs - this.#prunedMs < PRUNE_INTERVAL_MS) return;
    this.#prunedMs = nowMs;
    this.#inTurn('dropping old alerts', async () => {
      await this.#deps.store.dropResolvedBefore(nowMs - ALERTS_KEPT_MS);
    });
  }

  #writeSoon(nowMs: Millis): void {
    this.#inTurn('writing alerts', () => this.#writeAndTell(nowMs));
  }

  #inTurn(what: string, job: () => Promise<void>): void {
    // What failed stays in the book and is tried again with the next tick.
    this.#writing = this.#writing
      .then(job)
      .catch((error: unknown) => this.#deps.log('error', `${what} failed`, { error: messageOf(error) }));
  }

  async #writeAndTell(nowMs: Millis): Promise<void> {
    await this.#writeChanges();
    if (!this.#hasTicked) return;
    const transitions = this.#book.takeUntold();
    if (transitions.length === 0) return;
    const { told, untold, failure } = await this.#tell(transitions, nowMs);
    this.#book.giveBackUntold(untold);
    try {
      await this.#deps.store.settle(told);
    } catch (error) {
      this.#book.giveBackUntold(transitions.filter((one) => !untold.includes(one)));
      throw error;
    }
    for (const { alert, incidentId } of told) this.#book.settled(alert, incidentId);
    if (failure !== null) throw failure.error;
  }

  /** In order, one by one: an alert that cannot be told keeps its own later news back, but not that of others. */
  async #tell(transitions: readonly AlertTransition[], nowMs: Millis) {
    const told: { alert: AlertRecord; incidentId: string | null }[] = [];
    const untold: AlertTransition[] = [];
    const failed = new Set<string>();
    let failure: { readonly error: unknown } | null = null;
    for (const transition of transitions) {
      const { alert } = transition;
      if (failed.has(alert.id)) {
        untold.push(transition);
        continue;
      }
      try {
        const held = await this.#deps.react([transition], nowMs);
        const incidentId = held.find(({ alertId }) => alertId === alert.id)?.incidentId ?? null;
        told.push({ alert, incidentId });
      } catch (error) {
        failed.add(alert.id);
        untold.push(transition);
        failure ??= { error };
      }
    }
    return { told, untold, failure };
  }

  async #writeChanges(): Promise<void> {
    const dirty = [...this.#dirty];
    const alerts = this.#book.takeUnwritten();
    const obsolete = this.#obsolete.splice(0);
    if (dirty.length + alerts.length + obsolete.length === 0) return;
    this.#dirty.clear();
    try {
      await this.#deps.store.record({ states: [...obsolete, ...dirty.map(stateOf)], alerts });
      for (const { ruleId, openedAtMs } of alerts)
        this.#lastOpenedMs.set(ruleId, Math.max(openedAtMs, this.#lastOpenedMs.get(ruleId) ?? -Infinity));
    } catch (error) {
      for (const watch of dirty) this.#dirty.add(watch);
      this.#obsolete.push(...obsolete);
      this.#book.giveBackUnwritten(alerts);
      throw error;
    }
  }
}

/** Value of a gauge as it is, of a counter as rate per second; null where there is no rate yet. Advances the slot. */
function readingOf(slot: Slot, raw: number, atMs: Millis, afterGap: boolean): number | null {
  const before = slot.lastRaw;
  const beforeMs = slot.lastAtMs;
  slot.lastRaw = raw;
  slot.lastAtMs = atMs;
  if (!slot.counter) return raw;
  if (afterGap || Number.isNaN(before)) return null;
  // A fall is a reset: the counter began again at nothing.
  const grown = raw >= before ? raw - before : raw;
  return (grown * 1_000) / (atMs - beforeMs);
}

function stateOf(watch: Watch): SeriesState {
  const isIdle = watch.tracks === watch.threshold.idle;
  return {
    ruleId: watch.threshold.rule.id,
    ciId: watch.ciId,
    instance: watch.instance,
    tracks: isIdle ? [] : watch.tracks,
    atMs: watch.lastAtMs,
  };
}

function isGauge(metric: string): boolean {
  return isMetricName(metric) && metricDefinition(metric).kind === 'gauge';
}

/** A wake level names one instance or all of them. */
function plainInstance(glob: string | null): string | null {
  return glob === null || /[*?]/.test(glob) ? null : glob;
}
