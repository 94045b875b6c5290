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

  at(place: number): number {
    return this.#known[place] as number;
  }

  /** Fills `places` with the place of each rate's distance; false if some rate has none. `weights`: seconds covered. */
  find(rates: Float64Array, weights: Float64Array, count: number, places: Uint8Array): boolean {
    const known = this.#known;
    for (let i = 0; i < count; i++) {
      const rate = rates[i] as number;
      let place = 0;
      while (place < known.length && !isIncrease(rate, known[place] as number)) place += 1;
      if (place === known.length) {
        const found = search(rate, (weights[i] as number) * 1000);
        if (found === undefined || known.length === DISTANCES_MAX) return false;
        known.push(found);
      }
      places[i] = place;
    }
    return true;
  }

  /** Of the places that occur in the columns: the distances, commonest first; the columns then count in that order. */
  rank(columns: readonly Uint8Array[], count: number): number[] {
    const uses = new Uint32Array(this.#known.length);
    for (const places of columns)
      for (let i = 0; i < count; i++) uses[places[i] as number] = (uses[places[i] as number] as number) + 1;
    const order = [...uses.keys()].filter((place) => uses[place] !== 0);
    if (order.length === 1 && order[0] === 0) return [this.at(0)];
    order.sort((a, b) => (uses[b] as number) - (uses[a] as number) || a - b);
    const rankOf = new Uint8Array(this.#known.length);
    order.forEach((place, rank) => {
      rankOf[place] = rank;
    });
    for (const places of columns)
      for (let i = 0; i < count; i++) places[i] = rankOf[places[i] as number] as number;
    return order.map((place) => this.at(place));
  }
}

/** Whole increase behind a rate over a distance that fits it. */
export function increaseOf(rate: number, distanceMs: number): number {
  return Math.round((rate * distanceMs) / 1000);
}

export function rateOf(increase: number, distanceMs: number): number {
  return (increase * 1000) / distanceMs;
}

function search(rate: number, weightMs: number): number | undefined {
  for (const usualMs of [Math.round(weightMs), ...USUAL_DISTANCES_MS]) {
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
