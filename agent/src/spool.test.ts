import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Spool, SpoolBusyError, type SpoolLimits } from './spool.ts';

const root = mkdtempSync(join(tmpdir(), 'muster-spool-'));
afterAll(() => rmSync(root, { recursive: true }));

let files = 0;
let nowMs = 1_700_000_000_000;
let seed = 7;
const randomBytes = (count: number) =>
  Uint8Array.from({ length: count }, () => (seed = (seed * 48271) % 0x7fffffff) & 255);
const newPath = () => join(root, `${files++}.db`);
const openSpool = (path: string, limits: Partial<SpoolLimits> = {}) =>
  new Spool({ path, nowMs: () => nowMs, randomBytes, limits });

const used = (value: number): Sample => ({ metric: 'memory.used', instance: '', value });

/** What the spool would send: seq and the values of samples, the types of events. */
function contents(spool: Spool): [number, unknown][] {
  const found: [number, unknown][] = [];
  for (let entry = spool.next(0); entry; entry = spool.next(entry.seq)) {
    const what =
      entry.type === 'samples'
        ? entry.ticks.flatMap((tick) => [...tick.values])
        : (JSON.parse(zstdDecompressSync(entry.body).toString()) as unknown);
    found.push([entry.seq, what]);
  }
  return found;
}

function events(spool: Spool): AgentEvent[] {
  return contents(spool).flatMap(([, what]) => (what as { events?: AgentEvent[] }).events ?? []);
}

test('[LK50] samples, events and inventory leave in the order in which they came, numbered from 1 without a hole', () => {
  const spool = openSpool(newPath());
  spool.appendTick(nowMs, [used(1)]);
  spool.appendEvents([{ type: 'stopping', atMs: nowMs, reason: 'stop' }], nowMs);
  spool.appendInventory({
    atMs: nowMs,
    sections: { os: { hash: '0'.repeat(64), complete: true, data: {} } },
  });
  spool.appendTick(nowMs, [used(2)]);
  expect(contents(spool).map(([seq]) => seq)).toEqual([1, 2, 3, 4]);
  expect(contents(spool)[0]).toEqual([1, [1]]);
  expect(contents(spool)[3]).toEqual([4, [2]]);
  expect([spool.firstSeq, spool.lastSeq, spool.depth]).toEqual([1, 4, 4]);
  spool.close();
});

test('[LK51] values survive as they are, rounded to the decimals of the catalogue; instances are made harmless', () => {
  const metrics = ['memory.used', 'cpu.utilisation', 'disk.await'] as const;
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.tuple(
          fc.constantFrom(...metrics),
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.double({ noNaN: true }),
        ),
        { maxLength: 20, selector: ([metric, instance]) => `${metric} ${instance.toWellFormed()}` },
      ),
      (readings) => {
        const spool = openSpool(':memory:');
        const samples = readings.map(([metric, instance, value]) => ({ metric, instance, value }));
        spool.appendTick(nowMs, samples.toReversed());
        spool.appendTick(nowMs, samples.toReversed());
        spool.appendTick(nowMs, samples);
        const entry = spool.next(2);
        if (entry?.type !== 'samples') throw new Error('a samples entry was expected');
        // The newest is told from memory, the others from the file.
        spool.appendTick(nowMs, []);
        expect(spool.next(2)).toEqual(entry);
        expect(spool.next(0)).toEqual({ ...entry, seq: 1 });
        readings.reverse();
        entry.ticks.forEach(({ series, values }) =>
          values.forEach((value, i) => {
            const [metric, , sent] = readings[i] as (typeof readings)[number];
            const decimals = { 'memory.used': 0, 'cpu.utilisation': 2, 'disk.await': 6 }[metric];
            const roundedAway = 0.5 * 10 ** -decimals + Math.abs(sent) * Number.EPSILON;
            expect(value === sent || Math.abs(value - sent) <= roundedAway).toBe(true);
            expect(Buffer.byteLength(series[i]?.instance ?? '')).toBeLessThanOrEqual(256);
            expect(series[i]?.instance.isWellFormed()).toBe(true);
          }),
        );
        spool.close();
      },
    ),
    { numRuns: 40 },
  );
});

