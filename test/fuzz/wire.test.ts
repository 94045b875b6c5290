/** Everything that comes in from a socket, mutated: never another error than the catalogued one, never without end, never too much. */
import { zstdCompressSync } from 'node:zlib';
import { Refusal } from '@muster/server/fleet/refusal.ts';
import { parseEvents, parseInventory } from '@muster/server/ingest/frame-body.ts';
import { WireError } from '@muster/shared/wire/bytes.ts';
import { decodeFrame, encodeFrame } from '@muster/shared/wire/frames.ts';
import {
  SERIES_PER_AGENT_MAX,
  TICKS_PER_FRAME_MAX,
  VALUES_PER_FRAME_MAX,
} from '@muster/shared/wire/limits.ts';
import {
  SamplesDecoder,
  SamplesEncoder,
  type SeriesDeclaration,
  type Tick,
} from '@muster/shared/wire/samples.ts';
import { expect, test } from 'vitest';
import { hex, mutated, mutatedJson, type Random, randomFrom, run, SEED, TRIAL_MS_MAX } from './fuzz.ts';

const STREAMS = 40;
/** Another connection takes one of its frames after so many refusals. */
const BYSTANDER_EVERY = 8;
const FRAMES = 6;

interface Stream {
  readonly frames: readonly Uint8Array[];
  readonly ticks: readonly (readonly Tick[])[];
}

/** What agents send: all series, some of them, the same again, held ticks, values of every class. */
function streamOf(random: Random): Stream {
  const encoder = new SamplesEncoder();
  const declared: SeriesDeclaration[] = [];
  const declare = () => {
    declared.push({
      metric: `m${declared.length}`,
      instance: random(2) === 0 ? '' : `/${declared.length}`,
      kind: random(2) === 0 ? 'gauge' : 'counter',
      decimals: random(4),
    });
    return encoder.declare(declared.at(-1) as SeriesDeclaration);
  };
  const numbers = Array.from({ length: 1 + random(24) }, declare);
  const last = numbers.map(() => random(1_000_000));
  let atMs = 1_700_000_000_000;
  const frames: Uint8Array[] = [];
  const ticks: Tick[][] = [];
  for (let f = 0; f < FRAMES; f++) {
    if (random(4) === 0) last[numbers.push(declare()) - 1] = 0;
    const some = numbers.filter(() => random(5) > 0);
    const held = Array.from({ length: 1 + random(3) }, (): Tick => {
      atMs += 9_990 + random(20);
      const series = random(3) === 0 ? some : numbers;
      return { atMs, series, values: series.map((number) => valueOf(number, declared, last, random)) };
    });
    ticks.push(held);
    frames.push(encodeFrame(f === 4 ? 'live' : 'samples', f + 1, encoder.encode(held)));
  }
  return { frames, ticks };
}

function valueOf(
  number: number,
  declared: readonly SeriesDeclaration[],
  last: number[],
  random: Random,
): number {
  const steps = [0, 0, 1, random(9) - 4, random(1_000), random(30_000) * 4_096, random(2 ** 31) * 2 ** 18];
  const scaled = (last[number] as number) + (steps[random(steps.length)] as number);
  if (random(40) === 0) return [1 / 3, Number.NaN, -0, Number.POSITIVE_INFINITY][random(4)] as number;
  last[number] = scaled % 2 ** 50;
  return last[number] / 10 ** (declared[number] as SeriesDeclaration).decimals;
}

test(
  '[LK125] [LK127] mutated frames of samples: refused with WireError, and what is taken is what was sent',
  async () => {
    const random = randomFrom(SEED);
    const streams = Array.from({ length: STREAMS }, () => streamOf(random));
    const known = new Set(streams.flatMap(({ frames }) => frames.map(hex)));
    let slipped = 0;
    let refusals = 0;
    const bystander = new Bystander(streams);
    const { taken, refused } = await run<{ stream: Stream; at: number; frame: Uint8Array }>({
      name: 'frame of samples',
      inputs: 1_000_000,
      make: (chance) => {
        const stream = streams[chance(STREAMS)] as Stream;
        const other = streams[chance(STREAMS)] as Stream;
        const at = chance(FRAMES);
        const frame = mutated(stream.frames[at] as Uint8Array, other.frames[at] as Uint8Array, chance);
        return { stream, at, frame };
      },
      take: ({ stream, at, frame }) => {
        const decoder = new SamplesDecoder();
        for (const before of stream.frames.slice(0, at)) decoder.decode(decodeFrame(before).body);
        const body = bodyOf(frame);
        if (body === null) return false;
        try {
          const { declared, ticks } = decoder.decode(body);
          expectWithinLimits(declared, ticks);
          if (!known.has(hex(frame)) && !sameTicks(ticks, stream.ticks[at] as readonly Tick[])) slipped++;
          return true;
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          // What it read of the frame is in it: it must not go on, not even with what was meant.
          expectTakesNothing(decoder, stream.frames[at] as Uint8Array);
          if (++refusals % BYSTANDER_EVERY === 0) bystander.takeOne();
          return false;
        }
      },
      show: ({ at, frame }) => `frame ${at} as ${hex(frame)}`,
    });
    expect(refused).toBeGreaterThan(taken);
    expect(bystander.taken).toBeGreaterThan(refused / (2 * BYSTANDER_EVERY));
    // A check of 16 bits lets one in 65,536 through; a frame without values (cut to its declarations) says nothing wrong.
    expect(slipped).toBeLessThan(5 + (8 * (taken + refused)) / 2 ** 16);
  },
  TRIAL_MS_MAX,
);

