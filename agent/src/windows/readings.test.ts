import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  adaptersOf,
  diskCounters,
  interfaceCounters,
  memoryCounters,
  processesOf,
  RefusedError,
  rowsOf,
  serviceStates,
  triggeredServices,
  volumesOf,
} from './readings.ts';
import { queriedKeys, queriedValue } from './registry.ts';

test('[CO49] rows are JSON that the host may have broken into lines; a refusal names its error', () => {
  expect(rowsOf('[{"Name":"a\r\nb"},\r\n{"Name":null}]\r\n')).toEqual([{ Name: 'ab' }, { Name: null }]);
  expect(rowsOf('')).toEqual([]);
  expect(() => rowsOf('!HRESULT 0x80041010,X\r\n')).toThrow(new RefusedError('HRESULT 0x80041010,X'));
});

test('[CO52] PowerShell 5.1 wraps some dates and lists', () => {
  expect(rowsOf('[{"A":{"value":"\\/Date(5)\\/","DateTime":"x"},"B":{"value":[1,2],"Count":2}}]')).toEqual([
    { A: '/Date(5)/', B: [1, 2] },
  ]);
  expect(rowsOf('{"value":[{"Name":"a"},{"Name":"b"}],"Count":2}')).toEqual([{ Name: 'a' }, { Name: 'b' }]);
  expect(rowsOf('{"value":"a property of that name"}')).toEqual([{ value: 'a property of that name' }]);
});

test('[CO52] a disk is its number, whatever letters it has; the total is none', () => {
  const figures = {
    DiskReadBytesPersec: 1,
    DiskWriteBytesPersec: 2,
    DiskReadsPersec: 3,
    DiskWritesPersec: 4,
  };
  const names = ['0 C:', '1', '12 D: E:', '_Total', 'Disk', '3x'];
  expect(diskCounters(names.map((Name) => ({ Name, ...figures }))).map(({ device }) => device)).toEqual([
    'PhysicalDisk0',
    'PhysicalDisk1',
    'PhysicalDisk12',
  ]);
  expect(diskCounters([{ Name: '0 C:', ...figures, DiskReadsPersec: null }])).toEqual([]);
});

const ADAPTER = {
  Name: 'Ethernet',
  InterfaceDescription: 'Realtek(R) PCIe/GbE #3',
  HardwareInterface: true,
  InterfaceAdminStatus: 1,
  MediaConnectState: 1,
  ReceiveLinkSpeed: 2_500_000_000,
  TransmitLinkSpeed: 1_000_000_000,
};

test.each([
  [{}, true, 125_000_000],
  [{ MediaConnectState: 2 }, false, 125_000_000],
  [{ MediaConnectState: 0 }, null, 125_000_000],
  [{ InterfaceAdminStatus: 2 }, null, null],
  [{ HardwareInterface: false }, null, null],
  [{ ReceiveLinkSpeed: null }, true, null],
  [{ ReceiveLinkSpeed: 1.8446744073709552e19, TransmitLinkSpeed: 1.8446744073709552e19 }, true, null],
])('[CO52] an adapter with %j has the link %s and %s bytes per second', (change, up, bytesPerSecond) => {
  expect(adaptersOf([{ ...ADAPTER, ...change }])).toEqual([
    { name: 'Ethernet', description: ADAPTER.InterfaceDescription, up, bytesPerSecond },
  ]);
});

test('[CO52] counters find their adapter although their name may not hold all of its letters', () => {
  const row = { BytesReceivedPersec: 1, BytesSentPersec: 2, PacketsReceivedPersec: 3, PacketsSentPersec: 4 };
  const found = interfaceCounters(
    [
      { Name: 'Realtek[R] PCIe_GbE _3', ...row },
      { Name: 'Teredo Tunneling Pseudo-Interface', ...row },
    ],
    adaptersOf([ADAPTER]),
  );
  expect(found).toMatchObject([
    { name: 'Ethernet', receivedBytes: 1, transmittedBytes: 2, receivedErrors: null, up: true },
  ]);
});

test('[CO52] the page file is in MiB; without one there is none to be full; unknown is not zero', () => {
  expect(memoryCounters(undefined, [{ AllocatedBaseSize: 2, CurrentUsage: 1 }])).toMatchObject({
    swapTotalBytes: 2_097_152,
    swapUsedBytes: 1_048_576,
    cachedBytes: null,
    swappedInBytes: null,
  });
  expect(memoryCounters({}, [])).toMatchObject({ swapTotalBytes: 0, swapUsedBytes: 0 });
  expect(memoryCounters({}, null)).toMatchObject({ swapTotalBytes: null, swapUsedBytes: null });
});

