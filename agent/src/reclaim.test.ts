import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import {
  cleanFileMappings,
  FIRST_RECLAIM_MS,
  GROWTH_BYTES_MAX,
  GROWTH_LOOK_MS,
  keepReclaiming,
} from './reclaim.ts';
import { FakeTime } from './time-fake.ts';

const mapping = (head: string, figures: Record<string, number> = {}) => {
  const all = { Rss: 9_000, Anonymous: 0, Swap: 0, Private_Dirty: 0, Shared_Dirty: 0, Locked: 0, ...figures };
  const lines = Object.entries(all).map(
    ([name, kib]) => `${`${name}:`.padEnd(16)}${String(kib).padStart(8)} kB`,
  );
  return [head, ...lines, 'VmFlags: rd ex mr mw me'].join('\n');
};

test('[FP1] only mappings that hold nothing but pages of a file are given back', () => {
  const smaps = [
    mapping('00400000-00500000 r--p 00000000 fe:00 1234                       /opt/muster-agent/node'),
    mapping('00500000-00900000 r-xp 00100000 fe:00 1234                       /opt/muster-agent/node'),
    // Relocated at the start, and protected since.
    mapping('00900000-00a00000 r--p 00500000 fe:00 1234                       /opt/muster-agent/node', {
      Anonymous: 192,
    }),
    // The same, while what was changed in it is swapped out.
    mapping('00980000-009c0000 r--p 00580000 fe:00 1234                       /opt/muster-agent/node', {
      Swap: 192,
    }),
    mapping('00a00000-00b00000 rw-p 00600000 fe:00 1234                       /opt/muster-agent/node'),
    mapping(
      '00b00000-00c00000 r--s 00000000 fe:00 77                         /var/lib/muster-agent/spool.db-shm',
    ),
    mapping('00c00000-00d00000 r-xp 00000000 00:00 0                          [vdso]'),
    mapping('00d00000-00e00000 r--p 00000000 00:00 0 '),
    mapping('00e00000-00f00000 r-xp 00000000 fe:00 99                         /lib/libm.so.6', { Rss: 200 }),
    mapping('7f0000000000-7f0000100000 r-xp 00000000 fe:00 99                 /lib/lib c.so.6', {
      Locked: 4,
    }),
  ].join('\n');
  expect(cleanFileMappings(`${smaps}\n`)).toEqual([
    { startAddress: 0x400000n, bytes: 0x100000n },
    { startAddress: 0x500000n, bytes: 0x400000n },
  ]);
});

const isLinux = process.platform === 'linux';

