/** Bytes that a day of samples takes on disk once each program has made of it what it makes at rest. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { until } from '../../e2e/harness.ts';
import type { Peer } from './peer.ts';

const REST_MS_MAX = 10 * 60_000;
/** A folder that has not changed for so long is at rest. */
const QUIET_MS = 15_000;

/** @param samples that the peer was sent */
export async function peerBytesPerSample(peer: Peer, samples: number): Promise<number> {
  const data = join(peer.folder, 'data');
  switch (peer.name) {
    case 'prometheus':
      await quiet(() => blocksOf(data).map(({ id }) => id));
      return bytesOfBlocks(data);
    case 'victoriametrics': {
      await peer.flush();
      await peer.http.get('/internal/force_merge');
      await until(
        async () => !/^vm_active_force_merges [1-9]/m.test((await peer.http.get('/metrics')).toString()),
        { withinMs: REST_MS_MAX, what: 'the forced merge is over', everyMs: 500 },
      );
      await quiet(() => [bytesBelow(data)]);
      // Samples with their parts' indexes, and the index of labels; caches are none of it.
      const bytes = bytesBelow(join(data, 'data')) + bytesBelow(join(data, 'indexdb'));
      return bytes / samples;
    }
  }
}

export interface MusterBytes {
  /** Files of samples, the index but for its free room, and the second copy of its series. */
  readonly raw: number;
  readonly rollups: number;
  /**
   * Room in the index that is free again: where the samples of the open two hours stand until they are settled. A day that is
   * loaded within seconds leaves a day's room. It is to Muster what head and log are to Prometheus, which are not counted either.
   */
  readonly free: number;
}

/** Of a server or engine that was ended. */
export function musterBytes(dataDir: string): MusterBytes {
  const sums = { raw: 0, rollups: 0, free: 0 };
  for (const file of filesBelow(dataDir)) {
    const name = basename(file);
    const { size } = statSync(file);
    if (/^raw-\d+\.db/.test(name)) sums.raw += size;
    if (/^(1m|10m|1h)-\d+\.db/.test(name)) sums.rollups += size;
    if (name === 'series.jsonl' || name === 'index.db-wal') sums.raw += size;
    if (name === 'index.db') {
      const free = freeBytes(file);
      sums.raw += size - free;
      sums.free += free;
    }
  }
  return sums;
}

function freeBytes(file: string): number {
  const db = new Database(file, { readonly: true });
  try {
    const number = (pragma: string) => Number(db.pragma(pragma, { simple: true }));
    return number('freelist_count') * number('page_size');
  } finally {
    db.close();
  }
}

interface Block {
  readonly id: string;
  readonly samples: number;
  readonly parents: readonly string[];
}

function blocksOf(data: string): Block[] {
  return readdirSync(data)
    .filter((name) => /^[0-9A-Z]{26}$/.test(name))
    .flatMap((id) => {
      try {
        const meta = JSON.parse(readFileSync(join(data, id, 'meta.json'), 'utf8')) as {
          stats: { numSamples: number };
          compaction: { parents?: { ulid: string }[] };
        };
        const parents = (meta.compaction.parents ?? []).map(({ ulid }) => ulid);
        return [{ id, samples: meta.stats.numSamples, parents }];
      } catch (error) {
        // Blocks are replaced while we look.
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
        throw error;
      }
    });
}

/** What is in the head yet, the last two to three hours, is left out of both sums. */
function bytesOfBlocks(data: string): number {
  const blocks = blocksOf(data);
  const replaced = new Set(blocks.flatMap(({ parents }) => parents));
  const whole = blocks.filter(({ id }) => !replaced.has(id));
  const bytes = whole.reduce((sum, { id }) => sum + bytesBelow(join(data, id)), 0);
  return bytes / whole.reduce((sum, { samples }) => sum + samples, 0);
}

/** Waits until what `look` sees has stayed the same for a while. */
export async function quiet(
  look: () => readonly (string | number)[] | Promise<readonly (string | number)[]>,
): Promise<void> {
  let seen = '';
  let sinceMs = performance.now();
  await until(
    async () => {
      const now = (await look()).join(' ');
      if (now !== seen) sinceMs = performance.now();
      seen = now;
      return performance.now() - sinceMs >= QUIET_MS;
    },
    { withinMs: REST_MS_MAX, what: 'nothing is merged any more', everyMs: 500 },
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function bytesBelow(folder: string): number {
  return filesBelow(folder).reduce((sum, file) => sum + statSync(file).size, 0);
}
