/** The machines as they are at this moment, and what the server hears of them: connections, last words, samples, spools. */
import type { Monitoring } from '@muster/server/app-monitoring.ts';
import type { LinkEnd } from '@muster/server/availability/keeper.ts';
import type { StoredTick } from '@muster/server/metrics/store.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { SILENCE_MS_MAX } from '@muster/shared/wire/limits.ts';
import type { Agenda } from './agenda.ts';
import type { Effect } from './effect.ts';
import type { Hands } from './fault.ts';
import { SITES } from './office.ts';
import type { Machine, Office } from './office.ts';
import type { OfficeTime } from './office-time.ts';
import type { Habit } from './people.ts';
import type { Random } from './random.ts';
import type { SeriesTable } from './series-table.ts';
import { type Moment, momentAt, readInto } from './signals.ts';

/** Intervals of the agents: in calm times, and where something happens. */
export const CALM_MS = 5 * MINUTE_MS;
export const FINE_MS = 10 * SECOND_MS;
/** What the spool delivers of an absence: close enough together to prove that the machine was up. */
const SPOOL_STEP_MS = 30 * SECOND_MS;
const SPOOL_TICKS_MAX = 7 * 24 * 120;
/** Services of a machine stand this long after its start. */
const SERVICES_START_MS = 50 * SECOND_MS;
/** After silence without a word time passes in small steps until it must have been judged. */
const WATCH_MS = 100 * SECOND_MS;

interface State {
  readonly machine: Machine;
  readonly agentId: string;
  on: boolean;
  agent: boolean;
  hung: boolean;
  /** Nothing reaches it, though it lives. */
  cut: boolean;
  /** At home or on the way: not behind the switches of the office. */
  home: boolean;
  gone: boolean;
  linked: boolean;
  /** How its last connection broke, while the server has not noticed yet. */
  breaking: { readonly lostMs: Millis } | null;
  boots: number;
  bootedMs: Millis;
  /** Told with the first connection of a new run of the agent. */
  started: { readonly atMs: Millis; readonly previous: 'shutdown' | 'restart' | null } | null;
  /** What the agent keeps while nobody takes it, since then. */
  spoolFromMs: Millis | null;
  fineUntilMs: Millis;
  moves: number;
  /** Raised when plans of connecting are void. */
  turn: number;
  readonly series: readonly number[];
  readonly values: number[];
  readonly tick: { atMs: Millis; series: readonly number[]; values: readonly number[] };
  effects: Effect[];
}

export interface HouseOptions {
  readonly office: Office;
  readonly time: OfficeTime;
  readonly metrics: SeriesTable;
  readonly agenda: Agenda;
  readonly random: Random;
  /** The own server is to be stopped, or started. */
  readonly onServer: (isUp: boolean) => void;
  /** A second machine came online with the key of this one. */
  readonly onClone: (machine: Machine) => void;
}

export class House implements Hands {
  readonly #options: HouseOptions;
  readonly #states: readonly State[];
  readonly #byId: ReadonlyMap<string, State>;
  readonly #byAddress = new Map<string, State>();
  readonly #fine = new Set<State>();
  /** What the server still has to take durably. */
  readonly #waiting: Promise<void>[] = [];
  #server: Monitoring | null = null;
  #nowMs: Millis;
  #seq = 0;
  #asksForPresence = false;
  #watchUntilMs: Millis = -Infinity;
  /** Machine steps, for the figures. */
  samples = 0;

