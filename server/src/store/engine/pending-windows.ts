/** Windows whose rollups are missing or out of date, by machine: queries read finer data there. */
import type { Millis } from '@muster/shared/time.ts';
import type { MachineNo } from './dictionary.ts';
import type { PendingWindow } from './index-db.ts';
import { layoutOf, ROLLUPS, type RollupTier, windowsBetween } from './partitions.ts';

export class PendingWindows {
  readonly #machines = new Map<MachineNo, Map<RollupTier, Set<Millis>>>();

  add({ machine, tier, startMs }: PendingWindow): void {
    const tiers = this.#machines.get(machine) ?? new Map<RollupTier, Set<Millis>>();
    this.#machines.set(machine, tiers);
    const starts = tiers.get(tier) ?? new Set();
    tiers.set(tier, starts);
    starts.add(startMs);
  }

  delete({ machine, tier, startMs }: PendingWindow): void {
    this.#machines.get(machine)?.get(tier)?.delete(startMs);
  }

  /** Windows that ended before `endedMs`. */
  over(endedMs: Millis): number {
    let count = 0;
    for (const tiers of this.#machines.values()) {
      for (const [tier, starts] of tiers) {
        const { windowMs } = layoutOf(tier);
        for (const startMs of starts) if (startMs + windowMs <= endedMs) count += 1;
      }
    }
    return count;
  }

  has(machine: MachineNo, tier: RollupTier, startMs: Millis): boolean {
    return this.#machines.get(machine)?.get(tier)?.has(startMs) ?? false;
  }

  /**
   * At most `max` windows that ended before `endedMs`, the finest tier first: those whose own material is complete. A
   * machine's come in order of time, because a window's first rates depend on the window before it.
   * `oldestAtMs` is the time of a machine's oldest sample that is not yet in a file.
   */
  due(endedMs: Millis, oldestAtMs: (machine: MachineNo) => Millis, max: number): PendingWindow[] {
    const due: PendingWindow[] = [];
    for (const { tier, windowMs } of ROLLUPS) {
      for (const [machine, tiers] of this.#machines) {
        const starts = tiers.get(tier);
        if (starts === undefined || starts.size === 0) continue;
        for (const startMs of [...starts].sort((a, b) => a - b)) {
          if (due.length >= max) return due;
          const endMs = startMs + windowMs;
          if (endMs > endedMs) break;
          const complete =
            tier === '1m' ? oldestAtMs(machine) >= endMs : !this.#below(machine, tier, startMs);
          if (complete) due.push({ machine, tier, startMs });
        }
      }
    }
    return due;
  }

  /** Whether a window of the tier below is pending within this one. */
  #below(machine: MachineNo, tier: RollupTier, startMs: Millis): boolean {
    const below = ROLLUPS[ROLLUPS.findIndex((layout) => layout.tier === tier) - 1];
    if (below === undefined) return false;
    return windowsBetween(startMs, startMs + layoutOf(tier).windowMs, below.windowMs).some((start) =>
      this.has(machine, below.tier, start),
    );
  }
}
