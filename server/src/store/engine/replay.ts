/** Reads the journal at the start: every sound record in order, torn and damaged places by rule. */
import path from 'node:path';
import { WireError } from '@muster/shared/wire/bytes.ts';
import type { Files } from './files.ts';
import { SEGMENT_SUFFIX, type Segment } from './journal.ts';
import {
  decodeRecord,
  isIncomplete,
  type JournalRecord,
  nextRecord,
  recordLength,
  type SeriesLists,
  SYNC_BYTES,
} from './record.ts';

interface ReplayOptions {
  readonly files: Files;
  readonly folder: string;
  readonly record: (record: JournalRecord, position: number) => void;
  /** Something that was there could not be read. */
  readonly damaged: (what: string) => void;
  readonly lists: SeriesLists;
  readonly progress: (doneBytes: number, totalBytes: number) => void;
}

interface Found extends Segment {
  readonly bytes: number;
}

/**
 * Returns the segments, cut to what is sound. In the last one the first bad record is the end, unless a later record
 * says that the place was once on the disk: behind a torn tail stand only deliveries that were never acknowledged, and
 * an agent's order must not have a hole. Elsewhere a bad record is skipped.
 */
export async function replayJournal(given: Omit<ReplayOptions, 'lists'>): Promise<Segment[]> {
  const options: ReplayOptions = { ...given, lists: new Map() };
  const found = await findSegments(options);
  const totalBytes = found.reduce((sum, segment) => sum + segment.bytes, 0);
  const read = (segment: Found) => options.files.read(path.join(options.folder, segment.file));
  let doneBytes = 0;
  let ahead: Uint8Array | undefined;
  const segments: Segment[] = [];
  for (const [index, segment] of found.entries()) {
    const bytes = ahead ?? (await read(segment));
    const next = found[index + 1];
    ahead = next === undefined ? undefined : await read(next);
    const length = ahead === undefined ? bytes.length : durableLength(segment, bytes.length, ahead);
    const end = readSegment(segment, bytes.subarray(0, length), next === undefined, options);
    if (end < bytes.length || next === undefined) await cutAndSync(segment, end, options);
    segments.push({ file: segment.file, start: segment.start, end: segment.start + end });
    doneBytes += segment.bytes;
    options.progress(doneBytes, totalBytes);
  }
  return segments;
}

async function findSegments({ files, folder, damaged }: ReplayOptions): Promise<Found[]> {
  const found: Found[] = [];
  for (const file of await files.list(folder)) {
    if (!file.endsWith(SEGMENT_SUFFIX)) continue;
    const start = Number(file.slice(0, -SEGMENT_SUFFIX.length));
    if (!Number.isSafeInteger(start)) {
      damaged(`journal ${file}: the name is not a position`);
      continue;
    }
    const bytes = await files.sizeBytes(path.join(folder, file));
    found.push({ file, start, end: start + bytes, bytes });
  }
  return found.sort((a, b) => a.start - b.start);
}

/** A group that failed may have stayed at the end of its segment; the next segment says where the durable part ended. */
function durableLength(segment: Found, length: number, next: Uint8Array): number {
  const first = recordLength(next, 0);
  if (first === 0) return length;
  const mark = decodeRecord(next, 0, first);
  if (mark.type !== 'sync' || mark.position < segment.start) return length;
  return Math.min(length, mark.position - segment.start);
}

/** Returns the length of the part that stays. */
function readSegment(segment: Found, bytes: Uint8Array, isLast: boolean, options: ReplayOptions): number {
  let offset = 0;
  while (offset < bytes.length) {
    const length = recordLength(bytes, offset);
    if (length > 0) {
      handOver(segment, bytes, offset, length, options);
      offset += length;
      continue;
    }
    const next = nextRecord(bytes, offset + 1);
    const durable = !isLast || isBeforeSyncMark(segment.start + offset, bytes, next);
    const place = `journal ${segment.file} at byte ${offset}`;
    if (isLast && !durable) {
      if (next >= 0 || !isIncomplete(bytes, offset)) {
        options.damaged(`${place}: cut at a damaged record, ${bytes.length - offset} bytes dropped`);
      }
      return offset;
    }
    options.damaged(`${place}: ${(next < 0 ? bytes.length : next) - offset} bytes damaged`);
    if (next < 0) return bytes.length;
    offset = next;
  }
  return offset;
}

function handOver(
  segment: Found,
  bytes: Uint8Array,
  offset: number,
  length: number,
  options: ReplayOptions,
): void {
  try {
    options.record(decodeRecord(bytes, offset, length, options.lists), segment.start + offset);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    options.damaged(`journal ${segment.file} at byte ${offset}: ${error.message}`);
  }
}

/** Whether a sync mark at or behind `from` says that the byte at `position` had reached the disk. */
function isBeforeSyncMark(position: number, bytes: Uint8Array, from: number): boolean {
  for (let at = from; at >= 0; ) {
    const length = recordLength(bytes, at);
    if (length === 0) {
      at = nextRecord(bytes, at + 1);
      continue;
    }
    if (isMark(bytes, at, length, position)) return true;
    at += length;
    if (at >= bytes.length) return false;
  }
  return false;
}

/** Short records only: a frame is never a mark. */
function isMark(bytes: Uint8Array, at: number, length: number, position: number): boolean {
  if (length > SYNC_BYTES) return false;
  const record = decodeRecord(bytes, at, length);
  return record.type === 'sync' && record.position > position;
}

/** What a killed process wrote may have been read from memory: it counts from now on, so it must be on the disk. */
async function cutAndSync(
  segment: Found,
  lengthBytes: number,
  { files, folder }: ReplayOptions,
): Promise<void> {
  const handle = await files.open(path.join(folder, segment.file));
  try {
    await handle.truncate(lengthBytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
