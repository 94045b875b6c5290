/** Makes a release of the agent: the script and the Node of each platform, and the manifest that is to be signed. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import {
  type Platform,
  RELEASE_MANIFEST,
  type ReleaseFile,
  ReleaseManifest,
  SERVICE_PROGRAM,
} from '@muster/shared/release/manifest.ts';
import { PROTOCOL_VERSION } from '@muster/shared/wire/limits.ts';
import { AGENT_SCRIPT_BYTES_MAX, agentVersion, bundleAgent } from '../install/bundle-agent.ts';
import { compressNode } from '../install/node-binary.ts';
import { nodePackages, type NodeProgram, nodeProgram } from './node-packages.ts';
import { compileServiceProgram } from './service-program.ts';

export interface ReleaseOptions {
  /** New or empty. */
  readonly folder: string;
  /** Programs and compressed programs are kept there between builds. */
  readonly cacheFolder: string;
  readonly serial: number;
  /** null: that of the sources, with the beginning of the script's hash. */
  readonly version: string | null;
  readonly platforms: readonly Platform[];
  /** Built into the agent: it takes the releases after this one by that key. */
  readonly key: PublicReleaseKey;
  /** What is done next, for people: fetching takes a minute. */
  readonly progress: (what: string) => void;
  /** Finds the program of a platform; `nodeProgram` where absent. */
  readonly program?: typeof nodeProgram;
  /** Makes the Windows service, where a platform asks for it; `compileServiceProgram` where absent. */
  readonly service?: typeof compileServiceProgram;
}

/**
 * The same sources, versions and options give the same bytes.
 * @throws Error
 */
export async function buildRelease(options: ReleaseOptions): Promise<ReleaseManifest> {
  const { folder, cacheFolder, serial, platforms, key, progress, program = nodeProgram } = options;
  const { service = compileServiceProgram } = options;
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty`);
  await mkdir(cacheFolder, { recursive: true });
  progress('bundling the agent');
  const { script, sha256 } = await bundleAgent(cacheFolder, key);
  if (script.length > AGENT_SCRIPT_BYTES_MAX)
    throw new Error(`the agent's script has ${script.length} bytes; ${AGENT_SCRIPT_BYTES_MAX} are the most`);
  await writeFile(join(folder, 'agent.mjs'), script);
  const agent: ReleaseFile = {
    name: 'agent.mjs',
    kind: 'agent',
    platform: null,
    bytes: script.length,
    sha256,
    program: null,
  };
  const isForWindows = platforms.some((platform) => platform.startsWith('win-'));
  // Before the downloads: where it cannot be made, that is said at once.
  if (isForWindows) progress('compiling the Windows service');
  const services = isForWindows ? [await addService(await service(), folder)] : [];
  const nodes: ReleaseFile[] = [];
  const packages = (await nodePackages()).filter(({ platform }) => platforms.includes(platform));
  for (const wanted of packages) {
    progress(`Node ${wanted.version} for ${wanted.platform}`);
    nodes.push(await addNode(await program(wanted, cacheFolder), folder, cacheFolder));
  }
  const manifest = ReleaseManifest.parse({
    format: 'muster-release/1',
    serial,
    version: options.version ?? `${agentVersion()}+${sha256.slice(0, 8)}`,
    development: key.development,
    key: key.text,
    protocol: PROTOCOL_VERSION,
    files: [agent, ...services, ...nodes],
  } satisfies ReleaseManifest);
  await writeFile(join(folder, RELEASE_MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function addService(program: Uint8Array, folder: string): Promise<ReleaseFile> {
  await writeFile(join(folder, SERVICE_PROGRAM), program);
  const sha256 = createHash('sha256').update(program).digest('hex');
  const { length: bytes } = program;
  return { name: SERVICE_PROGRAM, kind: 'service', platform: null, bytes, sha256, program: null };
}

async function addNode(node: NodeProgram, folder: string, cacheFolder: string): Promise<ReleaseFile> {
  const { platform, version, path } = node;
  const compressed = await compressNode(node, cacheFolder);
  const name = `node-${platform}.gz`;
  await copyFile(compressed.path, join(folder, name));
  const program = { version, bytes: (await stat(path)).size, sha256: compressed.programSha256 };
  return { name, kind: 'node', platform, bytes: compressed.bytes, sha256: compressed.sha256, program };
}
