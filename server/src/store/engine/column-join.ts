/** Joins the blocks of one machine to columns: each series' samples in order of time, each time once. */
import type { Millis } from '@muster/shared/time.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import { type Column, type Columns, type ColumnSource, countBits, isPresent, readColumn } from './columns.ts';

/** Collects samples with times in [fromMs, toMs). Of several samples of a series with the same time the one that was added first stays. */
export class ColumnJoin {
  readonly #fromMs: Millis;
  readonly #toMs: Millis;
  readonly #lists = new Map<number, SampleList>();
  readonly #decimals = new Map<number, number>();

  constructor(fromMs: Millis, toMs: Millis) {
    this.#fromMs = fromMs;
    this.#toMs = toMs;
  }

  add(source: ColumnSource): void {
    for (const slot of source.slots()) {
      const column = source.column(slot);
      if (column === undefined) continue;
      const list = this.#lists.get(slot) ?? new SampleList();
      this.#lists.set(slot, list);
      readColumn(source.times, column, this.#fromMs, this.#toMs, list);
      if (column.decimals !== undefined)
        this.#decimals.set(slot, Math.max(column.decimals, this.#decimals.get(slot) ?? 0));
    }
  }

  finish(): Columns {
    const lists = [...this.#lists].filter(([, list]) => list.length > 0).sort(([a], [b]) => a - b);
    const distinct = new Set<number>();
    for (const [, list] of lists) {
      list.settle();
      for (let i = 0; i < list.length; i++) distinct.add(list.times[i] as number);
    }
    const times = Float64Array.from(distinct).sort();
    const series = lists.map(
      ([slot, list]): Column => ({
        slot,
        decimals: this.#decimals.get(slot),
        values: list.values.slice(0, list.length),
        present: list.length === times.length ? undefined : presence(times, list),
      }),
    );
    return { times, series };
  }
}

/** Those series that `wanted` names, with the rows in which they have samples. */
export function pickColumns({ times, series }: Columns, wanted: (slot: number) => boolean): Columns {
  const picked = series.filter(({ slot }) => wanted(slot));
  if (picked.length === series.length || picked.some(({ present }) => present === undefined))
    return { times, series: picked };
  const rows = Uint32Array.from(times.keys()).filter((row) =>
    picked.some(({ present }) => isPresent(present, row)),
  );
  const kept = picked.map((column): Column => {
    const bitmap = new Uint8Array((rows.length + 7) >> 3);
    rows.forEach((row, i) => {
      if (isPresent(column.present, row)) bitmap[i >> 3] = (bitmap[i >> 3] as number) | (1 << (i & 7));
    });
    return { ...column, present: countBits(bitmap) === rows.length ? undefined : bitmap };
  });
  return { times: Float64Array.from(rows, (row) => times[row] as number), series: kept };
}

function presence(times: Float64Array, list: SampleList): Uint8Array {
  const bitmap = new Uint8Array((times.length + 7) >> 3);
  let next = 0;
  for (let row = 0; row < times.length && next < list.length; row++) {
    if (times[row] !== list.times[next]) continue;
    bitmap[row >> 3] = (bitmap[row >> 3] as number) | (1 << (row & 7));
    next += 1;
  }
  return bitmap;
}
