/** Keys and when each is due, for what looks after many things of which few are due: costs by those, not by all. Pure. */
import type { Millis } from '@muster/shared/time.ts';

interface Entry<Key> {
  readonly key: Key;
  readonly dueMs: Millis;
  /** Of two that are due together the one that was said first comes first. */
  readonly order: number;
}

/** Entries that no longer count are swept out when they are more than this and than those that do. */
const STALE_MAX = 64;

export class DueQueue<Key> {
  readonly #entries = new Map<Key, Entry<Key>>();
  /** Binary, the earliest first; entries that were replaced or taken back stand in it until they come up. */
  #heap: Entry<Key>[] = [];
  #lastOrder = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** Of the key that is due first; Infinity: there is none. */
  get firstMs(): Millis {
    this.#clean();
    return this.#heap[0]?.dueMs ?? Infinity;
  }

  keys(): Iterable<Key> {
    return this.#entries.keys();
  }

  dueMs(key: Key): Millis | undefined {
    return this.#entries.get(key)?.dueMs;
  }

  /** Instead of what was said of it before. */
  set(key: Key, dueMs: Millis): void {
    if (this.dueMs(key) === dueMs) return;
    const own = { key, dueMs, order: ++this.#lastOrder };
    this.#entries.set(key, own);
    if (this.#heap.length - this.#entries.size > Math.max(STALE_MAX, this.#entries.size)) {
      // Sorted is a heap, too.
      this.#heap = [...this.#entries.values()].sort((one, two) => (isBefore(one, two) ? -1 : 1));
      return;
    }
    const heap = this.#heap;
    let at = heap.push(own) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above] as Entry<Key>;
      if (isBefore(other, own)) break;
      heap[at] = other;
      at = above;
    }
    heap[at] = own;
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  /** Takes out the key that is due first, where one is due. */
  take(nowMs: Millis): Key | undefined {
    this.#clean();
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    this.#removeFirst();
    this.#entries.delete(first.key);
    return first.key;
  }

  #clean(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#entries.get(first.key) === first) return;
      this.#removeFirst();
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      const [one, two] = [heap[below] as Entry<Key>, heap[below + 1]];
      if (two !== undefined && isBefore(two, one)) below += 1;
      const next = heap[below] as Entry<Key>;
      if (isBefore(last, next)) break;
      heap[at] = next;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore<Key>(a: Entry<Key>, b: Entry<Key>): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
