/** Histogram block: the histograms of several series of one machine, by the start of their hour. */
import { ByteReader, ByteWriter, WireError } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import { HOUR_MS } from '@muster/shared/time.ts';
import { Histogram } from './histogram.ts';

/** By slot, then by the start of the hour. */
export type HistogramSet = Map<number, Map<Millis, Histogram>>;

const VERSION = 1;
/** Hours of the longest window, with room. */
const HOURS_MAX = 1_000;

export function encodeHistograms(set: HistogramSet, windowStartMs: Millis): Uint8Array {
  const filled = [...set].filter(([, hours]) => hours.size > 0).sort(([a], [b]) => a - b);
  const writer = new ByteWriter(1024);
  writer.byte(VERSION);
  writer.varint(filled.length);
  let lastSlot = 0;
  for (const [slot, hours] of filled) {
    writer.varint(slot - lastSlot);
    lastSlot = slot;
    writer.varint(hours.size);
    for (const [startMs, histogram] of [...hours].sort(([a], [b]) => a - b)) {
      writer.varint((startMs - windowStartMs) / HOUR_MS);
      histogram.write(writer);
    }
  }
  return writer.finish();
}

/** Hands over each histogram of the wanted slots. Throws WireError where the bytes make no sense. */
export function decodeHistograms(
  bytes: Uint8Array,
  windowStartMs: Millis,
  wanted: (slot: number) => boolean,
  take: (slot: number, startMs: Millis, histogram: Histogram) => void,
): void {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new WireError(`histogram block of version ${version}`);
  const series = reader.varint();
  let slot = 0;
  for (let n = 0; n < series; n++) {
    slot += reader.varint();
    const hours = reader.varint();
    if (hours > HOURS_MAX) throw new WireError(`${hours} hours in a window`);
    for (let i = 0; i < hours; i++) {
      const startMs = windowStartMs + reader.varint() * HOUR_MS;
      const histogram = Histogram.read(reader);
      if (wanted(slot)) take(slot, startMs, histogram);
    }
  }
}
