/**
 * Chunks: samples of one machine in one settle window as they came, until the window is settled.
 *
 *   chunk := varint blocks, { varint bytes }, block …
 */
import { crc32 } from 'node:zlib';
import type Database from 'better-sqlite3';
import { ByteReader, ByteWriter, WireError } from '@muster/shared/wire/bytes.ts';
import type { Millis } from '@muster/shared/time.ts';
import { Block, BlockWriter } from './block.ts';
import { ColumnJoin } from './column-join.ts';
import type { Columns } from './columns.ts';
import type { MachineNo } from './dictionary.ts';
import type { FrozenMachine } from './head.ts';
import type { ReportDamage } from './partition-db.ts';
import { SETTLE_MS, startOf, windowsBetween } from './partitions.ts';

export interface Chunk {
  readonly machine: MachineNo;
  /** Start of its settle window. */
  readonly startMs: Millis;
  /** Samples out of order: the same series and time may be stored already. */
  readonly late: boolean;
  /** Time of its newest sample. */
  readonly lastMs: Millis;
  readonly blocks: readonly Uint8Array[];
}

export interface StoredChunk {
  readonly id: number;
  readonly late: boolean;
  /** Undefined where the bytes are damaged. */
  readonly blocks: readonly Uint8Array[] | undefined;
}

export const CHUNK_SCHEMA = `
  CREATE TABLE IF NOT EXISTS chunk (
    id INTEGER PRIMARY KEY, machine INTEGER NOT NULL, start_ms INTEGER NOT NULL, late INTEGER NOT NULL,
    crc INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS chunk_by_machine ON chunk (machine, start_ms);`;

/** Guards against a corrupt count; far above what one machine commits at once. */
const BLOCKS_MAX = 1 << 16;

/** Chunks of what a machine hands over, none across two windows. */
export function chunksOf({ machine, blocks, late }: FrozenMachine): Chunk[] {
  return [...chunksOfBlocks(machine, blocks, false), ...chunksOfBlocks(machine, late, true)];
}

export class ChunkTable {
  readonly #insert: Database.Statement<unknown[], unknown> | undefined;
  readonly #select: Database.Statement<unknown[], unknown>;
  readonly #name: string;

  constructor(db: Database.Database, name: string) {
    this.#name = name;
    this.#insert = db.readonly
      ? undefined
      : db.prepare('INSERT INTO chunk (machine, start_ms, late, crc, data) VALUES (?, ?, ?, ?, ?)');
    this.#select = db.prepare(
      'SELECT id, start_ms, late, crc, data FROM chunk WHERE machine = ? AND start_ms >= ? AND start_ms < ? ORDER BY id',
    );
  }

  add(chunk: Chunk): void {
    const { machine, startMs, late } = chunk;
    const data = join(chunk.blocks);
    this.#insert?.run(machine, startMs, late ? 1 : 0, checksum(machine, startMs, late, data), data);
  }

  /** Chunks of windows that start in [fromMs, toMs), in the order in which they came. */
  read(machine: MachineNo, fromMs: Millis, toMs: Millis, report: ReportDamage): StoredChunk[] {
    const rows = this.#select.all(machine, fromMs, toMs) as {
      id: number;
      start_ms: number;
      late: number;
      crc: number;
      data: Buffer;
    }[];
    return rows.map(({ id, start_ms: startMs, late: flag, crc, data }) => {
      const late = flag !== 0;
      if (checksum(machine, startMs, late, data) === crc) return { id, late, blocks: split(data) };
      report(`${this.#name} chunk ${id}: checksum does not match, ${data.length} bytes lost`);
      return { id, late, blocks: undefined };
    });
  }
}

function chunksOfBlocks(machine: MachineNo, blocks: readonly Uint8Array[], late: boolean): Chunk[] {
  const windows = new Map<Millis, { lastMs: Millis; readonly parts: Uint8Array[] }>();
  for (const bytes of blocks) {
    const block = new Block(bytes);
    if (block.times.length === 0) continue;
    for (const { startMs, lastMs, part } of byWindow(block, bytes)) {
      const known = windows.get(startMs) ?? { lastMs, parts: [] };
      windows.set(startMs, known);
      known.lastMs = Math.max(known.lastMs, lastMs);
      known.parts.push(part);
    }
  }
  return Array.from(windows, ([startMs, { lastMs, parts }]) => ({
    machine,
    startMs,
    late,
    lastMs,
    blocks: parts,
  }));
}

interface WindowPart {
  readonly startMs: Millis;
  readonly lastMs: Millis;
  readonly part: Uint8Array;
}

/** A block that spans several windows, as late samples may, is taken apart. */
function byWindow(block: Block, bytes: Uint8Array): WindowPart[] {
  const firstMs = startOf(block.firstMs(), SETTLE_MS);
  if (block.lastMs() < firstMs + SETTLE_MS)
    return [{ startMs: firstMs, lastMs: block.lastMs(), part: bytes }];
  return windowsBetween(firstMs, block.lastMs() + 1, SETTLE_MS).flatMap((startMs) => {
    const join = new ColumnJoin(startMs, startMs + SETTLE_MS);
    join.add(block);
    const columns = join.finish();
    const lastMs = columns.times.at(-1);
    return lastMs === undefined ? [] : [{ startMs, lastMs, part: encodeColumns(columns) }];
  });
}

function encodeColumns({ times, series }: Columns): Uint8Array {
  const writer = new BlockWriter(times, times.length);
  for (const { slot, values, decimals, present } of series)
    writer.column(slot, values, 0, values.length, decimals ?? 0, present);
  return writer.finish();
}

function join(blocks: readonly Uint8Array[]): Uint8Array {
  const head = new ByteWriter(64);
  head.varint(blocks.length);
  for (const { length } of blocks) head.varint(length);
  const table = head.finish();
  const joined = new Uint8Array(blocks.reduce((sum, { length }) => sum + length, table.length));
  joined.set(table);
  let at = table.length;
  for (const block of blocks) {
    joined.set(block, at);
    at += block.length;
  }
  return joined;
}

/** Throws WireError where the bytes make no sense. */
function split(data: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(data);
  const count = reader.varint();
  if (count > BLOCKS_MAX) throw new WireError(`${count} blocks in a chunk`);
  const lengths = Array.from({ length: count }, () => reader.varint());
  return lengths.map((length) => reader.bytes(length));
}

function checksum(machine: MachineNo, startMs: Millis, late: boolean, data: Uint8Array): number {
  return crc32(data, crc32(`${machine}/${startMs}/${late ? 'late' : ''}`)) | 0;
}
