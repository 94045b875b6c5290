/** Runs the agents of one process through a load: connect, warm up, send, wait for the last acknowledgement. */
import type { Millis } from '@muster/shared/time.ts';
import { LoadAgent, LoadFigures, type LoadFleet } from './load-agent.ts';
import { openWorkload, phaseMs, tickAtMs } from './workload.ts';

export interface LoadOptions {
  readonly url: string;
  readonly serverKey: string;
  readonly tokens: readonly string[];
  readonly firstAgent: number;
  readonly agents: number;
  /** Agents of all processes. */
  readonly fleetSize: number;
  readonly series: number;
  readonly mode: 'paced' | 'burst' | 'storm';
  readonly ticks: number;
  readonly intervalMs: Millis;
  readonly hold: number;
  readonly window: number;
  readonly seed: number;
  readonly startMs: Millis | null;
  readonly firstTick: number;
  readonly warm: number;
  readonly connecting: number;
}

export interface LoadReport {
  readonly setting: Record<string, unknown>;
  readonly agents: number;
  readonly startMs: Millis;
  readonly ticksMade: number;
  readonly framesSent: number;
  readonly framesAcknowledged: number;
  readonly samplesSent: number;
  readonly samplesAcknowledged: number;
  readonly frameBytes: number;
  readonly frameSamples: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly lateFrames: number;
  readonly lateFirstFrames: number;
  readonly ackMsMax: number;
  readonly ackMs: readonly number[];
  readonly attempts: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly pings: number;
  readonly times: {
    readonly connectMs: Millis | null;
    readonly firstAckMs: Millis | null;
    readonly allAcksMs: Millis | null;
  };
  readonly storm: StormReport | null;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface StormReport {
  agentsLost: number;
  /** From the first loss until the server listened again. */
  downMs: Millis;
  /** These from the moment it listened again. */
  firstBackMs: Millis | null;
  halfBackMs: Millis | null;
  allBackMs: Millis | null;
  caughtUpMs: Millis | null;
  attempts: number;
}

export interface LoadSurroundings {
  readonly tell: (event: string) => void;
  /** Resolves when the load may begin; null: at once. */
  readonly gate: (() => Promise<void>) | null;
  /** A start that all processes have in common; null: this process is alone. */
  readonly schedule: (() => Promise<Millis>) | null;
}

/** The paced clock of the load: agents whose moment has come are served together this often. */
const STEP_MS = 5;
const PROBE_MS = 20;
/** Looks whether every machine has been kept up with. */
const STEADY_CHECK_MS = 100;
const STEADY_MS_MAX = 300_000;
/** A server that is being killed may still take connections for so long. */
const KILLED_MS = 300;
/** Storm: over how long the agents come back, as the first attempt of an agent does. */
const STORM_MS = 1_000;

export async function runLoad(options: LoadOptions, around: LoadSurroundings): Promise<LoadReport> {
  const load = new Load(options, await openWorkload(options.series), around);
  return load.run();
}

class Load {
  readonly #options: LoadOptions;
  readonly #around: LoadSurroundings;
  readonly #source: string;
  readonly #figures = new LoadFigures();
  readonly #agents: LoadAgent[];
  readonly #target: LoadFleet['target'];
  #startMs: Millis;
  #online = 0;
  #toConnect: LoadAgent[] = [];
  #first = true;
  #ending = false;
  #onOnline: () => void = () => {};
  #onAcked: () => void = () => {};
  #beganMono = 0;
  #firstAckMs: Millis | null = null;
  /** Storm. */
  #storm: StormReport | null = null;
  #lostAtMono = 0;
  #listeningAtMono: number | null = null;
  #targets: number[] | null = null;
  #behind = 0;
  #behindAgents = new Set<LoadAgent>();
  #attemptsBefore = 0;

  constructor(
    options: LoadOptions,
    workload: Awaited<ReturnType<typeof openWorkload>>,
    around: LoadSurroundings,
  ) {
    this.#options = options;
    this.#around = around;
    this.#source = workload.source;
    const { hostname, port, pathname } = new URL(options.url);
    this.#target = {
      host: hostname,
      port: Number(port),
      path: pathname,
      serverKey: options.serverKey,
      tokens: options.tokens,
    };
    const { mode, ticks, intervalMs, fleetSize } = options;
    this.#startMs =
      options.startMs ??
      (mode === 'burst' ? Date.now() - (ticks + options.warm + 1) * intervalMs : Date.now());
    const fleet: LoadFleet = {
      target: this.#target,
      series: workload.series,
      numbers: workload.series.map((_, number) => number),
      seed: options.seed,
      epochSalt: options.startMs === null ? String(Date.now()) : String(options.startMs),
      hold: options.hold,
      window: mode === 'burst' ? options.window : Number.POSITIVE_INFINITY,
      figures: this.#figures,
      now: Date.now,
      mono: () => performance.now(),
      atMs: (agent, tick) => tickAtMs({ startMs: this.#startMs, intervalMs, agents: fleetSize }, agent, tick),
      values: (agent) => workload.machine(options.seed, agent),
      opened: (agent) => this.#opened(agent),
      acknowledged: (agent) => this.#acknowledged(agent),
      lost: () => this.#lost(),
      later: (agent, delayMs) => this.#later(agent, delayMs),
    };
    this.#agents = Array.from(
      { length: options.agents },
      (_, i) => new LoadAgent(options.firstAgent + i, fleet, intervalMs),
    );
  }

