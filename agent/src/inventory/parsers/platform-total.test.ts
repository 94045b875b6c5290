/** Every parser of this half answers any text: never an exception, and in time that grows with the length alone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCimJson, parseWmiDump } from './cim.ts';
import { cpuinfoBoard, cpuinfoProcessors, cpuPackages } from './cpuinfo.ts';
import { halDisks, parseLshal } from './hal.ts';
import { parseSmartArrayDisk, parseSmartArrayDrives, parseSmartArraySlots } from './hpacucli.ts';
import { parseHardwarePorts, parseIfconfig } from './ifconfig.ts';
import { macUsbDevices } from './ioreg.ts';
import { parseDefaultGateway, parseIpAddressShow } from './ip-command.ts';
import { parseDomainXml, parseVirshList } from './libvirt.ts';
import { parseLvs, parsePvs, parseVgs } from './lvm.ts';
import {
  macAtaDisks,
  macCardReaders,
  macCpu,
  macDiscBurners,
  macFireWireDisks,
  macGpus,
  macMemory,
  macUsbDisks,
  parseSysctl,
} from './macos-hardware.ts';
import { parseMultipath } from './multipath.ts';
import * as samples from './platform-fixture.ts';
import {
  parseMegacliDisks,
  parseMegacliEnclosures,
  parseMegacliSummary,
  parseMptStatus,
  parseProcScsi,
} from './raid.ts';
import { parseRegFile } from './reg-file.ts';
import { parseSmartctl, parseSmartctlJson } from './smartctl.ts';
import { parsePlist, parseSystemProfiler } from './system-profiler.ts';
import { decodeText } from './text-encoding.ts';
import { parseDf, parseMount, parseNetstatRoutes, parsePs } from './unix-tables.ts';
import { parseUsbIds } from './usb-ids.ts';
import { hyperVGuests, parseLxc, parseVBoxManage, parseXenList } from './virtual-machines.ts';
import {
  usbPrinterSerials,
  windowsCpus,
  windowsDrives,
  windowsDrivesOfWin32,
  windowsGpus,
  windowsMemory,
  windowsPhysicalDisks,
  windowsUsb,
} from './windows-hardware.ts';
import { windowsInterfaces } from './windows-network.ts';
import { windowsPatches, windowsSoftware } from './windows-software.ts';
import { parseDdcprobe, parseXorgLog } from './xorg-log.ts';

const READERS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['ifconfig', (text) => [parseIfconfig(text), parseHardwarePorts(text)]],
  ['ip', (text) => [parseIpAddressShow(text), parseDefaultGateway(text)]],
  ['unix tables', (text) => [parseDf(text), parseMount(text), parseNetstatRoutes(text), parsePs(text)]],
  ['cpuinfo', (text) => [cpuPackages(cpuinfoProcessors(text)), cpuinfoBoard(text)]],
  ['smartctl', (text) => [parseSmartctl(text), parseSmartctlJson(text)]],
  ['lvm', (text) => [parsePvs(text, 1), parseVgs(text, 1), parseLvs(text, 1)]],
  [
    'raid',
    (text) => [
      parseProcScsi(text),
      parseMptStatus(text),
      parseMegacliDisks(text),
      parseMegacliSummary(text),
      parseMegacliEnclosures(text),
    ],
  ],
  [
    'smart array',
    (text) => [parseSmartArraySlots(text), parseSmartArrayDrives(text), parseSmartArrayDisk(text)],
  ],
  ['multipath', parseMultipath],
  ['lshal', (text) => halDisks(parseLshal(text))],
  ['graphics', (text) => [parseXorgLog(text), parseDdcprobe(text)]],
  [
    'guests',
    (text) => [
      parseVirshList(text),
      parseDomainXml(text),
      parseVBoxManage(text),
      parseXenList(text),
      parseLxc(text),
    ],
  ],
  ['profiler', readProfiler],
  ['property lists', readPlist],
  ['ioreg', macUsbDevices],
  ['wmi', readWmi],
  ['registry', readRegistry],
  ['usb ids', parseUsbIds],
  ['encoding', (text) => decodeText(new TextEncoder().encode(text))],
];

function readProfiler(text: string): unknown {
  const profile = parseSystemProfiler(text);
  return [macCpu(parseSysctl(text), profile), macMemory(profile), macGpus(profile)];
}

function readPlist(text: string): unknown {
  const plist = parsePlist(text);
  return [macAtaDisks, macUsbDisks, macFireWireDisks, macCardReaders, macDiscBurners].map((read) =>
    read(plist),
  );
}

function readWmi(text: string): unknown {
  return [parseWmiDump(text), parseCimJson(text)].map((records) => [
    windowsInterfaces(records, records, []),
    windowsInterfaces(records, records, records),
    windowsCpus(records, []),
    windowsMemory(records),
    windowsDrives(records, records, records),
    windowsPhysicalDisks(records),
    windowsDrivesOfWin32(records),
    windowsGpus(records, []),
    windowsUsb(records),
    windowsPatches(records),
    hyperVGuests(records, records, records, records),
  ]);
}

function readRegistry(text: string): unknown {
  const keys = parseRegFile(text);
  return [windowsSoftware(keys, 64), usbPrinterSerials(keys, keys)];
}

const SAMPLES = Object.values(samples);

/** A sample with parts cut out, moved or replaced by anything. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SAMPLES),
    fc.array(
      fc.record({ from: fc.nat(3000), length: fc.nat(60), by: fc.string({ unit: 'binary', maxLength: 20 }) }),
      { maxLength: 6 },
    ),
  )
  .map(([sample, edits]) =>
    edits.reduce((text, { from, length, by }) => {
      const at = from % (text.length + 1);
      return text.slice(0, at) + by + text.slice(at + length) + text.slice(0, length);
    }, sample),
  );

test.each(READERS)('[IP90] %s: any text gives a value, never an exception', (_, read) => {
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string({ unit: 'binary' })), (text) => {
      expect(read(text)).toBeDefined();
    }),
    { numRuns: 150 },
  );
});

const LONG_CHARS = 60_000;
/** Far above what reading in linear time takes, far below what reading in quadratic time takes. */
const LONG_MS = 1_500;

function tookMs(work: () => unknown): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

test.each(READERS)(
  '[IP90] %s: long texts of one pattern are read in linear time',
  (_, read) => {
    const slow: string[] = [];
    const patterns = [
      ' ',
      'a',
      '1',
      '\n',
      '"',
      '<',
      '<a>',
      '<a b="c">',
      '{',
      '[',
      '(',
      ':',
      'a: ',
      ' a:\n',
      '1 ',
      'a=',
      '\\',
      '-',
      ',1',
      'a (',
      'x\t',
      '&amp;',
      '+-o ',
      'PCI:*',
    ];
    for (const pattern of patterns) {
      for (const [start, end] of [
        ['', ''],
        ['vendor:eth0      Link encap:a', 'x'],
        ['  a = ', ' (b)'],
        ['"a"=', '"'],
        ['Name ', ' :x'],
      ]) {
        const text = start + pattern.repeat(LONG_CHARS / pattern.length) + end;
        // Once it may be the machine that had something else to do.
        if ([1, 2, 3].every(() => tookMs(() => read(text)) > LONG_MS))
          slow.push(JSON.stringify([start, pattern]));
      }
    }
    expect(slow).toEqual([]);
  },
  120_000,
);
