import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OutgoingQueue, QueuePlace } from '../../remote-write/outgoing-queue.ts';
import { UNWRITTEN_SAMPLES_MAX } from '../../remote-write/limits.ts';
import { openOutgoingQueue, type QueueOptions } from './queue.ts';
import { diskQueueFiles } from './queue-files.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'muster-queue-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const open = (options: Partial<QueueOptions> = {}) =>
  openOutgoingQueue({ folder, now: () => NOW_MS, freeBytesMin: 0, ...options });
const NOW_MS = 1_000;
const START: QueuePlace = { bytes: 0, samples: 0 };

interface Tick {
  atMs: number;
  series: number[];
  values: number[];
}

async function readAll(queue: OutgoingQueue, from = START): Promise<{ ticks: Tick[]; lost: number }> {
  const ticks: Tick[] = [];
  let lost = 0;
  for (let place = from; ; ) {
    const block = await queue.read(place);
    if (!block) return { ticks, lost };
    lost += block.start.samples - place.samples;
    for (const { atMs, series, values } of block.ticks)
      ticks.push({ atMs, series: [...series], values: [...values] });
    place = block.end;
  }
}

function tick(atMs: number, ...values: number[]): Tick {
  return { atMs, series: values.map((_, i) => 7 + i), values };
}

/** The newest file, or the n-th. */
function queueFile(n = -1): string {
  const names = readdirSync(folder).filter((name) => name.endsWith('.queue'));
  return join(folder, names.sort().at(n) ?? '');
}

test('[RW40] what was added is read as it was, bit by bit, in its order, also after a restart', async () => {
  const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -0, Infinity));
  const list = fc.uniqueArray(fc.nat(2 ** 30), { maxLength: 20 });
  const ticks = fc.array(
    fc.record({ atMs: fc.nat(2 ** 42), series: list }).chain(({ atMs, series }) =>
      fc.record({
        atMs: fc.constant(atMs),
        series: fc.constant(series),
        values: fc.array(value, { minLength: series.length, maxLength: series.length }),
      }),
    ),
    { maxLength: 10 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(ticks, { minLength: 1, maxLength: 5 }), async (groups) => {
      const own = mkdtempSync(join(folder, 'run-'));
      const queue = await open({ folder: own });
      for (const group of groups) {
        queue.add(group);
        await queue.flush(1);
      }
      const expected = groups.flat().filter(({ values }) => values.length > 0);
      expect((await readAll(queue)).ticks).toEqual(expected);
      await queue.close(new Map());
      expect(await readAll(await open({ folder: own }))).toEqual({ ticks: expected, lost: 0 });
    }),
    { numRuns: 40 },
  );
});

test('[RW40] values may change after they were added', async () => {
  const queue = await open();
  const values = [1, 2];
  queue.add([{ atMs: 5, series: [1, 2], values }]);
  values[0] = 9;
  await queue.flush(5);
  expect((await readAll(queue)).ticks[0]?.values).toEqual([1, 2]);
});

test('[RW41] a torn end is cut, at whatever byte, and nothing before it is lost', async () => {
  const queue = await open();
  for (let i = 0; i < 3; i++) {
    queue.add([tick(i, i, i * 2)]);
    await queue.flush(i);
  }
  const file = queueFile();
  const whole = readFileSync(file);
  const second = (await queue.read(START))?.end.bytes ?? 0;
  const third = (await queue.read({ bytes: second, samples: 2 }))?.end.bytes ?? 0;
  for (let cut = second; cut < whole.length; cut++) {
    writeFileSync(file, whole.subarray(0, cut));
    const again = await open();
    const { ticks } = await readAll(again);
    expect(ticks.map(({ atMs }) => atMs)).toEqual(cut >= third ? [0, 1] : [0]);
    again.add([tick(50, 1)]);
    await again.flush(50);
    expect((await readAll(again)).ticks.at(-1)?.atMs).toBe(50);
  }
  truncateSync(file, 0);
  expect((await readAll(await open())).ticks).toEqual([]);
});

test('[RW41] a block that is damaged costs itself, and is counted as lost', async () => {
  const queue = await open();
  for (let i = 0; i < 3; i++) {
    queue.add([tick(i, i, i)]);
    await queue.flush(i);
  }
  const file = queueFile();
  const bytes = readFileSync(file);
  const { bytes: at } = (await queue.read(START))?.end ?? START;
  bytes[at + 40] = (bytes[at + 40] as number) ^ 0xff;
  writeFileSync(file, bytes);
  const again = await open();
  expect((await readAll(again)).ticks.map(({ atMs }) => atMs)).toEqual([0, 2]);
  expect((await readAll(again)).lost).toBe(2);
});

