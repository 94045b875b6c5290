/**
 * Memory of full blocks until they are on their way to a file: pages of a common pool, used again and again. Nothing is made or dropped
 * per block, so the garbage collector has nothing to follow.
 */
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';

/** About a block of a hundred series; half of one is what each machine wastes. */
export const PAGE_BYTES = 1024;
/** Large enough that the system takes it back as a whole when it is dropped. */
export const PAGES_PER_SLAB = 1024;

export interface FullBlock {
  readonly bytes: Uint8Array;
  /** Times of its first and last row. */
  readonly firstMs: Millis;
  readonly lastMs: Millis;
}

interface Slab {
  readonly bytes: Uint8Array;
  /** Pages that nobody has. */
  readonly free: number[];
}

/** Gives out pages by number, of the first slab that has one, so that slabs of a rush become empty again and are dropped. */
export class PagePool {
  readonly #slabs: (Slab | undefined)[] = [];
  /** No slab before it has a free page. */
  #first = 0;
  /** A slab without any page in use, kept for the next rush; −1: there is none. */
  #spare = -1;

  take(): number {
    while (this.#first < this.#slabs.length && (this.#slabs[this.#first]?.free.length ?? 1) === 0)
      this.#first += 1;
    const slab = (this.#slabs[this.#first] ??= makeSlab());
    if (this.#first === this.#spare) this.#spare = -1;
    return this.#first * PAGES_PER_SLAB + (slab.free.pop() as number);
  }

  giveBack(page: number): void {
    const no = Math.floor(page / PAGES_PER_SLAB);
    const slab = this.#slab(no);
    slab.free.push(page % PAGES_PER_SLAB);
    if (no < this.#first) this.#first = no;
    if (slab.free.length < PAGES_PER_SLAB) return;
    if (this.#spare >= 0) this.#slabs[Math.max(no, this.#spare)] = undefined;
    this.#spare = this.#spare < 0 ? no : Math.min(no, this.#spare);
  }

  /** The memory of a page and where in it the page begins. */
  slabOf(page: number): Uint8Array {
    return this.#slab(Math.floor(page / PAGES_PER_SLAB)).bytes;
  }

  /** Memory of the pages, in use or not. */
  get bytes(): number {
    return this.#slabs.reduce((sum, slab) => sum + (slab?.bytes.length ?? 0), 0);
  }

  #slab(no: number): Slab {
    const slab = this.#slabs[no];
    invariant(slab, `slab ${no} is there while a page of it is in use`);
    return slab;
  }
}

function makeSlab(): Slab {
  // Shared memory does not count for V8, which marks its whole heap whenever what counts has grown by some MB: it would for nothing.
  const bytes = new Uint8Array(new SharedArrayBuffer(PAGES_PER_SLAB * PAGE_BYTES));
  return { bytes, free: Array.from({ length: PAGES_PER_SLAB }, (_, i) => PAGES_PER_SLAB - 1 - i) };
}

/** Where in its slab a page begins. */
const startOf = (page: number) => (page % PAGES_PER_SLAB) * PAGE_BYTES;

/** Blocks of one machine, in the order in which they became full; their bytes lie one after the other over its pages. */
export class SealedBlocks {
  readonly #pool: PagePool;
  /** None of these lists is ever shortened: they are filled again. */
  readonly #pages: number[] = [];
  #pageCount = 0;
  /** Of block i: where it ends, and the times of its first and last row. */
  readonly #ends: number[] = [];
  readonly #firstMs: number[] = [];
  readonly #lastMs: number[] = [];
  #count = 0;

  constructor(pool: PagePool) {
    this.#pool = pool;
  }

  get bytes(): number {
    return this.#endOf(this.#count - 1);
  }

  /** The bytes are copied. */
  add(bytes: Uint8Array, firstMs: Millis, lastMs: Millis): void {
    const start = this.bytes;
    let done = 0;
    while (done < bytes.length) {
      const inPage = (start + done) % PAGE_BYTES;
      const page = this.#pageAt(Math.floor((start + done) / PAGE_BYTES));
      const count = Math.min(PAGE_BYTES - inPage, bytes.length - done);
      this.#pool.slabOf(page).set(bytes.subarray(done, done + count), startOf(page) + inPage);
      done += count;
    }
    this.#ends[this.#count] = start + bytes.length;
    this.#firstMs[this.#count] = firstMs;
    this.#lastMs[this.#count] = lastMs;
    this.#count += 1;
  }

  /** In their order. The bytes of one are copied when they are asked for, which must be before `takeAll`. */
  list(): FullBlock[] {
    return Array.from({ length: this.#count }, (_, no) => {
      const copy = () => this.#copy(this.#endOf(no - 1), this.#endOf(no));
      return {
        firstMs: this.#firstMs[no] as number,
        lastMs: this.#lastMs[no] as number,
        get bytes() {
          return copy();
        },
      };
    });
  }

  /** Copies of all blocks, in one piece of memory; none is left, and their pages are given back. */
  takeAll(): FullBlock[] {
    const bytes = this.#copy(0, this.bytes);
    const all = Array.from({ length: this.#count }, (_, no) => ({
      firstMs: this.#firstMs[no] as number,
      lastMs: this.#lastMs[no] as number,
      bytes: bytes.subarray(this.#endOf(no - 1), this.#endOf(no)),
    }));
    for (let i = 0; i < this.#pageCount; i++) this.#pool.giveBack(this.#pages[i] as number);
    this.#pageCount = 0;
    this.#count = 0;
    return all;
  }

  /** Taken if it is the next one; without memory for that nothing was changed. */
  #pageAt(index: number): number {
    if (index === this.#pageCount) {
      this.#pages[index] = this.#pool.take();
      this.#pageCount += 1;
    }
    return this.#pages[index] as number;
  }

  #endOf(block: number): number {
    return block < 0 ? 0 : (this.#ends[block] as number);
  }

  #copy(start: number, end: number): Uint8Array {
    const copy = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const page = this.#pages[Math.floor(at / PAGE_BYTES)] as number;
      const inPage = at % PAGE_BYTES;
      const count = Math.min(PAGE_BYTES - inPage, end - at);
      const from = startOf(page) + inPage;
      copy.set(this.#pool.slabOf(page).subarray(from, from + count), at - start);
      at += count;
    }
    return copy;
  }
}
