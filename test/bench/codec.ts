/**
 * Bench of the codecs of the metrics engine: bytes and CPU nanoseconds per sample of each candidate for a settled group
 * of series over two hours, of sealed rows, of rollups and of histograms.
 *
 * Usage: node test/bench/codec.ts [--seed 1] [--hosts 20] [--group 10] [--rounds 4] [--workload FILE] [--json FILE]
 * The workload is the generator outside this repository where it is there, else a mix of the same kinds made here. Both
 * are also shown with times that jitter and with series that are slow, appear and vanish.
 */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { addSamples, Buckets } from '@muster/server/metrics/buckets.ts';
import { SampleList } from '@muster/server/metrics/sample-list.ts';
import { Block, BlockWriter, sealRows } from '@muster/server/store/engine/block.ts';
import { ColumnJoin } from '@muster/server/store/engine/column-join.ts';
import { type Column, type Columns, readColumn } from '@muster/server/store/engine/columns.ts';
import { encodeGroup, GroupBlock } from '@muster/server/store/engine/group-block.ts';
import type { Histogram } from '@muster/server/store/engine/histogram.ts';
import { addToHours } from '@muster/server/store/engine/hour-histograms.ts';
import { encodeHistograms, type HistogramSet } from '@muster/server/store/engine/histogram-block.ts';
import { type BucketSet, decodeRollup, encodeRollup } from '@muster/server/store/engine/rollup-block.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    hosts: { type: 'string', default: '20' },
    group: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '4' },
    workload: {
      type: 'string',
      default: path.resolve(import.meta.dirname, '../../../shared/bench/workload.mjs'),
    },
    json: { type: 'string' },
  },
});
const hosts = Number(flags.hosts);
const groupSize = Number(flags.group);
const rounds = Number(flags.rounds);
const ROWS = 720;
const STEP_MS = 10 * SECOND_MS;
const START_MS = Math.floor(Date.UTC(2026, 2, 1) / DAY_MS) * DAY_MS;
const JITTER_MS = 6;
const SLOW_STEPS = 6;
const SEALED_ROWS = 32;

type Kind = 'cpu' | 'mem' | 'ctr' | 'rare' | 'disk' | 'const' | 'load' | 'proc';
const COUNTERS: readonly string[] = ['ctr', 'rare'];
const WITH_DECIMALS: readonly string[] = ['cpu', 'load'];

interface Source {
  readonly name: string;
  readonly kinds: readonly string[];
  next(host: number, into: Float64Array): void;
}

/** All values of one host: by series, then by row. */
type HostValues = readonly Float64Array[];

interface Figure {
  readonly bytes: number;
  readonly encodeNs: number;
  readonly decodeNs: number;
}
const figures: Record<string, Figure> = {};

const random = randomOf(Number(flags.seed));
const source = await openSource();
const recorded = record(source, ROWS);
console.log(
  `${source.name}, ${hosts} hosts × ${source.kinds.length} series × ${ROWS} rows, seed ${flags.seed}`,
);
console.log('per sample'.padEnd(58), 'bytes', 'encode ns', 'decode ns');

for (const [name, groups] of [
  ['grid', groupsOf(recorded, regularTimes(0), false)],
  ['jitter', groupsOf(recorded, regularTimes(JITTER_MS), false)],
  ['jitter, slow and passing series', groupsOf(recorded, regularTimes(JITTER_MS), true)],
] as const)
  for (const candidate of candidates()) compareGroups(`group, ${name}: ${candidate.name}`, groups, candidate);
