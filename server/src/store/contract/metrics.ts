/** What every metric store does, as tests: run on the memory store and on the engine in several states. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { pointRows } from '../../metrics/range-points.ts';
import type { MetricStore, RangeQuery, RangeResult, RangeSeries } from '../../metrics/store.ts';

export interface MetricStoreHarness {
  open(): Promise<MetricStore>;
  /** Brings the store into the state under test (written to files, restarted …); returns the one to go on with. */
  settle(store: MetricStore, nowMs: Millis): Promise<MetricStore>;
}

/** Midnight, so that windows of every tier begin here. */
const START_MS: Millis = Date.UTC(2026, 2, 1);
const STEP_MS = 10 * SECOND_MS;
const EPOCH = '00000000000000aa';

export function metricStoreContract(name: string, harness: MetricStoreHarness): void {
  describe(`metric store contract: ${name}`, () => {
    let store: MetricStore;
    let seq = 0;
    beforeEach(async () => {
      seq = 0;
      store = await harness.open();
      return () => store.close();
    });

    const settle = async (nowMs: Millis) => {
      store = await harness.settle(store, nowMs);
    };
    const series = (metric: MetricName, instance = '', ciId = 'ci_a') =>
      store.resolve({ ciId, metric, instance });
    const put = (id: number, atMs: Millis, values: readonly number[], nowMs = atMs, stepMs = STEP_MS) => {
      seq += 1;
      const ticks = values.map((value, i) => ({ atMs: atMs + i * stepMs, series: [id], values: [value] }));
      return store.append({ agentId: 'agt_a', epoch: EPOCH, seq }, ticks, nowMs + values.length * stepMs);
    };
    const ask = (metric: MetricName, more: Partial<RangeQuery> = {}, nowMs = START_MS + HOUR_MS) =>
      store.range(
        { ciId: 'ci_a', metric, fromMs: START_MS, toMs: START_MS + HOUR_MS, points: 1_000, ...more },
        nowMs,
      );
    const only = (result: RangeResult) => {
      expect(result.series).toHaveLength(1);
      return pointRows((result.series[0] as RangeSeries).points);
    };

    test('[ME1] the same identity keeps its number, also later; other identities get other numbers', async () => {
      const identities = [
        { ciId: 'ci_a', metric: 'cpu.user', instance: '' },
        { ciId: 'ci_a', metric: 'cpu.system', instance: '' },
        { ciId: 'ci_b', metric: 'cpu.user', instance: '' },
        { ciId: 'ci_a', metric: 'disk.read', instance: 'sda' },
        { ciId: 'ci_a', metric: 'disk.read', instance: '数据盘' },
      ] as const;
      const ids = identities.map((identity) => store.resolve(identity));
      expect(ids).toEqual([0, 1, 2, 3, 4]);
      await put(ids[0] as number, START_MS, [1]);
      await settle(START_MS);
      expect(identities.map((identity) => store.resolve(identity))).toEqual(ids);
      expect(ids.map((id) => store.identity(id))).toEqual(identities);
      expect(store.resolve({ ciId: 'ci_c', metric: 'cpu.user', instance: '' })).toBe(5);
    });

    test('[IG14] a machine that has so many series gets no new one, and keeps those it has', async () => {
      const of = (ciId: string, instance: string) => ({ ciId, metric: 'disk.read', instance }) as const;
      expect(store.resolveWithin(of('ci_a', 'sda'), 2)).toBe(0);
      expect(store.resolveWithin(of('ci_a', 'sdb'), 2)).toBe(1);
      expect(store.resolveWithin(of('ci_a', 'sdc'), 2)).toBeNull();
      expect(store.resolveWithin(of('ci_b', 'sdc'), 2)).toBe(2);
      expect(store.resolveWithin(of('ci_a', 'sdb'), 2)).toBe(1);
      expect(store.resolveWithin(of('ci_a', 'sdc'), 3)).toBe(3);
    });

    test('[ME2] a sample is seen once its append is acknowledged', async () => {
      const gauge = series('memory.used');
      const counter = series('disk.read', 'sda');
      await put(counter, START_MS, [100]);
      await Promise.all([put(gauge, START_MS, [7, 8]), put(counter, START_MS + STEP_MS, [300])]);
      expect(store.latest('ci_a').map(({ value, rate }) => [value, rate])).toEqual([
        [8, null],
        [300, 20],
      ]);
      expect(store.top('disk.read', 1, START_MS).map(({ rate }) => rate)).toEqual([20]);
      const result = await ask('memory.used');
      expect(only(result)).toEqual([
        [START_MS, 7],
        [START_MS + STEP_MS, 8],
      ]);
    });

    test('[ME2] a range that ends before the first sample of a new machine is empty until an older one comes late', async () => {
      const id = series('memory.used');
      const before = { fromMs: START_MS - 7 * DAY_MS, toMs: START_MS };
      const ranges = [before, { ...before, points: 50 }, { ...before, fromMs: START_MS - DAY_MS, points: 7 }];
      await put(id, START_MS, [7, 8]);
      await settle(START_MS);
      for (const range of ranges) expect((await ask('memory.used', range)).series).toEqual([]);
      await put(id, START_MS - HOUR_MS, [5]);
      for (const range of ranges) expect(only(await ask('memory.used', range))[0]?.[1]).toBe(5);
      await settle(START_MS);
      for (const range of ranges) expect(only(await ask('memory.used', range))[0]?.[1]).toBe(5);
    });

    test('[ME2] the bucket in which a range ends holds all of its samples, those of a new machine too', async () => {
      const id = series('memory.used');
      await put(id, START_MS + 45 * SECOND_MS, [3]);
      const range = { fromMs: START_MS - 7 * DAY_MS, toMs: START_MS + 30 * SECOND_MS, points: 10_081 };
      for (let state = 0; state < 2; state++) {
        const answer = await ask('memory.used', range);
        expect([answer.stepMs, only(answer)[0]?.slice(0, 2)]).toEqual([MINUTE_MS, [START_MS, 3]]);
        await settle(START_MS + HOUR_MS);
      }
    });

    test('[ME2] no sample of a machine is older than it is said to be', async () => {
      expect(store.bornAtMs('ci_a')).toBe(-Infinity);
      const id = series('memory.used');
      await put(id, START_MS, [7]);
      expect(store.bornAtMs('ci_a')).toBeLessThanOrEqual(START_MS);
      await put(id, START_MS - HOUR_MS, [5]);
      expect(store.bornAtMs('ci_a')).toBeLessThanOrEqual(START_MS - HOUR_MS);
    });

    test('[ME3] appends resolve in the order of the calls', async () => {
      const id = series('load.1m');
      const done: number[] = [];
      await Promise.all(
        [0, 1, 2, 3].map((n) => put(id, START_MS + n * STEP_MS, [n]).then(() => done.push(n))),
      );
      expect(done).toEqual([0, 1, 2, 3]);
    });

    test('[ME4] the delivery mark is the highest durable seq of the newest epoch', async () => {
      const id = series('load.1m');
      const append = (epoch: string, number: number, agentId = 'agt_a') =>
        store.append(
          { agentId, epoch, seq: number },
          [{ atMs: START_MS + number, series: [id], values: [1] }],
          START_MS,
        );
      expect(store.delivered('agt_a', EPOCH)).toBe(0);
      await append(EPOCH, 1);
      await append(EPOCH, 5);
      await append(EPOCH, 3);
      await append(EPOCH, 9, 'agt_b');
      await settle(START_MS);
      expect(store.delivered('agt_a', EPOCH)).toBe(5);
      expect(store.delivered('agt_b', EPOCH)).toBe(9);
      expect(store.delivered('agt_a', 'ffffffffffffffff')).toBe(0);
      await append('00000000000000bb', 2);
      await settle(START_MS);
      expect(store.delivered('agt_a', '00000000000000bb')).toBe(2);
      expect(store.delivered('agt_a', EPOCH)).toBe(0);
    });

    test('[ME4] a delivery without samples moves the mark', async () => {
      await store.append({ agentId: 'agt_a', epoch: EPOCH, seq: 4 }, [], START_MS);
      await settle(START_MS);
      expect(store.delivered('agt_a', EPOCH)).toBe(4);
    });

    test('[ME5] a second value for the same series and time is counted and has no effect', async () => {
      const id = series('cpu.user');
      await put(id, START_MS, [1, 2, 3]);
      await settle(START_MS);
      await put(id, START_MS + STEP_MS, [20, 30, 4]);
      await settle(START_MS);
      await put(id, START_MS, [10]);
      await settle(START_MS);
      expect(only(await ask('cpu.user'))).toEqual([
        [START_MS, 1],
        [START_MS + STEP_MS, 2],
        [START_MS + 2 * STEP_MS, 3],
        [START_MS + 3 * STEP_MS, 4],
      ]);
      expect(store.latest('ci_a')[0]?.value).toBe(4);
    });

    test('[ME5] duplicates are counted within one process', async () => {
      const id = series('cpu.user');
      await put(id, START_MS, [1, 2, 3]);
      await put(id, START_MS, [1, 2, 3, 4]);
      await store.maintain(START_MS + MINUTE_MS);
      expect(store.stats(START_MS + MINUTE_MS)).toMatchObject({
        duplicatesTotal: 3,
        samplesTotal: 4,
        lateTotal: 0,
      });
    });

    test('[ME6] late samples stand in their place, whatever came between', async () => {
      const id = series('cpu.user');
      await put(id, START_MS, [0]);
      await put(id, START_MS + 5 * STEP_MS, [5, 6]);
      await settle(START_MS + MINUTE_MS);
      await put(id, START_MS + 3 * STEP_MS, [3]);
      await put(id, START_MS + STEP_MS, [1, 2, 33, 4]);
      const expected = [0, 1, 2, 3, 4, 5, 6].map((n) => [START_MS + n * STEP_MS, n]);
      expect(only(await ask('cpu.user'))).toEqual(expected);
      await settle(START_MS + 2 * MINUTE_MS);
      expect(only(await ask('cpu.user'))).toEqual(expected);
      expect(store.latest('ci_a')[0]).toMatchObject({ value: 6, atMs: START_MS + 6 * STEP_MS });
    });

    test('[ME6] late samples are counted, those past the raw retention are refused and counted, the rest is stored', async () => {
      const id = series('cpu.user');
      const nowMs = START_MS + 8 * DAY_MS;
      const at = [nowMs, nowMs - 6 * DAY_MS, nowMs - 8 * DAY_MS, nowMs - DAY_MS];
      const ticks = at.map((atMs, i) => ({ atMs, series: [id], values: [i] }));
      await store.append({ agentId: 'agt_a', epoch: EPOCH, seq: 1 }, ticks, nowMs);
      expect(store.stats(nowMs)).toMatchObject({ samplesTotal: 3, lateTotal: 2, refusedTotal: 1 });
      expect(store.pace(nowMs)).toEqual({ samplesTotal: 3, samplesPerSecond: 3 / 60 });
      await settle(nowMs);
      const result = await ask(
        'cpu.user',
        { fromMs: nowMs - 7 * DAY_MS, toMs: nowMs + 1, points: 1e6 },
        nowMs,
      );
      expect(only(result).map(([atMs]) => atMs)).toEqual([at[1], at[3], at[0]]);
      expect(store.delivered('agt_a', EPOCH)).toBe(1);
    });

    test('[ME7] values come back exactly, NaN and infinities too, which buckets leave out', async () => {
      const id = series('temperature', 'core');
      const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 0.1 + 0.2, 33.3];
      const values = [
        0,
        -0,
        1,
        -1,
        0.1,
        21.5,
        -40.25,
        1e-300,
        1.7e308,
        2 ** 53 - 1,
        2 ** 53 + 2,
        -(2 ** 60),
        ...odd,
      ];
      await put(id, START_MS, values);
      await settle(START_MS + HOUR_MS);
      const points = only(await ask('temperature'));
      expect(points.map(([, value]) => value)).toEqual(values);
      const later = START_MS + 30 * MINUTE_MS;
      await put(id, later, [1, Number.NaN, 3]);
      await put(id, later + 10 * MINUTE_MS, [Number.NaN, Number.POSITIVE_INFINITY]);
      await settle(START_MS + 3 * HOUR_MS);
      const joined = await ask('temperature', { fromMs: later, points: 30 }, START_MS + 3 * HOUR_MS);
      expect(only(joined)).toEqual([[later, 2, 1, 3]]);
    });

    test('[ME8] several series of one tick and several machines keep apart', async () => {
      const a = series('cpu.user');
      const b = series('disk.read', 'sda');
      const c = series('disk.read', 'sdb');
      const other = series('cpu.user', '', 'ci_b');
      const ticks = [0, 1, 2].map((n) => ({
        atMs: START_MS + n * STEP_MS,
        series: n === 1 ? [c, a] : [b, a, other, c],
        values: n === 1 ? [100, 1.5] : [n * 50, n, 90 + n, n * 100],
      }));
      await store.append({ agentId: 'agt_a', epoch: EPOCH, seq: 1 }, ticks, START_MS);
      await settle(START_MS + MINUTE_MS);
      expect(only(await ask('cpu.user')).map(([, value]) => value)).toEqual([0, 1.5, 2]);
      expect(only(await ask('cpu.user', { ciId: 'ci_b' })).map(([, value]) => value)).toEqual([90, 92]);
      expect(only(await ask('disk.read', { instance: 'sdb' })).map(([, rate]) => rate)).toEqual([10, 10]);
      const both = await ask('disk.read');
      expect(both.series.map(({ instance, points }) => [instance, [...points.averages]])).toEqual([
        ['sda', [5]],
        ['sdb', [10, 10]],
      ]);
      expect((await ask('disk.read', { instance: 'sdc' })).series).toEqual([]);
      expect((await ask('cpu.user', { ciId: 'ci_none' })).series).toEqual([]);
      expect(store.latest('ci_none')).toEqual([]);
      expect(store.latest('ci_b')).toEqual([
        { identity: store.identity(other), atMs: START_MS + 2 * STEP_MS, value: 92, rate: null },
      ]);
    });

    test('[ME9] the range is half-open', async () => {
      const id = series('cpu.user');
      await put(id, START_MS, [0, 1, 2, 3]);
      await settle(START_MS + MINUTE_MS);
      const range = { fromMs: START_MS + STEP_MS, toMs: START_MS + 3 * STEP_MS };
      expect(only(await ask('cpu.user', range)).map(([, value]) => value)).toEqual([1, 2]);
    });

    test('[ME10] a counter is a rate; a fall is a reset and counts from 0', async () => {
      const id = series('network.received', 'eth0');
      await put(id, START_MS, [1_000, 1_100, 1_300, 50, 60]);
      await settle(START_MS + MINUTE_MS);
      expect(only(await ask('network.received')).map(([, rate]) => rate)).toEqual([10, 20, 5, 1]);
      expect(store.latest('ci_a')[0]).toMatchObject({ value: 60, rate: 1 });
      await put(id, START_MS + 5 * STEP_MS, [0]);
      expect(store.latest('ci_a')[0]).toMatchObject({ value: 0, rate: 0 });
    });

    test('[ME10] the first rate of a range comes from the sample before it', async () => {
      const id = series('network.received', 'eth0');
      await put(id, START_MS, [0, 10, 30]);
      await settle(START_MS + MINUTE_MS);
      const range = { fromMs: START_MS + STEP_MS, toMs: START_MS + 2 * STEP_MS };
      expect(only(await ask('network.received', range))).toEqual([[START_MS + STEP_MS, 1]]);
    });

    test('[ME11] no rate is drawn across a gap of more than three intervals; gaps stay gaps', async () => {
      const id = series('network.received', 'eth0');
      await put(id, START_MS, [0, 10, 20]);
      await put(id, START_MS + 5 * STEP_MS, [50]);
      await put(id, START_MS + 9 * STEP_MS, [90, 100]);
      await settle(START_MS + 3 * MINUTE_MS);
      const at = only(await ask('network.received')).map(([atMs]) => ((atMs as number) - START_MS) / STEP_MS);
      expect(at).toEqual([1, 2, 5, 10]);
      await put(id, START_MS + 20 * STEP_MS, [200]);
      expect(store.latest('ci_a')[0]?.rate).toBe(null);
      await settle(START_MS + 5 * MINUTE_MS);
      expect(store.latest('ci_a')[0]).toMatchObject({ value: 200, rate: null });
    });

    test('[ME11] the interval is the series’ own', async () => {
      const id = series('disk.reads', 'sda');
      await put(id, START_MS, [0, 60, 120], START_MS, MINUTE_MS);
      await put(id, START_MS + 5 * MINUTE_MS, [300, 360], START_MS, MINUTE_MS);
      await put(id, START_MS + 10 * MINUTE_MS, [600], START_MS, MINUTE_MS);
      await settle(START_MS + 11 * MINUTE_MS);
      const at = only(await ask('disk.reads')).map(([atMs]) => ((atMs as number) - START_MS) / MINUTE_MS);
      expect(at).toEqual([1, 2, 5, 6]);
    });

    test('[ME12] more samples than points are joined to whole buckets of average, lowest and highest', async () => {
      const gauge = series('cpu.user');
      const counter = series('disk.written', 'sda');
      for (let n = 0; n < 36; n++) {
        await store.append(
          { agentId: 'agt_a', epoch: EPOCH, seq: n + 1 },
          [{ atMs: START_MS + n * STEP_MS, series: [gauge, counter], values: [n % 6, n * n * 10] }],
          START_MS + n * STEP_MS,
        );
      }
      await settle(START_MS + 10 * MINUTE_MS);
      const range = { fromMs: START_MS + 15 * SECOND_MS, toMs: START_MS + 5 * MINUTE_MS, points: 6 };
      const gauges = await ask('cpu.user', range);
      expect(gauges.stepMs).toBe(MINUTE_MS);
      expect(only(gauges)).toEqual([0, 1, 2, 3, 4].map((n) => [START_MS + n * MINUTE_MS, 2.5, 0, 5]));
      const rates = only(await ask('disk.written', range));
      expect(rates).toHaveLength(5);
      // Increase of bucket n divided by its seconds; the first has no rate at its start.
      expect(rates[0]).toEqual([START_MS, 5, 1, 9]);
      expect(rates[1]).toEqual([START_MS + MINUTE_MS, 16, 11, 21]);
    });

    test('[ME13] rollups say the same as the samples they are made of, at every width', async () => {
      const gauge = series('memory.used');
      const counter = series('network.received', 'eth0');
      const days = 2;
      let total = 0;
      const samples: { atMs: number; gauge: number; rate: number }[] = [];
      for (let n = 0; n * MINUTE_MS < days * DAY_MS; n += 30) {
        const ticks = Array.from({ length: 30 }, (_, i) => {
          const k = n + i;
          const atMs = START_MS + k * MINUTE_MS;
          const increase = (k * 7919) % 6_000;
          total += increase;
          const value = ((k * 104_729) % 1_000) * 4096;
          samples.push({ atMs, gauge: value, rate: k < 1 ? Number.NaN : increase / 60 });
          return { atMs, series: [gauge, counter], values: [value, total] };
        });
        seq += 1;
        await store.append({ agentId: 'agt_a', epoch: EPOCH, seq }, ticks, START_MS + (n + 30) * MINUTE_MS);
      }
      const nowMs = START_MS + days * DAY_MS + HOUR_MS;
      await settle(nowMs);
      const cases = [
        { points: 1_500, stepMs: 2 * MINUTE_MS, tier: '1m' },
        { points: 288, stepMs: 10 * MINUTE_MS, tier: '10m' },
        { points: 48, stepMs: HOUR_MS, tier: '1h' },
        { points: 2, stepMs: DAY_MS, tier: '1h' },
      ] as const;
      for (const { points, stepMs, tier } of cases) {
        for (const [metric, key] of [
          ['memory.used', 'gauge'],
          ['network.received', 'rate'],
        ] as const) {
          const result = await ask(metric, { toMs: START_MS + days * DAY_MS, points }, nowMs);
          expect(result.stepMs).toBe(stepMs);
          expect(result.series[0]?.tier).toBe(tier);
          expectClose(only(result), bruteBuckets(samples, key, stepMs));
        }
      }
    });

    test('[ME14] late samples correct what was rolled up, at once and later', async () => {
      const gauge = series('memory.used');
      const counter = series('network.received', 'eth0');
      const at = (minute: number) => START_MS + minute * MINUTE_MS;
      const tick = async (minute: number, value: number, nowMs: Millis) => {
        seq += 1;
        const ticks = [{ atMs: at(minute), series: [gauge, counter], values: [value, minute * 60] }];
        await store.append({ agentId: 'agt_a', epoch: EPOCH, seq }, ticks, nowMs);
      };
      for (let minute = 0; minute < 300; minute++) if (minute !== 119) await tick(minute, 1, at(minute));
      const nowMs = START_MS + 2 * DAY_MS;
      await settle(nowMs);
      await tick(119, 61, nowMs);
      for (const round of ['at once', 'later']) {
        const wide = { toMs: START_MS + 5 * HOUR_MS, points: 5 };
        const values = only(await ask('memory.used', wide, nowMs));
        const ok = [round, 1, 1, 1];
        expect(values.map((point) => [round, ...point.slice(1)])).toEqual([
          ok,
          [round, 2, 1, 61],
          ok,
          ok,
          ok,
        ]);
        const rates = only(await ask('network.received', { ...wide, points: 300 }, nowMs));
        expect(rates.map(([, rate]) => rate)).toEqual(Array.from({ length: 299 }, () => 1));
        await settle(nowMs);
      }
    });

    test('[ME54] quantiles of percentages and rates by whole hours, also with what came late', async () => {
      const percent = series('cpu.user');
      const counter = series('network.received', 'eth0');
      const plain = series('memory.used');
      let total = 0;
      const values: number[] = [];
      const rates: number[] = [];
      const ticks = Array.from({ length: 5 * 60 }, (_, minute) => {
        const value = (minute * 37) % 100;
        const increase = 60 * (1 + ((minute * 7919) % 5_000));
        total += increase;
        values.push(value);
        rates.push(increase / 60);
        const atMs = START_MS + minute * MINUTE_MS;
        return { atMs, series: [percent, counter, plain], values: [value, total, 5] };
      });
      const nowMs = START_MS + 5 * HOUR_MS;
      // Some of the second hour come last.
      const isLate = (minute: number) => minute >= 70 && minute < 90;
      for (const late of [false, true]) {
        seq += 1;
        const some = ticks.filter((_, minute) => isLate(minute) === late);
        await store.append({ agentId: 'agt_a', epoch: EPOCH, seq }, some, nowMs);
        await settle(nowMs);
      }
      const range = { ciId: 'ci_a', fromMs: START_MS + HOUR_MS, toMs: START_MS + 4 * HOUR_MS - MINUTE_MS };
      const exact = (all: readonly number[], share: number) => {
        const sorted = all.slice(60, 240).sort((a, b) => a - b);
        return sorted[Math.ceil(share * sorted.length) - 1] as number;
      };
      const shares = [0.5, 0.95, 1];
      const [cpu] = await store.quantiles({ ...range, metric: 'cpu.user' }, shares);
      expect(cpu?.count).toBe(180);
      const [net] = await store.quantiles({ ...range, metric: 'network.received', instance: 'eth0' }, shares);
      expect(net).toMatchObject({ instance: 'eth0', count: 180 });
      for (const [i, share] of shares.entries()) {
        expect(Math.abs((cpu?.values[i] as number) - exact(values, share))).toBeLessThanOrEqual(1);
        const rate = exact(rates, share);
        expect(Math.abs((net?.values[i] as number) - rate)).toBeLessThanOrEqual(0.05 * rate);
      }
      expect(await store.quantiles({ ...range, metric: 'memory.used' }, shares)).toEqual([]);
      expect(await store.quantiles({ ...range, ciId: 'ci_none', metric: 'cpu.user' }, shares)).toEqual([]);
    });

    test('[ME15] latest and top: a gauge by value, a counter by rate, not older than asked', async () => {
      for (let n = 0; n < 20; n++) {
        const ciId = `ci_${n}`;
        const gauge = series('cpu.utilisation', '', ciId);
        const counter = series('disk.read', 'sda', ciId);
        await put(gauge, START_MS - (n % 2) * HOUR_MS, [n * 3]);
        await put(counter, START_MS, [1e6, 1e6 + 10 * ((n * 7) % 20)]);
      }
      await settle(START_MS + MINUTE_MS);
      const busy = store.top('cpu.utilisation', 3, START_MS - MINUTE_MS);
      expect(busy.map(({ identity, value }) => [identity.ciId, value])).toEqual([
        ['ci_18', 54],
        ['ci_16', 48],
        ['ci_14', 42],
      ]);
      const odd = store.top('cpu.utilisation', 2, 0, (ciId) => Number(ciId.slice(3)) % 2 === 1);
      expect(odd.map(({ identity }) => identity.ciId)).toEqual(['ci_19', 'ci_17']);
      expect(store.top('disk.read', 2, START_MS).map(({ rate }) => rate)).toEqual([19, 18]);
      expect(store.top('disk.read', 100, START_MS)).toHaveLength(20);
      expect(store.top('disk.read', 5, START_MS + HOUR_MS)).toEqual([]);
      expect(store.top('load.1m', 5, START_MS)).toEqual([]);
      expect(store.latestOfMetric('disk.read')).toHaveLength(20);
      expect(store.latestOfMetric('load.1m')).toEqual([]);
    });

    test('[ME15] values that are not finite are in latest and not in top', async () => {
      await put(series('temperature', 'a'), START_MS, [Number.NaN]);
      await put(series('temperature', 'b'), START_MS, [40]);
      expect(store.latest('ci_a').map(({ value }) => value)).toEqual([Number.NaN, 40]);
      expect(store.top('temperature', 5, START_MS).map(({ value }) => value)).toEqual([40]);
    });

    test('[ME16] old ranges are answered by the finest tier that reaches back to them', async () => {
      const nowMs = START_MS + 400 * DAY_MS;
      const ages = [
        [1, 'raw'],
        [20, '1m'],
        [100, '10m'],
        [300, '1h'],
      ] as const;
      await put(series('cpu.user'), nowMs - HOUR_MS, [1]);
      for (const [days, tier] of ages) {
        const toMs = nowMs - days * DAY_MS;
        const id = series('cpu.user');
        await put(id, toMs - HOUR_MS, [days], toMs);
        const result = await ask('cpu.user', { fromMs: toMs - HOUR_MS, toMs }, nowMs);
        expect(result.series[0]?.tier).toBe(tier);
        expect(result.series[0]?.points.averages[0]).toBe(days);
      }
    });
  });
}

function bruteBuckets<Key extends string>(
  samples: readonly ({ atMs: number } & Record<Key, number>)[],
  key: Key,
  stepMs: number,
): number[][] {
  const buckets = new Map<number, number[]>();
  for (const sample of samples) {
    const start = Math.floor(sample.atMs / stepMs) * stepMs;
    const values = buckets.get(start) ?? [];
    if (!Number.isNaN(sample[key])) values.push(sample[key]);
    buckets.set(start, values);
  }
  return [...buckets]
    .filter(([, values]) => values.length > 0)
    .map(([start, values]) => [
      start,
      values.reduce((sum, value) => sum + value, 0) / values.length,
      Math.min(...values),
      Math.max(...values),
    ]);
}

function expectClose(actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, point] of actual.entries()) {
    for (const [j, value] of point.entries())
      expect(value).toBeCloseTo((expected[i] as number[])[j] as number, 6);
  }
}
