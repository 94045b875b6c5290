/** The alerts that live: opens, raises, lowers and resolves them, and keeps what is not yet written and told. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Severity, SuppressedBy } from '@muster/shared/api/rules.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { FLAP_MEMORY_MS, flapChanged, flapPassed, type FlapRing } from '../correlation/flapping.ts';
import { calmWords, expiredWords, FLAPPING, flappingWords } from '../correlation/words.ts';
import { alertKey, REOPEN_MS } from './alert.ts';
import type { Acknowledgement, AlertRecord, AlertTransition, ResolvedBecause } from './alert.ts';
import { metricOf } from './rule.ts';
import type { StoredRule } from './rule.ts';

/** What is true of a key now. */
export interface Finding {
  readonly rule: StoredRule;
  readonly ciId: string;
  readonly instance: string;
  readonly severity: Severity;
  readonly value: number | null;
  readonly level: number | null;
  /** What it is about where the rule names no metric. */
  readonly metric?: string | null;
  /** Since when the level is reached; `breachedAtMs` where absent. */
  readonly levelSinceMs?: Millis;
  readonly breachedAtMs: Millis;
  readonly atMs: Millis;
  readonly title: Words;
  readonly reasonWords: readonly Words[];
}

export interface Ending {
  readonly rule: StoredRule;
  readonly because: ResolvedBecause;
  readonly value: number | null;
  readonly atMs: Millis;
  readonly title: Words;
}

interface AlertBookDeps {
  readonly directory: CiDirectory;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** Why alerts of the machine must not be told now: only creation is suppressed, never evaluation or resolution. */
  readonly suppressedBy: (ciId: string) => SuppressedBy | null;
}

/** What others find out about an alert. It is no news: nothing is told of it. */
export interface AlertMark {
  readonly alertId: string;
  /** null: it stands by itself. */
  readonly suppressedBy: SuppressedBy | null;
  readonly incidentId: string | null;
}

export class AlertBook {
  readonly #deps: AlertBookDeps;
  /** The newest alert of each key, resolved ones for as long as they may reopen. */
  readonly #newest = new Map<string, AlertRecord>();
  readonly #byId = new Map<string, string>();
  /** Keys by what time may change of them. */
  readonly #planned = new Set<string>();
  readonly #flapping = new Set<string>();
  readonly #expiring = new Set<string>();
  /** Keys of what lives, by machine. */
  readonly #ofMachine = new Map<string, Set<string>>();
  readonly #unwritten = new Map<string, AlertRecord>();
  #untold: AlertTransition[] = [];

  constructor(deps: AlertBookDeps) {
    this.#deps = deps;
  }

  restore(alert: AlertRecord): void {
    const key = alertKey(alert);
    const held = this.#newest.get(key);
    if (!held || isLive(alert) || (!isLive(held) && held.openedAtMs < alert.openedAtMs))
      this.#hold(key, alert);
  }

  /** The alert of the key that is not resolved. */
  live(key: string): AlertRecord | null {
    const alert = this.#newest.get(key);
    return alert && isLive(alert) ? alert : null;
  }

  *allLive(): Iterable<AlertRecord> {
    for (const alert of this.#newest.values()) if (isLive(alert)) yield alert;
  }

  liveOf(ciId: string): AlertRecord[] {
    return Array.from(this.#ofMachine.get(ciId) ?? [], (key) => this.#newest.get(key)).filter(
      (alert) => alert !== undefined,
    );
  }

  byId(id: string): AlertRecord | null {
    const key = this.#byId.get(id);
    return key === undefined ? null : (this.#newest.get(key) ?? null);
  }

  /** Opens, escalates or de-escalates, or says what else is new; without effect when all of it is known. */
  raise(finding: Finding): void {
    const live = this.live(alertKey({ ...finding, ruleId: finding.rule.id }));
    if (!live) this.#open(finding);
    else if (live.severity !== finding.severity) this.#changeSeverity(live, finding);
    else this.#tell('updated', live, finding);
  }

  resolve(alert: AlertRecord, ending: Ending): void {
    if (!isLive(alert)) return;
    const flaps = flapChanged(alert.flaps, ending.atMs);
    // Only a value that comes and goes flaps; what else ends an alert, ends it.
    const flapping = flaps.flapping && ending.because === 'cleared' && !isQuiet(alert);
    const resolved = this.#put(alert, {
      state: 'resolved',
      resolvedAtMs: Math.max(ending.atMs, alert.openedAtMs),
      resolvedBecause: ending.because,
      lastValue: ending.value ?? alert.lastValue,
      // An end that is held back is owed.
      settled: wasNeverTold(alert),
      flaps: { ...flaps, flapping },
      suppressedBy: flapping ? FLAPPING : isFlapMark(alert) ? null : alert.suppressedBy,
    });
    if (wasNeverTold(alert)) return;
    const about = { ...ending, reasonWords: [], level: alert.level };
    if (!flapping) this.#tell('resolved', resolved, about);
    else if (!isFlapping(alert)) this.#tellFlapping(resolved, about);
  }

