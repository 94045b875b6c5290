/** The files under `/install/`: installer, agent, Node and their checksums. Public, the same for everybody, nothing secret. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import { type Platform, PLATFORMS, RELEASE_MANIFEST } from '@muster/shared/release/manifest.ts';
import { AppError } from '../errors.ts';
import { type Log, messageOf } from '../log.ts';
import { type AgentScript, agentVersion, bundleAgent } from './bundle-agent.ts';
import { verifyRelease } from '../release/folder.ts';
import { openCacheFolder, writeWhole } from './cache.ts';
import type { InstallerStamp } from './installer-text.ts';
import { isOlder } from './version-order.ts';
import { serviceFile } from './service-files.ts';
import { type CompressedNode, compressNode, installedNodes, type NodeBinary } from './node-binary.ts';
import { ownLibraries, type SharedLibrary } from './node-libraries.ts';
import { type Download, type ReleaseFiles, releaseFilesIn } from './release-files.ts';
import { windowsTexts } from './windows-files.ts';

export interface InstallAssets {
  /** Makes what is not in the cache yet; failures are logged and tried again at the next request. */
  warmUp(): Promise<void>;
  /** Checksums (hex) for the install line; null when the files could not be made, which is then in the log. */
  checksums(): Promise<InstallChecksums | null>;
  /** Packages that are served below `packages/`; none when the files could not be made. */
  packages(): Promise<readonly ServedPackage[]>;
  /** @throws AppError 'not-found' */
  respond(request: Request): Promise<Response>;
}

export interface InstallChecksums {
  /** Of `sha256sums`, which has those of all files that a line may load: all but packages. */
  readonly sums: string;
  /** Of `linux.sh`. */
  readonly installer: string;
  /** Of `macos.sh`; null: this server has no Node for Macs. */
  readonly macosInstaller: string | null;
  /** Of `windows.ps1`; null: this server has no agent for Windows. */
  readonly windowsInstaller: string | null;
}

export interface ServedPackage {
  readonly name: string;
  readonly platform: Platform;
  readonly bytes: number;
}

export interface InstallAssetsOptions {
  /** The first that can be written is used. */
  readonly cacheFolders: readonly string[];
  readonly log: Log;
  /** Built into the agent, which takes upgrades by it alone; absent or null: it takes none. */
  readonly releaseKey?: PublicReleaseKey | null;
  /**
   * The release of this server that machines are given, looked up with each request, if it is signed by that key. Absent or null: there is
   * none, so Linux alone is served, with the agent of these sources.
   */
  readonly release?: () => ServedRelease | null;
  /** Those of this server where none are given. */
  readonly nodes?: readonly NodeBinary[];
  /** Those of this server where none are given. */
  readonly libraries?: readonly SharedLibrary[];
}

export interface ServedRelease {
  readonly folder: string;
  /**
   * It has gone out to the fleet: new machines get its agent. false: they get the agent of these sources, and of the release what this server
   * lacks: Node of other platforms, the service for Windows, packages.
   */
  readonly isProven: boolean;
}

export const INSTALL_PATH = '/install/';
export const PACKAGES_FOLDER = 'packages/';
const SUMS_FILE = 'sha256sums';
const AGENT_SCRIPT = 'agent.mjs';
const JAVASCRIPT = 'text/javascript; charset=utf-8';
const SHELL = 'text/x-shellscript; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';

interface Asset {
  readonly type: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly open: () => Uint8Array<ArrayBuffer> | Readable;
}

interface Prepared {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly checksums: InstallChecksums;
  readonly packages: readonly ServedPackage[];
}

export function createInstallAssets(options: InstallAssetsOptions): InstallAssets {
  let preparing: Promise<Prepared> | null = null;
  let preparedWith = '';
  const prepared = () => {
    const release = options.release?.() ?? null;
    const wanted = release === null ? '' : `${release.isProven} ${release.folder}`;
    if (wanted !== preparedWith) preparing = null;
    preparedWith = wanted;
    preparing ??= prepare(options, release).catch((error: unknown) => {
      preparing = null;
      options.log('error', 'the files of the agent installer could not be made', { error: messageOf(error) });
      throw error;
    });
    return preparing;
  };
  const checksums = () =>
    prepared().then(
      (done) => done.checksums,
      () => null,
    );
  return {
    warmUp: async () => void (await checksums()),
    checksums,
    packages: () =>
      prepared().then(
        (done) => done.packages,
        () => [],
      ),
    respond: async (request) => {
      const name = new URL(request.url).pathname.slice(INSTALL_PATH.length);
      const { assets } = await prepared();
      const asset = assets.get(name);
      if (!asset) throw new AppError('not-found', notFound(name, assets));
      return respondWith(asset, request);
    },
  };
}

