/** From the rows that PowerShell prints to readings. Rows and fields that make no sense are left out; nothing throws but a refused question. */
import { type CimRecord, cimFlag, cimNumber, cimText, parseCimJson } from '../inventory/parsers/cim.ts';
import type {
  DiskCounters,
  InterfaceCounters,
  MemoryCounters,
  NativeProcess,
  ServiceState,
  Volume,
} from '../native/system.ts';

/** A statement failed: the class is not there, access was refused, WMI gave up. */
export class RefusedError extends Error {}

/** @throws RefusedError with the error's identifier. */
export function rowsOf(answer: string): CimRecord[] {
  // The host may have broken the line; JSON of one line holds no line feed of its own.
  const text = answer.replace(/[\r\n]/g, '');
  if (text.startsWith('!')) throw new RefusedError(text.slice(1, 200));
  return parseCimJson(text);
}

/** Counters of Windows that are 32 bits wide. */
const WRAP = 2 ** 32;

/**
 * Instances are '0 C: D:', the number of the drive and its letters: `PhysicalDisk0`, as in the inventory, because
 * letters come and go. '_Total' is left out. AvgDisksecPerTransfer is a sum of times in ticks of PerfTime.
 */
export function diskCounters(rows: readonly CimRecord[]): DiskCounters[] {
  const disks = new Map<string, DiskCounters>();
  for (const row of rows) {
    const number = /^(\d{1,5})(?= |$)/.exec(cimText(row, 'Name') ?? '')?.[1];
    const [readBytes, writtenBytes, reads, writes] = [
      'DiskReadBytesPersec',
      'DiskWriteBytesPersec',
      'DiskReadsPersec',
      'DiskWritesPersec',
    ].map((name) => countIn(row, name));
    if (number === undefined || !isCount(readBytes) || !isCount(writtenBytes)) continue;
    if (!isCount(reads) || !isCount(writes)) continue;
    const device = `PhysicalDisk${number}`;
    disks.set(device, {
      device,
      readBytes,
      writtenBytes,
      reads,
      writes,
      errors: null,
      taken: takenOf(row),
      idle: idleOf(row),
    });
  }
  return [...disks.values()];
}

function isCount(value: number | null | undefined): value is number {
  return typeof value === 'number';
}

/** A number from 0 on; null where there is none. */
export function countIn(row: CimRecord | undefined, name: string): number | null {
  const value = cimNumber(row, name);
  return value !== null && value >= 0 ? value : null;
}

function takenOf(row: CimRecord): DiskCounters['taken'] {
  const time = countIn(row, 'AvgDisksecPerTransfer');
  const requests = countIn(row, 'AvgDisksecPerTransfer_Base');
  const perSecond = countIn(row, 'Frequency_PerfTime');
  if (!isCount(time) || !isCount(requests) || !isCount(perSecond) || perSecond === 0) return null;
  return { time, requests, perSecond, wrapsAt: time < WRAP && requests < WRAP ? WRAP : null };
}

function idleOf(row: CimRecord): DiskCounters['idle'] {
  const time = countIn(row, 'PercentIdleTime');
  const of = countIn(row, 'PercentIdleTime_Base');
  return isCount(time) && isCount(of) && of > 0 ? { time, of } : null;
}

/** What MSFT_NetAdapter tells of an adapter. */
export interface Adapter {
  /** As people know it: 'Ethernet 2'. */
  readonly name: string;
  /** What its counters are called after. */
  readonly description: string;
  readonly up: boolean | null;
  readonly bytesPerSecond: number | null;
}

/** MSFT_NetAdapter.InterfaceAdminStatus */
const SWITCHED_ON = 1;
/** MSFT_NetAdapter.MediaConnectState */
const [CONNECTED, DISCONNECTED] = [1, 2];

export function adaptersOf(rows: readonly CimRecord[]): Adapter[] {
  return rows.flatMap((row) => {
    const name = cimText(row, 'Name');
    const description = cimText(row, 'InterfaceDescription');
    if (name === null || description === null) return [];
    const state = countIn(row, 'MediaConnectState');
    const hasLink =
      cimFlag(row, 'HardwareInterface') === true && countIn(row, 'InterfaceAdminStatus') === SWITCHED_ON;
    const bits = Math.min(countIn(row, 'ReceiveLinkSpeed') ?? 0, countIn(row, 'TransmitLinkSpeed') ?? 0);
    return [
      {
        name,
        description,
        up: !hasLink ? null : state === CONNECTED ? true : state === DISCONNECTED ? false : null,
        // A driver that does not know says 2^64 − 1.
        bytesPerSecond: hasLink && bits > 0 && bits < 2 ** 60 ? bits / 8 : null,
      },
    ];
  });
}

