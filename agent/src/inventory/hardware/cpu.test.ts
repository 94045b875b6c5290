import { expect, test } from 'vitest';
import { cpuPackages, parseCpuinfo } from './cpu.ts';
import type { CpuTopology } from './cpu.ts';

const x86 = (
  processor: number,
  physicalId: number,
  coreId: number,
  model = 'Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz',
) =>
  `processor\t: ${processor}\nvendor_id\t: GenuineIntel\nmodel name\t: ${model}\ncpu MHz\t\t: ${1_200 + processor}.000\nphysical id\t: ${physicalId}\ncore id\t\t: ${coreId}\nflags\t\t: fpu vme sse\n`;

const thread = (
  processor: number,
  packageId: number,
  core: string,
  maxHz: number | null = null,
): CpuTopology => ({ processor, packageId, core, maxHz });

test('[IN14] two sockets with hyper-threading', () => {
  const cpuinfo = parseCpuinfo([x86(0, 0, 0), x86(1, 1, 0), x86(2, 0, 0), x86(3, 1, 0)].join('\n'));
  const topology = [thread(0, 0, '0,2'), thread(1, 1, '1,3'), thread(2, 0, '0,2'), thread(3, 1, '1,3')];
  expect(cpuPackages(cpuinfo, topology, [])).toEqual(
    ['CPU0', 'CPU1'].map((slot) => ({
      slot,
      model: 'Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz',
      vendor: 'Intel',
      cores: 1,
      threads: 2,
      maxHz: 2_400_000_000,
    })),
  );
});

test('[IN14] without sysfs the ids of cpuinfo count', () => {
  const cpuinfo = parseCpuinfo([x86(0, 0, 0), x86(1, 0, 1), x86(2, 0, 0), x86(3, 0, 1)].join('\n'));
  expect(cpuPackages(cpuinfo, [], [])).toMatchObject([{ cores: 2, threads: 4 }]);
});

test('[IN14] the highest frequency of cpufreq wins over the name, and the current one is never used', () => {
  const cpuinfo = parseCpuinfo(x86(0, 0, 0));
  expect(cpuPackages(cpuinfo, [thread(0, 0, '0', 3_300_000_000)], [])).toMatchObject([
    { maxHz: 3_300_000_000 },
  ]);
  expect(cpuPackages(parseCpuinfo(x86(0, 0, 0, 'AMD EPYC')), [], [])).toMatchObject([{ maxHz: null }]);
});

test('sockets of the firmware are named only when it names as many as the kernel sees', () => {
  const cpuinfo = parseCpuinfo(x86(0, 0, 0));
  const socket = {
    socket: 'U3E1',
    manufacturer: 'Intel',
    version: null,
    inUse: true,
    maxHz: null,
    cores: 1,
    threads: 1,
  };
  const topology = [thread(0, 0, '0')];
  expect(cpuPackages(cpuinfo, topology, [socket])[0]?.slot).toBe('U3E1');
  expect(cpuPackages(cpuinfo, topology, [socket, { ...socket, inUse: false }])[0]?.slot).toBe('U3E1');
  expect(cpuPackages(cpuinfo, topology, [socket, socket])[0]?.slot).toBe('CPU0');
});

test('ARM cores are named by their part number, and board lines are no processor', () => {
  const text =
    'processor\t: 0\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n\nHardware\t: BCM2835\nModel\t\t: Raspberry Pi 4 Model B\n';
  expect(parseCpuinfo(text)).toMatchObject([{ processor: 0, model: 'Cortex-A72', vendor: 'ARM' }]);
  expect(parseCpuinfo('processor: 0\nCPU implementer: 0x99\nCPU part: 0x123\n')).toMatchObject([
    { model: 'ARM part 0x123', vendor: null },
  ]);
});

test('an old ARM kernel writes the name where the number belongs', () => {
  const board = '\n\nHardware\t: Some Board\nSerial\t\t: 0000000000000000\n';
  expect(
    parseCpuinfo(`Processor\t: Feroceon rev 1 (v5l)\nBogoMIPS\t: 1192.75\nCPU part\t: 0x131${board}`),
  ).toMatchObject([{ processor: 0, model: 'Feroceon rev 1 (v5l)' }]);
  const twoCores =
    'Processor\t: ARMv7 Processor rev 10 (v7l)\nprocessor\t: 0\nBogoMIPS\t: 1\n\nprocessor\t: 1\nBogoMIPS\t: 1\n';
  expect(parseCpuinfo(twoCores + board).map(({ processor }) => processor)).toEqual([0, 1]);
});

test('an empty cpuinfo names no processor', () => {
  expect(parseCpuinfo('')).toEqual([]);
  expect(cpuPackages([], [], [])).toEqual([]);
});
