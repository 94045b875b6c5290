/**
 * One rollout at work: rings, gate, pace and the way back. No clock, no socket, no store: what is learned of agents comes in with its
 * time, `tick` says whom to tell now, and `takeChanges` what is to be kept. Made again from what was kept, it goes on as before.
 */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { AgentReason, RingName, RolloutAgentState } from '@muster/shared/api/rollouts.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { InstalledRelease, Upgrading } from '@muster/shared/wire/agent-messages.ts';
import type { LeaveReason } from '@muster/shared/wire/goodbye.ts';
import { CLOCK_BACK_MS, STALL_MS } from '../availability/keeper.ts';
import { isUnderWay, nextState, type Sign } from './agent-states.ts';
import {
  type Counts,
  isActive,
  type MemberRecord,
  type RingRecord,
  type RolloutReason,
  type RolloutRecord,
} from './store.ts';
import { gateWords, nobodyWords, RELEASE_GONE } from './words.ts';

/** A connected agent that was told says something within this time. */
export const TOLD_MS_MAX = 2 * MINUTE_MS;
/** A download that brings nothing for so long has stopped. */
export const STALLED_MS_MAX = 10 * MINUTE_MS;
/** To start, and where the machine returns by itself to start once more, beyond the time of the trial. */
export const TRIAL_MARGIN_MS = 3 * MINUTE_MS;
/** An agent that is done and left without a word that explains it. */
export const SILENT_MS_MAX = 3 * MINUTE_MS;
/** One that put it off (metered line, no space) is told again. */
export const POSTPONED_MS = 15 * MINUTE_MS;
/** To return to the version before. */
export const RETURN_MS_MAX = 10 * MINUTE_MS;
/** Told so often in a row without getting on, e.g. because it falls over each time. */
export const TELLS_MAX = 5;
/** After a start of the server agents have this time to come back before anything is held against them. */
export const SETTLE_MS = 5 * MINUTE_MS;

/** With these a machine says that it will not be there. */
const EXCUSED: ReadonlySet<LeaveReason> = new Set(['shutdown', 'sleep', 'uninstall']);
/** A server with much memory takes its time to boot. */
export const REBOOT_MS_MAX = 20 * MINUTE_MS;
/** So many lost within SILENT_MS_MAX, and more than are still there: it is the server's own line, and nobody's release. */
export const OUTAGE_AGENTS_MIN = 5;
/** A server that stood still for so long was away: trials may have ended for want of it. */
export const AWAY_MS_MIN = MINUTE_MS;

const SERVER_AWAY: AgentReason = 'server-away';

export interface Order {
  readonly agentId: string;
  readonly kind: 'upgrade' | 'roll-back';
}

export interface Failure {
  readonly ring: RingName;
  readonly why: Words;
}

export interface Progress {
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

export type Move = 'paused' | 'running' | 'stopped' | 'rolling-back' | 'promoted';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Member extends Mutable<MemberRecord> {
  connected: boolean;
  /** While it is not. */
  leftMs: Millis;
  /** When its connection broke without a word; null: it did not, or is explained. */
  lostMs: Millis | null;
  hasPrevious: boolean;
  /** Connected with the new version, which is on trial. */
  isTrying: boolean;
  receivedBytes: number;
  totalBytes: number;
  /** The furthest that it came. */
  mostBytes: number;
  /** When its download brought something last. */
  movedMs: Millis;
  /** It put it off itself; null: it did not. */
  retryAtMs: Millis | null;
  /** What it was told may not have reached it. */
  tellAgain: boolean;
  /** It was told, and the server was away since: what became of its trial meanwhile is nobody's fault. */
  unseen: boolean;
}

const UNDONE: readonly RolloutRecord['state'][] = ['stopped', 'rolling-back', 'rolled-back'];

export class RolloutRun {
  readonly #record: Mutable<Omit<RolloutRecord, 'rings'>>;
  readonly #rings: Mutable<RingRecord>[];
  readonly #members = new Map<string, Member>();
  readonly #byRing: ReadonlyMap<RingName, Member[]>;
  readonly #pinned: ReadonlySet<string>;
  /** Nothing that is missing is held against agents before. */
  #settledMs: Millis;
  /** Of the last tick; null: there was none. */
  #tickMs: Millis | null = null;
  #changed = new Set<Member>();
  #recordChanged = false;

