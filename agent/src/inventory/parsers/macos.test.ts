import { expect, test } from 'vitest';
import { macUsbDevices, parseIoreg } from './ioreg.ts';
import {
  macCardReaders,
  macCpu,
  macGpus,
  macMemory,
  macMemoryBytes,
  macUsbDisks,
  parseSysctl,
} from './macos-hardware.ts';
import { IOREG, PLIST, PROFILER } from './platform-fixture.ts';
import { parsePlist, parseSystemProfiler, profilerValue } from './system-profiler.ts';
import { parseXml } from './xml.ts';

test('[IP80] the profiler’s text is a tree by its indent; equal names stay apart', () => {
  const tree = parseSystemProfiler('A:\n\n  Bus:\n\n    Key: 1\n    Empty: \n\n  Bus:\n    Key:  2: b\n');
  expect(tree).toEqual([
    {
      name: 'A',
      value: null,
      children: [
        {
          name: 'Bus',
          value: null,
          children: [
            { name: 'Key', value: '1', children: [] },
            { name: 'Empty', value: null, children: [] },
          ],
        },
        { name: 'Bus', value: null, children: [{ name: 'Key', value: ' 2: b', children: [] }] },
      ],
    },
  ]);
  expect(profilerValue(tree[0]?.children[1] ?? null, 'None', 'Key')).toBe('2: b');
});

test('[IP80] property lists: every type, nothing but elements is read', () => {
  expect(
    parsePlist(
      '<plist><dict><key>a</key><integer>1</integer><key>b</key><true/><key>c</key><array><string>x &lt; y</string><false/></array></dict></plist>',
    ),
  ).toEqual({ a: 1, b: true, c: ['x < y', false] });
  expect(parsePlist('no list')).toBeNull();
  expect(parseXml('<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;&#65;">&x;<![CDATA[<c>]]></a>')).toMatchObject({
    name: 'a',
    attributes: { b: '&x;A' },
  });
});

test('[IP81] processor, memory and graphics', () => {
  const profile = parseSystemProfiler(PROFILER);
  const sysctl = parseSysctl('machdep.cpu.brand_string: Chip   7\nmachdep.cpu.thread_count: 4\n');
  expect(macCpu(sysctl, profile)).toMatchObject({
    model: 'Chip 7',
    hz: 2_400_000_000,
    packages: 1,
    coresPerPackage: 2,
    threadsPerPackage: 4,
  });
  expect(macMemoryBytes(profile)).toBe(4_294_967_296);
  expect(macMemory(profile)).toEqual([
    {
      slot: 'BANK 0/DIMM0',
      sizeBytes: 2_147_483_648,
      type: 'DDR3',
      hz: 1_067_000_000,
      status: null,
      manufacturer: null,
      partNumber: 'AB-1',
      serial: '0x00000001',
    },
  ]);
  expect(macGpus(profile)).toEqual([
    {
      name: 'Card',
      chip: 'Chip 9',
      memoryBytes: 2_147_483_648,
      slot: 'PCIe',
      resolution: { width: 1920, height: 1080 },
    },
  ]);
});

test('[IP81] memory that is soldered in, and modules named by their grade', () => {
  expect(macMemory(parseSystemProfiler('Memory:\n\n    Memory: 16 GB\n    Type: LPDDR5\n'))).toMatchObject([
    { slot: '', sizeBytes: 17_179_869_184, type: 'LPDDR5' },
  ]);
  expect(
    macMemory(parseSystemProfiler('Memory:\n    DIMM0:\n      Size: 1 GB\n      Speed: PC3200U-30330\n'))[0]
      ?.hz,
  ).toBe(400_000_000);
});

test('[IP82] USB disks: what holds a medium and optical drives, nothing built in', () => {
  expect(
    macUsbDisks(parsePlist(PLIST)).map(({ name, device, maker, sizeBytes }) => [
      name,
      device,
      maker,
      sizeBytes,
    ]),
  ).toEqual([
    ['Stick', 'disk4', 'Toshiba', 1_048_576],
    ['Optical drive', null, null, null],
  ]);
});

test('[IP82] a card reader and the card in it are two entries', () => {
  const card =
    '<dict><key>_name</key><string>SDHC</string><key>spcardreader_card_serialnumber</key><string>0x1</string><key>bsd_name</key><string>disk2</string></dict>';
  const plist = `<plist><array><dict><key>_items</key><array><dict><key>_name</key><string>spcardreader</string><key>spcardreader_vendor-id</key><string>0x05ac</string><key>_items</key><array>${card}</array></dict></array></dict></array></plist>`;
  expect(macCardReaders(parsePlist(plist)).map(({ kind, device, serial }) => [kind, device, serial])).toEqual(
    [
      ['card-reader', null, null],
      ['card', 'disk2', '0x1'],
    ],
  );
});

test('[IP83] ioreg: objects of exactly that class; numbers too large stay text', () => {
  expect(parseIoreg(IOREG, 'IOUSBDevice')).toEqual([
    {
      name: 'Mouse@1d',
      properties: {
        'USB Product Name': 'Mouse',
        idVendor: 1133,
        idProduct: 49_174,
        locationID: '18446744073663414272',
        raw: '00ff',
        told: 'text',
        Plug: { a: 'b', c: '2' },
        On: true,
      },
    },
  ]);
  expect(macUsbDevices(IOREG)).toMatchObject([
    { name: 'Mouse', vendorId: 1133, productId: 49_174, serial: null },
  ]);
});
