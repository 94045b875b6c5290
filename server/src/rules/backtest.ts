/** What a rule would have done: a draft on the stored history of the machines it applies to, a machine at a time. */
import {
  BACKTEST_EPISODES_MAX,
  BACKTEST_MACHINES_MAX,
  BACKTEST_MS_MAX,
  BACKTEST_RANKED_MAX,
  type Backtest,
  type Condition,
  type RuleDraft,
} from '@muster/shared/api/rules.ts';
import { isMetricName, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { familyOf, particularity } from '@muster/shared/rules/precedence.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { silentAfterMs } from '../availability/presence.ts';
import { intersect, subtract, union, type Span } from '../availability/spans.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import { pointRows } from '../metrics/range-points.ts';
import type { MetricStore } from '../metrics/store.ts';
import { RAW_RETENTION_MS } from '../metrics/tiers.ts';
import { FLOOR_AGE_MS_MAX, GONE_INTERVALS, GONE_MS_MIN } from './engine.ts';
import { isBeyond } from './evaluate.ts';
import { NO_MAINTENANCE, type MaintenanceView, type PlannedSpan } from '../maintenance/view.ts';
import { NO_MEMBERSHIP } from '../relations/membership.ts';
import { missedIn } from './absence-trial.ts';
import { REOPEN_MS } from './alert.ts';
import { HOURS_MIN } from './functions/anomaly.ts';
import { isOnSeries, type SeriesCondition, signalOf } from './judged.ts';
import { learnProfile, SLACK_MS, WEEK_MS } from './profile.ts';
import { appliesTo, distanceTo, instanceMatcher, metricOf } from './rule.ts';
import type {
  AbsenceCondition,
  Belonging,
  CompositeCondition,
  SilentCondition,
  StoredRule,
  ThresholdCondition,
} from './rule.ts';
import { BaselineSignal } from './signals/baseline.ts';
import { reopened, Trial, type Stretch } from './trial.ts';

/** Up to here samples are read as they came; beyond, averages of a minute. */
export const BACKTEST_RAW_MS_MAX = 2 * DAY_MS;
/** The server attends to others after so much work. */
export const BACKTEST_SLICE_MS = 10;
/** Back-tests that wait for their turn; they run one after the other. */
export const BACKTESTS_WAITING_MAX = 16;

/** What a machine that is heard always reports: one of them. */
const HEARTBEATS: readonly MetricName[] = ['system.uptime', 'agent.memory', 'cpu.utilisation'];
/** Signals that need no narrower points are given these: the next tier. */
const WIDE_STEP_MS = 10 * MINUTE_MS;

/** Samples of one series read at a time: a day at one a second. */
const POINTS_MAX = DAY_MS / SECOND_MS;

export interface BacktestDeps {
  readonly directory: CiDirectory;
  readonly metrics: Pick<MetricStore, 'range' | 'latest'>;
  /** As they are now: more particular ones are in force instead of the draft. */
  readonly rules: () => readonly StoredRule[];
  /** Nobody belongs to any place or service where absent. */
  readonly belonging?: Belonging;
  /** What opens while maintenance is planned is left out, or begins with its end. */
  readonly maintenance?: MaintenanceView;
  /** Alerts of one cause share an incident. */
  readonly causeKeyOf?: (ciId: string, metric: string | null, instance: string) => string;
  /** Times in which the machine was expected and not heard, ascending; `toMs` null: still so. */
  readonly silences: (
    ci: CiEntry,
    fromMs: Millis,
    toMs: Millis,
  ) => Promise<readonly { readonly fromMs: Millis; readonly toMs: Millis | null }[]>;
  /** Collection interval of the machine's agent; the default where absent. */
  readonly intervalMs?: (ciId: string) => Millis;
  readonly monotonicMs: () => number;
  /** Lets everything else that waits have its turn. */
  readonly breathe: () => Promise<void>;
}

export interface BacktestInput extends RuleDraft {
  readonly days: number;
  readonly ciIds?: readonly string[] | undefined;
  readonly utcOffsetMinutes: number;
  readonly ruleId?: string | undefined;
}

export interface Backtester {
  /** Ends early, with what it has, when the signal says that nobody waits any more. */
  run(input: BacktestInput, nowMs: Millis, signal: AbortSignal): Promise<Backtest>;
}

/** One run at a time; the others wait. @throws AppError busy */
export function createBacktester(deps: BacktestDeps): Backtester {
  let before: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    run(input, nowMs, signal) {
      if (waiting >= BACKTESTS_WAITING_MAX)
        throw new AppError('busy', `${BACKTESTS_WAITING_MAX} back-tests are waiting already.`);
      waiting += 1;
      const mine = before.then(() => new Run(deps, input, nowMs, signal).finish());
      before = mine.then(
        () => (waiting -= 1),
        () => (waiting -= 1),
      );
      return mine;
    },
  };
}

