/**
 * Bench of the samples codec: bytes per sample on the wire with every header, nanoseconds per sample to write and to read.
 * One host's tick of 100 series per frame, and three held ticks per frame; declarations are left out of both figures.
 *
 * Usage: node test/bench/wire.ts [--seed 1] [--hosts 200] [--ticks 120] [--workload FILE] [--json FILE]
 * The workload is the generator outside this repository where it is there, else a mix of the same kinds made here.
 */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { decodeFrame, encodeFrame } from '@muster/shared/wire/frames.ts';
import { SamplesDecoder, SamplesEncoder, type Tick } from '@muster/shared/wire/samples.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    hosts: { type: 'string', default: '200' },
    ticks: { type: 'string', default: '120' },
    workload: {
      type: 'string',
      default: path.resolve(import.meta.dirname, '../../../shared/bench/workload.mjs'),
    },
    json: { type: 'string' },
  },
});
const START_MS = Date.UTC(2026, 2, 1);
const STEP_MS = 10_000;
const HELD_TICKS = 3;
const ROUNDS = 4;
const SAMPLES_PER_ROUND = 10_000_000;

interface Workload {
  readonly kinds: readonly string[];
  /** The next values of a host, kind by kind. */
  next(host: number, into: Float64Array): void;
}

const hosts = Number(flags.hosts);
const ticks = Number(flags.ticks);
const workload = await openWorkload();
const seriesCount = workload.kinds.length;
const numbers = Array.from({ length: seriesCount }, (_, i) => i);
const recorded = record();