test('[CO55] volumes have a letter or a folder, and a file system', () => {
  const names = ['C:\\', 'D:\\mounted\\here\\', '\\\\?\\Volume{1}\\', '\\\\server\\share'];
  expect(volumesOf(names.map((Name) => ({ Name, FileSystem: 'NTFS' })))).toEqual([
    { name: 'C:', path: 'C:\\' },
    { name: 'D:\\mounted\\here', path: 'D:\\mounted\\here\\' },
  ]);
  expect(volumesOf([{ Name: 'C:\\', FileSystem: '' }])).toEqual([]);
});

test('[CO53] services that start with the machine, not those that a trigger starts or that are put off', () => {
  const key = (name: string) => ({ Name: `HKEY_LOCAL_MACHINE\\SYSTEM\\X\\Services\\${name}\\TriggerInfo` });
  const rows = [
    { Name: 'A', State: 'Running', StartMode: 'Auto', DelayedAutoStart: false },
    { Name: 'B', State: 'Stop Pending', StartMode: 'Auto', DelayedAutoStart: false },
    { Name: 'C', State: 'Running', StartMode: 'Auto', DelayedAutoStart: true },
    { Name: 'D', State: 'Running', StartMode: 'Manual', DelayedAutoStart: false },
    { Name: 'Gpsvc', State: 'Running', StartMode: 'Auto', DelayedAutoStart: false },
  ];
  expect(serviceStates(rows, triggeredServices([key('gpSvc'), { Name: 'else' }]))).toEqual([
    { name: 'A', running: true },
    { name: 'B', running: false },
  ]);
});

test('[CO58] values and keys that reg.exe printed, in any language', () => {
  const output =
    '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\X\r\n    MachineGuid    REG_SZ    0f1e-2d3c\r\n    Empty    REG_SZ    \r\n\r\nEnde der Suche\r\n';
  expect(queriedValue(output, 'machineguid')).toBe('0f1e-2d3c');
  expect(queriedValue(output, 'Empty')).toBeNull();
  expect(queriedValue(output, 'Guid')).toBeNull();
  expect(queriedKeys(output)).toEqual(['HKEY_LOCAL_MACHINE\\SOFTWARE\\X']);
});

const FIELDS = `
  Name DiskReadBytesPersec DiskWriteBytesPersec DiskReadsPersec DiskWritesPersec
  AvgDisksecPerTransfer AvgDisksecPerTransfer_Base Frequency_PerfTime PercentIdleTime
  PercentIdleTime_Base InterfaceDescription BytesReceivedPersec BytesSentPersec
  PacketsReceivedPersec PacketsSentPersec PacketsReceivedErrors AllocatedBaseSize CurrentUsage
  ProcessId KernelModeTime UserModeTime WorkingSetSize CreationDate ReceiveLinkSpeed
  TransmitLinkSpeed HardwareInterface InterfaceAdminStatus ModifiedPageListBytes
  StandbyCacheCoreBytes StandbyCacheNormalPriorityBytes StandbyCacheReserveBytes FileSystem State
  StartMode`
  .trim()
  .split(/\s+/);

/** Rows as a broken or hostile provider could give them. */
const anyRow = fc.dictionary(
  fc.constantFrom(...FIELDS),
  fc.oneof(
    fc.constantFrom<unknown>('0 C:', 'C:\\', 'Auto', 'x', '', null, true, 1, -5, 1e30, [1], {}, { value: 3 }),
    fc.string(),
    fc.double(),
    fc.integer(),
  ),
);

/** Every number in it, however deep. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

test('[CO57] whatever PowerShell prints, readings are finite and not below 0, or nothing', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 6 }), fc.string(), (made, noise) => {
      for (const text of [JSON.stringify(made), JSON.stringify(made).slice(0, 40), noise.replace(/^!/, '')]) {
        const rows = rowsOf(text.startsWith('!') ? '' : text);
        const readings = [
          diskCounters(rows),
          interfaceCounters(rows, adaptersOf(rows)),
          memoryCounters(rows[0], rows),
          processesOf(rows),
          volumesOf(rows),
          serviceStates(rows, triggeredServices(rows)),
        ];
        for (const one of numbersIn(readings))
          expect(one).toSatisfy((n: number) => Number.isFinite(n) && n >= 0);
      }
    }),
    { numRuns: 300 },
  );
});