  async run(): Promise<LoadReport> {
    const { mode, firstTick } = this.#options;
    const cpu = process.cpuUsage();
    const startedMono = performance.now();
    for (const agent of this.#agents) agent.skip(firstTick);
    await this.#connectAll();
    const connectMs = performance.now() - startedMono;
    this.#around.tell('connected');
    if (mode === 'burst') await this.#burst();
    else await this.#paced();
    const allAcksMs = performance.now() - this.#beganMono;
    const { user, system } = process.cpuUsage(cpu);
    this.#ending = true;
    for (const agent of this.#agents) agent.close();
    this.#around.tell('done');
    return this.#report({
      times: { connectMs, firstAckMs: this.#firstAckMs, allAcksMs },
      seconds: (performance.now() - startedMono) / 1_000,
      cpuSeconds: (user + system) / 1e6,
    });
  }

  async #connectAll(): Promise<void> {
    const { connecting } = this.#options;
    const all = new Promise<void>((resolve) => {
      this.#onOnline = resolve;
    });
    this.#toConnect = [...this.#agents].reverse();
    const atOnce = connecting === 0 ? this.#agents.length : connecting;
    for (let i = 0; i < atOnce; i++) this.#connectNext();
    if (this.#agents.length > 0) await all;
    this.#first = false;
  }

  #connectNext(): void {
    const agent = this.#toConnect.pop();
    if (!agent) return;
    agent.connect();
  }

  async #burst(): Promise<void> {
    const { ticks, warm } = this.#options;
    await this.#sendAll(warm);
    this.#around.tell('ready');
    await this.#around.gate?.();
    this.#startFigures();
    this.#around.tell('burst');
    await this.#sendAll(ticks);
  }

