/**
 * Binary data frames: one type byte, then (except live frames) the sequence number as varint, then the body.
 *
 *   0x01 samples    seq, body of samples.ts                     ordered, acknowledged
 *   0x02 inventory  seq, zstd of the JSON of InventoryBody       ordered, acknowledged
 *   0x03 events     seq, zstd of the JSON of EventsBody          ordered, acknowledged
 *   0x04 live       body of samples.ts                           neither: shown and forgotten
 */
import * as z from 'zod';
import { ByteReader, ByteWriter, WireError } from './bytes.ts';
import { bySection, GoodbyeReason, TopProcess } from './control.ts';

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

const AtMs = z.int().min(0).max(8.64e15);

/** Changed sections with their data, confirmed ones without. A section that is not there is unchanged. */
export const InventoryBody = z.object({
  atMs: AtMs,
  sections: bySection(
    z.object({
      /** SHA-256 (hex) over the JSON text of `data`. */
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      /** false: something could not be read; an absent item then proves nothing. */
      complete: z.boolean(),
      /** Absent: still what the report with this hash said. */
      data: z.unknown().optional(),
    }),
  ),
});
export type InventoryBody = z.infer<typeof InventoryBody>;

/** One series of a flight recording; `null` where nothing was read. */
const FlightSeries = z.object({
  metric: z.string().max(64),
  instance: z.string().max(256),
  values: z.array(z.number().nullable()).max(2_000),
});

export const AgentEvent = z.discriminatedUnion('type', [
  /** The agent runs again. `previous`: how the last run ended, null if it left no word (killed, power lost). */
  z.object({
    type: z.literal('started'),
    atMs: AtMs,
    bootId: z.string().max(64),
    bootedAtMs: AtMs,
    previous: GoodbyeReason.nullable(),
    agentVersion: z.string().max(32),
  }),
  z.object({ type: z.literal('stopping'), atMs: AtMs, reason: GoodbyeReason }),
  /** Frames that the spool had to drop; their time is unknown to the server for good. */
  z.object({
    type: z.literal('dropped'),
    atMs: AtMs,
    frames: z.int().min(1),
    fromMs: AtMs,
    toMs: AtMs,
    why: z.enum(['spool-full', 'spool-age', 'disk-full', 'spool-corrupt']),
  }),
  z.object({
    type: z.literal('collector-failed'),
    atMs: AtMs,
    collector: z.string().max(32),
    detail: z.string().max(500),
  }),
  z.object({
    type: z.literal('flight'),
    atMs: AtMs,
    requestId: z.string().max(64),
    /** Times common to all series, ascending. */
    timesMs: z.array(AtMs).max(2_000),
    series: z.array(FlightSeries).max(256),
    topProcesses: z.array(TopProcess).max(64),
  }),
]);
export type AgentEvent = z.infer<typeof AgentEvent>;

export const EventsBody = z.object({ events: z.array(AgentEvent).min(1).max(256) });
export type EventsBody = z.infer<typeof EventsBody>;
