/**
 * An upgrade that the server asks for, up to the restart: loads the release into the agent's own folder, holds it against its signature,
 * and leaves. Root (`prepare`, `pending.ts`) decides anew from the files alone; nothing that is said here opens anything there.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  filesFor,
  RELEASE_MANIFEST,
  RELEASE_MANIFEST_BYTES_MAX,
  RELEASE_SIGNATURE,
  ReleaseError,
  type ReleaseFile,
  type ReleaseManifest,
} from '@muster/shared/release/manifest.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import type { Upgrade } from '@muster/shared/wire/server-messages.ts';
import { writePrivate } from '../private-file.ts';
import type { TellUpgrading, Upgrades } from '../agent.ts';
import type { Timer, Timers } from '../timers.ts';
import { acceptableRelease, signedBy } from './acceptable.ts';
import { fileSha256 } from './file-hash.ts';
import { type Installation, installedRelease, NODE_FILE } from './installed.ts';
import { LoadError } from './load-file.ts';
import { LOADED_FOLDER, READY_FILE, ROLL_BACK_FILE } from './pending-files.ts';

/** A file of the release that the server was asked for by this order. */
export type Load = (
  path: string,
  to: string,
  bytesMax: number,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
) => Promise<void>;

export interface OrdersOptions extends Installation {
  /** `path` is below the server's `/install/`. @throws LoadError */
  readonly load: Load;
  /** false: the line costs money; it is asked again later. */
  readonly mayLoad: () => boolean;
  readonly timers: Timers;
  readonly random: () => number;
  /** Says goodbye with `upgrade` and ends the process; whoever runs it starts it again. */
  readonly leave: () => void;
  readonly log: (line: string) => void;
}

/** Between two words on a download. */
export const TELL_MS = 2_000;
/** After a failure, times 2 with each, with chance. */
export const RETRY_MS_BASE = 5_000;
export const RETRY_MS_MAX = 600_000;
/** Failures of one order; then it has failed until the server asks again. */
export const TRIES_MAX = 12;
/** What stays free on the disks beside what the release needs. */
const SPARE_BYTES = 64 << 20;
const SIGNATURE_BYTES_MAX = 200;
/** Says which release the folder holds. */
const SERIAL_FILE = 'serial';

type Progress = Parameters<TellUpgrading>[0];

/** Asked again, it begins anew. */
const OVER: ReadonlySet<Progress['stage']> = new Set(['failed', 'refused']);

/** No space, or a line that costs money: the server asks again. */
class LaterError extends Error {}

