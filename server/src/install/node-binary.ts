/** The Node that travels with an agent: the vendor's signed program as it is, compressed once. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readFileSync, statSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Platform } from '@muster/shared/release/manifest.ts';
import { z } from 'zod';
import { writeWhole } from './cache.ts';

/** Platforms an agent can be installed on, by `uname -m` as the installer says it. */
export const NODE_PLATFORMS = ['linux-x64', 'linux-arm64'] as const;
export type NodePlatform = (typeof NODE_PLATFORMS)[number];

export interface NodeBinary {
  readonly platform: Platform;
  /** The program itself. */
  readonly path: string;
  readonly version: string;
}

export interface CompressedNode {
  readonly platform: Platform;
  /** gzip, because every system can read it. */
  readonly path: string;
  readonly bytes: number;
  /** Hex, of the compressed file. */
  readonly sha256: string;
  /** Hex, of the program: an agent that has it already need not load it again. */
  readonly programSha256: string;
}

/** Level 6 takes 6 s of one core; level 9 twice that for 1 % less. */
const GZIP_LEVEL = 6;
const CHUNK_BYTES = 1 << 20;

const Facts = z.object({ bytes: z.int(), sha256: z.string(), programSha256: z.string() });

/** Those that are installed beside this server; npm brings the one of the server's own platform. */
export function installedNodes(platforms: readonly NodePlatform[] = NODE_PLATFORMS): NodeBinary[] {
  const require = createRequire(import.meta.url);
  return platforms.flatMap((platform) => {
    const folder = require.resolve
      .paths('node')
      ?.map((place) => join(place, `node-${platform}`))
      .find((place) => existsSync(join(place, 'bin/node')));
    if (folder === undefined) return [];
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    return [{ platform, path: join(folder, 'bin/node'), version }];
  });
}

/** Made once per program and kept. */
export async function compressNode(node: NodeBinary, cacheFolder: string): Promise<CompressedNode> {
  const { platform } = node;
  const name = `node-${platform}-${cacheKey(node)}.gz`;
  const path = join(cacheFolder, name);
  const factsPath = `${path}.json`;
  if (!existsSync(path) || !existsSync(factsPath)) {
    const program = new HashingPassThrough();
    const compressed = new HashingPassThrough();
    await writeWhole(cacheFolder, name, async (draft) => {
      await pipeline(
        createReadStream(node.path, { highWaterMark: CHUNK_BYTES }),
        program,
        createGzip({ level: GZIP_LEVEL, chunkSize: CHUNK_BYTES }),
        compressed,
        createWriteStream(draft),
      );
      const { size } = await stat(draft);
      const facts = { bytes: size, sha256: compressed.hex(), programSha256: program.hex() };
      await writeWhole(cacheFolder, `${name}.json`, (factsDraft) =>
        writeFile(factsDraft, JSON.stringify(facts)),
      );
    });
  }
  const facts = Facts.parse(JSON.parse(await readFile(factsPath, 'utf8')));
  return { platform, path, ...facts };
}

/** Another version, or another file under the same version. */
function cacheKey({ path, version }: NodeBinary): string {
  const { size, mtimeMs } = statSync(path);
  const { node, zlib } = process.versions;
  return createHash('sha256')
    .update([dirname(path), version, size, mtimeMs, node, zlib, GZIP_LEVEL].join('\0'))
    .digest('hex')
    .slice(0, 32);
}

class HashingPassThrough extends Transform {
  readonly #hash: Hash = createHash('sha256');

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#hash.update(chunk);
    done(null, chunk);
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}
