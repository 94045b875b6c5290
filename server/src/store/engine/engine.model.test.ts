/** The engine against a model in memory: random deliveries, housekeeping, restarts, crashes and a full disk. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { pointRows } from '../../metrics/range-points.ts';
import type {
  Delivery,
  MetricStore,
  RangeResult,
  RangeSeries,
  SeriesIdentity,
  StoredTick,
} from '../../metrics/store.ts';
import { createMemoryMetricStore } from '../memory/metrics.ts';
import type { MetricEngine } from './engine.ts';
import { FaultyDisk, openTestEngine, removeFolder, settle, temporaryFolder } from './testing.ts';

const START_MS: Millis = Date.UTC(2026, 2, 1, 22);
/** A few seconds; raise it when the engine changes. */
const RUNS = 60;
const STEP_MS = 10 * SECOND_MS;
const EPOCH = '00000000000000aa';
const SERIES: readonly SeriesIdentity[] = [
  { ciId: 'ci_a', metric: 'cpu.user', instance: '' },
  { ciId: 'ci_a', metric: 'disk.read', instance: 'sda' },
  { ciId: 'ci_b', metric: 'disk.read', instance: 'sda' },
  { ciId: 'ci_a', metric: 'disk.read', instance: 'sdb' },
  { ciId: 'ci_b', metric: 'memory.used', instance: '' },
];

/** A tick `steps` of 10 s from the newest time so far, negative = late, 0 = again the same. */
const tickOf = fc.record({
  steps: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 4 }) },
    { weight: 2, arbitrary: fc.integer({ min: -400, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 100, max: 2_000 }) },
  ),
  series: fc.subarray(
    SERIES.map((_, i) => i),
    { minLength: 1 },
  ),
  value: fc.oneof(
    fc.integer({ min: 0, max: 1_000 }),
    fc.double({ min: -1e15, max: 1e15 }),
    fc.constantFrom(-0, Infinity),
  ),
});
const delivery = fc.record({
  agent: fc.constantFrom('agt_a', 'agt_b'),
  ticks: fc.array(tickOf, { maxLength: 6 }),
});
const command = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('append' as const), delivery }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('maintain' as const), eager: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('full' as const),
      freeBytes: fc.integer({ min: 0, max: 300 }),
      deliveries: fc.array(delivery, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('crash' as const),
      deliveries: fc.array(delivery, { maxLength: 5 }),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      garbage: fc.uint8Array({ maxLength: 40 }),
    }),
  },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;
type DeliveryInput = typeof delivery extends fc.Arbitrary<infer T> ? T : never;

interface Made {
  readonly delivery: Delivery;
  readonly ticks: readonly StoredTick[];
}

class Run {
  readonly #folder = temporaryFolder();
  readonly #disk = new FaultyDisk();
  #engine: MetricEngine | undefined;
  readonly #model = createMemoryMetricStore();
  readonly #exact = SERIES.map(() => new Map<Millis, number>());
  readonly #seqs = new Map<string, number>();
  #newestMs = START_MS;