interface Found extends Stretch {
  readonly entry: CiEntry;
  readonly instance: string;
}

/** What is tried: the draft, or a rule that it stands on. */
type Tried = Pick<StoredRule, 'id' | 'selector' | 'condition'>;

class Run {
  readonly #deps: BacktestDeps;
  readonly #input: BacktestInput;
  readonly #signal: AbortSignal;
  readonly #nowMs: Millis;
  readonly #fromMs: Millis;
  readonly #untilMs: number;
  readonly #found: { entry: CiEntry; stretches: readonly Found[] }[] = [];
  #sliceMs: number;
  #looked = 0;
  readonly #withData: CiEntry[] = [];
  readonly #outdone = new Set<string>();
  #covered = 0;
  #dataMs: Millis | null = null;
  /** When absence was planned of the machine that is being looked at. */
  #planned: readonly PlannedSpan[] = [];
  /** Of the points that were read. */
  #widestMs: Millis = 0;

  constructor(deps: BacktestDeps, input: BacktestInput, nowMs: Millis, signal: AbortSignal) {
    this.#deps = deps;
    this.#input = input;
    this.#signal = signal;
    this.#nowMs = nowMs;
    // Whole hours, so that the narrow tiers still reach back to the beginning.
    this.#fromMs = Math.ceil((nowMs - input.days * DAY_MS) / HOUR_MS) * HOUR_MS;
    this.#sliceMs = deps.monotonicMs();
    this.#untilMs = this.#sliceMs + BACKTEST_MS_MAX;
  }

  async finish(): Promise<Backtest> {
    const matching = this.#matching();
    const sample = sampleOf(matching);
    for (const entry of sample) {
      if (this.#isOver) break;
      const stretches = await this.#machine(entry);
      if (stretches === null) break;
      this.#looked += 1;
      if (stretches.length > 0) this.#found.push({ entry, stretches });
      await this.#breathe();
    }
    return this.#answer(matching.length, sample.length);
  }

  get #isOver(): boolean {
    return this.#signal.aborted || this.#deps.monotonicMs() > this.#untilMs;
  }

  async #breathe(): Promise<void> {
    if (this.#deps.monotonicMs() - this.#sliceMs < BACKTEST_SLICE_MS) return;
    await this.#deps.breathe();
    this.#sliceMs = this.#deps.monotonicMs();
  }

  #matching(): CiEntry[] {
    const rule = draftRule(this.#input, this.#nowMs);
    const wanted = this.#input.ciIds && new Set(this.#input.ciIds);
    return [...this.#deps.directory.all()].filter(
      (entry) => appliesTo(rule, entry, this.#belonging) && (wanted?.has(entry.id) ?? true),
    );
  }

  #intervalMs({ id }: CiEntry): Millis {
    return this.#deps.intervalMs?.(id) ?? INTERVAL_MS_DEFAULT;
  }

