/** Whether what an inventory shows was allowed: by an approved change in its window, by the policy of patches, or by nobody. Pure. */
import type { ChangeKind, ChangePolicy, PolicyRule } from '@muster/shared/api/changes.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import type { Millis } from '@muster/shared/time.ts';
import { POLICY_RULE_NAMES } from '@muster/shared/given-names.ts';
import type { AttributeValue } from '../cmdb/picture.ts';
import type { HistoryRow, Part } from '../cmdb/store.ts';
import type { ChangeRecord } from './store.ts';

/** The machine a row of history belongs to. */
export interface Subject {
  readonly id: string;
  readonly class: string;
  readonly tags: readonly string[];
}

/** What a row of history is of, in the words of the policy. */
export interface Observed {
  readonly kind: ChangeKind;
  /** Of the package, file, part or attribute. */
  readonly name: string;
  /** Package source, where it is known. */
  readonly source: string | null;
}

export type Verdict =
  | { readonly allowed: true; readonly by: 'change'; readonly change: ChangeRecord }
  | { readonly allowed: true; readonly by: 'policy'; readonly rule: PolicyRule }
  | { readonly allowed: true; readonly by: 'not-watched' }
  | { readonly allowed: false };

/** Attributes of a machine and what a change of them is. */
const MACHINE_ATTRIBUTES: Readonly<Record<string, ChangeKind>> = {
  serial: 'hardware-changed',
  uuid: 'hardware-changed',
  boardSerial: 'hardware-changed',
  chassisSerial: 'hardware-changed',
  manufacturer: 'hardware-changed',
  model: 'hardware-changed',
  cpuModel: 'hardware-changed',
  cpuCores: 'hardware-changed',
  memoryBytes: 'hardware-changed',
  memorySlots: 'hardware-changed',
  biosVendor: 'firmware-changed',
  biosVersion: 'firmware-changed',
  biosDate: 'firmware-changed',
  osName: 'os-changed',
  osVersion: 'os-changed',
  kernel: 'os-changed',
  architecture: 'os-changed',
  machineId: 'os-changed',
  hostname: 'network-changed',
  domain: 'network-changed',
  ipAddresses: 'network-changed',
  macAddresses: 'network-changed',
  gateways: 'network-changed',
  dnsServers: 'network-changed',
};

/** Classes of parts; what comes and goes of them is hardware unless said otherwise. */
const PART_KINDS: Readonly<Record<string, { changed: ChangeKind; present: ChangeKind | null }>> = {
  NetworkInterface: { changed: 'network-changed', present: 'network-changed' },
  FileSystem: { changed: 'configuration-changed', present: 'configuration-changed' },
  OperatingSystem: { changed: 'os-changed', present: null },
  RunningService: { changed: 'service-changed', present: 'service-changed' },
};

/** Devices that people plug in and out all day; a USB stick is none of them. */
const EVERYDAY_DEVICES: ReadonlySet<AttributeValue> = new Set(['monitor', 'usb', 'printer', 'battery']);

/** Things of a machine that have rows under a prefix of their own, as in `file:/etc/hosts`. */
const PREFIXES: Readonly<Record<string, ChangeKind>> = {
  file: 'configuration-changed',
  driver: 'driver-changed',
  user: 'account-changed',
  group: 'account-changed',
  security: 'security-changed',
  service: 'service-changed',
  guest: 'configuration-changed',
};

/** The agent's own, by the names that Linux, Windows and macOS list it under; that it goes is a change. */
const OWN_PACKAGES: ReadonlySet<string> = new Set(['muster-agent', 'Muster Agent']);

/** Names that carry the version: kernels and libraries of a distribution stand beside the one they follow, or follow it. */
const VERSIONED_NAME = /^(?:lib|linux-|kernel-)/;
const VERSION_IN_NAME = /\d+(?:[.+~-]\d+)*/g;
/** Debian's libraries with 64 bits of time: libssl3t64 follows libssl3. */
const TIME64 = /t64(?=$|[-:])/;

/** What else is known of the machine at that moment. */
export interface Beside {
  /** Package → its source: what is installed, and what the report says is gone. */
  readonly sources: ReadonlyMap<string, string>;
  /** How many packages have a name when its version is left out; `before`: without those that are new. */
  readonly versionless: {
    readonly now: ReadonlyMap<string, number>;
    readonly before: ReadonlyMap<string, number>;
  };
  /** The report brought a patch of the operating system. */
  readonly hasNewPatch: boolean;
}

export function besideOf(
  sources: ReadonlyMap<string, string>,
  created: ReadonlySet<string>,
  hasNewPatch: boolean,
): Beside {
  const now = new Map<string, number>();
  const before = new Map<string, number>();
  for (const name of sources.keys()) {
    const bare = versionlessName(name);
    if (bare === null) continue;
    now.set(bare, (now.get(bare) ?? 0) + 1);
    if (!created.has(name)) before.set(bare, (before.get(bare) ?? 0) + 1);
  }
  return { sources, versionless: { now, before }, hasNewPatch };
}