/** A process of its own that gives back, and then works on: `after` is run in it, and what it returns comes back. */
function afterReclaim<T>(after: string): T {
  const script = `
    import { spawnSync } from 'node:child_process';
    import { createHash } from 'node:crypto';
    import { readFileSync } from 'node:fs';
    import { reclaimer } from ${JSON.stringify(join(import.meta.dirname, 'reclaim.ts'))};
    const residentKib = () => Number(/VmRSS:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const before = residentKib();
    const reclaim = reclaimer();
    await reclaim();
    const kib = residentKib();
    console.log(JSON.stringify(await (${after})()));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  return JSON.parse(stdout || stderr) as T;
}

test.skipIf(!isLinux)('[FP1] a real process is smaller after it, and goes on', () => {
  const { before, kib, hash } = afterReclaim<{ before: number; kib: number; hash: number }>(
    `() => ({ before, kib, hash: createHash('sha256').update('x').digest('hex').length })`,
  );
  expect(hash).toBe(64);
  expect(kib).toBeLessThan(before * 0.8);
});

/** Linux 6.7, built with it, where no filter of system calls (that of a container) may forbid it. */
function mayMapPageByPage(): boolean {
  if (!isLinux || !existsSync('/proc/sys/vm/unprivileged_userfaultfd')) return false;
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const isFiltered = !/^Seccomp:\s+0$/m.test(readFileSync('/proc/self/status', 'utf8'));
  return (major > 6 || (major === 6 && minor >= 7)) && !isFiltered;
}

test.skipIf(!mayMapPageByPage())(
  '[FP15] where the kernel can, program pages come back one by one: again and again, and child processes live as ever',
  () => {
    const { flags, child, kib, again } = afterReclaim<{
      flags: string;
      child: number;
      kib: number;
      again: number;
    }>(`async () => {
      const program = () => readFileSync('/proc/self/smaps', 'utf8').split(/\\n(?=[0-9a-f]+-)/)
        .find((block) => / r-xp .*node/.test(block.split('\\n')[0]));
      const child = spawnSync(process.execPath, ['-p', '6 * 7'], { encoding: 'utf8' });
      await reclaim();
      const flags = /^VmFlags: (.*)/m.exec(program())[1];
      return { flags, child: Number(child.stdout), kib, again: residentKib() };
    }`);
    // proc(5): userfaultfd, write-protect tracking. With it the kernel maps nothing around a page.
    expect(flags.split(' ')).toContain('uw');
    expect(child).toBe(42);
    expect(again).toBeLessThan(kib * 1.2);
  },
);

/** A process whose heap has `heap.bytes`, and what is done to it. */
function fake() {
  const time = new FakeTime();
  const heap = { bytes: 8 << 20, unreadable: false };
  const log: string[] = [];
  const done = { reclaims: 0, collections: 0 };
  keepReclaiming(time.timers, (line) => log.push(line), {
    reclaim: async () => {
      done.reclaims++;
      if (done.reclaims === 3) throw new Error('no such library');
    },
    anonymousBytes: () => {
      if (heap.unreadable) throw new Error('too many open files');
      return heap.bytes;
    },
    collect: async () => {
      done.collections++;
      heap.bytes = 8 << 20;
    },
  });
  /** Time and what it brings. */
  const pass = async (ms: number) => {
    time.advance(ms);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { heap, log, done, pass };
}

test('[FP1] it is done once after the start and each hour, and not again where it cannot be', async () => {
  const { log, done, pass } = fake();
  await pass(FIRST_RECLAIM_MS - 1);
  expect(done.reclaims).toBe(0);
  for (const expected of [1, 2, 3, 3]) {
    await pass(expected === 1 ? 1 : HOUR_MS);
    expect(done.reclaims).toBe(expected);
  }
  expect(log).toEqual(['memory is not given back: no such library']);
});

test('[FP17] between two hours garbage is collected once it has added half a MiB, and not before', async () => {
  const { heap, done, pass } = fake();
  await pass(FIRST_RECLAIM_MS);
  heap.bytes += GROWTH_BYTES_MAX;
  await pass(3 * GROWTH_LOOK_MS);
  expect(done.collections).toBe(0);
  heap.bytes += 1;
  await pass(GROWTH_LOOK_MS);
  expect(done.collections).toBe(1);
  await pass(3 * GROWTH_LOOK_MS);
  expect(done).toEqual({ reclaims: 1, collections: 1 });
});

test('[FP17] where its own memory cannot be read that is said once, and nothing ends by it', async () => {
  const { log, done, pass, heap } = fake();
  await pass(FIRST_RECLAIM_MS);
  heap.unreadable = true;
  await pass(GROWTH_LOOK_MS);
  await pass(3 * HOUR_MS);
  expect(log).toEqual(['memory is not given back: too many open files']);
  expect(done.collections).toBe(0);
});

test.skipIf(!isLinux)('[FP17] what the C library holds for nobody is given back with the garbage', () => {
  const script = `
    import { ofThisProcess } from ${JSON.stringify(join(import.meta.dirname, 'reclaim.ts'))};
    const { anonymousBytes, collect } = ofThisProcess();
    // Between two that stay lie forty that go: nothing of it is at the end, which the C library gives back by itself.
    const all = Array.from({ length: 2_000 }, () => Buffer.allocUnsafeSlow(20_000).fill(1));
    const kept = all.filter((_, at) => at % 40 === 0);
    all.length = 0;
    const before = anonymousBytes();
    await collect();
    console.log(JSON.stringify({ before, after: anonymousBytes(), kept: kept.length }));
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', script],
    {
      encoding: 'utf8',
    },
  );
  const { before, after } = JSON.parse(stdout || stderr) as { before: number; after: number };
  expect(before - after).toBeGreaterThan(30_000_000);
});
