/** Group block: the settled samples of some series of one machine over one window. The bytes are stored as they are. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { WireError } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { SampleList } from '../../metrics/sample-list.ts';
import { Block, BlockWriter } from './block.ts';
import type { Column, Columns, ColumnSource } from './columns.ts';

export function encodeGroup({ times, series }: Columns): Uint8Array {
  const writer = new BlockWriter(times, times.length);
  for (const { slot, values, decimals, present } of series)
    writer.column(slot, values, 0, values.length, decimals ?? 0, present);
  return zstdCompressSync(writer.finish());
}

/** A group block opened for reading. Throws WireError where the bytes make no sense. */
export class GroupBlock implements ColumnSource {
  readonly times: Float64Array;
  readonly #block: Block;

  constructor(bytes: Uint8Array) {
    this.#block = new Block(inflate(bytes));
    this.times = this.#block.times;
  }

  slots(): Iterable<number> {
    return this.#block.slots();
  }

  column(slot: number): Column | undefined {
    return this.#block.column(slot);
  }

  /** Adds the samples of a slot with times in [fromMs, toMs) to the list. */
  read(slot: number, fromMs: Millis, toMs: Millis, into: SampleList): void {
    this.#block.read(slot, fromMs, toMs, into);
  }
}

function inflate(bytes: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: 64 << 20 });
  } catch (cause) {
    throw new WireError('group block does not inflate', { cause });
  }
}
