/** A Windows machine that answers as PowerShell would print it, made up. For tests. */
import type { StartHelper } from '../helper/helper.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface FakeWindows {
  /** Class → its instances; a class that is not here is refused. `TriggerInfo`, `CurrentVersion`, `Cryptography`: registry. */
  classes: Record<string, readonly Row[]>;
  /** Does not answer any more. */
  hangs: boolean;
  /** Statements in the order they came. */
  readonly statements: string[];
  readonly start: StartHelper;
}

export function fakeWindows(classes: Record<string, readonly Row[]>): FakeWindows {
  const machine: FakeWindows = {
    classes,
    hangs: false,
    statements: [],
    start: (_program, events) => ({
      kill: () => undefined,
      write: (text) => {
        const [, mark, statement] = /^Answer '(\S+)' \{ (.*) \}\n$/.exec(text) ?? [];
        if (mark === undefined || statement === undefined || machine.hangs) return;
        machine.statements.push(statement);
        const answer = answerTo(machine.classes, statement);
        queueMicrotask(() => events.output(`${mark} <\r\n${answer}\r\n${mark} >\r\n`));
      },
    }),
  };
  return machine;
}

function answerTo(classes: Record<string, readonly Row[]>, statement: string): string {
  const name =
    /-ClassName (\w+)/.exec(statement)?.[1] ??
    /(TriggerInfo|CurrentVersion|Cryptography)'/.exec(statement)?.[1];
  const rows = classes[name ?? ''];
  if (rows === undefined) return '!HRESULT 0x80041010,Microsoft.Management.Infrastructure.CimCmdlets';
  const wanted = /Select-Object -Property (\S+)$/.exec(statement)?.[1]?.split(',') ?? [];
  return JSON.stringify(rows.map((row) => Object.fromEntries(wanted.map((one) => [one, row[one] ?? null]))));
}

const TICKS_PER_SECOND = 10_000_000;

/** `seconds` after its boot: 100 reads and 50 writes a second of 4 KiB and 8 KiB, each of 2 ms; idle for 70 %. */
export function windowsAt(seconds: number): Record<string, readonly Row[]> {
  const transfers = 150 * seconds;
  return {
    Win32_PerfRawData_PerfDisk_PhysicalDisk: ['0 C: D:', '_Total'].map((Name) => ({
      Name,
      DiskReadBytesPersec: 100 * 4_096 * seconds,
      DiskWriteBytesPersec: 50 * 8_192 * seconds,
      DiskReadsPersec: 100 * seconds,
      DiskWritesPersec: 50 * seconds,
      AvgDisksecPerTransfer: (transfers * 0.002 * TICKS_PER_SECOND) % 2 ** 32,
      AvgDisksecPerTransfer_Base: transfers % 2 ** 32,
      PercentIdleTime: 0.7 * seconds * TICKS_PER_SECOND,
      PercentIdleTime_Base: seconds * TICKS_PER_SECOND,
      Frequency_PerfTime: TICKS_PER_SECOND,
    })),
    Win32_PerfRawData_Tcpip_NetworkInterface: ['Intel[R] Ethernet Connection _2', 'isatap.example.org'].map(
      (Name) => ({
        Name,
        BytesReceivedPersec: 12_500_000 * seconds,
        BytesSentPersec: 1_000_000 * seconds,
        PacketsReceivedPersec: 10_000 * seconds,
        PacketsSentPersec: 5_000 * seconds,
        PacketsReceivedErrors: 1,
        PacketsReceivedDiscarded: 2,
        PacketsOutboundErrors: 3,
        PacketsOutboundDiscarded: 4,
      }),
    ),
    Win32_PerfRawData_PerfOS_Memory: [
      {
        ModifiedPageListBytes: 1_000,
        StandbyCacheCoreBytes: 2_000,
        StandbyCacheNormalPriorityBytes: 3_000,
        StandbyCacheReserveBytes: 4_000,
      },
    ],
    Win32_PerfRawData_PerfOS_System: [{ Processes: 123, ContextSwitchesPersec: 5_000 * seconds }],
    Win32_PageFileUsage: [{ AllocatedBaseSize: 1_024, CurrentUsage: 256 }],
    MSFT_NetAdapter: [
      {
        Name: 'Ethernet 2',
        InterfaceDescription: 'Intel(R) Ethernet Connection #2',
        HardwareInterface: true,
        InterfaceAdminStatus: 1,
        MediaConnectState: 1,
        ReceiveLinkSpeed: 1_000_000_000,
        TransmitLinkSpeed: 1_000_000_000,
      },
    ],
    Win32_Volume: [
      { Name: 'C:\\', FileSystem: 'NTFS' },
      { Name: 'C:\\data\\', FileSystem: 'ReFS' },
      { Name: '\\\\?\\Volume{0a3e595a-00d7-11e3-86ca-806e6f6e6963}\\', FileSystem: 'NTFS' },
      { Name: 'E:\\', FileSystem: null },
    ],
    Win32_Service: [
      { Name: 'Spooler', State: 'Running', StartMode: 'Auto', DelayedAutoStart: false },
      { Name: 'NeverRan', State: 'Stopped', StartMode: 'Auto', DelayedAutoStart: false },
      { Name: 'Updater', State: 'Running', StartMode: 'Auto', DelayedAutoStart: true },
      { Name: 'gpsvc', State: 'Running', StartMode: 'Auto', DelayedAutoStart: false },
    ],
    TriggerInfo: [{ Name: 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\GPSvc\\TriggerInfo' }],
    Win32_Process: [
      { ProcessId: 0, Name: 'System Idle Process', KernelModeTime: 9e12, UserModeTime: 0 },
      {
        ProcessId: 4,
        Name: 'System',
        CreationDate: '/Date(1700000000000)/',
        KernelModeTime: 0.1 * seconds * TICKS_PER_SECOND,
        UserModeTime: 0,
        WorkingSetSize: 140_000,
      },
      {
        ProcessId: 812,
        Name: 'sqlservr.exe',
        CreationDate: '/Date(1700000001000)/',
        KernelModeTime: 0.5 * seconds * TICKS_PER_SECOND,
        UserModeTime: 1 * seconds * TICKS_PER_SECOND,
        WorkingSetSize: 4_000_000_000,
      },
    ],
  };
}
