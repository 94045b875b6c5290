import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { cleanFileMappings, FIRST_RECLAIM_MS, keepReclaiming } from './reclaim.ts';
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

test.skipIf(process.platform !== 'linux')('[FP1] a real process is smaller after it, and goes on', () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { createHash } from 'node:crypto';
    import { reclaim } from ${JSON.stringify(join(import.meta.dirname, 'reclaim.ts'))};
    const residentKib = () => Number(/VmRSS:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const before = residentKib();
    await reclaim();
    const after = residentKib();
    console.log(JSON.stringify({ before, after, hash: createHash('sha256').update('x').digest('hex').length }));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  const { before, after, hash } = JSON.parse(stdout || stderr) as Record<string, number>;
  expect(hash).toBe(64);
  expect(after).toBeLessThan((before ?? 0) * 0.8);
});

test('[FP1] it is done once after the start and each hour, and not again where it cannot be', async () => {
  const time = new FakeTime();
  const log: string[] = [];
  let runs = 0;
  keepReclaiming(
    time.timers,
    (line) => log.push(line),
    async () => {
      runs += 1;
      if (runs === 3) throw new Error('no such library');
    },
  );
  time.advance(FIRST_RECLAIM_MS - 1);
  expect(runs).toBe(0);
  for (const expected of [1, 2, 3, 3]) {
    time.advance(expected === 1 ? 1 : HOUR_MS);
    await Promise.resolve();
    await Promise.resolve();
    expect(runs).toBe(expected);
  }
  expect(log).toEqual(['memory of the start is not given back: no such library']);
});