async function prepare(
  { cacheFolders, nodes, libraries, releaseKey, log }: InstallAssetsOptions,
  served: ServedRelease | null,
): Promise<Prepared> {
  const folder = openCacheFolder(cacheFolders);
  const own = await Promise.all((nodes ?? installedNodes()).map((node) => compressNode(node, folder)));
  const release = await openRelease(served?.folder ?? null, releaseKey ?? null, log);
  const isProven =
    served?.isProven === true && release !== null && !isOlder(release.manifest.version, agentVersion());
  const program = isProven
    ? releaseProgram(release)
    : ownProgram(await bundleAgent(folder, releaseKey ?? null));
  const compressed = onePerPlatform(
    isProven ? [...release.nodes, ...own] : [...own, ...(release?.nodes ?? [])],
  );
  const copied = await Promise.all((libraries ?? ownLibraries()).map((one) => libraryAsset(one, folder)));
  const hasMacs = compressed.some(({ platform }) => platform.startsWith('darwin-'));
  const stamp = { version: program.version, releaseKey: releaseKey?.text ?? '' };
  const texts = shellTexts(stamp, hasMacs);
  const assets = new Map<string, Asset>([
    ...program.assets,
    ...[...texts].map(([name, text]) => [name, textAsset(text, SHELL)] as const),
    ...(release?.service ? [downloadAsset('', release.service), ...windowsTextAssets(stamp)] : []),
    ...copied,
    ...compressed.map(
      ({ platform, path, bytes, sha256 }) =>
        [
          `node-${platform}.gz`,
          { type: 'application/gzip', bytes, sha256, open: () => createReadStream(path) },
        ] as const,
    ),
  ]);
  const sums = [
    ...[...assets].map(([name, { sha256 }]) => sumLine(name, sha256)),
    // Not a file to download, but what comes out of one.
    ...compressed.map(({ platform, programSha256 }) => sumLine(`node-${platform}`, programSha256)),
  ];
  const sumsAsset = sumsOf(sums);
  assets.set(SUMS_FILE, sumsAsset);
  for (const [name, asset] of packageAssets(release?.packages ?? [])) assets.set(name, asset);
  const checksums = {
    sums: sumsAsset.sha256,
    installer: assets.get('linux.sh')?.sha256 ?? '',
    macosInstaller: assets.get('macos.sh')?.sha256 ?? null,
    windowsInstaller: assets.get('windows.ps1')?.sha256 ?? null,
  };
  const packages = (release?.packages ?? []).flatMap(({ name, platform, bytes }) =>
    platform === null ? [] : [{ name, platform, bytes }],
  );
  return { assets, checksums, packages };
}

interface AgentProgram {
  /** For people. */
  readonly version: string;
  readonly assets: readonly (readonly [string, Asset])[];
}

function ownProgram(script: AgentScript): AgentProgram {
  return {
    version: `${agentVersion()}+${script.sha256.slice(0, 8)}`,
    assets: [[AGENT_SCRIPT, scriptAsset(script)]],
  };
}

/** With its manifest, by which a new machine knows the number of what it has. */
function releaseProgram({ manifest, manifestPath, agent }: ReleaseFiles): AgentProgram {
  const open = () => createReadStream(agent.path);
  const script = { type: JAVASCRIPT, bytes: agent.bytes, sha256: agent.sha256, open };
  const manifestBytes = new Uint8Array(readFileSync(manifestPath));
  return {
    version: manifest.version,
    assets: [
      [AGENT_SCRIPT, script],
      [RELEASE_MANIFEST, bytesAsset(manifestBytes, 'application/json')],
    ],
  };
}

/** The first of each. */
function onePerPlatform(nodes: readonly CompressedNode[]): CompressedNode[] {
  return nodes.filter((one, i) => nodes.findIndex(({ platform }) => platform === one.platform) === i);
}

/** A release that cannot be served must not keep Linux machines from being added. */
async function openRelease(
  folder: string | null,
  key: PublicReleaseKey | null,
  log: Log,
): Promise<ReleaseFiles | null> {
  if (folder === null || key === null) return null;
  try {
    return releaseFilesIn(folder, await verifyRelease(folder, key));
  } catch (error) {
    log('error', 'the release for other machines is not served', { folder, error: messageOf(error) });
    return null;
  }
}

