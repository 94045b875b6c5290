/**
 * The agent's eye on itself: what it may take of this machine, and when it is better to begin anew. Pure. A limit of the
 * operating system would make it read its own program from disk again and again instead, or be killed without a word.
 * For a process that hangs there is `service/linux/watch.sh`.
 */
import type { Millis } from '@muster/shared/time.ts';

export const WATCHDOG_LOOK_MS = 30_000;
/** Three times what it takes as it is installed; an inventory of a large server may reach two thirds of it for a moment. */
export const RESIDENT_BYTES_MAX = 192 << 20;
/** Looks in a row beyond it: three minutes. */
export const RESIDENT_LOOKS_MAX = 6;
/** Of one core, over `CPU_WINDOW_MS`. A live view takes a hundredth, sending a week's spool a tenth. */
export const CPU_SHARE_MAX = 0.5;
export const CPU_WINDOW_MS = 300_000;
/** The loop came so much later to a look than was planned. */
export const STALL_MS_MAX = 30_000;
/** Part of a stall in which the process itself must have computed; otherwise it was kept from running. */
const STALL_CPU_SHARE_MIN = 0.5;

/** EX_TEMPFAIL of sysexits.h: the service starts it again, after its pause. */
export const EXIT_RESTART = 75;

export interface Footprint {
  /** Never goes back and stands still while the machine sleeps. */
  readonly awakeMs: Millis;
  /** All threads, since the start. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

export class Watchdog {
  /** Oldest first; the first one is at least a window old once there are enough. */
  #looks: Footprint[] = [];
  #looksBeyondMemory = 0;

  /** Every `WATCHDOG_LOOK_MS`. Why it should begin anew, in words; null: all is well. */
  look(now: Footprint): string | null {
    const last = this.#looks.at(-1);
    this.#looks.push(now);
    return this.#memory(now) ?? (last ? stall(last, now) : null) ?? this.#cpu(now);
  }

  #memory({ residentBytes }: Footprint): string | null {
    this.#looksBeyondMemory = residentBytes > RESIDENT_BYTES_MAX ? this.#looksBeyondMemory + 1 : 0;
    if (this.#looksBeyondMemory < RESIDENT_LOOKS_MAX) return null;
    const minutes = (RESIDENT_LOOKS_MAX * WATCHDOG_LOOK_MS) / 60_000;
    return `${mebibytes(residentBytes)} MiB of memory, more than ${mebibytes(RESIDENT_BYTES_MAX)} MiB for ${minutes} minutes`;
  }

  #cpu(now: Footprint): string | null {
    while (now.awakeMs - (this.#looks[1]?.awakeMs ?? now.awakeMs) >= CPU_WINDOW_MS) this.#looks.shift();
    const from = this.#looks[0] as Footprint;
    const windowMs = now.awakeMs - from.awakeMs;
    if (windowMs < CPU_WINDOW_MS) return null;
    const share = ((now.cpuSeconds - from.cpuSeconds) * 1_000) / windowMs;
    if (share <= CPU_SHARE_MAX) return null;
    return `${percent(share)} of a core over ${Math.round(windowMs / 60_000)} minutes, more than ${percent(CPU_SHARE_MAX)}`;
  }
}

function stall(last: Footprint, now: Footprint): string | null {
  const stallMs = now.awakeMs - last.awakeMs - WATCHDOG_LOOK_MS;
  const cpuMs = (now.cpuSeconds - last.cpuSeconds) * 1_000;
  if (stallMs < STALL_MS_MAX || cpuMs < stallMs * STALL_CPU_SHARE_MIN) return null;
  return `it was busy with one thing for ${Math.round(stallMs / 1_000)} s and did nothing else`;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / (1 << 20));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