/** A connection between the mutated ones: decoders share memory, and nothing of a refused frame may reach another. */
class Bystander {
  readonly #streams: readonly Stream[];
  #decoder = new SamplesDecoder();
  #next = 0;
  taken = 0;

  constructor(streams: readonly Stream[]) {
    this.#streams = streams;
  }

  takeOne(): void {
    const at = this.#next % FRAMES;
    if (at === 0) this.#decoder = new SamplesDecoder();
    const stream = this.#streams[Math.floor(this.#next / FRAMES) % this.#streams.length] as Stream;
    const { ticks } = this.#decoder.decode(decodeFrame(stream.frames[at] as Uint8Array).body);
    if (!sameTicks(ticks, stream.ticks[at] as readonly Tick[]))
      throw new Error(`frame ${at} of another connection came as ${JSON.stringify(ticks)}`);
    this.#next++;
    this.taken++;
  }
}

function expectTakesNothing(decoder: SamplesDecoder, frame: Uint8Array): void {
  let refused = false;
  try {
    decoder.decode(decodeFrame(frame).body);
  } catch (error) {
    refused = error instanceof WireError;
  }
  expect(refused).toBe(true);
}

/** null: refused by its head, or another type, whose body is not for this decoder. */
function bodyOf(bytes: Uint8Array): Uint8Array | null {
  try {
    const frame = decodeFrame(bytes);
    return frame.type === 'samples' || frame.type === 'live' ? frame.body : null;
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function expectWithinLimits(declared: readonly SeriesDeclaration[], ticks: readonly Tick[]): void {
  expect(declared.length).toBeLessThanOrEqual(SERIES_PER_AGENT_MAX);
  expect(ticks.length).toBeLessThanOrEqual(TICKS_PER_FRAME_MAX);
  let values = 0;
  for (const tick of ticks) {
    expect(tick.values.length).toBe(tick.series.length);
    expect(Number.isSafeInteger(tick.atMs) && tick.atMs >= 0).toBe(true);
    values += tick.values.length;
  }
  expect(values).toBeLessThanOrEqual(VALUES_PER_FRAME_MAX);
}

function sameTicks(got: readonly Tick[], sent: readonly Tick[]): boolean {
  if (got.length === 0) return true;
  if (got.length !== sent.length) return false;
  return got.every((tick, t) => {
    const told = sent[t] as Tick;
    return (
      tick.atMs === told.atMs &&
      tick.values.length === told.values.length &&
      [...tick.values].every(
        (value, i) => Object.is(value, told.values[i]) && tick.series[i] === told.series[i],
      )
    );
  });
}

const AT_MS = 1_700_000_000_000;
const EVENTS = {
  events: [
    { type: 'started', atMs: AT_MS, bootId: 'b', bootedAtMs: AT_MS, previous: 'stop', agentVersion: '1' },
    { type: 'stopping', atMs: AT_MS, reason: 'stop' },
    { type: 'dropped', atMs: AT_MS, frames: 2, fromMs: 1, toMs: 2, why: 'spool-age' },
    { type: 'collector-failed', atMs: AT_MS, collector: 'disk', detail: 'x' },
    {
      type: 'flight',
      atMs: AT_MS,
      requestId: 'r',
      timesMs: [1, 2],
      series: [{ metric: 'cpu.utilisation', instance: '', values: [1.5, null] }],
      topProcesses: [
        {
          pid: 1,
          name: 'init',
          user: 'root',
          cpuPercent: 0.5,
          residentBytes: 1,
          readBytesPerSecond: null,
          writtenBytesPerSecond: 2,
        },
      ],
    },
  ],
};
const INVENTORY = {
  atMs: AT_MS,
  sections: {
    os: { hash: 'a'.repeat(64), complete: true, data: { family: 'linux', name: 'Debian' } },
    users: { hash: 'b'.repeat(64), complete: false },
  },
};

test(
  '[LK125] mutated bodies of events and inventory: refused as invalid or too large',
  async () => {
    const { refused } = await run<{ kind: 'events' | 'inventory'; body: Uint8Array }>({
      name: 'body of events or inventory',
      inputs: 60_000,
      make: (random) => {
        const kind = random(2) === 0 ? 'events' : 'inventory';
        const content = kind === 'events' ? EVENTS : INVENTORY;
        if (random(500) === 0) return { kind, body: zstdCompressSync(Buffer.alloc(17 << 20)) };
        const packed = zstdCompressSync(
          Buffer.from(random(3) > 0 ? mutatedJson(content, random) : JSON.stringify(content)),
        );
        return { kind, body: random(3) > 0 ? packed : mutated(packed, packed, random) };
      },
      take: async ({ kind, body }) => {
        try {
          const parse = kind === 'events' ? parseEvents : parseInventory;
          await parse(body, (atMs) => atMs + 1);
          return true;
        } catch (error) {
          if (error instanceof Refusal && ['frame-invalid', 'frame-too-large'].includes(error.code))
            return false;
          throw error;
        }
      },
      show: ({ kind, body }) => `${kind} ${hex(body)}`,
    });
    expect(refused).toBeGreaterThan(0);
  },
  TRIAL_MS_MAX,
);
