/** `muster-agent upgrade`: puts a release in place of the installed one, from a folder. As root, by the script of that name. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ReleaseError } from '@muster/shared/release/manifest.ts';
import { builtInReleaseKey } from '../release-key.ts';
import { signedBy } from './acceptable.ts';
import { thisPlatform } from './platform.ts';
import { prepareUpgrade } from './put-in-place.ts';

/** Time for a new version to connect and be heard. */
export const TRIAL_SECONDS_DEFAULT = 300;

/** Holds the number of the process that is at it. */
const TURN_FILE = 'upgrading';

export interface UpgradeCommand {
  readonly from: string;
  readonly installFolder: string;
  readonly trialSeconds: number;
}

/** @returns number and version of what is on trial now @throws ReleaseError */
export async function upgrade({ from, installFolder, trialSeconds }: UpgradeCommand): Promise<string> {
  const key = builtInReleaseKey();
  if (key === null)
    throw new ReleaseError(
      'this agent was built without a release key and takes no upgrade; install it again with the line from "Add a machine"',
    );
  const platform = thisPlatform();
  if (platform === null) throw new ReleaseError('there are no releases for this kind of machine');
  process.umask(0o022);
  const done = takeTurn(join(installFolder, TURN_FILE));
  try {
    const { manifest, steps } = await prepareUpgrade({
      from: resolve(from),
      installFolder,
      platform,
      isSigned: signedBy(key),
      development: key.development,
      trialSeconds,
    });
    for (const step of steps) step();
    return `${manifest.serial} ${manifest.version}`;
  } finally {
    done();
  }
}

/** One at a time. @throws ReleaseError */
export function takeTurn(path: string): () => void {
  // Of one that was ended in the middle.
  if (existsSync(path) && !isAlive(readFileSync(path, 'utf8'))) rmSync(path, { force: true });
  try {
    writeFileSync(path, holder(), { flag: 'wx' });
  } catch (cause) {
    throw new ReleaseError(`another upgrade is under way, or ${path} cannot be written`, { cause });
  }
  return () => rmSync(path, { force: true });
}

/** This process, and the boot that its number counts in: after another one the number is somebody else's. */
function holder(): string {
  const path = '/proc/sys/kernel/random/boot_id';
  return `${process.pid} ${existsSync(path) ? readFileSync(path, 'utf8').trim() : ''}`;
}

function isAlive(held: string): boolean {
  const [pid = '', boot = ''] = held.split(' ');
  if (boot !== holder().split(' ')[1]) return false;
  try {
    return Number(pid) > 0 && process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}
