/** Which series a connection has declared, in eight bytes for each: a server remembers them of thousands of connections. */
import { WireError } from './bytes.ts';

export interface SeriesKey {
  readonly metric: string;
  readonly instance: string;
}

/**
 * Names of one declaration are compared as they are, those of earlier ones by 53 bits of hash: among 10,000 series the
 * chance to take a new one for an old one is below 1 in 10^8.
 */
export class DeclaredKeys {
  /** Ascending. */
  #hashes = new Float64Array(0);

  /** @throws WireError when one of them was declared before, or twice here. */
  add(declared: readonly SeriesKey[]): void {
    const names = new Set<string>();
    const fresh = new Float64Array(declared.length);
    for (const [i, { metric, instance }] of declared.entries()) {
      const name = `${metric}\0${instance}`;
      const hash = hashOf(name);
      if (names.has(name) || this.#has(hash))
        throw new WireError(`series ${metric} ${instance} declared twice`);
      names.add(name);
      fresh[i] = hash;
    }
    this.#hashes = merged(this.#hashes, fresh.sort());
  }

  #has(hash: number): boolean {
    let from = 0;
    let to = this.#hashes.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#hashes[middle] as number) < hash) from = middle + 1;
      else to = middle;
    }
    return this.#hashes[from] === hash;
  }
}

/** Of two ascending lists. To sort all anew costs most of a millisecond at 20,000 series, with each frame that declares one. */
function merged(known: Float64Array, fresh: Float64Array): Float64Array<ArrayBuffer> {
  const all = new Float64Array(known.length + fresh.length);
  all.set(known);
  let left = known.length - 1;
  for (let right = fresh.length - 1; right >= 0; right--) {
    const hash = fresh[right] as number;
    for (; left >= 0 && (all[left] as number) > hash; left--) all[left + right + 1] = all[left] as number;
    all[left + right + 1] = hash;
  }
  return all;
}

const FNV_OFFSET = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;
/** Odd, as far from the other as can be: the halves must not collide together. */
const OTHER_OFFSET = 0x2545_f491;
const OTHER_FACTOR = 0x9e37_79b1;
const HIGH_BITS = 21;

/** 53 bits: FNV-1a over the code units, and a second hash of the same kind with another factor. */
function hashOf(text: string): number {
  let low = FNV_OFFSET;
  let high = OTHER_OFFSET;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, FNV_PRIME);
    high = Math.imul(high ^ unit, OTHER_FACTOR);
    high ^= high >>> 15;
  }
  return (high >>> (32 - HIGH_BITS)) * 2 ** 32 + (low >>> 0);
}
