/** Bytes that a day of samples takes on disk once each program has made of it what it makes at rest. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
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

/** Muster's files by tier; the index counts as raw, and so does the room in it that is free again. */
export function musterBytes(dataDir: string): { raw: number; rollups: number } {
  const sums = { raw: 0, rollups: 0 };
  for (const file of filesBelow(dataDir)) {
    const name = basename(file);
    if (/^(raw-\d+|index)\.db/.test(name)) sums.raw += statSync(file).size;
    if (/^(1m|10m|1h)-\d+\.db/.test(name)) sums.rollups += statSync(file).size;
  }
  return sums;
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
