import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { macAt } from './macos-fixture.ts';
import { diskCounters, interfaceCounters, memoryCounters, processTable, volumesOf } from './readings.ts';
import { SHELL } from './shell.ts';

const MAC = macAt(100);
const PAGE = 16_384;

test('[CO54] used memory is what programs made and hold, what is wired, and the compressor', () => {
  const total = 500_000 * PAGE;
  const used = (100_000 + 50_000 + 40_000) * PAGE;
  expect(memoryCounters(MAC.memory, MAC.swap, total)).toEqual({
    availableBytes: total - used,
    cachedBytes: 32_000 * PAGE,
    swapTotalBytes: 2_048 * 2 ** 20,
    swapUsedBytes: 512.5 * 2 ** 20,
    swappedInBytes: 200 * PAGE,
    swappedOutBytes: 300 * PAGE,
  });
});

test('[CO54] a system that does not tell one of them does not tell how much is available', () => {
  const old = MAC.memory.replace(/^Anonymous pages.*\n/m, '');
  expect(memoryCounters(old, '', 1e9)).toMatchObject({ availableBytes: null, swapTotalBytes: null });
  expect(memoryCounters(MAC.memory, 'vm.swapusage: total = 1.50G  used = 0.00M', 1e9)).toMatchObject({
    swapTotalBytes: 1.5 * 2 ** 30,
    swapUsedBytes: 0,
  });
});

test('[CO51] statistics of a driver belong to the medium beneath it, and to no partition', () => {
  const second = macAt(7).disks.replace('"disk0"', '"disk9"');
  const partition = '    +-o s1 <class IOMedia>\n      | { "BSD Name" = "disk0s1" }\n';
  expect(diskCounters(MAC.disks + partition + second)).toEqual([
    {
      device: 'disk0',
      readBytes: 8_192_000,
      writtenBytes: 16_384_000,
      reads: 2_000,
      writes: 1_000,
      errors: 3,
      taken: { time: 3e9, requests: 3_000, perSecond: 1e9, wrapsAt: null },
      idle: null,
    },
    expect.objectContaining({ device: 'disk9', reads: 140 }),
  ]);
});

test('[CO51] on Apple silicon a driver tells no times and errors: there are none then', () => {
  const bare =
    '"Statistics" = {"Operations (Write)"=1,"Bytes (Read)"=2,"Bytes (Write)"=3,"Operations (Read)"=4}\n';
  expect(diskCounters(`${bare}"BSD Name" = "disk0"\n`)).toMatchObject([
    { taken: null, errors: null, reads: 4 },
  ]);
});

test('[CO56] of an interface the line of the link counts, columns from the right', () => {
  expect(interfaceCounters(MAC.interfaces, MAC.links).map(({ name }) => name)).toEqual([
    'lo0',
    'en0',
    'utun0',
    'en5',
  ]);
  expect(interfaceCounters(MAC.interfaces, MAC.links)[1]).toEqual({
    name: 'en0',
    receivedBytes: 12_500_000,
    receivedPackets: 10_000,
    receivedErrors: 1,
    receivedDrops: null,
    transmittedBytes: 1_000_000,
    transmittedPackets: 5_000,
    transmittedErrors: 2,
    transmittedDrops: 7,
    up: true,
    bytesPerSecond: 125_000_000,
  });
  expect(interfaceCounters(MAC.interfaces, MAC.links)[2]).toMatchObject({ receivedBytes: 300, up: null });
});

test.each([
  ['status: inactive', false, null],
  ['status: active', true, 1_250_000_000],
])('[CO56] a port with %s is up: %s', (status, up, bytesPerSecond) => {
  const links = MAC.links.replace('status: active', status).replace('1000baseT', '10Gbase-T');
  expect(interfaceCounters(MAC.interfaces, links)[1]).toMatchObject({ up, bytesPerSecond });
});

test('[CO55] one volume speaks for its container; images, shares and hidden volumes are left out', () => {
  expect(volumesOf(MAC.mounts).map(({ path }) => path)).toEqual(['/', '/Volumes/Backup']);
});

test('[CO59] processes by name without path, with state, time and start', () => {
  const { processes, running, blocked } = processTable(macAt(3_600).processes);
  expect({ running, blocked }).toEqual({ running: 1, blocked: 1 });
  expect(processes).toEqual([
    {
      pid: 1,
      name: 'launchd',
      user: 'root',
      startedAt: 'Fri Nov 17 08:00:00 2023',
      cpuSeconds: 62.5,
      residentBytes: 12_345 * 1_024,
    },
    expect.objectContaining({ pid: 812, name: 'Some App', user: 'ada', cpuSeconds: 1_800 }),
    expect.objectContaining({ pid: 900, name: '(dead)', cpuSeconds: 0.01 }),
  ]);
});

test('[CO49] the script is one that a shell can read; a word that it does not know prints nothing', () => {
  const said = execFileSync('/bin/sh', SHELL.args, {
    env: { ...SHELL.env },
    input: `#m-1 unknown\n#m-2 memory;echo no\n`,
    encoding: 'utf8',
  });
  expect(said).toBe('#m-1 <\n\n#m-1 >\n#m-2 <\n\n#m-2 >\n');
});

/** Every number in it, however deep. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

test('[CO57] whatever the tools print, readings are finite and not below 0, or nothing', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, fc.string({ unit: 'binary', maxLength: 60 }), (at, noise) => {
      const broken = (text: string): string => {
        const cut = Math.floor(at * text.length);
        return text.slice(0, cut) + noise + text.slice(cut + noise.length);
      };
      const readings = [
        memoryCounters(broken(MAC.memory), broken(MAC.swap), 1e9),
        diskCounters(broken(MAC.disks)),
        interfaceCounters(broken(MAC.interfaces), broken(MAC.links)),
        volumesOf(broken(MAC.mounts)),
        processTable(broken(MAC.processes)),
      ];
      for (const one of numbersIn(readings))
        expect(one).toSatisfy((n: number) => Number.isFinite(n) && n >= 0);
    }),
    { numRuns: 300 },
  );
});
