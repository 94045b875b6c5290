/**
 * What Windows and macOS tell about themselves, where Linux has files: figures that Node reads at once, and those
 * that a helper is asked for in its own rhythm. Everything here is in SI units and of one shape on both, so that
 * the collectors do not know which of the two they run on.
 */
import type { CollectedInventory } from '../inventory/native.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';

export interface NativeSystem {
  /** The same until the next boot; at most 64 characters, and it tells nothing but that. */
  readonly bootId: string;
  /** As in the inventory: MachineGuid of Windows, IOPlatformUUID; and the firmware's own. null where it cannot be read. */
  readonly machineId: string | null;
  readonly systemUuid: string | null;
  /** Since boot, time asleep included. */
  uptimeSeconds(): number;
  cores(): readonly CoreTimes[];
  /** 1, 5 and 15 minutes; null where the system keeps none (Windows). */
  loadAverages(): readonly [number, number, number] | null;
  memoryTotalBytes(): number;
  /** What a new program could get without swapping; null where only the helper knows (macOS). */
  memoryAvailableBytes(): number | null;
  /** Never waits: what the helper said last, each null before it has and when it is out of date. */
  told(): Told;
  /** Never waits either: the last list, and asks for a new one unless that costs too much. null: none yet, or the last is out of date. */
  processes(): Dated<readonly NativeProcess[]> | null;
  /** Sections that `inventory` gives when all goes well. */
  readonly sections: readonly InventorySection[];
  /** From the platform's own sources, at the inventory's interval. Rejects when the helper does not answer. */
  inventory(): Promise<CollectedInventory>;
}

/** CPU time of one core since boot, in ms. */
export interface CoreTimes {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
}

export interface Told {
  readonly counters: Dated<Counters> | null;
  /** Local file systems that are watched, as paths; kept once known, because asking one is cheap and tells whether it is there. */
  readonly volumes: readonly Volume[];
  readonly services: Dated<readonly ServiceState[]> | null;
}

/** `atMs` on the host's monotonic clock. A reading is told once per rhythm: see `isNews`. */
export interface Dated<Value> {
  readonly atMs: Millis;
  readonly value: Value;
}

/**
 * Ticks and the helper have rhythms of their own, so a tick may meet a reading that it has told already. Telling
 * it twice would make a counter stand still and then leap: such a tick has no sample instead.
 */
export function isNews(reading: Dated<unknown> | null, toldAtMs: Millis | null): boolean {
  return reading !== null && reading.atMs !== toldAtMs;
}

/** null: the system does not count it, or did not say. */
export interface Counters {
  readonly memory: MemoryCounters;
  readonly disks: readonly DiskCounters[];
  readonly interfaces: readonly InterfaceCounters[];
  readonly processes: number | null;
  readonly processesRunning: number | null;
  readonly processesBlocked: number | null;
  readonly contextSwitches: number | null;
}

export interface MemoryCounters {
  readonly availableBytes: number | null;
  readonly cachedBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapUsedBytes: number | null;
  /** Since boot. */
  readonly swappedInBytes: number | null;
  readonly swappedOutBytes: number | null;
}

export interface DiskCounters {
  readonly device: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly reads: number;
  readonly writes: number;
  /** Requests that failed. */
  readonly errors: number | null;
  /** Time that all requests together took, in `perSecond`, of so many requests; both fall back to 0 at `wrapsAt`. */
  readonly taken: {
    readonly time: number;
    readonly requests: number;
    readonly perSecond: number;
    readonly wrapsAt: number | null;
  } | null;
  /** Time without a request, of so much time, in one unit. */
  readonly idle: { readonly time: number; readonly of: number } | null;
}

export interface InterfaceCounters {
  /** As the inventory calls it. */
  readonly name: string;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly receivedErrors: number | null;
  readonly receivedDrops: number | null;
  readonly transmittedBytes: number;
  readonly transmittedPackets: number;
  readonly transmittedErrors: number | null;
  readonly transmittedDrops: number | null;
  /** null: no device behind it, switched off, or the driver does not say. */
  readonly up: boolean | null;
  readonly bytesPerSecond: number | null;
}

export interface Volume {
  /** As the inventory calls it: 'C:', '/'. */
  readonly name: string;
  /** What statfs is asked. */
  readonly path: string;
}

export interface ServiceState {
  readonly name: string;
  readonly running: boolean;
}

export interface NativeProcess {
  readonly pid: number;
  /** Of the program, without its path and arguments. */
  readonly name: string;
  /** '' where finding out costs too much (Windows). */
  readonly user: string;
  /** With the pid it tells two processes apart that had the same number. */
  readonly startedAt: string;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}
