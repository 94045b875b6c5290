/** What is installed and what is on trial, as the files in the agent's install folder say; they belong to root. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** The manifest of the installed release. */
export const INSTALLED_MANIFEST = 'release.json';
/** Text, one `name=value` a line, which shell scripts read too: number of the version on trial, seconds it has, starts it had. */
export const TRIAL_FILE = 'trial';

/** Number of the installed release; 0 where it was installed by the line. */
export function installedSerial(installFolder: string): number {
  const path = join(installFolder, INSTALLED_MANIFEST);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text === '' ? 0 : z.object({ serial: z.int() }).parse(JSON.parse(text)).serial;
}

/** Number of the release that is on trial; null: none is. */
export function serialOnTrial(installFolder: string): number | null {
  const path = join(installFolder, TRIAL_FILE);
  if (!existsSync(path)) return null;
  const [, serial] = /^serial=(\d+)$/m.exec(readFileSync(path, 'utf8')) ?? [];
  return serial === undefined ? null : Number(serial);
}

/** What `prepare` keeps of a trial that ended with the version before. */
const TAKEN_BACK_FILE = 'taken-back';

/** For `status`; null: nothing is to be said. */
export function trialWords(installFolder: string): string | null {
  const onTrial = serialOnTrial(installFolder);
  if (onTrial !== null) return `release number ${onTrial} is on trial`;
  const path = join(installFolder, TAKEN_BACK_FILE);
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  const serial = Number(value('serial'));
  return serial <= installedSerial(installFolder)
    ? null
    : `release number ${serial} was taken back: ${value('why')}`;
}