const NOTHING_BESIDE = besideOf(new Map(), new Set(), false);

/**
 * null: not a change of the machine that an inventory shows (a person's edit, a first sight, a relation), or one of everyday life.
 * `part`: what the row is of, where it is of a part.
 */
export function observedIn(
  row: HistoryRow,
  part?: Pick<Part, 'section' | 'attributes'>,
  beside: Beside = NOTHING_BESIDE,
): Observed | null {
  if (row.source !== 'agent' && row.source !== 'third-party') return null;
  if (row.kind !== 'created' && row.kind !== 'changed' && row.kind !== 'removed' && row.kind !== 'returned')
    return null;
  const [, prefix, rest] = /^([a-z]+):(.*)$/s.exec(row.attribute ?? '') ?? [];
  if (prefix === 'software' && rest !== undefined) {
    if (OWN_PACKAGES.has(rest) && row.kind !== 'removed') return null;
    return { kind: softwareKind(row, rest, beside), name: rest, source: beside.sources.get(rest) ?? null };
  }
  const kind = prefix === undefined ? undefined : PREFIXES[prefix];
  if (prefix === 'patch' && rest !== undefined)
    return { kind: patchKind(row, beside), name: rest, source: null };
  if (kind !== undefined && rest !== undefined) return { kind, name: rest, source: null };
  if (isMachineClass(row.ciClass)) return machineChange(row);
  return partChange(row, part);
}

/** 'linux-image-6.1.0-41-amd64' → 'linux-image-#-amd#'; null: the name carries no version. */
function versionlessName(name: string): string | null {
  if (!VERSIONED_NAME.test(name) || !/\d/.test(name)) return null;
  return name.replace(TIME64, '').replaceAll(VERSION_IN_NAME, '#');
}

function softwareKind({ kind }: HistoryRow, name: string, { sources, versionless }: Beside): ChangeKind {
  if (kind === 'changed') return 'software-updated';
  const bare = versionlessName(name) ?? '';
  if (kind !== 'removed') return versionless.before.has(bare) ? 'software-updated' : 'software-installed';
  const others = (versionless.now.get(bare) ?? 0) - (sources.has(name) ? 1 : 0);
  return others > 0 ? 'software-updated' : 'software-removed';
}

/** A patch is an update of what is there; those that a newer one replaces go from the list with it. */
function patchKind({ kind }: HistoryRow, { hasNewPatch }: Beside): ChangeKind {
  return kind === 'removed' && !hasNewPatch ? 'software-removed' : 'software-updated';
}

function machineChange({ kind, attribute, before, after }: HistoryRow): Observed | null {
  if (kind !== 'changed' || attribute === null) return null;
  const of = MACHINE_ATTRIBUTES[attribute];
  if (of === undefined || (attribute === 'memoryBytes' && isSameMemory(before, after))) return null;
  return {
    kind: isPatchOfSystem(attribute, before, after) ? 'software-updated' : of,
    name: attribute,
    source: null,
  };
}

/** What the kernel keeps for itself differs with each version of it; the smallest module is far more. */
const MEMORY_SHARE_MAX = 0.02;

function isSameMemory(before: AttributeValue, after: AttributeValue): boolean {
  return (
    typeof before === 'number' &&
    typeof after === 'number' &&
    Math.abs(after - before) <= MEMORY_SHARE_MAX * Math.max(before, after)
  );
}

/** A new kernel or a point release comes with the patches; another release of the system does not. */
function isPatchOfSystem(attribute: string, before: AttributeValue, after: AttributeValue): boolean {
  if (attribute === 'kernel' || attribute === 'build')
    return typeof before === 'string' && typeof after === 'string';
  if (attribute !== 'osVersion' && attribute !== 'version') return false;
  return typeof before === 'string' && typeof after === 'string' && releaseOf(before) === releaseOf(after);
}

/** Windows counts releases by build (10.0.20348), Ubuntu by year and month (22.04), the others by their first number. */
function releaseOf(version: string): string {
  return /^(?:10\.0\.\d+|(?:1[68]|[2-9]\d)\.(?:04|10)(?!\d)|\d+)/.exec(version.trim())?.[0] ?? version;
}

function partChange(
  { kind, ciClass, ciName, attribute, before, after }: HistoryRow,
  part: Parameters<typeof observedIn>[1],
): Observed | null {
  if (part?.section === 'devices' && isEveryday(part)) return null;
  const of = PART_KINDS[ciClass] ?? { changed: 'hardware-changed', present: undefined };
  const isPatch = ciClass === 'OperatingSystem' && isPatchOfSystem(attribute ?? '', before, after);
  if (kind === 'changed')
    return { kind: isPatch ? 'software-updated' : of.changed, name: ciName, source: null };
  const present = of.present ?? (kind === 'removed' ? 'hardware-removed' : 'hardware-added');
  return of.present === null ? null : { kind: present, name: ciName, source: null };
}