  /** So many ticks of each agent, each as soon as its window has room for it. */
  #sendAll(ticks: number): Promise<void> {
    const { window, hold } = this.#options;
    const until = new Map(this.#agents.map((agent) => [agent, agent.ticksMade + ticks]));
    const unfinished = new Set(this.#agents);
    const fill = (agent: LoadAgent) => {
      const end = until.get(agent) ?? 0;
      while (agent.ticksMade < end && agent.waiting < window)
        for (let i = 0; i < hold && agent.ticksMade < end; i++) agent.makeTick();
      if (agent.ticksMade >= end) {
        agent.closeFrame();
        if (agent.waiting === 0) unfinished.delete(agent);
      }
    };
    return new Promise((resolve) => {
      this.#acked = (agent) => {
        fill(agent);
        if (unfinished.size === 0) resolve();
      };
      for (const agent of this.#agents) fill(agent);
      if (unfinished.size === 0) resolve();
    });
  }

  #acked: (agent: LoadAgent) => void = () => {};

  async #paced(): Promise<void> {
    const { mode, ticks, warm, intervalMs, firstTick, startMs } = this.#options;
    await this.#around.gate?.();
    const commonMs = await this.#around.schedule?.();
    if (startMs === null) this.#startMs = commonMs ?? Date.now();
    this.#beganMono = performance.now();
    this.#figures.steadyFromMono = this.#beganMono + (warm + 1) * intervalMs;
    setTimeout(() => this.#tellSteady(STEADY_MS_MAX), (warm + 1) * intervalMs).unref();
    await this.#tickUntil(() => {
      if (mode === 'storm' && (this.#storm === null || this.#storm.caughtUpMs === null))
        return Number.POSITIVE_INFINITY;
      return firstTick + ticks;
    });
    await this.#drained();
  }

  /** A storm is of machines that are known: where the making of so many takes longer than the warm ticks, it is waited for. */
  #tellSteady(leftMs: Millis): void {
    const isKeptUp = this.#options.mode !== 'storm' || this.#agents.every(({ waiting }) => waiting <= 1);
    if (isKeptUp) return this.#around.tell('steady');
    if (leftMs <= 0)
      throw new Error(`after ${STEADY_MS_MAX / 1_000} s the server does not keep up with the agents`);
    setTimeout(() => this.#tellSteady(leftMs - STEADY_CHECK_MS), STEADY_CHECK_MS).unref();
  }

  /** `end`: the first tick that is made no more. */
  #tickUntil(end: () => number): Promise<void> {
    const { intervalMs, fleetSize } = this.#options;
    const order = this.#agents
      .map((agent) => ({ agent, phase: phaseMs(intervalMs, fleetSize, agent.index) }))
      .sort((a, b) => a.phase - b.phase);
    const offsetMono = performance.now() - (Date.now() - this.#startMs);
    let tick = this.#options.firstTick;
    let next = 0;
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const elapsedMs = performance.now() - offsetMono;
        while (tick < end()) {
          const due = order[next];
          if (!due) {
            tick++;
            next = 0;
            if (order.length === 0) break;
            continue;
          }
          if (tick * intervalMs + due.phase > elapsedMs) return;
          due.agent.makeTick();
          next++;
        }
        clearInterval(timer);
        for (const agent of this.#agents) agent.closeFrame();
        resolve();
      }, STEP_MS);
    });
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.#agents.every(({ waiting }) => waiting === 0)) resolve();
      };
      this.#onAcked = check;
      check();
    });
  }

  #startFigures(): void {
    const { refused: _refused, ackMs, ...counts } = this.#figures;
    for (const name of Object.keys(counts) as (keyof typeof counts)[])
      if (name !== 'attempts' && name !== 'accepted' && typeof counts[name] === 'number')
        Object.assign(this.#figures, { [name]: 0 });
    ackMs.fill(0);
    this.#beganMono = performance.now();
    this.#firstAckMs = null;
  }

  #opened(agent: LoadAgent): void {
    this.#online++;
    if (this.#first) this.#connectNext();
    if (this.#storm !== null) this.#back(this.#storm, agent);
    if (this.#online === this.#agents.length) this.#onOnline();
  }

  #back(storm: StormReport, agent: LoadAgent): void {
    if (this.#listeningAtMono === null) return;
    const afterMs = performance.now() - this.#listeningAtMono;
    storm.firstBackMs ??= afterMs;
    if (this.#online >= this.#agents.length / 2) storm.halfBackMs ??= afterMs;
    if (this.#online < this.#agents.length || storm.allBackMs !== null) return;
    storm.allBackMs = afterMs;
    storm.attempts = this.#figures.attempts - this.#attemptsBefore;
    this.#around.tell('back');
    this.#targets = this.#agents.map(({ lastSeq }) => lastSeq);
    this.#behindAgents = new Set(this.#agents.filter((one) => one.waiting > 0));
    this.#behind = this.#behindAgents.size;
    this.#caughtUp(agent);
  }

  #caughtUp(agent: LoadAgent): void {
    const storm = this.#storm;
    if (storm === null || this.#targets === null || storm.caughtUpMs !== null) return;
    const target = this.#targets[agent.index - this.#options.firstAgent] as number;
    if (agent.ackedSeq >= target && this.#behindAgents.delete(agent)) this.#behind--;
    if (this.#behind > 0 || this.#listeningAtMono === null) return;
    storm.caughtUpMs = performance.now() - this.#listeningAtMono;
    this.#around.tell('caught-up');
  }

  #acknowledged(agent: LoadAgent): void {
    this.#firstAckMs ??= performance.now() - this.#beganMono;
    if (this.#targets !== null) this.#caughtUp(agent);
    this.#acked(agent);
    this.#onAcked();
  }

  #lost(): void {
    this.#online--;
    if (this.#ending || this.#options.mode !== 'storm') return;
    if (this.#storm === null) {
      this.#around.tell('lost');
      this.#lostAtMono = performance.now();
      this.#storm = {
        agentsLost: 0,
        downMs: 0,
        firstBackMs: null,
        halfBackMs: null,
        allBackMs: null,
        caughtUpMs: null,
        attempts: 0,
      };
      const storm = this.#storm;
      setTimeout(() => this.#probe(storm), KILLED_MS);
    }
    this.#storm.agentsLost++;
  }

  /** Asks until the server says that it is ready. */
  #probe(storm: StormReport): void {
    const { host, port } = this.#target;
    fetch(`http://${host}:${port}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false)
      .then((ready) => {
        if (ready) this.#rush(storm);
        else setTimeout(() => this.#probe(storm), PROBE_MS);
      }, reportFailure);
  }

  #rush(storm: StormReport): void {
    this.#listeningAtMono = performance.now();
    storm.downMs = this.#listeningAtMono - this.#lostAtMono;
    this.#attemptsBefore = this.#figures.attempts;
    this.#around.tell('listening');
    for (const agent of this.#agents) {
      agent.forgetAttempts();
      setTimeout(() => agent.connect(), Math.random() * STORM_MS);
    }
  }

  #later(agent: LoadAgent, delayMs: Millis): void {
    if (this.#ending) return;
    const storming = this.#storm !== null && this.#listeningAtMono === null;
    // They all wait for the probe.
    if (storming) return;
    setTimeout(() => agent.connect(), delayMs);
  }

  #report(end: Pick<LoadReport, 'times' | 'seconds' | 'cpuSeconds'>): LoadReport {
    const { mode, ticks, series, intervalMs, hold, seed } = this.#options;
    const { ackMs, ...figures } = this.#figures;
    return {
      ...figures,
      ackMs: [...ackMs],
      setting: { mode, ticks, series, intervalMs, hold, seed, workload: this.#source },
      agents: this.#agents.length,
      startMs: this.#startMs,
      storm: this.#storm,
      ...end,
    };
  }
}

function reportFailure(error: unknown): void {
  console.error(error);
  process.exit(1);
}
