/** Reads one series of a block into a list, without a detour: most of what a chart of a day costs. */
import type { Millis } from '@muster/shared/time.ts';
import type { SampleList } from '../../metrics/sample-list.ts';
import { type ColumnSource, countRows, isPresent, lowerBound } from './columns.ts';

/** Adds the samples of a slot with times in [fromMs, toMs). Throws WireError where the bytes make no sense; nothing is added then. */
export function readSamples(
  source: ColumnSource,
  slot: number,
  fromMs: Millis,
  toMs: Millis,
  into: SampleList,
): void {
  const { times } = source;
  const first = lowerBound(times, fromMs);
  const end = lowerBound(times, toMs);
  if (first >= end) return;
  const slots = source.slots();
  let index = 0;
  while (index < slots.length && (slots[index] as number) < slot) index += 1;
  if (slots[index] !== slot) return;
  const present = source.presentAt(index);
  const at = into.length;
  const skipped = present === undefined ? first : countRows(present, first);
  const until = present === undefined ? end : countRows(present, end);
  if (skipped >= until) return;
  into.reserve(at + (present === undefined ? times.length : countRows(present, times.length)));
  source.valuesInto(index, into.values, at);
  if (skipped > 0) into.values.copyWithin(at, at + skipped, at + until);
  if (present === undefined) into.times.set(times.subarray(first, end), at);
  else {
    let next = at;
    for (let row = first; row < end; row++)
      if (isPresent(present, row)) into.times[next++] = times[row] as number;
  }
  into.take(until - skipped);
}
