/**
 * Windows whose rollups are missing or out of date, by machine: queries read finer data there. Those that failed are put
 * behind all others, each time for longer.
 */
import { HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { isDueAgain } from '../../due.ts';
import type { FailedWindow } from './archive.ts';
import type { MachineNo } from './dictionary.ts';
import type { PendingWindow } from './index-db.ts';
import { layoutOf, ROLLUPS, type RollupTier, windowsBetween } from './partitions.ts';

/** Pause after a first failure; it doubles with each further one up to the longest. */
const PAUSE_MS = 1 * MINUTE_MS;
const PAUSE_MS_MAX = 1 * HOUR_MS;

interface Postponed {
  readonly what: string;
  readonly sinceMs: Millis;
  readonly triedMs: Millis;
  readonly pauseMs: number;
}

export class PendingWindows {
  readonly #machines = new Map<MachineNo, Map<RollupTier, Set<Millis>>>();
  readonly #postponed = new Map<string, Postponed>();

  add({ machine, tier, startMs }: PendingWindow): void {
    const tiers = this.#machines.get(machine) ?? new Map<RollupTier, Set<Millis>>();
    this.#machines.set(machine, tiers);
    const starts = tiers.get(tier) ?? new Set();
    tiers.set(tier, starts);
    starts.add(startMs);
  }

  delete(window: PendingWindow): void {
    const { machine, tier, startMs } = window;
    this.#machines.get(machine)?.get(tier)?.delete(startMs);
    this.#postponed.delete(keyOf(window));
  }

  /** Puts a window behind that was tried in vain; true if no other waits for the same reason, nor did this one. */
  postpone({ window, what }: FailedWindow, nowMs: Millis): boolean {
    const isNews = ![...this.#postponed.values()].some((one) => one.what === what);
    const before = this.#postponed.get(keyOf(window));
    this.#postponed.set(keyOf(window), {
      what,
      sinceMs: before?.sinceMs ?? nowMs,
      triedMs: nowMs,
      pauseMs: Math.min(PAUSE_MS_MAX, before === undefined ? PAUSE_MS : before.pauseMs * 2),
    });
    return isNews;
  }

  /** Why windows are behind, each reason once, with the time since when. */
  troubles(): { readonly atMs: Millis; readonly what: string }[] {
    const since = new Map<string, Millis>();
    for (const { what, sinceMs } of this.#postponed.values())
      since.set(what, Math.min(sinceMs, since.get(what) ?? sinceMs));
    return Array.from(since, ([what, atMs]) => ({ atMs, what: troubleOf(what) }));
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
   * machine's come in order of time, because a window's first rates depend on the window before it. Those that failed
   * come last, when their pause is over.
   * `oldestAtMs` is the time of a machine's oldest sample that is not yet in a file.
   */
  due(
    endedMs: Millis,
    oldestAtMs: (machine: MachineNo) => Millis,
    max: number,
    nowMs: Millis,
  ): PendingWindow[] {
    const due: PendingWindow[] = [];
    const again: PendingWindow[] = [];
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
          if (!complete) continue;
          const window = { machine, tier, startMs };
          const postponed = this.#postponed.get(keyOf(window));
          if (postponed === undefined) due.push(window);
          else if (isDueAgain(postponed.triedMs, postponed.pauseMs, nowMs)) again.push(window);
        }
      }
    }
    return [...due, ...again].slice(0, max);
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

/** What is told of a reason for which windows wait. */
export function troubleOf(what: string): string {
  return `samples could not be settled or rolled up, are kept as they are and tried again: ${what}`;
}

function keyOf({ machine, tier, startMs }: PendingWindow): string {
  return `${machine} ${tier} ${startMs}`;
}
