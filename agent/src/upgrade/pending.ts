/**
 * What the agent asks for at its start, decided as root by the installed version: the release that it has loaded, or the way back. The
 * agent's folder may hold anything; only the signature, and what root itself keeps, count.
 */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { ReleaseError } from '@muster/shared/release/manifest.ts';
import { SERVER_ASKED } from '@muster/shared/release/taken-back.ts';
import type { Millis } from '@muster/shared/time.ts';
import { ROLL_BACK_MS_MAX } from '@muster/shared/wire/limits.ts';
import { TRIAL_SECONDS_DEFAULT } from './command.ts';
import {
  installedSerial,
  isRecent,
  PREVIOUS_FOLDER,
  serialOnTrial,
  TAKEN_BACK_FILE,
  TRIAL_FILE,
} from './installed.ts';
import { LOADED_FOLDER, READY_FILE, ROLL_BACK_FILE } from './pending-files.ts';
import { readSmall, syncPath, writeDurably } from './put-in-place.ts';

export interface Pending {
  readonly dataDir: string;
  readonly installFolder: string;
  readonly nowMs: Millis;
  /** @returns number and version @throws ReleaseError */
  readonly putInPlace: (from: string, trialSeconds: number) => Promise<string>;
}

/** @returns a line for the log; null where nothing was asked. A refusal is kept for the server and is such a line too. */
export async function settlePending({
  dataDir,
  installFolder,
  nowMs,
  putInPlace,
}: Pending): Promise<string | null> {
  const asked = (name: string) => (existsSync(join(dataDir, name)) ? join(dataDir, name) : null);
  const rollBack = asked(ROLL_BACK_FILE);
  if (rollBack !== null) return goBack(Number(readSmall(rollBack).toString('latin1')), installFolder, nowMs);
  const ready = asked(READY_FILE);
  if (ready === null) return null;
  const text = readSmall(ready).toString('latin1');
  const value = (name: string) => Number(new RegExp(`^${name}=(\\d{1,15})$`, 'm').exec(text)?.[1] ?? 0);
  const trialSeconds = value('seconds') || TRIAL_SECONDS_DEFAULT;
  try {
    const done = await putInPlace(join(dataDir, LOADED_FOLDER), trialSeconds);
    return `release ${done} is on trial for ${trialSeconds} s`;
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    const why = `it could not be put in place: ${error.message}`;
    const note = `serial=${value('serial')}\nwhy=${why.replaceAll(/\s+/g, ' ')}\n`;
    writeDurably(join(installFolder, TAKEN_BACK_FILE), note);
    return `release number ${value('serial')}: ${why}`;
  }
}

/** Leaves it to `prepare`, which finds the reason beside the number and takes the release back, whenever the power goes. */
function goBack(serial: number, installFolder: string, nowMs: Millis): string {
  const installed = installedSerial(installFolder);
  const previous = join(installFolder, PREVIOUS_FOLDER);
  if (serial !== installed) return `no way back from number ${serial}: ${installed} is installed`;
  if (!existsSync(previous)) return `no way back from number ${serial}: the version before is not kept`;
  if (serialOnTrial(installFolder) === null && !isRecent(previous, nowMs))
    return `no way back from number ${serial}: it is there for more than ${ROLL_BACK_MS_MAX / 86_400_000} days`;
  // Whole or not at all: what is empty would be taken for a damaged trial.
  const draft = join(installFolder, `${TRIAL_FILE}.new`);
  writeDurably(draft, `serial=${serial}\nseconds=0\nstarts=0\nwhy=${SERVER_ASKED}\n`);
  renameSync(draft, join(installFolder, TRIAL_FILE));
  syncPath(installFolder);
  return `release number ${serial} is left: ${SERVER_ASKED}`;
}
