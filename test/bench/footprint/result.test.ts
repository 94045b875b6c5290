import { expect, test } from 'vitest';
import { footprintOf, gatesOf, gatesText, tableText } from './result.ts';
import type { Minute } from './watch.ts';

const MINUTE: Minute = {
  pssKib: 20 * 1_024,
  privateKib: 10 * 1_024,
  residentKib: 40 * 1_024,
  cpuMs: 15,
  upBytes: 400,
  downBytes: 100,
  wireBytes: 3_000,
  samples: 600,
  childPageFaults: 0,
  processes: 1,
};

test('memory is the median of the minutes, work and bytes the mean', () => {
  const minutes = [MINUTE, { ...MINUTE, pssKib: 90 * 1_024, cpuMs: 45 }, { ...MINUTE, childPageFaults: 700 }];
  expect(footprintOf('ours', minutes, 2)).toMatchObject({
    pssMib: 20,
    pssMibMax: 90,
    cpuMs: 25,
    cpuMsMax: 45,
    cpuMsMin: 15,
    payloadBytes: 500,
    wireBytes: 3_000,
    minutesWithChildren: 1,
    processesStarted: 2,
  });
});

test('bytes that were not counted in one minute are not known of all', () => {
  const minutes = [MINUTE, { ...MINUTE, wireBytes: null }];
  expect(footprintOf('ours', minutes, null)).toMatchObject({ payloadBytes: 500, wireBytes: null });
});

test('a gate holds up to its limit, and what was not measured has not passed', () => {
  const at = (cpuMs: number) => footprintOf('ours', [{ ...MINUTE, cpuMs }], null);
  const verdict = (cpuMs: number, what: string) =>
    gatesOf({
      installed: at(cpuMs),
      unreclaimed: at(cpuMs),
      nodeExporter: null,
      inventorySeconds: null,
    }).find((gate) => gate.what === what)?.passed;
  expect(verdict(20, 'as installed: CPU')).toBe(true);
  expect(verdict(20.1, 'as installed: CPU')).toBe(false);
  expect(verdict(10, 'without reclaim: CPU')).toBe(true);
  expect(verdict(10.1, 'without reclaim: CPU')).toBe(false);
  expect(verdict(1, 'as installed: CPU, lowest minutes')).toBeNull();
  expect(verdict(1, 'as installed: processes started in a minute')).toBeNull();
  expect(verdict(1, 'inventory')).toBeNull();
  const text = gatesText(
    gatesOf({ installed: at(21), unreclaimed: null, nodeExporter: null, inventorySeconds: 0.1 }),
  );
  expect(text).toMatch(/as installed: CPU +21 ≤ 20 ms\/min +NOT PASSED/);
});

test('on a slower machine work counts as a share of what node_exporter takes there', () => {
  const of = (...cpuMs: number[]) =>
    footprintOf(
      'one',
      cpuMs.map((one) => ({ ...MINUTE, cpuMs: one })),
      null,
    );
  const gates = gatesOf({
    installed: of(900, 40),
    unreclaimed: of(33, 700),
    nodeExporter: of(100, 800),
    inventorySeconds: null,
  });
  expect(gates.filter(({ what }) => what.includes('lowest'))).toMatchObject([
    { value: 0.4, max: 0.63, passed: true },
    { value: 0.33, max: 0.32, passed: false },
  ]);
});

test('others are told as multiples of ours', () => {
  const ours = footprintOf('ours', [MINUTE], 0);
  const other = footprintOf('other', [{ ...MINUTE, cpuMs: 45, upBytes: null, wireBytes: null }], 3);
  expect(tableText([ours, other])).toMatch(/^other +20 +1\.0 × .* 45 +3\.0 × +45 +3\.0 × +–/m);
});
