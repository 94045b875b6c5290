import { SECTION_SCHEMAS } from '@muster/shared/inventory/sections.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ZodType } from 'zod';
import { fitToSchema } from '../fit.ts';
import { windowsSections } from './sections.ts';

const SYSTEM = 'Version=10.0.19045\nOSArchitecture=64-bit\nSystemDrive=C:\n';

const CIM = {
  Win32_OperatingSystem: SYSTEM,
  Win32_Processor:
    'DeviceID=CPU0\nName=Fast  CPU\nManufacturer=GenuineIntel\nMaxClockSpeed=2400\nNumberOfCores=4\nNumberOfLogicalProcessors=8\nSocketDesignation=U3E1\n',
  Win32_PhysicalMemory:
    'Capacity=8589934592\nDeviceLocator=DIMM A\nSMBIOSMemoryType=26\nSpeed=3200\n\nCapacity=8589934592\nDeviceLocator=DIMM B\n',
  Win32_PhysicalMemoryArray: 'Use=3\nMemoryDevices=4\n',
  Win32_ComputerSystem: 'Manufacturer=VMware, Inc.\nModel=VMware7,1\nTotalPhysicalMemory=17000000000\n',
  Win32_ComputerSystemProduct: 'UUID=4C4C4544-0042-3510-8052-B4C04F4E5331\nVersion=None\n',
  Win32_BIOS: 'SerialNumber=ABC1234\nSMBIOSBIOSVersion=1.2\nReleaseDate=20240131000000.000000+000\n',
  Win32_BaseBoard: 'Product=440BX\n',
  Win32_SystemEnclosure: 'ChassisTypes={10}\n',
  Win32_NetworkAdapter:
    'Index=1\nGUID={AAAAAAAA-0000-0000-0000-000000000001}\nServiceName=e1d\nPNPDeviceID=PCI\\VEN_8086&amp;DEV_15FB\\3\n',
  Win32_NetworkAdapterConfiguration:
    'Index=1\nSettingID={AAAAAAAA-0000-0000-0000-000000000001}\nIPEnabled=TRUE\nMACAddress=02:11:22:AA:BB:CC\nIPAddress={"10.0.0.5","fe80::1"}\nIPSubnet={"255.255.255.0"}\nDefaultIPGateway={"10.0.0.1"}\nDNSServerSearchOrder={"10.0.0.2","10.0.0.2"}\n',
  MSFT_NetAdapter:
    '[{"DeviceID":"{AAAAAAAA-0000-0000-0000-000000000001}","Name":"Ethernet","InterfaceDescription":"Intel(R) Ethernet","InterfaceType":6,"Virtual":false,"Hidden":false,"PermanentAddress":"001122AABBCC","PnPDeviceID":"PCI\\\\VEN_8086&DEV_15FB\\\\3","Speed":1000000000}]',
  MSFT_PhysicalDisk:
    '{"DeviceId":"0","Model":"Fast NVMe","BusType":17,"MediaType":4,"Size":512110190592,"HealthStatus":0,"UniqueIdFormat":2,"UniqueId":"eui.0025385B71B00A11","SerialNumber":"S1"}',
  Win32_LogicalDisk:
    'DeviceID=C:\nDriveType=3\nFileSystem=NTFS\nSize=500000000000\nVolumeSerialNumber=A1B2C3D4\n\nDeviceID=D:\nDriveType=5\nSize=700000000\n',
  Win32_Volume: 'Name=C:\\Data\\\nDriveType=3\nCapacity=1000000\nFileSystem=ReFS\nSerialNumber=-1\n',
  Win32_PnPEntity:
    'PNPDeviceID=USB\\VID_046D&amp;PID_C31C\\6&amp;DF2EE03&amp;0&amp;5\nName=Keys\nService=hidusb\n\nPNPDeviceID=USB\\VID_0781&amp;PID_5581\\4C53000\nName=Stick\nService=USBSTOR\n',
  Win32_VideoController:
    'DeviceID=VideoController1\nName=Card\nAdapterCompatibility=Maker\nAdapterRAM=1048576\nDriverVersion=31.0\n',
  Win32_Printer:
    'Name=Office\nPortName=IP_10.0.0.9\nDriverName=PCL\nDefault=TRUE\nShared=FALSE\n\nName=Web\nPortName=http://ada:secret@print.example:631/ipp?x=1\n\nName=Desk\nPortName=USB001\n',
  Win32_TCPIPPrinterPort: 'Name=IP_10.0.0.9\nHostAddress=10.0.0.9\nProtocol=1\n',
  Win32_QuickFixEngineering: 'HotFixID=KB5034441\nDescription=Security Update\nInstalledOn=1/31/2024\n',
} as const;

