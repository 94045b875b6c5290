import Database from 'better-sqlite3';
import { cpSync, existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { pointRows } from '../../metrics/range-points.ts';
import type { MetricStore, RangeSeries } from '../../metrics/store.ts';
import type { MetricEngine, MetricEngineOptions } from './engine.ts';
import { INDEX_FILE } from './index-db.ts';
import { decodeRecord, recordLength } from './record.ts';
import {
  bytesOf,
  FaultyDisk,
  journalFiles,
  openTestEngine,
  removeFolder,
  settle,
  temporaryFolder,
} from './testing.ts';

const START_MS: Millis = Date.UTC(2026, 2, 1);
const STEP_MS = 10 * SECOND_MS;
const EPOCH = '00000000000000aa';
const LAZY = { chunkRows: 1e9, lateSamplesMax: 1e9, chunkAgeMsMax: 1e15 };

let folder = '';
let disk = new FaultyDisk();
const opened: MetricEngine[] = [];
beforeEach(() => {
  folder = temporaryFolder();
  disk = new FaultyDisk();
  return () => removeFolder(folder);
});
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.close();
});

async function open(options: Partial<MetricEngineOptions> = {}): Promise<MetricEngine> {
  const engine = await openTestEngine({ folder, files: disk.files, ...options });
  opened.push(engine);
  return engine;
}

async function close(engine: MetricEngine): Promise<void> {
  opened.splice(opened.indexOf(engine), 1);
  await engine.close();
}

/** Appends one delivery of one gauge; value n at START + n × 10 s. */
function put(engine: MetricStore, seq: number, steps: readonly number[], ciId = 'ci_a'): Promise<void> {
  const id = engine.resolve({ ciId, metric: 'cpu.user', instance: '' });
  const ticks = steps.map((n) => ({ atMs: START_MS + n * STEP_MS, series: [id], values: [n] }));
  return engine.append({ agentId: 'agt_a', epoch: EPOCH, seq }, ticks, START_MS + 1e4 * STEP_MS);
}

async function values(engine: MetricStore, ciId = 'ci_a'): Promise<unknown[]> {
  const range = { ciId, metric: 'cpu.user', fromMs: START_MS, toMs: START_MS + DAY_MS, points: 1e6 } as const;
  const { series } = await engine.range(range, START_MS + DAY_MS);
  return [...(series[0]?.points.averages ?? [])];
}

const rows = ([first]: readonly RangeSeries[]) => (first === undefined ? [] : pointRows(first.points));
const whats = (engine: MetricStore) => engine.stats(START_MS).corruptions.map(({ what }) => what);
const fileOf = (name: string) => path.join(folder, name);
const RAW_FILE = 'raw-20260301.db';
/** The first window is over. */
const OVER_MS = START_MS + 3 * HOUR_MS;

function chunks(): unknown[] {
  const db = new Database(fileOf(INDEX_FILE), { readonly: true });
  const ids = db.prepare('SELECT id FROM chunk').pluck().all();
  db.close();
  return ids;
}

/** Changes the last byte of blobs. */
function damage(file: string, table: string, where: string): void {
  const db = new Database(fileOf(file));
  const cut = 'substr(data, 1, length(data) - 1)';
  const last = "CASE WHEN substr(data, -1) = x'ff' THEN x'00' ELSE x'ff' END";
  db.exec(`UPDATE ${table} SET data = cast(${cut} || ${last} AS BLOB) WHERE ${where}`);
  db.close();
}

test('[ME2] an append is acknowledged only after its sync, and not seen before', async () => {
  const engine = await open();
  disk.holdSync = true;
  let acknowledged = false;
  const appended = put(engine, 1, [0, 1]).then(() => (acknowledged = true));
  await new Promise((go) => setTimeout(go, 5));
  expect(acknowledged).toBe(false);
  expect(engine.delivered('agt_a', EPOCH)).toBe(0);
  expect(await values(engine)).toEqual([]);
  disk.release();
  await appended;
  expect(await values(engine)).toEqual([0, 1]);
  expect(engine.delivered('agt_a', EPOCH)).toBe(1);
});

