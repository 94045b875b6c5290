import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeriesDictionary } from './dictionary.ts';
import { Head } from './head.ts';
import { SampleList } from '../../metrics/sample-list.ts';

function headOf(seriesCount: number): { head: Head; series: number[] } {
  const dictionary = new SeriesDictionary();
  for (let i = 0; i < seriesCount; i++)
    dictionary.add(dictionary.define({ ciId: 'ci', metric: 'network.received', instance: `i${i}` }));
  return { head: new Head(dictionary), series: Array.from({ length: seriesCount }, (_, i) => i) };
}

test('[ME5] [ME6] in any order of times, also while files are written, each sample is there once and the first value stays', () => {
  const step = fc.record({
    atMs: fc.integer({ min: 0, max: 40 }),
    chosen: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
    file: fc.constantFrom('', '', '', 'freeze', 'written'),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
      const { head } = headOf(4);
      const first = new Map<string, number>();
      const inFiles = new Set<string>();
      let frozen: string[] | null = null;
      let value = 0;
      steps.forEach(({ atMs, chosen, file }, position) => {
        const machine = head.machine(0);
        const fresh = chosen.filter((id) => !first.has(`${id} ${atMs}`) && !inFiles.has(`${id} ${atMs}`));
        // What is in files is not asked: the head takes it once more, and settling tells them apart.
        const again = chosen.filter((id) => inFiles.has(`${id} ${atMs}`) && !first.has(`${id} ${atMs}`));
        value += 1;
        const applied = head.apply([{ atMs, series: chosen, values: chosen.map(() => value) }], position, 0);
        if (again.length === 0) {
          expect(applied.samples).toBe(fresh.length);
          expect(applied.duplicates).toBe(chosen.length - fresh.length);
        }
        for (const id of fresh) first.set(`${id} ${atMs}`, value);
        if (file === 'freeze' && frozen === null && machine.firstPosition !== undefined) {
          machine.freeze();
          frozen = [...first.keys()];
        } else if (file === 'written' && frozen !== null) {
          machine.written();
          for (const key of frozen) {
            first.delete(key);
            inFiles.add(key);
          }
          frozen = null;
        }
        expect(head.waitingBytes()).toBe(machine.waitingBytes());
      });
      for (let id = 0; id < 4; id++) {
        const list = new SampleList();
        head.machine(0).read(id, 0, 1_000, list);
        const seen = new Map<number, number>();
        for (let i = 0; i < list.length; i++) {
          const at = list.times[i] as number;
          if (inFiles.has(`${id} ${at}`)) continue;
          expect(seen.has(at)).toBe(false);
          seen.set(at, list.values[i] as number);
        }
        for (const [key, told] of first) {
          const [of, at] = key.split(' ').map(Number);
          if (of === id && !inFiles.has(key)) expect(seen.get(at as number)).toBe(told);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('[ME34] a late sample costs no more when many came before it, nor while files are written', () => {
  const { head, series } = headOf(20);
  const values = new Float64Array(series.length);
  const cpuUs = (fromMs: number, ticks: number) => {
    const before = process.threadCpuUsage();
    for (let k = 0; k < ticks; k++) head.apply([{ atMs: fromMs + k, series, values }], fromMs + k, 0);
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / ticks;
  };
  head.apply([{ atMs: 1e12, series, values }], 0, 0);
  cpuUs(1e9, 500);
  const few = cpuUs(1e10, 1_000);
  cpuUs(1e10 + 1_000, 4_000);
  const many = cpuUs(1e11, 1_000);
  head.machine(0).freeze();
  const meanwhile = cpuUs(2e11, 1_000);
  expect(many).toBeLessThan(6 * few + 100);
  expect(meanwhile).toBeLessThan(6 * few + 100);
  expect(head.machine(0).lateSamples).toBe(20 * 1_000);
});

test('[ME5] a tick of samples that are here already, or that came late, leaves no row', () => {
  const { head, series } = headOf(3);
  const apply = (atMs: number, position: number) =>
    head.apply([{ atMs, series, values: [1, 2, 3] }], position, position);
  apply(1_000, 0);
  const machine = head.machine(0);
  machine.freeze();
  machine.written();
  expect(apply(1_000, 1)).toEqual({ samples: 0, late: 0, duplicates: 3 });
  expect([machine.rows, machine.firstPosition, machine.oldestAtMs]).toEqual([0, undefined, Infinity]);
  expect(apply(900, 2)).toEqual({ samples: 3, late: 3, duplicates: 0 });
  expect([machine.rows, machine.firstPosition, machine.oldestAtMs]).toEqual([0, 2, 900]);
});
