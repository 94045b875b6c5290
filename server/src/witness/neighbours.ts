/** Which machines stand on the same network: an index that follows their inventory and their connections. */
import type { Leg } from './network-legs.ts';

export class NeighbourIndex {
  readonly #legs = new Map<string, Leg>();
  readonly #byKey = new Map<string, Set<string>>();

  /** null: not known any more. */
  put(ciId: string, leg: Leg | null): void {
    const before = this.#legs.get(ciId);
    if (before?.key !== leg?.key) {
      this.#leave(ciId, before);
      if (leg) this.#enter(ciId, leg);
    }
    if (leg) this.#legs.set(ciId, leg);
    else this.#legs.delete(ciId);
  }

  legOf(ciId: string): Leg | null {
    return this.#legs.get(ciId) ?? null;
  }

  /** Others with the same leg. */
  of(ciId: string): readonly string[] {
    const leg = this.#legs.get(ciId);
    const all = leg && this.#byKey.get(leg.key);
    // Most machines have no neighbour that is known, and are asked about often.
    if (!all || all.size < 2) return NONE;
    return [...all].filter((id) => id !== ciId);
  }

  /** Networks with at least two machines. */
  *networks(): Iterable<{ readonly leg: Leg; readonly ciIds: ReadonlySet<string> }> {
    for (const ciIds of this.#byKey.values()) {
      const [first] = ciIds;
      const leg = first === undefined ? undefined : this.#legs.get(first);
      if (leg && ciIds.size > 1) yield { leg, ciIds };
    }
  }

  #enter(ciId: string, { key }: Leg): void {
    const set = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, set.add(ciId));
  }

  #leave(ciId: string, leg: Leg | undefined): void {
    const set = leg && this.#byKey.get(leg.key);
    set?.delete(ciId);
    if (leg && set?.size === 0) this.#byKey.delete(leg.key);
  }
}

const NONE: readonly string[] = [];
