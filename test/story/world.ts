/** Plays machines, people and time on the assembly of the server: what stories and their events move. */
import { invariant } from '@muster/shared/invariant.ts';
import { METRIC_NAMES, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import { type LeaveReason, toldReason } from '@muster/shared/wire/goodbye.ts';
import { SILENCE_MS_MAX } from '@muster/shared/wire/limits.ts';
import { PRESENCE_SETTINGS_DEFAULT } from '@muster/shared/api/presence.ts';
import type { Witnessed } from '@muster/shared/wire/agent-messages.ts';
import { createMonitoring, type Monitoring, type MonitoringDeps } from '@muster/server/app-monitoring.ts';
import { createFindings } from '@muster/server/findings/findings.ts';
import { createApplyHours } from '@muster/server/presence-hours/apply.ts';
import { createPresenceHours, type PresenceHours } from '@muster/server/presence-hours/hours.ts';
import { createMemoryFindingStore } from '@muster/server/store/memory/findings.ts';
import { createMemoryPresenceSettingsStore } from '@muster/server/store/memory/presence-settings.ts';
import { createMemorySuggestionStore } from '@muster/server/store/memory/presence-suggestions.ts';
import { createPresenceSettings } from '@muster/server/witness/settings.ts';
import { createWitnesses, type Witnesses } from '@muster/server/witness/witnesses.ts';
import { eachPart } from '@muster/server/each-part.ts';
import type { IncidentEvent } from '@muster/server/incidents/incidents.ts';
import type { StoredTick } from '@muster/server/metrics/store.ts';
import { createMemoryAgreementStore } from '@muster/server/store/memory/agreements.ts';
import { createMemoryAvailabilityStore } from '@muster/server/store/memory/availability.ts';
import { createMemoryCalendarStore } from '@muster/server/store/memory/calendars.ts';
import { createMemoryIncidentStore } from '@muster/server/store/memory/incidents.ts';
import { createMemoryMaintenanceStore } from '@muster/server/store/memory/maintenance.ts';
import { createMemoryMetricStore } from '@muster/server/store/memory/metrics.ts';
import { createMemoryRulesStore } from '@muster/server/store/memory/rules.ts';
import type { House } from './house.ts';

/** How a machine is, as far as the server could find out. */
interface Player {
  readonly name: string;
  readonly ciId: string;
  boots: number;
  /** Time of the last boot. */
  bootedMs: Millis;
  /** Its agent collects. */
  running: boolean;
  linked: boolean;
  /** Its host answers on its network. */
  answers: boolean;
  /** Its host answers the server, too: no firewall stands between. */
  readonly open: boolean;
  /** Whoever installed its agent let it look for neighbours. */
  readonly isWitness: boolean;
  address: string;
  /** How far its clock is ahead. */
  clockMs: Millis;
  /** Its connection is dead; the server notices at this time. */
  deadAtMs: Millis | null;
  lastHeardMs: Millis;
  /** Said before it ended. */
  lastWord: LeaveReason | null;
  spool: StoredTick[];
  seq: number;
}

export interface WorldOptions {
  readonly house: House;
  readonly startMs: Millis;
  /** Networks and places in which an administrator lets neighbours be asked. */
  readonly witnesses: readonly string[];
  readonly intervalMs: Millis;
  /** Two looks of the server further apart than this are a server that stood still. */
  readonly stallMs: Millis;
  readonly onIncident: (event: IncidentEvent, atMs: Millis) => void;
}

export class World {
  readonly house: House;
  nowMs: Millis;
  readonly stores = {
    availability: createMemoryAvailabilityStore(),
    agreements: createMemoryAgreementStore(),
    calendars: createMemoryCalendarStore(),
    rules: createMemoryRulesStore(),
    incidents: createMemoryIncidentStore(),
    maintenance: createMemoryMaintenanceStore(),
    findings: createMemoryFindingStore(),
    suggestions: createMemorySuggestionStore(),
  };
  readonly metrics = createMemoryMetricStore();
  readonly logged: string[] = [];
  /** What was found to have changed, oldest first. */
  readonly changes: HistoryEntry[] = [];
  readonly #players = new Map<string, Player>();
  readonly #options: WorldOptions;
  #monitoring: Monitoring | null = null;
  #neighbours: Witnesses | null = null;
  #hours: PresenceHours | null = null;
  /** Of neighbours that were asked and can answer: told at the next look. */
  #answers: (() => void)[] = [];
  #ids = 0;

  constructor(options: WorldOptions) {
    const { house, startMs } = options;
    this.house = house;
    this.nowMs = startMs;
    this.#options = options;
    for (const name of house.machines)
      this.#players.set(name, {
        name,
        ciId: house.idOf(name),
        boots: 1,
        bootedMs: startMs,
        running: false,
        linked: false,
        answers: false,
        open: !house.isHidden(name),
        isWitness: house.isWitness(name),
        address: house.addressOf(name) ?? name,
        clockMs: 0,
        deadAtMs: null,
        lastHeardMs: startMs,
        lastWord: null,
        spool: [],
        seq: 0,
      });
  }

  /** null while the server is down. */
  get server(): Monitoring | null {
    return this.#monitoring;
  }

  get monitoring(): Monitoring {
    invariant(this.#monitoring, 'the server runs');
    return this.#monitoring;
  }

  /** What was learned of the hours of the machines. */
  get hours(): PresenceHours {
    invariant(this.#hours, 'the server runs');
    return this.#hours;
  }

  /** A server on the stores as they are; also the next one after a stop. */
  async startServer(): Promise<void> {
    this.#neighbours = await this.#witnesses();
    const monitoring = await createMonitoring(this.#deps(this.#neighbours));
    this.#monitoring = monitoring;
    this.#hours = await createPresenceHours({
      store: this.stores.suggestions,
      record: this.stores.availability,
      directory: this.house.directory,
      expectations: monitoring.expectations,
      membership: this.house.membership,
      apply: createApplyHours({
        calendars: monitoring.calendars,
        tag: async (ciId, { add, remove }) => {
          const { name, tags } = this.house.directory.get(ciId) ?? { name: '', tags: [] };
          const kept = tags.filter((tag) => tag !== remove);
          this.house.change(name, { tags: add === null ? kept : [...kept, add] });
        },
        tagsOf: (ciId) => this.house.directory.get(ciId)?.tags ?? [],
      }),
      newId: (prefix) => this.#newId(prefix),
      pause: async () => undefined,
      report: (what, error) => {
        throw new Error(what, { cause: error });
      },
    });
    for (const player of this.#players.values()) {
      player.linked = false;
      player.deadAtMs = null;
      if (player.running && player.answers) this.#link(player);
    }
    await this.monitoring.settled();
  }

  async stopServer(): Promise<void> {
    await this.monitoring.settled();
    this.#monitoring = null;
    this.#neighbours = null;
    this.#hours = null;
  }

  #newId(prefix: string): string {
    return `${prefix}_${String(++this.#ids).padStart(8, '0')}`;
  }

  async #witnesses(): Promise<Witnesses> {
    const { witnesses } = this.#options;
    const isNetwork = (name: string) => name.includes('/');
    const settings = await createPresenceSettings(createMemoryPresenceSettingsStore());
    await settings.set(
      {
        ...PRESENCE_SETTINGS_DEFAULT,
        witnesses: {
          enabled: witnesses.length > 0,
          subnets: witnesses.filter(isNetwork),
          locations: witnesses.filter((name) => !isNetwork(name)).map((name) => this.house.idOf(name)),
        },
      },
      'user:story',
      this.nowMs,
    );
    const byId = new Map([...this.#players.values()].map((player) => [player.ciId, player]));
    const roll = createWitnesses({
      settings,
      directory: this.house.directory,
      membership: this.house.membership,
      newId: (prefix) => this.#newId(prefix),
      door: {
        canWitness: (ciId) => {
          const player = byId.get(ciId);
          return player?.isWitness === true && player.linked;
        },
        askWitness: (ciId, requestId, address) => {
          const player = byId.get(ciId);
          if (!player?.linked) return false;
          this.asked.push([player.name, address]);
          // Over a dead connection the question is lost.
          if (player.deadAtMs === null)
            this.#answers.push(() => roll.witnessed(ciId, this.#sighting(requestId, address), this.nowMs));
          return true;
        },
      },
    });
    for (const player of this.#players.values()) this.#place(roll, player);
    return roll;
  }

  /** Who was asked about which address. */
  readonly asked: (readonly [witness: string, address: string])[] = [];

  #sighting(requestId: string, address: string): Witnessed {
    const isThere = [...this.#players.values()].some((one) => one.answers && one.address === address);
    return {
      type: 'witnessed',
      requestId,
      answer: isThere ? 'answers' : 'silent',
      by: isThere ? 'resolved' : null,
      gateway: 'answers',
      refusal: null,
    };
  }

  #place(roll: Witnesses, { ciId, name, address }: Player): void {
    if (this.house.addressOf(name) === null) return;
    const gateway = address.replace(/\d+$/, '1');
    roll.network(ciId, {
      interfaces: [
        {
          name: 'eno1',
          mac: null,
          macPermanent: false,
          kind: 'ethernet',
          virtual: false,
          removable: false,
          speedBitsPerSecond: null,
          mtu: null,
          state: 'up',
          driver: null,
          addresses: [{ address, prefix: 24, family: 'ipv4' }],
        },
      ],
      gateways: [{ address: gateway, interface: 'eno1' }],
    });
    roll.connected(ciId, address);
  }

  #deps(neighbours: Witnesses): MonitoringDeps {
    const { house } = this;
    const { intervalMs, stallMs, onIncident } = this.#options;
    return {
      stores: this.stores,
      neighbours,
      findings: createFindings({ store: this.stores.findings, newId: (prefix) => this.#newId(prefix) }),
      stallMs,
      intervalMs: () => intervalMs,
      directory: house.directory,
      graph: house.graph,
      nodes: house.nodes,
      membership: house.membership,
      metrics: this.metrics,
      probe: async (address) => {
        const there = [...this.#players.values()].find((one) => one.address === address);
        return there?.answers && there.open ? 'answers' : 'silent';
      },
      newId: (prefix) => this.#newId(prefix),
      holderOf: async (name) => name,
      changesOf: async (ciId, fromMs, toMs, limit) =>
        this.changes
          .filter((one) => one.ciId === ciId && Date.parse(one.at) >= fromMs && Date.parse(one.at) < toMs)
          .slice(-limit),
      requestFlight: () => false,
      onIncident,
      pause: async () => undefined,
      log: (_level, what, fields) => this.logged.push(`${what} ${JSON.stringify(fields ?? {})}`),
      nowMs: this.nowMs,
    };
  }

  /** One second, or what `stepMs` says: dead connections are noticed, the server looks after everything. */
  async tick(): Promise<void> {
    for (const player of this.#players.values())
      if (player.deadAtMs !== null && this.nowMs >= player.deadAtMs) this.#drop(player);
    const { server } = this;
    if (!server) return;
    for (const answer of this.#answers.splice(0)) answer();
    this.#neighbours?.tick(this.nowMs);
    await eachPart((_level, what, fields) => {
      throw new Error(`${what}: ${JSON.stringify(fields)}`);
    }, server.ticks(this.nowMs));
    await server.settled();
  }

  player(name: string): Player {
    const player = this.#players.get(name);
    invariant(player, `${name} is a machine`);
    return player;
  }

  /** Readings of one machine at this time; without a way to the server they wait. */
  async collect(name: string, values: Readonly<Record<string, number>>): Promise<void> {
    const player = this.player(name);
    if (!player.running) return;
    const tick = this.#tickOf(player, values);
    if (!player.linked || player.deadAtMs !== null || !this.server) player.spool.push(tick);
    else await this.#deliver(player, [...player.spool.splice(0), tick]);
  }

  /** Runs and is connected. */
  start(name: string): void {
    const player = this.player(name);
    if (player.running && player.linked && player.deadAtMs === null) return;
    player.running = true;
    player.answers = true;
    if (this.server) this.#link(player);
  }

  /** The cable is out: it lives on and spools. */
  cut(name: string): void {
    const player = this.player(name);
    player.answers = false;
    this.#die(player);
  }

  /** Host and agent are gone without a word. */
  powerOff(name: string): void {
    const player = this.player(name);
    player.running = false;
    player.answers = false;
    player.spool = [];
    player.boots += 1;
    this.#die(player);
  }

  /** The agent is killed: its host goes on and closes the connection. */
  killAgent(name: string): void {
    const player = this.player(name);
    player.running = false;
    this.#close(player, 'closed', null);
  }

  /** Nothing comes any more, and the host still answers. */
  hang(name: string): void {
    const player = this.player(name);
    player.running = false;
    this.#die(player);
  }

  /** Says a last word and ends. */
  leave(name: string, reason: LeaveReason): void {
    const player = this.player(name);
    player.running = false;
    player.answers = reason === 'stop' || reason === 'upgrade' || reason === 'uninstall';
    player.lastWord = reason;
    if (reason === 'shutdown' || reason === 'restart') player.boots += 1;
    this.#close(player, 'goodbye', reason);
  }

  /** Its battery is empty or its lid falls shut: it sleeps, and says nothing of it. */
  fallAsleep(name: string): void {
    this.hang(name);
    const player = this.player(name);
    player.answers = false;
    player.lastWord = 'sleep';
  }

  /** From the next connection on. */
  readdress(name: string, address: string): void {
    const player = this.player(name);
    player.address = address;
    if (this.#neighbours) this.#place(this.#neighbours, player);
  }

  setClock(name: string, aheadMs: Millis): void {
    this.player(name).clockMs += aheadMs;
  }

  /** Comes back: with a new boot where it was off, with its spool where it lived on. */
  async comeBack(name: string): Promise<void> {
    const player = this.player(name);
    const wasRunning = player.running;
    const goneMs = this.nowMs - player.lastHeardMs;
    player.running = true;
    player.answers = true;
    if (player.deadAtMs !== null) this.#drop(player);
    if (!this.server) return;
    this.#link(player);
    if (!wasRunning) {
      player.bootedMs = this.nowMs;
      const event = {
        type: 'started',
        atMs: this.nowMs,
        bootId: bootId(player),
        // It was off for the first half at least.
        bootedAtMs: this.nowMs - Math.min(MINUTE_MS, Math.floor(goneMs / 2)),
        agentVersion: '1.0.0',
        previous: player.lastWord === null ? null : toldReason(player.lastWord).reason,
      } as const;
      const key = { agentId: `agent_${name}`, epoch: '0000000000000001', seq: ++player.seq, index: 0 };
      await this.server.inputs.event(player.ciId, key, event, this.nowMs);
    }
    player.lastWord = null;
    const spool = player.spool.splice(0);
    if (spool.length > 0) await this.#deliver(player, spool);
  }

  #link(player: Player): void {
    player.linked = true;
    player.deadAtMs = null;
    player.lastHeardMs = this.nowMs;
    const info = { bootId: bootId(player), address: player.address };
    this.monitoring.inputs.connected(player.ciId, `agent_${player.name}`, info, this.nowMs);
  }

  /** Nothing comes any more over a connection that nobody closed. */
  #die(player: Player): void {
    if (!player.linked || player.deadAtMs !== null) return;
    player.lastHeardMs = this.nowMs;
    player.deadAtMs = this.nowMs + SILENCE_MS_MAX;
  }

  #drop(player: Player): void {
    player.deadAtMs = null;
    player.linked = false;
    const end = { how: 'timeout', reason: null, lastEvidenceMs: player.lastHeardMs } as const;
    this.server?.inputs.disconnected(player.ciId, `agent_${player.name}`, end, this.nowMs);
  }

  #close(player: Player, how: 'closed' | 'goodbye', reason: LeaveReason | null): void {
    if (!player.linked) return;
    player.linked = false;
    player.deadAtMs = null;
    const end = { how, reason, lastEvidenceMs: this.nowMs };
    this.server?.inputs.disconnected(player.ciId, `agent_${player.name}`, end, this.nowMs);
  }

  #tickOf({ ciId, clockMs }: Player, values: Readonly<Record<string, number>>): StoredTick {
    const names = Object.keys(values);
    const series = names.map((name) => {
      const [metric = '', ...instance] = name.split(' ');
      return this.metrics.resolve({ ciId, metric: metricName(metric), instance: instance.join(' ') });
    });
    return { atMs: this.nowMs + clockMs, series, values: names.map((name) => values[name] ?? Number.NaN) };
  }

  async #deliver(player: Player, ticks: readonly StoredTick[]): Promise<void> {
    player.seq += 1;
    player.lastHeardMs = this.nowMs;
    const delivery = { agentId: `agent_${player.name}`, epoch: '0000000000000001', seq: player.seq };
    await this.metrics.append(delivery, ticks, this.nowMs);
    this.monitoring.inputs.samples(player.ciId, ticks, this.nowMs);
  }
}

function bootId({ name, boots }: Player): string {
  return `${name}-boot-${boots}`;
}

function metricName(text: string): MetricName {
  const name = METRIC_NAMES.find((known) => known === text);
  invariant(name, `${text} is in the catalogue`);
  return name;
}

/** Ticks further apart than this would make the server blame itself for standing still. */
export const STEP_MS_MAX = 10 * SECOND_MS;
