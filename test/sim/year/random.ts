/** Numbers that look random and are the same for the same seed; streams of different names do not disturb each other. */
import { invariant } from '@muster/shared/invariant.ts';

export class Random {
  readonly #seed: number;
  #state: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = this.#seed;
  }

  /** A stream of its own for each name. */
  fork(name: string): Random {
    let hash = this.#seed ^ 0x9e37_79b9;
    for (let i = 0; i < name.length; i++) hash = mixed(hash ^ name.charCodeAt(i));
    return new Random(hash);
  }

  /** 0 ≤ x < 1 (Weyl sequence through a finaliser of the murmur kind). */
  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    return mixed(this.#state) / 0x1_0000_0000;
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.next();
  }

  /** Both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  normal(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.next());
  }

  pick<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.next() * list.length)];
    invariant(found !== undefined, 'something can be picked');
    return found;
  }
}

/** Avalanche of 32 bits. */
export function mixed(bits: number): number {
  let value = bits >>> 0;
  value = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2_ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
