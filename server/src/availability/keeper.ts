/** Keeps the presence of all machines: takes what ingest hears, judges silence once a second, writes the record. */
import { isInService } from '@muster/shared/cmdb/lifecycle.ts';
import type { FleetCounts } from '@muster/shared/api/operations.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { isInFleet } from '@muster/shared/presence/state.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { leaveReason, type LeaveReason } from '@muster/shared/wire/goodbye.ts';
import type { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import {
  BACKOFF_MS_MAX,
  HANDSHAKE_MS_MAX,
  INTERVAL_MS_DEFAULT,
  PING_MS,
} from '@muster/shared/wire/limits.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { MaintenanceView } from '../maintenance/view.ts';
import { stretchAt } from './expectation.ts';
import type { Expectation, Expectations } from './expectation.ts';
import type { Stretch } from './hours.ts';
import { NO_NEIGHBOURS } from './neighbours.ts';
import type { Neighbourhood, Testimony } from './neighbours.ts';
import { isOverdue, isUndisturbed, silentAfterMs, step, withSigns } from './presence.ts';
import type { DisconnectHow, Machine, PresenceInput } from './presence.ts';
import type { HostProbe } from './probe.ts';
import { answeredMs, isOutOfReach, statusHoldsUntilMs, statusOf, unheardState } from './status.ts';
import type { Circumstances, PresenceStatus, PresenceView } from './status.ts';
import type { AvailabilityStore, PresenceChange, PresenceSince } from './store.ts';
import { applyRevisions } from './timeline.ts';
import type { Revision } from './timeline.ts';
import type { Around } from './verdict.ts';

/** After its own start the server judges no silence until every agent has had time to come back. */
export const START_GRACE_MS = BACKOFF_MS_MAX + HANDSHAKE_MS_MAX + 20 * SECOND_MS;
/** Two ticks further apart than this: the server stood still, or its clock was set. */
export const STALL_MS = 10 * SECOND_MS;
/** A clock that goes back by more than this was set. */
export const CLOCK_BACK_MS = 2 * SECOND_MS;
export const STALL_GRACE_MS = BACKOFF_MS_MAX;

/** Nothing heard for this long makes a suspect, before it is silent. */
export const SUSPECT_AFTER_MS = 2 * PING_MS;
/** This many suspects that are this share of all machines point at the server itself. */
export const MASS_MACHINES_MIN = 3;
export const MASS_SHARE_MIN = 0.5;
export const MASS_WINDOW_MS = MINUTE_MS;
/** How long the server blames itself before it says "network" and lets alerts open. */
export const MASS_HOLD_MS = 2 * MINUTE_MS;

/** A probe starts this long before silence is judged, and silence waits this long for its answer. */
export const PROBE_LEAD_MS = 5 * SECOND_MS;
export const PROBE_WAIT_MS_MAX = 5 * SECOND_MS;
/** One machine is not probed more often, and not more of them at a time. */
export const PROBE_INTERVAL_MS = MINUTE_MS;
export const PROBES_RUNNING_MAX = 16;

/** Neighbours are asked this long before silence is judged, and silence waits this long for what they say. */
export const WITNESS_LEAD_MS = 20 * SECOND_MS;
export const WITNESS_WAIT_MS_MAX = 15 * SECOND_MS;
/** In one absence they are asked about a machine no more often than this, and this far apart. */
export const WITNESS_ASKED_MAX = 3;
export const WITNESS_AGAIN_MS = MINUTE_MS;
/** Machines of one network that fell silent no further apart than this fell silent together. */
export const TOGETHER_MS = 2 * MINUTE_MS;
/** So many that fell silent together, and no fewer than were left, are the company of a machine that its user takes along. */
export const COMPANY_MIN = 3;
export const COMPANY_LOOK_MS = 10 * SECOND_MS;

/** The record goes back three years: the longest report compares a year with the one before. */
export const RECORD_KEPT_MS = 3 * 365 * DAY_MS;
/** Within this time comings and goings are written together. */
const GATHER_MS = SECOND_MS;
const PRUNE_INTERVAL_MS = HOUR_MS;

export interface PresenceDeps {
  readonly store: AvailabilityStore;
  readonly directory: CiDirectory;
  readonly expectations: Expectations;
  /** Time of the newest durable sample of a machine; null where there is none. */
  readonly newestSampleMs: (ciId: string) => Millis | null;
  /** Collection interval of the machine's agent. */
  readonly intervalMs?: (ciId: string) => Millis;
  /** Windows in which absence is agreed; absent: none. */
  readonly maintenance?: Pick<MaintenanceView, 'at' | 'onChange'>;
  /** null: no witness but the machine's own word. */
  readonly probe: HostProbe | null;
  /** Who stands on the same network and may be asked; absent: nobody. */
  readonly neighbours?: Neighbourhood;
  /** Those that share a switch, a network or a place with it, by each of these; absent: not known. */
  readonly circlesOf?: (ciId: string) => Iterable<Iterable<string>>;
  /** Two ticks further apart than this: the server stood still. A simulation with longer steps says so. */
  readonly stallMs?: Millis;
  /** What could not be written is kept and tried again with the next change. */
  readonly report: (what: string, error: unknown) => void;
}

/** How a connection began and ended, as ingest tells it. */
export interface LinkStart {
  readonly bootId: string;
  readonly address: string;
}
export interface LinkEnd {
  readonly how: 'goodbye' | 'closed' | 'timeout' | 'revoked' | 'moved';
  readonly reason: LeaveReason | null;
  readonly lastEvidenceMs: Millis;
}

/** Inputs take what ingest hears, in the order of the agent's stream; they return at once and are written behind. */
export interface PresenceKeeper extends PresenceView {
  /** Before everything else: reads what was known and blames the silence since then on the server itself. */
  start(nowMs: Millis): Promise<void>;
  connected(ciId: string, agentId: string, info: LinkStart, nowMs: Millis): void;
  disconnected(ciId: string, agentId: string, end: LinkEnd, nowMs: Millis): void;
  samples(ciId: string, ticks: readonly { readonly atMs: Millis }[], nowMs: Millis): void;
  /** Resolves when the effect is durable. A repeated event has none. */
  event(ciId: string, event: AgentEvent, nowMs: Millis): Promise<void>;
  tick(nowMs: Millis): void;
  /** All that was taken so far is durable. */
  settled(): Promise<void>;
}

const ALONE: { readonly is: boolean; readonly lookAgainMs: Millis } = { is: false, lookAgainMs: -Infinity };

class Watched {
  readonly ciId: string;
  /** As of what changed it last; signs of life stand beside it until somebody asks, since they come with each frame. */
  #machine: Machine;
  #heardMs: Millis = -Infinity;
  #streamMs: Millis = -Infinity;
  #isUndisturbed: boolean;
  entry: CiEntry | null;
  expectation: Expectation;
  stretch: Stretch;
  status: PresenceStatus;
  agentId: string | null = null;
  address: string | null = null;
  probe: { readonly startedMs: Millis; answer: 'answers' | 'silent' | null; taken: boolean } | null = null;
  /** What was asked of its neighbours in this absence. */
  asked: {
    readonly startedMs: Millis;
    readonly count: number;
    testimony: Testimony | null;
    over: boolean;
  } | null = null;
  /** Whether others fell silent with it and still are, and when to look again. */
  company: { readonly is: boolean; readonly lookAgainMs: Millis } = ALONE;
  /** The status is worked out anew from here on, or before `lookedMs` when the clock was set back. */
  lookAgainMs: Millis;
  lookedMs: Millis;

  constructor(ciId: string, machine: Machine, known: Known) {
    this.ciId = ciId;
    this.#machine = machine;
    this.#isUndisturbed = isUndisturbed(machine);
    this.entry = known.entry;
    this.expectation = known.expectation;
    this.stretch = known.stretch;
    this.status = known.status;
    this.lookAgainMs = known.lookAgainMs;
    this.lookedMs = known.lookedMs;
  }

  get machine(): Machine {
    if (this.#heardMs > this.#machine.lastHeardMs || this.#streamMs > (this.#machine.streamMs ?? -Infinity))
      this.#machine = withSigns(this.#machine, this.#heardMs, this.#streamMs);
    return this.#machine;
  }

  set machine(machine: Machine) {
    this.#machine = machine;
    this.#isUndisturbed = isUndisturbed(machine);
    this.#heardMs = -Infinity;
    this.#streamMs = -Infinity;
  }

  /** Samples of these times have come. False: that says more of the machine than that it is there. */
  heard(ticks: readonly { readonly atMs: Millis }[], nowMs: Millis): boolean {
    if (!this.#isUndisturbed || ticks.length === 0) return false;
    if (nowMs > this.#heardMs) this.#heardMs = nowMs;
    for (let i = 0; i < ticks.length; i++) {
      const atMs = Math.min((ticks[i] as { readonly atMs: Millis }).atMs, nowMs);
      if (atMs > this.#streamMs) this.#streamMs = atMs;
    }
    return true;
  }
}

/** What is known of a machine beside its record. */
type Known = Pick<Watched, 'entry' | 'expectation' | 'stretch' | 'status' | 'lookAgainMs' | 'lookedMs'>;

/** A machine the directory does not know (any more) is expected at no time. */
const NEVER: Stretch = { inHours: false, fromMs: -Infinity, toMs: Infinity };
const HOW: Readonly<Record<LinkEnd['how'], DisconnectHow>> = {
  goodbye: 'closed',
  closed: 'closed',
  timeout: 'timeout',
  revoked: 'server',
  moved: 'server',
};

export function createPresence(deps: PresenceDeps): PresenceKeeper {
  return new Keeper(deps);
}

class Keeper implements PresenceKeeper {
  readonly #deps: PresenceDeps;
  readonly #watched = new Map<string, Watched>();
  readonly #listeners: ((status: PresenceStatus, nowMs: Millis) => void)[] = [];
  readonly #unwritten = new Map<string, Revision[]>();
  /** Machines that are absent, or whose connection is gone: the others need no look. */
  readonly #quiet = new Set<Watched>();
  /** How many machines connected last from each address. */
  readonly #addresses = new Map<string, number>();
  /** When a coming or going was written at once last. */
  #gatheredMs: Millis = Number.NEGATIVE_INFINITY;
  /** The first time at which the hours of a machine that is up begin or end. */
  #hoursChangeMs = Infinity;
  readonly #neighbours: Neighbourhood;
  #writing: Promise<void> = Promise.resolve();
  #excusedUntilMs = -Infinity;
  #massUntilMs = -Infinity;
  #lastTickMs: Millis | null = null;
  #prunedMs = -Infinity;
  #probesRunning = 0;
  /** null: some machine is not as it was when they were counted. */
  #counts: FleetCounts | null = null;

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
    this.#neighbours = deps.neighbours ?? NO_NEIGHBOURS;
    deps.directory.onChange((entry) => {
      this.#counts = null;
      this.#entryChanged(entry);
    });
    deps.expectations.onChange(() => {
      for (const { entry } of this.#watched.values()) if (entry) this.#entryChanged(entry);
    });
    deps.maintenance?.onChange((nowMs) => this.#plannedAll(nowMs));
  }

  async start(nowMs: Millis): Promise<void> {
    this.#excusedUntilMs = nowMs + START_GRACE_MS;
    this.#lastTickMs = nowMs;
    for (const { ciId, machine } of await this.#deps.store.machines()) {
      const newestMs = Math.min(this.#deps.newestSampleMs(ciId) ?? -Infinity, nowMs);
      const known: Machine = {
        ...machine,
        lastHeardMs: Math.max(machine.lastHeardMs, newestMs),
        streamMs: newestMs > (machine.streamMs ?? -Infinity) ? newestMs : machine.streamMs,
      };
      this.#watch(ciId, known, nowMs);
      this.#feed(ciId, { type: 'restored' }, nowMs);
    }
    // Windows began and ended while nobody looked.
    this.#plannedAll(nowMs);
    await this.#write();
  }

  connected(ciId: string, agentId: string, info: LinkStart, nowMs: Millis): void {
    const intervalMs = this.#deps.intervalMs?.(ciId) ?? INTERVAL_MS_DEFAULT;
    this.#feed(ciId, { type: 'connected', bootId: info.bootId, intervalMs }, nowMs);
    const watched = this.#watched.get(ciId);
    invariant(watched, 'a connection makes a machine known');
    watched.agentId = agentId;
    this.#countAddress(watched.address, -1);
    this.#countAddress(info.address, 1);
    watched.address = info.address;
    watched.probe = null;
    watched.asked = null;
    this.#planned(watched, nowMs);
    this.#writeGathered(nowMs);
  }

  disconnected(ciId: string, agentId: string, end: LinkEnd, nowMs: Millis): void {
    const watched = this.#watched.get(ciId);
    if (!watched || watched.agentId !== agentId) return;
    if (end.reason !== null)
      this.#feed(ciId, { type: 'stopping', reason: end.reason, atMs: end.lastEvidenceMs }, nowMs);
    const { lastEvidenceMs } = end;
    this.#feed(ciId, { type: 'disconnected', how: HOW[end.how], lastEvidenceMs }, nowMs);
    this.#writeGathered(nowMs);
  }

  samples(ciId: string, ticks: readonly { readonly atMs: Millis }[], nowMs: Millis): void {
    const watched = this.#watched.get(ciId);
    if (!watched || watched.heard(ticks, nowMs)) return;
    const timesMs = ticks.map((one) => one.atMs);
    if (this.#feed(ciId, { type: 'samples', timesMs }, nowMs)) this.#writeGathered(nowMs);
  }

  async event(ciId: string, event: AgentEvent, nowMs: Millis): Promise<void> {
    if (!this.#watched.has(ciId)) return;
    if (event.type === 'stopping' || event.type === 'started') {
      const input = event.type === 'stopping' ? { ...event, reason: leaveReason(event) } : event;
      this.#feed(ciId, input, nowMs);
      await this.#write();
    }
  }

  tick(nowMs: Millis): void {
    this.#watchOurselves(nowMs);
    const excused = nowMs < this.#excusedUntilMs;
    this.#startProbes(nowMs);
    const mass = this.#isMass(nowMs);
    let changed = false;
    for (const watched of this.#quiet) {
      changed = this.#takeProbe(watched, nowMs) || changed;
      changed = this.#takeTestimony(watched, nowMs) || changed;
      if (!excused && !mass) this.#askNeighbours(watched, nowMs);
      changed = this.#judge(watched, { excused, mass }, nowMs) || changed;
      this.#lookForCompany(watched, nowMs);
      if (nowMs >= watched.lookAgainMs || nowMs < watched.lookedMs) this.#refresh(watched, nowMs);
    }
    if (nowMs >= this.#hoursChangeMs) this.#hoursChanged(nowMs);
    if (changed || this.#unwritten.size > 0) this.#writeSoon();
    this.#prune(nowMs);
  }

  settled(): Promise<void> {
    if (this.#unwritten.size > 0) this.#writeSoon();
    return this.#writing;
  }

  get(ciId: string): PresenceStatus | undefined {
    const watched = this.#watched.get(ciId);
    if (!watched) return undefined;
    const { lastHeardMs, absentSinceMs } = watched.machine;
    const answered = absentSinceMs === null ? null : answeredMs(watched.machine);
    return { ...watched.status, lastSeenMs: lastHeardMs, answeredMs: answered };
  }

  counts(): FleetCounts {
    this.#counts ??= this.#counted();
    return this.#counts;
  }

  #counted(): FleetCounts {
    const counts = { total: 0, up: 0, asleep: 0, off: 0, planned: 0, silent: 0, unknown: 0 };
    for (const { id, lifecycle } of this.#deps.directory.all()) {
      const state = this.#watched.get(id)?.status.state ?? unheardState(lifecycle);
      if (!isInFleet({ lifecycle, up: state === 'up' })) continue;
      counts[state] += 1;
      counts.total += 1;
    }
    return counts;
  }

  onChange(listener: (status: PresenceStatus, nowMs: Millis) => void): void {
    this.#listeners.push(listener);
  }

  /** True where the record changes. */
  #judge(watched: Watched, own: { excused: boolean; mass: boolean }, nowMs: Millis): boolean {
    const { machine, expectation } = watched;
    const overdue = isOverdue(machine, nowMs);
    if (!overdue && machine.ownFault === null) return false;
    if (overdue && (this.#awaitsProbe(watched, nowMs) || this.#awaitsTestimony(watched, nowMs))) return false;
    // In a silence of most machines all of them come by here each second, and nothing is judged.
    const around = own.excused || own.mass ? null : this.#around(watched, nowMs);
    return this.#feed(watched.ciId, { type: 'tick', ...own, roaming: expectation.roaming, around }, nowMs);
  }

  /** The hours of some machine begin or end; those that are not up look for themselves. */
  #hoursChanged(nowMs: Millis): void {
    this.#hoursChangeMs = Infinity;
    for (const watched of this.#watched.values()) {
      if (nowMs >= watched.stretch.toMs) this.#refresh(watched, nowMs);
      this.#hoursChangeMs = Math.min(this.#hoursChangeMs, watched.stretch.toMs);
    }
  }

  /** One step of one machine. True where the record changes. */
  #feed(ciId: string, input: PresenceInput, nowMs: Millis): boolean {
    const watched = this.#watched.get(ciId);
    const zone = watched?.entry?.timeZone ?? this.#deps.directory.get(ciId)?.timeZone ?? null;
    const { machine, revisions } = step(watched?.machine ?? null, input, nowMs, zone);
    if (revisions.length > 0 || isDurable(input)) {
      const waiting = this.#unwritten.get(ciId) ?? [];
      this.#unwritten.set(ciId, [...waiting, ...revisions]);
    }
    if (!watched) this.#watch(ciId, machine, nowMs);
    else {
      const { link, absentSinceMs } = watched.machine;
      watched.machine = machine;
      if (machine.link !== link || machine.absentSinceMs !== absentSinceMs) this.#sort(watched);
    }
    if (watched && revisions.length > 0) this.#refresh(watched, nowMs);
    return revisions.length > 0;
  }

  #watch(ciId: string, machine: Machine, nowMs: Millis): void {
    const entry = this.#deps.directory.get(ciId) ?? null;
    const expectation = this.#deps.expectations.of(entry ?? { id: ciId, class: '', tags: [] });
    const stretch = entry ? stretchAt(expectation, entry.timeZone, nowMs) : NEVER;
    const status = statusOf(
      ciId,
      machine,
      expectation,
      stretch,
      nowMs,
      circumstancesOf({ entry, machine, company: ALONE }),
    );
    const lookAgainMs = statusHoldsUntilMs(machine, stretch, nowMs);
    const known = { entry, expectation, stretch, status, lookAgainMs, lookedMs: nowMs };
    const watched = new Watched(ciId, machine, known);
    this.#watched.set(ciId, watched);
    this.#sort(watched);
    this.#hoursChangeMs = Math.min(this.#hoursChangeMs, stretch.toMs);
    this.#tell(status, nowMs);
  }

  #sort(watched: Watched): void {
    const { link, absentSinceMs } = watched.machine;
    if (link.open && absentSinceMs === null) this.#quiet.delete(watched);
    else this.#quiet.add(watched);
  }

  #refresh(watched: Watched, nowMs: Millis): void {
    if (nowMs >= watched.stretch.toMs || nowMs < watched.stretch.fromMs)
      watched.stretch = stretchAt(watched.expectation, watched.entry?.timeZone ?? null, nowMs);
    this.#hoursChangeMs = Math.min(this.#hoursChangeMs, watched.stretch.toMs);
    watched.lookAgainMs = statusHoldsUntilMs(watched.machine, watched.stretch, nowMs);
    watched.lookedMs = nowMs;
    const { ciId, machine, expectation, stretch } = watched;
    const status = statusOf(ciId, machine, expectation, stretch, nowMs, circumstancesOf(watched));
    if (isSame(status, watched.status)) return;
    watched.status = status;
    this.#tell(status, nowMs);
  }

  #tell(status: PresenceStatus, nowMs: Millis): void {
    this.#counts = null;
    for (const listener of this.#listeners) listener(status, nowMs);
  }

  #entryChanged(entry: CiEntry): void {
    const watched = this.#watched.get(entry.id);
    const nowMs = this.#lastTickMs;
    if (!watched || nowMs === null) return;
    const expectation = this.#deps.expectations.of(entry);
    const { hours, roaming } = watched.expectation;
    const same =
      watched.entry?.timeZone === entry.timeZone &&
      hours === expectation.hours &&
      roaming === expectation.roaming;
    watched.entry = entry;
    // The hours around now take a millisecond to find, and most changes of a machine do not touch them.
    if (!same) {
      watched.expectation = expectation;
      watched.stretch = stretchAt(expectation, entry.timeZone, nowMs);
    }
    this.#planned(watched, nowMs);
    this.#refresh(watched, nowMs);
    if (this.#unwritten.size > 0) this.#writeSoon();
  }

  #plannedAll(nowMs: Millis): void {
    for (const watched of this.#watched.values()) {
      this.#planned(watched, nowMs);
      this.#refresh(watched, nowMs);
    }
    if (this.#unwritten.size > 0) this.#writeSoon();
  }

  #planned(watched: Watched, nowMs: Millis): void {
    watched.entry ??= this.#deps.directory.get(watched.ciId) ?? null;
    const outOfService = watched.entry !== null && !isInService(watched.entry.lifecycle);
    const planned = outOfService || (this.#deps.maintenance?.at(watched.ciId, nowMs) ?? null) !== null;
    this.#feed(watched.ciId, { type: 'planned', planned }, nowMs);
  }

  /** A server that stood still, or whose clock was set, has heard nobody: its own fault. */
  #watchOurselves(nowMs: Millis): void {
    const passedMs = nowMs - (this.#lastTickMs ?? nowMs);
    if (passedMs > (this.#deps.stallMs ?? STALL_MS) || passedMs < -CLOCK_BACK_MS)
      this.#excusedUntilMs = Math.max(
        Math.min(this.#excusedUntilMs, nowMs + START_GRACE_MS),
        nowMs + STALL_GRACE_MS,
      );
    this.#lastTickMs = nowMs;
  }

  /** Of those that are expected now; what goes in the evening goes because it is evening. */
  #isMass(nowMs: Millis): boolean {
    let suspects = 0;
    let watching = 0;
    for (const { machine, stretch } of this.#quiet) {
      if (!stretch.inHours) continue;
      const justLost =
        machine.absentSinceMs !== null &&
        machine.lastWord === null &&
        nowMs - machine.absentSinceMs < silentAfterMs(machine) + MASS_WINDOW_MS;
      const isSuspect = justLost || isOverdue(machine, nowMs, SUSPECT_AFTER_MS);
      if (isSuspect) suspects += 1;
      if (isSuspect || machine.absentSinceMs === null) watching += 1;
    }
    const isNow =
      suspects >= MASS_MACHINES_MIN && suspects >= (watching + this.#steadyCount()) * MASS_SHARE_MIN;
    if (isNow && nowMs >= this.#massUntilMs + MASS_WINDOW_MS) this.#massUntilMs = nowMs + MASS_HOLD_MS;
    return nowMs < this.#massUntilMs;
  }

  /** Those that are up and expected; counted only when others are suspected. */
  #steadyCount(): number {
    let count = 0;
    for (const watched of this.#watched.values())
      if (watched.stretch.inHours && !this.#quiet.has(watched)) count += 1;
    return count;
  }

  #startProbes(nowMs: Millis): void {
    const { probe } = this.#deps;
    if (!probe) return;
    for (const watched of this.#quiet) {
      if (this.#probesRunning >= PROBES_RUNNING_MAX) return;
      const { address } = watched;
      if (address === null || !isWorthProbing(watched, nowMs, () => this.#leadMs(watched))) continue;
      if (this.#isShared(address)) continue;
      const run = { startedMs: nowMs, answer: null, taken: false } as NonNullable<Watched['probe']>;
      watched.probe = run;
      this.#probesRunning += 1;
      void probe(address)
        .then((answer) => {
          run.answer = answer;
        })
        .catch((error: unknown) => this.#deps.report(`probe of ${address}`, error))
        .finally(() => {
          this.#probesRunning -= 1;
        });
    }
  }

  /** Neighbours take longer than a probe, and are asked only after it. */
  #leadMs({ ciId }: Watched): Millis {
    return this.#neighbours.of(ciId).length > 0 ? WITNESS_LEAD_MS : PROBE_LEAD_MS;
  }

  /** When its host does not answer the server, those who are nearer may know. */
  #askNeighbours(watched: Watched, nowMs: Millis): void {
    const { machine, ciId } = watched;
    if (!isWorthAsking(watched, nowMs) || this.#awaitsProbe(watched, nowMs)) return;
    if (machine.witness?.answer === 'answers') return;
    const running = this.#neighbours.ask(ciId, nowMs);
    const count = (watched.asked?.count ?? 0) + (running ? 1 : 0);
    const asked: NonNullable<Watched['asked']> = { startedMs: nowMs, count, testimony: null, over: !running };
    watched.asked = asked;
    if (!running) return;
    void running
      .then((testimony) => {
        asked.testimony = testimony;
      })
      .catch((error: unknown) => this.#deps.report(`asking the neighbours of ${ciId}`, error))
      .finally(() => {
        if (asked.testimony === null) asked.over = true;
      });
  }

  #awaitsTestimony({ asked }: Watched, nowMs: Millis): boolean {
    return asked !== null && !asked.over && nowMs - asked.startedMs < WITNESS_WAIT_MS_MAX;
  }

  #takeTestimony(watched: Watched, nowMs: Millis): boolean {
    const { asked, expectation, machine } = watched;
    if (!asked?.testimony || asked.over) return false;
    asked.over = true;
    if (machine.link.open) return false;
    const { testimony } = asked;
    return this.#feed(watched.ciId, { type: 'testified', testimony, roaming: expectation.roaming }, nowMs);
  }

  /** Looked for until others have been found silent, then for as long as they are. */
  #lookForCompany(watched: Watched, nowMs: Millis): void {
    const { machine, company, expectation } = watched;
    const { absentSinceMs } = machine;
    if (absentSinceMs === null || !expectation.roaming || !isOutOfReach(machine.cause)) {
      watched.company = ALONE;
      return;
    }
    if (nowMs < company.lookAgainMs) return;
    const is = this.#isInCompany(watched, nowMs);
    const isLate = nowMs - absentSinceMs > 2 * TOGETHER_MS + silentAfterMs(machine);
    watched.company = { is, lookAgainMs: !is && isLate ? Infinity : nowMs + COMPANY_LOOK_MS };
    if (is !== company.is) this.#refresh(watched, nowMs);
  }

  #isInCompany(watched: Watched, nowMs: Millis): boolean {
    const { ciId, machine } = watched;
    if (isCompany(this.#around(watched, nowMs))) return true;
    for (const others of this.#deps.circlesOf?.(ciId) ?? [])
      if (isCompany(this.#among(watched, others, nowMs))) return true;
    // After a silence of most machines the whole house is its circle.
    return machine.cause === 'network' && isCompany(this.#among(watched, this.#watched.keys(), nowMs));
  }

  /** The others on its network, now that it is silent itself; null where none are known. */
  #around(watched: Watched, nowMs: Millis): Around | null {
    const others = this.#neighbours.of(watched.ciId);
    return others.length === 0 ? null : this.#among(watched, others, nowMs);
  }

  #among({ ciId, machine }: Watched, others: Iterable<string>, nowMs: Millis): Around {
    let standing = 0;
    let lost = 0;
    for (const id of others) {
      const other = this.#watched.get(id)?.machine;
      if (!other || id === ciId) continue;
      if (other.absentSinceMs === null) {
        const quietMs = nowMs - other.lastHeardMs;
        if (quietMs < Math.max(SUSPECT_AFTER_MS, 2 * other.intervalMs)) standing += 1;
        else lost += 1;
      } else if (
        other.lastWord === null &&
        other.presence === 'unknown' &&
        Math.abs(other.absentSinceMs - machine.lastHeardMs) <= TOGETHER_MS
      )
        lost += 1;
    }
    return { standing, lost };
  }

  /** Behind an address of several machines stands a gateway, whose answer says nothing. Loopback is this host itself. */
  #isShared(address: string): boolean {
    return !isLoopback(address) && (this.#addresses.get(address) ?? 0) > 1;
  }

  #countAddress(address: string | null, by: number): void {
    if (address === null) return;
    const count = (this.#addresses.get(address) ?? 0) + by;
    if (count > 0) this.#addresses.set(address, count);
    else this.#addresses.delete(address);
  }

  #awaitsProbe({ probe }: Watched, nowMs: Millis): boolean {
    return probe !== null && probe.answer === null && nowMs - probe.startedMs < PROBE_WAIT_MS_MAX;
  }

  #takeProbe(watched: Watched, nowMs: Millis): boolean {
    const { probe } = watched;
    if (!probe || probe.answer === null || probe.taken) return false;
    probe.taken = true;
    if (watched.machine.link.open) return false;
    const changed = this.#feed(watched.ciId, { type: 'probed', answer: probe.answer }, nowMs);
    // Of what its user takes along it counts that the host answers, also where it changes no cause.
    if (!changed) this.#refresh(watched, nowMs);
    return changed;
  }

  #prune(nowMs: Millis): void {
    if (nowMs - this.#prunedMs < PRUNE_INTERVAL_MS) return;
    this.#prunedMs = nowMs;
    this.#inTurn(async () => {
      await this.#deps.store.dropBefore(nowMs - RECORD_KEPT_MS);
    }).catch((error: unknown) => this.#deps.report('dropping old presence', error));
  }

  /** At once where nothing was written of late, else with the next tick: a thousand machines come and go together. */
  #writeGathered(nowMs: Millis): void {
    if (Math.abs(nowMs - this.#gatheredMs) < GATHER_MS) return;
    this.#gatheredMs = nowMs;
    this.#writeSoon();
  }

  #writeSoon(): void {
    this.#write().catch((error: unknown) => this.#deps.report('writing presence', error));
  }

  #write(): Promise<void> {
    return this.#inTurn(() => this.#writeAll());
  }

  #inTurn(job: () => Promise<void>): Promise<void> {
    const turn = this.#writing.then(job);
    // The failure belongs to the caller of this turn; the next one starts anew.
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  async #writeAll(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const taken = new Map(this.#unwritten);
    this.#unwritten.clear();
    try {
      const changes = await this.#changesOf(taken);
      await this.#deps.store.record(changes);
    } catch (error) {
      for (const [ciId, list] of taken)
        this.#unwritten.set(ciId, [...list, ...(this.#unwritten.get(ciId) ?? [])]);
      throw error;
    }
  }

  async #changesOf(taken: ReadonlyMap<string, readonly Revision[]>): Promise<PresenceChange[]> {
    const asked: PresenceSince[] = [];
    // As it is now: what comes while the store is read is written the next time.
    const machines = [...taken].map(([ciId, revisions]) => {
      const watched = this.#watched.get(ciId);
      invariant(watched, 'only known machines are written');
      // One more to the left: the new first interval may join it.
      const fromMs = Math.min(...revisions.map((revision) => revision.fromMs)) - 1;
      if (revisions.length > 0) asked.push({ ciId, fromMs });
      return { ciId, machine: watched.machine, revisions };
    });
    const stored = await this.#deps.store.intervalsSince(asked);
    return machines.map(({ ciId, machine, revisions }) => {
      const intervals = revisions.length === 0 ? [] : applyRevisions(stored.get(ciId) ?? [], revisions);
      return { ciId, machine, intervals };
    });
  }
}

function isCompany(around: Around | null): boolean {
  return around !== null && around.lost + 1 >= COMPANY_MIN && around.lost + 1 >= around.standing;
}

function circumstancesOf({
  entry,
  machine,
  company,
}: Pick<Watched, 'entry' | 'machine' | 'company'>): Circumstances {
  return {
    inService: entry !== null && isInService(entry.lifecycle),
    isHere: company.is || machine.witness?.answer === 'answers',
  };
}

/** Inputs that change what must survive a restart even when the record stays as it is. */
function isDurable(input: PresenceInput): boolean {
  return (
    input.type === 'connected' ||
    input.type === 'disconnected' ||
    input.type === 'stopping' ||
    input.type === 'started' ||
    input.type === 'testified'
  );
}

function isWorthAsking({ machine, asked }: Watched, nowMs: Millis): boolean {
  if (machine.link.open || machine.lastWord !== null || machine.ownFault !== null) return false;
  if (asked && (asked.count >= WITNESS_ASKED_MAX || nowMs - asked.startedMs < WITNESS_AGAIN_MS)) return false;
  return machine.absentSinceMs === null
    ? isOverdue(machine, nowMs, silentAfterMs(machine) - WITNESS_LEAD_MS)
    : machine.presence === 'unknown' && machine.cause === 'unreachable';
}

function isWorthProbing({ machine, probe }: Watched, nowMs: Millis, leadMs: () => Millis): boolean {
  if (machine.link.open || (probe !== null && nowMs - probe.startedMs < PROBE_INTERVAL_MS)) return false;
  if (machine.lastWord !== null) return false;
  return machine.absentSinceMs === null
    ? isOverdue(machine, nowMs, silentAfterMs(machine) - leadMs())
    : machine.presence === 'unknown';
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

function isSame(a: PresenceStatus, b: PresenceStatus): boolean {
  return (
    a.presence === b.presence &&
    a.cause === b.cause &&
    a.expected === b.expected &&
    a.inHours === b.inHours &&
    a.planned === b.planned &&
    a.silence === b.silence &&
    a.sinceMs === b.sinceMs &&
    a.evidence === b.evidence &&
    a.bootsMs === b.bootsMs
  );
}
