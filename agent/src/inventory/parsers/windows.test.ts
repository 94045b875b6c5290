import { expect, test } from 'vitest';
import { cimFlag, cimList, cimNumber, cimText, cimTimeMs, parseCimJson, parseWmiDump } from './cim.ts';
import { REG, WMI } from './platform-fixture.ts';
import { parseRegFile, regNumber, type RegKey, regText } from './reg-file.ts';
import { decodeText } from './text-encoding.ts';
import { parseUsbIds } from './usb-ids.ts';
import {
  readableSerial,
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
import { sqlServerEditions, windowsPatches, windowsSoftware, withSqlEdition } from './windows-software.ts';

test('[IP70] a dump and the JSON of PowerShell give the same answers', () => {
  const [dumped] = parseWmiDump(WMI);
  const [told] = parseCimJson(
    JSON.stringify({
      DeviceID: 'C:',
      DriveType: 3,
      Size: 1_048_576,
      FileSystem: 'NTFS',
      Flags: [1, 2],
      Guid: '{0D1E2F30-0000-4000-8000-000000000003}',
      Names: ['a', 'b & c'],
      Empty: null,
      CimClass: { CimClassName: 'left out' },
    }),
  );
  for (const record of [dumped, told]) {
    expect(cimText(record, 'DeviceID')).toBe('C:');
    expect(cimNumber(record, 'Size')).toBe(1_048_576);
    expect(cimList(record, 'Names')).toEqual(['a', 'b & c']);
    expect(cimList(record, 'Flags')).toEqual(['1', '2']);
    expect(cimText(record, 'Guid')).toBe('{0D1E2F30-0000-4000-8000-000000000003}');
    expect([cimText(record, 'Empty'), cimText(record, 'Absent'), cimText(record, 'CimClass')]).toEqual([
      null,
      null,
      null,
    ]);
  }
  expect(parseWmiDump(WMI)).toHaveLength(2);
  expect([parseCimJson('[{"a":1},3,null]').length, parseCimJson('no json')]).toEqual([1, []]);
});

test.each([
  [{ at: '20130813153755.000000+120' }, Date.UTC(2013, 7, 13, 13, 37, 55)],
  [{ at: '/Date(1376400000000)/' }, 1_376_400_000_000],
  [{ at: '2020-01-01T00:00:00Z' }, Date.UTC(2020, 0, 1)],
  [{ at: 'yesterday' }, null],
  [{}, null],
])('[IP70] times: %o', (record, at) => {
  expect(cimTimeMs(record, 'at')).toBe(at);
});

test('[IP70] truths are true, false or unknown', () => {
  expect(
    [{ a: 'TRUE' }, { a: false }, { a: 1 }, { a: 'maybe' }, { a: null }].map((record) =>
      cimFlag(record, 'a'),
    ),
  ).toEqual([true, false, true, null, null]);
});

test('[IP71] registry files: texts, numbers, lists, values over several lines', () => {
  const [key] = parseRegFile(REG);
  expect(regText(key, 'DisplayName')).toBe('Editor "Pro"');
  expect(regText(key, 'Path')).toBe(String.raw`C:\x`);
  expect(key?.values.get('Many')).toEqual(['a', 'b']);
  expect(regNumber(key, 'EstimatedSize')).toBe(1024);
  const [other, ...more] = parseRegFile(
    '[-HKLM\\Gone]\n"a"="1"\n[HKLM\\K]\n@="d"\n"two"="x\r\ny"\n"q"=hex(b):00,00,00,00,01,00,00,00\n"gone"=-\n"open"="never closed\n',
  );
  expect(more).toEqual([]);
  expect([...(other?.values ?? [])]).toEqual([
    ['', 'd'],
    ['two', 'x\ny'],
    ['q', 4_294_967_296],
  ]);
});

test('[IP71] UTF-16 is recognised with and without its mark', () => {
  const utf16 = (text: string) =>
    Uint8Array.from(
      text.split('').flatMap((letter) => [letter.charCodeAt(0) & 255, letter.charCodeAt(0) >> 8]),
    );
  expect(decodeText(utf16('\ufeffab=é'))).toBe('ab=é');
  expect(decodeText(utf16('ab=é'))).toBe('ab=é');
  expect(decodeText(new TextEncoder().encode('ab=é'))).toBe('ab=é');
  expect(decodeText(Uint8Array.from([0x61, 0xe9]))).toBe('aé');
});

test('[IP72] uninstall keys: both views, per user, patches told from programs, nothing twice, nothing without a name', () => {
  expect(
    windowsSoftware(parseRegFile(REG), 64).map(({ id, name, bits, user, category, kb }) => [
      id,
      name,
      bits,
      user,
      category,
      kb,
    ]),
  ).toEqual([
    ['{AAAA}', 'Editor "Pro"', 64, null, 'application', null],
    ['{AAAA}', 'Editor "Pro"', 32, null, 'application', null],
    ['Editor_KB5034441', 'Security Update for Editor (KB5034441)', 64, null, 'security-update', 'KB5034441'],
    ['Chat', 'Chat', 64, 'S-1-5-21-1-2-3-1001', 'application', null],
  ]);
});

test.each([
  ['20240229', Date.UTC(2024, 1, 29)],
  ['20230229', null],
  ['31/01/2024', Date.UTC(2024, 0, 31)],
  ['1/31/2024', Date.UTC(2024, 0, 31)],
  ['soon', null],
])('[IP72] the day of installation %s', (day, at) => {
  const values = new Map([
    ['DisplayName', 'x'],
    ['InstallDate', day],
  ]);
  const path = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\x';
  expect(windowsSoftware([{ path, values }], 32)[0]?.installedAtMs).toBe(at);
});

test('[IP72] a database engine is named with its edition', () => {
  const keys = parseRegFile(
    '[HKLM\\SOFTWARE\\Microsoft\\Microsoft SQL Server\\X\\Setup]\n"Edition"="Small Edition"\n"Version"="1.2"\n[HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\S]\n"DisplayName"="SQL Server 2019 Database Engine Services"\n"DisplayVersion"="1.2"\n',
  );
  const named = windowsSoftware(keys, 64).map((one) => withSqlEdition(one, sqlServerEditions(keys)).name);
  expect(named).toEqual(['SQL Server 2019 Small Edition Database Engine Services']);
});

test('[IP72] installed updates: by their number, each once', () => {
  expect(
    windowsPatches([
      { HotFixID: 'KB5034441', Description: 'Security Update', InstalledOn: '2/13/2024' },
      { HotFixID: 'kb5034441', Description: 'Update' },
      { HotFixID: 'File 1' },
      { HotFixID: 'KB5000001', Description: 'Hotfix', InstalledOn: '019db1ded53e8000' },
    ]),
  ).toEqual([
    {
      kb: 'KB5034441',
      kind: 'security-update',
      description: 'Security Update',
      installedAtMs: Date.UTC(2024, 1, 13),
    },
    { kb: 'KB5000001', kind: 'hotfix', description: 'Hotfix', installedAtMs: 0 },
  ]);
});

const CONFIGURATION = {
  Index: '7',
  SettingID: '{aa}',
  Description: 'Card',
  IPEnabled: 'TRUE',
  MACAddress: '02:11:22:aa:bb:cc',
  IPAddress: ['192.0.2.7', 'FE80::7'],
  IPSubnet: ['255.255.255.0', '64'],
  DefaultIPGateway: ['192.0.2.1'],
};

test('[IP73] interfaces before Windows 8: those with a MAC or an address', () => {
  const found = windowsInterfaces(
    [
      {
        Index: '7',
        PNPDeviceID: 'PCI\\VEN_10ec&DEV_8168&SUBSYS_84321043&REV_06\\4',
        PhysicalAdapter: 'TRUE',
        Speed: '100000000',
      },
      { Index: '8', PNPDeviceID: 'ROOT\\MINIPORT\\0' },
    ],
    [CONFIGURATION],
    [],
  );
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({
    mac: '02:11:22:AA:BB:CC',
    up: true,
    virtual: false,
    speedBitsPerSecond: 100_000_000,
    pci: { vendor: '10EC', device: '8168', subsystemDevice: '8432', subsystemVendor: '1043' },
    addresses: [
      { address: '192.0.2.7', prefix: 24, family: 'ipv4' },
      { address: 'fe80::7', prefix: 64, family: 'ipv6' },
    ],
  });
});

test('[IP73] interfaces since Windows 8: all that are not hidden, joined by their GUID; an absurd speed is unknown', () => {
  const found = windowsInterfaces(
    [],
    [CONFIGURATION],
    [
      {
        DeviceID: '{AA}',
        InterfaceDescription: 'Card #2',
        InterfaceType: 71,
        Virtual: false,
        Speed: '9223372036854775807',
      },
      { DeviceID: '{BB}', InterfaceDescription: 'Tunnel', InterfaceType: 6, Virtual: true, Speed: 5 },
      { DeviceID: '{CC}', Hidden: true },
    ],
  );
  expect(
    found.map(({ description, kind, virtual, up, speedBitsPerSecond }) => [
      description,
      kind,
      virtual,
      up,
      speedBitsPerSecond,
    ]),
  ).toEqual([
    ['Card #2', 'wifi', false, true, null],
    ['Tunnel', 'ethernet', true, false, 5],
  ]);
});

test('[IP74] drives: the protocol of a network drive, volumes without a letter, serials as eight digits', () => {
  const drives = windowsDrives(
    parseWmiDump(WMI),
    [
      { DriveLetter: 'C:' },
      { Name: 'C:\\Mount\\', DriveType: 3, SerialNumber: -1, Capacity: 5 },
      { Name: '\\\\?\\Volume{0d1e2f30}\\', Label: 'Reserved', DriveType: 3, SerialNumber: 10 },
    ],
    [{ SystemDrive: 'c:' }],
  );
  expect(
    drives.map(({ letter, mount, label, kind, fileSystem, serial, system }) => [
      letter,
      mount,
      label,
      kind,
      fileSystem,
      serial,
      system,
    ]),
  ).toEqual([
    ['C:', null, null, 'local', 'NTFS', null, true],
    ['Z:', null, null, 'network', 'CIFS', null, false],
    [null, 'C:\\Mount\\', null, 'local', null, 'FFFFFFFF', false],
    [null, null, 'Reserved', 'local', null, '0000000A', false],
  ]);
});

test.each([
  ['2020202020202020202020204e53323420202020', 'SN42'],
  ['6177c38f910a83560899e28ee97c6204', '6177c38f910a83560899e28ee97c6204'],
  ['S3RIAL', 'S3RIAL'],
  [null, null],
])('[IP74] the serial number %s is read as %s', (printed, serial) => {
  expect(readableSerial(printed)).toBe(serial);
});

test('[IP74] disks of the newer and the older class', () => {
  expect(
    windowsPhysicalDisks([{ DeviceId: '0', Model: 'Fast 1', BusType: 17, MediaType: 4, Size: '100' }]),
  ).toMatchObject([{ name: 'PhysicalDisk0', bus: 'NVMe', media: 'SSD', sizeBytes: 100, virtual: false }]);
  expect(
    windowsDrivesOfWin32([
      {
        Name: 'D',
        Model: 'QEMU HARDDISK',
        MediaType: 'Unknown',
        SCSIPort: 1,
        SCSITargetId: 2,
        SCSILogicalUnit: 3,
      },
    ]),
  ).toMatchObject([
    { model: 'QEMU HARDDISK', media: null, virtual: true, scsi: { port: 1, target: 2, lun: 3 } },
  ]);
});

const DISPLAY_CLASS = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968}';

