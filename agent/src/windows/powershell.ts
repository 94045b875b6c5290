/**
 * PowerShell 5.1, which every Windows since 10 and Server 2016 has, as the helper: what it is told, and the
 * questions. Only cmdlets and properties are used, no methods, so that it also works where an application control
 * policy puts PowerShell into its constrained language. Class, property and state names of CIM are the same in
 * every language of Windows; names of performance counters are not, and none are used.
 */
import type { HelperProgram } from '../helper/helper.ts';

/**
 * Statements of one line each, because PowerShell reads its input line by line. `Answer` prints what a block
 * gives as one line of JSON, or `!` and the error's identifier, between the marks.
 *
 * What it prints is UTF-8 where that may be set; in the constrained language it stays the machine's code page,
 * and letters outside ASCII are lost.
 */
const PREAMBLE = [
  `$ErrorActionPreference = 'Stop'`,
  `$ProgressPreference = 'SilentlyContinue'`,
  `$WarningPreference = 'SilentlyContinue'`,
  `$plain = $ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage'`,
  `if ($plain) { [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false }`,
  // The host may break a long text at the width of a screen that is not there; the console's own writer does not.
  `function Say($text) { if ($plain) { [Console]::Out.WriteLine($text) } else { $text } }`,
  `function Answer($mark, $work) { Say "$mark <"; try { Say (ConvertTo-Json -InputObject @(& $work) -Compress -Depth 3) } catch { Say ('!' + $_.FullyQualifiedErrorId) }; Say "$mark >" }`,
  '',
].join('\n');

/** `folder` is that of Windows, 'C:\\Windows'. Full paths: what lies in the working folder must not be run. */
export function powershell(folder: string): HelperProgram {
  const system = `${folder}\\System32`;
  return {
    file: `${system}\\WindowsPowerShell\\v1.0\\powershell.exe`,
    args: ['-NoLogo', '-NoProfile', '-NonInteractive', '-InputFormat', 'Text', '-Command', '-'],
    env: {
      SystemRoot: folder,
      windir: folder,
      SystemDrive: folder.slice(0, 2),
      Path: `${system};${folder};${system}\\Wbem;${system}\\WindowsPowerShell\\v1.0`,
      TEMP: `${folder}\\Temp`,
      TMP: `${folder}\\Temp`,
    },
    preamble: PREAMBLE,
    line: (mark, question) => `Answer '${mark}' { ${question} }`,
  };
}

/** One class with the properties that are wanted. */
export interface CimQuestion {
  readonly className: string;
  readonly properties: readonly string[];
  /** 'root/cimv2' where not said. */
  readonly namespace?: string;
  /** WQL condition without double quotes. */
  readonly filter?: string;
}

/** Seconds after which WMI gives up by itself: less than the helper's patience, which ends it. */
const OPERATION_SECONDS = 25;

/**
 * `named`: only these properties are fetched, which fails where a version of Windows lacks one of them. `all`:
 * whatever the class has is fetched, and these are picked.
 */
export function cimStatement(
  { className, properties, namespace, filter }: CimQuestion,
  fetch: 'named' | 'all' = 'named',
): string {
  const words = [
    `Get-CimInstance -ClassName ${className}`,
    namespace === undefined ? '' : `-Namespace ${namespace}`,
    fetch === 'all' ? '' : `-Property ${properties.join(',')}`,
    filter === undefined ? '' : `-Filter "${filter}"`,
    `-OperationTimeoutSec ${OPERATION_SECONDS}`,
  ];
  return `${words.filter((word) => word !== '').join(' ')} | Select-Object -Property ${properties.join(',')}`;
}

const METERS = 'Win32_PerfRawData_';

/** Raw counters with their time bases; the rates are ours. */
export const COUNTER_QUESTIONS = {
  disks: {
    className: `${METERS}PerfDisk_PhysicalDisk`,
    properties: [
      'Name',
      'DiskReadBytesPersec',
      'DiskWriteBytesPersec',
      'DiskReadsPersec',
      'DiskWritesPersec',
      'AvgDisksecPerTransfer',
      'AvgDisksecPerTransfer_Base',
      'PercentIdleTime',
      'PercentIdleTime_Base',
      'Frequency_PerfTime',
    ],
  },
  interfaces: {
    className: `${METERS}Tcpip_NetworkInterface`,
    properties: [
      'Name',
      'BytesReceivedPersec',
      'BytesSentPersec',
      'PacketsReceivedPersec',
      'PacketsSentPersec',
      'PacketsReceivedErrors',
      'PacketsReceivedDiscarded',
      'PacketsOutboundErrors',
      'PacketsOutboundDiscarded',
    ],
  },
  memory: {
    className: `${METERS}PerfOS_Memory`,
    properties: [
      'ModifiedPageListBytes',
      'StandbyCacheCoreBytes',
      'StandbyCacheNormalPriorityBytes',
      'StandbyCacheReserveBytes',
    ],
  },
  system: { className: `${METERS}PerfOS_System`, properties: ['Processes', 'ContextSwitchesPersec'] },
  pageFiles: { className: 'Win32_PageFileUsage', properties: ['AllocatedBaseSize', 'CurrentUsage'] },
} as const satisfies Record<string, CimQuestion>;

