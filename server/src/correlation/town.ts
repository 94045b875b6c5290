/** For tests: machines, devices and what hangs on what; things break and are mended, and the core hears what the rules would tell. */
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import type { RelationEdge } from '../cmdb/store.ts';
import { type Cause, CorrelationCore, type Decision, type FoundCause, keyOf } from './core.ts';
import { buildReach, type Reach } from './reach.ts';

export const SILENT_AFTER_MS = 45 * SECOND_MS;

export function edge(
  type: RelationTypeName,
  fromId: string,
  toId: string,
  group: string | null = null,
  needed: number | null = null,
): RelationEdge {
  const id = `${type} ${fromId} ${toId} ${group ?? ''}`;
  return {
    id,
    type,
    fromId,
    toId,
    group,
    needed,
    source: 'human',
    actor: 'test',
    sinceMs: 0,
    endedAtMs: null,
  };
}

/** Ids tell what a thing is: sw device, net subnet, at place; everything else is a machine with an agent. */
export function classOf(id: string): CiClass {
  if (id.startsWith('sw')) return 'NetworkDevice';
  if (id.startsWith('net')) return 'Subnet';
  if (id.startsWith('at')) return 'Location';
  return 'Server';
}

interface Machine {
  lastSeenMs: Millis;
  alertId: string | null;
}

export class Town {
  readonly reach: Reach;
  readonly machines = new Map<string, Machine>();
  readonly broken = new Set<string>();
  readonly windows = new Map<string, string>();
  /** When each that lost its power started last. */
  readonly boots = new Map<string, Millis>();
  /** Machines whose agent is gone while the host answers. */
  readonly mute = new Set<string>();
  core: CorrelationCore;
  nowMs = 0;
  /** How often the core looked at a machine, or counted them all. */
  looks = 0;
  readonly log: string[] = [];
  /** Incidents as the decisions make them: by what they are about, with the machines in them. */
  readonly incidents = new Map<string, Set<string>>();
  #lastAlert = 0;
  #lastCause = 0;

  constructor(machines: readonly string[], edges: readonly RelationEdge[]) {
    this.reach = buildReach(edges, (id) => ({ class: classOf(id), machineId: null }));
    for (const id of machines) this.machines.set(id, { lastSeenMs: 0, alertId: null });
    this.core = this.#newCore();
  }

  /** Everything that is reached only through what is broken is not heard. */
  heard(): Set<string> {
    const lost = new Set(this.broken);
    for (let before = -1; before !== lost.size; ) {
      before = lost.size;
      for (const id of this.#all())
        if (
          this.reach
            .groupsOf(id)
            .some(({ members, needed }) => members.filter((m) => !lost.has(m)).length < needed)
        )
          lost.add(id);
    }
    return new Set([...this.machines.keys()].filter((id) => !lost.has(id)));
  }

  break(...ids: string[]): void {
    for (const id of ids) this.broken.add(id);
  }

  mend(...ids: string[]): void {
    for (const id of ids) this.broken.delete(id);
  }

  /** Lets time pass in steps; returns what was decided, as lines. */
  wait(ms: Millis, stepMs = 5 * SECOND_MS): string[] {
    const from = this.log.length;
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; ) {
      this.nowMs = Math.min(untilMs, this.nowMs + stepMs);
      this.step();
    }
    return this.log.slice(from);
  }

  step(): void {
    const heard = this.heard();
    for (const [ciId, machine] of this.machines) {
      if (heard.has(ciId) && !this.mute.has(ciId)) {
        machine.lastSeenMs = this.nowMs;
        if (machine.alertId !== null) this.core.resolved(machine.alertId, this.nowMs);
        if (machine.alertId !== null) this.#leave(ciId);
        machine.alertId = null;
      } else if (
        machine.alertId === null &&
        this.nowMs - machine.lastSeenMs >= SILENT_AFTER_MS &&
        !this.windows.has(ciId)
      ) {
        machine.alertId = `alr${++this.#lastAlert}`;
        this.core.opened({ id: machine.alertId, ciId, breachedAtMs: machine.lastSeenMs }, this.nowMs);
      }
    }
    for (const decision of this.core.tick(this.nowMs)) this.#take(decision);
  }

  /** The core is made anew from what is stored: states, causes and incidents. */
  restart(): void {
    const old = this.core;
    this.core = this.#newCore();
    const causes = new Map<FoundCause, FoundCause>();
    for (const cause of old.found()) {
      const again = { ...cause, members: new Set<string>() };
      causes.set(cause, again);
      this.core.restoreCause(again);
    }
    for (const silence of old.silences()) {
      const { cause } = silence;
      const again: Cause | null = cause?.kind === 'found' ? (causes.get(cause) ?? null) : cause;
      this.core.restore({ ...silence, alertIds: new Set(silence.alertIds), cause: again });
    }
  }