  /** `pinned`: is looked at as it is, whenever it matters. */
  constructor(
    record: RolloutRecord,
    members: readonly MemberRecord[],
    { pinned, settledMs }: { pinned: ReadonlySet<string>; settledMs: Millis },
  ) {
    const { rings, ...rest } = record;
    this.#record = { ...rest };
    // Nothing that was kept lies ahead: by a clock that was set back meanwhile it would never come.
    const watchMsMax = record.gate.watchMinutes * MINUTE_MS;
    this.#rings = rings.map((ring) => ({
      ...ring,
      watchUntilMs: ring.watchUntilMs && Math.min(ring.watchUntilMs, settledMs + watchMsMax),
    }));
    this.#pinned = pinned;
    this.#settledMs = settledMs;
    for (const member of members)
      this.#members.set(member.agentId, {
        ...member,
        sinceMs: member.sinceMs && Math.min(member.sinceMs, settledMs),
        connected: false,
        leftMs: settledMs,
        lostMs: null,
        hasPrevious: false,
        isTrying: false,
        receivedBytes: 0,
        totalBytes: 0,
        mostBytes: 0,
        movedMs: 0,
        retryAtMs: null,
        tellAgain: false,
        unseen: isAtWork(member),
      });
    const all = [...this.#members.values()];
    this.#byRing = new Map(this.#rings.map(({ name }) => [name, all.filter(({ ring }) => ring === name)]));
  }

  get id(): string {
    return this.#record.id;
  }

  get serial(): number {
    return this.#record.serial;
  }

  get state(): RolloutRecord['state'] {
    return this.#record.state;
  }

  /** Stopped, or on its way back: the release is not what the fleet should have. */
  get isUndone(): boolean {
    return UNDONE.includes(this.#record.state);
  }

  /** For machines with these tags alone; empty: for all. */
  get tags(): readonly string[] {
    return this.#record.tags;
  }

  /** With the counts of this moment. */
  get record(): RolloutRecord {
    const rings = this.#rings.map((ring) => ({ ...ring, counts: countsOf(this.#of(ring)) }));
    return { ...this.#record, rings, skipped: this.#skipped() };
  }

  progressOf(agentId: string): Progress {
    const { receivedBytes = 0, totalBytes = 0 } = this.#members.get(agentId) ?? {};
    return { receivedBytes, totalBytes };
  }

  /** The agent is connected and says what is installed; null: it takes no upgrades. */
  arrived(agentId: string, release: InstalledRelease | null, nowMs: Millis): void {
    const member = this.#members.get(agentId);
    if (!member) return;
    this.#heardAt(nowMs);
    const wasUnseen = member.unseen;
    member.unseen = wasUnseen && release?.onTrial === true;
    member.connected = true;
    member.lostMs = null;
    this.#excuse(member, false);
    member.isTrying = false;
    if (release === null) {
      this.#step(member, 'left-out', nowMs, 'no-ability');
      return this.#step(member, 'returned', nowMs, 'no-upgrades');
    }
    member.hasPrevious = release.previousSerial !== null;
    const { serial } = this.#record;
    if (release.serial > serial) return this.#step(member, 'overtaken', nowMs, 'already');
    if (release.serial === serial) {
      member.isTrying = release.onTrial;
      this.#step(member, release.onTrial ? 'on-trial' : 'confirmed', nowMs);
    } else {
      const { takenBack } = release;
      // What was there before says nothing about this time, unless it restarted in between.
      const isNew = member.state === 'trial' || member.state === 'done' || !member.tookBackBefore;
      const isTakenBack = takenBack?.serial === serial && isNew;
      if (wasUnseen && (isTakenBack || member.state === 'trial')) this.#forgive(member, nowMs);
      else if (isTakenBack) this.#step(member, 'taken-back', nowMs, takenBack.why);
      else this.#step(member, 'returned', nowMs, 'other-release');
    }
    if (this.#inRing(member)) this.#step(member, 'back', nowMs);
    member.tellAgain =
      member.state === 'told' || member.state === 'downloading' || member.state === 'rolling-back';
  }

  /** The server has acknowledged something of it: with that a version on trial stays. */
  acknowledged(agentId: string, nowMs: Millis): void {
    const member = this.#members.get(agentId);
    if (member?.isTrying !== true) return;
    this.#heardAt(nowMs);
    this.#step(member, 'confirmed', nowMs);
  }

  said(
    agentId: string,
    { serial, stage, receivedBytes, totalBytes, detail }: Upgrading,
    nowMs: Millis,
  ): void {
    const member = this.#members.get(agentId);
    if (!member || serial !== this.#record.serial) return;
    this.#heardAt(nowMs);
    switch (stage) {
      case 'waiting':
        this.#step(member, 'postponed', nowMs, detail);
        if (member.state !== 'waiting') return;
        member.retryAtMs = nowMs + POSTPONED_MS;
        member.tells = 0;
        return;
      case 'downloading':
      case 'verified': {
        const wasThere = member.state === 'downloading';
        this.#step(member, 'downloading', nowMs);
        if (member.state !== 'downloading') return;
        if (member.detail !== detail) {
          member.detail = detail;
          this.#changed.add(member);
        }
        if (!wasThere || receivedBytes !== member.receivedBytes) member.movedMs = nowMs;
        // One that falls over and begins anew each time gets on only where it comes further than before.
        if (receivedBytes > member.mostBytes) member.tells = 1;
        member.mostBytes = Math.max(member.mostBytes, receivedBytes);
        member.receivedBytes = receivedBytes;
        member.totalBytes = totalBytes;
        return;
      }
      case 'restarting':
        return this.#step(member, 'restarting', nowMs);
      case 'confirmed':
        return this.#step(member, 'confirmed', nowMs);
      case 'refused':
      case 'failed':
        return this.#step(member, 'refused', nowMs, detail);
    }
  }

  /** `goodbye`: what it said before; null: nothing. */
  left(agentId: string, goodbye: LeaveReason | null, nowMs: Millis): void {
    const member = this.#members.get(agentId);
    if (!member) return;
    this.#heardAt(nowMs);
    member.connected = false;
    member.isTrying = false;
    member.lostMs = goodbye === null ? nowMs : null;
    member.leftMs = goodbye === 'restart' ? nowMs + REBOOT_MS_MAX : nowMs;
    this.#excuse(member, goodbye !== null && EXCUSED.has(goodbye));
    if (goodbye === 'upgrade') this.#step(member, 'restarting', nowMs);
  }

  /** It may not connect any more. */
  revoked(agentId: string, nowMs: Millis): void {
    const member = this.#members.get(agentId);
    if (member) this.#step(member, 'revoked', nowMs, 'revoked');
  }

  /** After `pinned` has changed; what is under way is not called back. */
  pinChanged(agentId: string, nowMs: Millis): void {
    const member = this.#members.get(agentId);
    if (!member || member.ring === null || isUnderWay(member.state)) return;
    if (this.#pinned.has(agentId)) this.#step(member, 'left-out', nowMs, 'pinned');
    else if (member.detail === 'pinned') this.#step(member, 'let-in', nowMs);
  }

  /** What a person wants, with who and why. null: it is so now; otherwise why not. */
  move(to: Move, why: RolloutReason | null, nowMs: Millis): string | null {
    const { state } = this.#record;
    const refused = `The rollout is ${state}`;
    switch (to) {
      case 'paused':
        if (state !== 'running') return `${refused}; only a running one can be paused.`;
        this.#enter('paused', why, nowMs);
        return null;
      case 'running':
        if (state !== 'paused') return `${refused}; only a paused one can be resumed.`;
        this.#enter('running', null, nowMs);
        return null;
      case 'stopped':
        if (!isActive(state)) return `${refused}; there is nothing to stop.`;
        this.#enter('stopped', why, nowMs);
        return null;
      case 'rolling-back':
        if (state === 'rolling-back' || state === 'rolled-back') return `${refused} already.`;
        this.#rollBack(why, nowMs);
        return null;
      case 'promoted': {
        const watched = this.#rings.find((ring) => ring.state === 'watching');
        if (state !== 'running' || !watched) return `${refused}, and no ring is being watched.`;
        this.#pass(watched, nowMs);
        return null;
      }
    }
  }

  /**
   * Once a second: what has become due, and whom to tell. `canLoad`: this server has the files of the release; without them it pauses.
   * `failure`: a ring has failed just now.
   */
  tick(
    nowMs: Millis,
    { canLoad } = { canLoad: true },
  ): { orders: readonly Order[]; failure: Failure | null } {
    this.#watchClock(nowMs);
    if (!canLoad && this.#record.state === 'running') this.#enter('paused', RELEASE_GONE, nowMs);
    this.#lookForOutage(nowMs);
    this.#seeThoseWhoStayed(nowMs);
    for (const ring of this.#rings) for (const member of this.#of(ring)) this.#timeOut(member, ring, nowMs);
    const failure = this.#judge(nowMs);
    if (this.#record.state === 'running') this.#advance(nowMs);
    const stuck = this.#record.state === 'running' ? this.#stuckRing() : null;
    const nobody = stuck === null ? null : this.#fail(stuck, nobodyWords(stuck.name), nowMs);
    const orders = this.#orders(nowMs, canLoad);
    if (this.#record.state === 'rolling-back' && this.#isAllBack())
      this.#enter('rolled-back', this.#record.reason, nowMs);
    return { orders, failure: failure ?? nobody };
  }

  /** What has changed since the last call, to be kept; null: nothing. */
  takeChanges(): { rollout: RolloutRecord; members: readonly MemberRecord[] } | null {
    if (!this.#recordChanged && this.#changed.size === 0) return null;
    const members = [...this.#changed].map(recordOf);
    this.#changed = new Set();
    this.#recordChanged = false;
    return { rollout: this.record, members };
  }

  /** Could not be kept: it is tried again with the next changes. */
  giveBack({ members }: { members: readonly MemberRecord[] }): void {
    this.#recordChanged = true;
    for (const { agentId } of members) {
      const member = this.#members.get(agentId);
      if (member) this.#changed.add(member);
    }
  }

  /** The most frequent reason first. */
  #skipped(): RolloutRecord['skipped'] {
    const counts = new Map<string, number>();
    for (const { state, detail } of this.#members.values())
      if (state === 'skipped') counts.set(detail, (counts.get(detail) ?? 0) + 1);
    return [...counts]
      .map(([reason, agents]) => ({ reason, agents }))
      .toSorted((a, b) => b.agents - a.agents);
  }

  #of({ name }: Pick<RingRecord, 'name'>): readonly Member[] {
    return this.#byRing.get(name) ?? [];
  }

  #inRing(member: Member): boolean {
    return this.#rings.some(({ name, state }) => name === member.ring && state !== 'waiting');
  }

  #step(member: Member, sign: Sign, nowMs: Millis, detail = ''): void {
    const next = nextState(member.state, sign);
    if (next === null || next === member.state) return;
    member.state = next;
    member.sinceMs = nowMs;
    member.detail = detail;
    member.retryAtMs = null;
    member.tellAgain = false;
    if (!isUnderWay(next)) {
      member.receivedBytes = 0;
      member.totalBytes = 0;
    }
    if (next === 'done') member.tells = 0;
    this.#changed.add(member);
  }

  /** What was heard before the first tick after the clock was set is of the time after it. */
  #heardAt(nowMs: Millis): void {
    if (this.#tickMs !== null && isJump(nowMs - this.#tickMs)) this.#watchClock(nowMs);
  }

  /** While the clock was set, or the server stood still, no time has passed for agents and rings. */
  #watchClock(nowMs: Millis): void {
    const passedMs = nowMs - (this.#tickMs ?? nowMs);
    this.#tickMs = nowMs;
    if (!isJump(passedMs)) return;
    this.#shiftTimes(passedMs);
    if (passedMs < 0) return;
    // Whoever was lost meanwhile has as long to come back; no longer, so that a server that stands still often holds nothing up.
    this.#settledMs = Math.max(this.#settledMs, nowMs + Math.min(passedMs, SETTLE_MS));
    if (passedMs >= AWAY_MS_MIN) this.#wasAway();
  }

  #shiftTimes(byMs: Millis): void {
    this.#settledMs += byMs;
    for (const ring of this.#rings) {
      if (ring.watchUntilMs === null) continue;
      ring.watchUntilMs += byMs;
      this.#recordChanged = true;
    }
    for (const member of this.#members.values()) {
      member.leftMs += byMs;
      member.movedMs += byMs;
      if (member.lostMs !== null) member.lostMs += byMs;
      if (member.retryAtMs !== null) member.retryAtMs += byMs;
      if (member.sinceMs === null || !isUnderWay(member.state)) continue;
      member.sinceMs += byMs;
      this.#changed.add(member);
    }
  }

  #wasAway(): void {
    for (const member of this.#members.values()) member.unseen = isAtWork(member);
  }

  /** Who is connected when all have had their time was never away, or is back: what happens from now on counts again. */
  #seeThoseWhoStayed(nowMs: Millis): void {
    if (nowMs < this.#settledMs) return;
    for (const member of this.#members.values())
      if (member.connected && member.state !== 'trial') member.unseen = false;
  }

  /** What became of it while the server was away says nothing about the release: it is told again. */
  #forgive(member: Member, nowMs: Millis): void {
    this.#step(member, 'unknown', nowMs, SERVER_AWAY);
    member.tookBackBefore = true;
    member.tells = 0;
  }

  /** As after a start of the server: agents have time to come back before anything is held against them. */
  #lookForOutage(nowMs: Millis): void {
    if (nowMs < this.#settledMs) return;
    let there = 0;
    const lost: Member[] = [];
    for (const member of this.#members.values()) {
      if (member.connected) there++;
      else if (member.lostMs !== null && nowMs - member.lostMs <= SILENT_MS_MAX && !isUnderWay(member.state))
        lost.push(member);
    }
    if (lost.length < OUTAGE_AGENTS_MIN || lost.length <= there) return;
    this.#settledMs = nowMs + SETTLE_MS;
    this.#wasAway();
    for (const member of lost) {
      member.leftMs = this.#settledMs;
      // Each loss explains itself once: those that stay away are away.
      member.lostMs = null;
    }
  }

  #timeOut(member: Member, { state }: RingRecord, nowMs: Millis): void {
    const ageMs = nowMs - Math.max(member.sinceMs ?? 0, this.#settledMs);
    switch (member.state) {
      case 'waiting':
        if (!member.connected && nowMs >= this.#settledMs && this.#inRing(member))
          this.#step(member, 'gone', nowMs, member.detail === SERVER_AWAY ? SERVER_AWAY : '');
        return;
      case 'told':
        if (ageMs > TOLD_MS_MAX) this.#giveUp(member, 'told-silent', nowMs);
        return;
      case 'downloading':
        if (nowMs - Math.max(member.movedMs, member.sinceMs ?? 0, this.#settledMs) > STALLED_MS_MAX)
          this.#giveUp(member, 'load-stalled', nowMs);
        return;
      case 'trial':
        if (ageMs <= this.#record.trialMinutes * MINUTE_MS + TRIAL_MARGIN_MS) return;
        if (member.unseen && !member.connected) this.#forgive(member, nowMs);
        else this.#step(member, 'timed-out', nowMs, 'trial-unheard');
        return;
      case 'rolling-back':
        if (ageMs > RETURN_MS_MAX) this.#giveUp(member, 'not-returned', nowMs);
        return;
      case 'done':
        if (
          (state === 'running' || state === 'watching') &&
          isMissing(member) &&
          nowMs - member.leftMs > SILENT_MS_MAX
        )
          this.#step(member, 'silent', nowMs, 'fell-silent');
        return;
      case 'offline':
      case 'failed':
      case 'taken-back':
      case 'rolled-back':
      case 'skipped':
        return;
    }
  }

  /** Whoever is not there is told when it comes; whoever is there and does nothing has failed. */
  #giveUp(member: Member, why: AgentReason, nowMs: Millis): void {
    if (member.connected) this.#step(member, 'timed-out', nowMs, why);
    else this.#step(member, 'gone', nowMs);
  }

  #excuse(member: Member, excused: boolean): void {
    if (member.excused === excused) return;
    member.excused = excused;
    if (member.state === 'done') this.#changed.add(member);
  }

  #judge(nowMs: Millis): Failure | null {
    const { state, gate } = this.#record;
    if (state !== 'running' && state !== 'paused' && state !== 'done') return null;
    for (const ring of this.#rings) {
      if (ring.state === 'waiting' || ring.state === 'failed') continue;
      const members = this.#of(ring).filter((member) => member.state !== 'skipped');
      const bad = members.filter(
        (member) => member.state === 'failed' || member.state === 'taken-back',
      ).length;
      if (bad * 100 > gate.failedPercentMax * members.length)
        return this.#fail(ring, gateWords(ring.name, bad, members.length), nowMs);
    }
    return null;
  }

  #fail(ring: Mutable<RingRecord>, why: Words, nowMs: Millis): Failure {
    const wasDone = this.#record.state === 'done';
    ring.state = 'failed';
    ring.endedAtMs = nowMs;
    ring.watchUntilMs = null;
    // What has passed every gate is left as it is; only those that come late are not told any more.
    if (this.#record.gate.rollBack && !wasDone) this.#rollBack(why, nowMs);
    else this.#enter('stopped', why, nowMs);
    return { ring: ring.name, why };
  }

  #advance(nowMs: Millis): void {
    for (const ring of this.#rings) {
      if (ring.state === 'passed') continue;
      if (ring.state === 'waiting') {
        ring.state = 'running';
        ring.startedAtMs = nowMs;
        this.#recordChanged = true;
        for (const member of this.#of(ring)) if (!member.connected) this.#step(member, 'gone', nowMs);
      }
      if (ring.state === 'running') this.#runOn(ring, nowMs);
      if (ring.state === 'watching' && !this.#of(ring).some(({ state }) => state === 'done')) {
        // Those that were done are told again.
        ring.state = 'running';
        ring.watchUntilMs = null;
        this.#recordChanged = true;
      }
      const isOver = ring.state === 'watching' && nowMs >= (ring.watchUntilMs ?? 0);
      if (isOver && nowMs >= this.#settledMs && !this.#isSomeoneMissing(ring)) this.#pass(ring, nowMs);
      if ((ring.state as RingRecord['state']) !== 'passed') return;
    }
    this.#enter('done', null, nowMs);
  }

  /** All that can be reached are through, and one of them is done. */
  #runOn(ring: Mutable<RingRecord>, nowMs: Millis): void {
    const members = this.#of(ring).filter(({ state }) => state !== 'skipped');
    if (members.length === 0) return this.#pass(ring, nowMs);
    if (members.some(holdsUp) || !members.some(({ state }) => state === 'done')) return;
    ring.state = 'watching';
    ring.watchUntilMs = nowMs + this.#record.gate.watchMinutes * MINUTE_MS;
    this.#recordChanged = true;
  }

  /** None of it is done, and none can become so: that its gate allows failures does not make it a success. */
  #stuckRing(): Mutable<RingRecord> | null {
    const ring = this.#rings.find(({ state }) => state === 'running');
    const isOver = ({ state }: Member) => state === 'failed' || state === 'taken-back' || state === 'skipped';
    return ring && this.#of(ring).every(isOver) ? ring : null;
  }

  #isSomeoneMissing(ring: RingRecord): boolean {
    return this.#of(ring).some((member) => member.state === 'done' && isMissing(member));
  }

  #pass(ring: Mutable<RingRecord>, nowMs: Millis): void {
    ring.state = 'passed';
    ring.watchUntilMs = null;
    ring.endedAtMs = nowMs;
    this.#recordChanged = true;
  }

  #enter(state: RolloutRecord['state'], reason: RolloutReason | null, nowMs: Millis): void {
    const isOver = state === 'stopped' || state === 'rolled-back' || state === 'done';
    this.#record.state = state;
    this.#record.reason = reason;
    this.#record.endedAtMs = isOver ? nowMs : null;
    this.#recordChanged = true;
  }

  #rollBack(why: RolloutReason | null, nowMs: Millis): void {
    for (const member of this.#members.values()) member.tells = 0;
    this.#enter('rolling-back', why, nowMs);
  }

  #isAllBack(): boolean {
    return [...this.#members.values()].every(
      ({ state, connected, agentId }) =>
        !isUnderWay(state) && !(state === 'done' && connected && !this.#pinned.has(agentId)),
    );
  }

  #orders(nowMs: Millis, canLoad: boolean): Order[] {
    const { state } = this.#record;
    const goesBack = state === 'rolling-back' || state === 'rolled-back';
    const goesOn = canLoad && (state === 'running' || state === 'done');
    const pace = new Pace(this.#record.pace, this.#members.values());
    const orders: Order[] = [];
    for (const ring of this.#rings) {
      for (const member of this.#of(ring)) {
        if (!member.connected) continue;
        const order = goesBack
          ? this.#backOrder(member, pace, nowMs)
          : this.#onOrder(member, ring, goesOn && pace, canLoad, nowMs);
        if (order !== null) orders.push({ agentId: member.agentId, kind: order });
      }
    }
    return orders;
  }

  /** `pace` false: nobody new is told. */
  #onOrder(
    member: Member,
    ring: RingRecord,
    pace: Pace | false,
    canLoad: boolean,
    nowMs: Millis,
  ): Order['kind'] | null {
    if (member.tellAgain && canLoad && this.#record.state !== 'stopped')
      return this.#again(member, 'upgrade', nowMs);
    if (member.state !== 'waiting' || pace === false || ring.state === 'waiting' || ring.state === 'failed')
      return null;
    if (member.retryAtMs !== null && nowMs < member.retryAtMs) return null;
    if (this.#pinned.has(member.agentId)) {
      this.#step(member, 'left-out', nowMs, 'pinned');
      return null;
    }
    if (!pace.admits(member)) return null;
    if (this.#isTooOften(member, nowMs)) return null;
    this.#step(member, 'told', nowMs);
    member.unseen = false;
    member.tells += 1;
    return 'upgrade';
  }

  #backOrder(member: Member, pace: Pace, nowMs: Millis): Order['kind'] | null {
    if (member.tellAgain && member.state === 'rolling-back') return this.#again(member, 'roll-back', nowMs);
    if (member.state !== 'done' || this.#pinned.has(member.agentId)) return null;
    if (!member.hasPrevious) {
      this.#step(member, 'timed-out', nowMs, 'no-previous');
      return null;
    }
    if (!pace.admits(member)) return null;
    if (this.#isTooOften(member, nowMs)) return null;
    this.#step(member, 'sent-back', nowMs);
    member.tells += 1;
    return 'roll-back';
  }

  #again(member: Member, kind: Order['kind'], nowMs: Millis): Order['kind'] | null {
    member.tellAgain = false;
    if (this.#pinned.has(member.agentId)) {
      // On the way back it stays with what it has.
      if (kind === 'upgrade') this.#step(member, 'left-out', nowMs, 'pinned');
      else this.#step(member, 'gone', nowMs);
      return null;
    }
    if (this.#isTooOften(member, nowMs)) return null;
    member.tells += 1;
    // While it was away it could not answer; its time begins anew, TELLS_MAX times.
    member.sinceMs = nowMs;
    member.movedMs = nowMs;
    this.#changed.add(member);
    return kind;
  }

  #isTooOften(member: Member, nowMs: Millis): boolean {
    if (member.tells < TELLS_MAX) return false;
    this.#step(member, 'timed-out', nowMs, 'told-too-often');
    return true;
  }
}

/** Slots that are free at this moment. */
class Pace {
  #free: number;
  readonly #perSiteMax: number;
  readonly #bySite = new Map<string, number>();

  constructor({ atOnceMax, perSiteMax }: RolloutRecord['pace'], members: Iterable<Member>) {
    this.#free = atOnceMax;
    this.#perSiteMax = perSiteMax;
    for (const member of members) if (isUnderWay(member.state)) this.#take(member);
  }

  /** Takes a slot where there is one. */
  admits(member: Member): boolean {
    if (this.#free <= 0 || (this.#bySite.get(member.place) ?? 0) >= this.#perSiteMax) return false;
    this.#take(member);
    return true;
  }

  #take({ place }: Member): void {
    this.#free -= 1;
    this.#bySite.set(place, (this.#bySite.get(place) ?? 0) + 1);
  }
}

/** It was told, and may be trying. */
function isAtWork({ state }: Pick<Member, 'state'>): boolean {
  return nextState(state, 'unknown') !== null;
}

/** Further apart than two looks ever are: the clock was set, or the server stood still. */
function isJump(passedMs: Millis): boolean {
  return passedMs > STALL_MS || passedMs < -CLOCK_BACK_MS;
}

/** It is away and has not said why. */
function isMissing({ connected, excused }: Member): boolean {
  return !connected && !excused;
}

/** It is there and not through; one that put it off itself may do so for days. */
function holdsUp({ state, retryAtMs }: Member): boolean {
  return isUnderWay(state) || (state === 'waiting' && retryAtMs === null);
}

function countsOf(members: readonly Member[]): Counts {
  const counts: Partial<Record<RolloutAgentState, number>> = {};
  for (const { state } of members) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function recordOf(member: Member): MemberRecord {
  const { agentId, turn, ring, state, sinceMs, detail, name, site, place, platform, tells } = member;
  const { excused, tookBackBefore } = member;
  const progress = { state, sinceMs, detail, excused, tells };
  return { agentId, turn, ring, name, site, place, platform, tookBackBefore, ...progress };
}
