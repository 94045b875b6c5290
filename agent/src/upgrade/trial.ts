/** A version on trial, from the side of the agent that is it: once the server has acknowledged something of it, it says so. */
import { join } from 'node:path';
import { writePrivate } from '../private-file.ts';
import { CONFIRMED_FILE, knownSerial, serialOnTrial } from './installed.ts';

export interface TrialStatus {
  readonly link: { readonly state: string; readonly pendingApproval?: boolean };
  readonly ackedAtMs: number | null;
}

/**
 * For each new status. Writes the confirmation once: connected, and heard, or waiting for an administrator, who has nothing to do with it.
 * `confirmed` hears of it, once in a process. null: this agent is not the one that is on trial, which may be one half of an upgrade that lost its power.
 */
export function trialWatch(
  installFolder: string,
  dataDir: string,
  log: (line: string) => void,
  confirmed: (serial: number) => void = () => undefined,
): ((status: TrialStatus) => void) | null {
  const serial = serialOnTrial(installFolder);
  if (serial === null || serial !== knownSerial(installFolder)) return null;
  let isDone = false;
  return ({ link, ackedAtMs }) => {
    const isHeard = ackedAtMs !== null || link.pendingApproval === true;
    if (isDone || link.state !== 'online' || !isHeard) return;
    try {
      writePrivate(join(dataDir, CONFIRMED_FILE), `${serial}\n`);
      isDone = true;
      log(`release number ${serial} is confirmed: it stays`);
      confirmed(serial);
    } catch (error) {
      // Tried again with the next status; a full disk may have room by then.
      log(
        `that release number ${serial} is well could not be written: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
}