  get #belonging(): Belonging {
    return this.#deps.belonging ?? NO_MEMBERSHIP;
  }

  /** null where the time was over before the machine was read to its end. */
  async #machine(entry: CiEntry): Promise<readonly Found[] | null> {
    const { condition, selector, ruleId = 'draft' } = this.#input;
    this.#planned = (this.#deps.maintenance ?? NO_MAINTENANCE).spans(entry.id, this.#fromMs, this.#nowMs);
    const found = await this.#tried(entry, { id: ruleId, selector, condition });
    return found && found.flatMap((stretch) => outsideOf(this.#planned, stretch));
  }

  async #tried(entry: CiEntry, rule: Tried): Promise<readonly Found[] | null> {
    const { condition } = rule;
    if (isOnSeries(condition)) return this.#series(entry, rule, condition);
    if (condition.type === 'silent') return this.#silent(entry, rule, condition);
    if (condition.type === 'absence') return this.#absence(entry, rule, condition);
    return this.#composite(entry, condition);
  }

  #noteData(entry: CiEntry, covered: number, dataMs = this.#knownMs(entry)): void {
    this.#dataMs = Math.max(this.#dataMs ?? 0, dataMs);
    if (this.#withData.includes(entry)) return;
    this.#withData.push(entry);
    this.#covered += covered;
  }

  /** How much of the time the machine has been on record. */
  #knownMs({ createdAtMs }: CiEntry): Millis {
    return Math.max(0, this.#nowMs - Math.max(this.#fromMs, createdAtMs));
  }

  async #silent(
    entry: CiEntry,
    rule: Tried,
    { forMs = 0, severity }: SilentCondition,
  ): Promise<readonly Found[]> {
    this.#noteData(entry, 1);
    if (!this.#ours(entry, rule)('')) return [];
    const silences = await this.#deps.silences(entry, this.#fromMs, this.#nowMs);
    const told = silences
      .filter(({ fromMs, toMs }) => lasts({ fromMs, toMs: toMs ?? Infinity }, forMs, this.#nowMs))
      .map(({ fromMs, toMs }) => ({ fromMs: fromMs + forMs, toMs }));
    return reopened(told, this.#planned).map((stretch) => ({
      ...stretch,
      entry,
      instance: '',
      severity,
      worst: Number.NaN,
    }));
  }

  async #absence(entry: CiEntry, rule: Tried, condition: AbsenceCondition): Promise<readonly Found[] | null> {
    const heard: Millis[] = [];
    const seen = new Map<string, Millis[]>();
    const isOurs = this.#ours(entry, rule);
    const matches = instanceMatcher(rule.selector.instance);
    // What was there some time before is missed too.
    for (let fromMs = this.#fromMs - condition.forMs - DAY_MS; fromMs < this.#nowMs; fromMs += DAY_MS) {
      const toMs = Math.min(fromMs + DAY_MS, this.#nowMs);
      heard.push(...(await this.#heartbeats(entry.id, fromMs, toMs)));
      const { series } = await this.#range(entry.id, condition.metric, fromMs, toMs, this.#stepMs);
      for (const { instance, points } of series) {
        if (!matches(instance) || !isOurs(instance)) continue;
        const key = condition.scope === 'instance' ? instance : '';
        const times = [...points.times];
        seen.set(key, merged(seen.get(key) ?? [], times));
      }
      await this.#breathe();
      if (this.#isOver) return null;
    }
    if (seen.size > 0) this.#noteData(entry, 1);
    const gapMs = Math.max(silentAfterMs({ intervalMs: this.#intervalMs(entry) }), 2 * this.#stepMs);
    return [...seen].flatMap(([instance, times]) =>
      missedIn(condition, { heard, seen: times, gapMs, fromMs: this.#fromMs, planned: this.#planned }).map(
        (stretch) => ({
          ...stretch,
          entry,
          instance,
        }),
      ),
    );
  }

  async #heartbeats(ciId: string, fromMs: Millis, toMs: Millis): Promise<readonly Millis[]> {
    for (const metric of HEARTBEATS) {
      const { series } = await this.#range(ciId, metric, fromMs, toMs, this.#stepMs);
      const [first] = series;
      if (first && first.points.times.length > 0) return [...first.points.times];
    }
    return [];
  }

  async #composite(
    entry: CiEntry,
    { op, rules, severity, forMs }: CompositeCondition,
  ): Promise<readonly Found[] | null> {
    const spans: Span[][] = [];
    for (const id of rules) {
      const rule = this.#deps.rules().find((one) => one.id === id);
      const applies = rule?.enabled && appliesTo(rule, entry, this.#belonging);
      const found = applies ? await this.#tried(entry, rule) : [];
      if (found === null) return null;
      spans.push(union(found.flatMap(standingOf)));
    }
    const together = op === 'or' ? union(spans.flat()) : spans.reduce((a, b) => intersect(a, b));
    const told = together
      .filter((span) => lasts(span, forMs, this.#nowMs))
      .map(({ fromMs, toMs }) => ({ fromMs: fromMs + forMs, toMs: toMs === Infinity ? null : toMs }));
    return reopened(told, this.#planned).map((stretch) => ({
      ...stretch,
      entry,
      instance: '',
      severity,
      worst: Number.NaN,
    }));
  }

  async #series(entry: CiEntry, rule: Tried, said: SeriesCondition): Promise<readonly Found[] | null> {
    const isOurs = this.#ours(entry, rule);
    // Where each sample is judged by itself, hours without any beyond the level need not be read.
    const plain = said.type === 'threshold' && said.window === undefined ? said : null;
    const hours = await this.#hours(entry.id, said.metric, rule, plain, isOurs);
    if (hours.all.size > 0) {
      // Before it was known there was nothing to cover.
      const sinceMs = Math.floor(Math.max(this.#fromMs, entry.createdAtMs) / HOUR_MS) * HOUR_MS;
      this.#noteData(
        entry,
        Math.min(1, hours.all.size / Math.max(1, Math.ceil((this.#nowMs - sinceMs) / HOUR_MS))),
        dataOf(hours.all, entry.createdAtMs, this.#nowMs),
      );
    }
    if (plain ? hours.beyond.size === 0 : hours.all.size === 0) return [];
    const probe = signalOf(said, this.#intervalMs(entry));
    const stepMs = (probe?.historyStepMs ?? 0) >= WIDE_STEP_MS ? WIDE_STEP_MS : this.#stepMs;
    this.#widestMs = Math.max(this.#widestMs, stepMs);
    const trials = new Map<string, Trial>();
    const trialOf = (instance: string) => {
      const held = trials.get(instance);
      if (held) return held;
      const gapMs = Math.max(silentAfterMs({ intervalMs: this.#intervalMs(entry) }), stepMs);
      const made = new Trial(said, {
        stepMs,
        gapMs,
        intervalMs: this.#intervalMs(entry),
        planned: this.#planned,
      });
      trials.set(instance, made);
      return made;
    };
    const startMs = this.#fromMs - Math.ceil((probe?.historyMs ?? 0) / HOUR_MS) * HOUR_MS;
    for (let fromMs = startMs; fromMs < this.#nowMs; fromMs += DAY_MS) {
      const toMs = Math.min(fromMs + DAY_MS, this.#nowMs);
      const isQuiet =
        plain !== null &&
        !anyIn(hours.beyond, fromMs, toMs) &&
        [...trials.values()].every((trial) => trial.isIdle);
      if (isQuiet) continue;
      for (const { instance, points } of await this.#day(entry.id, said, rule, { fromMs, toMs, stepMs })) {
        if (!isOurs(instance)) continue;
        const trial = trialOf(instance);
        await this.#learn(entry, said, trial, { instance, atMs: fromMs });
        for (const point of points) trial.take(point, this.#fromMs);
      }
      await this.#breathe();
      if (this.#isOver) return null;
    }
    const newestMs = Math.max(-Infinity, ...this.#deps.metrics.latest(entry.id).map(({ atMs }) => atMs));
    const goneMs = Math.max(GONE_INTERVALS * this.#intervalMs(entry), GONE_MS_MIN, 2 * stepMs);
    return [...trials].flatMap(([instance, trial]) =>
      trial.end(newestMs - trial.lastMs > goneMs).map((stretch) => ({ ...stretch, entry, instance })),
    );
  }

  /** As live: from the weeks before each day. */
  async #learn(
    { id: ciId, timeZone: zone }: CiEntry,
    said: SeriesCondition,
    { signal }: Trial,
    { instance, atMs }: { instance: string; atMs: Millis },
  ): Promise<void> {
    if (!(signal instanceof BaselineSignal) || said.type !== 'baseline') return;
    const { metric, weeks } = said;
    const { metrics } = this.#deps;
    const times = { weeks, atMs, zone };
    signal.learn(await learnProfile(metrics, { ciId, metric, instance }, times, this.#nowMs));
  }

  /** Which instances of the machine the rule would be in force for, noting those that it is not. */
  #ours(entry: CiEntry, { id: ownId, selector, condition }: Tried): (instance: string) => boolean {
    const family = familyOf(condition);
    const own = rankOf({ selector }, entry, this.#belonging);
    const rivals = this.#deps
      .rules()
      .filter((rule) => rule.id !== ownId && familyOf(rule.condition) === family)
      .filter((rule) => appliesTo(rule, entry, this.#belonging))
      .filter((rule) => rankOf(rule, entry, this.#belonging) > own)
      .map((rule) => instanceMatcher(rule.selector.instance));
    return (instance) => {
      if (!rivals.some((matches) => matches(instance))) return true;
      this.#outdone.add(entry.id);
      return false;
    };
  }

  /** Hours with data, and those of them in which some sample went beyond the first level: no average can, in the others. */
  async #hours(
    ciId: string,
    metric: string,
    { selector }: Tried,
    plain: ThresholdCondition | null,
    isOurs: (instance: string) => boolean,
  ) {
    const all = new Set<Millis>();
    const beyond = new Set<Millis>();
    const matches = instanceMatcher(selector.instance);
    const { series } = await this.#range(ciId, metric, this.#fromMs, this.#nowMs, HOUR_MS);
    for (const { instance, points } of series) {
      if (!matches(instance)) continue;
      const ours = isOurs(instance);
      for (const [atMs = 0, , low = 0, high = 0] of pointRows(points)) {
        all.add(atMs);
        if (ours && plain !== null && isAnyBeyond(plain, low, high)) beyond.add(atMs);
      }
    }
    return { all, beyond };
  }

  get #basis(): Backtest['basis'] {
    if (this.#widestMs >= WIDE_STEP_MS) return '10m';
    return this.#stepMs === 0 ? 'raw' : '1m';
  }

  get #stepMs(): Millis {
    const spanMs = this.#nowMs - this.#fromMs;
    return spanMs <= BACKTEST_RAW_MS_MAX && spanMs <= RAW_RETENTION_MS ? 0 : MINUTE_MS;
  }

  async #day(
    ciId: string,
    said: SeriesCondition,
    { selector }: Tried,
    { fromMs, toMs, stepMs }: { fromMs: Millis; toMs: Millis; stepMs: Millis },
  ) {
    const matches = instanceMatcher(selector.instance);
    const { series } = await this.#range(ciId, said.metric, fromMs, toMs, stepMs);
    const floor = 'floor' in said ? said.floor : null;
    const floors = floor
      ? await this.#range(ciId, floor.metric, fromMs - FLOOR_AGE_MS_MAX, toMs, stepMs)
      : null;
    return series
      .filter(({ instance }) => matches(instance))
      .map(({ instance, points }) => {
        const beside = floors?.series.find((one) => one.instance === instance);
        const floor = new FloorReader(beside === undefined ? [] : pointRows(beside.points));
        return {
          instance,
          points: pointRows(points).map(([atMs = 0, value = Number.NaN, low = value, high = value]) => ({
            atMs,
            value,
            low,
            high,
            floor: floor.at(atMs),
          })),
        };
      });
  }

  /** `stepMs` 0: samples as they came. */
  #range(ciId: string, metric: string, fromMs: Millis, toMs: Millis, stepMs: Millis) {
    invariant(isMetricName(metric), 'a draft names metrics of the catalogue');
    const points = stepMs === 0 ? POINTS_MAX : Math.ceil(toMs / stepMs) - Math.floor(fromMs / stepMs);
    const name: MetricName = metric;
    return this.#deps.metrics.range({ ciId, metric: name, fromMs, toMs, points }, this.#nowMs);
  }

  #answer(matching: number, sampled: number): Backtest {
    const { condition } = this.#input;
    const isSilent = condition.type === 'silent';
    const all = this.#found.flatMap(({ stretches }) => stretches).sort((a, b) => b.fromMs - a.fromMs);
    const incidents = incidentsOf(all, (found) =>
      (this.#deps.causeKeyOf ?? plainCause)(found.entry.id, metricOf(condition), found.instance),
    );
    const spans = all.map(({ fromMs, toMs }) => (toMs ?? this.#nowMs) - fromMs);
    const counts = new Map(this.#found.map(({ entry, stretches }) => [entry.id, stretches.length]));
    const ranked = this.#withData
      .map(({ id, name }) => ({ ciId: id, ciName: name, count: counts.get(id) ?? 0 }))
      .sort((a, b) => b.count - a.count || (a.ciName < b.ciName ? -1 : 1));
    return {
      from: toIso(this.#fromMs),
      to: toIso(this.#nowMs),
      basis: isSilent ? 'presence' : this.#basis,
      machines: {
        matching,
        looked: this.#looked,
        withData: this.#withData.length,
        outdone: this.#outdone.size,
      },
      limitedBy: this.#looked < sampled ? 'time' : sampled < matching ? 'machines' : null,
      count: all.length,
      incidents: new Set(incidents.values()).size,
      critical: all.filter(({ severity }) => severity === 'critical').length,
      affected: this.#found.length,
      longestMs: spans.length === 0 ? null : spans.reduce((a, b) => Math.max(a, b)),
      coverage:
        this.#withData.length === 0 ? null : Math.min(100, (100 * this.#covered) / this.#withData.length),
      dataMs: this.#dataMs,
      neededMs: neededMsOf(condition),
      days: daysOf(all, this.#fromMs, this.#nowMs, this.#input.utcOffsetMinutes * MINUTE_MS),
      ranked: ranked.slice(0, BACKTEST_RANKED_MAX),
      episodes: all
        .slice(0, BACKTEST_EPISODES_MAX)
        .map((found) => ({ ...episodeView(found), incident: incidents.get(found) ?? 0 })),
    };
  }
}

function episodeView({
  entry,
  instance,
  severity,
  fromMs,
  toMs,
  worst,
}: Found): Backtest['episodes'][number] {
  return {
    ciId: entry.id,
    ciName: entry.name,
    instance,
    severity,
    from: toIso(fromMs),
    to: toMs === null ? null : toIso(toMs),
    worst: Number.isFinite(worst) ? worst : null,
  };
}

/** The time that hours with data stand for: the first and the last one are seldom whole. */
function dataOf(hours: ReadonlySet<Millis>, createdAtMs: Millis, nowMs: Millis): Millis {
  const firstMs = Math.min(...hours);
  const isFirstCut = createdAtMs > firstMs && createdAtMs < firstMs + HOUR_MS;
  return Math.min(hours.size * HOUR_MS, nowMs - (isFirstCut ? createdAtMs : firstMs));
}

/** What must have been heard of a machine before a condition can be met. */
function neededMsOf(condition: Condition): Millis {
  switch (condition.type) {
    case 'threshold': {
      const { window, forMs } = condition;
      return forMs + (window === undefined || window.fn === 'n-of-m' ? 0 : window.overMs);
    }
    case 'baseline':
      return condition.weeks * WEEK_MS - SLACK_MS;
    case 'anomaly':
      return HOURS_MIN * HOUR_MS;
    case 'forecast':
    case 'change':
      return condition.overMs;
    case 'silent':
    case 'absence':
    case 'composite':
      return condition.forMs ?? 0;
  }
}

/** Would-be alerts by the number of their would-be incident, from 1: of one cause and hardly apart. */
function incidentsOf(all: readonly Found[], causeOf: (found: Found) => string): ReadonlyMap<Found, number> {
  const numbers = new Map<Found, number>();
  const lasts = new Map<string, { readonly number: number; readonly toMs: Millis }>();
  let count = 0;
  for (const found of all.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const cause = causeOf(found);
    const last = lasts.get(cause);
    const goesOn = last !== undefined && found.fromMs - last.toMs <= REOPEN_MS;
    const number = goesOn ? last.number : (count += 1);
    lasts.set(cause, { number, toMs: Math.max(last?.toMs ?? 0, found.toMs ?? Infinity) });
    numbers.set(found, number);
  }
  return numbers;
}

function plainCause(ciId: string, metric: string | null, instance: string): string {
  return `${ciId} ${metric ?? ''} ${instance}`;
}

/** What opens in a planned window is not told before its end, and not at all when it is over by then. */
function outsideOf(planned: readonly PlannedSpan[], stretch: Found): Found[] {
  let { fromMs } = stretch;
  for (const span of planned) if (span.fromMs <= fromMs && fromMs < span.toMs) fromMs = span.toMs;
  return stretch.toMs !== null && stretch.toMs <= fromMs ? [] : [{ ...stretch, fromMs }];
}

/** It is still so when the hold is over. */
function lasts({ fromMs, toMs }: Span, forMs: Millis, nowMs: Millis): boolean {
  const dueMs = fromMs + forMs;
  return dueMs < toMs && dueMs <= nowMs;
}

/** When the alert of a stretch lived. */
function standingOf({ fromMs, toMs, pauses }: Stretch): Span[] {
  return subtract([{ fromMs, toMs: toMs ?? Infinity }], pauses);
}

function merged(a: Millis[], b: readonly Millis[]): Millis[] {
  const last = a.at(-1) ?? -Infinity;
  if ((b[0] ?? Infinity) > last) return [...a, ...b];
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

function rankOf({ selector }: Pick<StoredRule, 'selector'>, { id }: CiEntry, belonging: Belonging): number {
  return particularity(selector) + 1 / (2 + distanceTo({ selector }, id, belonging));
}

function isAnyBeyond({ op, levels }: ThresholdCondition, low: number, high: number): boolean {
  const all = levels.map(({ level }) => level);
  return isBeyond(op === 'above' ? high : low, op, op === 'above' ? Math.min(...all) : Math.max(...all));
}

/** The latest floor at or before a time, if it is recent; asked in ascending order. */
class FloorReader {
  readonly #points: readonly (readonly number[])[];
  #next = 0;

  constructor(points: readonly (readonly number[])[]) {
    this.#points = points;
  }

  at(atMs: Millis): number | null {
    while ((this.#points[this.#next]?.[0] ?? Infinity) <= atMs) this.#next += 1;
    const [floorMs = -Infinity, value = null] = this.#points[this.#next - 1] ?? [];
    return atMs - floorMs <= FLOOR_AGE_MS_MAX ? value : null;
  }
}

function anyIn(hours: ReadonlySet<Millis>, fromMs: Millis, toMs: Millis): boolean {
  for (let atMs = fromMs; atMs < toMs; atMs += HOUR_MS) if (hours.has(atMs)) return true;
  return false;
}

function daysOf(found: readonly Found[], fromMs: Millis, toMs: Millis, offsetMs: Millis): Backtest['days'] {
  const dayOf = (atMs: Millis) => Math.floor((atMs + offsetMs) / DAY_MS) * DAY_MS - offsetMs;
  const counts = new Map<Millis, { count: number; critical: number }>();
  for (let day = dayOf(fromMs); day < toMs; day += DAY_MS) counts.set(day, { count: 0, critical: 0 });
  for (const { fromMs: openedMs, severity } of found) {
    // What was silent before the time began counts at its beginning.
    const day = counts.get(dayOf(Math.max(openedMs, fromMs)));
    if (!day) continue;
    day.count += 1;
    if (severity === 'critical') day.critical += 1;
  }
  return [...counts].map(([day, count]) => ({ from: toIso(Math.max(day, fromMs)), ...count }));
}

/** At most so many machines: always the same ones for the same fleet, and each beginning of them a fair sample too. */
function sampleOf(matching: readonly CiEntry[]): readonly CiEntry[] {
  const mixed = matching.map((entry) => ({ entry, mark: mixOf(entry.id) }));
  mixed.sort((a, b) => a.mark - b.mark || (a.entry.id < b.entry.id ? -1 : 1));
  return mixed.slice(0, BACKTEST_MACHINES_MAX).map(({ entry }) => entry);
}

/** FNV-1a, 32 bits: neighbours in time of enrolment end up far apart. */
function mixOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The draft as if it were switched on. */
function draftRule({ selector, condition }: RuleDraft, nowMs: Millis): StoredRule {
  return {
    id: 'draft',
    name: '',
    enabled: true,
    selector,
    condition,
    owner: null,
    agreedOn: null,
    explanation: { en: '', zh: '' },
    pack: null,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}