  /** Somebody has seen it; it goes on until its cause is gone, or until the time that was given. */
  acknowledge(id: string, acknowledgement: Acknowledgement | null = null): boolean {
    const alert = this.byId(id);
    if (alert?.state !== 'open' && alert?.state !== 'acknowledged') return false;
    if (alert.state === 'acknowledged' && acknowledgement === null) return false;
    this.#put(alert, { state: 'acknowledged', acknowledgement, settled: alert.settled });
    return true;
  }

  /** Nobody has seen it after all. */
  withdraw(id: string): boolean {
    const alert = this.byId(id);
    if (alert?.state !== 'acknowledged') return false;
    this.#put(alert, { state: 'open', acknowledgement: null, settled: alert.settled });
    return true;
  }

  mark({ alertId, suppressedBy, incidentId }: AlertMark): void {
    const alert = this.byId(alertId);
    if (!alert || !isLive(alert)) return;
    const shown = alert.acknowledgement === null ? 'open' : 'acknowledged';
    const state = suppressedBy !== null ? 'suppressed' : alert.state === 'suppressed' ? shown : alert.state;
    this.#add({
      ...alert,
      state,
      suppressedBy: suppressedBy ?? (isFlapping(alert) ? FLAPPING : null),
      incidentId,
    });
  }

  /** A live alert as the news of its opening. `describe` says what it is about. */
  opening(alert: AlertRecord, about: Omit<Finding, 'severity'>): AlertTransition {
    return this.#news('opened', alert, about);
  }

  /** What time alone does. `describe` says what an alert is about. */
  passTime(nowMs: Millis, describe: (alert: AlertRecord) => Omit<Finding, 'severity'> | null): void {
    this.#endPlanned(nowMs, describe);
    this.#endFlapping(nowMs, describe);
    this.#endAcknowledgements(nowMs, describe);
  }

  /** Tells again what a crash may have kept from those who react. */
  tellAgain(alert: AlertRecord, about: Omit<Finding, 'severity'>): void {
    // Its end is owed until it has stopped flapping.
    if (isFlapping(alert) && !isLive(alert)) return;
    this.#tell(isLive(alert) ? 'opened' : 'resolved', alert, about);
  }

  forgetOld(nowMs: Millis): void {
    for (const [key, alert] of this.#newest) {
      if (isLive(alert) || isFlapping(alert)) continue;
      // The next alert of the key takes the ring along.
      if (nowMs - (alert.resolvedAtMs ?? nowMs) <= Math.max(REOPEN_MS, FLAP_MEMORY_MS)) continue;
      this.#newest.delete(key);
      this.#byId.delete(alert.id);
    }
  }

  get hasNews(): boolean {
    return this.#unwritten.size > 0 || this.#untold.length > 0;
  }

  takeUnwritten(): AlertRecord[] {
    const alerts = [...this.#unwritten.values()];
    this.#unwritten.clear();
    return alerts;
  }

  giveBackUnwritten(alerts: readonly AlertRecord[]): void {
    for (const alert of alerts) if (!this.#unwritten.has(alert.id)) this.#unwritten.set(alert.id, alert);
  }

  takeUntold(): AlertTransition[] {
    const untold = this.#untold;
    this.#untold = [];
    return untold;
  }

  giveBackUntold(transitions: readonly AlertTransition[]): void {
    this.#untold = [...transitions, ...this.#untold];
  }

  settled(alert: AlertRecord, incidentId: string | null): void {
    const key = alertKey(alert);
    const held = this.#newest.get(key);
    if (held?.id !== alert.id) return;
    const isSame = held.version === alert.version;
    const next = {
      ...held,
      incidentId: incidentId ?? held.incidentId,
      settled: isSame ? true : held.settled,
    };
    this.#hold(key, next);
    if (this.#unwritten.has(alert.id)) this.#unwritten.set(alert.id, next);
  }

  #open(finding: Finding): void {
    const key = alertKey({ ...finding, ruleId: finding.rule.id });
    const planned = this.#deps.suppressedBy(finding.ciId);
    const last = this.#newest.get(key);
    const flaps = flapChanged(last?.flaps ?? null, finding.atMs);
    const was = last !== undefined && isFlapping(last);
    const flapping = flaps.flapping && planned === null;
    const found = {
      state: planned === null ? 'open' : 'suppressed',
      severity: finding.severity,
      value: finding.value,
      level: finding.level,
      lastValue: finding.value,
      levelSinceMs: finding.levelSinceMs ?? finding.breachedAtMs,
      suppressedBy: planned ?? (flapping ? FLAPPING : null),
      acknowledgement: null,
      flaps: { ...flaps, flapping },
      // While it flaps the incident is open all the time.
      settled: planned !== null || was,
    } as const;
    const again = last && (was || finding.atMs - (last.resolvedAtMs ?? -Infinity) <= REOPEN_MS);
    const alert = again
      ? this.#put(last, {
          ...found,
          breachedAtMs: finding.breachedAtMs,
          resolvedAtMs: null,
          resolvedBecause: null,
          reopened: last.reopened + 1,
        })
      : this.#add({ ...this.#newAlert(finding), ...found });
    if (planned !== null || was) return;
    this.#tell('opened', alert, finding);
    if (flapping) this.#tellFlapping(alert, finding);
  }

  #newAlert(finding: Finding) {
    const { rule, ciId, instance, breachedAtMs, atMs } = finding;
    return {
      id: this.#deps.newId('alr', atMs),
      ruleId: rule.id,
      ciId,
      instance,
      ruleName: rule.name,
      metric: finding.metric ?? metricOf(rule.condition),
      breachedAtMs,
      openedAtMs: atMs,
      resolvedAtMs: null,
      resolvedBecause: null,
      reopened: 0,
      incidentId: null,
      suppressedBy: null,
      acknowledgement: null,
      flaps: null,
      version: 1,
    };
  }

  #changeSeverity(live: AlertRecord, finding: Finding): void {
    const worse = finding.severity === 'critical';
    // Who has acknowledged a warning has not acknowledged that it is critical now.
    const rises = worse && live.state === 'acknowledged';
    const state = rises ? 'open' : live.state;
    const { severity, value, level } = finding;
    const flaps = flapChanged(live.flaps, finding.atMs);
    const isHeldBack = state === 'suppressed';
    const flapping = flaps.flapping && !isHeldBack;
    // That it got worse is told in any case.
    const isTold = !isHeldBack && (worse || !isFlapping(live));
    const alert = this.#put(live, {
      state,
      severity,
      value,
      level,
      lastValue: value,
      levelSinceMs: finding.levelSinceMs ?? finding.breachedAtMs,
      acknowledgement: rises ? null : live.acknowledgement,
      flaps: { ...flaps, flapping },
      suppressedBy: flapping ? FLAPPING : isFlapMark(live) ? null : live.suppressedBy,
      settled: !isTold,
    });
    if (isTold) this.#tell(worse ? 'escalated' : 'deescalated', alert, finding);
    if (flapping && !isFlapping(live)) this.#tellFlapping(alert, finding);
  }

  #endPlanned(nowMs: Millis, describe: (alert: AlertRecord) => Omit<Finding, 'severity'> | null): void {
    for (const key of Array.from(this.#planned)) {
      const alert = this.#newest.get(key);
      if (!alert || this.#deps.suppressedBy(alert.ciId) !== null) continue;
      const about = describe(alert);
      if (!about) continue;
      const open = this.#put(alert, { state: 'open', suppressedBy: null, settled: false });
      this.#tell('opened', open, { ...about, atMs: nowMs });
    }
  }

  #endFlapping(nowMs: Millis, describe: (alert: AlertRecord) => Omit<Finding, 'severity'> | null): void {
    for (const key of Array.from(this.#flapping)) {
      const alert = this.#newest.get(key);
      const flaps = alert?.flaps && flapPassed(alert.flaps, nowMs);
      if (!alert || !flaps || flaps.flapping) continue;
      const about = describe(alert);
      if (!about) continue;
      const suppressedBy = isFlapMark(alert) ? null : alert.suppressedBy;
      const calm = this.#put(alert, { flaps, suppressedBy, settled: false });
      this.#tell('updated', calm, { ...about, atMs: nowMs, title: calmWords(about.title), reasonWords: [] });
      this.#tell(isLive(calm) ? 'deescalated' : 'resolved', calm, { ...about, atMs: nowMs });
    }
  }

  #endAcknowledgements(
    nowMs: Millis,
    describe: (alert: AlertRecord) => Omit<Finding, 'severity'> | null,
  ): void {
    for (const key of Array.from(this.#expiring)) {
      const alert = this.#newest.get(key);
      const { untilMs = null, by = '' } = alert?.acknowledgement ?? {};
      if (!alert || untilMs === null || nowMs < untilMs) continue;
      const about = describe(alert);
      if (!about) continue;
      const state = alert.state === 'acknowledged' ? 'open' : alert.state;
      const open = this.#put(alert, { state, acknowledgement: null, settled: state === 'suppressed' });
      const title = expiredWords(about.title, by);
      this.#tell('updated', open, { ...about, atMs: nowMs, title, reasonWords: [] }, true);
    }
  }

  #tellFlapping(alert: AlertRecord, about: Omit<Telling, 'value'> & { readonly value: number | null }): void {
    const title = flappingWords(about.title, alert.flaps);
    this.#tell('updated', alert, { ...about, title, reasonWords: [] });
  }

  #add(alert: AlertRecord): AlertRecord {
    this.#hold(alertKey(alert), alert);
    this.#unwritten.set(alert.id, alert);
    return alert;
  }

  #hold(key: string, alert: AlertRecord): void {
    const before = this.#newest.get(key);
    if (before && before.id !== alert.id) this.#byId.delete(before.id);
    this.#newest.set(key, alert);
    this.#byId.set(alert.id, key);
    this.#note(key, alert);
    put(this.#planned, key, isPlanned(alert));
    put(this.#flapping, key, isFlapping(alert));
    put(this.#expiring, key, isLive(alert) && (alert.acknowledgement?.untilMs ?? null) !== null);
  }

  #note(key: string, alert: AlertRecord): void {
    const keys = this.#ofMachine.get(alert.ciId) ?? new Set();
    put(keys, key, isLive(alert));
    if (keys.size > 0) this.#ofMachine.set(alert.ciId, keys);
    else this.#ofMachine.delete(alert.ciId);
  }

  #put(alert: AlertRecord, changes: Partial<AlertRecord>): AlertRecord {
    const held = this.#newest.get(alertKey(alert));
    invariant(held?.id === alert.id, 'only the newest alert of a key changes');
    return this.#add({ ...held, ...changes, version: held.version + 1 });
  }

  #tell(type: AlertTransition['type'], alert: AlertRecord, about: Telling, remind = false): void {
    if (type === 'updated' && alert.state === 'suppressed') return;
    const news = this.#news(type, alert, about);
    this.#untold.push(remind ? { ...news, remind } : news);
  }

  #news(type: AlertTransition['type'], alert: AlertRecord, about: Telling): AlertTransition {
    return {
      type,
      alert,
      rule: about.rule,
      ci: this.#deps.directory.get(alert.ciId) ?? null,
      value: about.value,
      level: about.level,
      breachedAtMs: alert.breachedAtMs,
      atMs: about.atMs,
      title: about.title,
      reasonWords: about.reasonWords,
    };
  }
}