benchSealed();
benchRollups();
benchHistograms();
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`);

interface Candidate {
  readonly name: string;
  encode(columns: Columns): Uint8Array;
  decode(bytes: Uint8Array): void;
  /** The values of a series as they come out again; left out where the form is one that nothing reads. */
  valuesOf?(bytes: Uint8Array, slot: number): Float64Array | undefined;
}

function candidates(): readonly Candidate[] {
  const varints = (level: number): Candidate => ({
    name: level === 0 ? 'differences as varints' : `differences as varints, zstd ${level}`,
    encode: (columns) => (level === 0 ? blockOf(columns) : zstd(blockOf(columns), level)),
    decode: (bytes) => {
      const block = new Block(level === 0 ? bytes : zstdDecompressSync(bytes));
      for (const slot of block.slots()) block.column(slot);
    },
    valuesOf: (bytes, slot) =>
      new Block(level === 0 ? bytes : zstdDecompressSync(bytes)).column(slot)?.values,
  });
  return [
    {
      name: 'doubles, zstd 3',
      encode: (columns) => zstd(doublesOf(columns), 3),
      decode: (bytes) => void zstdDecompressSync(bytes),
    },
    varints(0),
    varints(1),
    varints(3),
    {
      name: 'byte planes of shifted differences, zstd 3 (plain code)',
      encode: (columns) => zstd(planesOf(columns), 3),
      decode: (bytes) => void zstdDecompressSync(bytes),
    },
    {
      name: 'packed (chosen)',
      encode: encodeGroup,
      decode: (bytes) => {
        const group = new GroupBlock(bytes);
        for (const slot of group.slots()) group.column(slot);
      },
      valuesOf: (bytes, slot) => new GroupBlock(bytes).column(slot)?.values,
    },
  ];
}

function compareGroups(
  name: string,
  groups: readonly Columns[],
  { encode, decode, valuesOf }: Candidate,
): void {
  const samples = groups.reduce(
    (sum, { series }) => sum + series.reduce((of, { values }) => of + values.length, 0),
    0,
  );
  let blocks: Uint8Array[] = [];
  const encodeNs = best(samples, () => {
    blocks = groups.map(encode);
  });
  const decodeNs = best(samples, () => blocks.forEach(decode));
  if (valuesOf)
    for (const [i, { series }] of groups.entries())
      for (const { slot, values } of series)
        refuseUnlessSame(`${name}, series ${slot}`, valuesOf(blocks[i] as Uint8Array, slot), values);
  show(name, { bytes: sizeOf(blocks) / samples, encodeNs, decodeNs });
}

function benchSealed(): void {
  const width = source.kinds.length;
  const blocks = Math.floor(ROWS / SEALED_ROWS);
  const times = regularTimes(JITTER_MS);
  const open = recorded.map((host) =>
    Array.from({ length: blocks }, (_, block) =>
      Float64Array.from({ length: SEALED_ROWS * width }, (_unused, at) => {
        const row = block * SEALED_ROWS + Math.floor(at / width);
        return host[at % width]?.[row] as number;
      }),
    ),
  );
  const samples = hosts * blocks * SEALED_ROWS * width;
  const decimals = (slot: number) => decimalsOf(source.kinds[slot]);
  let sealed: Uint8Array[][] = [];
  const encodeNs = best(samples, () => {
    sealed = open.map((host) =>
      host.map((values, block) =>
        sealRows(
          times.subarray(block * SEALED_ROWS),
          SEALED_ROWS,
          width,
          values,
          width,
          undefined,
          decimals,
        ).slice(),
      ),
    );
  });
  const into = new Float64Array(SEALED_ROWS);
  const decodeNs = best(samples, () => {
    for (const bytes of sealed.flat()) {
      const block = new Block(bytes);
      for (let index = 0; index < width; index++) block.valuesInto(index, into, 0);
    }
  });
  for (const [host, list] of sealed.entries())
    for (const [at, bytes] of list.entries()) {
      const block = new Block(bytes);
      for (let index = 0; index < width; index++) {
        block.valuesInto(index, into, 0);
        const sent = recorded[host]?.[index]?.subarray(at * SEALED_ROWS, (at + 1) * SEALED_ROWS);
        refuseUnlessSame(`sealed rows, series ${index}`, into, sent);
      }
    }
  show(`sealed rows, ${SEALED_ROWS} at a time`, {
    bytes: sizeOf(sealed.flat()) / samples,
    encodeNs,
    decodeNs,
  });
  const joinNs = best(samples, () => {
    for (const host of sealed) {
      const join = new ColumnJoin(START_MS, START_MS + DAY_MS);
      for (const bytes of host) join.add(new Block(bytes));
      join.finish();
    }
  });
  show('sealed rows joined to two hours: joining, opening', {
    bytes: sizeOf(sealed.flat()) / samples,
    encodeNs: joinNs,
    decodeNs,
  });
}

/** A codec that loses something is not small. */
function refuseUnlessSame(
  what: string,
  read: Float64Array | undefined,
  sent: Float64Array | undefined,
): void {
  if (!read || read.length !== sent?.length || read.some((value, i) => !Object.is(value, sent[i])))
    throw new Error(`${what}: other values come out than went in`);
}

function benchRollups(): void {
  for (const jitterMs of [0, JITTER_MS]) {
    const minutes = rollupsOf(recorded, regularTimes(jitterMs), MINUTE_MS, 2 * HOUR_MS);
    const samples = hosts * ROWS * source.kinds.length;
    showRollup(`rollup, minutes of two hours${jitterMs > 0 ? ', jitter' : ''}`, minutes, samples, MINUTE_MS);
  }
  const days = 10;
  const long = record(source, (days * DAY_MS) / STEP_MS, 1);
  const times = regularTimes(JITTER_MS, (days * DAY_MS) / STEP_MS);
  const samples = times.length * source.kinds.length;
  showRollup(
    'rollup, ten minutes of a day, jitter',
    rollupsOf(long, times, 10 * MINUTE_MS, DAY_MS),
    samples,
    10 * MINUTE_MS,
  );
  showRollup(
    'rollup, hours of ten days, jitter',
    rollupsOf(long, times, HOUR_MS, days * DAY_MS),
    samples,
    HOUR_MS,
  );
}

interface Rollup {
  readonly startMs: number;
  readonly set: BucketSet;
}

function rollupsOf(
  values: readonly HostValues[],
  times: Float64Array,
  widthMs: number,
  windowMs: number,
): Rollup[] {
  const rollups: Rollup[] = [];
  const endMs = START_MS + times.length * STEP_MS;
  for (const host of values) {
    const lists = host.map((column) => listOf(times, column));
    for (let startMs = START_MS; startMs < endMs; startMs += windowMs) {
      for (let first = 0; first < lists.length; first += groupSize) {
        const set: BucketSet = new Map();
        for (let slot = first; slot < Math.min(first + groupSize, lists.length); slot++) {
          const buckets = new Buckets(widthMs);
          const kind = COUNTERS.includes(source.kinds[slot] as string) ? 'counter' : 'gauge';
          addSamples(buckets, lists[slot] as SampleList, kind, startMs, startMs + windowMs);
          set.set(slot, buckets);
        }
        rollups.push({ startMs, set });
      }
    }
  }
  return rollups;
}

function showRollup(name: string, rollups: readonly Rollup[], samples: number, widthMs: number): void {
  let blocks: Uint8Array[] = [];
  const encodeNs = best(samples, () => {
    blocks = rollups.map(({ set, startMs }) => encodeRollup(set, startMs));
  });
  const decodeNs = best(samples, () => {
    for (const [i, bytes] of blocks.entries())
      decodeRollup(
        bytes,
        rollups[i]?.startMs as number,
        widthMs,
        () => true,
        () => {},
      );
  });
  show(name, { bytes: sizeOf(blocks) / samples, encodeNs, decodeNs });
}

/** Of percentages and rates, per sample of all series. */
function benchHistograms(): void {
  const times = regularTimes(JITTER_MS);
  const samples = hosts * ROWS * source.kinds.length;
  let sets: HistogramSet[] = [];
  const addNs = best(samples, () => {
    sets = recorded.map((host) => histogramsOf(host, times));
  });
  let blocks: Uint8Array[] = [];
  const encodeNs = best(samples, () => {
    blocks = sets.map((set) => encodeHistograms(set, START_MS));
  });
  const bytes = sizeOf(blocks) / samples;
  show('histograms of hours: counting, then encoding', { bytes, encodeNs: addNs, decodeNs: encodeNs });
}

function histogramsOf(host: HostValues, times: Float64Array): HistogramSet {
  const set: HistogramSet = new Map();
  host.forEach((column, slot) => {
    const kind = source.kinds[slot] as string;
    const isCounter = COUNTERS.includes(kind);
    if (kind !== 'cpu' && !isCounter) return;
    const hours = new Map<number, Histogram>();
    addToHours(hours, isCounter ? 'counter' : 'percent', times, column, 0, column.length);
    set.set(slot, hours);
  });
  return set;
}

/** Columns of groups of series; `uneven`: every fifth series is slow, every seventh is there for a part of the time only. */
function groupsOf(values: readonly HostValues[], times: Float64Array, uneven: boolean): Columns[] {
  const groups: Columns[] = [];
  for (const host of values) {
    for (let first = 0; first < host.length; first += groupSize) {
      const series = host.slice(first, first + groupSize).map((all, i): Column => {
        const slot = first + i;
        const decimals = decimalsOf(source.kinds[slot]);
        if (!uneven || (slot % 5 !== 0 && slot % 7 !== 0))
          return { slot, decimals, values: all, present: undefined };
        const from = slot % 7 === 0 ? Math.floor((slot * 97) % ROWS) : 0;
        return someRows(slot, decimals, all, slot % 5 === 0 ? SLOW_STEPS : 1, from);
      });
      groups.push({ times, series });
    }
  }
  return groups;
}

function someRows(slot: number, decimals: number, all: Float64Array, every: number, from: number): Column {
  const present = new Uint8Array((all.length + 7) >> 3);
  const values = all.filter((_, row) => {
    if (row < from || row % every !== 0) return false;
    present[row >> 3] = (present[row >> 3] as number) | (1 << (row & 7));
    return true;
  });
  return { slot, decimals, values, present };
}

function blockOf({ times, series }: Columns): Uint8Array {
  const writer = new BlockWriter(times, times.length);
  for (const { slot, values, decimals, present } of series)
    writer.column(slot, values, 0, values.length, decimals ?? 0, present);
  return writer.finish();
}

function doublesOf({ times, series }: Columns): Uint8Array {
  const arrays = [times, ...series.map(({ values }) => values)];
  return Buffer.concat(
    arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)),
  );
}

/** Differences of the scaled numbers without the power of two that all share, the lowest bytes of all first, then the next … */
function planesOf({ times, series }: Columns): Uint8Array {
  const planes: number[][] = [[], [], [], [], [], [], []];
  const heads: number[] = [];
  for (const { values, decimals } of [{ values: times, decimals: 0 }, ...series]) {
    const power = 10 ** (decimals ?? 0);
    let bits = 0;
    for (const value of values) bits |= Math.round(value * power) - Math.round((values[0] as number) * power);
    const unit = bits === 0 ? 1 : 2 ** (31 - Math.clz32(bits & -bits));
    heads.push(Math.round((values[0] as number) * power), unit);
    const steps = Array.from(values, (value, i) =>
      i === 0 ? 0 : (Math.round(value * power) - Math.round((values[i - 1] as number) * power)) / unit,
    );
    const bends = steps.map((step, i) => step - (steps[i - 1] ?? 0));
    const size = (of: readonly number[]) => of.reduce((sum, one) => sum + Math.abs(one), 0);
    const rests = size(bends) < size(steps) ? bends : steps;
    const folded = rests.map((rest) => (rest < 0 ? -2 * rest - 1 : 2 * rest));
    const most = folded.reduce((max, one) => Math.max(max, one), 0);
    for (let plane = 0; 256 ** plane <= most; plane++)
      for (const rest of folded) planes[plane]?.push(Math.floor(rest / 256 ** plane) & 255);
  }
  return Buffer.concat([
    new Uint8Array(Float64Array.from(heads).buffer),
    ...planes.map((plane) => Uint8Array.from(plane)),
  ]);
}

function zstd(bytes: Uint8Array, level: number): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } });
}

function listOf(times: Float64Array, values: Float64Array): SampleList {
  const list = new SampleList();
  readColumn(times, { slot: 0, decimals: 0, values, present: undefined }, 0, Number.POSITIVE_INFINITY, list);
  return list;
}

function regularTimes(jitterMs: number, rows = ROWS): Float64Array {
  return Float64Array.from(
    { length: rows },
    (_, row) => START_MS + row * STEP_MS + (jitterMs > 0 ? Math.floor(random() * jitterMs) : 0),
  );
}

function record(from: Source, rows: number, count = hosts): HostValues[] {
  const width = from.kinds.length;
  const values = Array.from({ length: count }, () =>
    Array.from({ length: width }, () => new Float64Array(rows)),
  );
  const tick = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (const [host, columns] of values.entries()) {
      from.next(host, tick);
      for (const [slot, column] of columns.entries()) column[row] = tick[slot] as number;
    }
  }
  return values;
}

function decimalsOf(kind: string | undefined): number {
  return WITH_DECIMALS.includes(kind ?? '') ? 2 : 0;
}

function sizeOf(blocks: readonly Uint8Array[]): number {
  return blocks.reduce((sum, block) => sum + block.length, 0);
}

/** CPU time per sample of the quickest of some rounds. */
function best(samples: number, work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, ((user + system) * 1_000) / samples);
  }
  return least;
}

function show(name: string, figure: Figure): void {
  figures[name] = figure;
  const { bytes, encodeNs, decodeNs } = figure;
  console.log(
    name.padEnd(58),
    bytes.toFixed(3),
    encodeNs.toFixed(1).padStart(8),
    decodeNs.toFixed(1).padStart(9),
  );
}

async function openSource(): Promise<Source> {
  if (!existsSync(flags.workload)) return ownSource();
  const { Gen, KINDS } = (await import(flags.workload)) as {
    Gen: new (hosts: number, seed: number) => { next(host: number, out: Float64Array, offset: number): void };
    KINDS: readonly string[];
  };
  const generator = new Gen(hosts, Number(flags.seed));
  return { name: 'shared workload', kinds: KINDS, next: (host, into) => generator.next(host, into, 0) };
}

/** A hundred series a host, each with a value and a pace of its own. */
function ownSource(): Source {
  const counts: Record<Kind, number> = {
    cpu: 20,
    mem: 10,
    ctr: 25,
    rare: 15,
    disk: 10,
    const: 10,
    load: 5,
    proc: 5,
  };
  const kinds = Object.entries(counts).flatMap(([kind, count]) =>
    Array.from({ length: count }, () => kind as Kind),
  );
  const last = Array.from({ length: hosts }, () => kinds.map((kind) => firstOf(kind)));
  const pace = Array.from({ length: hosts }, () => kinds.map(() => 100 ** (1 + random() * 2)));
  return {
    name: 'own workload',
    kinds,
    next: (host, into) => {
      kinds.forEach((kind, slot) => {
        const value = nextOf(kind, last[host]?.[slot] as number, pace[host]?.[slot] as number);
        (last[host] as number[])[slot] = value;
        into[slot] = decimalsOf(kind) === 2 ? Math.round(value * 100) / 100 : value;
      });
    },
  };
}

function firstOf(kind: Kind): number {
  const most = { cpu: 30, mem: 2 ** 33, ctr: 1e12, rare: 1e4, disk: 2 ** 38, const: 1e9, load: 4, proc: 300 }[
    kind
  ];
  const first = random() * most;
  return kind === 'mem' || kind === 'disk'
    ? Math.floor(first / 4096) * 4096
    : kind === 'cpu' || kind === 'load'
      ? first
      : Math.floor(first);
}

function nextOf(kind: Kind, before: number, pace: number): number {
  const chance = random();
  switch (kind) {
    case 'cpu':
      return Math.min(100, chance > 0.995 ? 60 + 35 * random() : 0.9 * before + 9 * chance ** 2);
    case 'mem':
      return Math.max(0, before + 4096 * Math.round((random() + random() - 1) * 300));
    case 'ctr':
      return before + Math.floor(pace * (0.5 + chance));
    case 'rare':
      return before + (chance > 0.98 ? 1 : 0);
    case 'disk':
      return chance > 0.9 ? Math.max(0, before + 4096 * Math.floor((random() - 0.45) * 500)) : before;
    case 'const':
      return before;
    case 'load':
      return 0.95 * before + 0.2 * chance;
    case 'proc':
      return chance > 0.7 ? Math.max(0, before + Math.round((random() - 0.5) * 6)) : before;
  }
}

/** Numbers in [0, 1), the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 0x9e37_79b1) | 1;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
