/**
 * The running agent: what is due is collected, goes into the spool and over the connection. The machine, the
 * network, time and chance are given, so that a simulation runs thousands of these in one process.
 */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { CollectorName } from '@muster/shared/privacy/collectors.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { InstalledRelease, Upgrading } from '@muster/shared/wire/agent-messages.ts';
import { type LeaveReason, toldReason } from '@muster/shared/wire/goodbye.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { AgentConfig, SignedConfig, Upgrade } from '@muster/shared/wire/server-messages.ts';
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import type { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import {
  INTERVAL_MS_DEFAULT,
  INVENTORY_INTERVAL_MS_DEFAULT,
  SERIES_PER_AGENT_MAX,
  TOP_PROCESSES_MAX,
} from '@muster/shared/wire/limits.ts';
import type { Checks, ChecksStatus } from './checks/checks.ts';
import type { Configuration, ConfigurationStatus } from './configuration.ts';
import { type ClockReading, ClockWatch } from './clock-watch.ts';
import type { CollectionScope, CollectorStates, Collection } from './collectors/index.ts';
import type { TopProcessesState } from './collectors/top-processes/top-processes.ts';
import {
  type ConfigureMessage,
  Connection,
  type ConnectionOptions,
  type LinkProblem,
  type LinkStatus,
} from './connection.ts';
import { type Economy, economy, type Line, type Power } from './economy.ts';
import { collectingRecorder, type Recorder } from './flight-recorder.ts';
import { stirredUntil } from './flight-pace.ts';
import { HALF_MINUTE_MS_MAX, isDueWithTick } from './half-minute.ts';
import type { AcceptedMessage } from './handshake.ts';
import type { InventoryAsked } from './inventory/section.ts';
import { type Inventory, inventoryReport, type SectionHashes, sectionBySection } from './inventory-report.ts';
import { PROCESS_LISTS_SHARE_MAX, ProcessPace } from './process-pace.ts';
import { delayToNextTick, phaseOf } from './schedule.ts';
import type { Spool } from './spool.ts';
import {
  allowedEvent,
  allowedProcesses,
  newlyOff,
  SECTION_FAILED,
  sectionsTouched,
  type SwitchedOff,
} from './switched-off.ts';
import type { Timer } from './timers.ts';
import type { Testimony, Witness } from './witness.ts';

/** The machine as the agent sees it. */
export interface Machine {
  readonly bootId: string;
  readonly bootedAtMs: Millis;
  clocks(): ClockReading;
  /** `states` belongs to one rhythm of reading (regular, live, flight recorder) and is kept by the caller. */
  collect(scope: CollectionScope, states: CollectorStates, off: readonly string[]): Collection;
  /** Of the key series of the last minutes; absent: they are collected with each reading. */
  recorder?(): Recorder;
  inventory(
    report: (failure: { section: InventorySection; detail: string }) => void,
    asked: InventoryAsked,
  ): Promise<Inventory>;
  topProcesses(
    previous: TopProcessesState | null,
    elapsedMs: Millis,
    /** So many more, by resident memory. */
    largest?: number,
  ): { items: readonly TopProcess[]; state: TopProcessesState };
}

/** `atMs` on the clock that stands still while the machine sleeps. */
interface ProcessList {
  readonly items: readonly TopProcess[];
  readonly state: TopProcessesState;
  readonly atMs: Millis;
}

export interface AgentOptions {
  readonly machine: Machine;
  readonly spool: Spool;
  readonly link: Omit<
    ConnectionOptions,
    'spool' | 'on' | 'facts' | 'release' | 'nowMs' | 'elapsedMs' | 'capabilities'
  > & {
    readonly facts: Omit<ConnectionOptions['facts'], 'bootId'>;
  };
  /** One line for the log. */
  readonly log: (line: string) => void;
  /** After each change, and at least every half minute. */
  readonly onStatus: (status: AgentStatus) => void;
  /** false: no flight recorder, as in a simulation of thousands. */
  readonly recorder?: boolean;
  /** Looked at every half minute; absent: on mains and a free line. */
  readonly surroundings?: () => { readonly power: Power; readonly line: Line };
  /** Takes and keeps what the server signs; absent: it takes any configuration, as in a simulation of thousands. */
  readonly configuration?: Pick<Configuration, 'current' | 'take' | 'status'>;
  /** Looks for silent neighbours; absent where nobody switched that on. */
  readonly witness?: Pick<Witness, 'ask'>;
  /** Probes what the server signs; absent: it never does, as in a simulation of thousands. */
  readonly checks?: Checks;
  /** Absent: it takes no upgrades from the server. */
  readonly upgrades?: Upgrades;
}

/** Goes over to releases that the server names, where the agent is installed so that it can. */
export interface Upgrades {
  installed(): InstalledRelease;
  /** The same order again changes nothing; `tell` hears of each step. */
  order(order: Upgrade, tell: TellUpgrading): void;
  rollBack(serial: number, tell: TellUpgrading): void;
  /** The agent stops: nothing is loaded any more. */
  stop(): void;
}
export type TellUpgrading = (progress: Omit<Upgrading, 'type'>) => void;

export interface AgentStatus {
  readonly agentId: string;
  readonly agentVersion: string;
  readonly atMs: Millis;
  readonly startedAtMs: Millis;
  readonly link: LinkStatus;
  readonly lastProblem: (LinkProblem & { readonly atMs: Millis }) | null;
  /** The server's clock minus ours, null before the first connection. */
  readonly clockSkewMs: Millis | null;
  readonly lastTickAtMs: Millis | null;
  /** Of a run that has ended: its last word, where the server acknowledged it. */
  readonly goodbyeTaken: LeaveReason | null;
  /** When the server last had something durable of this process; null: not yet. */
  readonly ackedAtMs: Millis | null;
  readonly intervalMs: Millis;
  readonly economy: Economy;
  readonly configuration: ConfigurationStatus & {
    /** Names, of what holds now. */
    readonly off: Readonly<Record<'collectors' | 'sections' | 'fields', readonly string[]>>;
  };
  /** null: it runs none at all. */
  readonly checks: ChecksStatus | null;
  readonly spool: {
    readonly epoch: string;
    readonly lastSeq: number;
    readonly depth: number;
    readonly usedBytes: number;
    readonly dropped: number;
    readonly fault: string | null;
  };
}

export const CONFIG_DEFAULT: AgentConfig = {
  intervalMs: INTERVAL_MS_DEFAULT,
  holdMs: 0,
  inventoryIntervalMs: INVENTORY_INTERVAL_MS_DEFAULT,
  collectorsOff: [],
  wake: [],
};

/** Longest wait for the server's acknowledgement of the goodbye. */
export const GOODBYE_MS_MAX = 2_000;
/** For the connection of an agent that is uninstalled; with the goodbye it ends before the service loses patience. */
export const LAST_ATTEMPT_MS_MAX = 4_000;
/** Awake for so long after it was told of a sleep, the machine does not sleep. */
export const SLEEP_MS_MAX = 30_000;
/** The second tick follows the first so soon that rates show at once. */
const SECOND_TICK_MS = 1_000;
/** Time over which the CPU of the top processes is measured for a recording. */
const TOP_PROCESSES_MS = 1_000;
/** The same failure of a collector is reported this often at most. */
const FAILURE_MS_MIN = 3_600_000;
const NOTHING_SIGNED: ConfigurationStatus = { version: null, takenAtMs: null, groups: null, refused: null };
/** By whose switch the agent's own series go. */
const OWN_COLLECTOR: CollectorName = 'agent-self';
/** Half of what a connection may declare, so that series may come and go before a new one is needed. */
const SERIES_PER_TICK_MAX = SERIES_PER_AGENT_MAX / 2;

/** What it can do beyond the necessary, with what it was given. */
function capabilitiesOf({ recorder, witness, upgrades, configuration, checks }: AgentOptions): string[] {
  return [
    'hold',
    'live',
    ...(recorder === false ? [] : ['flight']),
    ...(witness === undefined ? [] : ['witness']),
    ...(upgrades === undefined ? [] : ['upgrade']),
    ...(configuration === undefined ? [] : ['signed-config']),
    ...(checks === undefined ? [] : [checks.status().reach === 'off' ? 'checks-forbidden' : 'checks']),
  ];
}

const SWITCHED_OFF: Testimony = { answer: 'refused', by: null, refusal: 'off', gateway: 'unknown' };

export class Agent {
  readonly #options: AgentOptions;
  readonly #machine: Machine;
  readonly #spool: Spool;
  readonly #connection: Connection;
  readonly #clocks: ClockWatch;
  #recorder: Recorder | null;
  readonly #processPace = new ProcessPace(PROCESS_LISTS_SHARE_MAX);
  readonly #timers = new Map<string, Timer>();
  readonly #states: Record<'regular' | 'live', CollectorStates> = { regular: new Map(), live: new Map() };
  readonly #startedAtMs: Millis;
  #config: AgentConfig;
  #economy: Economy;
  /** Until then something stirs and the flight recorder looks closely; by `awakeMs`. */
  #stirredUntilMs: Millis = 0;
  #lastTick: { readonly wallMs: Millis; readonly awakeMs: Millis } | null = null;
  #live: {
    intervalMs: Millis;
    untilMs: Millis;
    processes: Pick<ProcessList, 'state' | 'atMs'> | null;
  } | null = null;
  /** Wake levels by metric, each with the instances that are beyond it. */
  readonly #wake = new Map<string, { level: AgentConfig['wake'][number]; beyond: Set<string> }[]>();
  #failures = new Map<string, { detail: string; atMs: Millis }>();
  /** The last one, by the hashes of what went into the spool or was there already. */
  #inventory: { readonly at: Millis; readonly hashes: SectionHashes } | null = null;
  #collectingInventory = false;
  #heldInventory: SectionHashes = {};
  #spooledInventory: { readonly epoch: string; readonly seq: number; readonly hashes: SectionHashes }[] = [];
  #skewMs: Millis | null = null;
  #lastProblem: AgentStatus['lastProblem'] = null;
  #drained: (() => void) | null = null;
  #attempted: (() => void) | null = null;
  #goodbyeTaken: LeaveReason | null = null;
  #toldDepth = 0;
  #ackedAtMs: Millis | null = null;
  #syncedAwakeMs: Millis = 0;
  /** Of the last look of the flight recorder. */
  #flightAwakeMs: Millis = Number.NEGATIVE_INFINITY;
  /** Told of a sleep by whoever runs this agent. */
  #asleepAtMs: Millis | null = null;

  constructor(options: AgentOptions) {
    const { machine, spool, link } = options;
    this.#options = options;
    this.#machine = machine;
    this.#spool = spool;
    const reading = machine.clocks();
    this.#startedAtMs = reading.wallMs;
    this.#clocks = new ClockWatch(reading);
    this.#recorder = options.recorder === false ? null : this.#newRecorder();
    this.#config = options.configuration?.current?.config ?? CONFIG_DEFAULT;
    // The run before may have ended between the two.
    spool.leaveOut(this.#config);
    this.#economy = economy('mains', 'free', this.#config);
    this.#setWake(this.#config);
    this.#connection = new Connection({
      ...link,
      facts: { ...link.facts, bootId: machine.bootId },
      release: () => options.upgrades?.installed() ?? null,
      spool,
      capabilities: capabilitiesOf(options),
      nowMs: () => machine.clocks().wallMs,
      elapsedMs: () => machine.clocks().sinceBootMs,
      on: {
        accepted: (message, serverKey) => this.#accepted(message, serverKey),
        acknowledged: () => this.#acknowledged(),
        configured: (message, serverKey) => this.#reconfigured(message, serverKey),
        live: (leaseMs, intervalMs) => this.#lease(leaseMs, intervalMs),
        record: (requestId) => this.#record(requestId),
        witness: (requestId, address) => this.#witness(requestId, address),
        upgrade: (order) => options.upgrades?.order(order, this.tellUpgrading),
        rollBack: (serial) => options.upgrades?.rollBack(serial, this.tellUpgrading),
        skew: (skewMs) => {
          this.#skewMs = skewMs;
        },
        restored: (serverSeq, ownSeq) =>
          options.log(
            `the server holds ${serverSeq} frames of this agent, its spool had only ${ownSeq}: the disk was restored from an image, or lost its last writes. Goes on in a new epoch.`,
          ),
        status: (status) => this.#linkStatus(status),
      },
    });
  }

  get connection(): Connection {
    return this.#connection;
  }

  readonly tellUpgrading: TellUpgrading = (progress) => this.#connection.upgrading(progress);

  /** What it does without for now; no release is to be loaded unless `downloads`. */
  get economy(): Economy {
    return this.#economy;
  }

  /** Something about the agent itself that an administrator should know: in the log and among the events. */
  tell(detail: string): void {
    this.#options.log(detail);
    this.#event({
      type: 'collector-failed',
      atMs: this.#timeToWrite(),
      collector: 'agent',
      detail: detail.slice(0, 500),
    });
  }

  start(): void {
    const { machine, link } = this.#options;
    this.#lookAround();
    this.#event({
      type: 'started',
      atMs: this.#startedAtMs,
      bootId: machine.bootId,
      bootedAtMs: Math.max(0, Math.round(machine.bootedAtMs)),
      previous: this.#spool.previousGoodbye,
      agentVersion: link.facts.agentVersion,
    });
    this.#check(this.#config);
    this.#tick();
    // The first tick stands beside the grid and must not push the next one off it.
    this.#lastTick = null;
    this.#after('tick', SECOND_TICK_MS, () => this.#regularTick());
    this.#sync();
    this.#connection.start();
  }

  /** Says why, waits shortly for the acknowledgement, closes everything. */
  async stop(reason: LeaveReason): Promise<void> {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    // The server goes by what it measured of this clock at the handshake; what stays for the next run goes over into the new time.
    const steppedMs = this.#steppedMs();
    const atMs = this.#machine.clocks().wallMs - steppedMs;
    this.#spool.release();
    const told = toldReason(reason);
    this.#spool.setGoodbye(told.reason);
    this.#event({ type: 'stopping', atMs, ...told });
    if (reason === 'uninstall' && !this.#connection.online) await this.#lastAttempt();
    if (this.#connection.online) {
      const drained = new Promise<boolean>((resolve) => {
        this.#drained = () => resolve(true);
        this.#after('goodbye', GOODBYE_MS_MAX, () => resolve(false));
      });
      this.#connection.goodbye(told, atMs);
      if (this.#spool.depth === 0 || (await drained)) this.#goodbyeTaken = reason;
    }
    if (reason === 'uninstall' && this.#goodbyeTaken === null)
      this.#options.log('the server could not be told that this agent is uninstalled');
    this.kill();
    const stepsMs = steppedMs + this.#steppedMs();
    if (stepsMs !== 0) this.#spool.shiftTimes(stepsMs);
    this.#spool.sync();
    this.#spool.close();
    this.#tellStatus();
  }

  /** There is no next run that could tell it. */
  #lastAttempt(): Promise<void> {
    return new Promise((resolve) => {
      this.#attempted = resolve;
      this.#after('last-attempt', LAST_ATTEMPT_MS_MAX, resolve);
      if (!this.#connection.attempt()) resolve();
    });
  }

  /** The machine goes to sleep: told while there is a line, which would look lost otherwise. */
  sleep(): void {
    if (this.#asleepAtMs !== null) return;
    this.#asleepAtMs = this.#timeToWrite();
    this.#connection.goodbye({ reason: 'sleep' }, this.#asleepAtMs);
    this.#connection.stop();
    // Not every sleep comes about.
    this.#after('wake', SLEEP_MS_MAX, () => this.wake());
  }

  wake(): void {
    if (this.#asleepAtMs === null) return;
    this.#cancel('wake');
    const wallMs = this.#timeToWrite();
    this.#slept(this.#asleepAtMs, wallMs);
    this.#asleepAtMs = null;
    this.#connection.start();
  }

  /** Ends without a word and leaves the spool open: what a kill looks like in a simulation. */
  kill(): void {
    this.#options.upgrades?.stop();
    this.#options.checks?.stop();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#connection.stop();
  }

  status(): AgentStatus {
    const { link } = this.#options;
    const { epoch, lastSeq, depth, usedBytes, dropped, fault } = this.#spool;
    return {
      agentId: link.identity.keys.agentId,
      agentVersion: link.facts.agentVersion,
      atMs: this.#machine.clocks().wallMs,
      startedAtMs: this.#startedAtMs,
      link: this.#connection.status,
      lastProblem: this.#lastProblem,
      clockSkewMs: this.#skewMs,
      lastTickAtMs: this.#lastTick?.wallMs ?? null,
      goodbyeTaken: this.#goodbyeTaken,
      ackedAtMs: this.#ackedAtMs,
      intervalMs: this.#config.intervalMs,
      economy: this.#economy,
      configuration: {
        ...(this.#options.configuration?.status ?? NOTHING_SIGNED),
        off: {
          collectors: this.#config.collectorsOff,
          sections: this.#config.sectionsOff ?? [],
          fields: this.#config.fieldsOff ?? [],
        },
      },
      checks: this.#options.checks?.status() ?? null,
      spool: { epoch, lastSeq, depth, usedBytes, dropped, fault },
    };
  }

  #regularTick(): void {
    // Before the tick: what waits then has waited for longer than a moment.
    if (isDueWithTick(this.#machine.clocks().awakeMs - this.#syncedAwakeMs)) this.#sync();
    this.#tick();
    this.#planTick();
  }

  #planTick(): void {
    const { wallMs, awakeMs } = this.#machine.clocks();
    const { keys } = this.#options.link.identity;
    const delayMs = delayToNextTick(
      {
        intervalMs: this.#config.intervalMs,
        phase: phaseOf(keys.agentId),
        live: null,
        lastTickMonotonicMs: this.#lastTick?.awakeMs ?? null,
      },
      { wallMs, monotonicMs: awakeMs },
    );
    this.#after('tick', delayMs, () => this.#regularTick());
  }

  #tick(): void {
    this.#lookAtClocks();
    const { wallMs, awakeMs } = this.#machine.clocks();
    const { samples, errors } = this.#machine.collect(
      'all',
      this.#states.regular,
      this.#config.collectorsOff,
    );
    for (const { collector, detail } of errors) this.#failed(collector, detail);
    const all = this.#withOwn([...samples, ...(this.#options.checks?.samples() ?? [])]);
    const crossed = this.#crossedWakeLevel(all);
    const { intervalMs } = this.#config;
    const { holdMs } = this.#economy;
    const holding = holdMs > 0 && !crossed && this.#live === null;
    this.#spool.appendTick(wallMs, all, holding);
    const heldSinceMs = this.#spool.heldSinceMs;
    if (heldSinceMs !== null && wallMs + intervalMs - heldSinceMs > holdMs) this.#spool.release();
    this.#lastTick = { wallMs, awakeMs };
    this.#connection.pump();
    this.#paceFlight(all, { wallMs, awakeMs });
  }

  #withOwn(samples: readonly Sample[]): readonly Sample[] {
    if (samples.length > SERIES_PER_TICK_MAX)
      this.#failed('agent', `${samples.length} series, only the first ${SERIES_PER_TICK_MAX} are sent`);
    if (this.#config.collectorsOff.includes(OWN_COLLECTOR)) return samples.slice(0, SERIES_PER_TICK_MAX);
    return [
      ...samples.slice(0, SERIES_PER_TICK_MAX),
      { metric: 'agent.spool.used', instance: '', value: this.#spool.usedBytes },
      { metric: 'agent.spool.dropped', instance: '', value: this.#spool.dropped },
    ];
  }

  /** New levels: on which side of the old ones a value was says nothing of them. */
  #setWake({ wake }: AgentConfig): void {
    this.#wake.clear();
    for (const level of wake) {
      const ofMetric = this.#wake.get(level.metric) ?? [];
      ofMetric.push({ level, beyond: new Set() });
      this.#wake.set(level.metric, ofMetric);
    }
  }

  /** True when a value is on the other side of a wake level than it was at the last tick. */
  #crossedWakeLevel(samples: readonly Sample[]): boolean {
    let crossed = false;
    if (this.#wake.size === 0) return crossed;
    for (const { metric, instance, value } of samples) {
      for (const { level, beyond } of this.#wake.get(metric) ?? []) {
        if (level.instance !== null && instance !== level.instance) continue;
        const is = level.op === 'above' ? value > level.level : value < level.level;
        if (is === beyond.has(instance)) continue;
        crossed = true;
        if (is) beyond.add(instance);
        else beyond.delete(instance);
      }
    }
    return crossed;
  }

  #newRecorder(): Recorder {
    const states: CollectorStates = new Map();
    return (
      this.#machine.recorder?.() ??
      collectingRecorder((off) => this.#machine.collect('flight', states, off).samples)
    );
  }

  #paceFlight(samples: readonly Sample[], { wallMs, awakeMs }: { wallMs: Millis; awakeMs: Millis }): void {
    if (!this.#recorder) return;
    const wasCalm = awakeMs >= this.#stirredUntilMs;
    const isBeyond = [...this.#wake.values()].flat().some(({ beyond }) => beyond.size > 0);
    this.#stirredUntilMs = stirredUntil(samples, isBeyond, awakeMs, this.#stirredUntilMs);
    const stirs = awakeMs < this.#stirredUntilMs;
    if (wasCalm && (stirs || isDueWithTick(awakeMs - this.#flightAwakeMs))) this.#readFlight(wallMs, awakeMs);
  }

  #flight(): void {
    this.#lookAtClocks();
    const { wallMs, awakeMs } = this.#machine.clocks();
    this.#readFlight(wallMs, awakeMs);
  }

  #readFlight(wallMs: Millis, awakeMs: Millis): void {
    const isCalm = awakeMs >= this.#stirredUntilMs;
    this.#after('flight', isCalm ? HALF_MINUTE_MS_MAX : this.#economy.flightIntervalMs, () => this.#flight());
    this.#flightAwakeMs = awakeMs;
    this.#recorder?.read(wallMs, this.#config.collectorsOff);
  }

  #record(requestId: string): void {
    const recorder = this.#recorder;
    if (!recorder) return;
    this.#listProcesses(`record ${requestId}`, 0, null, ({ state, atMs }) =>
      this.#listProcesses(`record ${requestId}`, TOP_PROCESSES_MS, { state, atMs }, ({ items }) =>
        this.#recorded(recorder, requestId, items),
      ),
    );
  }

  #recorded(recorder: Recorder, requestId: string, items: readonly TopProcess[]): void {
    const atMs = this.#timeToWrite();
    recorder
      .recording(this.#config.collectorsOff, () => this.#pause())
      .then(({ timesMs, series }) => {
        // It has stopped meanwhile.
        if (this.#timers.size === 0) return;
        const event: AgentEvent = {
          type: 'flight',
          atMs,
          requestId,
          timesMs,
          series,
          topProcesses: [...items],
        };
        // Something may have been switched off while it was put together.
        this.#event(allowedEvent(event, this.#config));
      })
      .catch((error: unknown) =>
        this.#failed('flight', error instanceof Error ? error.message : String(error)),
      );
  }

  /** After `delayMs`, or later where lists cost much; `previous` as the last one gave it. */
  #listProcesses(
    name: string,
    delayMs: Millis,
    previous: { readonly state: TopProcessesState; readonly atMs: Millis } | null,
    then: (list: ProcessList) => void,
  ): void {
    const waitMs = Math.max(delayMs, this.#processPace.waitMs(this.#machine.clocks().awakeMs));
    if (waitMs > 0) {
      this.#after(name, waitMs, () => this.#listProcesses(name, 0, previous, then));
      return;
    }
    then(this.#processesNow(previous));
  }

  #processesNow(previous: Pick<ProcessList, 'state' | 'atMs'> | null): ProcessList {
    const { awakeMs } = this.#machine.clocks();
    const { items, state } = this.#machine.topProcesses(
      previous?.state ?? null,
      previous === null ? 0 : awakeMs - previous.atMs,
      TOP_PROCESSES_MAX,
    );
    this.#processPace.made(awakeMs, this.#machine.clocks().awakeMs);
    return { items, state, atMs: awakeMs };
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#options.link.timers.after(0, resolve));
  }

  #witness(requestId: string, address: string): void {
    const { witness, log } = this.#options;
    if (!witness) return this.#connection.witnessed({ requestId, ...SWITCHED_OFF });
    witness
      .ask(address)
      .then((testimony) => {
        // Whoever owns this machine can read what it was asked.
        const said = testimony.refusal === null ? testimony.answer : `refused, ${testimony.refusal}`;
        log(`the server asked whether ${JSON.stringify(address)} is there: ${said}`);
        this.#connection.witnessed({ requestId, ...testimony });
      })
      .catch((error: unknown) =>
        log(`looking for a neighbour failed: ${error instanceof Error ? error.message : String(error)}`),
      );
  }

  #lease(leaseMs: Millis, intervalMs: Millis): void {
    if (leaseMs === 0 || !this.#economy.live) return this.#endLive();
    const { sinceBootMs } = this.#machine.clocks();
    const untilMs = sinceBootMs + leaseMs;
    if (this.#live) {
      this.#live.untilMs = untilMs;
      this.#live.intervalMs = intervalMs;
      return;
    }
    this.#live = { intervalMs, untilMs, processes: null };
    this.#states.live = new Map();
    this.#spool.release();
    this.#connection.pump();
    this.#liveTick();
  }

  #liveTick(): void {
    const live = this.#live;
    const { wallMs, sinceBootMs } = this.#machine.clocks();
    if (!live || sinceBootMs >= live.untilMs || !this.#connection.online) return this.#endLive();
    this.#after('live', live.intervalMs, () => this.#liveTick());
    const { samples } = this.#machine.collect('all', this.#states.live, this.#config.collectorsOff);
    this.#connection.sendLive(wallMs, samples.slice(0, SERIES_PER_TICK_MAX));
    if (this.#processPace.waitMs(this.#machine.clocks().awakeMs) > 0) return;
    const list = this.#processesNow(live.processes);
    // The first list has nothing to compare with: every CPU share in it would be 0.
    if (live.processes)
      this.#connection.sendProcesses(
        wallMs,
        allowedProcesses(list.items.slice(0, TOP_PROCESSES_MAX), this.#config),
      );
    live.processes = list;
  }

  #endLive(): void {
    this.#live = null;
    this.#cancel('live');
  }

  /** What is signed where anything ever was; otherwise what the server says, as older ones do. */
  #told(
    { config, signed }: { config: AgentConfig; signed?: SignedConfig | undefined },
    serverKey: string,
  ): void {
    const { configuration, log } = this.#options;
    // Whom to reach out to is nothing that an agent believes without a signature.
    const unsigned = { ...config, checks: [] };
    if (configuration === undefined) return this.#configure(unsigned);
    if (signed === undefined) {
      const { current } = configuration;
      if (current === null) return this.#configure(unsigned);
      log(`the server sent a configuration without a signature; version ${current.version} stays`);
      return;
    }
    const answer = configuration.take(signed, serverKey);
    // Before anything that goes by it: the server must know why something is missing.
    this.#connection.configured({
      version: configuration.current?.version ?? null,
      refused: answer.type === 'refused' ? answer.why : null,
    });
    if (answer.type === 'taken') this.#configure(answer.config);
    this.#tellStatus();
  }

  #reconfigured(message: ConfigureMessage, serverKey: string): void {
    const { intervalMs } = this.#config;
    this.#told(message, serverKey);
    // The server measures silence by the interval that it knew when the connection began: a longer one would look like it.
    if (this.#config.intervalMs > intervalMs) this.#connection.reconnect('another interval');
  }

  #configure(config: AgentConfig): void {
    const before = this.#config;
    this.#config = config;
    this.#leaveOut(newlyOff(config, before));
    this.#lookAround();
    this.#setWake(config);
    this.#check(config);
    // What was recorded of a collector while it was off, or before that, must not be told later.
    if (this.#recorder && config.collectorsOff.join('\n') !== before.collectorsOff.join('\n'))
      this.#recorder = this.#newRecorder();
    // The first connection comes right after the first tick, whose successor must not be put off.
    if (config.intervalMs !== before.intervalMs && this.#lastTick) this.#planTick();
    if (config.inventoryIntervalMs !== before.inventoryIntervalMs) this.#planInventory();
    if (!sameAsked(askedBy(config), askedBy(before)) && this.#inventory) {
      this.#inventory = null;
      this.#collectInventory(false);
    }
    this.#connection.pump();
  }

  /** Of what waits. Sections that the server is then not told of count as not told. */
  #leaveOut(off: SwitchedOff): void {
    this.#spool.leaveOut(off);
    const gone = sectionsTouched(off);
    if (gone.size === 0) return;
    const others = (hashes: SectionHashes): SectionHashes =>
      Object.fromEntries(Object.entries(hashes).filter(([name]) => !gone.has(name)));
    this.#heldInventory = others(this.#heldInventory);
    this.#spooledInventory = this.#spooledInventory.map((one) => ({ ...one, hashes: others(one.hashes) }));
  }

  #check({ checks = [], collectorsOff }: AgentConfig): void {
    this.#options.checks?.configure(collectorsOff.includes('checks') ? [] : checks);
  }

  #lookAround(): void {
    const { power, line } = this.#options.surroundings?.() ?? { power: 'mains', line: 'free' };
    const before = this.#economy;
    this.#economy = economy(power, line, this.#config);
    if (this.#economy.holdMs < before.holdMs) this.#spool.release();
    if (!this.#economy.live) this.#endLive();
    if (this.#economy.why !== before.why)
      this.#options.log(
        this.#economy.why === null ? 'saves nothing any more' : `saves: ${this.#economy.why}`,
      );
  }

  #accepted(message: AcceptedMessage, serverKey: string): void {
    this.#lookAtClocks();
    this.#told(message, serverKey);
    if (message.pendingApproval) return;
    this.#heldInventory = { ...message.inventory };
    for (const { epoch, seq, hashes } of this.#spooledInventory) {
      if (epoch === this.#spool.epoch && seq >= this.#spool.firstSeq)
        Object.assign(this.#heldInventory, hashes);
    }
    const known = this.#inventory;
    const { wallMs } = this.#machine.clocks();
    const isFresh = known !== null && wallMs - known.at <= this.#config.inventoryIntervalMs;
    // The contents were not kept: a server that lacks some has them collected again.
    if (!isFresh || !isHeld(known.hashes, this.#heldInventory)) this.#collectInventory(false);
  }

  #planInventory(): void {
    // Spread out, so that machines switched on together do not report together for ever.
    const delayMs = this.#config.inventoryIntervalMs * (0.9 + 0.2 * this.#options.link.random.unit());
    this.#after('inventory', delayMs, () => this.#collectInventory(true));
  }

  #collectInventory(confirm: boolean): void {
    this.#planInventory();
    if (this.#collectingInventory) return;
    this.#collectingInventory = true;
    const failed = ({ section, detail }: { section: InventorySection; detail: string }) =>
      this.#failed(`${SECTION_FAILED}${section}`, detail);
    const asked = askedBy(this.#config);
    this.#machine
      .inventory(failed, asked)
      .then((sections) => {
        // Something was switched off meanwhile: what was found is forgotten.
        if (!sameAsked(asked, askedBy(this.#config))) return;
        if (this.#timers.size > 0) this.#sendInventory(sections, !confirm);
        this.#inventory = {
          at: this.#machine.clocks().wallMs,
          hashes: hashesHeld(sections, this.#heldInventory),
        };
      })
      .catch((error: unknown) =>
        this.#failed('inventory', error instanceof Error ? error.message : String(error)),
      )
      .finally(() => {
        this.#collectingInventory = false;
        if (this.#timers.size > 0 && !sameAsked(asked, askedBy(this.#config)))
          this.#collectInventory(confirm);
      });
  }

  #sendInventory(sections: Inventory, changesOnly: boolean): void {
    const body = inventoryReport(this.#timeToWrite(), sections, this.#heldInventory, changesOnly);
    if (!body) return;
    const parts = this.#spool.appendInventory(body) ? [] : sectionBySection(body);
    for (const [name, part] of parts) {
      if (this.#spool.appendInventory(part)) continue;
      this.#failed(`${SECTION_FAILED}${name}`, 'larger than a frame');
      delete body.sections[name];
    }
    const hashes: SectionHashes = {};
    for (const [name, { hash }] of sections) if (body.sections[name]) hashes[name] = hash;
    Object.assign(this.#heldInventory, hashes);
    const { epoch, lastSeq: seq, firstSeq } = this.#spool;
    this.#spooledInventory = this.#spooledInventory.filter(
      (one) => one.epoch === epoch && one.seq >= firstSeq,
    );
    this.#spooledInventory.push({ epoch, seq, hashes });
    this.#connection.pump();
  }

  /** A check that is not as expected any more, in the log and among the events. */
  readonly checkFailed = (check: string, why: string): void => this.#failed(check, why);

  /** Reports a failure once, again when it changes or lasts, so that a broken file does not fill the spool. */
  #failed(collector: string, detail: string): void {
    const wallMs = this.#timeToWrite();
    const before = this.#failures.get(collector);
    if (before && before.detail === detail && Math.abs(wallMs - before.atMs) < FAILURE_MS_MIN) return;
    if (before && Math.abs(wallMs - before.atMs) < this.#config.intervalMs * 6) return;
    this.#failures.set(collector, { detail, atMs: wallMs });
    this.#options.log(`${collector} failed: ${detail}`);
    this.#event({
      type: 'collector-failed',
      atMs: wallMs,
      collector: collector.slice(0, 32),
      detail: detail.slice(0, 500),
    });
  }

  #event(...events: AgentEvent[]): void {
    const atMs = events[0]?.atMs ?? this.#startedAtMs;
    if (!this.#spool.appendEvents(events, atMs))
      this.#options.log(`an event does not fit into a frame: ${events[0]?.type}`);
    this.#connection.pump();
  }

  /** Of what goes into the spool now: after everything there was moved by a step of the clock, which would move this too. */
  #timeToWrite(): Millis {
    this.#lookAtClocks();
    return this.#machine.clocks().wallMs;
  }

  #steppedMs(): Millis {
    return this.#clocks.look(this.#machine.clocks()).steppedMs;
  }

  /** A sleep is told afterwards, with its own goodbye; a clock that was set moves what is not yet sent. */
  #lookAtClocks(): void {
    const reading = this.#machine.clocks();
    const { steppedMs, sleptMs } = this.#clocks.look(reading);
    if (steppedMs !== 0) {
      this.#options.log(`the clock was set by ${steppedMs} ms`);
      this.#spool.release();
      this.#spool.shiftTimes(steppedMs);
      this.#recorder?.shiftTimes(steppedMs);
      if (this.#asleepAtMs !== null) this.#asleepAtMs += steppedMs;
    }
    // Of one that was announced the waking tells, from its very beginning.
    if (sleptMs !== 0 && this.#asleepAtMs === null) {
      const sleptAtMs = Math.max(0, reading.wallMs - sleptMs);
      this.#options.log(`the machine slept for ${Math.round(sleptMs / 1000)} s`);
      this.#slept(sleptAtMs, reading.wallMs);
    }
    // The server measured our clock at the handshake, so a new time needs a new one.
    if (steppedMs !== 0 || sleptMs !== 0)
      this.#connection.reconnect(steppedMs !== 0 ? 'the clock was set' : 'the machine slept');
  }

  #slept(fromMs: Millis, untilMs: Millis): void {
    this.#event(
      { type: 'stopping', atMs: fromMs, reason: 'sleep' },
      {
        type: 'started',
        atMs: untilMs,
        bootId: this.#machine.bootId,
        bootedAtMs: Math.max(0, Math.round(this.#machine.bootedAtMs)),
        previous: 'sleep',
        agentVersion: this.#options.link.facts.agentVersion,
      },
    );
  }

  #sync(): void {
    this.#syncedAwakeMs = this.#machine.clocks().awakeMs;
    this.#after('sync', HALF_MINUTE_MS_MAX, () => this.#sync());
    // First: what waits is not to look old by a clock that was set meanwhile.
    this.#lookAtClocks();
    this.#lookAround();
    this.#connection.pump();
    this.#spool.sync();
    this.#tellStatus();
  }

  #acknowledged(): void {
    const isFirst = this.#ackedAtMs === null;
    this.#ackedAtMs = this.#machine.clocks().wallMs;
    if (this.#spool.depth === 0) this.#drained?.();
    // Otherwise the status would speak of waiting entries until it is renewed.
    if (isFirst || (this.#spool.depth === 0 && this.#toldDepth > 0)) this.#tellStatus();
  }

  #tellStatus(): void {
    this.#toldDepth = this.#spool.depth;
    this.#options.onStatus(this.status());
  }

  #linkStatus(status: LinkStatus): void {
    if (status.state === 'online')
      this.#options.log(status.pendingApproval ? 'connected, waiting for approval' : 'connected');
    if (status.state !== 'connecting') this.#attempted?.();
    if (status.state === 'waiting') {
      const { problem, untilMs } = status;
      const { wallMs } = this.#machine.clocks();
      this.#lastProblem = { ...problem, atMs: wallMs };
      if (problem.code === 'renewed') this.#options.log(`connects anew: ${problem.detail}`);
      else
        this.#options.log(
          `not connected: ${problem.detail} [${problem.code}]${problem.hint === '' ? '' : ` ${problem.hint}`} Next attempt in ${Math.ceil((untilMs - wallMs) / 1000)} s.`,
        );
    }
    this.#tellStatus();
  }

  #after(name: string, delayMs: Millis, run: () => void): void {
    this.#cancel(name);
    const timer = this.#options.link.timers.after(delayMs, () => {
      this.#timers.delete(name);
      run();
    });
    this.#timers.set(name, timer);
  }

  #cancel(name: string): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }
}

export function askedBy({ fingerprints, sectionsOff, fieldsOff }: AgentConfig): InventoryAsked {
  return {
    fingerprintDirectories: fingerprints?.directories ?? [],
    sectionsOff: sectionsOff ?? [],
    fieldsOff: fieldsOff ?? [],
  };
}

function sameAsked(a: InventoryAsked, b: InventoryAsked): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isHeld(hashes: SectionHashes, held: SectionHashes): boolean {
  return Object.entries(hashes).every(([name, hash]) => held[name as InventorySection] === hash);
}

function hashesHeld(sections: Inventory, held: SectionHashes): SectionHashes {
  return Object.fromEntries(
    [...sections].flatMap(([name, { hash }]) => (held[name] === hash ? [[name, hash]] : [])),
  );
}
