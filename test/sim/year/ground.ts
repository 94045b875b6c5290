/** Where and when a fault may be planted: never two at once on what one of them touches. */
import type { Millis } from '@muster/shared/time.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Machine, Office, Site } from './office.ts';
import type { OfficeTime } from './office-time.ts';
import type { Diary, Session } from './people.ts';
import type { Random } from './random.ts';

export interface Span {
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

const TRIES_MAX = 300;
const MARGIN_MS = 6 * HOUR_MS;
/** What lasts longer goes through patch windows. */
const LONG_MS = 4 * DAY_MS;

export class Ground {
  readonly office: Office;
  readonly time: OfficeTime;
  readonly random: Random;
  readonly #diaries: ReadonlyMap<number, Diary>;
  readonly #busy = new Map<number, Span[]>();
  /** Patch windows: nothing short is planted there, and nothing long keeps out of their way. */
  readonly #patched = new Map<number, Span[]>();
  readonly #from: Millis;

  constructor(
    office: Office,
    time: OfficeTime,
    diaries: ReadonlyMap<number, Diary>,
    random: Random,
    calmDays: number,
  ) {
    this.office = office;
    this.time = time;
    this.random = random;
    this.#diaries = diaries;
    // What is learned needs something to learn from.
    this.#from = time.at(calmDays, 0);
  }

  machine(index: number): Machine {
    const found = this.office.machines[index];
    if (!found) throw new Error(`there is no machine ${index}`);
    return found;
  }

  named(name: string): number {
    return this.office.machines.findIndex((one) => one.name === name);
  }

  servers(which: (one: Machine) => boolean = () => true): number[] {
    return this.#of(
      (one) =>
        (one.class === 'Server' || one.class === 'VirtualMachine') &&
        one.index !== this.office.ownServer &&
        which(one),
    );
  }

  laptops(): number[] {
    return this.#of((one) => one.class === 'Workstation');
  }

  switches(which: (one: Machine) => boolean = () => true): number[] {
    return this.#of((one) => one.class === 'NetworkDevice' && which(one));
  }

  guestsOf(host: number): number[] {
    return this.#of((one) => one.host === host);
  }

  ofSite(site: Site): number[] {
    return this.#of((one) => one.site === site);
  }

  everything(): number[] {
    return this.#of(() => true);
  }

  /** What is out of reach when this fails: what runs on it, and what hangs on it alone. */
  behind(index: number): number[] {
    const lost = new Set([index]);
    for (let before = 0; before < lost.size; ) {
      before = lost.size;
      for (const { index: each, host, uplinks } of this.office.machines) {
        const isCut = uplinks.length > 0 && uplinks.every((uplink) => lost.has(uplink));
        if (isCut || (host !== null && lost.has(host))) lost.add(each);
      }
    }
    return [...lost];
  }

  /** Ids of these and of the services that stand on them; of their sites too where all of a site is hit. */
  idsOf(machines: readonly number[], site: Site | null = null): Set<string> {
    const ids = new Set(machines.map((index) => this.machine(index).id));
    for (const { type, fromId, toId } of this.office.edges)
      if (type === 'dependsOn' && ids.has(toId)) ids.add(fromId);
    if (site !== null) for (const id of placesOf(site)) ids.add(id);
    return ids;
  }

  sessionsOf(laptop: number): readonly Session[] {
    return this.#diaries.get(laptop)?.sessions ?? [];
  }

  noonsOf(laptop: number): readonly Session[] {
    return this.#diaries.get(laptop)?.noons ?? [];
  }

  occupy(machines: readonly number[], span: Span): void {
    for (const machine of machines) this.#busy.set(machine, [...(this.#busy.get(machine) ?? []), span]);
  }

  occupyForPatches(machines: readonly number[], span: Span): void {
    for (const machine of machines) this.#patched.set(machine, [...(this.#patched.get(machine) ?? []), span]);
  }

  isFree(machines: readonly number[], span: Span): boolean {
    if (span.fromMs < this.#from || span.toMs > this.time.endMs - DAY_MS) return false;
    const isLong = span.toMs - span.fromMs > LONG_MS;
    return machines.every(
      (machine) =>
        isApart(this.#busy.get(machine), span) && (isLong || isApart(this.#patched.get(machine), span)),
    );
  }

  /** A begin at which all of these are free for so long; it is taken. null: there is none. */
  take(
    machines: readonly number[],
    lengthMs: Millis,
    fits: (fromMs: Millis) => boolean = () => true,
  ): Millis | null {
    for (let i = 0; i < TRIES_MAX; i++) {
      const latestMs = this.time.endMs - lengthMs - DAY_MS;
      if (latestMs <= this.#from) return null;
      const fromMs = onGrid(this.random.between(this.#from, latestMs));
      const span = { fromMs, toMs: fromMs + lengthMs };
      if (!fits(fromMs) || !this.isFree(machines, span)) continue;
      this.occupy(machines, span);
      return fromMs;
    }
    return null;
  }

  /** A stretch of a laptop's work of at least this length, free; it is taken. */
  takeSession(lengthMs: Millis): { laptop: number; session: Session } | null {
    const laptops = this.laptops();
    for (let i = 0; i < TRIES_MAX && laptops.length > 0; i++) {
      const laptop = this.random.pick(laptops);
      const sessions = this.sessionsOf(laptop).filter((one) => one.toMs - one.fromMs >= lengthMs);
      if (sessions.length === 0) continue;
      const session = this.random.pick(sessions);
      if (!this.isFree([laptop], session)) continue;
      this.occupy([laptop], session);
      return { laptop, session };
    }
    return null;
  }

  /** Workdays between these hours of the wall clock. */
  inHours(fromHour: number, toHour: number): (atMs: Millis) => boolean {
    return (atMs) => {
      const wall = this.time.wallMinute(atMs);
      const day = Math.floor(wall / 1_440);
      const hour = (wall - day * 1_440) / 60;
      return this.time.isWorkday(day) && hour >= fromHour && hour < toHour;
    };
  }

  #of(which: (one: Machine) => boolean): number[] {
    return this.office.machines.filter(which).map(({ index }) => index);
  }
}

/** The records of a site: the place, and its network. */
export function placesOf(site: Site): readonly string[] {
  return [`ci_loc_${site}`, `ci_net_${site}`];
}

function isApart(busy: readonly Span[] = [], { fromMs, toMs }: Span): boolean {
  return busy.every((other) => other.toMs + MARGIN_MS <= fromMs || other.fromMs >= toMs + MARGIN_MS);
}

const GRID_MS = 10 * SECOND_MS;
export function onGrid(atMs: Millis): Millis {
  return Math.round(atMs / GRID_MS) * GRID_MS;
}
