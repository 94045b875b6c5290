import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CpuTimes } from '../proc-stat.ts';
import { parseCpuStat, procStatFigure } from '../proc-stat.ts';
import { cpuShares } from './cpu.ts';

const ticks = fc.integer({ min: 0, max: 1e9 });
const times: fc.Arbitrary<CpuTimes> = fc.record({
  user: ticks,
  nice: ticks,
  system: ticks,
  idle: ticks,
  iowait: ticks,
  irq: ticks,
  softirq: ticks,
  steal: ticks,
  guest: ticks,
  guestNice: ticks,
});

test('[CO11] no share is below 0 or above 100 and the parts make the whole, whatever the counters do', () => {
  fc.assert(
    fc.property(times, times, (previous, current) => {
      const shares = cpuShares(previous, current);
      if (shares === null) return;
      for (const share of Object.values(shares)) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(100);
      }
      expect(shares.user + shares.system + shares.steal).toBeCloseTo(shares.utilisation, 6);
    }),
  );
});

test('[CO11] guest time is inside user time and is not counted twice', () => {
  const zero = parseCpuStat('cpu  0 0 0 0 0 0 0 0 0 0\n').total as CpuTimes;
  const guestOnly = parseCpuStat('cpu  50 0 0 50 0 0 0 0 50 0\n').total as CpuTimes;
  expect(cpuShares(zero, guestOnly)).toEqual({ utilisation: 50, user: 50, system: 0, iowait: 0, steal: 0 });
});

test('[CO11] a line of interrupts of any length is passed over', () => {
  const text = `cpu  1 2 3 4\nintr ${'7 '.repeat(100_000)}\nctxt 12\nbtime 13`;
  expect(procStatFigure(text, 'ctxt')).toBe(12);
  expect(procStatFigure(text, 'btime')).toBe(13);
  expect(procStatFigure(text, 'procs_running')).toBeNull();
  expect(parseCpuStat(text).total?.idle).toBe(4);
});
