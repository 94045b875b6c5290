/** Makes a release of the agent: the script, the Node of each platform, packages of both, and the manifest that is to be signed. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
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
import { LIBATOMIC, libatomicFor } from '../install/node-libraries.ts';
import { PACKAGE_MAKERS, packageName } from '../packages/packages.ts';
import { buildExecutable, canBuildExecutable, executableName } from './executable.ts';
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
  /** Makes the packages of these platforms too; one takes some seconds. */
  readonly packages: boolean;
  /** Makes agent and Node of these platforms as one program too. */
  readonly executables: boolean;
  /** Built into the agent: it takes the releases after this one by that key. */
  readonly key: PublicReleaseKey;
  /** What is done next, for people: fetching takes a minute. */
  readonly progress: (what: string) => void;
  /** Finds the program of a platform; `nodeProgram` where absent. */
  readonly program?: typeof nodeProgram;
  /** Makes the Windows service, where a platform asks for it; `compileServiceProgram` where absent. */
  readonly service?: typeof compileServiceProgram;
  /** Finds the library that packages for Linux bring along; `libatomicFor` where absent. */
  readonly libatomic?: typeof libatomicFor;
}

/**
 * The same sources, versions and options give the same bytes.
 * @throws Error
 */
export async function buildRelease(options: ReleaseOptions): Promise<ReleaseManifest> {
  const { folder, cacheFolder, serial, platforms, key, progress, program = nodeProgram } = options;
  const { service = compileServiceProgram, libatomic = libatomicFor } = options;
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty`);
  await mkdir(cacheFolder, { recursive: true });
  progress('bundling the agent');
  const { script, sha256 } = await bundleAgent(cacheFolder, key);
  if (script.length > AGENT_SCRIPT_BYTES_MAX)
    throw new Error(`the agent's script has ${script.length} bytes; ${AGENT_SCRIPT_BYTES_MAX} are the most`);
  const agent = await addFile(folder, { name: 'agent.mjs', kind: 'agent', platform: null }, script);
  const isForWindows = platforms.some((platform) => platform.startsWith('win-'));
  // Before the downloads: where it cannot be made, that is said at once.
  if (isForWindows) progress('compiling the Windows service');
  const serviceProgram = isForWindows ? await service() : null;
  const services =
    serviceProgram === null
      ? []
      : [await addFile(folder, { name: SERVICE_PROGRAM, kind: 'service', platform: null }, serviceProgram)];
  const nodes: ReleaseFile[] = [];
  const programs: NodeProgram[] = [];
  const wantedNodes = (await nodePackages()).filter(({ platform }) => platforms.includes(platform));
  for (const wanted of wantedNodes) {
    progress(`Node ${wanted.version} for ${wanted.platform}`);
    const node = await program(wanted, cacheFolder);
    nodes.push(await addNode(node, folder, cacheFolder));
    programs.push(node);
  }
  // What an upgrade needs of it, and what a package says of itself: no package can hold its own hash.
  const bare = ReleaseManifest.parse({
    format: 'muster-release/1',
    serial,
    version: options.version ?? `${agentVersion()}+${sha256.slice(0, 8)}`,
    development: key.development,
    key: key.text,
    protocol: PROTOCOL_VERSION,
    files: [agent, ...services, ...nodes],
  } satisfies ReleaseManifest);
  const more: ReleaseFile[] = [];
  for (const node of options.executables ? programs : []) {
    const name = executableName(node.platform);
    if (!canBuildExecutable(node)) {
      progress(`${name} is left out: its Node is ${node.version}, and this one ${process.versions.node}`);
      continue;
    }
    progress(name);
    const content = await buildExecutable(script, node);
    more.push(await addFile(folder, { name, kind: 'executable', platform: node.platform }, content));
  }
  for (const { platform, path } of programs) {
    const makers = options.packages ? PACKAGE_MAKERS.filter((one) => one.platform === platform) : [];
    if (makers.length === 0) continue;
    const node = {
      content: await readFile(path),
      compressed: await readFile(join(folder, nodeName(platform))),
    };
    const libraries = [];
    if (platform === 'linux-x64' || platform === 'linux-arm64') {
      const library = libatomic(platform);
      if (library === null)
        progress(
          `${LIBATOMIC} for ${platform} is not on this machine: its packages ask for it (Debian: libatomic1-arm64-cross, libatomic1-amd64-cross)`,
        );
      else libraries.push({ name: LIBATOMIC, content: await readFile(library) });
    }
    for (const maker of makers) {
      const name = packageName(maker);
      progress(name);
      const content = await maker.make({
        agentScript: script,
        node,
        service: serviceProgram,
        libraries,
        manifest: bare,
      });
      more.push(await addFile(folder, { name, kind: 'package', platform }, content));
    }
  }
  const manifest = ReleaseManifest.parse({ ...bare, files: [...bare.files, ...more] });
  await writeFile(join(folder, RELEASE_MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function addFile(
  folder: string,
  about: Pick<ReleaseFile, 'name' | 'kind' | 'platform'>,
  content: Uint8Array,
): Promise<ReleaseFile> {
  await writeFile(join(folder, about.name), content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { ...about, bytes: content.length, sha256, program: null };
}

function nodeName(platform: Platform): string {
  return `node-${platform}.gz`;
}

async function addNode(node: NodeProgram, folder: string, cacheFolder: string): Promise<ReleaseFile> {
  const { platform, version, path } = node;
  const compressed = await compressNode(node, cacheFolder);
  const name = nodeName(platform);
  await copyFile(compressed.path, join(folder, name));
  const program = { version, bytes: (await stat(path)).size, sha256: compressed.programSha256 };
  return { name, kind: 'node', platform, bytes: compressed.bytes, sha256: compressed.sha256, program };
}
