import { expect, test } from 'vitest';
import { cpuinfoBoard, cpuinfoProcessors, cpuPackages, parseCpuinfo } from './cpuinfo.ts';
import { diskMaker } from './disk-maker.ts';
import { halDisks, parseLshal } from './hal.ts';
import { parseSmartArrayDisk, parseSmartArrayDrives, parseSmartArraySlots } from './hpacucli.ts';
import { bytesOfSize, hertzOf } from './lines.ts';
import { parseLvs, parsePvs, parseVgs } from './lvm.ts';
import { parseMultipath, secondaryPaths } from './multipath.ts';
import { CPUINFO, SMART_ATA, SMART_ATA_JSON, UUID_A, UUID_B } from './platform-fixture.ts';
import {
  parseMegacliDisks,
  parseMegacliEnclosures,
  parseMegacliSummary,
  parseMptStatus,
  parseProcScsi,
} from './raid.ts';
import { parseSmartctl, parseSmartctlJson } from './smartctl.ts';
import { parseDdcprobe, parseXorgLog } from './xorg-log.ts';

test.each([
  ['74.3 GB', 1000, 74_300_000_000],
  ['1,5 GiB', 1000, 1_610_612_736],
  ['2 GB', 1024, 2_147_483_648],
  ['855MB', 1024, 896_532_480],
  ['12', 1024, 12],
  ['Empty', 1024, null],
  ['', 1024, null],
] as const)('[IP50] the size %s in steps of %i is %s bytes', (text, base, bytes) => {
  expect(bytesOfSize(text, base)).toBe(bytes);
});

test('[IP50] frequencies are Hz', () => {
  expect([hertzOf('x @ 2,26 GHz'), hertzOf('667MHz'), hertzOf('fast')]).toEqual([
    2_260_000_000,
    667_000_000,
    null,
  ]);
});

test('[IP54] cpuinfo: the frequency of the name, not the momentary one; packages once', () => {
  const processors = cpuinfoProcessors(CPUINFO);
  expect(processors).toHaveLength(3);
  expect(processors[0]).toEqual({
    model: 'Example(R) Chip @ 2.10GHz',
    vendor: 'GenuineIntel',
    family: 6,
    modelNumber: 85,
    stepping: null,
    hz: 2_100_000_000,
    physicalId: '0',
    coresPerPackage: 2,
    threadsPerPackage: 4,
    serial: null,
  });
  expect(cpuPackages(processors).map(({ physicalId }) => physicalId)).toEqual(['0', '1']);
});

test('[IP54] the board at the end of cpuinfo is no processor', () => {
  expect(cpuinfoBoard(CPUINFO)).toEqual({
    hardware: 'Example Board',
    revision: '00a1',
    serial: '0000000012345678',
  });
  expect(cpuinfoBoard('processor: 0\n')).toBeNull();
  expect(parseCpuinfo('a : b\n\nc :\n')).toEqual([{ a: 'b' }]);
});

test('[IP55] smartctl: its text and its JSON say the same of one disk', () => {
  const text = parseSmartctl(SMART_ATA);
  expect(text).toEqual({
    vendor: null,
    family: 'Example Disks',
    model: 'EX-1000',
    serial: 'SN42',
    firmware: 'FW1',
    wwn: '500a0751e5d7c11a',
    sizeBytes: 1_000_204_886_016,
    type: null,
    bus: 'sata',
    rotationRpm: 7200,
    health: {
      passed: false,
      temperatureCelsius: 33,
      powerOnMs: 43_200_000,
      powerCycles: null,
      reallocatedSectors: 8,
      pendingSectors: 2,
      uncorrectableSectors: null,
      mediaErrors: null,
      wearPercent: null,
    },
  });
  expect(parseSmartctlJson(SMART_ATA_JSON)).toEqual({ ...text, type: 'disk' });
});

test.each([
  ['Device Model: X\nUser Capacity:    128 035 676 160 bytes\n', 128_035_676_160],
  ['Device Model: X\nUser Capacity:    128.035.676.160 bytes [128 GB]\n', 128_035_676_160],
  ['Model Number: X\nTotal NVM Capacity: 256,060,514,304 [256 GB]\n', 256_060_514_304],
  ['Device Model: X\n', null],
])('[IP55] smartctl: thousands are parted in any way', (text, bytes) => {
  expect(parseSmartctl(text)?.sizeBytes).toBe(bytes);
});