const UNINSTALL = 'Microsoft\\Windows\\CurrentVersion\\Uninstall';
const LOCAL = 'HKEY_LOCAL_MACHINE\\SOFTWARE';
const CODE = '{90120000-0011-0000-0000-0000000FF1CE}';

const REGISTRY = `Windows Registry Editor Version 5.00

[${LOCAL}\\${UNINSTALL}\\Tool]
"DisplayName"="Tool"
"DisplayVersion"="1.2"
"InstallDate"="20240131"
"EstimatedSize"=dword:00000400

[${LOCAL}\\${UNINSTALL}\\${CODE}]
"DisplayName"="Suite"
"DisplayVersion"="12.0"

[${LOCAL}\\Wow6432Node\\${UNINSTALL}\\${CODE}]
"DisplayName"="Suite"
"DisplayVersion"="12.0"

[${LOCAL}\\Wow6432Node\\${UNINSTALL}\\Tool]
"DisplayName"="Tool"
"DisplayVersion"="1.2"

[${LOCAL}\\Wow6432Node\\${UNINSTALL}\\KB2565063]
"DisplayName"="Update for Suite (KB2565063)"
"ParentDisplayName"="Suite"

[HKEY_USERS\\S-1-5-21-1\\Software\\${UNINSTALL}\\Tool]
"DisplayName"="Tool"
"DisplayVersion"="1.2"

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Enum\\USB\\VID_0781&PID_5581\\4C53000]
"LocationInformation"="Port_#0004.Hub_#0003"

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Enum\\USB\\VID_03F0&PID_0001\\PRT123]
"ParentIdPrefix"="7&1"

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Enum\\USBPRINT\\Maker_P1\\7&1&USB001\\Device Parameters]
"PortName"="USB001"

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}]
`;

const WHOLE = windowsSections({ cim: CIM, registry: REGISTRY });

test('[IN80] what was not given is no section of Windows', () => {
  expect(windowsSections({})).toEqual({});
  expect(Object.keys(windowsSections({ cim: { Win32_DiskDrive: '' } }))).toEqual(['storage']);
});

test('[IN80] with everything given, each section of Windows is complete and fits its schema', () => {
  expect(Object.keys(WHOLE).sort()).toEqual([
    'devices',
    'hardware',
    'network',
    'patches',
    'software',
    'storage',
  ]);
  for (const [name, section] of Object.entries(WHOLE)) {
    expect([name, section.notes]).toEqual([name, []]);
    expect(section.complete).toBe(true);
    expect(SECTION_SCHEMAS[name as keyof typeof SECTION_SCHEMAS].safeParse(section.data).success).toBe(true);
  }
});

test.each([
  ['hardware', 'Win32_PhysicalMemory'],
  ['network', 'MSFT_NetAdapter'],
  ['storage', 'Win32_LogicalDisk'],
  ['devices', 'Win32_Printer'],
  ['patches', 'Win32_QuickFixEngineering'],
] as const)('[IN80] the section %s is not complete without %s', (name, missing) => {
  const { [missing]: _, ...cim } = CIM;
  const section = windowsSections({ cim, registry: REGISTRY })[name];
  expect(section?.complete).toBe(false);
  expect(section?.notes).toEqual([`${missing} was not given`]);
});

test('[IN80] a class that this Windows has not yet is not missing', () => {
  const { MSFT_NetAdapter: _, ...cim } = CIM;
  const old = windowsSections({ cim: { ...cim, Win32_OperatingSystem: 'Version=6.1.7601\n' } });
  expect(old.network?.complete).toBe(true);
});

test('[IN80] one view of the uninstall keys does not make the software of a 64-bit Windows complete', () => {
  const registry = REGISTRY.replaceAll('Wow6432Node\\', 'Elsewhere\\');
  expect(windowsSections({ cim: CIM, registry }).software?.notes).toEqual([
    'registry: Uninstall of 32-bit programs was not given',
  ]);
});