test('[RW42] beyond its limit the queue drops its oldest file, and each reader knows what it missed', async () => {
  const queue = await open({ bytesMax: 2_000, fileBytesMax: 500 });
  let samples = 0;
  for (let i = 0; i < 200; i++) {
    const values = Array.from({ length: 1 + (i % 7) }, () => Math.random());
    samples += values.length;
    queue.add([tick(i, ...values)]);
    await queue.flush(i);
    expect(queue.figures.bytes).toBeLessThan(2_700);
  }
  const { ticks, lost } = await readAll(queue);
  expect(lost).toBeGreaterThan(0);
  expect(ticks.at(-1)?.atMs).toBe(199);
  expect(lost + ticks.reduce((sum, { values }) => sum + values.length, 0)).toBe(samples);
  expect(ticks.map(({ atMs }) => atMs)).toEqual(ticks.map((_, i) => 200 - ticks.length + i));
});

test('[RW42] files that every reader is past go; places are kept over a restart', async () => {
  const queue = await open({ fileBytesMax: 100 });
  const places: QueuePlace[] = [];
  for (let i = 0; i < 10; i++) {
    places.push(queue.end);
    queue.add([tick(i, Math.random())]);
    await queue.flush(i);
  }
  expect(readdirSync(folder).filter((name) => name.endsWith('.queue')).length).toBeGreaterThan(4);
  const kept = new Map([
    ['a', places[8] as QueuePlace],
    ['b', queue.end],
  ]);
  await queue.keep(kept);
  expect(readdirSync(folder).filter((name) => name.endsWith('.queue')).length).toBeLessThan(3);
  expect((await readAll(queue, places[8])).ticks.map(({ atMs }) => atMs)).toEqual([8, 9]);
  const killed = await open();
  expect([killed.wasClosed, killed.kept]).toEqual([false, kept]);
  await killed.close(kept);
  expect((await open()).wasClosed).toBe(true);
});

test('[RW42] places that cannot be read send everybody to the oldest', async () => {
  const queue = await open();
  queue.add([tick(1, 1)]);
  await queue.flush(1);
  await queue.close(new Map([['a', queue.end]]));
  writeFileSync(join(folder, 'places.json'), '{"closed":tr');
  const again = await open();
  expect([again.wasClosed, again.kept.size, again.start]).toEqual([false, 0, START]);
});

test('[RW43] a disk that takes nothing holds the samples in memory; once it does nothing is missing', async () => {
  let isFull = false;
  const queue = await open({
    files: {
      ...diskQueueFiles,
      async append(file, bytes, at) {
        if (!isFull) return diskQueueFiles.append(file, bytes, at);
        // A write that came half way.
        await diskQueueFiles.append(file, bytes.subarray(0, bytes.length >> 1), at);
        throw new Error('ENOSPC: no space left on device');
      },
    },
  });
  queue.add([tick(1, 1)]);
  await queue.flush(1);
  isFull = true;
  for (let i = 2; i < 5; i++) {
    queue.add([tick(i, i)]);
    await expect(queue.flush(i)).rejects.toThrow('ENOSPC');
  }
  expect(queue.figures.lastError).toContain('ENOSPC');
  isFull = false;
  await queue.flush(6);
  expect(queue.figures.lastError).toBeNull();
  for (const one of [queue, await open()])
    expect((await readAll(one)).ticks.map(({ atMs }) => atMs)).toEqual([1, 2, 3, 4]);
});

test('[RW43] what the disk takes too late is dropped and counted, and the disk keeps room for others', async () => {
  const queue = await open({ freeBytesMin: Number.MAX_SAFE_INTEGER });
  await expect(
    (async () => {
      queue.add([tick(1, 1)]);
      await queue.flush(1);
    })(),
  ).rejects.toThrow('are free for the queue');
  const series = Array.from({ length: 100_000 }, (_, i) => i);
  for (let i = 0; i * series.length < UNWRITTEN_SAMPLES_MAX + 500_000; i++)
    queue.add([{ atMs: i, series, values: series }]);
  expect(queue.figures.unwrittenDropped).toBe(600_000);
});

/** Files of three samples each, and all readers at the start. */
async function threeFiles(): Promise<void> {
  const queue = await open({ fileBytesMax: 1 });
  for (let i = 0; i < 3; i++) {
    queue.add([tick(i, i, i, i)]);
    await queue.flush(i);
  }
  await queue.close(new Map([['a', START]]));
}

/** What the disk does with a file that it cannot give back any more. */
function unreadable(name: string): QueueOptions['files'] {
  return {
    ...diskQueueFiles,
    async read(file) {
      if (file.endsWith(name)) throw new Error('EIO: i/o error, read');
      return diskQueueFiles.read(file);
    },
  };
}