test('[IP55] smartctl: NVMe and SAS drives tell their health in words of their own', () => {
  const nvme = parseSmartctl(
    'Model Number: N\nNVMe Version: 1.4\nSMART overall-health self-assessment test result: PASSED\nTemperature:                        41 Celsius\nPercentage Used:                    7%\nPower On Hours:                     1,234\nMedia and Data Integrity Errors:    0\n',
  );
  expect(nvme).toMatchObject({
    bus: 'nvme',
    health: {
      passed: true,
      temperatureCelsius: 41,
      wearPercent: 7,
      powerOnMs: 4_442_400_000,
      mediaErrors: 0,
    },
  });
  const sas = parseSmartctl(
    'Vendor: V\nProduct: P\nTransport protocol: SAS (SPL-3)\nSMART Health Status: OK\nCurrent Drive Temperature:     30 C\nElements in grown defect list: 3\n',
  );
  expect(sas).toMatchObject({
    vendor: 'V',
    bus: 'sas',
    health: { passed: true, temperatureCelsius: 30, reallocatedSectors: 3 },
  });
});

test('[IP55] smartctl: an error message is no disk', () => {
  expect(parseSmartctl('/dev/sdz: Unable to detect device type\n')).toBeNull();
  expect(parseSmartctlJson('{"smartctl":{"exit_status":2}}')).toBeNull();
});

test('[IP56] LVM: columns in the unit that was asked for; a line without a UUID is none', () => {
  expect(parsePvs(`  /dev/a lvm2 a-- 4.00 1.00 ${UUID_A} 4 ${UUID_B}\n  WARNING: x\n`, 1e6)).toEqual([
    {
      device: '/dev/a',
      format: 'lvm2',
      attributes: 'a--',
      sizeBytes: 4_000_000,
      freeBytes: 1_000_000,
      uuid: UUID_A,
      extents: 4,
      groupUuid: UUID_B,
    },
  ]);
  expect(parseVgs(`g 1 2 wz 10 0 ${UUID_B} 4`, 1)).toEqual([
    {
      name: 'g',
      physicalVolumes: 1,
      logicalVolumes: 2,
      attributes: 'wz',
      sizeBytes: 10,
      freeBytes: 0,
      uuid: UUID_B,
      extentBytes: 4,
    },
  ]);
  expect(parseLvs(`l ${UUID_B} -wi-ao 8 ${UUID_A} 1`, 1)).toEqual([
    { name: 'l', groupUuid: UUID_B, attributes: '-wi-ao', sizeBytes: 8, uuid: UUID_A, segments: 1 },
  ]);
});

test('[IP57] multipath: a second path is the same disk again', () => {
  const maps = parseMultipath(
    "big (3600) dm-3 ACME,Array\nsize=1.0G features='0'\n`-+- policy='x' prio=0\n  |- 6:0:1:0  sdb 8:16 active undef running\n  `- 7:0:1:0  sdc 8:32 active undef running\n",
  );
  expect(maps).toEqual([
    {
      name: 'big',
      wwid: '3600',
      device: 'dm-3',
      vendor: 'ACME',
      product: 'Array',
      sizeBytes: 1_073_741_824,
      paths: ['sdb', 'sdc'],
    },
  ]);
  expect([...secondaryPaths(maps)]).toEqual(['sdc']);
});

test('[IP57] disks behind controllers, not the volumes that these make of them', () => {
  const scsi = parseProcScsi(
    'Attached devices:\nHost: scsi0 Channel: 00 Id: 00 Lun: 00\n  Vendor: Adaptec  Model: raid10  Rev: V1.0\n  Type:   Direct-Access\nHost: scsi0 Channel: 01 Id: 02 Lun: 00\n  Vendor: ACME     Model: DISK 1   Rev: A1\n',
  );
  expect(scsi.map(({ volume, index, model }) => [volume, index, model])).toEqual([
    [true, 0, 'raid10'],
    [false, 1, 'DISK 1'],
  ]);
  expect(
    parseMptStatus(
      'ioc:0 vol_id:0 type:IM\nioc:0 phys_id:1 scsi_id:2 vendor:ATA      product_id:X 1      revision:D    size(GB):2 state: ONLINE\n',
    ),
  ).toEqual([
    {
      controller: 0,
      physicalId: 1,
      vendor: 'ATA',
      model: 'X 1',
      firmware: 'D',
      sizeBytes: 2_147_483_648,
      state: 'ONLINE',
    },
  ]);
});