function downloadAsset(inFolder: string, { name, path, bytes, sha256 }: Download): [string, Asset] {
  return [
    `${inFolder}${name}`,
    { type: 'application/octet-stream', bytes, sha256, open: () => createReadStream(path) },
  ];
}

/** With a list of their own: each release has others, and no line that was handed out before is to become invalid by that. */
function packageAssets(packages: readonly Download[]): [string, Asset][] {
  if (packages.length === 0) return [];
  const sums = packages.map(({ name, sha256 }) => sumLine(name, sha256));
  return [
    ...packages.map((one) => downloadAsset(PACKAGES_FOLDER, one)),
    [`${PACKAGES_FOLDER}${SUMS_FILE}`, sumsOf(sums)],
  ];
}

/** As sha256sum(1) reads it. */
function sumLine(name: string, sha256: string): string {
  return `${sha256}  ${name}\n`;
}

function sumsOf(lines: readonly string[]): Asset {
  return textAsset(lines.toSorted(byName).join(''), TEXT);
}

function windowsTextAssets(stamp: InstallerStamp): [string, Asset][] {
  return [...windowsTexts(stamp)].map(([name, text]) => [name, textAsset(text, TEXT)]);
}

async function libraryAsset(
  { platform, name, path }: SharedLibrary,
  folder: string,
): Promise<[string, Asset]> {
  const { kept, bytes, sha256 } = await copyOf(path, folder, `${platform}-${name}`);
  // Apart from what reads it: what a function could see stays in memory as long as the function.
  const open = () => createReadStream(kept);
  return [`${platform}-${name}`, { type: 'application/octet-stream', bytes, sha256, open }];
}

/** A copy, since an update of the system puts another in its place while this server runs; on the disk, since it is megabytes. */
async function copyOf(
  path: string,
  folder: string,
  name: string,
): Promise<{ kept: string; bytes: number; sha256: string }> {
  const content = await readFile(path);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const copy = `${name}-${sha256.slice(0, 32)}`;
  const kept = join(folder, copy);
  // A power cut may have left it empty under its name.
  const isWhole = existsSync(kept) && content.equals(await readFile(kept));
  if (!isWhole) await writeWhole(folder, copy, (draft) => writeFile(draft, content));
  return { kept, bytes: content.length, sha256 };
}

/** The installers, and `uninstall.sh` for those who lost theirs. */
function shellTexts(stamp: InstallerStamp, hasMacs: boolean): Map<string, string> {
  return new Map([
    ...(hasMacs ? [['macos.sh', serviceFile('macos', 'install.sh', stamp)] as const] : []),
    ['linux.sh', serviceFile('linux', 'install.sh', stamp)],
    ['uninstall.sh', serviceFile('linux', 'uninstall.sh', stamp)],
  ]);
}

function byName(left: string, right: string): number {
  return left.slice(66) < right.slice(66) ? -1 : 1;
}

function scriptAsset({ script, sha256 }: AgentScript): Asset {
  const bytes = new Uint8Array(script);
  return { type: JAVASCRIPT, bytes: bytes.length, sha256, open: () => bytes };
}

function textAsset(text: string, type: string): Asset {
  return bytesAsset(new Uint8Array(Buffer.from(text)), type);
}

function bytesAsset(bytes: Uint8Array<ArrayBuffer>, type: string): Asset {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { type, bytes: bytes.length, sha256, open: () => bytes };
}

function respondWith(asset: Asset, request: Request): Response {
  const etag = `"${asset.sha256}"`;
  const headers = { etag, 'content-type': asset.type, 'cache-control': 'no-cache' };
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  const whole = { headers: { ...headers, 'content-length': String(asset.bytes) } };
  if (request.method === 'HEAD') return new Response(null, whole);
  const body = asset.open();
  return new Response(body instanceof Readable ? (Readable.toWeb(body) as ReadableStream) : body, whole);
}

function notFound(name: string, assets: ReadonlyMap<string, Asset>): string {
  const [, platform] = /^node-([a-z0-9-]+)\.gz$/.exec(name) ?? [];
  if (platform === undefined) return `There is no installer file ${name}.`;
  const there = PLATFORMS.filter((one) => assets.has(`node-${one}.gz`));
  return `This server has no Node for ${platform}; it has ${there.join(' and ') || 'none at all'}. Install Node 26 or later on the machine and add --node FILE to the line.`;
}