function isEveryday({ attributes }: Pick<Part, 'attributes'>): boolean {
  const isStorage = Object.values(attributes).some(
    ({ value }) => value === 'storage' || value === 'mass storage',
  );
  return EVERYDAY_DEVICES.has(attributes['kind']?.value ?? null) && !isStorage;
}

/** `changes`: those in force when it was seen. */
export function judge(
  observed: Observed,
  machine: Subject,
  atMs: Millis,
  changes: readonly ChangeRecord[],
  policy: ChangePolicy,
): Verdict {
  const watched = isMachineClass(machine.class) ? policy.watched[machine.class] : undefined;
  if (!watched?.includes(observed.kind)) return { allowed: true, by: 'not-watched' };
  const change = changes.find((one) => covers(one, observed, machine, atMs));
  if (change) return { allowed: true, by: 'change', change };
  const rule = policy.allowed.find((one) => permits(one, observed, machine, atMs));
  return rule ? { allowed: true, by: 'policy', rule } : { allowed: false };
}

export function covers(change: ChangeRecord, observed: Observed, machine: Subject, atMs: Millis): boolean {
  return (
    (change.state === 'approved' || change.state === 'closed') &&
    change.startsAtMs <= atMs &&
    atMs < change.endsAtMs &&
    (change.kinds.length === 0 || change.kinds.includes(observed.kind)) &&
    (change.ciIds.includes(machine.id) || change.tags.some((tag) => machine.tags.includes(tag)))
  );
}

function permits(rule: PolicyRule, observed: Observed, machine: Subject, atMs: Millis): boolean {
  return (
    rule.enabled &&
    rule.kinds.includes(observed.kind) &&
    isAmong(rule.classes, machine.class) &&
    (rule.tags.length === 0 || rule.tags.some((tag) => machine.tags.includes(tag))) &&
    (rule.sources.length === 0 || (observed.source !== null && rule.sources.includes(observed.source))) &&
    (rule.names.length === 0 || rule.names.some((pattern) => nameFits(pattern, observed.name))) &&
    isInWindow(rule, atMs)
  );
}

function isAmong(wanted: readonly string[], value: string): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

/** `*` stands for any part; upper and lower case are the same. */
export function nameFits(pattern: string, name: string): boolean {
  const pieces = pattern.toLowerCase().split('*');
  const text = name.toLowerCase();
  if (pieces.length === 1) return text === pieces[0];
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > text.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}

const MINUTES_PER_DAY = 1_440;

/** A window over midnight belongs to the day on which it begins. */
export function isInWindow(
  { days, fromMinute, toMinute, timeZone }: Pick<PolicyRule, 'days' | 'fromMinute' | 'toMinute' | 'timeZone'>,
  atMs: Millis,
): boolean {
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
  const minute = at.hour * 60 + at.minute;
  const on = (day: number) => days.length === 0 || days.includes(day);
  if (fromMinute < toMinute) return on(at.dayOfWeek) && fromMinute <= minute && minute < toMinute;
  if (fromMinute === toMinute % MINUTES_PER_DAY) return on(at.dayOfWeek);
  const yesterday = at.dayOfWeek === 1 ? 7 : at.dayOfWeek - 1;
  return (on(at.dayOfWeek) && minute >= fromMinute) || (on(yesterday) && minute < toMinute);
}

/** Updates by package managers are patches; hardware, new software and configuration of servers want a change. */
export const POLICY_DEFAULT: ChangePolicy = {
  watched: {
    Server: [
      'hardware-added',
      'hardware-removed',
      'hardware-changed',
      'firmware-changed',
      'os-changed',
      'software-installed',
      'software-removed',
      'software-updated',
      'configuration-changed',
      'account-changed',
      'security-changed',
    ],
    VirtualMachine: [
      'hardware-added',
      'hardware-removed',
      'hardware-changed',
      'os-changed',
      'software-installed',
      'software-removed',
      'software-updated',
      'configuration-changed',
      'account-changed',
      'security-changed',
    ],
    Workstation: [
      'hardware-added',
      'hardware-removed',
      'hardware-changed',
      'firmware-changed',
      'software-installed',
      'account-changed',
      'security-changed',
    ],
  },
  allowed: [
    {
      id: 'package-updates',
      name: POLICY_RULE_NAMES['package-updates'].en,
      enabled: true,
      kinds: ['software-updated'],
      classes: [],
      tags: [],
      sources: [],
      names: [],
      days: [],
      fromMinute: 0,
      toMinute: MINUTES_PER_DAY,
      timeZone: 'UTC',
    },
  ],
};
