/** Which rules watch which series: worked out once per series, kept in an array by series id for the hot path. */
import { isMetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import { inForce } from '@muster/shared/rules/precedence.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { SeriesId, SeriesIdentity } from '../metrics/store.ts';
import { alertKey } from './alert.ts';
import { IDLE, idleTracks } from './evaluate.ts';
import type { Track } from './evaluate.ts';
import { appliesTo, instanceMatcher } from './rule.ts';
import type { StoredRule, ThresholdCondition } from './rule.ts';

/** A threshold rule ready for evaluation. */
export interface Threshold {
  readonly rule: StoredRule;
  readonly condition: ThresholdCondition;
  /** The level that is breached first; most samples end at this one comparison. */
  readonly firstLevel: number;
  readonly matches: (instance: string) => boolean;
  /** The one array that stands for "nothing pending, nothing raised". */
  readonly idle: readonly Track[];
}

/** One rule on one series. */
export interface Watch {
  readonly key: string;
  readonly ciId: string;
  readonly instance: string;
  threshold: Threshold;
  tracks: readonly Track[];
  /** Newest sample seen while not idle. */
  lastAtMs: Millis;
  lastValue: number | null;
  floor: FloorCell | null;
}

/** Latest value of a series that some floor looks at. */
export interface FloorCell {
  atMs: Millis;
  value: number;
}

export interface Slot {
  readonly identity: SeriesIdentity;
  readonly counter: boolean;
  /** Newest sample; late ones do not go back behind it. */
  lastAtMs: Millis;
  /** Raw value of the newest sample, for rates. */
  lastRaw: number;
  cell: FloorCell | null;
  watches: readonly Watch[];
  stale: boolean;
}

export function compile(rule: StoredRule): Threshold | null {
  const { condition } = rule;
  if (condition.type !== 'threshold' || !rule.enabled) return null;
  const levels = condition.levels.map((level) => level.level);
  return {
    rule,
    condition,
    firstLevel: condition.op === 'above' ? Math.min(...levels) : Math.max(...levels),
    matches: instanceMatcher(rule.selector.instance),
    idle: idleTracks(condition),
  };
}

export class SeriesWatches {
  readonly #directory: CiDirectory;
  readonly #identityOf: (series: SeriesId) => SeriesIdentity;
  /** undefined: not worked out yet. null: nothing watches it. */
  readonly #slots: (Slot | null | undefined)[] = [];
  readonly #seriesOfCi = new Map<string, Set<SeriesId>>();
  readonly #watches = new Map<string, Watch>();
  readonly #cells = new Map<string, FloorCell>();
  readonly #byMetric = new Map<string, Threshold[]>();
  #floorMetrics: ReadonlySet<string> = new Set();

  constructor(directory: CiDirectory, identityOf: (series: SeriesId) => SeriesIdentity) {
    this.#directory = directory;
    this.#identityOf = identityOf;
  }

  /** The slot of a series, or null where nothing watches it. */
  slot(series: SeriesId): Slot | null {
    const slot = this.#slots[series];
    return slot === null || (slot !== undefined && !slot.stale) ? slot : this.#bind(series);
  }

  find(alert: { ruleId: string; ciId: string; instance: string }): Watch | undefined {
    return this.#watches.get(alertKey(alert));
  }

  thresholds(): readonly Threshold[] {
    return [...this.#byMetric.values()].flat();
  }

  /** Puts new rules in force. Watches stay as they are; who calls decides what becomes of those that do not fit any more. */
  setRules(rules: Iterable<StoredRule>): void {
    this.#byMetric.clear();
    const floors = new Set<string>();
    for (const rule of rules) {
      const threshold = compile(rule);
      if (!threshold) continue;
      const { metric, floor } = threshold.condition;
      this.#byMetric.set(metric, [...(this.#byMetric.get(metric) ?? []), threshold]);
      if (floor) floors.add(floor.metric);
    }
    this.#floorMetrics = floors;
    for (let series = 0; series < this.#slots.length; series++) this.#forget(series);
  }

  /** The machine's class, tags or life cycle changed. */
  ciChanged(ciId: string): void {
    for (const series of this.#seriesOfCi.get(ciId) ?? []) this.#forget(series);
  }

  /** The threshold that a watch stands under now; null where its rule does not apply, or a more particular one does. */
  applying(watch: Watch): Threshold | null {
    const entry = this.#directory.get(watch.ciId);
    if (!entry) return null;
    const { condition, rule } = watch.threshold;
    const standing = this.#inForce(condition.metric, entry, watch.instance);
    return standing.find((threshold) => threshold.rule.id === rule.id) ?? null;
  }

  /** The watch of this rule on this series, made where there is none. */
  watch(threshold: Threshold, ciId: string, instance: string): Watch {
    const key = alertKey({ ruleId: threshold.rule.id, ciId, instance });
    const { floor } = threshold.condition;
    const held = this.#watches.get(key);
    if (held) {
      if (held.threshold === threshold) return held;
      held.tracks = carriedOver(held, threshold);
      held.threshold = threshold;
      held.floor = floor ? this.#cell(ciId, floor.metric, instance) : null;
      return held;
    }
    const watch: Watch = {
      key,
      ciId,
      instance,
      threshold,
      tracks: threshold.idle,
      lastAtMs: -Infinity,
      lastValue: null,
      floor: floor ? this.#cell(ciId, floor.metric, instance) : null,
    };
    this.#watches.set(key, watch);
    return watch;
  }

  #forget(series: SeriesId): void {
    const slot = this.#slots[series];
    if (slot === null) this.#slots[series] = undefined;
    else if (slot) slot.stale = true;
  }

  #bind(series: SeriesId): Slot | null {
    const old = this.#slots[series];
    const identity = old?.identity ?? this.#identityOf(series);
    const { ciId, metric, instance } = identity;
    if (old === undefined) this.#noteSeries(ciId, series);
    const entry = this.#directory.get(ciId);
    const thresholds = entry ? this.#inForce(metric, entry, instance) : [];
    const watches = thresholds.map((threshold) => this.watch(threshold, ciId, instance));
    const cell = this.#floorMetrics.has(metric) ? this.#cell(ciId, metric, instance) : null;
    const isWatched = watches.length > 0 || cell !== null;
    const slot = isWatched ? slotOf(old ?? null, identity, watches, cell) : null;
    this.#slots[series] = slot;
    return slot;
  }

  /** Of those that apply to the series, the most particular ones. */
  #inForce(metric: string, entry: CiEntry, instance: string): readonly Threshold[] {
    const applying = (this.#byMetric.get(metric) ?? []).filter((one) => fits(one, entry, instance));
    return inForce(applying, ({ rule, condition }) => ({ reach: rule.selector, op: condition.op }));
  }

  #noteSeries(ciId: string, series: SeriesId): void {
    const known = this.#seriesOfCi.get(ciId);
    if (known) known.add(series);
    else this.#seriesOfCi.set(ciId, new Set([series]));
  }

  #cell(ciId: string, metric: string, instance: string): FloorCell {
    const key = `${ciId}\0${metric}\0${instance}`;
    const held = this.#cells.get(key);
    if (held) return held;
    const cell = { atMs: -Infinity, value: Number.NaN };
    this.#cells.set(key, cell);
    return cell;
  }
}

/** What is raised stays raised while its severity has a level; the next sample meets the new levels. */
function carriedOver(watch: Watch, next: Threshold): readonly Track[] {
  const before = watch.threshold.condition.levels;
  const tracks = next.condition.levels.map(
    ({ severity }, i) =>
      watch.tracks[before.findIndex((level) => level.severity === severity)] ?? next.idle[i] ?? IDLE,
  );
  return tracks.every(({ phase }) => phase === 'idle') ? next.idle : tracks;
}

function fits(threshold: Threshold, entry: CiEntry, instance: string): boolean {
  return appliesTo(threshold.rule, entry) && threshold.matches(instance);
}

function slotOf(
  old: Slot | null,
  identity: SeriesIdentity,
  watches: readonly Watch[],
  cell: FloorCell | null,
): Slot {
  if (old) return Object.assign(old, { watches, cell, stale: false });
  const { metric } = identity;
  return {
    identity,
    counter: isMetricName(metric) && metricDefinition(metric).kind === 'counter',
    // A watch restored from the store knows how far its series had come.
    lastAtMs: Math.max(-Infinity, ...watches.map((watch) => watch.lastAtMs)),
    lastRaw: Number.NaN,
    cell,
    watches,
    stale: false,
  };
}