test('[IP74] graphics memory beyond 4 GiB comes from the driver of the card that is in', () => {
  const keys: RegKey[] = [
    {
      path: `${DISPLAY_CLASS}\\0000`,
      values: new Map<string, string | number>([
        ['MatchingDeviceId', 'PCI\\VEN_1&DEV_OLD'],
        ['DriverDesc', 'Old'],
        ['HardwareInformation.qwMemorySize', 1],
      ]),
    },
    {
      path: `${DISPLAY_CLASS}\\0001`,
      values: new Map<string, string | number>([
        ['MatchingDeviceId', 'pci\\ven_1&dev_2&rev_c1'],
        ['DriverDesc', 'New'],
        ['HardwareInformation.qwMemorySize', 8_589_934_592],
      ]),
    },
  ];
  const controller = {
    Name: 'New',
    PNPDeviceID: 'PCI\\VEN_1&DEV_2&SUBSYS_3&REV_C1\\4',
    AdapterRAM: 4_293_918_720,
  };
  expect(windowsGpus([controller], keys)[0]?.memoryBytes).toBe(8_589_934_592);
  expect(windowsGpus([controller], [])[0]?.memoryBytes).toBe(4_293_918_720);
});

test('[IP74] USB devices: no functions of composite ones, each instance once, made-up instance ids are no serial', () => {
  const ids = [
    'USB\\VID_046d&PID_0001\\SN1',
    'USB\\VID_046D&PID_0001\\SN1',
    'USB\\VID_046D&PID_0001&MI_00\\7&1',
    'USB\\VID_046D&PID_0002\\6&2&0&1',
    'USB\\ROOT_HUB\\4',
  ];
  expect(
    windowsUsb(ids.map((PNPDeviceID) => ({ PNPDeviceID, Name: 'n' }))).map(
      ({ vendorId, productId, serial }) => [vendorId, productId, serial],
    ),
  ).toEqual([
    ['046D', '0001', 'SN1'],
    ['046D', '0002', null],
  ]);
});

