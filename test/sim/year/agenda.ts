/** What is still to happen, in the order of its time; equal times in the order in which they were noted. */
import type { Millis } from '@muster/shared/time.ts';

interface Entry {
  readonly atMs: Millis;
  readonly order: number;
  readonly run: () => void;
}

/** A binary heap. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #noted = 0;

  note(atMs: Millis, run: () => void): void {
    const heap = this.#heap;
    const entry = { atMs, order: this.#noted++, run };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!isBefore(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  get nextMs(): Millis {
    return this.#heap[0]?.atMs ?? Infinity;
  }

  /** Does all that is due. */
  runUntil(nowMs: Millis): void {
    while (this.nextMs <= nowMs) this.#take()?.run();
  }

  #take(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