test('[LK52] a restart goes on where it stopped: entries, epoch, numbers, and how the last run ended', () => {
  const path = newPath();
  const first = openSpool(path);
  first.appendTick(nowMs, [used(1)]);
  first.appendTick(nowMs, [used(2)]);
  first.acknowledge(1);
  first.setGoodbye('restart');
  first.close();
  const second = openSpool(path);
  expect([second.epoch, second.previousGoodbye, second.runFirstSeq]).toEqual([first.epoch, 'restart', 3]);
  second.appendTick(nowMs, [used(3)]);
  expect(contents(second)).toEqual([
    [2, [2]],
    [3, [3]],
  ]);
  second.acknowledge(3);
  second.close();
  const third = openSpool(path);
  expect([third.lastSeq, third.firstSeq, third.depth, third.previousGoodbye]).toEqual([3, 4, 0, null]);
  third.close();
});

test('[LK53] a killed process loses nothing that was spooled, a held tick included', () => {
  const path = newPath();
  const script = `
    import { Spool } from ${JSON.stringify(join(import.meta.dirname, 'spool.ts'))};
    const spool = new Spool({ path: ${JSON.stringify(path)}, nowMs: () => 5, randomBytes: (n) => new Uint8Array(n) });
    for (let i = 1; i <= 200; i++) spool.appendTick(i, [{ metric: 'memory.used', instance: '', value: i }]);
    spool.appendTick(201, [{ metric: 'memory.used', instance: '', value: 201 }], true);
    process.kill(process.pid, 'SIGKILL');
  `;
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal).toBe('SIGKILL');
  const spool = openSpool(path);
  expect(contents(spool).flatMap(([, values]) => values as number[])).toEqual(
    Array.from({ length: 201 }, (_, i) => i + 1),
  );
  spool.close();
});

test('[LK54] after sync the file outlives a loss of power: what is in it does not depend on the log beside it', () => {
  const path = newPath();
  const spool = openSpool(path);
  for (let i = 1; i <= 5; i++) spool.appendTick(nowMs, [used(i)]);
  spool.sync();
  const copy = newPath();
  copyFileSync(path, copy);
  spool.close();
  const after = openSpool(copy);
  expect(contents(after)).toHaveLength(5);
  after.close();
});

test('[LK55] beyond its size the oldest goes, is counted, and is reported once as an event', () => {
  const spool = openSpool(newPath(), { bytesMax: 2_000 });
  for (let i = 1; i <= 100; i++) {
    nowMs += 10_000;
    spool.appendTick(nowMs, [used(i)]);
  }
  expect(spool.usedBytes).toBeLessThanOrEqual(2_000);
  const kept = contents(spool).map(([seq]) => seq);
  expect(kept.at(-1)).toBe(100);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 101 - kept.length + i));
  expect(spool.dropped).toBe(100 - kept.length);
  spool.acknowledge(kept.at(-2) ?? 0);
  spool.reportDropped(nowMs);
  spool.reportDropped(nowMs);
  expect(events(spool)).toMatchObject([
    { type: 'dropped', frames: 100 - kept.length, why: 'spool-full', fromMs: nowMs - 99 * 10_000 },
  ]);
  spool.close();
});

test('[LK56] beyond its age an entry goes', () => {
  const spool = openSpool(newPath(), { ageMsMax: 60_000 });
  for (let i = 0; i < 10; i++) spool.appendTick(nowMs + i * 10_000, [used(i)]);
  nowMs += 90_000;
  spool.sync();
  expect(contents(spool).map(([seq]) => seq)).toEqual([4, 5, 6, 7, 8, 9, 10]);
  spool.reportDropped(nowMs);
  expect(events(spool)).toMatchObject([{ type: 'dropped', frames: 3, why: 'spool-age' }]);
  spool.close();
});

