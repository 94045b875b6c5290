/** What a rule would have done: a draft on the stored history of the machines it applies to, a machine at a time. */
import {
  BACKTEST_EPISODES_MAX,
  BACKTEST_MACHINES_MAX,
  BACKTEST_RANKED_MAX,
  type Backtest,
  type RuleDraft,
} from '@muster/shared/api/rules.ts';
import { isMetricName, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { particularity } from '@muster/shared/rules/precedence.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { silentAfterMs } from '../availability/presence.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { MetricStore } from '../metrics/store.ts';
import { RAW_RETENTION_MS } from '../metrics/tiers.ts';
import { FLOOR_AGE_MS_MAX, GONE_INTERVALS, GONE_MS_MIN } from './engine.ts';
import { isBeyond } from './evaluate.ts';
import { appliesTo, instanceMatcher } from './rule.ts';
import type { StoredRule, ThresholdCondition } from './rule.ts';
import { Trial, type Stretch } from './trial.ts';

/** Up to here samples are read as they came; beyond, averages of a minute. */
export const BACKTEST_RAW_MS_MAX = 2 * DAY_MS;
/** Longest run of one back-test; what it has not reached by then it leaves out, and says so. */
export const BACKTEST_MS_MAX = 10 * SECOND_MS;
/** The server attends to others after so much work. */
export const BACKTEST_SLICE_MS = 10;
/** Back-tests that wait for their turn; they run one after the other. */
export const BACKTESTS_WAITING_MAX = 16;

/** Samples of one series read at a time: a day at one a second. */
const POINTS_MAX = DAY_MS / SECOND_MS;

export interface BacktestDeps {
  readonly directory: CiDirectory;
  readonly metrics: Pick<MetricStore, 'range' | 'latest'>;
  /** As they are now: more particular ones are in force instead of the draft. */
  readonly rules: () => readonly StoredRule[];
  /** Times in which the machine was expected and not heard, ascending; `toMs` null: still so. */
  readonly silences: (
    ci: CiEntry,
    fromMs: Millis,
    toMs: Millis,
  ) => Promise<readonly { readonly fromMs: Millis; readonly toMs: Millis | null }[]>;
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
      (entry) => appliesTo(rule, entry) && (wanted?.has(entry.id) ?? true),
    );
  }

  /** null where the time was over before the machine was read to its end. */
  async #machine(entry: CiEntry): Promise<readonly Found[] | null> {
    const { condition } = this.#input;
    if (condition.type === 'threshold') return this.#threshold(entry, condition);
    const holdMs = condition.forMs ?? 0;
    const silences = await this.#deps.silences(entry, this.#fromMs, this.#nowMs);
    this.#withData.push(entry);
    this.#covered += 1;
    return silences
      .filter(({ fromMs, toMs }) => (toMs ?? this.#nowMs) - fromMs >= holdMs)
      .map(({ fromMs, toMs }) => ({
        entry,
        instance: '',
        severity: condition.severity,
        fromMs: fromMs + holdMs,
        toMs,
        worst: Number.NaN,
      }));
  }

  async #threshold(entry: CiEntry, condition: ThresholdCondition): Promise<readonly Found[] | null> {
    const isOurs = this.#ours(entry, condition);
    const hours = await this.#hours(entry.id, condition, isOurs);
    if (hours.all.size > 0) {
      this.#withData.push(entry);
      // Before it was known there was nothing to cover.
      const sinceMs = Math.floor(Math.max(this.#fromMs, entry.createdAtMs) / HOUR_MS) * HOUR_MS;
      this.#covered += Math.min(
        1,
        hours.all.size / Math.max(1, Math.ceil((this.#nowMs - sinceMs) / HOUR_MS)),
      );
    }
    if (hours.beyond.size === 0) return [];
    const trials = new Map<string, Trial>();
    const make = (instance: string) => {
      const made = new Trial(condition, {
        stepMs: this.#stepMs,
        gapMs: silentAfterMs({ intervalMs: INTERVAL_MS_DEFAULT }),
      });
      trials.set(instance, made);
      return made;
    };
    for (let fromMs = this.#fromMs; fromMs < this.#nowMs; fromMs += DAY_MS) {
      const toMs = Math.min(fromMs + DAY_MS, this.#nowMs);
      const isQuiet =
        !anyIn(hours.beyond, fromMs, toMs) && [...trials.values()].every((trial) => trial.isIdle);
      if (isQuiet) continue;
      const day = await this.#day(entry.id, condition, fromMs, toMs);
      for (const { instance, points } of day) {
        if (!isOurs(instance)) continue;
        const trial = trials.get(instance) ?? make(instance);
        for (const point of points) trial.take(point);
      }
      await this.#breathe();
      if (this.#isOver) return null;
    }
    const newestMs = Math.max(-Infinity, ...this.#deps.metrics.latest(entry.id).map(({ atMs }) => atMs));
    const goneMs = Math.max(GONE_INTERVALS * INTERVAL_MS_DEFAULT, GONE_MS_MIN);
    return [...trials].flatMap(([instance, trial]) =>
      trial.end(newestMs - trial.lastMs > goneMs).map((stretch) => ({ ...stretch, entry, instance })),
    );
  }

  /** Which instances of the machine the draft would be in force for, noting those that it is not. */
  #ours(entry: CiEntry, { metric, op }: ThresholdCondition): (instance: string) => boolean {
    const own = particularity(this.#input.selector);
    const rivals = this.#deps
      .rules()
      .filter(
        ({ id, condition, selector }) =>
          id !== this.#input.ruleId &&
          condition.type === 'threshold' &&
          condition.metric === metric &&
          condition.op === op &&
          particularity(selector) > own,
      )
      .filter((rule) => appliesTo(rule, entry))
      .map(({ selector }) => instanceMatcher(selector.instance));
    return (instance) => {
      if (!rivals.some((matches) => matches(instance))) return true;
      this.#outdone.add(entry.id);
      return false;
    };
  }

  /** Hours with data, and those of them in which some sample went beyond the first level: no average can, in the others. */
  async #hours(ciId: string, condition: ThresholdCondition, isOurs: (instance: string) => boolean) {
    const all = new Set<Millis>();
    const beyond = new Set<Millis>();
    const levels = condition.levels.map(({ level }) => level);
    const first = condition.op === 'above' ? Math.min(...levels) : Math.max(...levels);
    const matches = instanceMatcher(this.#input.selector.instance);
    const { series } = await this.#range(ciId, condition.metric, this.#fromMs, this.#nowMs, HOUR_MS);
    for (const { instance, points } of series) {
      if (!matches(instance)) continue;
      const ours = isOurs(instance);
      for (const [atMs = 0, , low = 0, high = 0] of points) {
        all.add(atMs);
        if (ours && isBeyond(condition.op === 'above' ? high : low, condition.op, first)) beyond.add(atMs);
      }
    }
    return { all, beyond };
  }

  get #stepMs(): Millis {
    const spanMs = this.#nowMs - this.#fromMs;
    return spanMs <= BACKTEST_RAW_MS_MAX && spanMs <= RAW_RETENTION_MS ? 0 : MINUTE_MS;
  }

  async #day(ciId: string, condition: ThresholdCondition, fromMs: Millis, toMs: Millis) {
    const matches = instanceMatcher(this.#input.selector.instance);
    const { series } = await this.#range(ciId, condition.metric, fromMs, toMs, this.#stepMs);
    const floors = condition.floor
      ? await this.#range(ciId, condition.floor.metric, fromMs - FLOOR_AGE_MS_MAX, toMs, this.#stepMs)
      : null;
    return series
      .filter(({ instance }) => matches(instance))
      .map(({ instance, points }) => {
        const floor = new FloorReader(floors?.series.find((one) => one.instance === instance)?.points ?? []);
        return {
          instance,
          points: points.map(([atMs = 0, value = Number.NaN, low = value, high = value]) => ({
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
    const isSilent = this.#input.condition.type === 'silent';
    const all = this.#found.flatMap(({ stretches }) => stretches).sort((a, b) => b.fromMs - a.fromMs);
    const spans = all.map(({ fromMs, toMs }) => (toMs ?? this.#nowMs) - fromMs);
    const counts = new Map(this.#found.map(({ entry, stretches }) => [entry.id, stretches.length]));
    const ranked = this.#withData
      .map(({ id, name }) => ({ ciId: id, ciName: name, count: counts.get(id) ?? 0 }))
      .sort((a, b) => b.count - a.count || (a.ciName < b.ciName ? -1 : 1));
    return {
      from: toIso(this.#fromMs),
      to: toIso(this.#nowMs),
      basis: isSilent ? 'presence' : this.#stepMs === 0 ? 'raw' : '1m',
      machines: {
        matching,
        looked: this.#looked,
        withData: this.#withData.length,
        outdone: this.#outdone.size,
      },
      limitedBy: this.#looked < sampled ? 'time' : sampled < matching ? 'machines' : null,
      count: all.length,
      critical: all.filter(({ severity }) => severity === 'critical').length,
      affected: this.#found.length,
      longestMs: spans.length === 0 ? null : spans.reduce((a, b) => Math.max(a, b)),
      coverage:
        this.#withData.length === 0 ? null : Math.min(100, (100 * this.#covered) / this.#withData.length),
      days: daysOf(all, this.#fromMs, this.#nowMs, this.#input.utcOffsetMinutes * MINUTE_MS),
      ranked: ranked.slice(0, BACKTEST_RANKED_MAX),
      episodes: all.slice(0, BACKTEST_EPISODES_MAX).map(episodeView),
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
