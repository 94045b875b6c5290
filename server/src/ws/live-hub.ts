/**
 * Who watches what on `/ws/live`, and what they are sent. Costs only while somebody looks: a watched machine holds a live
 * lease on its agent, which ends with its last watcher.
 */
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import { MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import { LIVE_LEASE_MS } from '@muster/shared/wire/limits.ts';
import type { LiveFromServer, Topic } from '@muster/shared/wire/live.ts';
import type { LiveTick } from '../ingest/agent-stream.ts';
import type { MetricStore, StoredTick } from '../metrics/store.ts';
import { LiveRates, type Reading } from './live-rates.ts';

/** The lease is renewed when half of it is over, so that one lost renewal does no harm. */
const LEASE_RENEW_MS = LIVE_LEASE_MS / 2;
/** `fleet` and `presence` go out at most this often. */
export const STATE_INTERVAL_MS = SECOND_MS;
/** Process lists older than this say nothing about now. */
export const PROCESSES_KEPT_MS = 5 * MINUTE_MS;
/** Entries of one presence message; the rest follow in further ones. */
export const PRESENCE_ITEMS_MAX = 500;

export type FleetState = Omit<Extract<LiveFromServer, { type: 'fleet' }>, 'type' | 'id'>;
export type PresenceItem = Extract<LiveFromServer, { type: 'presence' }>['items'][number];
export interface ProcessList {
  readonly atMs: Millis;
  readonly items: readonly TopProcess[];
}

/** A subscription, as the hub holds it. `droppable`: may be left out where the reader is slow. */
export interface Watcher {
  send(message: LiveFromServer, droppable: boolean): void;
  readonly id: string;
}

export interface LiveHubDeps {
  /** See AgentHub.lease. */
  readonly lease: (ciId: string, leaseMs: Millis) => boolean;
  readonly identity: MetricStore['identity'];
}

interface Machine {
  readonly watchers: Set<Watcher>;
  readonly rates: { readonly live: LiveRates; readonly regular: LiveRates };
  renewAtMs: Millis;
}

export class LiveHub {
  readonly #deps: LiveHubDeps;
  readonly #fleet = new Set<Watcher>();
  readonly #presence = new Set<Watcher>();
  readonly #incidents = new Set<Watcher>();
  readonly #incident = new Map<string, Set<Watcher>>();
  readonly #machines = new Map<string, Machine>();
  readonly #processes = new Map<string, ProcessList>();
  #fleetState: FleetState | null = null;
  #fleetDue = false;
  #fleetSentMs: Millis = Number.NEGATIVE_INFINITY;
  #presenceDue = new Map<string, PresenceItem>();
  #presenceSentMs: Millis = Number.NEGATIVE_INFINITY;

  constructor(deps: LiveHubDeps) {
    this.#deps = deps;
  }

  get watchedMachines(): number {
    return this.#machines.size;
  }

  watch(topic: Topic, watcher: Watcher, nowMs: Millis): void {
    switch (topic.name) {
      case 'fleet':
        this.#fleet.add(watcher);
        if (this.#fleetState) watcher.send({ type: 'fleet', id: watcher.id, ...this.#fleetState }, false);
        return;
      case 'presence':
        this.#presence.add(watcher);
        return;
      case 'incidents':
        this.#incidents.add(watcher);
        return;
      case 'incident':
        setOf(this.#incident, topic.id).add(watcher);
        return;
      case 'machine':
        this.#watchMachine(topic.ciId, watcher, nowMs);
        return;
    }
  }

  unwatch(topic: Topic, watcher: Watcher): void {
    switch (topic.name) {
      case 'fleet':
        this.#fleet.delete(watcher);
        return;
      case 'presence':
        this.#presence.delete(watcher);
        return;
      case 'incidents':
        this.#incidents.delete(watcher);
        return;
      case 'incident': {
        const watchers = this.#incident.get(topic.id);
        watchers?.delete(watcher);
        if (watchers?.size === 0) this.#incident.delete(topic.id);
        return;
      }
      case 'machine':
        this.#unwatchMachine(topic.ciId, watcher);
        return;
    }
  }

  /** Once a second: what was held back, leases. */
  tick(nowMs: Millis): void {
    this.#flushFleet(nowMs);
    this.#flushPresence(nowMs);
    for (const [ciId, machine] of this.#machines)
      if (nowMs >= machine.renewAtMs) this.#renew(ciId, machine, nowMs);
    for (const [ciId, { atMs }] of this.#processes)
      if (nowMs - atMs > PROCESSES_KEPT_MS && !this.#machines.has(ciId)) this.#processes.delete(ciId);
  }

  /** The newest state counts; what comes faster than STATE_INTERVAL_MS is left out. */
  publishFleet(state: FleetState, nowMs: Millis): void {
    this.#fleetState = state;
    this.#fleetDue = true;
    this.#flushFleet(nowMs);
  }

  /** Changes of presence; of each machine the newest. */
  publishPresence(items: readonly PresenceItem[], nowMs: Millis): void {
    if (this.#presence.size === 0) return;
    for (const item of items) this.#presenceDue.set(item.ciId, item);
    this.#flushPresence(nowMs);
  }

  publishIncident(incident: IncidentSummary): void {
    for (const watcher of this.#incidents)
      watcher.send({ type: 'incident', id: watcher.id, incident }, false);
    for (const watcher of this.#incident.get(incident.id) ?? [])
      watcher.send({ type: 'incident', id: watcher.id, incident }, false);
  }

  isWatched(ciId: string): boolean {
    return this.#machines.has(ciId);
  }

  /** Samples that were just stored. */
  publishStored(ciId: string, ticks: readonly StoredTick[]): void {
    const machine = this.#machines.get(ciId);
    if (!machine) return;
    for (const { atMs, series, values } of ticks) {
      const readings = series.map((id, i) => {
        const { metric, instance } = this.#deps.identity(id);
        return { metric, instance, value: values[i] as number };
      });
      this.#sendPoints(machine, 'regular', atMs, readings);
    }
  }

  /** Readings at the live interval, which are not stored. */
  publishLive(ciId: string, ticks: readonly LiveTick[]): void {
    const machine = this.#machines.get(ciId);
    if (!machine) return;
    for (const { atMs, series, values } of ticks) {
      const readings = series.map(({ metric, instance }, i) => ({
        metric,
        instance,
        value: values[i] as number,
      }));
      this.#sendPoints(machine, 'live', atMs, readings);
    }
  }

  publishProcesses(ciId: string, atMs: Millis, items: readonly TopProcess[]): void {
    this.#processes.set(ciId, { atMs, items });
    for (const watcher of this.#machines.get(ciId)?.watchers ?? [])
      watcher.send({ type: 'processes', id: watcher.id, atMs, items: [...items] }, true);
  }

  /** Newest list of top processes; null where none came lately. */
  processesOf(ciId: string): ProcessList | null {
    return this.#processes.get(ciId) ?? null;
  }

  /** The agent of this machine is back: it knows of no lease. */
  agentConnected(ciId: string, nowMs: Millis): void {
    const machine = this.#machines.get(ciId);
    if (machine) this.#renew(ciId, machine, nowMs);
  }

  #watchMachine(ciId: string, watcher: Watcher, nowMs: Millis): void {
    const known = this.#machines.get(ciId);
    if (known) {
      known.watchers.add(watcher);
    } else {
      const rates = { live: new LiveRates(), regular: new LiveRates() };
      const machine = { watchers: new Set([watcher]), rates, renewAtMs: 0 };
      this.#machines.set(ciId, machine);
      this.#renew(ciId, machine, nowMs);
    }
    const processes = this.#processes.get(ciId);
    if (processes)
      watcher.send(
        { type: 'processes', id: watcher.id, atMs: processes.atMs, items: [...processes.items] },
        true,
      );
  }

  #unwatchMachine(ciId: string, watcher: Watcher): void {
    const machine = this.#machines.get(ciId);
    if (!machine?.watchers.delete(watcher) || machine.watchers.size > 0) return;
    this.#machines.delete(ciId);
    this.#deps.lease(ciId, 0);
  }

  #renew(ciId: string, machine: Machine, nowMs: Millis): void {
    machine.renewAtMs = nowMs + LEASE_RENEW_MS;
    this.#deps.lease(ciId, LIVE_LEASE_MS);
  }

  #sendPoints(
    { watchers, rates }: Machine,
    interval: 'live' | 'regular',
    atMs: Millis,
    readings: readonly Reading[],
  ): void {
    const points = rates[interval].points(atMs, readings);
    if (points.length === 0) return;
    for (const watcher of watchers)
      watcher.send({ type: 'samples', id: watcher.id, atMs, interval, points }, true);
  }

  #flushFleet(nowMs: Millis): void {
    const state = this.#fleetState;
    if (!this.#fleetDue || !state || !due(this.#fleetSentMs, nowMs)) return;
    this.#fleetDue = false;
    this.#fleetSentMs = nowMs;
    for (const watcher of this.#fleet) watcher.send({ type: 'fleet', id: watcher.id, ...state }, false);
  }

  #flushPresence(nowMs: Millis): void {
    if (this.#presenceDue.size === 0 || !due(this.#presenceSentMs, nowMs)) return;
    const all = [...this.#presenceDue.values()];
    this.#presenceDue = new Map();
    this.#presenceSentMs = nowMs;
    for (let from = 0; from < all.length; from += PRESENCE_ITEMS_MAX) {
      const items = all.slice(from, from + PRESENCE_ITEMS_MAX);
      for (const watcher of this.#presence) watcher.send({ type: 'presence', id: watcher.id, items }, false);
    }
  }
}

/** Also after the clock was set back. */
function due(sentMs: Millis, nowMs: Millis): boolean {
  return Math.abs(nowMs - sentMs) >= STATE_INTERVAL_MS;
}

function setOf<K, V>(map: Map<K, Set<V>>, key: K): Set<V> {
  const known = map.get(key);
  if (known) return known;
  const made = new Set<V>();
  map.set(key, made);
  return made;
}