test('[LK56] when all is too old the numbers go on', () => {
  const path = newPath();
  const before = openSpool(path, { ageMsMax: 60_000 });
  before.appendTick(nowMs, [used(1)]);
  before.appendTick(nowMs, [used(2)]);
  before.close();
  nowMs += 120_000;
  const spool = openSpool(path, { ageMsMax: 60_000 });
  spool.sync();
  expect([spool.depth, spool.lastSeq, spool.dropped]).toEqual([0, 2, 2]);
  spool.close();
  const again = openSpool(path);
  expect(again.lastSeq).toBe(2);
  again.close();
});

test('[LK57] held ticks share one entry until it is let go, and nothing is added to what may have been sent', () => {
  const path = newPath();
  const spool = openSpool(path);
  spool.appendTick(nowMs, [used(1)], true);
  spool.appendTick(nowMs + 10_000, [used(2), { metric: 'cpu.utilisation', instance: '', value: 5 }], true);
  expect(spool.next(0)).toBeNull();
  expect(spool.heldSinceMs).toBe(nowMs);
  spool.release();
  expect(contents(spool)).toEqual([[1, [1, 2, 5]]]);
  spool.appendTick(nowMs + 20_000, [used(3)], true);
  spool.appendEvents([{ type: 'stopping', atMs: nowMs, reason: 'stop' }], nowMs);
  expect(contents(spool).map(([seq]) => seq)).toEqual([1, 2, 3]);
  spool.close();
});

test('[LK58] a damaged file is set aside, a new epoch begins, and the loss is reported', () => {
  const path = newPath();
  writeFileSync(path, 'this is not a database, and has never been one'.repeat(200));
  const spool = openSpool(path);
  expect(existsSync(`${path}.corrupt`)).toBe(true);
  spool.reportDropped(nowMs);
  expect(events(spool)).toMatchObject([{ type: 'dropped', why: 'spool-corrupt' }]);
  expect(spool.epoch).toMatch(/^[0-9a-f]{16}$/);
  spool.close();
});

test('[LK58] a file that is damaged while in use is replaced; the agent goes on in a new epoch', () => {
  const path = newPath();
  const first = openSpool(path);
  const wide = Array.from(
    { length: 60 },
    (_, i): Sample => ({ metric: 'disk.read', instance: `d${i}`, value: 1e12 + i }),
  );
  for (let i = 0; i < 1_500; i++) first.appendTick(nowMs, wide);
  first.close();
  const { epoch } = first;
  const spool = openSpool(path);
  // More than SQLite keeps in memory, and behind its back.
  overwriteFrom(path, 64 * 4096);
  let seen = 0;
  for (let entry = spool.next(0); entry; entry = spool.next(entry.seq)) seen++;
  expect(seen).toBeLessThan(1_500);
  expect(existsSync(`${path}.corrupt`)).toBe(true);
  expect(spool.epoch).not.toBe(epoch);
  expect(spool.dropped).toBeGreaterThan(0);
  spool.appendTick(nowMs, [used(1)]);
  expect(contents(spool)).toEqual([[1, [1]]]);
  spool.close();
});

/** In a process of its own: closing any descriptor of a file in this one would give up SQLite's locks on it. */
function overwriteFrom(path: string, offset: number): void {
  const script = `const fs = require('fs'), path = ${JSON.stringify(path)}, at = ${offset};
    const fd = fs.openSync(path, 'r+');
    const junk = Buffer.alloc(fs.fstatSync(fd).size - at, 0xa5);
    fs.writeSync(fd, junk, 0, junk.length, at);`;
  expect(spawnSync(process.execPath, ['-e', script]).status).toBe(0);
}