  incidentOf(ciId: string): string | null {
    for (const [key, members] of this.incidents) if (members.has(ciId)) return key;
    return null;
  }

  #newCore(): CorrelationCore {
    return new CorrelationCore({
      reach: () => this.reach,
      sight: (ciId, nowMs) => {
        this.looks += 1;
        const machine = this.machines.get(ciId);
        if (!machine) return undefined;
        const isLost = nowMs - machine.lastSeenMs >= SILENT_AFTER_MS;
        const windowId = this.windows.get(ciId) ?? null;
        return {
          state: this.mute.has(ciId) && isLost ? 'mute' : isLost ? 'gone' : 'up',
          lastSeenMs: machine.lastSeenMs,
          missed: isLost && windowId === null,
          said: false,
          answeredMs: this.mute.has(ciId) && isLost ? this.nowMs : null,
          windowId,
          bootedMs: this.boots.get(ciId) ?? null,
        };
      },
      machines: () => this.machines.keys(),
      upCount: () => {
        this.looks += this.machines.size;
        return [...this.machines.values()].filter(
          ({ lastSeenMs }) => this.nowMs - lastSeenMs < SILENT_AFTER_MS,
        ).length;
      },
      kindOf: (ciId) => {
        const ciClass = classOf(ciId);
        return ciClass === 'Subnet' ? 'subnet' : ciClass === 'Location' ? 'place' : 'device';
      },
      newId: (prefix) => `${prefix}${++this.#lastCause}`,
    });
  }

  *#all(): Iterable<string> {
    yield* this.machines.keys();
    yield* this.reach.above(this.machines.keys());
  }

  #leave(ciId: string): void {
    for (const [key, members] of this.incidents)
      if (members.delete(ciId) && members.size === 0) this.incidents.delete(key);
  }

  #targetOf(cause: Cause): string | null {
    return cause.kind === 'found' ? cause.id : cause.kind === 'silent' ? this.incidentOf(cause.ciId) : null;
  }

  #move(from: string | null, into: string): void {
    if (from === null || from === into) return;
    const members = this.incidents.get(from) ?? [];
    const target = this.incidents.get(into) ?? new Set<string>();
    this.incidents.set(into, target);
    for (const ciId of members) target.add(ciId);
    this.incidents.delete(from);
  }

  #take(decision: Decision): void {
    const name = (cause: Cause) => cause.ciId ?? 'network';
    switch (decision.type) {
      case 'tell':
        // The open incident of a cause takes in what comes of that cause again.
        if (this.incidentOf(decision.ciId) === null)
          this.incidents.set(
            `ci ${decision.ciId}`,
            new Set([...(this.incidents.get(`ci ${decision.ciId}`) ?? []), decision.ciId]),
          );
        this.log.push(`tell ${decision.ciId}`);
        break;
      case 'open':
        // Stands for the alert of the cause itself.
        this.incidents.set(decision.cause.id, new Set([`cause ${decision.cause.id}`]));
        this.log.push(`open ${name(decision.cause)} for ${decision.silent.length}`);
        break;
      case 'merge': {
        const into = this.#targetOf(decision.into);
        if (into === null) throw new Error(`nothing to merge ${name(decision.from)} into`);
        this.#move(decision.from.id, into);
        this.#leave(`cause ${decision.from.id}`);
        this.log.push(`merge ${name(decision.from)} into ${name(decision.into)}`);
        break;
      }
      case 'join': {
        const into = this.#targetOf(decision.into);
        if (into === null) throw new Error(`nothing to join ${decision.ciId} to`);
        this.#move(this.incidentOf(decision.ciId), into);
        this.log.push(`join ${decision.ciId} to ${name(decision.into)}`);
        break;
      }
      case 'release':
        for (const ciId of decision.ciIds) this.#leave(ciId);
        this.log.push(`release ${decision.ciIds.length}`);
        break;
      case 'suppress': {
        const into = this.#targetOf(decision.by);
        if (into === null && decision.by.kind !== 'window')
          throw new Error(`${keyOf(decision.by)} has no incident`);
        for (const ciId of decision.ciIds) {
          if (!this.core.get(ciId) || into === null) continue;
          if (this.incidentOf(ciId) === into) continue;
          if (this.incidentOf(ciId) !== null) throw new Error(`${ciId} is in ${this.incidentOf(ciId)} still`);
          this.incidents.get(into)?.add(ciId);
        }
        this.log.push(`suppress ${decision.ciIds.length} by ${name(decision.by)}`);
        break;
      }
      case 'end':
        this.#leave(`cause ${decision.cause.id}`);
        this.log.push(`end ${name(decision.cause)}`);
        break;
    }
  }
}
