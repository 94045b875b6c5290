/** Disks that cannot be read for a while, and windows that cannot be settled: what waits is not lost and keeps nobody waiting. */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { MetricEngine, MetricEngineOptions } from './engine.ts';
import { openTestEngine, removeFolder, settle, temporaryFolder } from './testing.ts';

const START_MS: Millis = Date.UTC(2026, 2, 1);
const OVER_MS = START_MS + 3 * HOUR_MS;
const RAW_FILE = 'raw-20260301.db';

let folder = '';
const opened: MetricEngine[] = [];
beforeEach(() => {
  folder = temporaryFolder();
  return () => removeFolder(folder);
});
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.close();
});

async function open(options: Partial<MetricEngineOptions> = {}): Promise<MetricEngine> {
  const engine = await openTestEngine({ folder, ...options });
  opened.push(engine);
  return engine;
}

async function close(engine: MetricEngine): Promise<void> {
  opened.splice(opened.indexOf(engine), 1);
  await engine.close();
}

/** One gauge; value n at `fromMs` + n minutes. */
async function put(
  engine: MetricEngine,
  seq: number,
  minutes: readonly number[],
  { ciId = 'ci_a', fromMs = START_MS } = {},
): Promise<void> {
  const series = [engine.resolve({ ciId, metric: 'cpu.user', instance: '' })];
  const ticks = minutes.map((n) => ({ atMs: fromMs + n * MINUTE_MS, series, values: [n] }));
  await engine.append(
    { agentId: `agt_${ciId}`, epoch: '00000000000000aa', seq },
    ticks,
    fromMs + 2 * HOUR_MS,
  );
}

async function values(engine: MetricEngine, ciId = 'ci_a', fromMs = START_MS): Promise<number[]> {
  const range = { ciId, metric: 'cpu.user', fromMs, toMs: fromMs + HOUR_MS, points: 1e6 } as const;
  const { series } = await engine.range(range, fromMs + DAY_MS);
  return [...(series[0]?.points.averages ?? [])];
}

const whats = (engine: MetricEngine) => engine.stats(OVER_MS).corruptions.map(({ what }) => what);
const waits = (engine: MetricEngine) => engine.stats(OVER_MS).waiting.map(({ what }) => what);
const pending = (engine: MetricEngine, nowMs: Millis) => engine.stats(nowMs).pendingWindows;

/** Reading a folder as a database ends in SQLITE_IOERR_READ, opening it for writing in SQLITE_CANTOPEN. */
function makeUnreadable(file: string): { mend(): void } {
  const full = path.join(folder, file);
  renameSync(full, `${full}.away`);
  mkdirSync(full);
  return {
    mend() {
      rmSync(full, { recursive: true });
      renameSync(`${full}.away`, full);
    },
  };
}

test('[ME57] a block that cannot be read for a while is not lost: its window waits and is settled later', async () => {
  const told: string[] = [];
  const engine = await open({ onDamage: (what) => told.push(what) });
  await put(engine, 1, [0, 1, 3, 4]);
  await settle(engine, OVER_MS);
  expect(pending(engine, OVER_MS)).toBe(0);
  const disk = makeUnreadable(RAW_FILE);
  await put(engine, 2, [2]);
  await settle(engine, OVER_MS);
  await settle(engine, OVER_MS);
  expect(pending(engine, OVER_MS)).toBeGreaterThan(0);
  expect(waits(engine)).toEqual([expect.stringMatching(/tried again: SQLITE_IOERR_READ/)]);
  expect(told).toEqual(waits(engine));
  expect(whats(engine)).toEqual([]);
  disk.mend();
  await settle(engine, OVER_MS + HOUR_MS);
  expect(await values(engine)).toEqual([0, 1, 2, 3, 4]);
  expect(pending(engine, OVER_MS + HOUR_MS)).toBe(0);
  expect(waits(engine)).toEqual([]);
  // The block itself holds them all, not only the chunk that came late.
  await close(engine);
  expect(await values(await open())).toEqual([0, 1, 2, 3, 4]);
});

test('[ME58] windows that cannot be settled are put behind, each for longer, and all others go on', async () => {
  const sick = Array.from({ length: 5 }, (_, n) => `ci_sick${n}`);
  let engine = await open();
  for (const ciId of sick) await put(engine, 1, [0, 1, 3], { ciId });
  await settle(engine, OVER_MS);
  await close(engine);
  const disk = makeUnreadable(RAW_FILE);
  // Fewer a turn than there are sick ones, which come first.
  const limits = { rollupWindowsMax: 2 };
  engine = await open({ limits });
  for (const ciId of sick) await put(engine, 2, [2], { ciId });
  const nextDay = START_MS + DAY_MS;
  await put(engine, 1, [0, 1, 2], { ciId: 'ci_well', fromMs: nextDay });
  let nowMs = nextDay + 3 * HOUR_MS;
  for (let second = 0; second < 20; second++) await engine.maintain((nowMs += 1_000));
  // Those that wait for nothing but the end of the day or of the ten days are not over yet.
  const left = pending(engine, nowMs);
  expect(left).toBeGreaterThanOrEqual(sick.length);
  // The start told that it could not be opened.
  expect(whats(engine)).toEqual([expect.stringContaining(RAW_FILE)]);
  expect(waits(engine)).toEqual([expect.stringMatching(/tried again: SQLITE_IOERR_READ/)]);
  const { series } = await engine.range(
    { ciId: 'ci_well', metric: 'cpu.user', fromMs: nextDay, toMs: nextDay + HOUR_MS, points: 60 },
    nowMs + 8 * DAY_MS,
  );
  expect(series).toMatchObject([{ tier: '1m' }]);
  disk.mend();
  for (let minute = 0; minute < 120; minute++) await engine.maintain((nowMs += MINUTE_MS));
  expect(pending(engine, nowMs)).toBe(0);
  for (const ciId of sick) expect(await values(engine, ciId)).toEqual([0, 1, 2, 3]);
  expect(whats(engine)).toHaveLength(1);
  expect(waits(engine)).toEqual([]);
});

test('[ME28] an expired file that cannot be removed keeps no other one, is told, and is tried again', async () => {
  const told: string[] = [];
  const engine = await open({ onDamage: (what) => told.push(what) });
  for (const day of [0, 1]) await put(engine, day + 1, [0, 1], { fromMs: START_MS + day * DAY_MS });
  const overMs = START_MS + 20 * DAY_MS;
  await settle(engine, START_MS + 2 * DAY_MS);
  const disk = makeUnreadable(RAW_FILE);
  await settle(engine, overMs);
  expect(readdirSync(folder)).not.toContain('raw-20260302.db');
  await settle(engine, overMs + HOUR_MS);
  expect(waits(engine)).toEqual([expect.stringContaining(`${RAW_FILE} cannot be removed`)]);
  expect(told).toEqual(waits(engine));
  expect(whats(engine)).toEqual([]);
  disk.mend();
  await settle(engine, overMs + 2 * HOUR_MS);
  expect(waits(engine)).toEqual([]);
  expect(readdirSync(folder)).not.toContain(RAW_FILE);
});
