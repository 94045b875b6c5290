/** One list object for the same series, over requests: whoever compiles something for a list does so once and not for each tick. */
import type { SeriesId } from '../metrics/store.ts';
import { LISTED_SERIES_MAX } from './limits.ts';

export class SeriesLists {
  /** By a hash of the series; of two with one hash the later one stands. */
  #lists = new Map<number, readonly SeriesId[]>();
  #before = new Map<number, readonly SeriesId[]>();
  #series = 0;

  /** The list that was given before for the same series in the same order, or this one, which must not change from then on. */
  of(series: readonly SeriesId[]): readonly SeriesId[] {
    const hash = hashOf(series);
    const known = this.#lists.get(hash);
    if (known !== undefined && isSame(known, series)) return known;
    const before = this.#before.get(hash);
    const kept = before !== undefined && isSame(before, series) ? before : series;
    if (this.#series >= LISTED_SERIES_MAX) {
      this.#before = this.#lists;
      this.#lists = new Map();
      this.#series = 0;
    }
    this.#lists.set(hash, kept);
    this.#series += kept.length;
    return kept;
  }
}

/** FNV-1a over whole numbers. */
function hashOf(series: readonly SeriesId[]): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < series.length; i++) hash = Math.imul(hash ^ (series[i] as number), 0x0100_0193);
  return hash;
}

function isSame(a: readonly SeriesId[], b: readonly SeriesId[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