  constructor(options: HouseOptions) {
    this.#options = options;
    this.#nowMs = options.time.startMs;
    this.#states = options.office.machines.map((machine) => this.#stateOf(machine));
    this.#byId = new Map(this.#states.map((state) => [state.machine.id, state]));
    for (const state of this.#states) this.#byAddress.set(state.machine.address, state);
  }

  /** As the rules are to see it. Presence looks at the clock of the connection alone. */
  intervalMs(ciId: string): Millis {
    const state = this.#byId.get(ciId);
    return this.#asksForPresence || (state && state.fineUntilMs > this.#nowMs) ? FINE_MS : CALM_MS;
  }

  /** Does a host answer there? Asked by the probes of the server. */
  answers(address: string): boolean {
    const state = this.#byAddress.get(address);
    return state !== undefined && state.on && !state.home && this.#isInReach(state);
  }

  get isClose(): boolean {
    return this.#fine.size > 0 || this.#watchUntilMs > this.#nowMs;
  }

  setNow(nowMs: Millis): void {
    this.#nowMs = nowMs;
    for (const state of this.#fine) if (state.fineUntilMs <= nowMs) this.#fine.delete(state);
  }

  lookClosely(machines: readonly number[], untilMs: Millis): void {
    for (const index of machines) {
      const state = this.#state(index);
      state.fineUntilMs = Math.max(state.fineUntilMs, untilMs);
      this.#fine.add(state);
    }
  }

  begin(effect: Effect): void {
    const state = this.#state(effect.machine);
    state.effects = [...state.effects, effect];
  }

  end(effect: Effect): void {
    const state = this.#state(effect.machine);
    state.effects = state.effects.filter((one) => one !== effect);
    effect.finish?.();
  }

  /** Samples of all machines, or of those that are looked at closely. */
  async sample(all: boolean): Promise<void> {
    const server = this.#server;
    const moment = momentAt(this.#options.time, this.#nowMs);
    if (server) for (const state of all ? this.#states : this.#fine) this.#sampleOf(server, state, moment);
    if (this.#waiting.length > 0) await Promise.all(this.#waiting.splice(0));
  }

  serverStarts(server: Monitoring): void {
    this.#server = server;
    for (const state of this.#states) this.#look(state);
  }

  serverStops(): void {
    this.#server = null;
    for (const state of this.#states) {
      if (state.linked) this.#spoolFrom(state, this.#nowMs);
      state.linked = false;
      state.breaking = null;
      state.turn += 1;
    }
  }

  /** What people do with their laptops. */
  take(index: number, habit: Habit): void {
    const state = this.#state(index);
    if (state.gone) return;
    switch (habit.what) {
      case 'boot':
      case 'wake':
        state.home = habit.home;
        state.cut = false;
        if (habit.what === 'boot' && !state.on) this.#boot(state, 'shutdown');
        state.on = true;
        state.agent = true;
        break;
      case 'sleep':
      case 'off':
        if (habit.word && state.linked) this.#sayGoodbye(state, habit.what === 'off' ? 'shutdown' : 'sleep');
        else state.spoolFromMs = null;
        state.on = false;
        break;
      case 'drop':
        state.cut = true;
        break;
      case 'back':
        state.cut = false;
        break;
      case 'restart':
        this.restart(index, habit.lengthMs);
        return;
    }
    this.#look(state);
  }

  powerOff(index: number): void {
    const state = this.#state(index);
    state.on = false;
    state.spoolFromMs = null;
    for (const guest of this.#guestsOf(index)) {
      guest.on = false;
      guest.spoolFromMs = null;
    }
    this.#lookAtAll();
  }

  powerOn(index: number): void {
    const state = this.#state(index);
    if (state.on) return;
    this.#boot(state, null);
    for (const guest of this.#guestsOf(index))
      this.#after(this.#options.random.between(30, 120) * SECOND_MS, () => {
        if (!guest.on && state.on) this.#boot(guest, null);
        this.#lookAtAll();
      });
    this.#lookAtAll();
  }

  restart(index: number, downMs: Millis): void {
    const state = this.#state(index);
    if (!state.on) return;
    if (state.linked) this.#sayGoodbye(state, 'restart');
    this.powerOff(index);
    this.#after(downMs, () => {
      if (!state.on) this.#boot(state, 'restart');
      for (const guest of this.#guestsOf(index))
        this.#after(this.#options.random.between(30, 90) * SECOND_MS, () => {
          if (!guest.on) this.#boot(guest, 'shutdown');
          this.#lookAtAll();
        });
      this.#lookAtAll();
    });
  }

  shutDown(index: number): void {
    const state = this.#state(index);
    if (state.linked) this.#sayGoodbye(state, 'shutdown');
    this.powerOff(index);
  }

  killAgent(index: number): void {
    const state = this.#state(index);
    state.agent = false;
    state.spoolFromMs = null;
    if (!state.linked) return;
    state.linked = false;
    this.#disconnect(state, { how: 'closed', reason: null, lastEvidenceMs: this.#nowMs });
    this.#watch();
  }

  startAgent(index: number): void {
    const state = this.#state(index);
    state.agent = true;
    state.started = { atMs: this.#nowMs, previous: null };
    state.spoolFromMs = this.#nowMs;
    this.#look(state);
  }

  hang(index: number): void {
    const state = this.#state(index);
    state.hung = true;
    state.spoolFromMs = null;
    this.#look(state);
  }

  unhang(index: number): void {
    const state = this.#state(index);
    state.hung = false;
    this.#look(state);
  }

  cut(index: number): void {
    this.#state(index).cut = true;
    this.#lookAtAll();
  }

  rejoin(index: number): void {
    this.#state(index).cut = false;
    this.#lookAtAll();
  }

  readdress(index: number): void {
    const state = this.#state(index);
    this.#byAddress.delete(officeAddressOf(state));
    state.moves += 1;
    this.#byAddress.set(officeAddressOf(state), state);
    this.reconnect(index);
  }

  jumpClock(_index: number, _byMs: Millis): void {
    // The agent sees it before its next reading and connects anew; what it sends is in the right time again.
  }

  reconnect(index: number): void {
    const state = this.#state(index);
    if (!state.linked) return;
    state.linked = false;
    this.#spoolFrom(state, this.#nowMs);
    this.#disconnect(state, { how: 'closed', reason: null, lastEvidenceMs: this.#nowMs });
    this.#look(state);
  }

  vanish(index: number): void {
    const state = this.#state(index);
    state.gone = true;
    if (state.linked) this.#sayGoodbye(state, 'sleep');
    state.on = false;
    this.#look(state);
  }

  /** The hub sends both away until somebody has given one of them an identity of its own. */
  clone(index: number): void {
    const state = this.#state(index);
    state.hung = true;
    if (state.linked) {
      state.linked = false;
      this.#disconnect(state, { how: 'closed', reason: null, lastEvidenceMs: this.#nowMs });
      this.#watch();
    }
    this.#options.onClone(state.machine);
  }

  ownServerDown(): void {
    this.#options.onServer(false);
  }

  ownServerUp(): void {
    this.#options.onServer(true);
  }

  #stateOf(machine: Machine): State {
    const { metrics, time } = this.#options;
    const series = machine.signals.map(({ metric, instance }) =>
      metrics.resolve({ ciId: machine.id, metric, instance }),
    );
    const values = machine.signals.map(() => 0);
    const runs = machine.class !== 'Workstation';
    return {
      machine,
      agentId: `agent_${machine.name}`,
      on: runs,
      agent: runs,
      hung: false,
      cut: false,
      home: false,
      gone: false,
      linked: false,
      breaking: null,
      boots: 1,
      bootedMs: time.startMs - (1 + (machine.index % 40)) * 24 * 60 * MINUTE_MS,
      started: null,
      spoolFromMs: null,
      fineUntilMs: -Infinity,
      moves: 0,
      turn: 0,
      series,
      values,
      tick: { atMs: 0, series, values },
      effects: [],
    };
  }

  #state(index: number): State {
    const state = this.#states[index];
    invariant(state, `there is a machine ${index}`);
    return state;
  }

  #guestsOf(host: number): State[] {
    return this.#states.filter(({ machine }) => machine.host === host);
  }

