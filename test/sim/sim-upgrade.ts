/** What a simulated agent does when a server tells it to upgrade: it loads for a time, restarts, and comes back well or not. */
import type { OpenSocket } from '@muster/agent/connection.ts';
import type { Timers } from '@muster/agent/timers.ts';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { AgentToServer, InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import type { ServerToAgent } from '@muster/shared/wire/server-messages.ts';

/** good: comes back on trial and stays. refuse: says no. broken: never comes back well, so its machine returns. crash: falls over when it is told. */
export const UPGRADE_FATES = ['good', 'refuse', 'broken', 'crash'] as const;
export type UpgradeFate = (typeof UPGRADE_FATES)[number];

export interface SimUpgradeOptions {
  /** Raw public key of the releases that it takes, base64url. */
  readonly key: string;
  readonly development: boolean;
  /** What is installed at first. */
  readonly serial: number;
  readonly downloadMs: Millis;
  /** Of a broken one, until the version before returns: the real time of a trial is for real machines. */
  readonly trialMs: Millis;
  readonly fate: (index: number, serial: number) => UpgradeFate;
}

/** The agent around it: its process goes and comes. */
export interface SimProcess {
  readonly index: number;
  goodbye(): void;
  stop(): void;
  start(): void;
}

/** For the process to come up again. */
const RESTART_MS = SECOND_MS / 2;
const DOWNLOAD_BYTES = 50_000_000;
const DOWNLOAD_STEPS = 4;

export class SimUpgrade {
  readonly #options: SimUpgradeOptions;
  readonly #process: SimProcess;
  readonly #timers: Timers;
  #release: InstalledRelease;
  #send: (message: AgentToServer) => void = () => {};
  #loading: number | null = null;

  constructor(options: SimUpgradeOptions, process: SimProcess, timers: Timers) {
    this.#options = options;
    this.#process = process;
    this.#timers = timers;
    this.#release = {
      platform: 'linux-x64',
      serial: options.serial,
      key: options.key,
      development: options.development,
      onTrial: false,
      previousSerial: null,
      takenBack: null,
    };
  }

  get serial(): number {
    return this.#release.serial;
  }

  get isLoading(): boolean {
    return this.#loading !== null;
  }

  /** The version that it says it is. */
  get version(): string {
    return `1.${this.#release.serial}`;
  }

  /** Sockets on which the proof tells what is installed, and on which it hears what rollouts decide. */
  listening(open: OpenSocket): OpenSocket {
    return (events) => {
      const socket = open({
        ...events,
        opened: () => events.opened(),
        text: (text) => {
          const message = JSON.parse(text) as ServerToAgent;
          if (message.type === 'upgrade') return this.#upgrade(message.serial);
          if (message.type === 'roll-back') return this.#rollBack(message.serial);
          // With the first acknowledgement a version has proved itself.
          if (message.type === 'ack') this.#confirm();
          events.text(text);
        },
      });
      this.#send = (message) => socket.send(JSON.stringify(message));
      return {
        send: (data) => socket.send(typeof data === 'string' ? this.#toldIn(data) : data),
        close: (code, reason) => socket.close(code, reason),
        get bufferedBytes() {
          return socket.bufferedBytes;
        },
        exporter: () => socket.exporter(),
      };
    };
  }

  #toldIn(text: string): string {
    const message = JSON.parse(text) as AgentToServer;
    if (message.type !== 'proof') return text;
    return JSON.stringify({ ...message, agentVersion: this.version, release: this.#release });
  }

  #upgrade(serial: number): void {
    if (this.#loading === serial || serial <= this.#release.serial) return;
    switch (this.#options.fate(this.#process.index, serial)) {
      case 'refuse':
        return this.#say(serial, 'refused', 0, 'the disk has no space for it');
      case 'crash':
        return this.#restart((release) => release);
      case 'good':
        return this.#load(serial, () => this.#goOver(serial));
      case 'broken':
        return this.#load(serial, () => {
          this.#leave();
          const why = 'the server did not hear of the new version in time';
          this.#come(this.#options.trialMs, { ...this.#release, takenBack: { serial, why } });
        });
    }
  }

  #goOver(serial: number): void {
    this.#restart((release) => ({ ...release, serial, previousSerial: release.serial, onTrial: true }));
  }

  #confirm(): void {
    if (!this.#release.onTrial) return;
    this.#release = { ...this.#release, onTrial: false };
    this.#say(this.#release.serial, 'confirmed', 0, '');
  }

  #rollBack(serial: number): void {
    const { previousSerial } = this.#release;
    if (serial !== this.#release.serial || previousSerial === null) return;
    this.#restart((release) => ({
      ...release,
      serial: previousSerial,
      previousSerial: null,
      onTrial: false,
    }));
  }

  #load(serial: number, whenDone: () => void): void {
    this.#loading = serial;
    const step = (number: number) => {
      // Gone meanwhile.
      if (this.#loading !== serial) return;
      this.#say(serial, 'downloading', (DOWNLOAD_BYTES * number) / DOWNLOAD_STEPS, '');
      if (number < DOWNLOAD_STEPS) {
        this.#timers.after(this.#options.downloadMs / DOWNLOAD_STEPS, () => step(number + 1));
        return;
      }
      this.#say(serial, 'restarting', DOWNLOAD_BYTES, '');
      whenDone();
    };
    step(0);
  }

  #restart(change: (release: InstalledRelease) => InstalledRelease): void {
    this.#leave();
    this.#come(RESTART_MS, change(this.#release));
  }

  #leave(): void {
    this.#loading = null;
    this.#process.goodbye();
    this.#process.stop();
  }

  #come(afterMs: Millis, release: InstalledRelease): void {
    this.#timers.after(afterMs, () => {
      this.#release = release;
      this.#process.start();
    });
  }

  #say(
    serial: number,
    stage: 'downloading' | 'restarting' | 'refused' | 'confirmed',
    receivedBytes: number,
    detail: string,
  ) {
    this.#send({ type: 'upgrading', serial, stage, receivedBytes, totalBytes: DOWNLOAD_BYTES, detail });
  }
}