console.log(`${hosts} hosts × ${seriesCount} series × ${ticks} ticks, seed ${flags.seed}`);
console.log('ticks per frame   B/sample on the wire   of it headers   write ns   read ns   per sample');
const figures = Object.fromEntries(
  [1, HELD_TICKS].map((perFrame) => [perFrame === 1 ? 'single' : 'held', measure(perFrame)]),
);
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`);

function measure(perFrame: number) {
  const frames = recorded.map((all) => encodeHost(all, perFrame));
  const samples = hosts * seriesCount * ticks;
  let bytes = 0;
  let valueBytes = 0;
  for (const { sizes } of frames)
    for (const { frame, body } of sizes) {
      bytes += frame + webSocketHeadBytes(frame);
      valueBytes += body;
    }
  const writeNs = fastest(() => {
    const encoders = recorded.map(() => declaredEncoder().encoder);
    return () =>
      recorded.forEach((all, host) => void encodeTicks(encoders[host] as SamplesEncoder, all, perFrame));
  });
  const readNs = fastest(() => {
    const decoders = frames.map(({ declarations }) => {
      const decoder = new SamplesDecoder();
      decoder.decode(declarations);
      return decoder;
    });
    return () =>
      frames.forEach(({ sent }, host) => {
        const decoder = decoders[host] as SamplesDecoder;
        for (const frame of sent) decoder.decode(decodeFrame(frame).body);
      });
  });
  const figure = {
    bytesPerSample: bytes / samples,
    headerBytesPerSample: (bytes - valueBytes) / samples,
    writeNsPerSample: writeNs / samples,
    readNsPerSample: readNs / samples,
  };
  console.log(
    [
      String(perFrame).padStart(15),
      figure.bytesPerSample.toFixed(3).padStart(22),
      figure.headerBytesPerSample.toFixed(3).padStart(15),
      figure.writeNsPerSample.toFixed(1).padStart(10),
      figure.readNsPerSample.toFixed(1).padStart(9),
    ].join(' '),
  );
  return figure;
}

interface Sent {
  readonly declarations: Uint8Array;
  readonly sent: readonly Uint8Array[];
  readonly sizes: readonly { readonly frame: number; readonly body: number }[];
}

function encodeHost(all: readonly Tick[], perFrame: number): Sent {
  const { encoder, declarations } = declaredEncoder();
  const sent = encodeTicks(encoder, all, perFrame);
  const sizes = sent.map((frame, i) => {
    const inFrame = Math.min(perFrame, all.length - i * perFrame);
    // Type, seq, no declaration, number of ticks; time and presence of each; check.
    const headBytes = 1 + 3 + 1 + 1 + inFrame * 4 + (i === 0 ? 3 : 0) + 2;
    return { frame: frame.length, body: frame.length - headBytes };
  });
  return { declarations, sent, sizes };
}

function declaredEncoder(): { encoder: SamplesEncoder; declarations: Uint8Array } {
  const encoder = new SamplesEncoder();
  workload.kinds.forEach((kind, i) => {
    encoder.declare({
      metric: `${kind}${i}`,
      instance: '',
      kind: kind === 'ctr' || kind === 'rare' ? 'counter' : 'gauge',
      decimals: kind === 'cpu' || kind === 'load' ? 2 : 0,
    });
  });
  return { encoder, declarations: encoder.encode([]) };
}

/** Seq as after a day, so that it has three bytes. */
function encodeTicks(encoder: SamplesEncoder, all: readonly Tick[], perFrame: number): Uint8Array[] {
  const sent: Uint8Array[] = [];
  for (let t = 0; t < all.length; t += perFrame)
    sent.push(encodeFrame('samples', 20_000 + t, encoder.encode(all.slice(t, t + perFrame))));
  return sent;
}

/** RFC 6455, 5.2: two bytes, the long length, and the mask of a client. */
function webSocketHeadBytes(payloadBytes: number): number {
  return 2 + (payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8) + 4;
}

/**
 * CPU nanoseconds of the fastest round; what `prepare` does is not counted. The kernel counts in steps of some milliseconds,
 * so a round repeats the work until that is little.
 */
function fastest(prepare: () => () => void): number {
  const repeats = Math.ceil(SAMPLES_PER_ROUND / (hosts * seriesCount * ticks));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const works = Array.from({ length: repeats }, prepare);
    const start = process.threadCpuUsage();
    for (const work of works) work();
    const { user, system } = process.threadCpuUsage(start);
    best = Math.min(best, (user + system) / repeats);
  }
  return best * 1_000;
}

function record(): Tick[][] {
  const into = new Float64Array(seriesCount);
  const all: Tick[][] = Array.from({ length: hosts }, () => []);
  for (let t = 0; t < ticks; t++) {
    all.forEach((one, host) => {
      workload.next(host, into);
      one.push({ atMs: START_MS + host * 7 + t * STEP_MS, series: numbers, values: [...into] });
    });
  }
  return all;
}

async function openWorkload(): Promise<Workload> {
  if (!existsSync(flags.workload)) return ownWorkload();
  const { Gen, KINDS } = (await import(flags.workload)) as {
    KINDS: readonly string[];
    Gen: new (hosts: number, seed: number) => { next(host: number, into: Float64Array, at: number): void };
  };
  const generator = new Gen(hosts, Number(flags.seed));
  return { kinds: KINDS, next: (host, into) => generator.next(host, into, 0) };
}

/** A mix of the same kinds, for who has only this repository. */
function ownWorkload(): Workload {
  const counts = { cpu: 20, mem: 10, ctr: 25, rare: 15, disk: 10, const: 10, load: 5, proc: 5 };
  const kinds = Object.entries(counts).flatMap(([kind, count]) => new Array<string>(count).fill(kind));
  const state = new Float64Array(hosts * kinds.length);
  let seed = Number(flags.seed) || 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const step: Record<string, (before: number) => number> = {
    cpu: (before) => Math.round((before * 0.9 + random() ** 2 * 10) * 100) / 100,
    mem: (before) => Math.max(0, before + Math.floor((random() - 0.5) * 512) * 4_096),
    ctr: (before) => before + Math.floor(10 ** (2 + random() * 4)),
    rare: (before) => before + (random() > 0.98 ? 1 : 0),
    disk: (before) => before + (random() > 0.9 ? Math.floor(random() * 300) * 4_096 : 0),
    const: (before) => before || 123_456_789,
    load: (before) => Math.round((before * 0.95 + random() * 0.2) * 100) / 100,
    proc: (before) => Math.max(0, before + (random() > 0.7 ? Math.floor((random() - 0.5) * 7) : 0)),
  };
  return {
    kinds,
    next(host, into) {
      kinds.forEach((kind, i) => {
        const at = host * kinds.length + i;
        state[at] = (step[kind] as (before: number) => number)(state[at] as number);
        into[i] = state[at];
      });
    },
  };
}
