/** What the rules keep of the series of one machine: numbers in one array, and a plan per list of series that it sends. */
import type { Millis } from '@muster/shared/time.ts';
import type { SeriesId, SeriesIdentity } from '../metrics/store.ts';
import { IS_COUNTER } from './quiet.ts';
import { QuietRun } from './quiet-run.ts';
import {
  BEFORE_1,
  BEFORE_2,
  COUNTER_NUMBERS,
  GAUGE_NUMBERS,
  LAST,
  RAW,
  READ,
  VALUE,
  WAKE,
} from './series-numbers.ts';
import type { Watch, Watching } from './series-watch.ts';

/** Up to here a machine has room for its series and no more; one with thousands has some to spare, or each new one would copy all. */
const CLOSE_FIT_NUMBERS = 4_096;
const SPARE_SHARE = 1.25;

/** Lists of series whose plans are kept: a machine sends some series more seldom than others, and others live. */
const PLANS_MAX = 4;

/** What all machines that send the same series in the same order have in common; each array has an entry per watched series. */
export interface Layout {
  /** Place in the list. */
  readonly positions: Int32Array;
  /** Place among the slots of the board. */
  readonly slots: Int32Array;
  readonly offsets: Int32Array;
  readonly flags: Uint8Array;
  readonly uppers: Float64Array;
  readonly lowers: Float64Array;
  /** Places among the slots of those whose signals are fed with each sample. */
  readonly fed: Int32Array;
  /** Some are to be looked at in a way that is too rare to be quick. */
  readonly isOdd: boolean;
}

export interface Plan {
  readonly list: readonly SeriesId[];
  readonly layout: Layout;
}

export class Board {
  readonly ciId: string;
  numbers = new Float64Array(0);
  readonly slots: Slot[] = [];
  /** Raised when rules or the machine are others than they were: all its series are to be bound anew. */
  version = 0;
  /** Newest sample of whatever series, and since when the machine is heard without a gap; -Infinity: never. */
  newestMs: Millis = -Infinity;
  sinceMs: Millis = -Infinity;
  /** The one used last comes first. */
  #plans: Plan[] = [];
  #used = 0;
  #run: QuietRun | null = null;
  /** Of the tick before. */
  #planBefore: Plan | null = null;

  constructor(ciId: string) {
    this.ciId = ciId;
  }

  /** The plan of this very list, where there is one. */
  planOf(list: readonly SeriesId[]): Plan | null {
    const plans = this.#plans;
    const first = plans[0];
    if (first === undefined || first.list === list) return first ?? null;
    for (let i = 1; i < plans.length; i++) {
      const plan = plans[i] as Plan;
      if (plan.list !== list) continue;
      plans[i] = first;
      plans[0] = plan;
      return plan;
    }
    return null;
  }

