import { expect, test } from 'vitest';
import { diskOf, isDisk, vpdSerial } from './disk.ts';
import type { DiskFacts } from './disk.ts';

const SATA: DiskFacts = {
  name: 'sda',
  path: '/sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda',
  sectors: 1_000_215_216,
  rotational: false,
  removable: false,
  model: 'SAMSUNG MZ7LN512',
  vendor: 'ATA',
  serial: null,
  firmware: '4L0Q',
  wwn: null,
  vpdPage80: null,
  udev: new Map([
    ['ID_MODEL_ENC', 'SAMSUNG\\x20MZ7LN512HMJP-000L7\\x20'],
    ['ID_SERIAL_SHORT', 'S2X9NX0H123456'],
  ]),
};

test('a SATA disk has its whole model and serial from udev', () => {
  expect(diskOf(SATA)).toEqual({
    name: 'sda',
    model: 'SAMSUNG MZ7LN512HMJP-000L7',
    serial: 'S2X9NX0H123456',
    firmware: '4L0Q',
    sizeBytes: 512_110_190_592,
    kind: 'ssd',
    bus: 'ata',
    wwn: null,
    health: 'unknown',
    reallocatedSectors: null,
    wearPercent: null,
  });
});

test.each<[string, string | null, string, Partial<DiskFacts>]>([
  ['a turning disk', 'ata', 'hdd', { rotational: true }],
  ['NVMe', 'nvme', 'nvme', { name: 'nvme0n1', path: '/sys/devices/pci0000:00/x/nvme/nvme0/nvme0n1' }],
  [
    'an EBS volume',
    'nvme',
    'virtual',
    { name: 'nvme0n1', model: 'Amazon Elastic Block Store', vendor: null, udev: new Map() },
  ],
  [
    'virtio',
    'virtio',
    'virtual',
    { name: 'vda', path: '/sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda' },
  ],
  [
    'a VMware disk',
    'scsi',
    'virtual',
    {
      path: '/sys/devices/x/host2/target2:0:0/2:0:0:0/block/sda',
      vendor: 'VMware',
      model: 'Virtual disk',
      udev: new Map(),
    },
  ],
  [
    'a USB stick',
    'usb',
    'removable',
    { path: '/sys/devices/x/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb', removable: true },
  ],
  [
    'a USB disk',
    'usb',
    'removable',
    { path: '/sys/devices/x/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb' },
  ],
  [
    'a memory card',
    'mmc',
    'ssd',
    { name: 'mmcblk0', path: '/sys/devices/platform/x/mmc_host/mmc0/mmc0:0001/block/mmcblk0' },
  ],
  [
    'a SAS disk',
    'sas',
    'hdd',
    { path: '/sys/devices/x/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0/block/sda', rotational: true },
  ],
  [
    'a disk of no known bus',
    null,
    'unknown',
    { path: '/sys/devices/virtual/block/x', rotational: null, udev: new Map() },
  ],
])('%s', (_, bus, kind, facts) => {
  expect(diskOf({ ...SATA, ...facts })).toMatchObject({ bus, kind });
});

test('without udev the serial number comes from SCSI page 80h, then from the driver', () => {
  const page = Uint8Array.from([0x00, 0x80, 0x00, 0x08, ...Buffer.from('  WD-123 ignored')]);
  expect(vpdSerial(page)).toBe('WD-123');
  expect(diskOf({ ...SATA, udev: new Map(), vpdPage80: page, serial: 'other' }).serial).toBe('WD-123');
  expect(diskOf({ ...SATA, udev: new Map(), serial: 'virtio-1' }).serial).toBe('virtio-1');
  expect(vpdSerial(Uint8Array.from([0, 0x83, 0, 2, 65, 66]))).toBeNull();
  expect(vpdSerial(new Uint8Array(2))).toBeNull();
});

test('a SAS disk has the serial number of its label, not its world-wide name', () => {
  const udev = new Map([
    ['ID_SERIAL_SHORT', '35000c500a1b2c3d4'],
    ['ID_SCSI_SERIAL', 'ZC1A2B3C'],
  ]);
  expect(diskOf({ ...SATA, udev }).serial).toBe('ZC1A2B3C');
});

test('[IN28] only whole disks count', () => {
  const names = [
    'sda',
    'nvme0n1',
    'vda',
    'xvda',
    'mmcblk0',
    'dasda',
    'loop0',
    'ram1',
    'zram0',
    'dm-0',
    'md127',
    'sr0',
    'fd0',
    'nbd1',
    'mmcblk0boot0',
    'mmcblk0rpmb',
    'zd16',
  ];
  expect(names.filter(isDisk)).toEqual(['sda', 'nvme0n1', 'vda', 'xvda', 'mmcblk0', 'dasda']);
});