export class UpgradeOrders implements Upgrades {
  readonly #options: OrdersOptions;
  readonly #folder: string;
  #current: {
    readonly order: Upgrade;
    readonly abort: AbortController;
    tell: TellUpgrading;
    progress: Progress;
    tries: number;
    timer: Timer | null;
    toldAtBytes: number;
    told: Timer | null;
  } | null = null;

  constructor(options: OrdersOptions) {
    this.#options = options;
    this.#folder = join(options.dataDir, LOADED_FOLDER);
    this.clear();
  }

  /** What was loaded goes once it is known what became of it: installed for good, taken back, or not taken. */
  clear(): void {
    this.#tidily(() => {
      const { serial, onTrial, takenBack } = this.installed();
      const note = join(this.#folder, SERIAL_FILE);
      if (onTrial || !existsSync(note)) return;
      const loaded = Number(readFileSync(note, 'utf8'));
      if (loaded <= serial || loaded === takenBack?.serial) this.#removeLoaded();
    });
  }

  installed(): InstalledRelease {
    return installedRelease(this.#options);
  }

  order(order: Upgrade, tell: TellUpgrading): void {
    const installed = this.installed();
    if (installed.serial === order.serial) {
      if (!installed.onTrial) tell(progressOf(order, 'confirmed'));
      return;
    }
    const current = this.#current;
    if (current?.order.serial === order.serial && !OVER.has(current.progress.stage)) {
      current.tell = tell;
      tell(current.progress);
      return;
    }
    this.stop();
    this.#options.log(`the server asks for release ${order.version} (number ${order.serial})`);
    this.#current = {
      order,
      abort: new AbortController(),
      tell,
      progress: progressOf(order, 'downloading'),
      tries: 0,
      timer: null,
      toldAtBytes: 0,
      told: null,
    };
    // At once: to look at what is installed takes its time on a slow disk.
    tell(this.#current.progress);
    this.#try();
  }

  rollBack(serial: number, tell: TellUpgrading): void {
    const installed = this.installed();
    const progress = { serial, receivedBytes: 0, totalBytes: 0 };
    if (installed.serial !== serial || installed.previousSerial === null) {
      const detail =
        installed.serial === serial
          ? 'the version before is not kept any more'
          : `number ${installed.serial} is installed`;
      return tell({ ...progress, stage: 'refused', detail });
    }
    this.stop();
    this.#options.log(`the server asks for the version before release number ${serial}`);
    try {
      writePrivate(join(this.#options.dataDir, ROLL_BACK_FILE), `${serial}\n`);
    } catch (error) {
      return tell({
        ...progress,
        stage: 'failed',
        detail: error instanceof Error ? error.message : String(error),
      });
    }
    tell({ ...progress, stage: 'restarting', detail: '' });
    this.#options.leave();
  }

  stop(): void {
    this.#current?.timer?.cancel();
    this.#current?.told?.cancel();
    this.#current?.abort.abort();
    this.#current = null;
  }

  #try(): void {
    const current = this.#current;
    if (!current) return;
    this.#load(current.order, current.abort.signal).then(
      () => this.#current === current && this.#leave(),
      (error: unknown) => this.#current === current && this.#failed(error),
    );
  }

  async #load(order: Upgrade, signal: AbortSignal): Promise<void> {
    if (!this.#options.mayLoad()) throw new LaterError('the line is metered: it is loaded on another one');
    this.#openFolder(order);
    const manifest = await this.#manifest(order, signal);
    const wanted = await this.#wantedFiles(manifest);
    const totalBytes = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    let doneBytes = 0;
    for (const file of wanted) {
      await this.#file(file, order, signal, (bytes) => {
        if (!signal.aborted) this.#received(doneBytes + bytes, totalBytes);
      });
      // What is hashed meanwhile cannot be broken off, and another order may have its place.
      signal.throwIfAborted();
      doneBytes += file.bytes;
      this.#received(doneBytes, totalBytes);
    }
    this.#tell('verified');
  }

  /** What another order left there goes; what this one left stays, to go on from. */
  #openFolder({ serial }: Upgrade): void {
    const note = join(this.#folder, SERIAL_FILE);
    if (!existsSync(note) || readFileSync(note, 'utf8') !== String(serial)) this.#removeLoaded();
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(note, String(serial), { mode: 0o600 });
  }

  /** A scanner of viruses may hold a file, and a disk may be read-only: the agent runs without the room. */
  #tidily(remove: () => void): void {
    try {
      remove();
    } catch (error) {
      this.#options.log(
        `what was loaded for an upgrade stays: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #removeLoaded(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #manifest(order: Upgrade, signal: AbortSignal): Promise<ReleaseManifest> {
    const { key, load } = this.#options;
    const path = (name: string) => join(this.#folder, name);
    for (const [name, bytesMax] of [
      [RELEASE_MANIFEST, RELEASE_MANIFEST_BYTES_MAX],
      [RELEASE_SIGNATURE, SIGNATURE_BYTES_MAX],
    ] as const) {
      // Small, and not told apart from an older one by its name.
      rmSync(path(name), { force: true });
      await load(`releases/${order.serial}/${name}`, path(name), bytesMax, () => undefined, signal);
    }
    const manifest = acceptableRelease(
      readFileSync(path(RELEASE_MANIFEST)),
      readFileSync(path(RELEASE_SIGNATURE), 'latin1'),
      { isSigned: signedBy(key), development: key.development, installedSerial: this.installed().serial },
    );
    if (manifest.serial !== order.serial)
      throw new ReleaseError(`the server offers number ${order.serial} and has number ${manifest.serial}`);
    return manifest;
  }

  async #wantedFiles(manifest: ReleaseManifest): Promise<ReleaseFile[]> {
    const { installFolder, dataDir, platform } = this.#options;
    const { agent, node } = filesFor(manifest, platform);
    const hasNode = (await fileSha256(join(installFolder, NODE_FILE))) === node.program?.sha256;
    const wanted = hasNode ? [agent] : [agent, node];
    const loadedBytes = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    const unpackedBytes = agent.bytes + (hasNode ? 0 : (node.program?.bytes ?? 0));
    for (const [folder, bytes] of [
      [dataDir, loadedBytes],
      [installFolder, unpackedBytes],
    ] as const) {
      const { bavail, bsize } = statfsSync(folder);
      if (bavail * bsize < bytes + SPARE_BYTES)
        throw new LaterError(
          `${folder} has ${Math.floor((bavail * bsize) / 1e6)} MB free and needs ${Math.ceil((bytes + SPARE_BYTES) / 1e6)} MB`,
        );
    }
    return wanted;
  }

  async #file(
    { name, bytes, sha256 }: ReleaseFile,
    { serial }: Upgrade,
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    const to = join(this.#folder, name);
    if ((await fileSha256(to)) === sha256) return;
    const part = `${to}.part`;
    await this.#options.load(`releases/${serial}/${name}`, part, bytes, onBytes, signal);
    if ((await fileSha256(part)) !== sha256) {
      // From its beginning next time: what is there may be the beginning of another file of that name.
      rmSync(part, { force: true });
      throw new LoadError(`${name} is not what its signature says`, true);
    }
    renameSync(part, to);
  }

  #received(receivedBytes: number, totalBytes: number): void {
    const current = this.#current;
    if (!current) return;
    current.progress = { ...current.progress, stage: 'downloading', receivedBytes, totalBytes, detail: '' };
    if (current.told) return;
    current.tell(current.progress);
    current.told = this.#options.timers.after(TELL_MS, () => {
      current.told = null;
    });
  }

  #tell(stage: Progress['stage'], detail = ''): void {
    const current = this.#current;
    if (!current) return;
    current.progress = { ...current.progress, stage, detail: detail.slice(0, 500) };
    current.tell(current.progress);
  }

  #leave(): void {
    const current = this.#current;
    if (!current) return;
    const seconds = Math.ceil(current.order.trialMs / 1_000);
    try {
      writePrivate(
        join(this.#options.dataDir, READY_FILE),
        `serial=${current.order.serial}\nseconds=${seconds}\n`,
      );
    } catch (error) {
      return this.#failed(error);
    }
    this.#options.log(`release number ${current.order.serial} is loaded and as it was signed: leaves for it`);
    this.#tell('restarting');
    this.#options.leave();
  }

  #failed(error: unknown): void {
    const current = this.#current;
    if (!current) return;
    const detail = error instanceof Error ? error.message : String(error);
    this.#options.log(`release number ${current.order.serial}: ${detail}`);
    if (error instanceof ReleaseError) {
      this.#tidily(() => this.#removeLoaded());
      return this.#tell('refused', detail);
    }
    if (error instanceof LaterError) {
      this.#tell('waiting', detail);
      // The server asks again, if it still wants to by then.
      return this.stop();
    }
    current.tries++;
    const isHopeless = error instanceof LoadError && !error.retry;
    if (isHopeless || current.tries >= TRIES_MAX) return this.#tell('failed', detail);
    // It is still at it, and takes its place among those that are.
    this.#tell('downloading', detail);
    current.timer = this.#options.timers.after(this.#pauseMs(current.tries), () => this.#try());
  }

  #pauseMs(tries: number): Millis {
    const mostMs = Math.min(RETRY_MS_MAX, RETRY_MS_BASE * 2 ** tries);
    return mostMs * (0.5 + this.#options.random() / 2);
  }
}

function progressOf({ serial }: Upgrade, stage: Progress['stage']): Progress {
  return { serial, stage, receivedBytes: 0, totalBytes: 0, detail: '' };
}
