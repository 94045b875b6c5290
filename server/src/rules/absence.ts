/** Series that were there and are not any more, although their machine is heard: looked at when they are due, not with each sample. */
import type { Severity } from '@muster/shared/api/rules.ts';
import { familyOf, inForce } from '@muster/shared/rules/precedence.ts';
import { DAY_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { alertKey } from './alert.ts';
import { appliesTo, distanceTo, instanceMatcher } from './rule.ts';
import type { AbsenceCondition, Belonging, StoredRule } from './rule.ts';
import type { Slot } from './board.ts';

/** What has been gone for longer than this is how things are now; an alert of it resolves. */
export const ABSENCE_REMEMBERED_MS = 7 * DAY_MS;
/** What is due but for the next samples of its machine is looked at again so soon. */
const LOOK_MS_MIN = SECOND_MS;
/** Series of a machine that is silent are looked at this seldom. */
const LOOK_SILENT_MS = 10 * SECOND_MS;

/** Since when a machine has been heard without a gap, and until when. */
export interface Heard {
  newestMs: Millis;
  sinceMs: Millis;
}

export interface Missing {
  readonly key: string;
  readonly rule: StoredRule;
  readonly condition: AbsenceCondition;
  readonly ciId: string;
  /** '' for all instances together. */
  readonly instance: string;
  readonly severity: Severity;
  /** Its last sample. */
  readonly lastMs: Millis;
}

interface Watch {
  readonly key: string;
  readonly rule: StoredRule;
  readonly condition: AbsenceCondition;
  readonly ciId: string;
  readonly instance: string;
  readonly slots: Set<Slot>;
  isRaised: boolean;
  /** When it was last found switched off: it is missing only from then on. */
  offAtMs: Millis;
  /** In the queue for this time. */
  dueMs: Millis;
}

interface AbsencesDeps {
  readonly directory: CiDirectory;
  readonly belonging: Belonging;
  readonly heard: (ciId: string) => Heard | undefined;
  /** Within this time of now the newest sample of a machine says how it is. */
  readonly freshMs: (ciId: string) => Millis;
  /** The configuration has switched the metric off there: that it is missing is what was asked for. */
  readonly isOff: (ciId: string, metric: string) => boolean;
  readonly isLive: (key: string) => boolean;
  readonly raise: (missing: Missing) => void;
  readonly resolve: (missing: Missing, because: 'cleared' | 'not-reported') => void;
}

export class Absences {
  readonly #deps: AbsencesDeps;
  #byMetric = new Map<string, { rule: StoredRule; condition: AbsenceCondition }[]>();
  /** Bound series by machine. */
  readonly #slots = new Map<string, Set<Slot>>();
  readonly #watches = new Map<string, Watch>();
  readonly #raised = new Set<Watch>();
  /** Second → watches that are due in it. */
  readonly #queue = new Map<number, Watch[]>();
  #second = -Infinity;

  constructor(deps: AbsencesDeps) {
    this.#deps = deps;
  }

  /** 0 without any rule. */
  get longestForMs(): Millis {
    return Math.max(0, ...[...this.#byMetric.values()].flat().map(({ condition }) => condition.forMs));
  }

  isMissed(metric: string): boolean {
    return this.#byMetric.has(metric);
  }

  /** Afterwards all series are to be bound again. */
  setRules(rules: Iterable<StoredRule>): void {
    this.#byMetric = new Map();
    for (const rule of rules) {
      const { condition } = rule;
      if (condition.type !== 'absence' || !rule.enabled) continue;
      this.#byMetric.set(condition.metric, [
        ...(this.#byMetric.get(condition.metric) ?? []),
        { rule, condition },
      ]);
    }
    this.#watches.clear();
    this.#raised.clear();
    this.#queue.clear();
    for (const ciId of this.#slots.keys()) this.ciChanged(ciId);
  }

  ciChanged(ciId: string): void {
    const slots = this.#slots.get(ciId);
    if (!slots) return;
    for (const watch of this.#watches.values()) if (watch.ciId === ciId) this.#drop(watch);
    for (const slot of slots) this.#watch(slot);
  }

  bound(slot: Slot): void {
    const { ciId } = slot.identity;
    const slots = this.#slots.get(ciId);
    if (slots?.has(slot)) return;
    if (slots) slots.add(slot);
    else this.#slots.set(ciId, new Set([slot]));
    this.#watch(slot);
  }

  /** An alert of the rule is about something that is watched and missing. */
  stands(key: string): boolean {
    return this.#watches.get(key)?.isRaised ?? false;
  }

  tick(nowMs: Millis): void {
    for (const watch of this.#raised) this.#look(watch, nowMs);
    const second = Math.floor(nowMs / SECOND_MS);
    // After a leap of the clock each second that is queued is taken, not each that has passed.
    const seconds =
      second - this.#second > this.#queue.size
        ? [...this.#queue.keys()].filter((queued) => queued <= second).sort((a, b) => a - b)
        : Array.from({ length: second - this.#second }, (_, i) => this.#second + 1 + i);
    this.#second = second;
    for (const due of seconds) {
      const watches = this.#queue.get(due);
      if (!watches) continue;
      this.#queue.delete(due);
      for (const watch of watches) {
        if (this.#watches.get(watch.key) !== watch || watch.dueMs > nowMs || watch.isRaised) continue;
        this.#look(watch, nowMs);
        if (!watch.isRaised) this.#enqueue(watch, this.#dueMs(watch, nowMs));
      }
    }
  }

  #watch(slot: Slot): void {
    const { ciId, metric, instance } = slot.identity;
    const entry = this.#deps.directory.get(ciId);
    if (!entry) return;
    for (const { rule, condition } of this.#inForce(metric, entry, instance)) {
      const of = condition.scope === 'instance' ? instance : '';
      const key = alertKey({ ruleId: rule.id, ciId, instance: of });
      const held = this.#watches.get(key);
      if (held) {
        held.slots.add(slot);
        continue;
      }
      const isRaised = this.#deps.isLive(key);
      const slots = new Set([slot]);
      const times = { offAtMs: -Infinity, dueMs: 0 };
      const watch = { key, rule, condition, ciId, instance: of, slots, isRaised, ...times };
      this.#watches.set(key, watch);
      if (isRaised) this.#raised.add(watch);
      else this.#enqueue(watch, Math.max(slot.lastAtMs, 0) + condition.forMs);
    }
  }

  #inForce(metric: string, entry: CiEntry, instance: string) {
    const { belonging } = this.#deps;
    const applying = (this.#byMetric.get(metric) ?? []).filter(
      ({ rule }) => appliesTo(rule, entry, belonging) && instanceMatcher(rule.selector.instance)(instance),
    );
    return inForce(applying, ({ rule, condition }) => ({
      reach: rule.selector,
      op: familyOf(condition) ?? rule.id,
      distance: distanceTo(rule, entry.id, belonging),
    }));
  }

  #look(watch: Watch, nowMs: Millis): void {
    const lastMs = lastOf(watch);
    const goneMs = this.#goneMs(watch, nowMs);
    const { rule, condition, ciId, instance, key } = watch;
    const missing = { key, rule, condition, ciId, instance, severity: condition.severity, lastMs };
    const isOff = this.#deps.isOff(ciId, condition.metric);
    if (isOff) watch.offAtMs = nowMs;
    if (watch.isRaised) {
      const isBack = goneMs !== null && goneMs < condition.forMs && this.#isReported(watch);
      const isNormalNow = isOff || nowMs - lastMs > ABSENCE_REMEMBERED_MS;
      if (!isBack && !isNormalNow) return;
      this.#lower(watch);
      this.#deps.resolve(missing, isBack ? 'cleared' : 'not-reported');
      this.#enqueue(watch, nowMs + condition.forMs);
      return;
    }
    if (isOff || goneMs === null || goneMs < condition.forMs || nowMs - lastMs > ABSENCE_REMEMBERED_MS)
      return;
    watch.isRaised = true;
    this.#raised.add(watch);
    this.#deps.raise(missing);
  }

  /** For how long it has been left out while its machine was heard; null: the machine is not heard now. */
  #goneMs(watch: Watch, nowMs: Millis): Millis | null {
    const heard = this.#deps.heard(watch.ciId);
    if (!heard || nowMs - heard.newestMs > this.#deps.freshMs(watch.ciId)) return null;
    return heard.newestMs - Math.max(lastOf(watch), heard.sinceMs, watch.offAtMs);
  }

  /** It has come again, which a machine that has just come back has not shown yet. */
  #isReported(watch: Watch): boolean {
    const heard = this.#deps.heard(watch.ciId);
    return heard !== undefined && lastOf(watch) >= heard.sinceMs;
  }

  /** As soon as a sample of its machine can say that it is missing. */
  #dueMs(watch: Watch, nowMs: Millis): Millis {
    const heard = this.#deps.heard(watch.ciId);
    if (!heard || this.#goneMs(watch, nowMs) === null) return nowMs + LOOK_SILENT_MS;
    return Math.max(nowMs + LOOK_MS_MIN, Math.max(lastOf(watch), heard.sinceMs) + watch.condition.forMs);
  }

  #enqueue(watch: Watch, dueMs: Millis): void {
    const second = Math.max(Math.ceil(dueMs / SECOND_MS), this.#second + 1);
    watch.dueMs = second * SECOND_MS;
    const queued = this.#queue.get(second);
    if (queued) queued.push(watch);
    else this.#queue.set(second, [watch]);
  }

  #lower(watch: Watch): void {
    watch.isRaised = false;
    this.#raised.delete(watch);
  }

  #drop(watch: Watch): void {
    this.#watches.delete(watch.key);
    this.#raised.delete(watch);
  }
}

function lastOf({ slots }: Watch): Millis {
  let lastMs = -Infinity;
  for (const { lastAtMs } of slots) lastMs = Math.max(lastMs, lastAtMs);
  return lastMs;
}
