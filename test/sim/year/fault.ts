/** A planted fault: what is done to the house, and the truth about it that the product is measured by. */
import type { Millis } from '@muster/shared/time.ts';
import type { Effect } from './effect.ts';

/**
 * incident: one must open. finding: an incident or a finding must. record: nothing may open, and the record of presence must
 * say what it was. silence: nothing may open, it is ordinary.
 */
export type Expected = 'incident' | 'finding' | 'record' | 'silence';

export interface Fault {
  readonly kind: string;
  readonly must: Expected;
  /** What fails, by its name. */
  readonly subject: string;
  /** The CIs any of which an incident must name as the one at fault. */
  readonly causeIds: ReadonlySet<string>;
  /** CIs whose incidents belong to it, the cause among them. */
  readonly hits: ReadonlySet<string>;
  /** Families of causes that belong to it; null: all do. */
  readonly families: readonly string[] | null;
  readonly fromMs: Millis;
  /** From when on it can be seen by definition (docs/YEAR.md). */
  readonly detectableMs: Millis;
  readonly toMs: Millis;
  /** record: what the record of each machine must say of the time. */
  readonly recorded?: (record: readonly Recorded[]) => boolean;
}

/** A stretch of the record of one machine, cut to the time of the fault. */
export interface Recorded {
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly presence: string;
  readonly cause: string | null;
}

/** What faults can do to the house. Machines by their index. */
export interface Hands {
  /** Without a word. Virtual machines on it go too. */
  powerOff(machine: number): void;
  powerOn(machine: number): void;
  /** Announced; it is back after `downMs`. */
  restart(machine: number, downMs: Millis): void;
  /** Announced; it comes back with `powerOn`. */
  shutDown(machine: number): void;
  killAgent(machine: number): void;
  startAgent(machine: number): void;
  /** The host answers, its agent does not. */
  hang(machine: number): void;
  unhang(machine: number): void;
  /** It lives, and nothing reaches it or what is behind it. */
  cut(machine: number): void;
  rejoin(machine: number): void;
  /** Another address on the same network. */
  readdress(machine: number): void;
  /** Its clock is wrong by this much from now on, until it connects anew. */
  jumpClock(machine: number, byMs: Millis): void;
  reconnect(machine: number): void;
  /** Never seen again. */
  vanish(machine: number): void;
  /** A second machine with its key and identity comes online. */
  clone(machine: number): void;
  ownServerDown(): void;
  ownServerUp(): void;
}

export interface Act {
  readonly atMs: Millis;
  readonly do: (hands: Hands) => void;
}

/** What has to be done for a fault. */
export interface Planted {
  readonly fault: Fault;
  readonly effects: readonly Effect[];
  readonly acts: readonly Act[];
  /** When these machines are looked at every ten seconds. */
  readonly fine: readonly {
    readonly machines: readonly number[];
    readonly fromMs: Millis;
    readonly toMs: Millis;
  }[];
}