interface Telling {
  readonly rule: StoredRule;
  readonly value: number | null;
  readonly level: number | null;
  readonly atMs: Millis;
  readonly title: Words;
  readonly reasonWords: readonly Words[];
}

function put(keys: Set<string>, key: string, isIn: boolean): void {
  if (isIn) keys.add(key);
  else keys.delete(key);
}

export function isFlapping({ flaps }: { readonly flaps: FlapRing | null }): boolean {
  return flaps?.flapping ?? false;
}

/** Held back because it flaps, and for no other reason. */
function isFlapMark({ suppressedBy }: AlertRecord): boolean {
  return suppressedBy?.kind === 'flapping';
}

/** Held back for another reason than flapping. */
function isQuiet({ state }: AlertRecord): boolean {
  return state === 'suppressed';
}

/** Planned absence or a maintenance window of its own; other reasons end by those who gave them. */
function isPlanned({ state, suppressedBy }: AlertRecord): boolean {
  return state === 'suppressed' && (suppressedBy === null || suppressedBy.kind === 'maintenance');
}

export function isLive(alert: AlertRecord): boolean {
  return alert.state !== 'resolved';
}

/** Suppressed from the beginning: nobody heard of it, so nobody hears of its end. */
function wasNeverTold(alert: AlertRecord): boolean {
  return isPlanned(alert) && alert.incidentId === null && alert.reopened === 0;
}
