/**
 * Puts a signed release in the place of the installed one, as root, on trial: `prepare` takes the one before it back unless the new
 * one proves itself. Whoever put the release there is not believed; what is installed was copied first and is held against the manifest.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import {
  filesFor,
  type Platform,
  RELEASE_MANIFEST,
  RELEASE_MANIFEST_BYTES_MAX,
  RELEASE_SIGNATURE,
  ReleaseError,
  type ReleaseFile,
  type ReleaseManifest,
} from '@muster/shared/release/manifest.ts';
import { acceptableRelease } from './acceptable.ts';
import { fileSha256 } from './file-hash.ts';
import {
  INSTALLED_MANIFEST,
  installedSerial,
  NODE_FILE,
  PREVIOUS_FOLDER,
  TRIAL_FILE,
  VERSION_FILE,
} from './installed.ts';

const STAGE_FOLDER = 'new';
const SCRIPT_FILE = 'agent.mjs';
/** The script last but for the manifest, by which an agent knows its own number. */
const REPLACED = [NODE_FILE, VERSION_FILE, SCRIPT_FILE, INSTALLED_MANIFEST] as const;

const ON_TRIAL = 'an upgrade is on trial already; it is decided within some minutes, or with the next start';

export interface UpgradeOptions {
  /** The release: manifest, signature, files. */
  readonly from: string;
  /** Where the agent is installed. */
  readonly installFolder: string;
  readonly platform: Platform;
  readonly isSigned: (input: Uint8Array, signature: Uint8Array) => boolean;
  /** Whether the key is for development. */
  readonly development: boolean;
  /** Time in which the new version must connect and be heard. */
  readonly trialSeconds: number;
}

/**
 * Everything up to the first change of what is installed, and the changes as steps: after any of them the machine may lose its power.
 * @throws ReleaseError where the release is not to be taken; nothing was changed then
 */
export async function prepareUpgrade(
  options: UpgradeOptions,
): Promise<{ manifest: ReleaseManifest; steps: readonly (() => void)[] }> {
  const { from, installFolder, platform, isSigned, development, trialSeconds } = options;
  const inInstall = (name: string) => join(installFolder, name);
  if (existsSync(inInstall(TRIAL_FILE))) throw new ReleaseError(ON_TRIAL);
  const bytes = readSmall(join(from, RELEASE_MANIFEST));
  const manifest = acceptableRelease(bytes, readSmall(join(from, RELEASE_SIGNATURE)).toString('latin1'), {
    isSigned,
    development,
    installedSerial: installedSerial(installFolder),
  });
  const { agent, node } = filesFor(manifest, platform);
  const stage = inInstall(STAGE_FOLDER);
  const inStage = (name: string) => join(stage, name);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { mode: 0o755 });
  try {
    await copyFile(join(from, agent.name), inStage(SCRIPT_FILE), agent);
    if ((await fileSha256(inInstall(NODE_FILE))) !== node.program?.sha256) {
      await unpackProgram(join(from, node.name), inStage(NODE_FILE), node);
      checkRuns(inStage(NODE_FILE), inInstall('lib'));
    }
    writeDurably(inStage(VERSION_FILE), `${manifest.version}\n`);
    writeDurably(inStage(INSTALLED_MANIFEST), bytes);
    const trial = `serial=${manifest.serial}\nseconds=${trialSeconds}\nstarts=0\n`;
    writeDurably(inStage(TRIAL_FILE), trial);
  } catch (error) {
    rmSync(stage, { recursive: true, force: true });
    throw error;
  }
  const previous = inInstall(PREVIOUS_FOLDER);
  const replaced = REPLACED.filter((name) => existsSync(inStage(name)));
  return {
    manifest,
    steps: [
      () => {
        if (existsSync(inInstall(TRIAL_FILE))) throw new ReleaseError(ON_TRIAL);
        rmSync(previous, { recursive: true, force: true });
      },
      () => mkdirSync(previous, { mode: 0o755 }),
      ...replaced.map((name) => () => keep(inInstall(name), join(previous, name))),
      () => syncPath(previous),
      () => renameSync(inStage(TRIAL_FILE), inInstall(TRIAL_FILE)),
      // Nothing new before the trial is on the disk.
      () => syncPath(installFolder),
      ...replaced.map((name) => () => renameSync(inStage(name), inInstall(name))),
      () => rmSync(stage, { recursive: true }),
    ],
  };
}

