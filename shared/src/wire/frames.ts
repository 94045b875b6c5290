/**
 * Binary data frames: one type byte, then (except live frames) the sequence number as varint, then the body.
 *
 *   0x01 samples    seq, body of samples.ts                     ordered, acknowledged
 *   0x02 inventory  seq, zstd of the JSON of InventoryBody       ordered, acknowledged
 *   0x03 events     seq, zstd of the JSON of EventsBody          ordered, acknowledged
 *   0x04 live       body of samples.ts                           neither: shown and forgotten
 */
import { ByteReader, ByteWriter, WireError } from './bytes.ts';

export const FRAME_TYPES = { samples: 1, inventory: 2, events: 3, live: 4 } as const;
export type FrameType = keyof typeof FRAME_TYPES;

const NAMES: Readonly<Record<number, FrameType>> = { 1: 'samples', 2: 'inventory', 3: 'events', 4: 'live' };

export interface Frame {
  readonly type: FrameType;
  /** 0 for live frames. */
  readonly seq: number;
  readonly body: Uint8Array;
}

export function encodeFrame(type: FrameType, seq: number, body: Uint8Array): Uint8Array {
  head.reset();
  head.byte(FRAME_TYPES[type]);
  if (type !== 'live') head.varint(seq);
  const headBytes = head.finish();
  const frame = new Uint8Array(headBytes.length + body.length);
  frame.set(headBytes);
  frame.set(body, headBytes.length);
  return frame;
}

const head = new ByteWriter(16);

/** @throws WireError */
export function decodeFrame(bytes: Uint8Array): Frame {
  const reader = new ByteReader(bytes);
  const code = reader.byte();
  const type = NAMES[code];
  if (!type) throw new WireError(`frame type ${code} is unknown`);
  const seq = type === 'live' ? 0 : reader.varint();
  if (type !== 'live' && seq === 0) throw new WireError('seq 0 is not given to a frame');
  return { type, seq, body: reader.bytes(reader.remaining) };
}