test('[LK59] while the disk takes nothing the newest entries stay in memory; all later ones are on disk when it takes again', () => {
  const path = newPath();
  const full = openSpool(path, { fileBytesMax: 12 * 4096, memoryBytesMax: 3_000 });
  const wide = (value: number): Sample[] =>
    Array.from({ length: 20 }, (_, i) => ({
      metric: 'disk.read',
      instance: `d${i}`,
      value: value * 1e9 + i,
    }));
  for (let i = 1; i <= 400; i++) full.appendTick(nowMs, wide(i));
  expect(full.fault).toMatch(/full/);
  expect(full.dropped).toBeGreaterThan(0);
  expect(full.lastSeq).toBe(400);
  const seqs = contents(full).map(([seq]) => seq);
  expect(seqs.at(-1)).toBe(400);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  expect(seqs).toHaveLength(full.depth);
  // The server takes it all: there is room again.
  full.acknowledge(seqs.at(-2) ?? 0);
  full.appendTick(nowMs, wide(401));
  expect(full.fault).toBeNull();
  full.reportDropped(nowMs);
  expect(events(full)).toMatchObject([{ type: 'dropped', why: 'disk-full' }]);
  full.close();
  const again = openSpool(path);
  expect(contents(again).map(([seq]) => seq)).toEqual([400, 401, 402]);
  again.close();
});

test('[LK60] a folder that takes no file at all: the agent goes on in memory', () => {
  const spool = openSpool(join(root, 'missing', 'folder', 'spool.db'));
  spool.appendTick(nowMs, [used(1)]);
  expect(spool.depth).toBe(1);
  expect(contents(spool)).toEqual([[1, [1]]]);
  spool.close();
});

test('[LK61] two agents on one folder: the second one is told', () => {
  const path = newPath();
  const first = openSpool(path);
  expect(() => openSpool(path)).toThrow(SpoolBusyError);
  first.close();
  expect(readdirSync(root).some((name) => name.endsWith('.corrupt') && name.startsWith(path))).toBe(false);
});

test('[LK62] a new epoch numbers from 1 what this run has never sent, and counts the rest as acknowledged', () => {
  const path = newPath();
  const before = openSpool(path);
  for (let i = 1; i <= 3; i++) before.appendTick(nowMs, [used(i)]);
  before.close();
  const spool = openSpool(path);
  const { epoch, runFirstSeq } = spool;
  spool.appendTick(nowMs, [used(4)]);
  spool.appendTick(nowMs, [used(5)], true);
  spool.startEpoch(runFirstSeq);
  expect(spool.epoch).not.toBe(epoch);
  expect(contents(spool)).toEqual([
    [1, [4]],
    [2, [5]],
  ]);
  spool.appendTick(nowMs, [used(6)]);
  expect([spool.lastSeq, spool.depth]).toEqual([3, 3]);
  spool.close();
  const after = openSpool(path);
  expect([after.epoch, after.lastSeq, after.depth]).toEqual([spool.epoch, 3, 3]);
  after.close();
});

test('[LK62] with nothing to carry over the new epoch is empty', () => {
  const spool = openSpool(newPath());
  spool.appendTick(nowMs, [used(1)]);
  spool.startEpoch(null);
  expect([spool.depth, spool.lastSeq, spool.firstSeq, spool.usedBytes]).toEqual([0, 0, 1, 0]);
  spool.appendTick(nowMs, [used(2)]);
  expect(contents(spool)).toEqual([[1, [2]]]);
  spool.close();
});

test('[LK63] when the clock is set, what this run wrote is told in the new time, what an earlier one wrote is not', () => {
  const path = newPath();
  const before = openSpool(path);
  before.appendTick(1_000_000, [used(1)]);
  before.close();
  const spool = openSpool(path);
  spool.appendTick(2_000_000, [used(2)]);
  spool.appendEvents(
    [
      {
        type: 'started',
        atMs: 2_000_000,
        bootId: 'b',
        bootedAtMs: 1_500_000,
        previous: null,
        agentVersion: '1',
      },
    ],
    2_000_000,
  );
  spool.appendInventory({ atMs: 2_000_000, sections: { os: { hash: '0'.repeat(64), complete: true } } });
  spool.appendTick(2_100_000, [used(3)], true);
  spool.shiftTimes(500_000);
  spool.appendTick(2_700_000, [used(4)], true);
  spool.release();
  const times: unknown[] = [];
  for (let entry = spool.next(0); entry; entry = spool.next(entry.seq)) {
    if (entry.type === 'samples') times.push(...entry.ticks.map(({ atMs }) => atMs));
    else times.push(JSON.parse(zstdDecompressSync(entry.body).toString()));
  }
  expect(times).toMatchObject([
    1_000_000,
    2_500_000,
    { events: [{ atMs: 2_500_000, bootedAtMs: 2_000_000 }] },
    { atMs: 2_500_000 },
    2_600_000,
    2_700_000,
  ]);
  spool.close();
});