  constructor() {
    for (const [i, identity] of SERIES.entries()) expect(this.#model.resolve(identity)).toBe(i);
  }

  async open(): Promise<void> {
    // Small segments and chunks, so that a short run meets many of them.
    const limits = { segmentBytesMax: 600, chunkRows: 5, lateSamplesMax: 4 };
    this.#engine = await openTestEngine({ folder: this.#folder, files: this.#disk.files, limits });
  }

  async close(): Promise<void> {
    await this.#engine?.close();
    removeFolder(this.#folder);
  }

  async perform(step: Command): Promise<void> {
    switch (step.type) {
      case 'append': {
        const made = this.#make(step.delivery);
        await this.#append(made);
        await this.#accept(made);
        return;
      }
      case 'maintain':
        // Sometimes hours later, so that windows end.
        if (step.eager) await settle(this.engine, this.#newestMs + DAY_MS);
        else await this.engine.maintain(this.#newestMs);
        return;
      case 'restart':
        await this.engine.close();
        await this.open();
        return;
      case 'full':
        await this.#fillDisk(step.freeBytes, step.deliveries);
        return;
      case 'crash':
        await this.#crash(step.deliveries, step.keep, step.garbage);
    }
  }

  get engine(): MetricEngine {
    if (this.#engine === undefined) throw new Error('the engine is open');
    return this.#engine;
  }

  /** Every acknowledged sample is there exactly once, nothing else is; aggregates agree with the model's. */
  async check(): Promise<void> {
    const nowMs = this.#newestMs + 1;
    const whole = { fromMs: nowMs - 7 * DAY_MS, toMs: nowMs };
    for (const [i, { ciId, metric, instance }] of SERIES.entries()) {
      const stored = (this.#exact[i] as Map<Millis, number>).size;
      const kind = metric === 'disk.read' ? 'counter' : 'gauge';
      const query = { ciId, metric, instance, ...whole };
      const raw = await this.engine.range({ ...query, points: 1e7 }, nowMs);
      expect(raw).toEqual(await this.#model.range({ ...query, points: 1e7 }, nowMs));
      if (kind === 'gauge') {
        const points = raw.series.flatMap((series) => pointRows(series.points));
        expect(points).toHaveLength(stored);
        for (const [atMs, value] of points) {
          expect(Object.is(this.#exact[i]?.get(atMs as number), value)).toBe(true);
        }
      }
      for (const points of [7 * 24 * 60, 7 * 24 * 6 + 1, 7 * 24 + 1, 3]) {
        sameRange(
          await this.engine.range({ ...query, points }, nowMs),
          await this.#model.range({ ...query, points }, nowMs),
        );
      }
    }
    for (const ciId of ['ci_a', 'ci_b']) expect(newest(this.engine, ciId)).toEqual(newest(this.#model, ciId));
    for (const [agentId, seq] of this.#seqs) expect(this.engine.delivered(agentId, EPOCH)).toBe(seq);
  }

  #make({ agent, ticks }: DeliveryInput, ahead = 0): Made {
    const made = ticks.map(({ steps, series, value }) => {
      const atMs = this.#newestMs + steps * STEP_MS;
      this.#newestMs = Math.max(this.#newestMs, atMs);
      return { atMs, series, values: series.map((id) => value + id) };
    });
    const seq = (this.#seqs.get(agent) ?? 0) + 1 + ahead;
    return { delivery: { agentId: agent, epoch: EPOCH, seq }, ticks: made };
  }

  /** Series are first seen in the middle of things: their definitions may be lost like any delivery. */
  #append({ delivery: given, ticks }: Made): Promise<void> {
    const known = ticks.map((tick) => ({
      ...tick,
      series: tick.series.map((i) => this.engine.resolve(SERIES[i] as SeriesIdentity)),
    }));
    return this.engine.append(given, known, this.#newestMs);
  }

  /** The model learns of a delivery that took effect. */
  async #accept({ delivery: taken, ticks }: Made): Promise<void> {
    this.#seqs.set(taken.agentId, taken.seq);
    for (const { atMs, series, values } of ticks) {
      for (const [i, id] of series.entries()) {
        const known = this.#exact[id] as Map<Millis, number>;
        if (!known.has(atMs)) known.set(atMs, values[i] as number);
      }
    }
    await this.#model.append(taken, ticks, this.#newestMs);
  }

  async #fillDisk(freeBytes: number, deliveries: readonly DeliveryInput[]): Promise<void> {
    this.#disk.freeBytes = freeBytes;
    const made = this.#makeAll(deliveries);
    const outcomes = await Promise.allSettled(made.map((one) => this.#append(one)));
    this.#disk.freeBytes = Number.POSITIVE_INFINITY;
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') await this.#accept(made[i] as Made);
      else expect(outcome.reason).toMatchObject({ code: 'storage-full' });
    }
  }

  /** Deliveries are under way when the power goes. What stays of them is whole, and in each agent's order. */
  async #crash(deliveries: readonly DeliveryInput[], keep: number, garbage: Uint8Array): Promise<void> {
    this.#disk.holdSync = true;
    const made = this.#makeAll(deliveries);
    let acknowledged = 0;
    for (const one of made) {
      this.#append(one).then(
        () => (acknowledged += 1),
        () => undefined,
      );
    }
    await new Promise((go) => setTimeout(go, 2));
    this.#disk.crash();
    await this.engine.abandon();
    this.#disk.restore(keep, garbage);
    await this.open();
    const kept = made.filter(
      ({ delivery: { agentId, seq } }) => seq <= this.engine.delivered(agentId, EPOCH),
    );
    for (const one of kept) await this.#accept(one);
    // Syncs were held.
    expect(acknowledged).toBe(0);
  }

  #makeAll(deliveries: readonly DeliveryInput[]): Made[] {
    const count = new Map<string, number>();
    return deliveries.map((input) => {
      const ahead = count.get(input.agent) ?? 0;
      count.set(input.agent, ahead + 1);
      return this.#make(input, ahead);
    });
  }
}

test('[ME30] every acknowledged sample is there exactly once after any sequence of deliveries, housekeeping, restarts, crashes and full disks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (steps) => {
      const run = new Run();
      try {
        await run.open();
        for (const step of steps) await run.perform(step);
        await run.check();
        await settle(run.engine, START_MS + 8 * HOUR_MS + MINUTE_MS);
        await run.check();
      } finally {
        await run.close();
      }
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 60_000 },
  );
}, 90_000);

function newest(store: MetricStore, ciId: string) {
  return store
    .latest(ciId)
    .map(({ identity, atMs, value }) => ({ ...identity, atMs, value }))
    .sort((a, b) => `${a.metric} ${a.instance}`.localeCompare(`${b.metric} ${b.instance}`));
}

function sameRange(actual: RangeResult, expected: RangeResult): void {
  const shape = ({ stepMs, series }: RangeResult) => ({
    stepMs,
    series: series.map(({ instance, tier, points }) => ({
      instance,
      tier,
      at: [...points.times],
    })),
  });
  expect(shape(actual)).toEqual(shape(expected));
  for (const [i, { points }] of actual.series.entries()) {
    const wantedRows = pointRows((expected.series[i] as RangeSeries).points);
    for (const [j, point] of pointRows(points).entries()) {
      const other = wantedRows[j] as readonly number[];
      // Sums are rounded in another order.
      const tolerance = 1e-9 * Math.max(...other.slice(1).map(Math.abs));
      for (const [k, value] of point.entries()) {
        const wanted = other[k] as number;
        if (!(Math.abs(value - wanted) <= tolerance)) expect(value).toBe(wanted);
      }
    }
  }
}