/** What changes seldom: names and links of adapters, local volumes, services. */
export const SURROUNDINGS_QUESTIONS = {
  adapters: {
    namespace: 'root/StandardCimv2',
    className: 'MSFT_NetAdapter',
    properties: [
      'Name',
      'InterfaceDescription',
      'HardwareInterface',
      'InterfaceAdminStatus',
      'MediaConnectState',
      'ReceiveLinkSpeed',
      'TransmitLinkSpeed',
    ],
  },
  // DriveType 3: local, not removable. Those of a network would block whoever asks for their size.
  volumes: { className: 'Win32_Volume', properties: ['Name', 'FileSystem'], filter: 'DriveType = 3' },
  services: {
    className: 'Win32_Service',
    properties: ['Name', 'State', 'StartMode', 'DelayedAutoStart'],
    filter: `StartMode = 'Auto'`,
  },
} as const satisfies Record<string, CimQuestion>;

/** Names of services that Windows starts when something happens, and that end by themselves: those with this key. */
export const TRIGGERED_STATEMENT = `Get-Item -Path 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\*\\TriggerInfo' -ErrorAction SilentlyContinue | Select-Object -Property Name`;

/** Never the command line, which is not even fetched: arguments hold secrets. */
export const PROCESS_QUESTION = {
  className: 'Win32_Process',
  properties: ['ProcessId', 'Name', 'CreationDate', 'KernelModeTime', 'UserModeTime', 'WorkingSetSize'],
} as const satisfies CimQuestion;

