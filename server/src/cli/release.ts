/** `muster release …`: makes, signs and checks releases of the agent. Works without a server, best where there is none. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Platform, PLATFORMS, type ReleaseManifest } from '@muster/shared/release/manifest.ts';
import { userCacheFolder } from '../config.ts';
import { buildRelease } from '../release/build.ts';
import { signRelease, verifyRelease } from '../release/folder.ts';
import {
  makeReleaseKey,
  publicKeyFile,
  readPrivateReleaseKey,
  readPublicReleaseKey,
  releaseKeyFingerprint,
} from '../release/keys.ts';

const USAGE = `Usage: muster release <command>

  keygen FILE [--development]          make a release key: FILE is its private half, FILE.pub the public one.
                                       Keep FILE away from every server, and a copy of it safe: agents that were
                                       built with FILE.pub take upgrades by FILE alone.
  build DIR --key FILE.pub --serial N  make the files of a release. N must be above that of the release before.
        [--version TEXT]               as people read it
        [--platform P …]               one or more of ${PLATFORMS.join(', ')};
                                       all of them where none is named
  sign DIR --key FILE                  sign what was built, after looking at each file
  verify DIR --key FILE.pub            check the signature and each file

See docs/RELEASES.md.`;

/** Programs of other platforms, some 50 MB each. */
const CACHE_FOLDER = join(userCacheFolder(), 'muster', 'release');

/** @returns exit code @throws Error */
export async function release(args: readonly string[]): Promise<number> {
  const [command = '', ...rest] = args;
  switch (command) {
    case 'keygen':
      return keygen(rest);
    case 'build':
      return build(rest);
    case 'sign':
      return sign(rest);
    case 'verify':
      return verify(rest);
    case '':
    case '--help':
    case 'help':
      console.log(USAGE);
      return 0;
  }
  console.error(`muster: there is no command "release ${command}"\n\n${USAGE}`);
  return 2;
}

function keygen(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    options: { development: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const path = folderOf(positionals, 'the file for the key');
  const key = makeReleaseKey(path, values.development);
  console.log(
    `private half  ${path}\npublic half   ${publicKeyFile(path)}\nfingerprint   ${releaseKeyFingerprint(key)}`,
  );
  return 0;
}

async function build(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: {
      key: { type: 'string' },
      serial: { type: 'string' },
      version: { type: 'string' },
      platform: { type: 'string', multiple: true },
    },
    allowPositionals: true,
  });
  const folder = folderOf(positionals, 'the folder for the release');
  const serial = Number(values.serial);
  if (!Number.isSafeInteger(serial) || serial < 1)
    throw new Error('--serial must be a whole number from 1 on, above that of the release before');
  const manifest = await buildRelease({
    folder,
    cacheFolder: CACHE_FOLDER,
    serial,
    version: values.version ?? null,
    platforms: (values.platform ?? PLATFORMS).map(platformOf),
    key: readPublicReleaseKey(keyOf(values.key, 'FILE.pub')),
    progress: (what) => console.error(what),
  });
  for (const { name, bytes, sha256 } of manifest.files) console.log(`${sha256}  ${name}  ${bytes} bytes`);
  console.log(`${words(manifest)} is in ${folder}; sign it where the private half of its key is`);
  return 0;
}

async function sign(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { key: { type: 'string' } },
    allowPositionals: true,
  });
  const folder = folderOf(positionals, 'the folder of the release');
  const manifest = await signRelease(folder, readPrivateReleaseKey(keyOf(values.key, 'FILE')));
  console.log(`${words(manifest)} is signed`);
  return 0;
}

async function verify(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { key: { type: 'string' } },
    allowPositionals: true,
  });
  const folder = folderOf(positionals, 'the folder of the release');
  const key = readPublicReleaseKey(keyOf(values.key, 'FILE.pub'));
  const manifest = await verifyRelease(folder, key);
  console.log(
    `${words(manifest)}: ${manifest.files.length} files, all as they were signed by ${releaseKeyFingerprint(key)}`,
  );
  return 0;
}

function words({ version, serial, development }: ReleaseManifest): string {
  return `${development ? 'development build' : 'release'} ${version}, number ${serial}`;
}

function folderOf([first]: readonly string[], what: string): string {
  if (first === undefined) throw new Error(`name ${what}`);
  return resolve(first);
}

function keyOf(path: string | undefined, which: string): string {
  if (path === undefined) throw new Error(`--key ${which} is missing; "muster release keygen" makes one`);
  return resolve(path);
}

function platformOf(name: string): Platform {
  const platform = Platform.safeParse(name);
  if (!platform.success) throw new Error(`--platform must be one of ${PLATFORMS.join(', ')}, not ${name}`);
  return platform.data;
}