test.each([
  [0, [1, 2]],
  [1, [0, 2]],
  [2, [0, 1]],
] as const)(
  '[RW44] a file that cannot be read (the one at %i) is set aside under a clear name, and what it held is counted',
  async (n, left) => {
    await threeFiles();
    const name = basename(queueFile(n));
    const damaged = { files: unreadable(name), fileBytesMax: 1 };
    const queue = await open(damaged);
    expect(queue.setAside).toEqual([
      { name: `${name}.set-aside-3-samples`, samples: 3, atMs: NOW_MS, why: 'EIO: i/o error, read' },
    ]);
    expect(readdirSync(folder)).toContain(`${name}.set-aside-3-samples`);
    queue.add([tick(9, 9)]);
    await queue.flush(9);
    const { ticks, lost } = await readAll(queue);
    expect([ticks.map(({ atMs }) => atMs), lost]).toEqual([[...left, 9], 3]);
    // It is told until somebody takes the file away.
    await queue.close(new Map());
    const again = await open(damaged);
    expect(again.setAside).toEqual([
      { name: `${name}.set-aside-3-samples`, samples: 3, atMs: NOW_MS, why: null },
    ]);
    expect((await readAll(again)).ticks.at(-1)?.atMs).toBe(9);
    rmSync(join(folder, `${name}.set-aside-3-samples`));
    expect((await open()).setAside).toEqual([]);
  },
);

test('[RW44] one that is a folder, or cannot be moved, keeps nobody from starting either', async () => {
  await threeFiles();
  const name = basename(queueFile(1));
  rmSync(join(folder, name));
  mkdirSync(join(folder, name));
  const fixed = await open({
    files: {
      ...diskQueueFiles,
      rename: async () => {
        throw new Error('EROFS: read-only file system');
      },
    },
  });
  expect(fixed.setAside).toMatchObject([{ name, samples: 3, why: expect.stringContaining('EISDIR') }]);
  expect((await readAll(fixed)).ticks.map(({ atMs }) => atMs)).toEqual([0, 2]);
  expect((await open()).setAside).toMatchObject([{ name: `${name}.set-aside-3-samples`, samples: 3 }]);
});

test('[RW44] a torn end that cannot be cut is not written behind, and places beyond the end read what comes', async () => {
  await threeFiles();
  const file = queueFile();
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from('torn')]));
  const queue = await open({
    files: {
      ...diskQueueFiles,
      truncate: async () => {
        throw new Error('EACCES: permission denied');
      },
    },
  });
  queue.add([tick(9, 9)]);
  await queue.flush(9);
  expect((await readAll(queue)).ticks.map(({ atMs }) => atMs)).toEqual([0, 1, 2, 9]);
  // The disk lost the newest file as a whole; the reader had it.
  const place = queue.end;
  await queue.close(new Map([['a', place]]));
  rmSync(queueFile());
  const again = await open();
  again.add([tick(10, 10)]);
  await again.flush(10);
  expect((await readAll(again, again.kept.get('a'))).ticks.map(({ atMs }) => atMs)).toEqual([10]);
});

test('[RW44] places on a bad sector send everybody to the oldest', async () => {
  await threeFiles();
  const queue = await open({ files: unreadable('places.json') });
  expect([queue.wasClosed, queue.kept.size]).toEqual([false, 0]);
  expect((await readAll(queue)).ticks.length).toBe(3);
});

test('[RW44] a file that cannot be read any more while the server runs is set aside too, not at the first failure', async () => {
  await threeFiles();
  const name = basename(queueFile(1));
  let code = '';
  let nowMs = NOW_MS;
  const queue = await open({
    now: () => nowMs,
    files: {
      ...diskQueueFiles,
      async read(file) {
        if (code !== '' && file.endsWith(name)) throw Object.assign(new Error(code), { code });
        return diskQueueFiles.read(file);
      },
    },
  });
  const place = (await queue.read(START))?.end ?? START;
  // Too many open files say nothing of this one.
  code = 'EMFILE';
  for (let i = 0; i < 20; i++) await expect(queue.read(place)).rejects.toThrow(code);
  code = 'EIO';
  for (let i = 0; i < 4; i++) await expect(queue.read(place)).rejects.toThrow(code);
  nowMs = 60_000;
  const block = await queue.read(place);
  expect([block?.ticks[0]?.atMs, (block?.start.samples ?? 0) - place.samples]).toEqual([2, 3]);
  expect(queue.setAside).toEqual([
    { name: `${name}.set-aside-3-samples`, samples: 3, atMs: 60_000, why: 'EIO' },
  ]);
  expect(readdirSync(folder)).toContain(`${name}.set-aside-3-samples`);
});
