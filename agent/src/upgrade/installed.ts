/** What is installed and what is on trial, as the files in the agent's install folder say; they belong to root. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import { type Platform, ReleaseError } from '@muster/shared/release/manifest.ts';
import type { InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import { ROLL_BACK_MS_MAX } from '@muster/shared/wire/limits.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import * as z from 'zod/mini';

/** The manifest of the installed release. */
export const INSTALLED_MANIFEST = 'release.json';
/** Text, one `name=value` a line, which shell scripts read too: number of the version on trial, seconds it has, starts it had. */
export const TRIAL_FILE = 'trial';

/** The version before, as hard links; made by the upgrade to the installed one. */
export const PREVIOUS_FOLDER = 'previous';

/** For people. */
export const VERSION_FILE = 'version';

/** The program beside the script. */
export const NODE_FILE = process.platform === 'win32' ? 'node.exe' : 'node';

const InstalledManifest = z.object({ serial: z.int(), version: z.string() });

/** Number and version of the release in this folder; null where it was installed by the line. @throws ReleaseError: it cannot be read */
function manifestIn(folder: string): z.infer<typeof InstalledManifest> | null {
  const path = join(folder, INSTALLED_MANIFEST);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (text === '') return null;
  try {
    return InstalledManifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new ReleaseError(`${path} is damaged; install the agent again`, { cause });
  }
}

/** The same for an agent that has to run whatever is damaged. */
function knownIn(folder: string): z.infer<typeof InstalledManifest> | null {
  try {
    return manifestIn(folder);
  } catch (error) {
    if (error instanceof ReleaseError) return null;
    throw error;
  }
}

/** Number of the installed release; 0 where it was installed by the line. @throws ReleaseError */
export function installedSerial(installFolder: string): number {
  return manifestIn(installFolder)?.serial ?? 0;
}

/** The same for an agent that runs: 0 also where it cannot be read. */
export function knownSerial(installFolder: string): number {
  return knownIn(installFolder)?.serial ?? 0;
}

/** As release, line or package say it; null where nobody can say. */
export function installedVersion(installFolder: string): string | null {
  const path = join(installFolder, VERSION_FILE);
  const written = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  return knownIn(installFolder)?.version ?? (written === '' ? null : written);
}

/** Number of the release that is on trial; null: none is. */
export function serialOnTrial(installFolder: string): number | null {
  const path = join(installFolder, TRIAL_FILE);
  if (!existsSync(path)) return null;
  const [, serial] = /^serial=(\d+)$/m.exec(readFileSync(path, 'utf8')) ?? [];
  return serial === undefined ? null : Number(serial);
}

/** What `prepare` keeps of a release that was put in place, or was to be, and did not stay. */
export const TAKEN_BACK_FILE = 'taken-back';

/** In the agent's own folder; `prepare` and the watchdog of `run` read it. */
export const CONFIRMED_FILE = 'upgrade-confirmed';

/** This release has said that it is well. */
function isConfirmed(dataDir: string, serial: number): boolean {
  const path = join(dataDir, CONFIRMED_FILE);
  return existsSync(path) && readFileSync(path, 'utf8').trim() === String(serial);
}

export interface TakenBack {
  readonly serial: number;
  readonly why: string;
}

/** null: nothing was, or a higher one was installed since. */
export function takenBack(installFolder: string): TakenBack | null {
  const path = join(installFolder, TAKEN_BACK_FILE);
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  const serial = Number(value('serial'));
  return Number.isSafeInteger(serial) && serial > knownSerial(installFolder)
    ? { serial, why: value('why') }
    : null;
}

/** The version before is there, and not for so long that nobody goes back to it any more. */
export function isRecent(previous: string, nowMs: Millis): boolean {
  return Math.abs(nowMs - statSync(previous).mtimeMs) <= ROLL_BACK_MS_MAX;
}

/** Time that the release on trial has from its start on, as its notes say; null where they say none. */
function trialMs(installFolder: string): Millis | null {
  const [, seconds] = /^seconds=(\d+)$/m.exec(readFileSync(join(installFolder, TRIAL_FILE), 'utf8')) ?? [];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}

/**
 * For `status`; null: nothing is to be said. The notes of a trial stay until the next start, also of one that has ended well.
 * @param startedAtMs of the agent that runs; null: none does, and the time begins anew with its start
 */
export function trialWords(
  installFolder: string,
  dataDir: string,
  startedAtMs: Millis | null,
): string | null {
  const onTrial = serialOnTrial(installFolder);
  if (onTrial !== null && !isConfirmed(dataDir, onTrial)) {
    const lengthMs = trialMs(installFolder);
    const until = startedAtMs === null || lengthMs === null ? '' : ` until ${toIso(startedAtMs + lengthMs)}`;
    return `release number ${onTrial} is on trial${until}`;
  }
  const left = takenBack(installFolder);
  return left === null ? null : `release number ${left.serial} was taken back: ${left.why}`;
}

export interface Installation {
  readonly installFolder: string;
  /** The agent's own. */
  readonly dataDir: string;
  readonly platform: Platform;
  readonly key: PublicReleaseKey;
  readonly nowMs: () => Millis;
}

/** As the server is told at each connection. */
export function installedRelease({
  installFolder,
  dataDir,
  platform,
  key,
  nowMs,
}: Installation): InstalledRelease {
  const serial = knownSerial(installFolder);
  const previous = join(installFolder, PREVIOUS_FOLDER);
  const left = takenBack(installFolder);
  return {
    platform,
    serial,
    key: key.text,
    development: key.development,
    onTrial: serialOnTrial(installFolder) === serial && !isConfirmed(dataDir, serial),
    previousSerial: existsSync(previous) && isRecent(previous, nowMs()) ? knownSerial(previous) : null,
    takenBack: left === null ? null : { ...left, why: left.why.slice(0, 500) },
  };
}
