/** Rules on other rules at work: looked at where alerts have come or gone, told once they have held for long enough. */
import type { Millis } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { Ending, Finding } from './alert-book.ts';
import { alertKey } from './alert.ts';
import type { AlertRecord } from './alert.ts';
import { holdingOf } from './composite.ts';
import { compositeEnding, compositeFinding } from './describe.ts';
import type { CompositeCondition, StoredRule } from './rule.ts';
import type { SeriesState } from './store.ts';

interface CompositesDeps {
  readonly directory: CiDirectory;
  readonly appliesTo: (rule: StoredRule, entry: CiEntry) => boolean;
  /** The alert of a key that is not resolved. */
  readonly live: (key: string) => AlertRecord | null;
  /** Not resolved, of a machine. */
  readonly liveOf: (ciId: string) => readonly AlertRecord[];
  readonly raise: (finding: Finding) => void;
  readonly lower: (alert: AlertRecord, ending: Ending) => void;
  /** A hold began or ended: to be stored as a phase. */
  readonly changed: (state: SeriesState) => void;
}

export class Composites {
  readonly #deps: CompositesDeps;
  #rules: readonly { readonly rule: StoredRule; readonly condition: CompositeCondition }[] = [];
  /** Machines whose alerts have changed since the composites were looked at. */
  readonly #touched = new Set<string>();
  /** Those that hold, but not yet for long enough: since when each does, by its key. */
  readonly #holding = new Map<string, SeriesState>();

  constructor(deps: CompositesDeps) {
    this.#deps = deps;
  }

  setRules(rules: Iterable<StoredRule>): void {
    this.#rules = [...rules].flatMap((rule) => {
      const { condition, enabled } = rule;
      return condition.type === 'composite' && enabled ? [{ rule, condition }] : [];
    });
    const ids = new Set(this.#rules.map(({ rule }) => rule.id));
    for (const [key, { ruleId }] of this.#holding) if (!ids.has(ruleId)) this.#end(key);
  }

  touch(ciId: string): void {
    this.#touched.add(ciId);
  }

  /** False: the phase is of no composite. */
  restore(state: SeriesState): boolean {
    if (!this.#rules.some(({ rule }) => rule.id === state.ruleId)) return false;
    this.#holding.set(alertKey(state), state);
    return true;
  }

  /** Where alerts have come or gone, or while one is waited for. */
  judge(nowMs: Millis): void {
    for (const { ciId } of this.#holding.values()) this.#touched.add(ciId);
    this.judgeTouched(nowMs);
  }

  /** Only where alerts have come or gone: with each frame. */
  judgeTouched(nowMs: Millis): void {
    if (this.#touched.size === 0) return;
    const touched = [...this.#touched];
    this.#touched.clear();
    if (this.#rules.length === 0) return;
    for (const ciId of touched) this.#judgeMachine(ciId, this.#deps.liveOf(ciId), nowMs);
    // None stands on another one: what they told changes nothing for them.
    this.#touched.clear();
  }

  #judgeMachine(ciId: string, alerts: readonly AlertRecord[], nowMs: Millis): void {
    const { directory, appliesTo, live: liveBy, raise, lower } = this.#deps;
    const entry = directory.get(ciId);
    for (const { rule, condition } of this.#rules) {
      const key = alertKey({ ruleId: rule.id, ciId, instance: '' });
      const live = liveBy(key);
      const applies = entry !== undefined && appliesTo(rule, entry);
      const found = applies ? holdingOf(condition, alerts) : null;
      if (found === null) {
        const because = applies ? 'cleared' : 'rule-ended';
        this.#end(key);
        if (live) lower(live, compositeEnding(rule, because, entry, nowMs));
      } else if (!live || live.severity !== condition.severity) {
        const sinceMs = Math.min(found.sinceMs, this.#holding.get(key)?.atMs ?? Infinity);
        if (nowMs - sinceMs < condition.forMs) this.#begin(key, rule.id, ciId, sinceMs);
        else {
          this.#end(key);
          raise(compositeFinding(rule, condition, { ...found, sinceMs }, entry, nowMs));
        }
      }
    }
  }

  #begin(key: string, ruleId: string, ciId: string, sinceMs: Millis): void {
    if (this.#holding.get(key)?.atMs === sinceMs) return;
    const state: SeriesState = {
      ruleId,
      ciId,
      instance: '',
      tracks: [{ phase: 'pending', sinceMs }],
      atMs: sinceMs,
    };
    this.#holding.set(key, state);
    this.#deps.changed(state);
  }

  #end(key: string): void {
    const held = this.#holding.get(key);
    if (!held) return;
    this.#holding.delete(key);
    this.#deps.changed({ ...held, tracks: [] });
  }
}
