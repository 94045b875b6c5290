/** One agent of a simulated fleet: the product's own spool and connection, with simulated readings. */
import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { Connection, type LinkStatus, type OpenSocket } from '@muster/agent/connection.ts';
import { memoryIdentity } from '@muster/agent/identity.ts';
import { Spool } from '@muster/agent/spool.ts';
import type { Timers } from '@muster/agent/timers.ts';
import { INVENTORY_SECTIONS } from '@muster/shared/wire/inventory-sections.ts';
import type { InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import type { Millis } from '@muster/shared/time.ts';
import { readings, simMachine, snapshot, type SimMachine } from './machine.ts';
import type { Fault } from './scenario.ts';
import { SimUpgrade, type SimUpgradeOptions } from './sim-upgrade.ts';

export interface SimAgentOptions {
  readonly seed: number;
  readonly index: number;
  readonly open: OpenSocket;
  readonly serverKey: string | null;
  readonly token: string;
  /** ':memory:' or a file that survives the process. */
  readonly spoolPath: string;
  readonly faults: readonly Fault[];
  /** A machine has at least so many series. */
  readonly seriesMin: number;
  /** How it takes upgrades; absent: it takes none. */
  readonly upgrades?: SimUpgradeOptions | undefined;
  /** How often its operating system has started anew. */
  readonly boots?: number;
  readonly nowMs: () => Millis;
  readonly elapsedMs: () => Millis;
  readonly timers: Timers;
  /** The reading is in the spool: from here on it must arrive. */
  readonly onProduced: (index: number, atMs: Millis, samples: number) => void;
  readonly onStatus: (index: number, status: LinkStatus) => void;
}

/** DER head of a PKCS 8 Ed25519 private key (RFC 8410); the 32 bytes of the key follow. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

export class SimAgent {
  readonly machine: SimMachine;
  readonly #options: SimAgentOptions;
  readonly #spool: Spool;
  readonly #connection: Connection;
  readonly #startedMs: Millis;
  readonly #upgrade: SimUpgrade | null;
  #closed = false;
  #inventory: Partial<Record<string, string>> | null = null;
  #down: 'offline' | 'shutdown' | null = null;

  constructor(options: SimAgentOptions) {
    this.#options = options;
    this.#startedMs = options.nowMs();
    this.machine = simMachine(options.seed, options.index);
    this.#spool = new Spool({ path: options.spoolPath, nowMs: options.nowMs, randomBytes });
    const bootId = bootIdOf(options.seed, options.index, options.boots ?? 0);
    const self = {
      index: options.index,
      goodbye: () => this.#connection.goodbye({ reason: 'upgrade' }, options.nowMs()),
      stop: () => this.#connection.stop(),
      start: () => {
        if (!this.#closed) this.#connection.start();
      },
    };
    this.#upgrade = options.upgrades ? new SimUpgrade(options.upgrades, self, options.timers) : null;
    this.#connection = new Connection({
      open: this.#upgrade?.listening(options.open) ?? options.open,
      spool: this.#spool,
      identity: memoryIdentity(privateKeyOf(options.seed, options.index)),
      serverKey: options.serverKey,
      firstSight: options.serverKey === null,
      token: options.token,
      capabilities: this.#upgrade === null ? [] : ['upgrade'],
      facts: { agentVersion: '0.1.0-sim', hostname: this.machine.hostname, platform: 'linux', bootId },
      nowMs: options.nowMs,
      elapsedMs: options.elapsedMs,
      timers: options.timers,
      random: { unit: Math.random, bytes: randomBytes },
      on: {
        accepted: (message) => this.#accepted(message.inventory),
        acknowledged: () => {},
        configured: () => {},
        live: () => {},
        record: () => {},
        witness: () => {},
        upgrade: () => {},
        rollBack: () => {},
        skew: () => {},
        restored: () => {},
        status: (status) => options.onStatus(options.index, status),
      },
    });
    if (this.#spool.depth === 0) this.#appendInventory({});
    this.#spool.appendEvents(
      [
        {
          type: 'started',
          atMs: this.#startedMs,
          bootId,
          bootedAtMs: this.#startedMs,
          previous: this.#spool.previousGoodbye,
          agentVersion: '0.1.0-sim',
        },
      ],
      this.#startedMs,
    );
  }

  /** Entries that the server has not acknowledged. */
  get depth(): number {
    return this.#spool.depth;
  }

  get dropped(): number {
    return this.#spool.dropped;
  }

  get online(): boolean {
    return this.#connection.online;
  }

  start(): void {
    this.#connection.start();
  }

  tick(atMs: Millis): void {
    const sinceStartMs = atMs - this.#startedMs;
    this.#applyOutage(atMs, sinceStartMs);
    if (this.#down === 'shutdown') return;
    const { seed, faults, seriesMin } = this.#options;
    const samples = readings(seed, this.machine, atMs, faults, sinceStartMs, seriesMin);
    this.#spool.appendTick(atMs, samples);
    this.#options.onProduced(this.machine.index, atMs, samples.length);
    this.#connection.pump();
  }

  pump(): void {
    this.#connection.pump();
  }

  /** It loads a release. */
  get isLoading(): boolean {
    return this.#upgrade?.isLoading ?? false;
  }

  /** Number of the release that runs; null: it takes no upgrades. */
  get serial(): number | null {
    return this.#upgrade?.serial ?? null;
  }

  close(): void {
    this.#closed = true;
    this.#connection.stop();
    this.#spool.close();
  }

  #applyOutage(atMs: Millis, sinceStartMs: Millis): void {
    const fault = this.#options.faults.find(
      ({ kind, agents: [first, last], fromS, toS }) =>
        (kind === 'offline' || kind === 'shutdown') &&
        this.machine.index >= first &&
        this.machine.index <= last &&
        sinceStartMs >= fromS * 1_000 &&
        sinceStartMs < toS * 1_000,
    );
    const wanted = fault?.kind === 'offline' || fault?.kind === 'shutdown' ? fault.kind : null;
    if (wanted === this.#down) return;
    this.#down = wanted;
    if (wanted === null) {
      this.#connection.start();
      return;
    }
    if (wanted === 'shutdown') {
      this.#spool.appendEvents([{ type: 'stopping', atMs, reason: 'shutdown' }], atMs);
      this.#connection.goodbye({ reason: 'shutdown' }, atMs);
    }
    this.#connection.stop();
  }

  #accepted(held: Partial<Record<string, string>>): void {
    if (this.#inventory === null) return;
    const missing = Object.entries(this.#inventory).some(([section, hash]) => held[section] !== hash);
    // What is still in the spool will arrive by itself.
    if (missing && this.#spool.depth === 0) this.#appendInventory(held);
  }

  #appendInventory(held: Partial<Record<string, string>>): void {
    const data: Record<string, unknown> = snapshot(this.#options.seed, this.machine);
    const sections: InventoryBody['sections'] = {};
    this.#inventory = {};
    for (const section of INVENTORY_SECTIONS) {
      if (data[section] === undefined) continue;
      const hash = createHash('sha256').update(JSON.stringify(data[section])).digest('hex');
      this.#inventory[section] = hash;
      if (held[section] !== hash) sections[section] = { hash, complete: true, data: data[section] };
    }
    const atMs = this.#options.nowMs();
    if (Object.keys(sections).length > 0) this.#spool.appendInventory({ atMs, sections });
  }
}

/** The same (seed, index) is the same agent in each run. */
function privateKeyOf(seed: number, index: number) {
  const secret = createHash('sha256').update(`muster sim key ${seed} ${index}`).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, secret]), format: 'der', type: 'pkcs8' });
}

function bootIdOf(seed: number, index: number, boots: number): string {
  const hex = createHash('sha256')
    .update(`muster sim boot ${seed} ${index}${boots === 0 ? '' : ` ${boots}`}`)
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
