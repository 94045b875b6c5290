/** Tells signals what was before they listened: a machine at a time, its series of one metric at once, behind everything else. */
import { isMetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { MetricStore, RangeQuery, RangeResult, RangeSeries } from '../metrics/store.ts';
import { historyQuery, pastPoints, type PastPoint } from './replay.ts';
import type { Watch } from './series-watch.ts';
import type { Signal } from './signals/signal.ts';

export interface PastLoaderDeps {
  readonly metrics: Pick<MetricStore, 'range' | 'latest' | 'bornAtMs'>;
  /** Gives way to other work. */
  readonly pause: () => Promise<void>;
  readonly report: (error: unknown) => void;
  readonly nowMs: () => Millis;
  readonly gapMs: (ciId: string) => Millis;
  readonly intervalMs: (ciId: string) => Millis;
  /** Before its past is read: what else its signal has to know. */
  readonly prepare: (watch: Watch, signal: Signal) => Promise<void>;
  readonly take: (watch: Watch, points: readonly PastPoint[]) => void;
  /** Whether its past could be read or not: from now on nothing of it waits. */
  readonly over: (watch: Watch) => void;
}

interface Wanted {
  readonly watch: Watch;
  /** A watch that was given another one is loaded for that. */
  readonly signal: Signal;
}

interface Question {
  readonly query: RangeQuery;
  readonly nowMs: Millis;
  readonly askers: Watch[];
}

/** All series of a metric are read at once where those that are wanted are at least this share of them. */
const WANTED_SHARE_MIN = 1 / 4;

const NOTHING: RangeResult = { stepMs: 0, series: [] };

export class PastLoader {
  readonly #deps: PastLoaderDeps;
  /** By machine, in the order in which they came. */
  readonly #wanted = new Map<string, Wanted[]>();
  readonly #hurried = new Set<string>();
  readonly #jobs: (() => Promise<void>)[] = [];
  #hasBegun = false;
  #running: Promise<void> | null = null;

  constructor(deps: PastLoaderDeps) {
    this.#deps = deps;
  }

  /** What was asked for so far is read from now on. */
  begin(): void {
    this.#hasBegun = true;
    this.#run();
  }

  soon(watch: Watch): void {
    const { ciId, signal } = watch;
    if (signal === null) return;
    const held = this.#wanted.get(ciId);
    if (held) held.push({ watch, signal });
    else this.#wanted.set(ciId, [{ watch, signal }]);
    this.#run();
  }

  /** So much waits for the past of this machine that it comes next. */
  hurry(ciId: string): void {
    if (this.#wanted.has(ciId)) this.#hurried.add(ciId);
  }

  /** Something else that is read behind. */
  run(job: () => Promise<void>): void {
    this.#jobs.push(job);
    this.#run();
  }

  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  #run(): void {
    if (this.#hasBegun) this.#running ??= this.#work();
  }

  async #work(): Promise<void> {
    for (;;) {
      await this.#deps.pause();
      const next = this.#next();
      if (next === undefined) break;
      await this.#guarded(next);
    }
    this.#running = null;
  }

  #next(): (() => Promise<void>) | undefined {
    const job = this.#jobs.shift();
    if (job !== undefined) return job;
    const [ciId] = this.#hurried.size > 0 ? this.#hurried : this.#wanted.keys();
    const wanted = ciId === undefined ? undefined : this.#wanted.get(ciId);
    if (ciId === undefined || wanted === undefined) return undefined;
    this.#hurried.delete(ciId);
    this.#wanted.delete(ciId);
    return () => this.#loadMachine(wanted);
  }

  async #guarded(job: () => Promise<void>): Promise<void> {
    try {
      await job();
    } catch (error) {
      this.#deps.report(error);
    }
  }

  async #loadMachine(wanted: readonly Wanted[]): Promise<void> {
    const isWanted = ({ watch, signal }: Wanted) => watch.signal === signal && watch.waiting !== null;
    for (const { watch, signal } of wanted.filter(isWanted))
      await this.#guarded(() => this.#deps.prepare(watch, signal));
    for (const question of this.#questions(wanted.filter(isWanted).map(({ watch }) => watch)))
      await this.#guarded(() => this.#ask(question, wanted.filter(isWanted)));
    for (const { watch } of wanted.filter(isWanted)) this.#deps.over(watch);
  }

  /** Watches that ask for the same stretch of the same metric ask together. */
  #questions(watches: readonly Watch[]): Question[] {
    const questions = new Map<string, Question>();
    for (const watch of watches) {
      const firstMs = watch.waiting?.[0]?.atMs ?? Infinity;
      // What waits is told after it, and is no part of it.
      const nowMs = Math.min(this.#deps.nowMs(), firstMs - 1);
      const query = historyQuery(watch, nowMs);
      if (query === null) continue;
      const key = `${query.metric} ${query.fromMs} ${query.toMs} ${query.points}`;
      const held = questions.get(key);
      if (held) held.askers.push(watch);
      else questions.set(key, { query, nowMs, askers: [watch] });
    }
    return [...questions.values()].flatMap((question) => this.#byInstance(question));
  }

  /** One question for all instances, or one for each. */
  #byInstance({ query, nowMs, askers }: Question): Question[] {
    const instances = [...new Set(askers.map(({ instance }) => instance))];
    if (instances.length > 1) {
      const known = this.#deps.metrics
        .latest(query.ciId)
        .filter(({ identity }) => identity.metric === query.metric);
      if (instances.length >= known.length * WANTED_SHARE_MIN) return [{ query, nowMs, askers }];
    }
    return instances.map((instance) => ({
      query: { ...query, instance },
      nowMs,
      askers: askers.filter((one) => one.instance === instance),
    }));
  }

  async #ask({ query, nowMs, askers }: Question, wanted: readonly Wanted[]): Promise<void> {
    const { ciId, metric } = query;
    invariant(isMetricName(metric), 'rules name metrics of the catalogue');
    const isCounter = metricDefinition(metric).kind === 'counter';
    // A new machine has no past, and many may be new at once.
    const isNew = this.#deps.metrics.bornAtMs(ciId) > nowMs;
    const { stepMs, series } = isNew ? NOTHING : await this.#deps.metrics.range(query, nowMs);
    const byInstance = new Map<string, RangeSeries>(series.map((one) => [one.instance, one]));
    const times = {
      isCounter,
      stepMs,
      gapMs: this.#deps.gapMs(ciId),
      intervalMs: this.#deps.intervalMs(ciId),
    };
    for (const watch of askers) {
      // Its rule may be another one by now.
      if (!wanted.some((one) => one.watch === watch && one.signal === watch.signal)) continue;
      this.#deps.take(watch, pastPoints(byInstance.get(watch.instance), times, nowMs));
    }
  }
}
