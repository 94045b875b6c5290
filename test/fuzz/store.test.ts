/** What the metrics engine reads back from its disk, damaged: a WireError, or values; never without end, never more than it holds. */
import { crc32 } from 'node:zlib';
import { Buckets } from '@muster/server/metrics/buckets.ts';
import { SampleList } from '@muster/server/metrics/sample-list.ts';
import { Block, encodeBlock, type SampleSet } from '@muster/server/store/engine/block.ts';
import type { ColumnSource } from '@muster/server/store/engine/columns.ts';
import { encodeGroup, GroupBlock } from '@muster/server/store/engine/group-block.ts';
import {
  decodeRecord,
  encodeRecord,
  type JournalRecord,
  nextRecord,
  recordLength,
} from '@muster/server/store/engine/record.ts';
import { type BucketSet, decodeRollup, encodeRollup } from '@muster/server/store/engine/rollup-block.ts';
import { WireError } from '@muster/shared/wire/bytes.ts';
import { expect, test } from 'vitest';
import { hex, mutated, type Random, randomFrom, run, SEED, TRIAL_MS_MAX } from './fuzz.ts';

const AT_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;
/** How the head of a journal record lies: magic, length of the body, checksum, type, zeros. */
const LENGTH_AT = 4;
const CHECKSUM_AT = 8;
const TYPE_AT = 12;
const HEADER_BYTES = 16;

function recordOf(random: Random): JournalRecord {
  if (random(8) === 0) return { type: 'sync', position: random(1_000_000) };
  if (random(4) === 0)
    return {
      type: 'definition',
      id: random(100_000),
      ciId: `ci_${random(100)}`,
      metric: 'network.received',
      instance: 'eth0',
      decimals: random(4),
    };
  const series = Array.from({ length: 1 + random(12) }, (_, i) => 5 + i * (1 + random(2)));
  const ticks = Array.from({ length: 1 + random(3) }, (_, i) => ({
    atMs: AT_MS + i * 10_000,
    series: [...new Set(series)].sort((a, b) => a - b),
    values: Float64Array.from(new Set(series), () => random(1_000_000) / 100),
  }));
  return {
    type: 'frame',
    delivery: { agentId: 'a'.repeat(32), epoch: '0'.repeat(16), seq: 1 + random(1_000) },
    nowMs: AT_MS,
    ticks,
  };
}

test(
  '[LK125] a damaged journal gives back records that were written, and no others',
  async () => {
    const random = randomFrom(SEED);
    const records = Array.from({ length: 60 }, () => recordOf(random));
    const bytes = records.map((record) => encodeRecord(record));
    const texts = new Set(bytes.map((one) => textOf(decodeRecord(one, 0, one.length))));
    const { taken, refused } = await run<Uint8Array>({
      name: 'journal',
      inputs: 40_000,
      make: (chance) => {
        const some = Array.from({ length: 1 + chance(5) }, () => bytes[chance(bytes.length)] as Uint8Array);
        return mutated(Buffer.concat(some), bytes[chance(bytes.length)] as Uint8Array, chance);
      },
      take: (journal) => {
        let found = 0;
        for (let at = nextRecord(journal, 0); at >= 0; ) {
          const length = recordLength(journal, at);
          expect(length).toBeGreaterThan(0);
          expect(texts).toContain(textOf(decodeRecord(journal, at, length)));
          found++;
          at = nextRecord(journal, at + length);
        }
        return found > 0;
      },
      show: hex,
    });
    expect(taken).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  },
  TRIAL_MS_MAX,
);

