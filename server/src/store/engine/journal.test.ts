import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import { type AppendFile, diskFiles, type Files } from './files.ts';
import { Journal, type JournalEntry } from './journal.ts';
import { ENGINE_LIMITS } from './limits.ts';
import { decodeRecord, type JournalRecord, recordLength } from './record.ts';
import { removeFolder, temporaryFolder } from './testing.ts';

interface Named extends JournalEntry {
  readonly name: number;
}

let folder = '';
beforeEach(() => {
  folder = temporaryFolder();
  return () => removeFolder(folder);
});

/** Starts a group with each append that finds none under way. */
function makeJournal(files: Files, durable: (entries: readonly Named[]) => void = () => undefined) {
  const failed: unknown[] = [];
  const journal = new Journal<Named>({
    files,
    folder,
    clock: systemClock,
    limits: { ...ENGINE_LIMITS, groupBytesMax: 1 },
    segments: [],
    nextPosition: 0,
    owner: { durable, failed: (_, cause) => failed.push(cause) },
  });
  const append = (name: number, values = 3) => journal.append(recordOf(name, values), { name, position: -1 });
  return { journal, append, failed };
}

function recordOf(seq: number, values: number): JournalRecord {
  const series = Array.from({ length: values }, (_, i) => i);
  const tick = { atMs: seq, series, values: series.map((i) => seq + i) };
  return { type: 'frame', delivery: { agentId: 'agt_a', epoch: 'e', seq }, nowMs: 0, ticks: [tick] };
}

/** Names of the records that a segment holds up to its end. */
function namesIn({ file, start, end }: { file: string; start: number; end: number }): number[] {
  const bytes = readFileSync(path.join(folder, file));
  const names: number[] = [];
  for (let at = 0; at < end - start; at += recordLength(bytes, at)) {
    const record = decodeRecord(bytes, at, recordLength(bytes, at));
    if (record.type === 'frame') names.push(record.delivery.seq);
  }
  return names;
}

test('[ME22] bytes on their way to the disk are not touched by what is appended meanwhile', async () => {
  let meanwhile = () => undefined as void;
  let writes = 0;
  const wrap = (inner: AppendFile): AppendFile => ({
    ...inner,
    async write(bytes, position) {
      const before = Buffer.from(bytes);
      meanwhile();
      // As when the thread that writes comes to it late.
      await inner.sync();
      meanwhile();
      expect(before.equals(bytes)).toBe(true);
      writes += 1;
      return inner.write(bytes, position);
    },
  });
  const files: Files = { ...diskFiles, create: async (file) => wrap(await diskFiles.create(file)) };
  const order: number[] = [];
  const { journal, append, failed } = makeJournal(files, (group) =>
    order.push(...group.map(({ name }) => name)),
  );
  let next = 0;
  // Small ones and such as make the memory grow, or be given back.
  const sizes = [1, 5_000, 40_000, 2, 600_000, 3];
  meanwhile = () => {
    for (let n = 0; n < 2 && next < 24; n++) append(next, sizes[next++ % sizes.length]);
  };
  meanwhile();
  await journal.close();
  const all = Array.from({ length: 24 }, (_, name) => name);
  expect(failed).toEqual([]);
  expect(writes).toBeGreaterThan(4);
  expect(order).toEqual(all);
  expect(journal.segments.flatMap(namesIn)).toEqual(all);
});

test('[ME29] waiting for what was appended so far comes to an end while more is appended all the time', async () => {
  let groups = 0;
  const { journal, append } = makeJournal(diskFiles, () => {
    groups += 1;
    if (groups < 50) append(groups);
  });
  append(0);
  await journal.sync();
  expect(groups).toBeLessThan(5);
  await journal.close();
  expect(groups).toBe(50);
});

test('[ME29] closing a segment lets the group under way come to its end, and the next one begins another', async () => {
  const { journal, append, failed } = makeJournal(diskFiles);
  append(1);
  append(2);
  await journal.rotate();
  const [first] = journal.segments;
  await journal.sync();
  expect(failed).toEqual([]);
  expect(journal.segments.map(namesIn)).toEqual([[1], [2]]);
  expect(journal.segments[0]).toEqual(first);
  await journal.close();
});