test('[IP57] MegaCli: exact sizes from sectors, backplanes are no disks, enclosures by number', () => {
  const [disk, ...more] = parseMegacliDisks(
    'Adapter #0\nEnclosure Device ID: 32\nSlot Number: 4\nRaw Size: 1.0 GB [0x200000 Sectors]\nMedia Error Count: 3\nPort-0 :\n',
  );
  expect(more).toEqual([]);
  expect(disk).toMatchObject({
    enclosureId: 32,
    slot: 4,
    sizeBytes: 1_073_741_824,
    mediaErrors: 3,
    predictiveFailures: null,
  });
  const summary =
    'Connector : 00<Internal><Encl Pos 1 >: Slot 2\nState : Online\nConnector : 00<Internal>: Slot 0\nState : Good\nStorage\n';
  expect(parseMegacliSummary(summary)).toEqual([
    { enclosure: 0, position: 1, slot: 2, fields: { State: 'Online' } },
  ]);
  expect([...parseMegacliEnclosures('    Enclosure 0:\n    Device ID : 32\n')]).toEqual([[0, 32]]);
});

test('[IP57] Smart Array: slots, drives, one drive', () => {
  expect(parseSmartArraySlots('Smart Array X in Slot 2    (sn: A)\nSmart Array Y in Slot 12\n')).toEqual([
    2, 12,
  ]);
  expect(parseSmartArrayDrives('   physicaldrive 2I:1:1 (port 2I:box 1)\n')).toEqual(['2I:1:1']);
  expect(
    parseSmartArrayDisk(
      '   Status: OK\n   Size: 300 GB\n   Model: HP      EG01   \n   Serial Number:   S1\n',
    ),
  ).toMatchObject({
    vendor: 'HP',
    maker: 'Hewlett-Packard',
    model: 'EG01',
    serial: 'S1',
    sizeBytes: 300_000_000_000,
    status: 'OK',
  });
  expect(parseSmartArrayDisk('Error: no such drive')).toBeNull();
});

test.each([
  ['WDC WD10', 'Western Digital'],
  ['ST3160815AS', 'Seagate'],
  ['HUH721212', 'Hitachi'],
  ['hp', 'Hewlett-Packard'],
  ['STEC Mach', null],
  [null, null],
])('[IP57] the maker of %s is %s', (name, maker) => {
  expect(diskMaker(name)).toBe(maker);
});

test('[IP57] lshal: drives with their typed properties', () => {
  const text =
    "udi = '/a'\n  info.category = 'storage'  (string)\n  block.device = '/dev/sda'  (string)\n  storage.size = 1000  (0x3e8)  (uint64)\n  info.capabilities = {'storage', 'block'} (string list)\n  storage.removable = false  (bool)\nudi = '/b'\n  info.category = 'volume'  (string)\n";
  const devices = parseLshal(text);
  expect(devices[0]?.properties).toMatchObject({
    'info.capabilities': 'storage,block',
    'storage.removable': false,
  });
  expect(halDisks(devices)).toEqual([
    { name: 'sda', vendor: null, model: null, serial: null, firmware: null, kind: null, sizeBytes: 1000 },
  ]);
});

test('[IP58] X log: slot in hex, resolution in use before one that is offered', () => {
  const log =
    '[ 1.0] (--) PCI:*(0:17:5:0) 1002:9715:1458:d000 rev 0\n(II) RADEON(0): Modeline "640x480"x0.0\n(--) RADEON(0): Chipset: "Fast 1" (ChipID = 0x1)\n(II) RADEON(0): Output VGA-0 using initial mode 1920x1080\n';
  expect(parseXorgLog(log)).toEqual({
    name: 'Fast 1',
    product: null,
    memoryBytes: null,
    pciId: '1002:9715:1458:d000',
    pciSlot: '11:05.0',
    resolution: '1920x1080',
  });
  expect(parseXorgLog('(II) intel(0): Modeline "640x480"x0.0\n').resolution).toBe('640x480');
});

test('[IP58] ddcprobe: the last of equal fields, without bytes that are no text', () => {
  const report = parseDdcprobe('memory: 64kb\nmode: 1x1\nmode: 2x2\nmonitorid: M\u00ff1\nedid:\n');
  expect(report).toEqual({
    fields: { memory: '64kb', mode: '2x2', monitorid: 'M1' },
    product: null,
    memoryBytes: 65_536,
    monitor: 'M1',
  });
});