test('[LK64] a tick of any size is split so that each part fits into a frame', () => {
  const spool = openSpool(newPath());
  const samples = Array.from(
    { length: 20_000 },
    (_, i): Sample => ({
      metric: 'filesystem.utilisation',
      instance: `/${'long/'.repeat(10)}${i}`,
      value: i / 100,
    }),
  );
  spool.appendTick(nowMs, samples);
  expect(spool.depth).toBeGreaterThan(1);
  const series: string[] = [];
  for (let entry = spool.next(0); entry; entry = spool.next(entry.seq)) {
    if (entry.type !== 'samples') throw new Error('a samples entry was expected');
    for (const tick of entry.ticks) series.push(...tick.series.map(({ instance }) => instance));
  }
  expect(series).toEqual(samples.map(({ instance }) => instance));
  spool.close();
});

test('[LK64] an inventory that fits into no frame is not taken', () => {
  const spool = openSpool(':memory:');
  const noise = Buffer.from(randomBytes(3 << 20)).toString('base64');
  expect(
    spool.appendInventory({
      atMs: nowMs,
      sections: { software: { hash: '0'.repeat(64), complete: true, data: noise } },
    }),
  ).toBe(false);
  expect(spool.depth).toBe(0);
  spool.close();
});

test('[LK65] used bytes and depth stay right through any mixture of operations', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('tick' as const),
      hold: fc.boolean(),
      width: fc.integer({ min: 0, max: 30 }),
    }),
    fc.record({ do: fc.constant('ack' as const), back: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ do: fc.constant('event' as const) }),
    fc.record({ do: fc.constant('release' as const) }),
    fc.record({ do: fc.constant('reopen' as const) }),
    fc.record({ do: fc.constant('epoch' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const path = newPath();
      let spool = openSpool(path, { bytesMax: 3_000 });
      for (const one of steps) {
        if (one.do === 'tick')
          spool.appendTick(
            nowMs,
            Array.from({ length: one.width }, (_, i) => ({
              metric: 'disk.read',
              instance: `d${i}`,
              value: i,
            })),
            one.hold,
          );
        else if (one.do === 'ack') spool.acknowledge(spool.lastSeq - one.back);
        else if (one.do === 'event')
          spool.appendEvents([{ type: 'stopping', atMs: nowMs, reason: 'stop' }], nowMs);
        else if (one.do === 'release') spool.release();
        else if (one.do === 'epoch') spool.startEpoch(spool.runFirstSeq);
        else {
          spool.close();
          spool = openSpool(path, { bytesMax: 3_000 });
        }
        expect(spool.usedBytes).toBeLessThanOrEqual(3_000 + 2_000);
      }
      spool.release();
      const { usedBytes, depth } = spool;
      expect(contents(spool)).toHaveLength(depth);
      spool.close();
      const again = openSpool(path);
      expect([again.usedBytes, again.depth]).toEqual([usedBytes, depth]);
      again.close();
    }),
    { numRuns: 60 },
  );
});

test('[LK54] what waits is made to outlive a loss of power each time; where nothing waits the disk is spared for ten minutes', () => {
  const path = newPath();
  const spool = openSpool(path);
  const logBytes = () => statSync(`${path}-wal`).size;
  spool.appendTick(nowMs, [used(1)]);
  expect(logBytes()).toBeGreaterThan(0);
  spool.sync();
  expect(logBytes()).toBe(0);
  spool.appendTick(nowMs, [used(2)]);
  spool.acknowledge(2);
  for (let halfMinute = 1; halfMinute < 20; halfMinute++) spool.sync();
  expect(logBytes()).toBeGreaterThan(0);
  spool.sync();
  expect(logBytes()).toBe(0);
  spool.close();
});
