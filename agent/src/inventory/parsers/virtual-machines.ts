/** Guests of Xen, VirtualBox, LXC and Hyper-V. */
import { type CimRecord, cimNumber, cimText } from './cim.ts';
import type { Guest, GuestState } from './guest.ts';
import { bytesOfSize, linesOf, pairOf, trimmed, wholeNumber } from './lines.ts';

const MEBIBYTE = 1024 ** 2;

const XEN_STATES: Readonly<Record<string, GuestState>> = {
  r: 'running',
  b: 'blocked',
  p: 'paused',
  s: 'shutdown',
  c: 'crashed',
  d: 'dying',
};

/** `xm list`, `xl list`: guests without domain 0. A guest without any flag is one that is not scheduled: off. */
export function parseXenList(text: string): Guest[] {
  return linesOf(text).flatMap((line) => {
    const match = /^(\S.*?)\s+(?:(?:\d+|-)\s+)?(\d+)\s+(\d+)\s+([rbpscd-]*)\s+[\d.]+\s*$/.exec(
      line.slice(0, MAX_LINE),
    );
    const name = match?.[1];
    if (name === undefined || name === 'Domain-0' || name === '(null)') return [];
    const flag = match?.[4]?.replaceAll('-', '')[0];
    return [
      {
        name,
        id: null,
        kind: 'xen',
        state: flag === undefined ? 'off' : (XEN_STATES[flag] ?? 'unknown'),
        cpus: wholeNumber(match?.[3]),
        memoryBytes: Number(match?.[2]) * MEBIBYTE,
        macs: [],
        image: null,
      },
    ];
  });
}

/** Longer lines are no output of these tools. */
const MAX_LINE = 256;

const VIRTUALBOX_STATES: Readonly<Record<string, GuestState>> = {
  running: 'running',
  'powered off': 'off',
  saved: 'off',
  teleported: 'off',
  aborted: 'crashed',
  'aborted-saved': 'crashed',
  paused: 'paused',
  stuck: 'blocked',
  'live snapshotting': 'running',
  starting: 'running',
  restoring: 'running',
  stopping: 'dying',
  saving: 'dying',
};

type GuestDraft = { -readonly [K in keyof Guest]: K extends 'macs' ? string[] : Guest[K] };

/** `VBoxManage list --long vms`. USB filters and shared folders have names too: a machine is what has a guest system. */
export function parseVBoxManage(text: string): Guest[] {
  const guests: GuestDraft[] = [];
  let name: string | null = null;
  for (const line of linesOf(text)) {
    const pair = /^\S/.test(line) ? pairOf(line) : null;
    if (pair === null) continue;
    const [key, value] = pair;
    if (key === 'Name') name = trimmed(value);
    else if (key === 'Guest OS' && name !== null) guests.push(guestDraft(name, 'virtualbox'));
    const guest = guests.at(-1);
    if (guest !== undefined) readVirtualBox(guest, key, value);
  }
  return guests;
}

function readVirtualBox(guest: GuestDraft, key: string, value: string): void {
  if (key === 'UUID') guest.id ??= trimmed(value)?.toLowerCase() ?? null;
  else if (key === 'Memory size') guest.memoryBytes ??= bytesOfSize(value, 1024);
  else if (key === 'Number of CPUs') guest.cpus ??= wholeNumber(value);
  else if (key === 'State' && guest.state === 'unknown')
    guest.state = VIRTUALBOX_STATES[(value.split(' (')[0] ?? '').toLowerCase()] ?? 'unknown';
  else if (/^NIC \d+$/.test(key)) pushMac(guest, value);
}

function guestDraft(name: string, kind: string): GuestDraft {
  return { name, id: null, kind, state: 'unknown', cpus: null, memoryBytes: null, macs: [], image: null };
}

function pushMac(guest: GuestDraft, value: string): void {
  const hex = /^MAC: ([0-9A-F]{12})/i.exec(value)?.[1];
  if (hex !== undefined) guest.macs.push(hex.toLowerCase().replace(/(..)(?!$)/g, '$1:'));
}

export interface LxcContainer {
  /** Of the configuration; null where only the caller knows it. */
  readonly hostname: string | null;
  readonly state: GuestState;
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly macs: readonly string[];
  /** Of the keys: 2 until LXC 2.0 ('lxc.network.…'), 3 since ('lxc.net.0.…'). */
  readonly generation: 2 | 3;
}

