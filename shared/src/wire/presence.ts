/** Which series a tick names: bitmaps ↔ lists. Lists are kept, so that the same series come as the same object. */
import { WireError } from './bytes.ts';

/** Bitmaps whose lists a decoder keeps, the latest first. An agent mostly has one or two. */
export const PRESENCE_LISTS_MAX = 8;

interface Known {
  readonly bitmap: Uint8Array;
  readonly series: readonly number[];
}

/** Lists of one connection; begins anew with each declaration. */
export class PresenceLists {
  readonly declared: number;
  readonly all: readonly number[];
  #known: Known[] = [];

  constructor(declared: number) {
    this.declared = declared;
    this.all = allOf(declared);
  }

  get bitmapBytes(): number {
    return (this.declared + 7) >> 3;
  }

  /** @throws WireError when the bitmap names a series that is not declared. */
  listOf(bitmap: Uint8Array): readonly number[] {
    const known = this.#known;
    for (let i = 0; i < known.length; i++) {
      const one = known[i] as Known;
      if (!sameBytes(one.bitmap, bitmap)) continue;
      if (i > 0) {
        known.splice(i, 1);
        known.unshift(one);
      }
      return one.series;
    }
    const series = seriesOf(bitmap, this.declared);
    if (known.length === PRESENCE_LISTS_MAX) known.pop();
    known.unshift({ bitmap: bitmap.slice(), series });
    return series;
  }
}

const ALL_LISTS_MAX = 64;
const allLists = new Map<number, readonly number[]>();

/** 0 to `declared` − 1; connections with as many series mostly share it. */
function allOf(declared: number): readonly number[] {
  const known = allLists.get(declared);
  if (known) return known;
  const all: number[] = [];
  // `Array.from` takes several times as long, which a connection pays that declares its series one by one.
  for (let number = 0; number < declared; number++) all.push(number);
  // Begun anew rather than closed: such a connection must not take the places of all others for good.
  if (allLists.size === ALL_LISTS_MAX) allLists.clear();
  allLists.set(declared, all);
  return all;
}

export function bitmapOf(series: readonly number[], declared: number): Uint8Array {
  const bitmap = new Uint8Array((declared + 7) >> 3);
  for (const number of series) bitmap[number >> 3]! |= 1 << (number & 7);
  return bitmap;
}

function seriesOf(bitmap: Uint8Array, declared: number): number[] {
  if (declared & 7 && (bitmap[bitmap.length - 1] as number) >> (declared & 7))
    throw new WireError('presence names a series that is not declared');
  const series: number[] = [];
  for (let number = 0; number < declared; number++) {
    if ((bitmap[number >> 3] as number) & (1 << (number & 7))) series.push(number);
  }
  return series;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
