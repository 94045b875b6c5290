/**
 * The rate of a counter of whole numbers is increase × 1000 / distance between two readings in ms. From the rate alone
 * both are found again, so that two small numbers stand for a double that has no end.
 */
import { WHOLE_MAX } from './packed-wholes.ts';

/** Places of distances fit a byte. */
const DISTANCES_MAX = 250;
/** Looked for around a usual distance: what timers are late by. */
const JITTER_MS = 40;
const USUAL_DISTANCES_MS = [10_000, 1_000, 60_000, 30_000, 20_000];

/** Distances that occur, of all series of a block: neighbours share them. */
export class RateDistances {
  readonly #known: number[];

  /** `knownMs`: distances that may occur, commonest first. */
  constructor(knownMs: readonly number[]) {
    this.#known = knownMs.slice(0, DISTANCES_MAX);
  }

  /** Place of a rate's distance; −1 if it has none. `meanMs`: mean distance in its bucket, where to look first: a multiple fits as well, with greater numbers. */
  placeOf(rate: number, meanMs: number): number {
    const known = this.#known;
    for (let place = 0; place < known.length; place++) {
      if (isIncrease(rate, known[place] as number)) return place;
    }
    const found = known.length < DISTANCES_MAX ? search(rate, meanMs) : undefined;
    return found === undefined ? -1 : known.push(found) - 1;
  }

  /** Of the places that occur in the columns: the distances, commonest first; the columns then count in that order. */
  rank(columns: readonly Float64Array[]): number[] {
    const known = this.#known;
    const uses = new Uint32Array(known.length);
    for (const places of columns)
      for (let i = 0; i < places.length; i++) {
        const place = places[i] as number;
        uses[place] = (uses[place] as number) + 1;
      }
    const order = [...uses.keys()].filter((place) => uses[place] !== 0);
    if (order.length === 1 && order[0] === 0) return [known[0] as number];
    order.sort((a, b) => (uses[b] as number) - (uses[a] as number) || a - b);
    const rankOf = new Uint8Array(known.length);
    order.forEach((place, rank) => {
      rankOf[place] = rank;
    });
    for (const places of columns)
      for (let i = 0; i < places.length; i++) places[i] = rankOf[places[i] as number] as number;
    return order.map((place) => known[place] as number);
  }
}

/** Whole increase behind a rate over a distance that fits it. */
export function increaseOf(rate: number, distanceMs: number): number {
  return Math.round((rate * distanceMs) / 1000);
}

export function rateOf(increase: number, distanceMs: number): number {
  return (increase * 1000) / distanceMs;
}

function search(rate: number, meanMs: number): number | undefined {
  for (const usualMs of [Math.round(meanMs), ...USUAL_DISTANCES_MS]) {
    for (let offsetMs = 0; offsetMs <= JITTER_MS; offsetMs++) {
      if (usualMs > offsetMs && isIncrease(rate, usualMs - offsetMs)) return usualMs - offsetMs;
      if (isIncrease(rate, usualMs + offsetMs)) return usualMs + offsetMs;
    }
  }
  return undefined;
}

/** Whether a rate is that of a whole increase over this distance, in every bit. */
function isIncrease(rate: number, distanceMs: number): boolean {
  const increase = increaseOf(rate, distanceMs);
  return increase < WHOLE_MAX / 4 && rateOf(increase, distanceMs) === rate && (increase > 0 || 1 / rate > 0);
}
