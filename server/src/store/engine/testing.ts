/** What the tests of the engine share: temporary folders, eager limits, the disk that forgets. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Millis } from '@muster/shared/time.ts';
import { type MetricEngine, type MetricEngineOptions, openMetricEngine } from './engine.ts';
import { type AppendFile, diskFiles, type Files } from './files.ts';
import type { EngineLimits } from './limits.ts';

/** Everything is written at once, windows are rolled up as soon as they end. */
const EAGER: Partial<EngineLimits> = {
  groupCommitMs: 0,
  groupCommitMsQuiet: 0,
  chunkRows: 1,
  lateSamplesMax: 1,
  rollupGraceMs: 0,
  rollupWindowsMax: 10_000,
  flushMachinesMax: 1_000,
  measurePauseMs: 0,
  clockDoubtMs: 0,
};

/** Calls of `maintain` after which all that is due is done: flush, three tiers, and one to see that nothing is left. */
const SETTLE_ROUNDS = 5;

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'muster-engine-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export function openTestEngine(options: MetricEngineOptions): Promise<MetricEngine> {
  return openMetricEngine({ archive: 'inline', ...options, limits: { ...EAGER, ...options.limits } });
}

export async function settle(engine: MetricEngine, nowMs: Millis): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round++) await engine.maintain(nowMs);
}

/** A disk whose writes can fail, and which remembers what was synced. */
export class FaultyDisk {
  /** Bytes that may still be written; the write that crosses it is short, the next fails with ENOSPC. */
  freeBytes = Number.POSITIVE_INFINITY;
  failSync = false;
  failTruncate = false;
  /** While set, syncs wait; `crash` ends them. */
  holdSync = false;
  /** Since the crash: nothing reaches the disk any more, until `restore`. */
  #dead = false;
  #held: (() => void)[] = [];
  readonly #synced = new Map<string, number>();

  readonly files: Files = {
    ...diskFiles,
    create: async (file) => {
      if (this.freeBytes <= 0) throw noSpace();
      this.#synced.set(file, 0);
      return this.#wrap(file, await diskFiles.create(file));
    },
    open: async (file) => this.#wrap(file, await diskFiles.open(file)),
  };

  release(): void {
    this.holdSync = false;
    for (const go of this.#held.splice(0)) go();
  }

  /** Power is gone: what is not synced may or may not be on the disk. */
  crash(): void {
    this.#dead = true;
    this.release();
  }

  /**
   * Power is back: each journal file is cut somewhere in its unsynced tail. `keep` from 0 to 1 says how much stays;
   * `garbage` follows it.
   */
  restore(keep: number, garbage: Uint8Array = new Uint8Array(0)): void {
    this.#dead = false;
    for (const [file, synced] of this.#synced) {
      const size = sizeOf(file);
      if (size === undefined || size <= synced) continue;
      truncateSync(file, synced + Math.floor((size - synced) * keep));
      appendFileSync(file, garbage);
    }
  }

  #wrap(file: string, inner: AppendFile): AppendFile {
    return {
      write: async (bytes, position) => {
        this.#checkPower();
        if (this.freeBytes <= 0) throw noSpace();
        const count = Math.min(bytes.length, this.freeBytes);
        this.freeBytes -= count;
        return inner.write(bytes.subarray(0, count), position);
      },
      sync: async () => {
        if (this.failSync) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
        if (this.holdSync) await new Promise<void>((go) => this.#held.push(go));
        this.#checkPower();
        await inner.sync();
        this.#synced.set(file, sizeOf(file) ?? 0);
      },
      truncate: async (length) => {
        if (this.failTruncate) throw Object.assign(new Error('EIO: i/o error, ftruncate'), { code: 'EIO' });
        this.#checkPower();
        await inner.truncate(length);
        this.#synced.set(file, Math.min(this.#synced.get(file) ?? 0, length));
      },
      close: () => inner.close(),
    };
  }

  #checkPower(): void {
    if (this.#dead) throw new Error('the power is gone');
  }
}

/** Paths of the journal's segments, oldest first. */
export function journalFiles(folder: string): string[] {
  const journal = path.join(folder, 'journal');
  return readdirSync(journal)
    .sort()
    .map((name) => path.join(journal, name));
}

export function bytesOf(file: string): Buffer {
  return readFileSync(file);
}

function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}

const SMALL_DISK_BYTES = 6 << 20;

/** A file system of a few MiB, where that is allowed: as root, on Linux. */
export function mountSmallDisk(): string | undefined {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_BYTES}`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
    return folder;
  } catch {
    // The tests that need it are reported as skipped.
    removeFolder(folder);
    return undefined;
  }
}

export function unmountSmallDisk(folder: string): void {
  execFileSync('umount', [folder]);
  removeFolder(folder);
}

/** Takes what room is left. */
export function fillUp(file: string): void {
  const piece = new Uint8Array(4 << 10);
  try {
    for (;;) appendFileSync(file, piece);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