test('[IN81] firmware, processors and memory of Windows', () => {
  expect(WHOLE.hardware?.data).toMatchObject({
    system: { serial: 'ABC1234', uuid: '4c4c4544-0042-3510-8052-b4c04f4e5331' },
    bios: { version: '1.2', date: '2024-01-31' },
    chassis: { type: 'Notebook' },
    virtualisation: 'vmware',
    cpus: [{ slot: 'U3E1', model: 'Fast CPU', vendor: 'Intel', cores: 4, threads: 8, maxHz: 2.4e9 }],
    memoryBytes: 2 ** 34,
    memorySlots: 4,
    memoryModules: [{ slot: 'DIMM A', type: 'DDR4', transfersPerSecond: 3.2e9 }, { slot: 'DIMM B' }],
  });
});

test('[IN81] an interface has the name people know, its burnt-in address and always a prefix', () => {
  expect(WHOLE.network?.data).toEqual({
    interfaces: [
      {
        name: 'Ethernet',
        mac: '00:11:22:aa:bb:cc',
        macPermanent: true,
        kind: 'ethernet',
        virtual: false,
        removable: false,
        speedBitsPerSecond: 1e9,
        mtu: null,
        state: 'up',
        driver: 'e1d',
        addresses: [
          { address: '10.0.0.5', prefix: 24, family: 'ipv4' },
          { address: 'fe80::1', prefix: 128, family: 'ipv6' },
        ],
      },
    ],
    gateways: [{ address: '10.0.0.1', interface: 'Ethernet' }],
    dnsServers: ['10.0.0.2'],
  });
});

test('[IN81] drives with their verdict and world wide name; discs are no file systems', () => {
  expect(WHOLE.storage?.data).toMatchObject({
    disks: [
      {
        name: 'PhysicalDisk0',
        kind: 'nvme',
        bus: 'nvme',
        health: 'passed',
        wwn: '0025385b71b00a11',
        sizeBytes: 512_110_190_592,
      },
    ],
    fileSystems: [
      { mount: 'C:', type: 'ntfs', uuid: 'a1b2c3d4' },
      { mount: 'C:\\Data\\', type: 'refs' },
    ],
  });
});

test('[IN81] USB devices by lower-case ids, printers without user, path and query', () => {
  expect(WHOLE.devices?.data).toMatchObject({
    usbDevices: [
      { port: '6&DF2EE03&0&5', vendorId: '046d', productId: 'c31c', serial: null, class: 'human interface' },
      { port: 'Port_#0004.Hub_#0003', vendorId: '0781', serial: '4C53000', class: 'storage' },
    ],
    gpus: [{ slot: 'VideoController1', vendor: 'Maker', memoryBytes: 1_048_576 }],
    printers: [
      { name: 'Office', scheme: 'socket', host: '10.0.0.9', default: true, shared: false },
      { name: 'Web', scheme: 'http', host: 'print.example' },
      { name: 'Desk', scheme: 'usb', host: null, serial: 'PRT123' },
    ],
  });
});

test('[IN82] both views make one list without duplicates, and patches are not among the programs', () => {
  const packages = WHOLE.software?.data.packages.map(({ name, architecture }) => [name, architecture]);
  expect(packages).toEqual([
    ['Tool', 'x86_64'],
    ['Suite', 'x86_64'],
    ['Tool', 'i686'],
  ]);
  expect(WHOLE.software?.data.packages[0]).toMatchObject({
    version: '1.2',
    sizeBytes: 1_048_576,
    installedAtMs: Date.UTC(2024, 0, 31),
  });
  expect(WHOLE.patches?.data.patches).toEqual([
    { id: 'KB5034441', title: 'Security Update', installedAtMs: Date.UTC(2024, 0, 31) },
    { id: 'KB2565063', title: 'Update for Suite (KB2565063)', installedAtMs: null },
  ]);
});

/** The text with something else in its midst. */
function broken(text: string, at: number, noise: string): string {
  const cut = Math.floor(at * text.length);
  return text.slice(0, cut) + noise + text.slice(cut + noise.length);
}

test('[IN80] broken outputs make sections that fit, never an exception', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, fc.string({ unit: 'binary', maxLength: 80 }), (at, noise) => {
      const cim = Object.fromEntries(
        Object.entries(CIM).map(([name, text]) => [name, broken(text, at, noise)]),
      );
      const sections = windowsSections({ cim, registry: broken(REGISTRY, at, noise) });
      for (const [name, section] of Object.entries(sections)) {
        const schema: ZodType = SECTION_SCHEMAS[name as keyof typeof SECTION_SCHEMAS];
        const fitted = fitToSchema(schema, section.data);
        expect([name, fitted]).toEqual([name, expect.objectContaining({ ok: true })]);
      }
    }),
    { numRuns: 100 },
  );
});
