/** The rules at work: takes samples and presence as they come, keeps phases and alerts, tells what changed. */
import { HOUR_MS, MINUTE_MS, DAY_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { isMetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import { inForce } from '@muster/shared/rules/precedence.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import type { SuppressedBy } from '@muster/shared/api/rules.ts';
import type { WakeLevel } from '@muster/shared/wire/server-messages.ts';
import { HOLD_MS_MAX, INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import type { z } from 'zod';
import { silentAfterMs } from '../availability/presence.ts';
import type { PresenceStatus, PresenceView } from '../availability/status.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { PLANNED } from '../correlation/words.ts';
import { messageOf } from '../log.ts';
import type { Log } from '../log.ts';
import { isJoined, ratePerSecond } from '../metrics/rates.ts';
import type { LatestSample, MetricStore, SeriesIdentity, StoredTick } from '../metrics/store.ts';
import { Absences, type Missing } from './absence.ts';
import { AlertBook, type AlertMark } from './alert-book.ts';
import type { Ending, Finding } from './alert-book.ts';
import { alertKey, REOPEN_MS } from './alert.ts';
import type {
  Acknowledgement,
  AlertRecord,
  AlertTransition,
  React,
  ResolvedBecause,
  ShownAlert,
} from './alert.ts';
import type { Board, Slot } from './board.ts';
import { Composites } from './composites.ts';
import {
  absenceEnding,
  absenceFinding,
  describeAlert,
  findingOf,
  nameOf,
  thresholdEnding,
} from './describe.ts';
import { evaluate, FLOOR_RELEASE_SHARE, isBeyond, raisedOf } from './evaluate.ts';
import { PACKS } from './packs/all.ts';
import { packRules } from './packs/pack.ts';
import { NO_MEMBERSHIP, type Membership } from '../relations/membership.ts';
import { COUNTS_CHANGES, COUNTS_FALLS, IS_COUNTER, IS_FED } from './quiet.ts';
import { PastLoader } from './past-loader.ts';
import { replay, type PastPoint } from './replay.ts';
import { appliesTo, distanceTo } from './rule.ts';
import type { SilentCondition, StoredRule, ThresholdCondition } from './rule.ts';
import { heardTitle, silentTitle } from './sentences.ts';
import { BEFORE_1, BEFORE_2, LAST, RAW, READ, VALUE, WAKE } from './series-numbers.ts';
import { SeriesWatches } from './series-watch.ts';
import type { Threshold, WaitingSample, Watch } from './series-watch.ts';
import { holdBoundMs } from './hold-bound.ts';
import type { SeriesCondition } from './judged.ts';
import { learnProfile, profileDay } from './profile.ts';
import { BaselineSignal, PROFILE_MS } from './signals/baseline.ts';
import type { Signal } from './signals/signal.ts';
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
/** Samples of a machine that lie further ahead than this were told by a clock that was set back since, once it tells of now. */
const FUTURE_MS_MAX = MINUTE_MS;
/** So many samples waiting for the past of their series: it is read next. */
const WAITING_MANY = 256;
/** Points looked at to see since when a machine has been heard. */
const PAST_POINTS_MAX = 10_000;

export interface RuleEngineDeps {
  readonly store: RulesStore;
  readonly directory: CiDirectory;
  readonly metrics: Pick<MetricStore, 'identity' | 'resolve' | 'latest' | 'range' | 'bornAtMs'>;
  /** Nobody belongs to any place or service where absent. */
  readonly membership?: Membership;
  readonly presence: PresenceView;
  /** Series that others than its agent tell of a machine; absent: there are none. */
  readonly isForeign?: (series: SeriesIdentity) => boolean;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** Why alerts of the machine are not told now, other than that its absence is planned. */
  readonly suppressedBy?: (ciId: string, nowMs: Millis) => SuppressedBy | null;
  /** Told in order, at least once, behind the writing; never before the first tick. */
  readonly react: React;
  readonly log: Log;
  readonly intervalMs?: (ciId: string) => Millis;
  /** The configuration has switched the metric off on this machine; absent: it switches nothing off. */
  readonly isOff?: (ciId: string, metric: string) => boolean;
  /** Other rules hold than before. */
  readonly onRules?: () => void;
  /** Gives way to other work. Absent: the start waits until the past of all series is read. */
  readonly pause?: () => Promise<void>;
  readonly nowMs: Millis;
}

export interface RuleEngine {
  /**
   * After the samples are durable, in the order of the agent's stream. Returns at once. `isOthersWord`: they come from somebody else
   * than the machine's agent, and say nothing of what that still tells.
   */
  onSamples(ciId: string, ticks: readonly StoredTick[], nowMs: Millis, isOthersWord?: boolean): void;
  tick(nowMs: Millis): Promise<void>;
  settled(): Promise<void>;
  rules(): readonly StoredRule[];
  rule(id: string): StoredRule | undefined;
  /** One change of rules after the other: what one finds out before it writes still holds then. */
  inTurn<T>(change: () => Promise<T>): Promise<T>;
  /** Adds or replaces; alerts that the new form does not cover resolve. `change` is noted in the rule's history. */
  putRule(rule: StoredRule, nowMs: Millis, change?: RuleChange): Promise<void>;
  deleteRule(id: string, nowMs: Millis, change?: RuleChange): Promise<void>;
  /** Alerts of each rule that are not resolved, and when one opened last. */
  alertFacts(): ReadonlyMap<string, { readonly open: number; readonly lastOpenedMs: Millis | null }>;
  /** The stored alert with its latest value, where it lives, and with what it stands on. */
  current(alert: AlertRecord): ShownAlert;
  /** False: it is not open. Without an `acknowledgement` it is its incident that was taken. */
  acknowledge(alertId: string, nowMs: Millis, acknowledgement?: Acknowledgement): Promise<boolean>;
  /** Takes an acknowledgement back. False: there is none. */
  withdraw(alertId: string, nowMs: Millis): Promise<boolean>;
  /** Not resolved. */
  live(): Iterable<AlertRecord>;
  /** From memory: those that live, and those resolved a short time ago. */
  alert(alertId: string): AlertRecord | null;
  /** A live alert as the news of its opening. */
  opening(alertId: string): AlertTransition | null;
  /** What others find out about alerts; written behind, and told to nobody. */
  mark(marks: readonly AlertMark[], nowMs: Millis): void;
  /** Levels whose crossing makes a holding agent send at once. */
  wakeLevels(ciId: string): z.infer<typeof WakeLevel>[];
  /** The shortest stretch of time that a threshold of this machine looks at (`holdBoundMs`); null: none needs its samples in time. */
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
  readonly #absences: Absences;
  readonly #membership: Membership;
  readonly #silentOnes: { rule: StoredRule; condition: SilentCondition }[] = [];
  readonly #composites: Composites;
  #belongingChanged = false;
  readonly #past: PastLoader;
  /** Machines whose silence is counted or undecided. */
  readonly #silences = new Map<string, { readonly status: PresenceStatus; dueMs: Millis }>();
  /** Series that something was to be found out about in this tick. */
  readonly #looked: Slot[] = [];
  readonly #deferred: { watch: Watch; value: number; afterGap: boolean }[] = [];
  /** Of rules whose alerts were written. */
  readonly #lastOpenedMs = new Map<string, Millis>();
  #toTellAgain: AlertRecord[] = [];
  #writing: Promise<void> = Promise.resolve();
  #changing: Promise<void> = Promise.resolve();
  #prunedMs = -Infinity;
  #hasTicked = false;
  /** Phases to be stored that are of no watch: of composites, and those that nothing stands for any more. */
  #changedStates: SeriesState[] = [];
  #nowMs: Millis;

  constructor(deps: RuleEngineDeps) {
    this.#deps = deps;
    this.#nowMs = deps.nowMs;
    const { directory, metrics, newId, presence } = deps;
    this.#membership = deps.membership ?? NO_MEMBERSHIP;
    this.#absences = new Absences({
      directory,
      belonging: this.#membership,
      heard: (ciId) => this.#watches.heard(ciId),
      freshMs: (ciId) => freshMsOf(this.#intervalMs(ciId)),
      isOff: (ciId, metric) => deps.isOff?.(ciId, metric) ?? false,
      isLive: (key) => this.#book.live(key) !== null,
      raise: (missing) => this.#raiseMissing(missing),
      resolve: (missing, because) => this.#resolveMissing(missing, because),
    });
    this.#past = new PastLoader({
      metrics,
      pause: deps.pause ?? (async () => undefined),
      report: (error) =>
        deps.log('error', 'the past of a series could not be read', { error: messageOf(error) }),
      nowMs: () => this.#nowMs,
      gapMs: (ciId) => silentAfterMs({ intervalMs: this.#intervalMs(ciId) }),
      intervalMs: (ciId) => this.#intervalMs(ciId),
      prepare: (watch, signal) => this.#prepare(watch, signal),
      take: (watch, points) => this.#takePast(watch, points),
      over: (watch) => this.#takeWaiting(watch),
    });
    this.#watches = new SeriesWatches({
      directory,
      belonging: this.#membership,
      identityOf: (series) => metrics.identity(series),
      intervalMs: (ciId) => this.#intervalMs(ciId),
      onNewSignal: (watch) => this.#past.soon(watch),
      isMissed: (metric) => this.#absences.isMissed(metric),
      onBound: (slot) => this.#absences.bound(slot),
    });
    this.#composites = new Composites({
      directory,
      appliesTo: (rule, entry) => this.#appliesTo(rule, entry),
      live: (key) => this.#book.live(key),
      liveOf: (ciId) => this.#book.liveOf(ciId),
      raise: (finding) => this.#raise(finding),
      lower: (alert, ending) => this.#lower(alert, ending),
      changed: (state) => this.#changedStates.push(state),
    });
    const suppressedBy = (ciId: string) =>
      deps.suppressedBy?.(ciId, this.#nowMs) ?? (presence.get(ciId)?.planned ? PLANNED : null);
    this.#book = new AlertBook({ directory, newId, suppressedBy });
  }

  async start(nowMs: Millis): Promise<void> {
    const { store, directory, presence } = this.#deps;
    await store.installPack(packRules(PACKS, this.#deps.newId, nowMs));
    for (const rule of await store.rules()) this.#rules.set(rule.id, rule);
    this.#setRules();
    for (const alert of await store.live(nowMs - REOPEN_MS)) {
      this.#book.restore(alert);
      if (!alert.settled) this.#toTellAgain.push(alert);
    }
    for (const { ruleId, atMs } of await store.lastOpened()) this.#lastOpenedMs.set(ruleId, atMs);
    await this.#restoreStates(nowMs);
    await this.#bindKnownSeries();
    this.#endWithoutCause([...this.#book.allLive()], nowMs);
    for (const { ciId } of this.#book.allLive()) this.#composites.touch(ciId);
    this.#membership.onChange(() => (this.#belongingChanged = true));
    directory.onChange((entry) => this.#ciChanged(entry));
    presence.onChange((status, atMs) => this.#takePresence(status, true, atMs));
    for (const entry of directory.all()) {
      const status = presence.get(entry.id);
      if (status) this.#takePresence(status, false, nowMs);
    }
    this.#past.begin();
    // Where it can give way nobody waits for the past of thousands of series: samples that come before it do.
    if (this.#deps.pause === undefined) await this.#past.settled();
  }

  onSamples(ciId: string, ticks: readonly StoredTick[], nowMs: Millis, isOthersWord = false): void {
    this.#nowMs = nowMs;
    const intervalMs = this.#intervalMs(ciId);
    const freshFromMs = nowMs - freshMsOf(intervalMs);
    const gapMs = silentAfterMs({ intervalMs });
    const board = this.#watches.board(ciId);
    const untilMs = nowMs + FUTURE_MS_MAX;
    if (board.newestMs > untilMs && (ticks.at(-1)?.atMs ?? Infinity) <= untilMs)
      this.#watches.rewind(board, untilMs);
    for (const tick of ticks) {
      this.#takeTick(board, tick, tick.atMs >= freshFromMs, gapMs);
      if (!isOthersWord) board.hear(tick.atMs, gapMs);
    }
    this.#composites.judgeTouched(nowMs);
    if (this.#book.hasNews) this.#writeSoon(nowMs);
  }

  async tick(nowMs: Millis): Promise<void> {
    this.#nowMs = nowMs;
    this.#hasTicked = true;
    for (const alert of this.#toTellAgain.splice(0)) {
      const held = this.#book.byId(alert.id) ?? alert;
      if (!held.settled) this.#book.tellAgain(held, this.#describe(held));
    }
    if (this.#belongingChanged) this.#belongOtherwise(nowMs);
    for (const watch of this.#active) if (this.#hasGone(watch)) this.#end(watch, 'not-reported');
    this.#absences.tick(nowMs);
    for (const silence of this.#silences.values())
      if (nowMs >= silence.dueMs) silence.dueMs = this.#judgeSilence(silence.status, false, nowMs);
    this.#composites.judge(nowMs);
    this.#book.passTime(nowMs, (alert) => this.#describe(alert));
    this.#book.forgetOld(nowMs);
    this.#prune(nowMs);
    if (this.#book.hasNews || this.#dirty.size + this.#changedStates.length > 0) this.#writeSoon(nowMs);
    await this.#writing;
  }

  async settled(): Promise<void> {
    await this.#past.settled();
    await this.#writing;
  }

  rules(): readonly StoredRule[] {
    return [...this.#rules.values()];
  }

  rule(id: string): StoredRule | undefined {
    return this.#rules.get(id);
  }

  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.#changing.then(change);
    // One that is refused does not keep back the next.
    this.#changing = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
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

  current(alert: AlertRecord): ShownAlert {
    const standsOn = this.#standsOn(alert.ruleId);
    const live = this.#book.live(alertKey(alert));
    if (live?.id !== alert.id) return { ...alert, lastValueAtMs: null, standsOn };
    const watch = this.#watches.find(live);
    const lastMs = watch?.lastAtMs ?? -Infinity;
    const pauseMs = silentAfterMs({ intervalMs: this.#intervalMs(live.ciId) });
    const isOld = lastMs !== -Infinity && this.#nowMs - lastMs > pauseMs;
    const lastValueAtMs = isOld ? lastMs : null;
    return { ...live, lastValue: watch?.lastValue ?? live.lastValue, lastValueAtMs, standsOn };
  }

  #standsOn(ruleId: string): readonly Words[] | null {
    const condition = this.#rules.get(ruleId)?.condition;
    if (condition?.type !== 'composite') return null;
    return condition.rules.map((id) => nameOf(this.#rules.get(id)?.name ?? id));
  }

  async acknowledge(alertId: string, nowMs: Millis, acknowledgement?: Acknowledgement): Promise<boolean> {
    const done = this.#book.acknowledge(alertId, acknowledgement ?? null);
    if (done) this.#writeSoon(nowMs);
    await this.#writing;
    return done;
  }

  async withdraw(alertId: string, nowMs: Millis): Promise<boolean> {
    const done = this.#book.withdraw(alertId);
    if (done) this.#writeSoon(nowMs);
    await this.#writing;
    return done;
  }

  live(): Iterable<AlertRecord> {
    return this.#book.allLive();
  }

  alert(alertId: string): AlertRecord | null {
    return this.#book.byId(alertId);
  }

  opening(alertId: string): AlertTransition | null {
    const alert = this.#book.byId(alertId);
    return alert && alert.state !== 'resolved' ? this.#book.opening(alert, this.#describe(alert)) : null;
  }

  mark(marks: readonly AlertMark[], nowMs: Millis): void {
    for (const mark of marks) this.#book.mark(mark);
    if (marks.length > 0) this.#writeSoon(nowMs);
  }

  wakeLevels(ciId: string): z.infer<typeof WakeLevel>[] {
    return this.#applying(ciId)
      .filter(({ said, condition }) => isJudgedAsItIs(said) && isGauge(condition.metric))
      .flatMap(({ condition, rule }) =>
        condition.levels.map(({ level }) => ({
          metric: condition.metric,
          instance: plainInstance(rule.selector.instance),
          op: condition.op,
          level,
        })),
      );
  }

  shortestForMs(ciId: string): Millis | null {
    const bounds = this.#applying(ciId).flatMap(
      ({ said, condition }) => holdBoundMs(said, condition.forMs, isGauge(condition.metric)) ?? [],
    );
    return bounds.length === 0 ? null : Math.min(...bounds);
  }

  #applying(ciId: string): Threshold[] {
    const entry = this.#deps.directory.get(ciId);
    return entry ? this.#watches.thresholds().filter(({ rule }) => this.#appliesTo(rule, entry)) : [];
  }

  #intervalMs(ciId: string): Millis {
    return this.#deps.intervalMs?.(ciId) ?? INTERVAL_MS_DEFAULT;
  }

  /**
   * Most series are in no plan, and most ticks of those that are say nothing new. Samples of a counter become
   * its rate per second as the stored ones do, so that the past says the same; where there is none, there is no sample.
   */
  #takeTick(board: Board, tick: StoredTick, fresh: boolean, gapMs: Millis): void {
    const { atMs, values } = tick;
    if (board.takeQuiet(tick.series, atMs, values, gapMs)) return;
    const plan = this.#watches.plan(board, tick.series);
    if (board.takeQuietAgain(plan, atMs, values, gapMs)) return;
    const { positions, slots, offsets, flags: allFlags, uppers, lowers } = plan.layout;
    const { numbers } = board;
    for (let i = 0; i < positions.length; i++) {
      const at = offsets[i] as number;
      const lastMs = numbers[at + LAST] as number;
      if (atMs <= lastMs) continue;
      const raw = values[positions[i] as number] as number;
      const flags = allFlags[i] as number;
      numbers[at + LAST] = atMs;
      let value = raw;
      let beforeMs = lastMs;
      if (flags & IS_COUNTER) {
        const rawBefore = numbers[at + RAW] as number;
        const before1Ms = numbers[at + BEFORE_1] as number;
        const distanceMs = atMs - lastMs;
        const isNeighbour = isJoined(distanceMs, before1Ms, numbers[at + BEFORE_2] as number);
        numbers[at + RAW] = raw;
        numbers[at + BEFORE_2] = before1Ms;
        numbers[at + BEFORE_1] = distanceMs === Infinity ? 0 : distanceMs;
        if (!isNeighbour) continue;
        value = ratePerSecond(rawBefore, raw, distanceMs);
        if (Number.isNaN(value)) continue;
        beforeMs = numbers[at + READ] as number;
        numbers[at + READ] = atMs;
      }
      const before = numbers[at + VALUE] as number;
      numbers[at + VALUE] = value;
      const isQuiet =
        atMs < (numbers[at + WAKE] as number) &&
        value < (uppers[i] as number) &&
        value >= (lowers[i] as number) &&
        atMs - beforeMs <= gapMs;
      if (isQuiet && flags <= IS_COUNTER) continue;
      // A rate stands for the time between its own two samples.
      const fromMs = flags & IS_COUNTER ? lastMs : beforeMs;
      const sinceMs = fromMs === -Infinity ? Number.NaN : atMs - fromMs;
      if (
        isQuiet &&
        (!(flags & COUNTS_FALLS) || (value >= before && value < Infinity)) &&
        (!(flags & COUNTS_CHANGES) || (value === before && value < Infinity))
      ) {
        if (flags & IS_FED) board.slots[slots[i] as number]?.feed(atMs, value, sinceMs);
        continue;
      }
      const slot = board.slots[slots[i] as number];
      if (slot)
        this.#takeReading(slot, {
          atMs,
          value,
          before,
          sinceMs,
          fresh,
          afterGap: atMs - beforeMs > gapMs && beforeMs !== -Infinity,
        });
    }
    if (this.#looked.length > 0) this.#afterLooking(atMs, fresh);
  }

  /** A sample of a series on which something is at work, or which is remarkable. */
  #takeReading(slot: Slot, reading: WaitingSample & { readonly before: number }): void {
    const { atMs, value, before, sinceMs, fresh, afterGap } = reading;
    this.#looked.push(slot);
    for (const [i, threshold] of (slot.watching?.thresholds ?? []).entries()) {
      const held = slot.watches[i] ?? null;
      if (held === null && isQuietFor(threshold, value, before)) continue;
      const watch = held ?? this.#watches.wake(slot, threshold, before);
      if (watch.signal !== null) {
        if (watch.waiting !== null) {
          if (watch.waiting.push({ atMs, value, sinceMs, fresh, afterGap }) === WAITING_MANY)
            this.#past.hurry(watch.ciId);
        } else if (this.#isWorthALook(watch, watch.signal, atMs, value, sinceMs, afterGap))
          this.#deferred.push({ watch, value: watch.judged, afterGap: watch.gapped });
        continue;
      }
      const { condition, firstLevel, idle } = threshold;
      if (watch.tracks === idle && !isBeyond(value, condition.op, firstLevel)) continue;
      // The floor's own sample may stand behind this one in the same tick.
      if (watch.floor === null) this.#evaluate(watch, value, atMs, fresh, afterGap);
      else this.#deferred.push({ watch, value, afterGap });
    }
  }

  #afterLooking(atMs: Millis, fresh: boolean): void {
    for (const { watch, value, afterGap } of this.#deferred)
      this.#evaluate(watch, value, atMs, fresh, afterGap);
    this.#deferred.length = 0;
    for (const slot of this.#looked) this.#watches.settle(slot, (watch) => this.#dirty.has(watch));
    this.#looked.length = 0;
  }

  /** What its signal says may change something. */
  #isWorthALook(
    watch: Watch,
    signal: Signal,
    atMs: Millis,
    value: number,
    sinceMs: number,
    afterGap: boolean,
  ): boolean {
    if (atMs >= signal.staleAtMs) this.#learnSoon(watch, atMs);
    if (afterGap) watch.gapped = true;
    const { condition, firstLevel, idle } = watch.threshold;
    const isIdle = watch.tracks === idle;
    if (!isIdle) watch.lastAtMs = atMs;
    else if (watch.floor !== null && !isFloorNear(condition, watch.floor.value)) {
      // Whatever it says, nothing is raised: the floor is far away.
      signal.feed(atMs, value, sinceMs, afterGap);
      return false;
    }
    const judged = signal.take(atMs, value, sinceMs, afterGap);
    if (judged === null) return false;
    watch.judged = judged;
    if (!isIdle || isBeyond(judged, condition.op, firstLevel)) return true;
    watch.gapped = false;
    return false;
  }

  #evaluate(watch: Watch, value: number, atMs: Millis, fresh: boolean, afterGap: boolean): void {
    const { condition, idle } = watch.threshold;
    const { floor } = watch;
    const isRecent = floor !== null && Math.abs(atMs - floor.atMs) <= FLOOR_AGE_MS_MAX;
    const floorValue = isRecent && !Number.isNaN(floor.value) ? floor.value : null;
    const before = watch.tracks;
    const sample = { atMs, value, floor: floorValue, fresh, afterGap };
    const after = evaluate(condition, before, sample);
    watch.lastAtMs = atMs;
    watch.lastValue = watch.signal === null ? value : watch.signal.shown(0).value;
    watch.gapped = false;
    if (after === before) return;
    watch.tracks = after.every(({ phase }) => phase === 'idle') ? idle : after;
    this.#trackChanged(watch);
    const wasRaised = raisedOf(condition, before);
    const raised = raisedOf(condition, after);
    if (raised === null) {
      if (wasRaised !== null) this.#resolve(watch, 'cleared');
    } else if (raised.severity !== wasRaised?.severity) {
      this.#raise(findingOf(watch, raised, floorValue, this.#deps.directory.get(watch.ciId)));
    }
  }

  #raise(finding: Finding): void {
    this.#book.raise(finding);
    this.#composites.touch(finding.ciId);
  }

  #lower(alert: AlertRecord, ending: Ending): void {
    this.#book.resolve(alert, ending);
    this.#composites.touch(alert.ciId);
  }

  #appliesTo(rule: StoredRule, entry: CiEntry): boolean {
    return appliesTo(rule, entry, this.#membership);
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
    this.#lower(alert, thresholdEnding(watch, because, entry, this.#endTime(watch, because)));
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
    // How far its series has come is not known yet.
    if (watch.waiting !== null) return false;
    const newestMs = this.#watches.heard(watch.ciId)?.newestMs;
    if (newestMs === undefined) return false;
    const afterMs = Math.max(GONE_INTERVALS * this.#intervalMs(watch.ciId), GONE_MS_MIN);
    return newestMs - watch.lastAtMs > afterMs;
  }

  #setRules(): void {
    this.#absences.setRules(this.#rules.values());
    this.#watches.setRules(this.#rules.values());
    this.#composites.setRules(this.#rules.values());
    this.#silentOnes.length = 0;
    for (const rule of this.#rules.values()) {
      const { condition, enabled } = rule;
      if (condition.type === 'silent' && enabled) this.#silentOnes.push({ rule, condition });
    }
    for (const { ciId } of this.#book.allLive()) this.#composites.touch(ciId);
  }

  /** Machines stand in other places or serve other services than before. */
  #belongOtherwise(nowMs: Millis): void {
    this.#belongingChanged = false;
    const asks = ({ selector }: StoredRule) => Boolean(selector.location ?? selector.service);
    if ([...this.#rules.values()].some(asks)) this.#rulesChanged(nowMs);
  }

  #rulesChanged(nowMs: Millis): void {
    this.#nowMs = nowMs;
    this.#setRules();
    this.#deps.onRules?.();
    for (const watch of this.#active) this.#refit(watch);
    this.#endWithoutCause([...this.#book.allLive()], nowMs);
    for (const silence of this.#silences.values())
      silence.dueMs = this.#judgeSilence(silence.status, false, nowMs);
    this.#composites.judge(nowMs);
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
      this.#raise(findingOf(watch, raised, null, this.#deps.directory.get(watch.ciId)));
  }

  /** Ends those of these alerts that no rule, or no watch, stands for any more. */
  #endWithoutCause(alerts: readonly AlertRecord[], nowMs: Millis): void {
    if (alerts.length === 0) return;
    const watched = new Set([...this.#active].map((watch) => watch.key));
    for (const alert of alerts) {
      const rule = this.#rules.get(alert.ruleId);
      const entry = this.#deps.directory.get(alert.ciId);
      if (rule && entry && this.#appliesTo(rule, entry) && this.#stands(rule, alert, watched)) continue;
      const about = this.#describe({ ...alert, state: 'resolved', resolvedBecause: 'rule-ended' });
      this.#lower(alert, { ...about, because: 'rule-ended', value: null, atMs: nowMs });
    }
  }

  #stands({ id, condition }: StoredRule, alert: AlertRecord, watched: ReadonlySet<string>): boolean {
    const key = alertKey(alert);
    switch (condition.type) {
      // It ends its alerts by itself.
      case 'composite':
        return true;
      case 'silent':
        return [...this.#silentRules(alert.ciId)].some(({ rule }) => rule.id === id);
      case 'absence':
        return this.#absences.stands(key);
      case 'threshold':
      case 'change':
      case 'forecast':
      case 'baseline':
      case 'anomaly':
        return watched.has(key);
    }
  }

  #ciChanged(entry: CiEntry): void {
    this.#watches.ciChanged(entry.id);
    this.#absences.ciChanged(entry.id);
    for (const watch of this.#active) if (watch.ciId === entry.id) this.#refit(watch);
    // Of this machine only: a whole fleet that is new, or reports anew, changes once each.
    this.#endWithoutCause(this.#book.liveOf(entry.id), this.#nowMs);
    const silence = this.#silences.get(entry.id);
    if (silence) silence.dueMs = -Infinity;
    this.#composites.touch(entry.id);
    this.#composites.judge(this.#nowMs);
    if (this.#book.hasNews) this.#writeSoon(this.#nowMs);
  }

  #raiseMissing(missing: Missing): void {
    this.#raise(absenceFinding(missing, this.#deps.directory.get(missing.ciId), this.#nowMs));
  }

  #resolveMissing(missing: Missing, because: ResolvedBecause): void {
    const alert = this.#book.live(missing.key);
    const entry = this.#deps.directory.get(missing.ciId);
    if (alert) this.#lower(alert, absenceEnding(missing, because, entry, this.#nowMs));
  }

  #takePresence(status: PresenceStatus, isNews: boolean, nowMs: Millis): void {
    this.#nowMs = nowMs;
    if (status.silence === 'no') {
      this.#silences.delete(status.ciId);
      this.#endSilence(status, nowMs);
    } else {
      const dueMs = this.#judgeSilence(status, isNews, nowMs);
      this.#silences.set(status.ciId, { status, dueMs });
    }
    this.#composites.judge(nowMs);
    if (this.#book.hasNews) this.#writeSoon(nowMs);
  }

  *#silentRules(ciId: string): Iterable<{ rule: StoredRule; condition: SilentCondition; entry: CiEntry }> {
    const entry = this.#deps.directory.get(ciId);
    if (!entry) return;
    const applying = this.#silentOnes.filter(({ rule }) => this.#appliesTo(rule, entry));
    const standing = inForce(applying, ({ rule }) => ({
      reach: rule.selector,
      op: '',
      distance: distanceTo(rule, ciId, this.#membership),
    }));
    for (const { rule, condition } of standing) yield { rule, condition, entry };
  }

  /** `isNews`: what is known of the silence has changed. When to look again if nothing else does. */
  #judgeSilence(status: PresenceStatus, isNews: boolean, nowMs: Millis): Millis {
    const { ciId, silentSinceMs } = status;
    if (status.silence !== 'yes' || silentSinceMs === null) return Infinity;
    let dueMs = Infinity;
    for (const { rule, condition, entry } of this.#silentRules(ciId)) {
      const live = this.#book.live(alertKey({ ruleId: rule.id, ciId, instance: '' }));
      const isDue = nowMs - silentSinceMs >= (condition.forMs ?? 0);
      if (!live && !isDue) dueMs = Math.min(dueMs, silentSinceMs + (condition.forMs ?? 0));
      if (live ? !isNews && live.severity === condition.severity : !isDue) continue;
      this.#raise({
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
    return dueMs;
  }

  #endSilence(status: PresenceStatus, nowMs: Millis): void {
    const because = status.presence === 'up' ? 'cleared' : 'not-expected';
    for (const { rule, entry } of this.#silentRules(status.ciId)) {
      const live = this.#book.live(alertKey({ ruleId: rule.id, ciId: status.ciId, instance: '' }));
      const title = heardTitle(entry.name, because);
      if (live) this.#lower(live, { rule, because, value: null, atMs: nowMs, title });
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
      if (this.#composites.restore(state)) continue;
      const threshold = byId.get(state.ruleId);
      if (threshold?.idle.length !== state.tracks.length) {
        this.#changedStates.push({ ...state, tracks: [] });
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
      // What its signal has to learn first is part of its loading.
      if (watch.signal === null) await this.#catchUp(watch, nowMs);
    }
  }

  /** Series that were there before this start: where they stand, and what signals have to know of them. */
  async #bindKnownSeries(): Promise<void> {
    const { directory, metrics } = this.#deps;
    for (const entry of directory.all()) {
      const known = metrics.latest(entry.id);
      const newest = this.#ownWord(entry, known).reduce<LatestSample | null>(
        (newest, one) => (newest !== null && newest.atMs >= one.atMs ? newest : one),
        null,
      );
      if (newest === null) continue;
      const isBehind = ({ identity, atMs }: LatestSample) =>
        atMs < newest.atMs && this.#absences.isMissed(identity.metric);
      // Only where something may be missing it matters since when its machine has been heard.
      const sinceMs = known.some(isBehind) ? await this.#heardSince(newest) : newest.atMs;
      const board = this.#watches.board(entry.id);
      board.newestMs = newest.atMs;
      board.sinceMs = sinceMs;
      for (const { identity, atMs, value, rate } of known) {
        const slot = this.#watches.slot(metrics.resolve(identity));
        if (slot === null || slot.lastAtMs > atMs) continue;
        slot.seed(atMs, value, rate !== null, this.#intervalMs(entry.id));
      }
    }
  }

  /** Of a machine with an agent, what that told. */
  #ownWord({ agentId }: CiEntry, known: readonly LatestSample[]): readonly LatestSample[] {
    const { isForeign } = this.#deps;
    if (agentId === null || isForeign === undefined) return known;
    return known.filter(({ identity }) => !isForeign(identity));
  }

  /** The begin of the stretch without a gap that ends with this sample, as far back as absences are counted. */
  async #heardSince({ identity: { ciId, metric, instance }, atMs }: LatestSample): Promise<Millis> {
    const gapMs = silentAfterMs({ intervalMs: this.#intervalMs(ciId) });
    const fromMs = atMs - this.#absences.longestForMs - gapMs;
    const query = { ciId, metric, instance, fromMs, toMs: atMs + 1, points: PAST_POINTS_MAX };
    const { stepMs, series } = await this.#deps.metrics.range(query, this.#nowMs);
    let sinceMs = atMs;
    for (const pointMs of series[0]?.points.times.toReversed() ?? []) {
      if (sinceMs - pointMs > Math.max(gapMs, 2 * stepMs)) break;
      sinceMs = pointMs;
    }
    return sinceMs;
  }

  /** What is usual is learned once a day; until it is known the old will do. */
  #learnSoon(watch: Watch, atMs: Millis): void {
    const { signal } = watch;
    if (!(signal instanceof BaselineSignal)) return;
    signal.staleAtMs = profileDay(atMs) + PROFILE_MS;
    this.#past.run(() => this.#learn(watch, signal, atMs));
  }

  async #learn({ ciId, instance, threshold }: Watch, signal: BaselineSignal, atMs: Millis): Promise<void> {
    const { said } = threshold;
    if (said.type !== 'baseline') return;
    const { metric, weeks } = said;
    const zone = this.#deps.directory.get(ciId)?.timeZone ?? null;
    const { metrics } = this.#deps;
    signal.learn(await learnProfile(metrics, { ciId, metric, instance }, { weeks, atMs, zone }, this.#nowMs));
  }

  async #prepare(watch: Watch, signal: Signal): Promise<void> {
    if (!(signal instanceof BaselineSignal)) return;
    signal.staleAtMs = profileDay(this.#nowMs) + PROFILE_MS;
    await this.#learn(watch, signal, this.#nowMs);
  }

  /** Tells a signal what it missed. Of a watch that is not idle, samples that no engine has judged are judged as late ones. */
  #takePast(watch: Watch, points: readonly PastPoint[]): void {
    const { signal } = watch;
    if (signal === null || watch.waiting === null) return;
    const isActive = this.#active.has(watch);
    const seenMs = watch.lastAtMs;
    const { waiting } = watch;
    const firstMs = waiting[0]?.atMs ?? Infinity;
    watch.waiting = null;
    for (const { atMs, value, sinceMs, afterGap } of points) {
      if (atMs >= firstMs) break;
      if (!isActive) signal.feed(atMs, value, sinceMs, afterGap);
      else if (atMs <= seenMs) {
        // A gap that nothing was said of since then still counts.
        if (afterGap) watch.gapped = true;
        if (signal.take(atMs, value, sinceMs, afterGap) !== null) watch.gapped = false;
      } else this.#judgeLate(watch, { atMs, value, sinceMs, fresh: false, afterGap });
    }
    watch.waiting = waiting;
    this.#takeWaiting(watch);
  }

  #takeWaiting(watch: Watch): void {
    const waiting = watch.waiting ?? [];
    watch.waiting = null;
    for (const sample of waiting) this.#judgeLate(watch, sample);
    if (this.#book.hasNews || this.#dirty.size > 0) this.#writeSoon(this.#nowMs);
  }

  #judgeLate(watch: Watch, sample: WaitingSample): void {
    const { atMs, value, sinceMs, fresh, afterGap } = sample;
    if (watch.signal !== null && this.#isWorthALook(watch, watch.signal, atMs, value, sinceMs, afterGap))
      this.#evaluate(watch, watch.judged, atMs, fresh, watch.gapped);
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
    const others = this.#changedStates.splice(0);
    if (dirty.length + alerts.length + others.length === 0) return;
    this.#dirty.clear();
    try {
      await this.#deps.store.record({ states: [...others, ...dirty.map(stateOf)], alerts });
      for (const { ruleId, openedAtMs } of alerts)
        this.#lastOpenedMs.set(ruleId, Math.max(openedAtMs, this.#lastOpenedMs.get(ruleId) ?? -Infinity));
    } catch (error) {
      for (const watch of dirty) this.#dirty.add(watch);
      this.#changedStates.push(...others);
      this.#book.giveBackUnwritten(alerts);
      throw error;
    }
  }
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

/** A rule at rest stays so: nothing is beyond, and nothing is to be counted. */
function isQuietFor({ said, condition, firstLevel }: Threshold, value: number, before: number): boolean {
  const window = said.type === 'threshold' ? said.window : undefined;
  if (window === undefined) return !isBeyond(value, condition.op, firstLevel);
  if (window.fn === 'increase') return value === 0;
  if (!Number.isFinite(value)) return false;
  return window.fn === 'resets' ? !(value < before) : value === before || Number.isNaN(before);
}

/** It holds, or a tenth more would make it hold. */
function isFloorNear({ floor, levels }: ThresholdCondition, value: number): boolean {
  if (floor === null) return true;
  return levels.some((level) => {
    const edge = level.floor ?? floor.level;
    const margin = Math.abs(edge) * FLOOR_RELEASE_SHARE;
    return isBeyond(value, floor.op, floor.op === 'above' ? edge - margin : edge + margin);
  });
}

/** Samples older than this raise and clear nothing. */
function freshMsOf(intervalMs: Millis): Millis {
  return Math.max(FRESH_INTERVALS * intervalMs, HOLD_MS_MAX);
}

function isJudgedAsItIs(said: SeriesCondition): boolean {
  return said.type === 'threshold' && said.window === undefined;
}

function isGauge(metric: string): boolean {
  return isMetricName(metric) && metricDefinition(metric).kind === 'gauge';
}

/** A wake level names one instance or all of them. */
function plainInstance(glob: string | null): string | null {
  return glob === null || /[*?]/.test(glob) ? null : glob;
}
