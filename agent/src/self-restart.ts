/** Why the agent last began anew of its own accord: one line in a file of its data folder, so that the next run and `status` know. */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '@muster/shared/time.ts';
import { writePrivate } from './private-file.ts';

const NOTE_FILE = 'self-restart';
/** Written by `watch.sh`, which ends an agent that cannot say so itself. */
export const UNTOLD_NOTE_FILE = 'self-restart-untold';
const WORDS_MAX = 300;

export interface SelfRestart {
  readonly atMs: Millis;
  readonly why: string;
}

/** A note that cannot be written, as on a full disk, keeps nobody from the restart. */
export function noteSelfRestart(
  dataDir: string,
  { atMs, why }: SelfRestart,
  log: (line: string) => void,
): void {
  orSaid('the note of this restart cannot be written', log, () =>
    writePrivate(join(dataDir, NOTE_FILE), `${Math.floor(atMs / 1_000)} ${why}\n`),
  );
}

export function lastSelfRestart(dataDir: string): SelfRestart | null {
  return readNote(join(dataDir, NOTE_FILE));
}

/** What the run before could not tell; each once, where the disk lets it be put away. */
export function takeUntold(dataDir: string, log: (line: string) => void): SelfRestart | null {
  const path = join(dataDir, UNTOLD_NOTE_FILE);
  const note = readNote(path);
  if (note !== null)
    orSaid('the note of the run before cannot be put away', log, () =>
      renameSync(path, join(dataDir, NOTE_FILE)),
    );
  return note;
}

function orSaid(what: string, log: (line: string) => void, work: () => void): void {
  try {
    work();
  } catch (error) {
    log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readNote(path: string): SelfRestart | null {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [, seconds, why] = /^(\d{1,12}) (.+)$/m.exec(text) ?? [];
  return seconds === undefined || why === undefined
    ? null
    : { atMs: Number(seconds) * 1_000, why: why.slice(0, WORDS_MAX) };
}