/** What the sections of the inventory are made of (`inventory/windows/`), class by class. */
export const INVENTORY_QUESTIONS: readonly CimQuestion[] = [
  {
    className: 'Win32_OperatingSystem',
    properties: [
      'Caption',
      'CSName',
      'Version',
      'BuildNumber',
      'OSArchitecture',
      'InstallDate',
      'LastBootUpTime',
      'SystemDrive',
      'TotalVisibleMemorySize',
    ],
  },
  {
    className: 'Win32_Processor',
    properties: [
      'DeviceID',
      'Name',
      'Manufacturer',
      'Description',
      'ProcessorId',
      'SerialNumber',
      'SocketDesignation',
      'MaxClockSpeed',
      'NumberOfCores',
      'NumberOfLogicalProcessors',
    ],
  },
  {
    className: 'Win32_PhysicalMemory',
    properties: [
      'BankLabel',
      'Capacity',
      'Caption',
      'Description',
      'DeviceLocator',
      'FormFactor',
      'Manufacturer',
      'MemoryType',
      'PartNumber',
      'SMBIOSMemoryType',
      'SerialNumber',
      'Speed',
    ],
  },
  { className: 'Win32_PhysicalMemoryArray', properties: ['MemoryDevices', 'Use'] },
  {
    className: 'Win32_ComputerSystem',
    properties: [
      'Name',
      'DNSHostName',
      'Domain',
      'PartOfDomain',
      'Manufacturer',
      'Model',
      'SystemSKUNumber',
      'TotalPhysicalMemory',
    ],
  },
  {
    className: 'Win32_ComputerSystemProduct',
    properties: ['IdentifyingNumber', 'Name', 'UUID', 'Vendor', 'Version'],
  },
  {
    className: 'Win32_BIOS',
    properties: ['Manufacturer', 'SMBIOSBIOSVersion', 'Version', 'ReleaseDate', 'SerialNumber'],
  },
  { className: 'Win32_BaseBoard', properties: ['Manufacturer', 'Product', 'Version', 'SerialNumber'] },
  {
    className: 'Win32_SystemEnclosure',
    properties: ['ChassisTypes', 'Manufacturer', 'SerialNumber', 'SMBIOSAssetTag'],
  },
  {
    className: 'Win32_NetworkAdapter',
    properties: [
      'GUID',
      'Index',
      'Name',
      'Description',
      'MACAddress',
      'NetConnectionID',
      'PhysicalAdapter',
      'PNPDeviceID',
      'ServiceName',
      'Speed',
    ],
  },
  {
    className: 'Win32_NetworkAdapterConfiguration',
    properties: [
      'Index',
      'SettingID',
      'Description',
      'IPEnabled',
      'IPAddress',
      'IPSubnet',
      'DefaultIPGateway',
      'DHCPServer',
      'DNSDomain',
      'DNSServerSearchOrder',
      'MACAddress',
      'MTU',
    ],
  },
  {
    namespace: 'root/StandardCimv2',
    className: 'MSFT_NetAdapter',
    properties: [
      'Name',
      'DeviceID',
      'PnPDeviceID',
      'InterfaceDescription',
      'InterfaceType',
      'Hidden',
      'NdisPhysicalMedium',
      'PermanentAddress',
      'Speed',
      'Virtual',
    ],
  },
  {
    namespace: 'root/Microsoft/Windows/Storage',
    className: 'MSFT_PhysicalDisk',
    properties: [
      'DeviceId',
      'FriendlyName',
      'Manufacturer',
      'Model',
      'SerialNumber',
      'FirmwareVersion',
      'BusType',
      'MediaType',
      'HealthStatus',
      'PhysicalLocation',
      'Description',
      'Size',
      'UniqueId',
      'UniqueIdFormat',
    ],
  },
  {
    className: 'Win32_DiskDrive',
    properties: [
      'DeviceID',
      'Name',
      'Caption',
      'Description',
      'Manufacturer',
      'Model',
      'SerialNumber',
      'FirmwareRevision',
      'InterfaceType',
      'MediaType',
      'Size',
      'Status',
    ],
  },
  {
    className: 'Win32_LogicalDisk',
    properties: [
      'DeviceID',
      'Caption',
      'Description',
      'VolumeName',
      'VolumeSerialNumber',
      'FileSystem',
      'DriveType',
      'Access',
      'ProviderName',
      'Size',
      'FreeSpace',
    ],
    // Not those of a network: they are of the account that is asked, and may not answer.
    filter: 'DriveType <> 4',
  },
  {
    className: 'Win32_Volume',
    properties: [
      'Name',
      'Caption',
      'Description',
      'DriveLetter',
      'DriveType',
      'Label',
      'FileSystem',
      'SerialNumber',
      'DeviceID',
      'Capacity',
      'FreeSpace',
    ],
    filter: 'DriveType <> 4',
  },
  {
    className: 'Win32_PnPEntity',
    properties: ['DeviceID', 'PNPDeviceID', 'Name', 'Caption', 'Manufacturer', 'Service', 'PNPClass'],
    filter: `PNPDeviceID LIKE 'USB%'`,
  },
  {
    className: 'Win32_VideoController',
    properties: [
      'DeviceID',
      'PNPDeviceID',
      'Name',
      'Caption',
      'AdapterCompatibility',
      'AdapterRAM',
      'DriverVersion',
      'VideoProcessor',
      'CurrentHorizontalResolution',
      'CurrentVerticalResolution',
    ],
  },
  {
    className: 'Win32_Printer',
    properties: ['Name', 'Comment', 'Location', 'DriverName', 'PortName', 'ServerName', 'Default', 'Shared'],
  },
  { className: 'Win32_TCPIPPrinterPort', properties: ['Name', 'HostAddress', 'Protocol'] },
  { className: 'Win32_QuickFixEngineering', properties: ['HotFixID', 'Description', 'InstalledOn'] },
  { className: 'Win32_Service', properties: ['Name', 'DisplayName', 'State', 'StartMode', 'ExitCode'] },
];

/** Values of a key that belong to the section `os`; under the name that `inventory/windows/os.ts` asks for. */
export const VALUE_STATEMENTS: Readonly<Record<string, string>> = {
  CurrentVersion: valueStatement('SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion', [
    'DisplayVersion',
    'UBR',
  ]),
  Cryptography: valueStatement('SOFTWARE\\Microsoft\\Cryptography', ['MachineGuid']),
};

function valueStatement(key: string, names: readonly string[]): string {
  return `Get-ItemProperty -Path 'HKLM:\\${key}' | Select-Object -Property ${names.join(',')}`;
}