test('[IP74] USB printers: the serial number by container, else by the parent of the instance', () => {
  const printer = (instance: string, port: string, container?: string): RegKey[] => [
    {
      path: `HKLM\\Enum\\USBPRINT\\Maker\\${instance}`,
      values: new Map(container === undefined ? [] : [['ContainerID', container]]),
    },
    {
      path: `HKLM\\Enum\\USBPRINT\\Maker\\${instance}\\Device Parameters`,
      values: new Map([['PortName', port]]),
    },
  ];
  const device = (path: string, values: [string, string][]): RegKey => ({
    path: `HKLM\\Enum\\USB\\${path}`,
    values: new Map(values),
  });
  const serials = usbPrinterSerials(
    [
      ...printer('7&a&0&USB001', 'USB001', '{C}'),
      ...printer('7&b&0&USB002', 'USB002'),
      ...printer('7&c&0&USB003', 'USB003'),
    ],
    [
      device('VID_1&PID_2\\SN1', [['ContainerID', '{c}']]),
      device('VID_1&PID_3\\SN2', [['ParentIdPrefix', '7&b&0']]),
      device('VID_1&PID_4\\6&x', [['ParentIdPrefix', '7&c&0']]),
    ],
  );
  expect([...serials]).toEqual([
    ['USB001', 'SN1'],
    ['USB002', 'SN2'],
    ['USB003', null],
  ]);
});

test('[IP74] processors and memory', () => {
  const key = {
    path: 'HKLM\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0',
    values: new Map([
      ['Identifier', 'x86 Family 6 Model 42 Stepping 7'],
      ['ProcessorNameString', ' A  B '],
    ]),
  };
  expect(windowsCpus([{ DeviceID: 'CPU0', MaxClockSpeed: 2801, NumberOfCores: 4 }], [key])).toMatchObject([
    { name: 'A B', family: 6, model: 42, stepping: 7, maxHz: 2_801_000_000, cores: 4, threads: null },
  ]);
  expect(
    windowsMemory([
      { Capacity: '1024', MemoryType: 0, SMBIOSMemoryType: 26, FormFactor: 12 },
      { DeviceLocator: 'empty' },
    ]),
  ).toMatchObject([{ sizeBytes: 1024, type: 'DDR4', formFactor: 'SODIMM' }]);
});

test('[IP74] the list of USB ids: products below their vendor, classes left out', () => {
  expect([...parseUsbIds('# x\n1D6B  Linux\n\t0002  Hub\nC 03  HID\n\t0001  Boot\n')]).toEqual([
    ['1d6b', 'Linux'],
    ['1d6b:0002', 'Hub'],
  ]);
});