test('[ME22] a full disk refuses, leaves no trace, and takes the next delivery once there is room', async () => {
  const engine = await open();
  await put(engine, 1, [0, 1]);
  for (const freeBytes of [0, 1, 30, 60]) {
    disk.freeBytes = freeBytes;
    await expect(put(engine, 2, [2, 3])).rejects.toMatchObject({ code: 'storage-full' });
    expect(await values(engine)).toEqual([0, 1]);
    expect(engine.latest('ci_a')[0]?.value).toBe(1);
    expect(engine.delivered('agt_a', EPOCH)).toBe(1);
  }
  disk.freeBytes = Number.POSITIVE_INFINITY;
  await put(engine, 2, [2, 3, 4]);
  await close(engine);
  const again = await open();
  expect(await values(again)).toEqual([0, 1, 2, 3, 4]);
  expect(whats(again)).toEqual([]);
});

test('[ME22] what was appended behind a refused delivery is refused with it', async () => {
  const engine = await open();
  await put(engine, 1, [0]);
  disk.freeBytes = 10;
  const first = put(engine, 2, [1]);
  await new Promise((go) => setImmediate(go));
  const outcomes = await Promise.allSettled([first, put(engine, 3, [2]), put(engine, 4, [3])]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(engine.delivered('agt_a', EPOCH)).toBe(1);
});

test('[ME22] a series first seen on a full disk keeps its number', async () => {
  const engine = await open();
  disk.freeBytes = 0;
  await expect(put(engine, 1, [0], 'ci_b')).rejects.toMatchObject({ code: 'storage-full' });
  disk.freeBytes = Number.POSITIVE_INFINITY;
  await put(engine, 1, [1], 'ci_c');
  await put(engine, 2, [2], 'ci_b');
  await close(engine);
  const again = await open();
  expect(again.resolve({ ciId: 'ci_b', metric: 'cpu.user', instance: '' })).toBe(0);
  expect(again.resolve({ ciId: 'ci_c', metric: 'cpu.user', instance: '' })).toBe(1);
  expect(await values(again, 'ci_b')).toEqual([2]);
});

test('[ME22] after a failed sync nothing refused comes back, even where the file could not be cut', async () => {
  const engine = await open();
  await put(engine, 1, [0]);
  disk.failSync = true;
  disk.failTruncate = true;
  await expect(put(engine, 2, [1])).rejects.toMatchObject({ code: 'storage-full' });
  disk.failSync = false;
  disk.failTruncate = false;
  await put(engine, 2, [2]);
  await close(engine);
  const again = await open();
  expect(await values(again)).toEqual([0, 2]);
  expect(whats(again)).toEqual([]);
});

test('[ME23] a torn tail is cut without a word, wherever it was torn', async () => {
  const engine = await open();
  await put(engine, 1, [0]);
  const [file = ''] = journalFiles(folder);
  const durable = bytesOf(file).length;
  await put(engine, 2, [1, 2]);
  await close(engine);
  const whole = bytesOf(file);
  for (let length = durable; length < whole.length; length++) {
    writeFileSync(file, whole.subarray(0, length));
    for (const later of journalFiles(folder)) if (later !== file) rmSync(later);
    const again = await open();
    expect(await values(again)).toEqual([0]);
    expect(again.delivered('agt_a', EPOCH)).toBe(1);
    expect(whats(again)).toEqual([]);
    await close(again);
  }
});

test('[ME23] garbage at the end is cut and reported; what comes after is kept at the next start', async () => {
  const engine = await open();
  await put(engine, 1, [0]);
  await close(engine);
  const [file = ''] = journalFiles(folder);
  writeFileSync(file, Buffer.concat([bytesOf(file), Buffer.from('neither a record nor the start of one')]));
  const again = await open();
  expect(whats(again)).toEqual([expect.stringContaining('cut at a damaged record')]);
  await put(again, 2, [1]);
  await close(again);
  const last = await open();
  expect(await values(last)).toEqual([0, 1]);
  expect(whats(last)).toEqual([]);
});

test('[ME23] a damaged record that was once on the disk costs itself only, and is reported', async () => {
  const engine = await open();
  const ends: number[] = [];
  for (const n of [0, 1, 2, 3]) {
    await put(engine, n + 1, [n]);
    ends.push(bytesOf(journalFiles(folder)[0] as string).length);
  }
  await close(engine);
  const [file = ''] = journalFiles(folder);
  const damaged = bytesOf(file);
  // In the frame of the second delivery, near the end of its group.
  damaged.writeUInt8(damaged.readUInt8((ends[1] as number) - 2) ^ 0xff, (ends[1] as number) - 2);
  writeFileSync(file, damaged);
  const again = await open();
  expect(await values(again)).toEqual([0, 2, 3]);
  expect(whats(again)).toEqual([expect.stringMatching(/bytes damaged/)]);
});

test('[ME23] a damaged record in an earlier segment costs itself only, and is reported', async () => {
  const engine = await open({ limits: { segmentBytesMax: 1, ...LAZY } });
  for (const n of [0, 1, 2, 3]) await put(engine, n + 1, [n]);
  await close(engine);
  const file = journalFiles(folder)[2] as string;
  const bytes = bytesOf(file);
  bytes.fill(0xee, bytes.length - 10);
  writeFileSync(file, bytes);
  const again = await open();
  expect(await values(again)).toEqual([0, 1, 3]);
  expect(whats(again)).toEqual([expect.stringContaining('bytes damaged')]);
  expect(again.delivered('agt_a', EPOCH)).toBe(4);
});

test('[ME23] the samples of a series whose definition was damaged are lost, others keep their numbers', async () => {
  const engine = await open({ limits: { segmentBytesMax: 1, ...LAZY } });
  for (const [n, ciId] of ['ci_a', 'ci_b', 'ci_c'].entries()) await put(engine, n + 1, [n], ciId);
  await put(engine, 4, [9], 'ci_b');
  await close(engine);
  const file = journalFiles(folder)[1] as string;
  truncateSync(file, 30);
  const again = await open();
  expect(await values(again, 'ci_b')).toEqual([]);
  expect(await values(again, 'ci_c')).toEqual([2]);
  expect(again.resolve({ ciId: 'ci_c', metric: 'cpu.user', instance: '' })).toBe(2);
  expect(again.resolve({ ciId: 'ci_b', metric: 'cpu.user', instance: '' })).toBe(3);
  expect(whats(again)).not.toEqual([]);
});

test('[ME23] the number of a lost series is given again, and its samples survive the next start', async () => {
  const engine = await open();
  engine.resolve({ ciId: 'ci_a', metric: 'cpu.user', instance: '' });
  engine.resolve({ ciId: 'ci_b', metric: 'cpu.user', instance: '' });
  for (const seq of [1, 2]) await put(engine, seq, [seq], 'ci_a');
  await put(engine, 3, [3], 'ci_b');
  await engine.abandon();
  opened.length = 0;
  corruptDefinition(journalFiles(folder)[0] as string, 'ci_b');
  const again = await open();
  expect(again.resolve({ ciId: 'ci_c', metric: 'cpu.user', instance: '' })).toBe(1);
  await put(again, 4, [2], 'ci_c');
  await again.abandon();
  opened.length = 0;
  expect(await values(await open(), 'ci_c')).toEqual([2]);
});

function corruptDefinition(file: string, ciId: string): void {
  const bytes = bytesOf(file);
  const at = bytes.indexOf(ciId);
  expect(at).toBeGreaterThan(0);
  bytes[at] = (bytes[at] as number) ^ 1;
  writeFileSync(file, bytes);
}

test('[ME24] the journal is trimmed once its samples are in files; series, marks and latest values outlive it', async () => {
  const engine = await open({ limits: { segmentBytesMax: 200 } });
  for (let n = 0; n < 20; n++) await put(engine, n + 1, [n]);
  await engine.append({ agentId: 'agt_b', epoch: EPOCH, seq: 77 }, [], START_MS);
  expect(journalFiles(folder).length).toBeGreaterThan(5);
  await settle(engine, START_MS + 1e4 * STEP_MS);
  expect(journalFiles(folder).length).toBeLessThanOrEqual(1);
  await close(engine);
  for (const file of journalFiles(folder)) rmSync(file);
  const again = await open();
  expect(again.delivered('agt_a', EPOCH)).toBe(20);
  expect(again.delivered('agt_b', EPOCH)).toBe(77);
  expect(again.resolve({ ciId: 'ci_a', metric: 'cpu.user', instance: '' })).toBe(0);
  expect(again.latest('ci_a')).toMatchObject([{ value: 19, atMs: START_MS + 19 * STEP_MS }]);
  await put(again, 21, [19, 20]);
  expect(await values(again)).toEqual(Array.from({ length: 21 }, (_, n) => n));
});

test('[ME24] a segment stays while one machine has samples in no file', async () => {
  const engine = await open({ limits: { segmentBytesMax: 100, chunkRows: 3 } });
  await put(engine, 1, [0], 'ci_slow');
  for (let n = 0; n < 9; n++) await put(engine, n + 2, [n], 'ci_busy');
  await engine.maintain(START_MS);
  await engine.abandon();
  opened.length = 0;
  const again = await open();
  expect(await values(again, 'ci_slow')).toEqual([0]);
  expect(await values(again, 'ci_busy')).toHaveLength(9);
});

test('[ME24] samples are written at their age, and machines that hold on to old segments before it', async () => {
  const limits = { ...LAZY, chunkAgeMsMax: HOUR_MS, segmentsMax: 3, segmentBytesMax: 100 };
  const engine = await open({ limits });
  const nowMs = START_MS + 1e4 * STEP_MS;
  await put(engine, 1, [0], 'ci_a');
  await engine.maintain(nowMs + MINUTE_MS);
  expect(existsSync(fileOf(RAW_FILE))).toBe(false);
  await engine.maintain(nowMs + HOUR_MS);
  expect(existsSync(fileOf(RAW_FILE))).toBe(true);
  for (let n = 0; n < 8; n++) await put(engine, n + 2, [n], 'ci_b');
  const before = journalFiles(folder).length;
  await engine.maintain(nowMs + HOUR_MS + MINUTE_MS);
  expect(journalFiles(folder).length).toBeLessThan(before);
});

test('[ME24] many new series reach the index piece by piece; a crash between loses nothing', async () => {
  const limits = { seriesPerCommitMax: 2, segmentBytesMax: 200 };
  const names = ['ci_a', 'ci_b', 'ci_c', 'ci_d', 'ci_e', 'ci_f', 'ci_g'];
  for (const rounds of [1, 2, 3, 6]) {
    const engine = await open({ limits });
    for (const [n, ciId] of names.entries()) await put(engine, n + 1, [n], `${ciId}${rounds}`);
    for (let round = 0; round < rounds; round++) await engine.maintain(START_MS);
    opened.splice(opened.indexOf(engine), 1);
    await engine.abandon();
    const again = await open({ limits });
    for (const [n, ciId] of names.entries()) {
      expect(await values(again, `${ciId}${rounds}`)).toEqual([n]);
      expect(again.latest(`${ciId}${rounds}`)).toMatchObject([{ value: n }]);
    }
    await close(again);
  }
});

test('[ME25] a crash between files and index leaves no sample twice and none missing', async () => {
  const engine = await open();
  await put(engine, 1, [0, 1, 2]);
  await settle(engine, OVER_MS);
  await put(engine, 2, [3, 4, 1]);
  await engine.maintain(START_MS);
  const before = `${folder}-before`;
  cpSync(folder, before, { recursive: true });
  await settle(engine, OVER_MS);
  await close(engine);
  // The files of after settling with the index of before it.
  for (const name of readdirSync(folder))
    if (/^(raw|1m)-/.test(name)) cpSync(fileOf(name), path.join(before, name));
  removeFolder(folder);
  cpSync(before, folder, { recursive: true });
  removeFolder(before);
  expect(chunks()).toHaveLength(2);
  const again = await open();
  expect(await values(again)).toEqual([0, 1, 2, 3, 4]);
  await settle(again, OVER_MS);
  expect(await values(again)).toEqual([0, 1, 2, 3, 4]);
  expect(chunks()).toEqual([]);
  expect(whats(again)).toEqual([]);
});

test('[ME26] a damaged chunk shows as a gap, is reported once, and costs nothing else', async () => {
  const engine = await open();
  for (const n of [0, 1, 2]) {
    await put(engine, n + 1, [10 * n, 10 * n + 1]);
    await settle(engine, START_MS);
  }
  await close(engine);
  damage(INDEX_FILE, 'chunk', 'id = 2');
  const again = await open();
  expect(await values(again)).toEqual([0, 1, 20, 21]);
  expect(await values(again)).toEqual([0, 1, 20, 21]);
  await settle(again, OVER_MS);
  expect(await values(again)).toEqual([0, 1, 20, 21]);
  expect(whats(again)).toEqual([expect.stringMatching(/index\.db chunk 2: checksum/)]);
});

test('[ME26] a damaged block shows as a gap, is reported once, and costs nothing else', async () => {
  const engine = await open();
  await put(engine, 1, [0, 1]);
  await put(engine, 2, [0, 1], 'ci_b');
  await put(engine, 3, [2 * 720, 2 * 720 + 1]);
  await settle(engine, START_MS + 7 * HOUR_MS);
  await close(engine);
  damage(RAW_FILE, 'block', 'key = (SELECT min(key) FROM block)');
  const again = await open();
  for (const _ of [1, 2]) {
    expect(await values(again)).toEqual([1440, 1441]);
    expect(await values(again, 'ci_b')).toEqual([0, 1]);
  }
  expect(whats(again)).toEqual([expect.stringMatching(/raw-20260301\.db row 0: checksum/)]);
});

test('[ME26] a chunk under another machine’s key is not shown', async () => {
  const engine = await open();
  await put(engine, 1, [0], 'ci_a');
  await put(engine, 2, [1], 'ci_b');
  await settle(engine, START_MS);
  await close(engine);
  const db = new Database(fileOf(INDEX_FILE));
  db.prepare('UPDATE chunk SET machine = 0').run();
  db.close();
  const again = await open();
  expect(await values(again, 'ci_a')).toEqual([0]);
  expect(whats(again)).toHaveLength(1);
});

test('[ME26] a file that is no database any more is put aside; writing goes on', async () => {
  const engine = await open();
  await put(engine, 1, [0, 1]);
  await settle(engine, OVER_MS);
  await put(engine, 2, [2]);
  await close(engine);
  writeFileSync(fileOf(RAW_FILE), 'this was a database once '.repeat(1_000));
  const again = await open();
  expect(await values(again)).toEqual([2]);
  await settle(again, OVER_MS);
  await put(again, 3, [3]);
  await settle(again, OVER_MS);
  expect(await values(again)).toEqual([2, 3]);
  expect(readdirSync(folder)).toContain(`${RAW_FILE}.damaged-1`);
  expect(whats(again)).toEqual([expect.stringContaining('put aside')]);
});

test('[ME26] windows are not rolled up anew from samples that cannot be read any more', async () => {
  const engine = await open();
  await put(engine, 1, [0, 1, 2, 3, 4, 5, 6]);
  await settle(engine, START_MS + 2 * HOUR_MS);
  await close(engine);
  damage(RAW_FILE, 'block', 'true');
  const again = await open();
  await put(again, 2, [-1, 3]);
  await settle(again, START_MS + 2 * HOUR_MS);
  const query = {
    ciId: 'ci_a',
    metric: 'cpu.user',
    fromMs: START_MS,
    toMs: START_MS + HOUR_MS,
    points: 60,
  } as const;
  const { series } = await again.range(query, START_MS + 2 * HOUR_MS);
  expect(rows(series)[0]).toEqual([START_MS, 2.5, 0, 5]);
});

test('[ME27] closed windows are read from their rollups, also when the samples are gone', async () => {
  const engine = await open();
  const ids = (['cpu.user', 'network.received'] as const).map((metric) =>
    engine.resolve({ ciId: 'ci_a', metric, instance: metric === 'cpu.user' ? '' : 'eth0' }),
  );
  const nowMs = START_MS + 15 * DAY_MS;
  for (let hour = 0; hour < 240; hour++) {
    const ticks = Array.from({ length: 60 }, (_, i) => {
      const n = hour * 60 + i;
      return { atMs: START_MS + n * MINUTE_MS, series: ids, values: [n % 60, n * 600] };
    });
    await engine.append({ agentId: 'agt_a', epoch: EPOCH, seq: hour + 1 }, ticks, START_MS);
  }
  for (let round = 0; round < 12; round++) await settle(engine, nowMs);
  for (const name of readdirSync(folder)) if (name.startsWith('raw-')) rmSync(fileOf(name));
  await close(engine);
  const again = await open();
  const cases = [
    ['1m', START_MS + HOUR_MS, 60, MINUTE_MS],
    ['10m', START_MS + DAY_MS, 144, 10 * MINUTE_MS],
    ['1h', START_MS + 10 * DAY_MS, 240, HOUR_MS],
  ] as const;
  for (const [tier, toMs, points, stepMs] of cases) {
    const range = { ciId: 'ci_a', fromMs: START_MS, toMs, points };
    // Not yet older than the raw retention, so the tier follows from the width.
    const at = START_MS + 6 * DAY_MS;
    const gauge = await again.range({ ...range, metric: 'cpu.user' }, at);
    expect(gauge).toMatchObject({ stepMs, series: [{ tier }] });
    expect(rows(gauge.series)).toHaveLength(points);
    expect(rows(gauge.series).at(-1)?.[3]).toBe(59);
    const counter = await again.range({ ...range, metric: 'network.received' }, at);
    expect(rows(counter.series).at(-1)?.slice(1)).toEqual([10, 10, 10]);
  }
});

test('[ME28] files past their retention go, rolled-up windows stay', async () => {
  const engine = await open();
  await put(engine, 1, [0, 1, 2, 3]);
  await settle(engine, START_MS + DAY_MS);
  expect(existsSync(fileOf(RAW_FILE))).toBe(true);
  await settle(engine, START_MS + 8 * DAY_MS + HOUR_MS);
  expect(existsSync(fileOf(RAW_FILE))).toBe(true);
  await settle(engine, START_MS + 8 * DAY_MS + 3 * HOUR_MS);
  expect(readdirSync(folder).filter((name) => name.startsWith('raw-'))).toEqual([]);
  const old = {
    ciId: 'ci_a',
    metric: 'cpu.user',
    fromMs: START_MS,
    toMs: START_MS + HOUR_MS,
    points: 60,
  } as const;
  const { series } = await engine.range(old, START_MS + 9 * DAY_MS);
  expect(series).toMatchObject([{ tier: '1m' }]);
  expect(rows(series)).toEqual([[START_MS, 1.5, 0, 3]]);
  for (const days of [60, 250, 1_000]) await settle(engine, START_MS + days * DAY_MS);
  expect(readdirSync(folder).filter((name) => name.includes('-2026'))).toEqual([]);
  expect(engine.latest('ci_a')).toMatchObject([{ value: 3 }]);
});

test('[ME28] samples that no rollup was made of yet are not dropped', async () => {
  const engine = await open();
  await put(engine, 1, [0, 1, 2, 3]);
  await settle(engine, START_MS);
  // The server was off for a month.
  await engine.maintain(START_MS + 31 * DAY_MS);
  for (let round = 0; round < 4; round++) await settle(engine, START_MS + 31 * DAY_MS + round * HOUR_MS);
  const old = {
    ciId: 'ci_a',
    metric: 'cpu.user',
    fromMs: START_MS,
    toMs: START_MS + DAY_MS,
    points: 100,
  } as const;
  const { series } = await engine.range(old, START_MS + 31 * DAY_MS);
  expect(rows(series)).toEqual([[START_MS, 1.5, 0, 3]]);
  expect(readdirSync(folder).filter((name) => name.startsWith('raw-'))).toEqual([]);
});

test('[ME26] what comes late for a window whose samples are broken leaves its rollups as they were', async () => {
  const engine = await open();
  await put(engine, 1, [1, 2, 3]);
  await settle(engine, OVER_MS);
  await close(engine);
  writeFileSync(fileOf(RAW_FILE), 'no database, and no samples any more'.repeat(100));
  for (const suffix of ['-wal', '-shm']) rmSync(fileOf(RAW_FILE + suffix), { force: true });
  const again = await open();
  // At first the file is broken, then it is another one.
  for (const [n, late] of [10, 11].entries()) {
    await put(again, n + 2, [500]);
    await put(again, n + 3, [late]);
    await settle(again, OVER_MS);
  }
  const hour = { fromMs: START_MS, toMs: START_MS + HOUR_MS, points: 60 };
  const { series } = await again.range({ ciId: 'ci_a', metric: 'cpu.user', ...hour }, START_MS + 9 * DAY_MS);
  expect(rows(series)).toEqual([[START_MS, 2, 1, 3]]);
  expect(whats(again)).not.toEqual([]);
});

test('[ME53] beyond the cap the file that ended longest ago goes, never the one that is written, and it is told', async () => {
  const engine = await open({ bytesMax: 1_000_000, limits: { segmentBytesMax: 50_000 } });
  const id = engine.resolve({ ciId: 'ci_a', metric: 'cpu.user', instance: '' });
  const days = 8;
  for (let day = 0; day < days; day++) {
    const ticks = Array.from({ length: 8_640 }, (_, n) => ({
      atMs: START_MS + day * DAY_MS + n * STEP_MS,
      series: [id],
      values: [Math.sin(n * (day + 1)) * 1e6],
    }));
    const nowMs = START_MS + (day + 1) * DAY_MS;
    await engine.append({ agentId: 'agt_a', epoch: EPOCH, seq: day + 1 }, ticks, nowMs);
    await settle(engine, nowMs + MINUTE_MS);
  }
  const nowMs = START_MS + days * DAY_MS + MINUTE_MS;
  const { dropped, droppedBytesTotal, bytesMax, partitions, pendingWindows } = engine.stats(nowMs);
  expect(bytesMax).toBe(1_000_000);
  expect(dropped[0]).toMatchObject({ tier: 'raw', reason: 'disk-cap' });
  expect(dropped.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(droppedBytesTotal);
  expect(partitions.map(({ endMs }) => endMs).some((endMs) => endMs > nowMs)).toBe(true);
  expect(pendingWindows).toBe(0);
  const rawFromMs = Math.max(...dropped.filter(({ tier }) => tier === 'raw').map(({ endMs }) => endMs));
  expect(rawFromMs).toBeGreaterThan(START_MS);
  const ask = () =>
    engine.range(
      { ciId: 'ci_a', metric: 'cpu.user', fromMs: nowMs - 7 * DAY_MS, toMs: nowMs, points: 1e6 },
      nowMs,
    );
  const { series } = await ask();
  expect(series[0]?.points.times[0]).toBe(rawFromMs);
  // What comes late for a dropped day does not become that day.
  const late = [{ atMs: START_MS + 5, series: [id], values: [1] }];
  await engine.append({ agentId: 'agt_a', epoch: EPOCH, seq: days + 1 }, late, nowMs);
  await settle(engine, nowMs);
  expect((await ask()).series[0]?.points.times[0]).toBeGreaterThanOrEqual(rawFromMs);
  expect(existsSync(fileOf(RAW_FILE))).toBe(false);
});

test('[ME29] a backup of a running engine opens as one and holds everything durable', async () => {
  const engine = await open();
  await put(engine, 1, [0, 1]);
  await settle(engine, START_MS);
  await put(engine, 2, [2]);
  const target = path.join(folder, 'copy');
  const during = engine.backup(target);
  const appended = put(engine, 3, [3]);
  await Promise.all([during, appended]);
  await settle(engine, START_MS);
  expect(await values(engine)).toEqual([0, 1, 2, 3]);
  const copy = await open({ folder: target });
  const copied = await values(copy);
  expect(copied.slice(0, 3)).toEqual([0, 1, 2]);
  expect(copy.delivered('agt_a', EPOCH)).toBe(copied.length === 4 ? 3 : 2);
  await settle(copy, START_MS);
  expect(await values(copy)).toEqual(copied);
  await expect(engine.backup(target)).rejects.toThrow('empty');
});

test('[ME31] the start tells how far it has read', async () => {
  const engine = await open({ limits: { segmentBytesMax: 1, ...LAZY } });
  for (const n of [0, 1, 2]) await put(engine, n + 1, [n]);
  await close(engine);
  const seen: number[] = [];
  let total = 0;
  await open({
    onProgress: ({ doneBytes, totalBytes }) => {
      seen.push(doneBytes);
      total = totalBytes;
    },
  });
  expect(seen).toHaveLength(3);
  expect(seen.at(-1)).toBe(total);
});

test('[ME32] statistics', async () => {
  const engine = await open();
  await put(engine, 1, [0, 1, 2]);
  const nowMs = START_MS + 1e4 * STEP_MS;
  expect(engine.stats(nowMs)).toMatchObject({ seriesCount: 1, samplesTotal: 3, samplesPerSecond: 0.05 });
  expect(engine.stats(nowMs).journalBytes).toBeGreaterThan(50);
  await settle(engine, OVER_MS);
  expect(engine.stats(nowMs).chunkBytes).toBeGreaterThan(4096);
  const {
    partitions,
    durations: { commit, sync, index, settle: settling },
  } = engine.stats(nowMs);
  expect(partitions).toContainEqual(expect.objectContaining({ tier: 'raw' }));
  expect(partitions[0]?.bytes).toBeGreaterThan(4096);
  for (const { counts, p50Ms, maxMs } of [commit, sync, index, settling]) {
    expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThan(0);
    expect(p50Ms).toBeGreaterThan(0);
    expect(maxMs).toBeGreaterThanOrEqual(p50Ms);
  }
  expect(commit.sumMs).toBeGreaterThanOrEqual(sync.sumMs);
});

test('[ME33] a clock set a day forward drops nothing', async () => {
  const engine = await open({ limits: { clockDoubtMs: DAY_MS } });
  await put(engine, 1, [1, 2, 3]);
  await settle(engine, START_MS + HOUR_MS);
  await settle(engine, START_MS + 8 * DAY_MS);
  await settle(engine, START_MS + 2 * HOUR_MS);
  expect(await values(engine)).toEqual([1, 2, 3]);
});

/** Room in memory for nothing, and one machine of two written by a `maintain`: the next deliveries wait. */
async function openCrowded(rounds = 1): Promise<MetricEngine> {
  const limits = { headBytesMax: 1, chunkRows: 1_000, flushMachinesMax: 1, flushMsMax: 0 };
  const engine = await open({ limits });
  await put(engine, 1, [...Array(40).keys()]);
  await put(engine, 2, [...Array(40).keys()], 'ci_b');
  for (let round = 0; round < rounds; round++) await engine.maintain(START_MS);
  return engine;
}

test('[ME34] deliveries wait until there is room in memory, and keep their order', async () => {
  const engine = await openCrowded();
  const done: number[] = [];
  const waiting = [3, 4, 5].map((seq) => put(engine, seq, [100 + seq]).then(() => done.push(seq)));
  // Waits for all that the journal has been given.
  await engine.backup(path.join(folder, 'backup'));
  expect(done).toEqual([]);
  await engine.maintain(START_MS);
  await Promise.all(waiting);
  expect(done).toEqual([3, 4, 5]);
  expect(await values(engine)).toHaveLength(43);
});

test('[ME34] a delivery that waits at the end of the process is written once', async () => {
  const engine = await openCrowded();
  const waiting = put(engine, 3, [100]);
  const maintained = engine.maintain(START_MS);
  // Housekeeping is in the middle of a commit.
  await Promise.resolve();
  await close(engine);
  await Promise.all([waiting, maintained]);
  const frames = journalFiles(folder).flatMap((file) => framesOf(bytesOf(file)));
  expect(frames).toEqual([1, 2, 3]);
});

test('[ME34] more than may wait is refused, all of it, and nothing that is called in the same go slips in behind', async () => {
  const limits = {
    headBytesMax: 1,
    chunkRows: 1_000,
    flushMachinesMax: 1,
    flushMsMax: 0,
    heldBytesMax: 2_000,
  };
  const engine = await open({ limits });
  await put(engine, 1, [...Array(40).keys()]);
  await put(engine, 2, [...Array(40).keys()], 'ci_b');
  await engine.maintain(START_MS);
  const waiting = [3, 4, 5, 6, 7, 8].map((seq) => put(engine, seq, [100 + seq]));
  for (const one of waiting) await expect(one).rejects.toMatchObject({ code: 'storage-full' });
  const again = put(engine, 3, [103]);
  await engine.maintain(START_MS);
  await again;
  expect(engine.delivered('agt_a', EPOCH)).toBe(3);
});

test('[ME22] deliveries that wait are refused with those before them', async () => {
  const engine = await openCrowded(0);
  const before = put(engine, 3, [100]);
  const maintained = engine.maintain(START_MS);
  await Promise.resolve();
  disk.freeBytes = 0;
  const waiting = put(engine, 4, [101]);
  await expect(before).rejects.toMatchObject({ code: 'storage-full' });
  await expect(waiting).rejects.toMatchObject({ code: 'storage-full' });
  await maintained;
  disk.freeBytes = Number.POSITIVE_INFINITY;
  await engine.maintain(START_MS);
  expect(engine.delivered('agt_a', EPOCH)).toBe(2);
  await Promise.all([put(engine, 3, [100]), put(engine, 4, [101])]);
  expect(engine.delivered('agt_a', EPOCH)).toBe(4);
});

test('[ME22] a new series whose definition met a full disk is in the journal before its samples', async () => {
  const engine = await openCrowded();
  disk.freeBytes = 0;
  await expect(put(engine, 3, [7], 'ci_new')).rejects.toMatchObject({ code: 'storage-full' });
  disk.freeBytes = Number.POSITIVE_INFINITY;
  const waiting = put(engine, 3, [7], 'ci_new');
  await engine.maintain(START_MS);
  await waiting;
  await engine.abandon();
  opened.length = 0;
  const again = await open();
  expect(await values(again, 'ci_new')).toEqual([7]);
});

function framesOf(bytes: Uint8Array): number[] {
  const frames: number[] = [];
  for (let at = 0; at < bytes.length; at += recordLength(bytes, at)) {
    const record = decodeRecord(bytes, at, recordLength(bytes, at));
    if (record.type === 'frame') frames.push(record.delivery.seq);
  }
  return frames;
}