  keep(plan: Plan): void {
    if (this.#plans.unshift(plan) > PLANS_MAX) this.#plans.pop();
  }

  /** Takes a tick that goes on as those before, in which nothing is remarkable. */
  takeQuiet(list: readonly SeriesId[], atMs: Millis, values: ArrayLike<number>, gapMs: Millis): boolean {
    const run = this.#run;
    return run !== null && run.list === list && run.take(atMs, values, gapMs);
  }

  /** The same for one that comes after others. False: each sample is to be looked at, and the numbers say how it is. */
  takeQuietAgain(plan: Plan, atMs: Millis, values: ArrayLike<number>, gapMs: Millis): boolean {
    const isAsBefore = this.#planBefore === plan;
    this.#planBefore = plan;
    if (isAsBefore && this.#run?.isOn !== true) {
      if (this.#run?.list !== plan.list) this.#run = new QuietRun(this, plan);
      if (this.#run.begin() && this.#run.take(atMs, values, gapMs)) return true;
    }
    this.#run?.end();
    return false;
  }

  /** The numbers of all series say how it is. */
  endRun(): void {
    this.#run?.end();
  }

  /** What was worked out holds no longer. */
  forget(): void {
    this.#run?.end();
    this.#run = null;
    this.#planBefore = null;
    this.version += 1;
    this.#plans = [];
  }

  hear(atMs: Millis, gapMs: Millis): void {
    if (atMs <= this.newestMs) return;
    if (atMs - this.newestMs > gapMs) this.sinceMs = atMs;
    this.newestMs = atMs;
  }

  /** The watched series of that name. */
  slotOf(metric: string, instance: string): Slot | null {
    return (
      this.slots.find(
        ({ identity, watching }) =>
          watching !== null && identity.metric === metric && identity.instance === instance,
      ) ?? null
    );
  }

  /** Room for a series: its offset. */
  take(flags: number): number {
    const offset = this.#used;
    this.#used += roomOf(flags);
    if (this.#used > this.numbers.length) {
      const more = new Float64Array(
        this.#used <= CLOSE_FIT_NUMBERS ? this.#used : Math.ceil(this.#used * SPARE_SHARE),
      );
      more.set(this.numbers);
      this.numbers = more;
    }
    return offset;
  }
}

/** All rules of a series are at rest. */
export const NO_WATCHES: readonly (Watch | null)[] = [];

/** One series that rules look at. */
export class Slot {
  readonly board: Board;
  readonly identity: SeriesIdentity;
  readonly isCounter: boolean;
  /** Place among the slots of its board. */
  readonly index: number;
  readonly offset: number;
  /** null: nothing watches it any more. */
  watching: Watching | null = null;
  /** One per rule in force, null where it is at rest; all null: none. */
  watches: readonly (Watch | null)[] = NO_WATCHES;
  /** Of the board, when it was bound. */
  version = -1;

  constructor(board: Board, identity: SeriesIdentity, flags: number) {
    this.board = board;
    this.identity = identity;
    this.isCounter = (flags & IS_COUNTER) !== 0;
    this.index = board.slots.push(this) - 1;
    this.offset = board.take(flags);
    this.#set(LAST, -Infinity);
    this.#set(VALUE, Number.NaN);
    this.#set(WAKE, Infinity);
    if (!this.isCounter) return;
    this.#set(RAW, Number.NaN);
    this.#set(READ, -Infinity);
  }

  /** Newest sample. */
  get lastAtMs(): Millis {
    return this.#get(LAST);
  }

  /** The newest sample that said something: of a counter the newest that has a rate. */
  get readMs(): Millis {
    return this.#get(this.isCounter ? READ : LAST);
  }

  get value(): number {
    return this.#get(VALUE);
  }

  get wakeMs(): Millis {
    return this.#get(WAKE);
  }

  set wakeMs(atMs: Millis) {
    this.#set(WAKE, atMs);
  }

  /** Samples were taken up to here, though not by this engine. */
  takenUntil(atMs: Millis): void {
    this.#set(LAST, atMs);
    if (this.isCounter) this.#set(READ, atMs);
  }

  /** The newest sample that is stored. */
  seed(atMs: Millis, raw: number, hasRate: boolean, intervalMs: Millis): void {
    this.#set(LAST, atMs);
    if (!this.isCounter) {
      this.#set(VALUE, raw);
      return;
    }
    this.#set(RAW, raw);
    // Without a rate there is a gap before it: nothing was said for long.
    this.#set(READ, hasRate ? atMs : 0);
    this.#set(BEFORE_1, intervalMs);
    this.#set(BEFORE_2, intervalMs);
  }

  /** Its signals are fed with a sample that changes nothing. */
  feed(atMs: Millis, value: number, sinceMs: number): void {
    for (const watch of this.watches) watch?.signal?.feed(atMs, value, sinceMs, false);
  }

  #get(number: number): number {
    this.board.endRun();
    return this.board.numbers[this.offset + number] as number;
  }

  #set(number: number, value: number): void {
    this.board.endRun();
    this.board.numbers[this.offset + number] = value;
  }
}

/** Latest value of a series that a rule looks at beside its own. */
export class FloorCell {
  readonly #board: Board;
  readonly #metric: string;
  readonly #instance: string;
  #slot: Slot | null = null;
  /** So many series were looked through, of that version, without finding it. */
  #missedAmong = -1;
  #missedVersion = -1;

  constructor(board: Board, metric: string, instance: string) {
    this.#board = board;
    this.#metric = metric;
    this.#instance = instance;
  }

  /** -Infinity: none yet. */
  get atMs(): Millis {
    return this.#found()?.readMs ?? -Infinity;
  }

  get value(): number {
    return this.#found()?.value ?? Number.NaN;
  }

  #found(): Slot | null {
    if (this.#slot?.watching) return this.#slot;
    const { version, slots } = this.#board;
    if (this.#missedVersion === version && this.#missedAmong === slots.length) return null;
    this.#slot = this.#board.slotOf(this.#metric, this.#instance);
    this.#missedVersion = version;
    this.#missedAmong = slots.length;
    return this.#slot;
  }
}

function roomOf(flags: number): number {
  return flags & IS_COUNTER ? COUNTER_NUMBERS : GAUGE_NUMBERS;
}
