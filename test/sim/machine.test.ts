import { isMetricName, METRICS } from '@muster/shared/metrics/catalogue.ts';
import { SECTION_SCHEMAS } from '@muster/shared/inventory/sections.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readings, simMachine, snapshot } from './machine.ts';

const at = fc.integer({ min: 1.7e12, max: 1.9e12 });

test('[SM1] the same seed, machine and time give the same readings, whoever asks and whenever (property)', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(5000), at, (seed, index, atMs) => {
      const machine = simMachine(seed, index);
      expect(readings(seed, machine, atMs, [], 0)).toEqual(
        readings(seed, simMachine(seed, index), atMs, [], 0),
      );
    }),
  );
});

test('[SM2] readings are of the catalogue, with its decimals, and counters rise (property)', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(5000), at, (seed, index, atMs) => {
      const machine = simMachine(seed, index);
      const before = readings(seed, machine, atMs, [], 0);
      const after = readings(seed, machine, atMs + 1_000, [], 0);
      for (const [i, sample] of before.entries()) {
        expect(isMetricName(sample.metric)).toBe(true);
        const { kind, decimals } = METRICS[sample.metric];
        expect(Math.round(sample.value * 10 ** decimals) / 10 ** decimals).toBe(sample.value);
        if (kind === 'counter') expect(after[i]?.value).toBeGreaterThan(sample.value);
      }
    }),
  );
});

test('[SM3] no two machines of a fleet share an identity key', () => {
  const keys = Array.from({ length: 2_000 }, (_, index) => {
    const { hardware, os } = snapshot(7, simMachine(7, index));
    return [hardware?.system.serial, hardware?.system.uuid, os?.machineId, os?.hostname];
  });
  for (const column of [0, 1, 2, 3]) expect(new Set(keys.map((row) => row[column])).size).toBe(2_000);
});

test('[SM3] each section has the form that the server takes', () => {
  for (const [name, data] of Object.entries(snapshot(1, simMachine(1, 3)))) {
    expect(SECTION_SCHEMAS[name as keyof typeof SECTION_SCHEMAS].safeParse(data).success).toBe(true);
  }
});

test('[SM4] a fault changes the readings of its machines, in its time only', () => {
  const faults = [{ kind: 'cpu-burn' as const, agents: [2, 3] as [number, number], fromS: 10, toS: 20 }];
  const cpu = (index: number, sinceStartMs: number) =>
    readings(1, simMachine(1, index), 1.8e12, faults, sinceStartMs).find(
      ({ metric }) => metric === 'cpu.utilisation',
    )?.value ?? 0;
  expect(cpu(2, 15_000)).toBeGreaterThan(95);
  expect(cpu(2, 20_000)).toBeLessThan(50);
  expect(cpu(4, 15_000)).toBeLessThan(50);
});

test('[SM5] a machine can be given as many series as a load wants', () => {
  const machine = simMachine(3, 5);
  const samples = readings(3, machine, 1.8e12, [], 0, 100);
  expect(samples).toHaveLength(100);
  expect(new Set(samples.map(({ metric, instance }) => `${metric} ${instance}`)).size).toBe(100);
  expect(readings(3, machine, 1.8e12, [], 0).length).toBeLessThan(40);
});
