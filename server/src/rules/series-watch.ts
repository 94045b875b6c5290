/** Which rules watch which series: worked out once per series, and once per list of series that a machine sends. */
import { invariant } from '@muster/shared/invariant.ts';
import { isMetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import { familyOf, inForce } from '@muster/shared/rules/precedence.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { SeriesId, SeriesIdentity } from '../metrics/store.ts';
import { alertKey } from './alert.ts';
import { Board, FloorCell, NO_WATCHES, Slot } from './board.ts';
import type { Layout, Plan } from './board.ts';
import { IDLE, idleTracks } from './evaluate.ts';
import type { Track } from './evaluate.ts';
import { firstLevelOf, isOnSeries, judgedOf, signalOf } from './judged.ts';
import type { SeriesCondition } from './judged.ts';
import { COUNTS_CHANGES, COUNTS_FALLS, IS_COUNTER, IS_FED, limitsOf, narrowest } from './quiet.ts';
import type { Limits } from './quiet.ts';
import { appliesTo, distanceTo, instanceMatcher } from './rule.ts';
import type { Belonging, StoredRule, ThresholdCondition } from './rule.ts';
import type { Signal } from './signals/signal.ts';
import { WindowSignal } from './signals/window.ts';

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

/** The rules in force for a series; those of other series are the same object where they are the same rules. */
export interface Watching {
  readonly id: number;
  readonly thresholds: readonly Threshold[];
  /** Of samples while all of them are idle. */
  readonly limits: Limits;
}

/** One rule on one series that is at work, or has something to remember. */
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
  /** null: its series is not bound yet. */
  slot: Slot | null;
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

export function compile(rule: StoredRule): Threshold | null {
  const { condition } = rule;
  if (!isOnSeries(condition) || !rule.enabled) return null;
  const judged = judgedOf(condition);
  return {
    rule,
    said: condition,
    condition: judged,
    family: familyOf(condition) ?? rule.id,
    firstLevel: firstLevelOf(judged),
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

/** Combinations of rules, and orders of series, that are remembered because other machines may have the same. */
const SHARED_MAX = 4_096;
/** Senders give the series of one machine in ever other orders; each takes some 50 bytes in a layout. */
const LAYOUT_SLOTS_MAX = 1_000_000;

export class SeriesWatches {
  readonly #deps: SeriesWatchesDeps;
  readonly #boards = new Map<string, Board>();
  /** By series; null: nothing watches it. */
  readonly #slots: (Slot | null | undefined)[] = [];
  /** Of what is at work, or has something to remember. */
  readonly #watches = new Map<string, Watch>();
  readonly #byMetric = new Map<string, Threshold[]>();
  /** A rule that did not change keeps its form, and with it what its signals know. */
  readonly #compiled = new WeakMap<StoredRule, { readonly threshold: Threshold | null }>();
  readonly #watchings = new Map<string, Watching>();
  readonly #layouts = new Map<string, Layout>();
  /** Series in all of them together. */
  #layoutSlots = 0;
  #lastWatchingId = 0;
  #floorMetrics: ReadonlySet<string> = new Set();

  constructor(deps: SeriesWatchesDeps) {
    this.#deps = deps;
  }

  board(ciId: string): Board {
    const held = this.#boards.get(ciId);
    if (held) return held;
    const board = new Board(ciId);
    this.#boards.set(ciId, board);
    return board;
  }

  /** undefined: never heard. */
  heard(ciId: string): Board | undefined {
    const board = this.#boards.get(ciId);
    return board === undefined || board.newestMs === -Infinity ? undefined : board;
  }

  /** The slot of a series, or null where nothing watches it. */
  slot(series: SeriesId): Slot | null {
    return this.#slotOn(this.board(this.#deps.identityOf(series).ciId), series);
  }

  /** Which of these series are watched, and how: worked out once for each list object. */
  plan(board: Board, list: readonly SeriesId[]): Plan {
    const held = board.planOf(list);
    if (held !== null) return held;
    const slots: Slot[] = [];
    const positions: number[] = [];
    for (const [position, series] of list.entries()) {
      const slot = this.#slotOn(board, series);
      if (slot === null) continue;
      slots.push(slot);
      positions.push(position);
    }
    const plan = { list, layout: this.#layoutOf(slots, positions) };
    board.keep(plan);
    return plan;
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
    this.#watchings.clear();
    this.#layouts.clear();
    this.#layoutSlots = 0;
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
    for (const board of this.#boards.values()) board.forget();
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
    this.#forget(watch);
  }

  #forget(watch: Watch): void {
    if (this.#watches.get(watch.key) === watch) this.#watches.delete(watch.key);
    const { slot } = watch;
    if (!slot?.watches.includes(watch)) return;
    const left = slot.watches.map((held) => (held === watch ? null : held));
    slot.watches = left.some((held) => held !== null) ? left : NO_WATCHES;
  }

  /** The machine's class, tags or life cycle changed. */
  ciChanged(ciId: string): void {
    this.#boards.get(ciId)?.forget();
  }

  /** The threshold that a watch stands under now; null where its rule does not apply, or a more particular one does. */
  applying(watch: Watch): Threshold | null {
    const entry = this.#deps.directory.get(watch.ciId);
    if (!entry) return null;
    const { condition, rule } = watch.threshold;
    const standing = this.#inForce(condition.metric, entry, watch.instance);
    return standing.find((threshold) => threshold.rule.id === rule.id) ?? null;
  }

  /** Makes the watch of a rule that was at rest. `before`: what the series said before this sample. */
  wake(slot: Slot, threshold: Threshold, before: number): Watch {
    const { ciId, instance } = slot.identity;
    const watch = this.#make(threshold, ciId, instance);
    watch.slot = slot;
    // It was listened to all the time, and there was nothing that it would have to know.
    watch.signal = signalOf(threshold.said, this.#deps.intervalMs(ciId));
    if (watch.signal instanceof WindowSignal) watch.signal.begin(before);
    slot.watches = (slot.watching?.thresholds ?? []).map((one, i) =>
      one === threshold ? watch : (slot.watches[i] ?? null),
    );
    return watch;
  }

  /** What was told of times after `untilMs` counts no more: it was told by a clock that was wrong. */
  rewind(board: Board, untilMs: Millis): void {
    board.endRun();
    for (const slot of board.slots) {
      if (slot.lastAtMs <= untilMs) continue;
      // Long ago: the next sample comes after a gap.
      slot.takenUntil(0);
      for (const watch of slot.watches) {
        if (watch === null) continue;
        watch.lastAtMs = Math.min(watch.lastAtMs, untilMs);
        this.#giveSignal(watch);
      }
    }
    board.newestMs = -Infinity;
  }

  /** After samples: what has nothing to remember is at rest, and the others say when they are to be looked at. */
  settle(slot: Slot, isUnwritten: (watch: Watch) => boolean): void {
    let wakeMs = Infinity;
    for (const watch of slot.watches) {
      if (watch === null) continue;
      if (isAtRest(watch, slot) && !isUnwritten(watch)) this.#forget(watch);
      else wakeMs = Math.min(wakeMs, dueMsOf(watch));
    }
    slot.wakeMs = wakeMs;
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
      held.floor = floor ? new FloorCell(this.board(ciId), floor.metric, instance) : null;
      if (!saysTheSame) this.#giveSignal(held);
      return held;
    }
    const watch = this.#make(threshold, ciId, instance);
    this.#giveSignal(watch);
    return watch;
  }

  #make(threshold: Threshold, ciId: string, instance: string): Watch {
    const key = alertKey({ ruleId: threshold.rule.id, ciId, instance });
    const { floor } = threshold.condition;
    const watch: Watch = {
      key,
      ciId,
      instance,
      threshold,
      tracks: threshold.idle,
      lastAtMs: -Infinity,
      lastValue: null,
      floor: floor ? new FloorCell(this.board(ciId), floor.metric, instance) : null,
      slot: null,
      signal: null,
      waiting: null,
      judged: Number.NaN,
      gapped: false,
    };
    this.#watches.set(key, watch);
    return watch;
  }

  #giveSignal(watch: Watch): void {
    watch.signal = signalOf(watch.threshold.said, this.#deps.intervalMs(watch.ciId));
    watch.waiting = watch.signal === null ? null : [];
    watch.gapped = false;
    if (watch.signal !== null) this.#deps.onNewSignal(watch);
  }

  #slotOn(board: Board, series: SeriesId): Slot | null {
    const slot = this.#slots[series];
    if (slot && slot.version === board.version) return slot;
    return this.#bind(board, series, slot ?? null);
  }

  #bind(board: Board, series: SeriesId, old: Slot | null): Slot | null {
    const identity = old?.identity ?? this.#deps.identityOf(series);
    const { ciId, metric, instance } = identity;
    invariant(ciId === board.ciId, 'samples are of the machine that sent them');
    const entry = this.#deps.directory.get(ciId);
    const thresholds = entry ? this.#inForce(metric, entry, instance) : [];
    const isMissed = this.#deps.isMissed(metric);
    const isWatched = thresholds.length > 0 || this.#floorMetrics.has(metric) || isMissed;
    if (!isWatched) {
      if (old) this.#unbind(old);
      this.#slots[series] = null;
      return null;
    }
    const watching = this.#watchingOf(thresholds, isCounter(metric));
    const slot = old ?? new Slot(board, identity, watching.limits.flags);
    this.#watchOn(slot, watching);
    slot.version = board.version;
    this.#slots[series] = slot;
    if (isMissed) this.#deps.onBound(slot);
    return slot;
  }

  #unbind(slot: Slot): void {
    for (const watch of slot.watches) if (watch) this.#drop(watch);
    slot.watches = NO_WATCHES;
    slot.watching = null;
  }

  #watchOn(slot: Slot, watching: Watching): void {
    const { ciId, instance } = slot.identity;
    const before = slot.watching?.thresholds ?? [];
    const watches = watching.thresholds.map((threshold) => {
      const isHeld = this.#watches.has(alertKey({ ruleId: threshold.rule.id, ciId, instance }));
      const isNew = isRemembering(threshold) && !before.some((one) => isSame(one, threshold));
      return isHeld || isNew ? this.watch(threshold, ciId, instance) : null;
    });
    for (const watch of slot.watches) if (watch && !watches.includes(watch)) this.#drop(watch);
    slot.watching = watching;
    slot.watches = watches.some((watch) => watch !== null) ? watches : NO_WATCHES;
    for (const watch of watches) {
      if (watch === null) continue;
      watch.slot = slot;
      // A watch restored from the store knows how far its series had come.
      if (watch.lastAtMs > slot.lastAtMs) slot.takenUntil(watch.lastAtMs);
    }
    // The first sample finds out what is to be looked at.
    slot.wakeMs = -Infinity;
  }

  #watchingOf(thresholds: readonly Threshold[], ofCounter: boolean): Watching {
    const key = `${ofCounter} ${thresholds.map(({ rule }) => rule.id).join(' ')}`;
    const held = this.#watchings.get(key);
    if (held) return held;
    const limits = narrowest(thresholds.map((threshold) => limitsOf(threshold, ofCounter)));
    const flags = ofCounter ? limits.flags | IS_COUNTER : limits.flags;
    const watching = { id: ++this.#lastWatchingId, thresholds, limits: { ...limits, flags } };
    if (this.#watchings.size >= SHARED_MAX) this.#watchings.clear();
    this.#watchings.set(key, watching);
    return watching;
  }

  #layoutOf(slots: readonly Slot[], positions: readonly number[]): Layout {
    const key = slots
      .map(({ index, offset, watching }, i) => `${positions[i]} ${index} ${offset} ${watching?.id}`)
      .join('\n');
    const held = this.#layouts.get(key);
    if (held) return held;
    const limits = slots.map(({ watching }) => watching?.limits ?? narrowest([]));
    const layout = {
      positions: Int32Array.from(positions),
      slots: Int32Array.from(slots, ({ index }) => index),
      offsets: Int32Array.from(slots, ({ offset }) => offset),
      flags: Uint8Array.from(limits, ({ flags }) => flags),
      uppers: Float64Array.from(limits, ({ upper }) => upper),
      lowers: Float64Array.from(limits, ({ lower }) => lower),
      fed: Int32Array.from(
        slots.filter(({ watching }) => (watching?.limits.flags ?? 0) & IS_FED).map(({ index }) => index),
      ),
      isOdd: limits.some(({ flags }) => flags & IS_COUNTER && flags & (COUNTS_CHANGES | COUNTS_FALLS)),
    };
    this.#layoutSlots += slots.length;
    if (this.#layouts.size >= SHARED_MAX || this.#layoutSlots > LAYOUT_SLOTS_MAX) {
      this.#layouts.clear();
      this.#layoutSlots = slots.length;
    }
    this.#layouts.set(key, layout);
    return layout;
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

/** Its signal must know what was. */
function isRemembering({ said }: Threshold): boolean {
  return said.type !== 'threshold' || said.window !== undefined;
}

function isSame(before: Threshold, now: Threshold): boolean {
  return (
    before === now || (before.rule.id === now.rule.id && besideHolds(before.said) === besideHolds(now.said))
  );
}

function isCounter(metric: string): boolean {
  return isMetricName(metric) && metricDefinition(metric).kind === 'counter';
}

/** Nothing is pending or raised, and what its signal knows its series knows too. */
function isAtRest({ tracks, threshold, waiting, signal }: Watch, slot: Slot): boolean {
  if (tracks !== threshold.idle || waiting !== null) return false;
  if (signal === null) return true;
  const { lastAtMs, value } = slot;
  return signal instanceof WindowSignal && signal.isAtRest(lastAtMs) && Number.isFinite(value);
}

function dueMsOf({ tracks, threshold, waiting, signal }: Watch): Millis {
  return signal === null || waiting !== null || tracks !== threshold.idle ? -Infinity : signal.dueMs();
}
