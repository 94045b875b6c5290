import { TopProcess } from '@muster/shared/wire/top-process.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { parseProcessStat, parseUserNames } from './process-files.ts';
import { topProcesses } from './top-processes.ts';

const PASSWD =
  'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\nbroken\n';

test('[CO23] processes come by CPU since the last list, with user, memory and storage rates', () => {
  const host = createFakeHost({
    files: {
      '/etc/passwd': PASSWD,
      ...processFiles(10, 'nginx', { ticks: 500, pages: 100, uid: 33, io: [1_000, 0] }),
      ...processFiles(11, 'idle one', { ticks: 900, pages: 9_000, uid: 0 }),
      ...processFiles(12, 'foreign', { ticks: 1, pages: 50, uid: 70_001, io: [0, 0] }),
    },
  });
  const first = topProcesses(host, null, 0, 10);
  expect(first.items.map((item) => [item.pid, item.cpuPercent])).toEqual([
    [11, 0],
    [10, 0],
    [12, 0],
  ]);
  for (const [path, text] of Object.entries({
    ...processFiles(10, 'nginx', { ticks: 650, pages: 120, uid: 33, io: [5_000, 2_000] }),
    ...processFiles(12, 'foreign', { ticks: 51, pages: 50, uid: 70_001, io: [0, 0] }),
  }))
    host.setFile(path, text);
  const second = topProcesses(host, first.state, 2_000, 2);
  expect(second.items).toEqual([
    {
      pid: 10,
      name: 'nginx',
      user: 'www-data',
      cpuPercent: 75,
      residentBytes: 120 * 4_096,
      readBytesPerSecond: 2_000,
      writtenBytesPerSecond: 1_000,
    },
    {
      pid: 12,
      name: 'foreign',
      user: '70001',
      cpuPercent: 25,
      residentBytes: 50 * 4_096,
      readBytesPerSecond: 0,
      writtenBytesPerSecond: 0,
    },
  ]);
  for (const item of second.items) expect(TopProcess.parse(item)).toEqual(item);
});

test('[CO23] at a breach the largest in memory follow the busiest, each once', () => {
  const host = createFakeHost({
    files: {
      ...processFiles(10, 'busy', { ticks: 500, pages: 10 }),
      ...processFiles(11, 'leak', { ticks: 0, pages: 90_000 }),
      ...processFiles(12, 'also large', { ticks: 400, pages: 80_000 }),
      ...processFiles(13, 'small', { ticks: 1, pages: 5 }),
    },
  });
  const before = topProcesses(host, null, 0, 0).state;
  for (const [pid, ticks, pages] of [
    [10, 700, 10],
    [12, 500, 80_000],
  ] as const)
    for (const [path, text] of Object.entries(processFiles(pid, 'x', { ticks, pages })))
      host.setFile(path, text);
  const pids = (limit: number, largest: number) =>
    topProcesses(host, before, 1_000, limit, largest).items.map(({ pid }) => pid);
  expect(pids(2, 0)).toEqual([10, 12]);
  expect(pids(2, 1)).toEqual([10, 12, 11]);
  expect(pids(1, 2)).toEqual([10, 11, 12]);
});

test('[CO23] a process that took the number of another, or is new, counts from its own start', () => {
  const host = createFakeHost({
    files: processFiles(10, 'old', { ticks: 500, start: 100, io: [9_000, 9_000] }),
  });
  const first = topProcesses(host, null, 0, 5);
  for (const [path, text] of Object.entries(
    processFiles(10, 'new', { ticks: 30, start: 7_000, io: [50, 50] }),
  ))
    host.setFile(path, text);
  const [item] = topProcesses(host, first.state, 1_000, 5).items;
  expect(item).toMatchObject({
    name: 'new',
    cpuPercent: 30,
    readBytesPerSecond: null,
    writtenBytesPerSecond: null,
  });
});

test('[CO23] a process that ends while the list is made is left out', () => {
  const host = createFakeHost({ files: { '/proc/10/comm': 'gone\n', ...processFiles(11, 'there', {}) } });
  expect(topProcesses(host, null, 0, 5).items.map((item) => item.pid)).toEqual([11]);
});

test('[CO24] arguments and environment are never read', () => {
  const host = createFakeHost({
    files: { ...processFiles(10, 'x', {}), '/proc/10/cmdline': 'x --password=1', '/proc/10/environ': 'A=1' },
  });
  topProcesses(host, null, 0, 5);
  expect(host.reads.filter((path) => /cmdline|environ/.test(path))).toEqual([]);
});

test('[CO23] a name may hold blanks, brackets and anything else', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 63 }), (name) => {
      const text = processFiles(7, name, { ticks: 12, pages: 3 })['/proc/7/stat'] ?? '';
      expect(parseProcessStat(text)).toMatchObject({
        pid: 7,
        name,
        state: 'S',
        cpuTicks: 12,
        residentPages: 3,
        threads: 4,
      });
    }),
  );
  expect(parseProcessStat('7 (cut off')).toBeNull();
  expect(parseProcessStat('7 (short) S 1 2')).toBeNull();
});

test("[CO23] the first name of a number is the user's", () => {
  expect(parseUserNames(PASSWD).get(0)).toBe('root');
});

interface Made {
  readonly ticks?: number;
  readonly start?: number;
  readonly pages?: number;
  readonly uid?: number;
  /** Bytes read and written; without it the file may not be read. */
  readonly io?: readonly [number, number];
}

function processFiles(
  pid: number,
  name: string,
  { ticks = 0, start = 100, pages = 1, uid = 0, io }: Made,
): Record<string, string> {
  const stat = `${pid} (${name}) S 1 ${pid} ${pid} 0 -1 4194560 9 8 7 6 ${ticks} 0 99 98 20 0 4 0 ${start} 109604864 ${pages} 18446744073709551615 1 1\n`;
  return {
    [`/proc/${pid}/stat`]: stat,
    [`/proc/${pid}/status`]: `Name:\t${name}\nUid:\t1\t${uid}\t2\t3\n`,
    ...(io === undefined
      ? {}
      : { [`/proc/${pid}/io`]: `rchar: 1\nread_bytes: ${io[0]}\nwrite_bytes: ${io[1]}\n` }),
  };
}