const LXC_STATES: Readonly<Record<string, GuestState>> = {
  running: 'running',
  frozen: 'paused',
  freezing: 'paused',
  stopped: 'off',
  starting: 'running',
  stopping: 'dying',
  aborting: 'crashed',
};

/** A container's configuration, or `lxc-info -n NAME -s -c KEY …`. Without a state it is off. */
export function parseLxc(text: string): LxcContainer {
  const values = new Map<string, string>();
  const macs: string[] = [];
  let state: GuestState = 'off';
  for (const line of linesOf(text)) {
    if (line.trimStart().startsWith('#')) continue;
    const told = /^State:\s*(\S+)/i.exec(line)?.[1];
    if (told !== undefined) state = LXC_STATES[told.toLowerCase()] ?? 'unknown';
    const [key, value] = pairOf(line, '=') ?? [];
    if (key === undefined || value === undefined || value === '') continue;
    values.set(key, value);
    if (/^lxc\.net(?:work|\.\d+)\.hwaddr$/.test(key)) macs.push(value.toLowerCase());
  }
  const value = (...keys: readonly string[]): string | null =>
    keys.map((key) => values.get(key)).find((found) => found !== undefined) ?? null;
  return {
    hostname: value('lxc.uts.name', 'lxc.utsname'),
    state,
    cpus: cpusOfSet(value('lxc.cgroup2.cpuset.cpus', 'lxc.cgroup.cpuset.cpus')),
    memoryBytes: bytesOfSize(value('lxc.cgroup2.memory.max', 'lxc.cgroup.memory.limit_in_bytes'), 1024),
    macs,
    generation: [...values.keys()].some((key) => /^lxc\.(?:network\.|utsname$|rootfs$|tty$|pts$)/.test(key))
      ? 2
      : 3,
  };
}

/** '0,3-5' → 4 */
function cpusOfSet(set: string | null): number | null {
  if (set === null) return null;
  let count = 0;
  for (const part of set.split(',')) {
    const [, first, last] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? [];
    if (first === undefined) return null;
    count += Math.max(0, Number(last ?? first) - Number(first)) + 1;
  }
  return count;
}

const HYPERV_STATES: Readonly<Record<number, GuestState>> = {
  2: 'running',
  3: 'off',
  6: 'off',
  4: 'shutdown',
  9: 'paused',
  10: 'running',
  32768: 'paused',
  32769: 'off',
  32770: 'running',
  32771: 'running',
  32773: 'dying',
  32774: 'dying',
  32776: 'paused',
  32777: 'running',
};

/**
 * Hyper-V's guests. The host itself is an `Msvm_ComputerSystem` too, one that is not named by a GUID.
 * @param systems Msvm_ComputerSystem
 * @param memories Msvm_MemorySettingData
 * @param processors Msvm_ProcessorSettingData
 * @param settings Msvm_VirtualSystemSettingData: firmware UUID
 */
export function hyperVGuests(
  systems: readonly CimRecord[],
  memories: readonly CimRecord[] = [],
  processors: readonly CimRecord[] = [],
  settings: readonly CimRecord[] = [],
): Guest[] {
  return systems.flatMap((system) => {
    const id = cimText(system, 'Name');
    if (id === null || !/^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i.test(id)) return [];
    const own = (record: CimRecord): boolean =>
      (cimText(record, 'InstanceID') ?? '').toUpperCase().includes(id.toUpperCase());
    const bios = settings.find(
      (record) => cimText(record, 'SystemName')?.toUpperCase() === id.toUpperCase() || own(record),
    );
    const memory = cimNumber(memories.find(own), 'VirtualQuantity');
    return [
      {
        name: cimText(system, 'ElementName') ?? id,
        id: cimText(bios, 'BIOSGUID')?.replace(/[{}]/g, '').toLowerCase() ?? null,
        kind: 'hyperv',
        state: HYPERV_STATES[cimNumber(system, 'EnabledState') ?? -1] ?? 'unknown',
        cpus: cimNumber(processors.find(own), 'VirtualQuantity'),
        memoryBytes: memory === null ? null : memory * MEBIBYTE,
        macs: [],
        image: null,
      },
    ];
  });
}
