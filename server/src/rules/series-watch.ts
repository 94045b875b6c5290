/** Which rules watch which series: worked out once per series, kept in an array by series id for the hot path. */
import { isMetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import { familyOf, inForce } from '@muster/shared/rules/precedence.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { SeriesId, SeriesIdentity } from '../metrics/store.ts';
import { alertKey } from './alert.ts';
import { IDLE, idleTracks } from './evaluate.ts';
import type { Track } from './evaluate.ts';
import { isOnSeries, judgedOf, signalOf } from './judged.ts';
import type { SeriesCondition } from './judged.ts';
import { appliesTo, distanceTo, instanceMatcher } from './rule.ts';
import type { Belonging, StoredRule, ThresholdCondition } from './rule.ts';
import type { Signal } from './signals/signal.ts';

/** A rule on series, ready for evaluation. */
export interface Threshold {
  readonly rule: StoredRule;
  /** What the rule says. */
  readonly said: SeriesCondition;
  /** Levels on what its signal gives; the same as `said` for a plain threshold. */
  readonly condition: ThresholdCondition;
  /** Rules of one family compete. */
  readonly family: string;
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
  /** null: each sample is judged as it is. */
  signal: Signal | null;
  /** Samples that wait until the signal knows its past; null once it does. */
  waiting: WaitingSample[] | null;
  /** What the signal said last. */
  judged: number;
  /** A gap since then. */
  gapped: boolean;
}

export interface WaitingSample {
  readonly atMs: Millis;
  readonly value: number;
  readonly sinceMs: number;
  readonly fresh: boolean;
  readonly afterGap: boolean;
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
  /** Of a counter: distances between the samples before; 0 = none. */
  before1Ms: Millis;
  before2Ms: Millis;
  /** The newest sample that said something: of a counter the newest that has a rate. */
  readMs: Millis;
  cell: FloorCell | null;
  /** None where only its presence counts. */
  watches: readonly Watch[];
  stale: boolean;
}

export function compile(rule: StoredRule): Threshold | null {
  const { condition } = rule;
  if (!isOnSeries(condition) || !rule.enabled) return null;
  const judged = judgedOf(condition);
  const levels = judged.levels.map((level) => level.level);
  return {
    rule,
    said: condition,
    condition: judged,
    family: familyOf(condition) ?? rule.id,
    firstLevel: judged.op === 'above' ? Math.min(...levels) : Math.max(...levels),
    matches: instanceMatcher(rule.selector.instance),
    idle: idleTracks(judged),
  };
}

interface SeriesWatchesDeps {
  readonly directory: CiDirectory;
  readonly belonging: Belonging;
  readonly identityOf: (series: SeriesId) => SeriesIdentity;
  readonly intervalMs: (ciId: string) => Millis;
  /** A signal was made that knows nothing of the past yet. */
  readonly onNewSignal: (watch: Watch) => void;
  /** Metrics whose series are bound although no threshold is on them. */
  readonly isMissed: (metric: string) => boolean;
  readonly onBound: (slot: Slot) => void;
}

export class SeriesWatches {
  readonly #deps: SeriesWatchesDeps;
  /** undefined: not worked out yet. null: nothing watches it. */
  readonly #slots: (Slot | null | undefined)[] = [];
  readonly #seriesOfCi = new Map<string, Set<SeriesId>>();
  readonly #watches = new Map<string, Watch>();
  readonly #cells = new Map<string, FloorCell>();
  readonly #byMetric = new Map<string, Threshold[]>();
  /** A rule that did not change keeps its form, and with it what its signals know. */
  readonly #compiled = new WeakMap<StoredRule, { readonly threshold: Threshold | null }>();
  #floorMetrics: ReadonlySet<string> = new Set();

  constructor(deps: SeriesWatchesDeps) {
    this.#deps = deps;
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
    const ids = new Set<string>();
    for (const rule of rules) {
      const threshold = this.#compile(rule);
      if (!threshold) continue;
      ids.add(rule.id);
      const { metric, floor } = threshold.condition;
      this.#byMetric.set(metric, [...(this.#byMetric.get(metric) ?? []), threshold]);
      if (floor) floors.add(floor.metric);
    }
    this.#floorMetrics = floors;
    for (const watch of this.#watches.values()) if (!ids.has(watch.threshold.rule.id)) this.#drop(watch);
    for (let series = 0; series < this.#slots.length; series++) this.#forget(series);
  }

  #compile(rule: StoredRule): Threshold | null {
    const held = this.#compiled.get(rule);
    if (held) return held.threshold;
    const threshold = compile(rule);
    this.#compiled.set(rule, { threshold });
    return threshold;
  }

  /** Nobody feeds it any more: it would know less than what was. */
  #drop(watch: Watch): void {
    watch.signal = null;
    watch.waiting = null;
    if (this.#watches.get(watch.key) === watch) this.#watches.delete(watch.key);
  }

  /** The machine's class, tags or life cycle changed. */
  ciChanged(ciId: string): void {
    for (const series of this.#seriesOfCi.get(ciId) ?? []) this.#forget(series);
  }

  /** The threshold that a watch stands under now; null where its rule does not apply, or a more particular one does. */
  applying(watch: Watch): Threshold | null {
    const entry = this.#deps.directory.get(watch.ciId);
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
      const saysTheSame = besideHolds(held.threshold.said) === besideHolds(threshold.said);
      if (!saysTheSame) held.tracks = carriedOver(held, threshold);
      else if (held.tracks === held.threshold.idle) held.tracks = threshold.idle;
      held.threshold = threshold;
      held.floor = floor ? this.#cell(ciId, floor.metric, instance) : null;
      if (!saysTheSame) this.#giveSignal(held);
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
      signal: null,
      waiting: null,
      judged: Number.NaN,
      gapped: false,
    };
    this.#watches.set(key, watch);
    this.#giveSignal(watch);
    return watch;
  }

  #giveSignal(watch: Watch): void {
    watch.signal = signalOf(watch.threshold.said, this.#deps.intervalMs(watch.ciId));
    watch.waiting = watch.signal === null ? null : [];
    watch.gapped = false;
    if (watch.signal !== null) this.#deps.onNewSignal(watch);
  }

  #forget(series: SeriesId): void {
    const slot = this.#slots[series];
    if (slot === null) this.#slots[series] = undefined;
    else if (slot) slot.stale = true;
  }

  #bind(series: SeriesId): Slot | null {
    const old = this.#slots[series];
    const identity = old?.identity ?? this.#deps.identityOf(series);
    const { ciId, metric, instance } = identity;
    if (old === undefined) this.#noteSeries(ciId, series);
    const entry = this.#deps.directory.get(ciId);
    const thresholds = entry ? this.#inForce(metric, entry, instance) : [];
    const watches = thresholds.map((threshold) => this.watch(threshold, ciId, instance));
    for (const watch of old?.watches ?? []) if (!watches.includes(watch)) this.#drop(watch);
    const cell = this.#floorMetrics.has(metric) ? this.#cell(ciId, metric, instance) : null;
    const isMissed = this.#deps.isMissed(metric);
    const isWatched = watches.length > 0 || cell !== null || isMissed;
    const slot = isWatched ? slotOf(old ?? null, identity, watches, cell) : null;
    this.#slots[series] = slot;
    if (slot !== null && isMissed) this.#deps.onBound(slot);
    return slot;
  }

  /** Of those that apply to the series, the most particular ones. */
  #inForce(metric: string, entry: CiEntry, instance: string): readonly Threshold[] {
    const { belonging } = this.#deps;
    const applying = (this.#byMetric.get(metric) ?? []).filter(
      ({ rule, matches }) => appliesTo(rule, entry, belonging) && matches(instance),
    );
    return inForce(applying, ({ rule, family }) => ({
      reach: rule.selector,
      op: family,
      distance: distanceTo(rule, entry.id, belonging),
    }));
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

/** What a condition says, leaving aside for how long. */
function besideHolds(said: SeriesCondition): string {
  return JSON.stringify({ ...said, forMs: 0, keepForMs: 0 });
}

/** What is raised stays raised while its severity has a level, and the next sample meets the new levels; holds begin anew. */
function carriedOver(watch: Watch, next: Threshold): readonly Track[] {
  const before = watch.threshold.condition.levels;
  const tracks = next.condition.levels.map(({ severity }): Track => {
    const track = watch.tracks[before.findIndex((level) => level.severity === severity)] ?? IDLE;
    if (track.phase === 'pending') return IDLE;
    return track.phase === 'clearing' ? { phase: 'raised', breachedAtMs: track.breachedAtMs } : track;
  });
  return tracks.every(({ phase }) => phase === 'idle') ? next.idle : tracks;
}

function slotOf(
  old: Slot | null,
  identity: SeriesIdentity,
  watches: readonly Watch[],
  cell: FloorCell | null,
): Slot {
  if (old) return Object.assign(old, { watches, cell, stale: false });
  const { metric } = identity;
  // A watch restored from the store knows how far its series had come.
  const lastAtMs = Math.max(-Infinity, ...watches.map((watch) => watch.lastAtMs));
  return {
    identity,
    counter: isMetricName(metric) && metricDefinition(metric).kind === 'counter',
    lastAtMs,
    lastRaw: Number.NaN,
    before1Ms: 0,
    before2Ms: 0,
    readMs: lastAtMs,
    cell,
    watches,
    stale: false,
  };
}
