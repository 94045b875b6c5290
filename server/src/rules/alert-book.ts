/** The alerts that live: opens, raises, lowers and resolves them, and keeps what is not yet written and told. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Severity } from '@muster/shared/api/rules.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { alertKey, REOPEN_MS } from './alert.ts';
import type { AlertRecord, AlertTransition, ResolvedBecause } from './alert.ts';
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
  /** True while alerts of the machine must not be told: only creation is suppressed, never evaluation or resolution. */
  readonly isSuppressed: (ciId: string) => boolean;
}

export class AlertBook {
  readonly #deps: AlertBookDeps;
  /** The newest alert of each key, resolved ones for as long as they may reopen. */
  readonly #newest = new Map<string, AlertRecord>();
  readonly #unwritten = new Map<string, AlertRecord>();
  #untold: AlertTransition[] = [];

  constructor(deps: AlertBookDeps) {
    this.#deps = deps;
  }

  restore(alert: AlertRecord): void {
    const key = alertKey(alert);
    const held = this.#newest.get(key);
    if (!held || isLive(alert) || (!isLive(held) && held.openedAtMs < alert.openedAtMs))
      this.#newest.set(key, alert);
  }

  /** The alert of the key that is not resolved. */
  live(key: string): AlertRecord | null {
    const alert = this.#newest.get(key);
    return alert && isLive(alert) ? alert : null;
  }

  *allLive(): Iterable<AlertRecord> {
    for (const alert of this.#newest.values()) if (isLive(alert)) yield alert;
  }

  byId(id: string): AlertRecord | null {
    for (const alert of this.#newest.values()) if (alert.id === id) return alert;
    return null;
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
    const resolved = this.#put(alert, {
      state: 'resolved',
      resolvedAtMs: Math.max(ending.atMs, alert.openedAtMs),
      resolvedBecause: ending.because,
      lastValue: ending.value ?? alert.lastValue,
      settled: wasNeverTold(alert),
    });
    if (wasNeverTold(alert)) return;
    this.#tell('resolved', resolved, { ...ending, reasonWords: [], level: alert.level });
  }

  /** Somebody has seen it; it goes on until its cause is gone. */
  acknowledge(id: string): boolean {
    const alert = this.byId(id);
    if (alert?.state !== 'open') return false;
    this.#put(alert, { state: 'acknowledged' });
    return true;
  }

  /** Alerts whose suppression is over are open now. `describe` says what they are about. */
  endSuppressions(describe: (alert: AlertRecord) => Omit<Finding, 'severity'> | null): void {
    for (const alert of this.allLive()) {
      if (alert.state !== 'suppressed' || this.#deps.isSuppressed(alert.ciId)) continue;
      const about = describe(alert);
      if (about) this.#tell('opened', this.#put(alert, { state: 'open', settled: false }), about);
    }
  }

  /** Tells again what a crash may have kept from those who react. */
  tellAgain(alert: AlertRecord, about: Omit<Finding, 'severity'>): void {
    this.#tell(isLive(alert) ? 'opened' : 'resolved', alert, about);
  }

  forgetOld(nowMs: Millis): void {
    for (const [key, alert] of this.#newest)
      if (!isLive(alert) && nowMs - (alert.resolvedAtMs ?? nowMs) > REOPEN_MS) this.#newest.delete(key);
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
    this.#newest.set(key, next);
    if (this.#unwritten.has(alert.id)) this.#unwritten.set(alert.id, next);
  }

  #open(finding: Finding): void {
    const key = alertKey({ ...finding, ruleId: finding.rule.id });
    const isSuppressed = this.#deps.isSuppressed(finding.ciId);
    const state = isSuppressed ? 'suppressed' : 'open';
    const last = this.#newest.get(key);
    const found = {
      state,
      severity: finding.severity,
      value: finding.value,
      level: finding.level,
      lastValue: finding.value,
      settled: isSuppressed,
    } as const;
    const again = last && finding.atMs - (last.resolvedAtMs ?? -Infinity) <= REOPEN_MS;
    const alert = again
      ? this.#put(last, { ...found, resolvedAtMs: null, resolvedBecause: null, reopened: last.reopened + 1 })
      : this.#add({ ...this.#newAlert(finding), ...found });
    if (!isSuppressed) this.#tell('opened', alert, finding);
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
    const state = worse && live.state === 'acknowledged' ? 'open' : live.state;
    const { severity, value, level } = finding;
    const isSuppressed = state === 'suppressed';
    const alert = this.#put(live, {
      state,
      severity,
      value,
      level,
      lastValue: value,
      settled: isSuppressed,
    });
    if (!isSuppressed) this.#tell(worse ? 'escalated' : 'deescalated', alert, finding);
  }

  #add(alert: AlertRecord): AlertRecord {
    this.#newest.set(alertKey(alert), alert);
    this.#unwritten.set(alert.id, alert);
    return alert;
  }

  #put(alert: AlertRecord, changes: Partial<AlertRecord>): AlertRecord {
    const held = this.#newest.get(alertKey(alert));
    invariant(held?.id === alert.id, 'only the newest alert of a key changes');
    return this.#add({ ...held, ...changes, version: held.version + 1 });
  }

  #tell(
    type: AlertTransition['type'],
    alert: AlertRecord,
    about: {
      rule: StoredRule;
      value: number | null;
      level: number | null;
      atMs: Millis;
      title: Words;
      reasonWords: readonly Words[];
    },
  ): void {
    if (type === 'updated' && alert.state === 'suppressed') return;
    this.#untold.push({
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
    });
  }
}

export function isLive(alert: AlertRecord): boolean {
  return alert.state !== 'resolved';
}

/** Suppressed from the beginning: nobody heard of it, so nobody hears of its end. */
function wasNeverTold(alert: AlertRecord): boolean {
  return alert.state === 'suppressed' && alert.incidentId === null && alert.reopened === 0;
}
