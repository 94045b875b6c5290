/** Power cuts between the syncs of the archive: files of after a step with the index of before it. */
import { appendFileSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { RangeResult } from '../../metrics/store.ts';
import type { MetricEngine } from './engine.ts';
import { INDEX_FILE } from './index-db.ts';
import { parsePartition } from './partitions.ts';
import { readSeries, SERIES_FILE } from './series-file.ts';
import { openTestEngine, removeFolder, settle, temporaryFolder } from './testing.ts';

const START_MS: Millis = Date.UTC(2026, 2, 1);
const HOURS = 26;
/** The ten days of the coarsest tier are over, and no samples are past their retention. */
const NOW_MS = START_MS + 7 * DAY_MS + HOUR_MS;
const WIDTHS_MS = [0, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS];
const METRICS = ['cpu.user', 'disk.read'] as const;

let root = '';
beforeEach(() => {
  root = temporaryFolder();
  return () => removeFolder(root);
});

/** An hour a delivery, two machines, every third reading of one of them late. */
async function fill(engine: MetricEngine): Promise<void> {
  for (const [n, ciId] of ['ci_a', 'ci_b'].entries()) {
    const ids = METRICS.map((metric) =>
      engine.resolve({ ciId, metric, instance: metric === 'cpu.user' ? '' : 'sda' }),
    );
    const late: { atMs: Millis; series: number[]; values: number[] }[] = [];
    for (let hour = 0; hour < HOURS; hour++) {
      const ticks = Array.from({ length: 60 }, (_, minute) => {
        const at = hour * 60 + minute;
        return { atMs: START_MS + at * MINUTE_MS, series: ids, values: [(at * 7) % 100, at * at * (n + 1)] };
      });
      const now = ticks.filter((_, i) => n === 0 || i % 3 !== 1);
      late.push(...ticks.filter((tick) => !now.includes(tick)));
      await engine.append(delivery(ciId, hour + 1), now, START_MS + (hour + 1) * HOUR_MS);
    }
    await engine.append(delivery(ciId, HOURS + 1), late, START_MS + HOURS * HOUR_MS);
  }
}

const delivery = (ciId: string, seq: number) => ({ agentId: `agt_${ciId}`, epoch: '00000000000000aa', seq });

async function answers(engine: MetricEngine): Promise<RangeResult[]> {
  const found: RangeResult[] = [];
  for (const ciId of ['ci_a', 'ci_b']) {
    for (const metric of METRICS) {
      for (const widthMs of WIDTHS_MS) {
        const points = widthMs === 0 ? 1e6 : DAY_MS / widthMs;
        const range = { ciId, metric, fromMs: START_MS, toMs: START_MS + DAY_MS, points };
        // Not yet past the raw retention.
        found.push(await engine.range(range, START_MS + 2 * DAY_MS));
      }
    }
  }
  return found;
}

test('[ME55] a power cut between any two syncs of settling and rolling up leaves every sample once and every rollup right', async () => {
  const before = path.join(root, 'before');
  let engine = await openTestEngine({ folder: before });
  await fill(engine);
  await engine.maintain(START_MS);
  await engine.abandon();
  const after = path.join(root, 'after');
  cpSync(before, after, { recursive: true });
  engine = await openTestEngine({ folder: after });
  const raw = await answers(engine);
  await settle(engine, NOW_MS);
  const wanted = await answers(engine);
  await engine.close();
  // Rollups say what the samples say.
  expect(wanted.map(({ series }) => series[0]?.points.times)).toEqual(
    raw.map(({ series }) => series[0]?.points.times),
  );
  const files = readdirSync(after).filter((file) => parsePartition(file) !== undefined);
  const order = ['raw', '1m', '1h', '10m'];
  files.sort((a, b) => order.indexOf(a.split('-')[0] as string) - order.indexOf(b.split('-')[0] as string));
  expect(files.length).toBeGreaterThanOrEqual(5);
  for (let written = 1; written <= files.length; written++) {
    const folder = path.join(root, `cut-${written}`);
    cpSync(before, folder, { recursive: true });
    for (const file of files.slice(0, written)) cpSync(path.join(after, file), path.join(folder, file));
    const cut = await openTestEngine({ folder });
    expect(await answers(cut)).toEqual(raw);
    await settle(cut, NOW_MS);
    expect(await answers(cut)).toEqual(wanted);
    expect(cut.stats(NOW_MS).corruptions).toEqual([]);
    await cut.close();
    removeFolder(folder);
  }
});

test('[ME55] a power cut between forgetting a file and removing it leaves nothing half', async () => {
  const folder = path.join(root, 'metrics');
  let engine = await openTestEngine({ folder });
  await fill(engine);
  await settle(engine, START_MS + 44 * HOUR_MS);
  await engine.abandon();
  const whole = path.join(root, 'whole');
  cpSync(folder, whole, { recursive: true });
  engine = await openTestEngine({ folder, bytesMax: 1 });
  await settle(engine, START_MS + 44 * HOUR_MS);
  expect(engine.stats(NOW_MS).dropped.map(({ tier }) => tier)).toEqual(['raw']);
  await engine.close();
  const raw = readdirSync(whole).filter((file) => file.startsWith('raw-'));
  for (const file of raw) cpSync(path.join(whole, file), path.join(folder, file));
  engine = await openTestEngine({ folder });
  await settle(engine, START_MS + 44 * HOUR_MS);
  const range = { ciId: 'ci_a', metric: 'cpu.user', fromMs: START_MS, toMs: START_MS + DAY_MS } as const;
  const { series } = await engine.range({ ...range, points: DAY_MS / MINUTE_MS }, START_MS + 9 * DAY_MS);
  expect(series).toMatchObject([{ tier: '1m' }]);
  expect(series[0]?.points.times).toHaveLength(DAY_MS / MINUTE_MS);
  await engine.close();
});

test('[ME56] without its index an archive is what its files say, under the same numbers', async () => {
  const folder = path.join(root, 'metrics');
  let engine = await openTestEngine({ folder });
  await fill(engine);
  await settle(engine, NOW_MS);
  const wanted = await answers(engine);
  await engine.close();
  for (const file of readdirSync(folder)) if (file.startsWith(INDEX_FILE)) rmSync(path.join(folder, file));
  engine = await openTestEngine({ folder });
  // The first one that asks is not the first that ever asked.
  expect(engine.resolve({ ciId: 'ci_b', metric: 'cpu.user', instance: '' })).toBe(2);
  await settle(engine, NOW_MS);
  expect(await answers(engine)).toEqual(wanted);
  await engine.close();
});

test('[ME56] an index that is no database any more costs what was not settled; everything else stays, and it is told', async () => {
  const folder = path.join(root, 'metrics');
  let engine = await openTestEngine({ folder });
  await fill(engine);
  await settle(engine, START_MS + 44 * HOUR_MS);
  const wanted = await answers(engine);
  await engine.close();
  writeFileSync(path.join(folder, INDEX_FILE), 'this was a database once '.repeat(1_000));
  appendFileSync(path.join(folder, SERIES_FILE), '[9,"cut sho');
  for (const round of ['after the damage', 'after another start']) {
    engine = await openTestEngine({ folder });
    expect(engine.resolve({ ciId: 'ci_b', metric: 'cpu.user', instance: '' })).toBe(2);
    const whats = engine.stats(NOW_MS).corruptions.map(({ what }) => what);
    expect([round, whats]).toEqual([
      round,
      round === 'after the damage' ? [expect.stringContaining('4 series were saved')] : [],
    ]);
    await settle(engine, NOW_MS);
    expect(await answers(engine)).toEqual(wanted);
    engine.resolve({ ciId: 'ci_c', metric: 'cpu.user', instance: '' });
    await engine.append(
      delivery('ci_c', 1),
      [{ atMs: START_MS + 43 * HOUR_MS, series: [4], values: [1] }],
      NOW_MS,
    );
    await settle(engine, NOW_MS);
    await engine.close();
  }
  expect(readdirSync(folder)).toContain(`${INDEX_FILE}.damaged-1`);
  expect(readSeries(folder).map(({ id, ciId }) => [id, ciId])).toEqual([
    [0, 'ci_a'],
    [1, 'ci_a'],
    [2, 'ci_b'],
    [3, 'ci_b'],
    [4, 'ci_c'],
  ]);
});
