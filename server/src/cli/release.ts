/** `muster release …`: makes, signs and checks releases of the agent. Works without a server, best where there is none. */
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Platform, PLATFORMS, type ReleaseManifest } from '@muster/shared/release/manifest.ts';
import { toIso } from '@muster/shared/time.ts';
import { systemClock } from '../clock.ts';
import { readConfig, userCacheFolder } from '../config.ts';
import { dataFolder } from '../data-folder.ts';
import { installedNodes } from '../install/node-binary.ts';
import { buildRelease } from '../release/build.ts';
import { signRelease, verifyRelease } from '../release/folder.ts';
import {
  makeReleaseKey,
  publicKeyFile,
  readPrivateReleaseKey,
  readPublicReleaseKey,
  releaseKeyFingerprint,
} from '../release/keys.ts';
import type { Log } from '../log.ts';
import { addRelease } from '../releases/add.ts';
import { createReleaseCatalogue } from '../releases/catalogue.ts';
import { isActive } from '../rollouts/store.ts';
import { openSqlStore } from '../store/sql/open.ts';
import { createSqlRolloutStore } from '../store/sql/rollouts.ts';

const USAGE = `Usage: muster release <command>

  keygen FILE [--development]          make a release key: FILE is its private half, FILE.pub the public one.
                                       Keep FILE away from every server, and a copy of it safe: agents that were
                                       built with FILE.pub take upgrades by FILE alone.
  build DIR --key FILE.pub --serial N  make the files of a release. N must be above that of the release before.
        [--version TEXT]               as people read it
        [--platform P …]               one or more of ${PLATFORMS.join(', ')};
                                       all of them where none is named
        [--packages]                   .deb, .rpm and archives of these platforms too
        [--executables]                agent and Node as one program too, for machines where nothing is to be installed
  sign DIR --key FILE                  sign what was built, after looking at each file
  verify DIR --key FILE.pub            check the signature and each file
  add DIR                              give a release to the server of this data directory, which then offers it
                                       for rollouts. Checked by the key of MUSTER_RELEASE_KEY, or --key FILE.pub.
  list                                 what the server has; --key FILE.pub as for add
  remove N                             take the release of this number from it

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
    case 'add':
      return add(rest);
    case 'list':
      return list(rest);
    case 'remove':
      return remove(rest);
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
      packages: { type: 'boolean', default: false },
      executables: { type: 'boolean', default: false },
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
    packages: values.packages,
    executables: values.executables,
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

async function add(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { key: { type: 'string' } },
    allowPositionals: true,
  });
  const from = folderOf(positionals, 'the folder of the release');
  const { releases, key, isServers } = place(values.key);
  if (key === null)
    throw new Error(
      'the server needs the public half of the release key: start it with MUSTER_RELEASE_KEY=FILE.pub, and set the same here or name it with --key',
    );
  const { manifest, isNew } = await addRelease(from, releases, key);
  console.log(
    isNew
      ? `${words(manifest)} is added. Start a rollout in the dashboard: Agents, Upgrades`
      : `${words(manifest)} was there already, and is whole`,
  );
  if (isNew && mayChangeLines(manifest))
    console.log(
      'It is for machines whose Node the server lacks. If that Node or the service for Windows is another than in the release before, install lines that were handed out before are refused: make them anew with "Add a machine"',
    );
  if (!isServers)
    console.log(
      'The server offers it only if it was started with this key (MUSTER_RELEASE_KEY=FILE.pub); the page "Upgrades" says whether it was',
    );
  return 0;
}

/** The lines pin what they load, and some of that the server has from its newest release alone. */
function mayChangeLines({ files }: ReleaseManifest): boolean {
  const own = new Set(installedNodes().map(({ platform }) => platform));
  return files.some(({ kind, platform }) => kind === 'node' && platform !== null && !own.has(platform));
}

async function list(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { key: { type: 'string' } } });
  const { releases, key } = place(values.key);
  let refused = 0;
  const log: Log = (_level, _what, { release: number, error }) => {
    refused++;
    console.error(`release ${String(number)} is not offered: ${String(error)}`);
  };
  const kept = await createReleaseCatalogue({ folder: releases, key, log }).list();
  for (const { manifest, addedAtMs } of kept) {
    const platforms = new Set(manifest.files.flatMap(({ platform }) => platform ?? []));
    console.log(`${words(manifest)}, added ${toIso(addedAtMs)}, for ${[...platforms].join(', ')}`);
  }
  if (kept.length + refused === 0)
    console.log(`no release in ${releases}; "muster release add DIR" puts one there`);
  return refused > 0 ? 1 : 0;
}

async function remove([number = '']: readonly string[]): Promise<number> {
  const { database, releases } = place(undefined);
  const folder = join(releases, number);
  if (!/^[1-9]\d*$/.test(number) || !existsSync(folder))
    throw new Error(`there is no release ${number} in ${releases}; "muster release list" says what is`);
  if (await isRollingOut(database, Number(number)))
    throw new Error(`release ${number} is being rolled out. Stop the rollout, or wait until it is done`);
  rmSync(folder, { recursive: true });
  console.log(`release ${number} is removed`);
  return 0;
}

/** Agents of a rollout that is under way load their files from there. */
async function isRollingOut(database: string, serial: number): Promise<boolean> {
  if (!existsSync(database)) return false;
  const sql = await openSqlStore({ file: database, nowMs: systemClock.now() });
  try {
    const latest = await createSqlRolloutStore(sql).latest();
    return latest !== null && latest.serial === serial && isActive(latest.state);
  } finally {
    await sql.close();
  }
}

/** Of the data directory that the environment names. */
function place(keyFile: string | undefined) {
  const { dataDir, releaseKeyFile } = readConfig();
  const file = keyFile === undefined ? releaseKeyFile : resolve(keyFile);
  const { database, releases } = dataFolder(dataDir);
  return {
    database,
    releases,
    key: file === null ? null : readPublicReleaseKey(file),
    /** The environment says it, as it does to the server. */
    isServers: releaseKeyFile !== null && file === releaseKeyFile,
  };
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