  #isInReach(state: State): boolean {
    if (state.cut) return false;
    const { host, uplinks } = state.machine;
    if (host !== null) return this.#state(host).on && this.#isInReach(this.#state(host));
    if (state.home || uplinks.length === 0) return true;
    return uplinks.some((uplink) => this.#state(uplink).on && this.#isInReach(this.#state(uplink)));
  }

  #lookAtAll(): void {
    for (const state of this.#states) this.#look(state);
  }

  /** Its connection follows what has become of it. */
  #look(state: State): void {
    const runs = state.on && state.agent && !state.hung;
    const wants = this.#server !== null && runs && this.#isInReach(state);
    if (state.linked && !wants) this.#breaks(state, runs);
    else if (!state.linked && wants) this.#connectSoon(state);
  }

  /** The line is dead; the server finds out when pings stay unanswered. */
  #breaks(state: State, runs: boolean): void {
    const lostMs = this.#nowMs;
    const breaking = { lostMs };
    state.linked = false;
    state.breaking = breaking;
    if (runs) this.#spoolFrom(state, lostMs);
    this.#watch();
    this.#after(SILENCE_MS_MAX, () => {
      if (state.breaking === breaking) this.#timedOut(state);
    });
  }

  #timedOut(state: State): void {
    if (state.breaking === null) return;
    const { lostMs } = state.breaking;
    state.breaking = null;
    this.#disconnect(state, { how: 'timeout', reason: null, lastEvidenceMs: lostMs });
    this.#watch();
  }

  #spoolFrom(state: State, atMs: Millis): void {
    // What is polled has nobody who keeps anything.
    if (state.machine.class !== 'NetworkDevice') state.spoolFromMs ??= atMs;
  }

  #connectSoon(state: State): void {
    const turn = ++state.turn;
    this.#after(this.#options.random.between(3, 30) * SECOND_MS, () => {
      if (state.turn !== turn || state.linked || this.#server === null) return;
      if (!state.on || !state.agent || state.hung || !this.#isInReach(state)) return;
      this.#connect(state, this.#server);
    });
  }

  #connect(state: State, server: Monitoring): void {
    const { machine, agentId } = state;
    const nowMs = this.#nowMs;
    this.#timedOut(state);
    state.linked = true;
    this.#asksForPresence = true;
    const info = { bootId: `boot_${state.boots}`, address: this.#addressOf(state) };
    server.inputs.connected(machine.id, agentId, info, nowMs);
    this.#asksForPresence = false;
    if (machine.class === 'NetworkDevice') return;
    if (state.started !== null) {
      this.#seq += 1;
      const { atMs, previous } = state.started;
      this.#waiting.push(
        server.inputs.event(
          machine.id,
          { agentId, epoch: '0000000000000001', seq: this.#seq, index: 0 },
          {
            type: 'started',
            atMs,
            bootId: info.bootId,
            bootedAtMs: state.bootedMs,
            previous,
            agentVersion: '1.0.0',
          },
          nowMs,
        ),
      );
      state.started = null;
    }
    this.#deliverSpool(state, server);
  }

  #deliverSpool(state: State, server: Monitoring): void {
    const { spoolFromMs, machine } = state;
    state.spoolFromMs = null;
    if (spoolFromMs === null || this.#nowMs - spoolFromMs < FINE_MS) return;
    const ticks: StoredTick[] = [];
    const count = Math.min(SPOOL_TICKS_MAX, Math.ceil((this.#nowMs - spoolFromMs) / SPOOL_STEP_MS));
    for (let i = 0; i < count; i++) {
      const atMs = spoolFromMs + i * SPOOL_STEP_MS;
      const values = state.values.slice();
      this.#read(state, values, momentAt(this.#options.time, atMs));
      ticks.push({ atMs, series: state.series, values });
    }
    if (ticks.length > 0) server.inputs.samples(machine.id, ticks, this.#nowMs);
  }

  #addressOf(state: State): string {
    // Behind the address of a home stands somebody's router.
    return state.home ? `203.0.113.${state.machine.index % 250}` : officeAddressOf(state);
  }

  #disconnect(state: State, end: LinkEnd): void {
    this.#server?.inputs.disconnected(state.machine.id, state.agentId, end, this.#nowMs);
  }

  #sayGoodbye(state: State, reason: 'shutdown' | 'restart' | 'sleep'): void {
    state.linked = false;
    state.spoolFromMs = null;
    state.turn += 1;
    this.#disconnect(state, { how: 'goodbye', reason, lastEvidenceMs: this.#nowMs });
  }

  #boot(state: State, previous: 'shutdown' | 'restart' | null): void {
    // A thief does not wait for the end of a restart.
    if (state.gone) return;
    state.on = true;
    state.agent = true;
    state.hung = false;
    state.boots += 1;
    state.bootedMs = this.#nowMs;
    const agentMs = this.#nowMs + 15 * SECOND_MS;
    state.started = { atMs: agentMs, previous };
    state.spoolFromMs = state.machine.class === 'NetworkDevice' ? null : agentMs;
  }

  #sampleOf(server: Monitoring, state: State, moment: Moment): void {
    if (!state.linked) return;
    const { tick, values } = state;
    tick.atMs = this.#nowMs;
    this.#read(state, values, moment);
    this.samples += 1;
    server.inputs.samples(state.machine.id, [tick], this.#nowMs);
    this.#options.metrics.note(state.machine.id, tick);
  }

  #read(state: State, values: number[], moment: Moment): void {
    const { signals } = state.machine;
    const { atMs } = moment;
    readInto(values, signals, moment, state.bootedMs);
    for (const { fromMs, toMs, apply } of state.effects)
      if (atMs >= fromMs && atMs < toMs) apply(values, atMs);
    if (atMs - state.bootedMs >= SERVICES_START_MS) return;
    for (let i = 0; i < signals.length; i++) if (signals[i]?.metric === 'service.running') values[i] = 0;
  }

  #after(delayMs: Millis, run: () => void): void {
    this.#options.agenda.note(this.#nowMs + delayMs, run);
  }

  #watch(): void {
    this.#watchUntilMs = Math.max(this.#watchUntilMs, this.#nowMs + WATCH_MS);
  }
}

/** Another one in the same network after each move. */
function officeAddressOf({ machine, moves }: State): string {
  const [first = '', site = '', ...rest] = machine.address.split('.');
  return [first, String(Number(site) + SITES.length * moves), ...rest].join('.');
}