/** Of a folder: what was renamed in it outlives a loss of power. */
export function syncPath(path: string): void {
  // Windows opens no folder, and NTFS keeps the order of renames in its journal.
  if (process.platform === 'win32') return;
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A file that is not there is kept as an empty one. */
function keep(path: string, as: string): void {
  if (!existsSync(path)) return writeDurably(as, '');
  try {
    linkSync(path, as);
  } catch {
    // File systems without hard links.
    copyFileSync(path, as);
    syncPath(as);
  }
}

/** Opens a file, and nothing that only looks like one: whoever owns the folder could have put a link or a pipe there. */
function openFile(path: string): number {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new ReleaseError(
        basename(path) === RELEASE_SIGNATURE
          ? `${path} is missing: the release is not signed`
          : `${path} is missing; copy the whole folder of the release`,
      );
    throw new ReleaseError(`${path} cannot be opened (${code})`);
  }
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new ReleaseError(`${path} is no file`);
}

export function readSmall(path: string): Buffer {
  const file = openFile(path);
  try {
    const { size } = fstatSync(file);
    if (size > RELEASE_MANIFEST_BYTES_MAX) throw new ReleaseError(`${path} is too long`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

async function copyFile(from: string, to: string, { name, bytes, sha256 }: ReleaseFile): Promise<void> {
  const counted = new Counted(bytes);
  await pipeline(
    createReadStream(from, { fd: openFile(from) }),
    counted,
    createWriteStream(to, { mode: 0o644, flush: true }),
  );
  counted.check(name, bytes, sha256);
}

async function unpackProgram(
  from: string,
  to: string,
  { name, bytes, sha256, program }: ReleaseFile,
): Promise<void> {
  if (program === null) throw new ReleaseError(`${name} is no compressed program`);
  const compressed = new Counted(bytes);
  const unpacked = new Counted(program.bytes);
  const file = openFile(from);
  try {
    await pipeline(
      createReadStream(from, { fd: file }),
      compressed,
      createGunzip(),
      unpacked,
      createWriteStream(to, { mode: 0o755, flush: true }),
    );
  } catch (error) {
    if (error instanceof ReleaseError) throw error;
    throw new ReleaseError(
      `${name} cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  compressed.check(name, bytes, sha256);
  unpacked.check(`the program in ${name}`, program.bytes, program.sha256);
}

/** Hashes what passes, and lets no more pass than was said. */
class Counted extends Transform {
  readonly #hash = createHash('sha256');
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    super();
    this.#bytesMax = bytesMax;
  }

  override _transform(
    chunk: Buffer,
    _encoding: string,
    done: (error: Error | null, chunk?: Buffer) => void,
  ): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#bytesMax)
      return done(new ReleaseError('a file is longer than its manifest says'));
    this.#hash.update(chunk);
    done(null, chunk);
  }

  check(name: string, bytes: number, sha256: string): void {
    if (this.#bytes !== bytes || this.#hash.digest('hex') !== sha256)
      throw new ReleaseError(`${name} is not what the manifest says`);
  }
}

/** In the environment that the service starts it in; on Windows that is this one. @throws ReleaseError */
function checkRuns(program: string, libraries: string): void {
  const environment = process.platform === 'win32' ? {} : { env: { LD_LIBRARY_PATH: libraries } };
  try {
    execFileSync(program, ['--version'], { ...environment, stdio: 'pipe' });
  } catch (error) {
    throw new ReleaseError(
      `its Node does not run here: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

export function writeDurably(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'w', 0o644);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