test(
  '[LK125] a journal record with a right checksum over nonsense is read, or refused with WireError',
  async () => {
    const { refused } = await run<Uint8Array>({
      name: 'journal record',
      inputs: 20_000,
      make: (random) => {
        const bytes = encodeRecord(recordOf(random));
        const body = mutated(bytes.subarray(TYPE_AT), bytes.subarray(TYPE_AT), random);
        const whole = Uint8Array.from(Buffer.concat([bytes.subarray(0, TYPE_AT), body, new Uint8Array(4)]));
        const view = new DataView(whole.buffer);
        const bodyBytes = whole.length - HEADER_BYTES;
        view.setUint32(LENGTH_AT, bodyBytes, true);
        view.setUint32(CHECKSUM_AT, crc32(whole.subarray(TYPE_AT), bodyBytes), true);
        return whole;
      },
      take: (bytes) => {
        const length = recordLength(bytes, 0);
        expect(length).toBe(bytes.length);
        return readable(() => {
          const record = decodeRecord(bytes, 0, length);
          if (record.type !== 'frame') return;
          const values = record.ticks.reduce((sum, tick) => sum + tick.values.length, 0);
          expect(values * 8).toBeLessThanOrEqual(bytes.length);
        });
      },
      show: hex,
    });
    expect(refused).toBeGreaterThan(0);
  },
  TRIAL_MS_MAX,
);

test(
  '[LK125] damaged blocks of samples are read, or refused with WireError',
  async () => {
    const random = randomFrom(SEED);
    const blocks = Array.from({ length: 40 }, () => encodeBlock(samplesOf(random), () => random(4)));
    const groups = blocks.map((block) => encodeGroup(columnsOf(new Block(block))));
    const { refused } = await run<{ kind: 'block' | 'group'; bytes: Uint8Array }>({
      name: 'block of samples',
      inputs: 60_000,
      make: (chance) => {
        const kind = chance(2) === 0 ? 'block' : 'group';
        const all = kind === 'block' ? blocks : groups;
        const [one, other] = [chance(all.length), chance(all.length)];
        return { kind, bytes: mutated(all[one] as Uint8Array, all[other] as Uint8Array, chance) };
      },
      take: ({ kind, bytes }) =>
        readable(() => columnsOf(kind === 'block' ? new Block(bytes) : new GroupBlock(bytes))),
      show: ({ kind, bytes }) => `${kind} ${hex(bytes)}`,
    });
    expect(refused).toBeGreaterThan(0);
  },
  TRIAL_MS_MAX,
);

test(
  '[LK125] damaged rollups are read, or refused with WireError',
  async () => {
    const random = randomFrom(SEED);
    const rollups = Array.from({ length: 40 }, () => encodeRollup(bucketsOf(random), AT_MS));
    const { refused } = await run<Uint8Array>({
      name: 'rollup',
      inputs: 30_000,
      make: (chance) =>
        mutated(
          rollups[chance(rollups.length)] as Uint8Array,
          rollups[chance(rollups.length)] as Uint8Array,
          chance,
        ),
      take: (bytes) =>
        readable(() =>
          decodeRollup(
            bytes,
            AT_MS,
            MINUTE_MS,
            () => true,
            () => undefined,
          ),
        ),
      show: hex,
    });
    expect(refused).toBeGreaterThan(0);
  },
  TRIAL_MS_MAX,
);

/** false: refused as it should be. */
function readable(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

function textOf(record: JournalRecord): string {
  return JSON.stringify(record, (_, value: unknown) =>
    ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value,
  );
}

function samplesOf(random: Random): SampleSet {
  const set: SampleSet = new Map();
  for (let slot = random(3); slot < 12; slot += 1 + random(3)) {
    const list = new SampleList();
    for (let row = 0; row < 30; row++)
      if (random(6) > 0) list.push(AT_MS + row * 10_000, random(5) === 0 ? 1 / 3 : random(100_000) / 100);
    if (list.length > 0) set.set(slot, list);
  }
  return set;
}

function columnsOf(source: ColumnSource) {
  const series = [...source.slots()].flatMap((slot) => source.column(slot) ?? []);
  return { times: source.times, series };
}

function bucketsOf(random: Random): BucketSet {
  const set: BucketSet = new Map();
  for (let slot = random(3); slot < 20; slot += 1 + random(4)) {
    const buckets = new Buckets(MINUTE_MS);
    for (let minute = 0; minute < 60; minute++) {
      if (random(5) === 0) continue;
      const [low, high] = [random(1_000) / 10, random(1_000)];
      buckets.add(AT_MS + minute * MINUTE_MS, 6, 6, 6 * low + high, low, low + high, low);
    }
    if (buckets.length > 0) set.set(slot, buckets);
  }
  return set;
}