/** Names of instances may not hold some characters of the adapter's description. */
function instanceKey(name: string): string {
  return name.replace(/[()[\]#/\\_]/g, '_').toLowerCase();
}

/** Of adapters that are known by name; those of tunnels that Windows makes for itself are not. */
export function interfaceCounters(
  rows: readonly CimRecord[],
  adapters: readonly Adapter[],
): InterfaceCounters[] {
  const known = new Map(adapters.map((adapter) => [instanceKey(adapter.description), adapter]));
  const found = new Map<string, InterfaceCounters>();
  for (const row of rows) {
    const adapter = known.get(instanceKey(cimText(row, 'Name') ?? ''));
    const [receivedBytes, transmittedBytes, receivedPackets, transmittedPackets] = [
      'BytesReceivedPersec',
      'BytesSentPersec',
      'PacketsReceivedPersec',
      'PacketsSentPersec',
    ].map((name) => countIn(row, name));
    if (adapter === undefined || !isCount(receivedBytes) || !isCount(transmittedBytes)) continue;
    if (!isCount(receivedPackets) || !isCount(transmittedPackets)) continue;
    found.set(adapter.name, {
      name: adapter.name,
      receivedBytes,
      receivedPackets,
      receivedErrors: countIn(row, 'PacketsReceivedErrors'),
      receivedDrops: countIn(row, 'PacketsReceivedDiscarded'),
      transmittedBytes,
      transmittedPackets,
      transmittedErrors: countIn(row, 'PacketsOutboundErrors'),
      transmittedDrops: countIn(row, 'PacketsOutboundDiscarded'),
      up: adapter.up,
      bytesPerSecond: adapter.bytesPerSecond,
    });
  }
  return [...found.values()];
}

const MEBIBYTE = 2 ** 20;

/** cached: what is on the standby lists, and changed pages that wait to be written: what the Task Manager calls cached. */
export function memoryCounters(
  memory: CimRecord | undefined,
  pageFiles: readonly CimRecord[] | null,
): MemoryCounters {
  const cached = [
    'ModifiedPageListBytes',
    'StandbyCacheCoreBytes',
    'StandbyCacheNormalPriorityBytes',
    'StandbyCacheReserveBytes',
  ].map((name) => countIn(memory, name));
  const sum = (name: string): number | null =>
    pageFiles === null
      ? null
      : pageFiles.reduce((bytes, row) => bytes + (countIn(row, name) ?? 0) * MEBIBYTE, 0);
  return {
    availableBytes: null,
    cachedBytes: cached.every(isCount) ? cached.reduce((bytes, part) => bytes + part, 0) : null,
    swapTotalBytes: sum('AllocatedBaseSize'),
    swapUsedBytes: sum('CurrentUsage'),
    // Windows counts pages of files and of the page file together.
    swappedInBytes: null,
    swappedOutBytes: null,
  };
}

/** Volumes with a place ('C:\\', 'D:\\data\\') and a file system; others cannot be named. */
export function volumesOf(rows: readonly CimRecord[]): Volume[] {
  return rows.flatMap((row) => {
    const path = cimText(row, 'Name');
    if (path === null || !/^[a-z]:\\/i.test(path) || cimText(row, 'FileSystem') === null) return [];
    return [{ path, name: path.replace(/\\$/, '') }];
  });
}

/**
 * Services that start with the machine. Not those that something else starts (`triggered`) or that are put off until
 * the machine is idle: they end by themselves when their work is done.
 */
export function serviceStates(rows: readonly CimRecord[], triggered: ReadonlySet<string>): ServiceState[] {
  return rows.flatMap((row) => {
    const name = cimText(row, 'Name');
    if (name === null || cimText(row, 'StartMode') !== 'Auto') return [];
    if (cimFlag(row, 'DelayedAutoStart') === true || triggered.has(name.toLowerCase())) return [];
    return [{ name, running: cimText(row, 'State') === 'Running' }];
  });
}

/** From keys '…\\Services\\<name>\\TriggerInfo'; in lower case. */
export function triggeredServices(rows: readonly CimRecord[]): ReadonlySet<string> {
  return new Set(
    rows.flatMap(
      (row) =>
        /\\Services\\([^\\]+)\\TriggerInfo$/i.exec(cimText(row, 'Name') ?? '')?.[1]?.toLowerCase() ?? [],
    ),
  );
}

const HUNDRED_NANOSECONDS = 1e-7;
/** The idle process, which uses what nobody uses. */
const IDLE_PID = 0;

export function processesOf(rows: readonly CimRecord[]): NativeProcess[] {
  return rows.flatMap((row) => {
    const pid = countIn(row, 'ProcessId');
    const name = cimText(row, 'Name');
    const [kernel, user] = [countIn(row, 'KernelModeTime'), countIn(row, 'UserModeTime')];
    if (pid === null || pid === IDLE_PID || name === null || !isCount(kernel) || !isCount(user)) return [];
    return [
      {
        pid,
        name,
        user: '',
        startedAt: cimText(row, 'CreationDate') ?? '',
        cpuSeconds: (kernel + user) * HUNDRED_NANOSECONDS,
        residentBytes: countIn(row, 'WorkingSetSize') ?? 0,
      },
    ];
  });
}
