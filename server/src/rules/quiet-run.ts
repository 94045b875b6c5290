/** The fast path of one machine: ticks of one list in which nothing is remarkable, with what they have in common said once. */
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { JOINED_MS, ratePerSecond } from '../metrics/rates.ts';
import type { Board, Layout, Plan } from './board.ts';
import { COUNTS_CHANGES, COUNTS_FALLS, IS_COUNTER, IS_FED } from './quiet.ts';
import { BEFORE_1, BEFORE_2, LAST, RAW, READ, VALUE, WAKE } from './series-numbers.ts';

/** Ticks after which signals are fed with them. */
const HELD_MAX = 16;
/** Of each tick that is held: its time, the time since the one before, and the value of each series that is fed. */
const HELD_HEAD = 2;

/** The numbers of a run: newest tick, when it ends at the latest, the distances before the newest ticks since it began, twice the values, ticks held. */
const LAST_MS = 0;
const WAKE_MS = 1;
const DISTANCE_MS = 2;
const DISTANCE_BEFORE_MS = 3;
const HEAD = 4;

/**
 * While it goes on, the numbers of the plan's series on the board are those of its beginning; `end` writes them down and
 * feeds the signals. All of its series have their newest sample at one time, each counter a rate there, and nothing is at work.
 */
export class QuietRun {
  /** The one that is in this order. */
  readonly list: Plan['list'];
  readonly #board: Board;
  readonly #layout: Layout;
  /** All in one: each array of its own, and each number in a field, would be one more place in memory to go to with each tick. */
  readonly #numbers: Float64Array;
  /** Where the values stand as they came with the newest tick, and with the one before. */
  #valuesAt: number;
  #beforeAt: number;
  #ticks = 0;
  #isOn = false;
  readonly #heldWidth: number;
  #heldTicks = 0;

  constructor(board: Board, { list, layout }: Plan) {
    this.list = list;
    this.#board = board;
    this.#layout = layout;
    const { positions, fed } = layout;
    this.#heldWidth = fed.length === 0 ? 0 : HELD_HEAD + fed.length;
    this.#valuesAt = HEAD;
    this.#beforeAt = HEAD + positions.length;
    this.#numbers = new Float64Array(HEAD + 2 * positions.length + HELD_MAX * this.#heldWidth);
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Goes on from what the board says, where nothing is at work. */
  begin(): boolean {
    const { positions, offsets, flags, isOdd } = this.#layout;
    const { numbers } = this.#board;
    if (isOdd || positions.length === 0) return false;
    const own = this.#numbers;
    const lastMs = numbers[(offsets[0] as number) + LAST] as number;
    let wakeMs = Infinity;
    for (let i = 0; i < positions.length; i++) {
      const at = offsets[i] as number;
      wakeMs = Math.min(wakeMs, numbers[at + WAKE] as number);
      if (wakeMs <= lastMs || numbers[at + LAST] !== lastMs) return false;
      const isCounter = ((flags[i] as number) & IS_COUNTER) !== 0;
      const value = numbers[at + (isCounter ? RAW : VALUE)] as number;
      if (isCounter && (numbers[at + READ] !== lastMs || !Number.isFinite(value))) return false;
      own[this.#valuesAt + i] = value;
    }
    own[LAST_MS] = lastMs;
    own[WAKE_MS] = wakeMs;
    this.#ticks = 0;
    this.#isOn = true;
    return true;
  }

  /** False: it has to be looked at sample by sample. */
  take(atMs: Millis, values: ArrayLike<number>, gapMs: Millis): boolean {
    if (!this.#isOn) return false;
    const numbers = this.#numbers;
    const distanceMs = atMs - (numbers[LAST_MS] as number);
    // All of its series are further on.
    if (distanceMs <= 0) return true;
    if (distanceMs > gapMs || distanceMs > JOINED_MS || atMs >= (numbers[WAKE_MS] as number)) return false;
    const { positions, flags: allFlags, uppers, lowers } = this.#layout;
    const count = positions.length;
    const beforeAt = this.#valuesAt;
    const valuesAt = this.#beforeAt;
    const heldFrom = HEAD + 2 * count + this.#heldTicks * this.#heldWidth;
    let heldAt = heldFrom + HELD_HEAD;
    for (let i = 0; i < count; i++) {
      const raw = values[positions[i] as number] as number;
      const flags = allFlags[i] as number;
      let value = raw;
      if (flags !== 0) {
        const before = numbers[beforeAt + i] as number;
        if (flags & IS_COUNTER) {
          if (!Number.isFinite(raw)) return false;
          value = ((raw < before ? raw : raw - before) * SECOND_MS) / distanceMs;
        }
        if (flags & COUNTS_FALLS && !(raw >= before && raw < Infinity)) return false;
        if (flags & COUNTS_CHANGES && !(raw === before && raw < Infinity)) return false;
        if (flags & IS_FED) numbers[heldAt++] = value;
      }
      if (!(value < (uppers[i] as number) && value >= (lowers[i] as number))) return false;
      numbers[valuesAt + i] = raw;
    }
    this.#valuesAt = valuesAt;
    this.#beforeAt = beforeAt;
    numbers[LAST_MS] = atMs;
    numbers[DISTANCE_BEFORE_MS] = numbers[DISTANCE_MS] as number;
    numbers[DISTANCE_MS] = distanceMs;
    this.#ticks += 1;
    if (this.#heldWidth > 0) {
      numbers[heldFrom] = atMs;
      numbers[heldFrom + 1] = distanceMs;
      if (++this.#heldTicks === HELD_MAX) this.#feed();
    }
    return true;
  }

  /** From here on the board says how it is. */
  end(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    if (this.#ticks === 0) return;
    this.#writeDown();
    this.#feed();
  }

  #writeDown(): void {
    const { offsets, flags } = this.#layout;
    const { numbers } = this.#board;
    const own = this.#numbers;
    const lastMs = own[LAST_MS] as number;
    const distanceMs = own[DISTANCE_MS] as number;
    for (let i = 0; i < offsets.length; i++) {
      const at = offsets[i] as number;
      const raw = own[this.#valuesAt + i] as number;
      numbers[at + LAST] = lastMs;
      if (((flags[i] as number) & IS_COUNTER) === 0) {
        numbers[at + VALUE] = raw;
        continue;
      }
      numbers[at + VALUE] = ratePerSecond(own[this.#beforeAt + i] as number, raw, distanceMs);
      numbers[at + RAW] = raw;
      numbers[at + READ] = lastMs;
      numbers[at + BEFORE_2] = (this.#ticks > 1 ? own[DISTANCE_BEFORE_MS] : numbers[at + BEFORE_1]) as number;
      numbers[at + BEFORE_1] = distanceMs;
    }
  }

  #feed(): void {
    const ticks = this.#heldTicks;
    if (ticks === 0) return;
    this.#heldTicks = 0;
    const numbers = this.#numbers;
    const { fed, positions } = this.#layout;
    const width = this.#heldWidth;
    const fromAt = HEAD + 2 * positions.length;
    for (let i = 0; i < fed.length; i++) {
      for (const watch of this.#board.slots[fed[i] as number]?.watches ?? []) {
        const signal = watch?.signal;
        if (!signal) continue;
        for (let at = fromAt; at < fromAt + ticks * width; at += width)
          signal.feed(
            numbers[at] as number,
            numbers[at + HELD_HEAD + i] as number,
            numbers[at + 1] as number,
            false,
          );
      }
    }
  }
}
