/** The data directory: where each thing lies, and that only one server uses it. */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface DataFolder {
  readonly path: string;
  readonly database: string;
  readonly metrics: string;
  /** Samples on their way to other stores. */
  readonly outgoing: string;
  readonly serverKey: string;
  /** Releases of the agent, each in a folder named by its number. */
  readonly releases: string;
  /** Unix socket by which commands reach the running server. */
  readonly controlSocket: string;
  readonly localAgent: string;
  readonly cache: string;
}

/** The folder cannot be used; the message says why and what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

export function dataFolder(path: string): DataFolder {
  return {
    path,
    database: join(path, 'muster.db'),
    metrics: join(path, 'metrics'),
    outgoing: join(path, 'outgoing'),
    serverKey: join(path, 'server.key'),
    releases: join(path, 'releases'),
    controlSocket: join(path, 'control.sock'),
    localAgent: join(path, 'local-agent'),
    cache: join(path, 'cache'),
  };
}

/**
 * Makes the folder for its owner alone and takes the lock. The returned function gives the lock back.
 * A lock whose process is gone (power cut, kill) is taken over.
 * @throws DataFolderError
 */
export function openDataFolder(folder: DataFolder): () => void {
  try {
    mkdirSync(folder.path, { recursive: true, mode: 0o700 });
    chmodSync(folder.path, 0o700);
  } catch (cause) {
    throw new DataFolderError(
      `The data directory ${folder.path} cannot be made or written: ${messageOf(cause)}. Set MUSTER_DATA_DIR to a folder of your own.`,
      { cause },
    );
  }
  const lock = join(folder.path, 'server.pid');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(lock, 'wx', 0o600);
      writeSync(file, `${process.pid} ${startTimeOf(process.pid) ?? ''}\n`);
      closeSync(file);
      return () => rmSync(lock, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new DataFolderError(
          `The data directory ${folder.path} cannot be written: ${messageOf(cause)}.`,
          { cause },
        );
      }
      const holder = holderOf(lock);
      if (holder !== null) {
        throw new DataFolderError(
          `Another server (process ${holder}) uses the data directory ${folder.path}. Stop it, or set MUSTER_DATA_DIR and MUSTER_PORT for this one.`,
        );
      }
      unlinkSync(lock);
    }
  }
  throw new DataFolderError(
    `The data directory ${folder.path} is being opened by another server at this moment.`,
  );
}

/** Process that holds the lock; null when it is gone. Its start time tells it from a later process of the same number. */
export function holderOf(lock: string): number | null {
  if (!existsSync(lock)) return null;
  const [pid = '', startTime = ''] = readFileSync(lock, 'utf8').trim().split(' ');
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0 || !isAlive(number)) return null;
  const runningSince = startTimeOf(number);
  return startTime !== '' && runningSince !== null && runningSince !== startTime ? null : number;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Ticks since boot at which the process started (proc(5), stat field 22); null where there is no /proc. */
function startTimeOf(pid: number): string | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
