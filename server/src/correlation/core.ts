/** What becomes of silences: told at once, held for a moment, or put down to a cause that is told instead. Pure, driven by time. */
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import { inferCauses, type InferPorts, type SightState } from './infer.ts';
import {
  BOOT_RETURN_MS,
  GATHERED_MIN,
  HOLD_MS,
  LOOK_AGAIN_MS,
  MOMENT_MS,
  MOMENT_SHARE_MIN,
  RETURN_MS,
  RETURN_MS_MAX,
  STANDING_SHARE_MIN,
  COMPANY_MIN,
  TOGETHER_MS,
  WIDER_MS,
} from './limits.ts';
import type { Reach } from './reach.ts';

/** What is known of a machine apart from alerts. */
export interface Sight {
  readonly state: SightState;
  readonly lastSeenMs: Millis;
  /** It is expected now and not heard. */
  readonly missed: boolean;
  /** It said itself that it goes: shut down, restarted, asleep. */
  readonly said: boolean;
  /** When its host last answered though its agent does not; null: it did not. */
  readonly answeredMs: Millis | null;
  /** The maintenance window it is in. */
  readonly windowId: string | null;
  /** Newest start of its operating system; null: none is known. */
  readonly bootedMs: Millis | null;
}

export interface CorePorts {
  readonly reach: () => Reach;
  /** undefined: not watched, or never heard. */
  readonly sight: (ciId: string, nowMs: Millis) => Sight | undefined;
  /** All that are watched. */
  readonly machines: () => Iterable<string>;
  readonly upCount: InferPorts['upCount'];
  readonly kindOf: InferPorts['kindOf'];
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

/**
 * lost: without a word, while it was expected. quit: it said so. not-back: it went when nobody expected it, and did not come
 * when it was expected; what happened when it went says nothing of now. stopped: its agent is gone and its host answers, or
 * the agent said that it goes: nothing on the way to it has failed.
 */
export type How = 'lost' | 'quit' | 'not-back' | 'stopped';

/** Another machine that is silent itself and told, or something that was found to be dead, or a machine in maintenance. */
export type Cause =
  | { readonly kind: 'silent'; readonly ciId: string }
  | { readonly kind: 'window'; readonly ciId: string; readonly windowId: string }
  | FoundCause;

/** Lives as long as most of what it silenced stays silent. */
export interface FoundCause {
  readonly kind: 'found';
  /** Stands for an alert of its own in its incident. */
  readonly id: string;
  /** null: the network itself, or this server's way into it; always null of those that were not lost. */
  readonly ciId: string | null;
  readonly how: How;
  /** The place that those which were not lost have in common; null: none is known. */
  readonly placeId: string | null;
  sinceMs: Millis;
  untilMs: Millis;
  readonly members: Set<string>;
  mostMembers: number;
  /** Lost in the same moment, and nobody was told of them: they need not be up, or it is planned. */
  readonly beside: Set<string>;
  /** When it is over, unless they fall silent again; null: it stands. */
  overDueMs: Millis | null;
}

export interface Silence {
  readonly ciId: string;
  readonly alertIds: Set<string>;
  readonly breachedAtMs: Millis;
  readonly lastSeenMs: Millis;
  how: How;
  state: 'held' | 'told' | 'suppressed';
  /** When it is decided; of a suppressed one: its cause is gone, and it is told then. */
  dueMs: Millis | null;
  cause: Cause | null;
}

/** In the order in which they must be carried out; each may be repeated. */
export type Decision =
  | { readonly type: 'release'; readonly ciIds: readonly string[]; readonly why: ReleaseWhy }
  | { readonly type: 'tell'; readonly ciId: string }
  | { readonly type: 'open'; readonly cause: FoundCause; readonly silent: readonly string[] }
  | { readonly type: 'merge'; readonly from: FoundCause; readonly into: Cause }
  | { readonly type: 'join'; readonly ciId: string; readonly into: Cause }
  | { readonly type: 'suppress'; readonly ciIds: readonly string[]; readonly by: Cause }
  | { readonly type: 'end'; readonly cause: FoundCause };

/** over: the cause is gone, or another one explains it. answers: its host answers, so nothing on the way to it is dead. */
export type ReleaseWhy = 'over' | 'answers';

/** How what a cause silenced comes back. */
interface Return {
  /** When the cause was gone. */
  readonly goneMs: Millis;
  /** When the last one came back. */
  lastMs: Millis;
  /** Who came back, and when each had been heard last before. */
  readonly heard: Map<string, Millis>;
}

type Lost = Pick<Silence, 'breachedAtMs' | 'lastSeenMs'>;

/** What stands in the way to a machine. */
type Blocker =
  | { readonly kind: 'silent' | 'missed'; readonly ciId: string }
  | { readonly kind: 'window'; readonly ciId: string; readonly windowId: string }
  | { readonly kind: 'found'; readonly ciId: string; readonly cause: FoundCause };

export class CorrelationCore {
  readonly #ports: CorePorts;
  readonly #silences = new Map<string, Silence>();
  readonly #byAlert = new Map<string, string>();
  readonly #found = new Set<FoundCause>();
  readonly #foundOn = new Map<string, FoundCause>();
  /** By key of the cause; of causes that are gone, while something they silenced is silent. */
  readonly #returns = new Map<string, Return>();
  /** What was seen in this evaluation. */
  readonly #sights = new Map<string, Sight | undefined>();
  /** Those without an alert that are not heard; null: not looked for in this evaluation. */
  #others: Other[] | null = null;
  #nextMs = Infinity;
  #lastMs = -Infinity;
  #decisions: Decision[] = [];

  constructor(ports: CorePorts) {
    this.#ports = ports;
  }

  /** An alert of silence opened; told again it has no further effect. */
  opened(
    alert: { readonly id: string; readonly ciId: string; readonly breachedAtMs: Millis },
    nowMs: Millis,
  ): void {
    if (this.#byAlert.has(alert.id)) return;
    this.#byAlert.set(alert.id, alert.ciId);
    this.#nextMs = -Infinity;
    const known = this.#silences.get(alert.ciId);
    if (known) {
      known.alertIds.add(alert.id);
      // A further rule of silence on one machine says nothing new; it goes where the first one went.
      if (known.state === 'told') this.#decide({ type: 'tell', ciId: alert.ciId });
      else if (known.state === 'suppressed' && known.cause)
        this.#decide({ type: 'suppress', ciIds: [alert.ciId], by: known.cause });
      return;
    }
    const sight = this.#ports.sight(alert.ciId, nowMs);
    const lastSeenMs = Math.min(sight?.lastSeenMs ?? alert.breachedAtMs, alert.breachedAtMs);
    const how = howOf(alert.breachedAtMs, lastSeenMs, sight);
    const silence: Silence = {
      ciId: alert.ciId,
      alertIds: new Set([alert.id]),
      breachedAtMs: alert.breachedAtMs,
      lastSeenMs,
      how,
      state: 'held',
      dueMs: nowMs + HOLD_MS,
      cause: null,
    };
    const isAlone =
      this.#ports.reach().groupsOf(alert.ciId).length === 0 &&
      !this.#hasCompany(nowMs) &&
      !this.#hasGoneWithOthers(alert.ciId, lastSeenMs, nowMs);
    // The hours of many begin at one moment.
    if (isAlone && how !== 'not-back') silence.dueMs = nowMs;
    this.#silences.set(alert.ciId, silence);
    const found = this.#foundOn.get(alert.ciId);
    if (found) this.#becomes(found, silence);
  }

  /** What was found dead tells so itself. */
  #becomes(found: FoundCause, silence: Silence): void {
    silence.state = 'told';
    silence.dueMs = null;
    this.#decide({ type: 'tell', ciId: silence.ciId });
    const members = [...found.members];
    this.#drop(found);
    const by: Cause = { kind: 'silent', ciId: silence.ciId };
    for (const ciId of members) {
      const member = this.#silences.get(ciId);
      if (member) this.#suppress(member, by);
    }
    if (members.length > 0) this.#decide({ type: 'suppress', ciIds: members, by });
    this.#decide({ type: 'end', cause: found });
  }

  /** The alert is over. True: it belongs to no incident and nobody was told of it. */
  resolved(alertId: string, nowMs: Millis): boolean {
    const ciId = this.#byAlert.get(alertId);
    const silence = ciId === undefined ? undefined : this.#silences.get(ciId);
    this.#byAlert.delete(alertId);
    if (!silence) return false;
    silence.alertIds.delete(alertId);
    if (silence.alertIds.size === 0) {
      this.#cameBack(silence, nowMs);
      this.#forget(silence);
    }
    this.#nextMs = -Infinity;
    return silence.state === 'held';
  }

  /** What was known before a restart. */
  restore(silence: Omit<Silence, 'cause'> & { readonly cause: Cause | null }): void {
    this.#silences.set(silence.ciId, silence);
    for (const alertId of silence.alertIds) this.#byAlert.set(alertId, silence.ciId);
    if (silence.cause?.kind === 'found') this.#stand(silence.cause).members.add(silence.ciId);
    this.#nextMs = -Infinity;
  }

  restoreCause(cause: FoundCause): void {
    this.#stand(cause);
    this.#nextMs = -Infinity;
  }

  get(ciId: string): Silence | undefined {
    return this.#silences.get(ciId);
  }

  ofAlert(alertId: string): Silence | undefined {
    const ciId = this.#byAlert.get(alertId);
    return ciId === undefined ? undefined : this.#silences.get(ciId);
  }

  silences(): Iterable<Silence> {
    return this.#silences.values();
  }

  found(): Iterable<FoundCause> {
    return this.#found;
  }

  /** What is to be done now; nothing most of the time, and then it costs nothing. */
  tick(nowMs: Millis): readonly Decision[] {
    if (nowMs < this.#lastMs) this.#stepBack(this.#lastMs - nowMs);
    this.#lastMs = nowMs;
    if (nowMs >= this.#nextMs) this.#evaluate(nowMs);
    const decisions = this.#decisions;
    this.#decisions = [];
    return decisions;
  }

  /** The clock was set back: what is waited for comes no later for it. */
  #stepBack(byMs: Millis): void {
    for (const silence of this.#silences.values()) if (silence.dueMs !== null) silence.dueMs -= byMs;
    for (const [key, back] of this.#returns)
      this.#returns.set(key, { ...back, goneMs: back.goneMs - byMs, lastMs: back.lastMs - byMs });
    this.#nextMs = -Infinity;
  }

  #decide(decision: Decision): void {
    this.#decisions.push(decision);
  }

  #evaluate(nowMs: Millis): void {
    this.#sights.clear();
    this.#others = null;
    this.#reconsider(nowMs);
    this.#endCauses(nowMs);
    this.#watchCauses(nowMs);
    const blockers = this.#findBlockers(nowMs);
    this.#bringForward(blockers, nowMs);
    this.#infer(blockers, nowMs);
    this.#mergeFound(nowMs);
    this.#tellRoots(blockers, nowMs);
    this.#putDown(blockers, nowMs);
    this.#schedule(nowMs);
  }

  #sight(ciId: string, nowMs: Millis): Sight | undefined {
    if (!this.#sights.has(ciId)) this.#sights.set(ciId, this.#ports.sight(ciId, nowMs));
    return this.#sights.get(ciId);
  }

  /**
   * A host may be found to answer after its silence was taken for a loss: what was proven once stays so, and what was told
   * by then as another's effect is none.
   */
  #reconsider(nowMs: Millis): void {
    const freed: string[] = [];
    for (const silence of this.#silences.values()) {
      const { how, state, cause, ciId } = silence;
      if (how !== 'lost' && !(how === 'stopped' && state === 'held')) continue;
      if (cause?.kind === 'window') continue;
      silence.how = this.#sight(ciId, nowMs)?.state === 'mute' ? 'stopped' : 'lost';
      if (silence.how === 'stopped' && state === 'suppressed') freed.push(ciId);
    }
    this.#release(freed, nowMs, 'answers');
  }

  /**
   * A cause is over when most of those it silenced are heard, and were for as long as the others may take. Those that were
   * not lost come back each by its own; it is over with the last.
   */
  #endCauses(nowMs: Millis): void {
    for (const cause of this.#found) {
      const left = cause.members.size;
      const isHeard = cause.ciId !== null && this.#sight(cause.ciId, nowMs)?.state === 'up';
      const isOne = cause.how === 'lost';
      const stands = !isOne || (left >= cause.mostMembers * STANDING_SHARE_MIN && !isHeard);
      cause.overDueMs = stands ? null : this.#waitUntilMs(cause, cause.sinceMs, nowMs);
      if (left > 0 && nowMs < (cause.overDueMs ?? Infinity)) continue;
      this.#release([...cause.members], nowMs);
      this.#drop(cause);
      this.#decide({ type: 'end', cause });
    }
  }

  #release(ciIds: readonly string[], nowMs: Millis, why: ReleaseWhy = 'over'): void {
    if (ciIds.length === 0) return;
    this.#decide({ type: 'release', ciIds, why });
    for (const ciId of ciIds) {
      const silence = this.#silences.get(ciId);
      if (!silence) continue;
      this.#leave(silence);
      silence.state = 'held';
      silence.dueMs = nowMs;
    }
  }

  /** One that a cause silenced is heard again. */
  #cameBack({ ciId, lastSeenMs, cause }: Silence, nowMs: Millis): void {
    for (const key of [keyOf({ kind: 'silent', ciId }), ...(cause === null ? [] : [keyOf(cause)])]) {
      const back = this.#returns.get(key) ?? { goneMs: nowMs, lastMs: nowMs, heard: new Map() };
      back.lastMs = nowMs;
      back.heard.set(ciId, lastSeenMs);
      this.#returns.set(key, back);
    }
  }

  /** When all that the cause silenced would be heard again, as far as it may be foreseen. */
  #waitUntilMs(cause: Cause, sinceMs: Millis, nowMs: Millis): Millis {
    const key = keyOf(cause);
    const back = this.#returns.get(key) ?? { goneMs: nowMs, lastMs: nowMs, heard: new Map<string, Millis>() };
    this.#returns.set(key, back);
    const booted = (ciId: string, lastMs: Millis) =>
      (this.#sight(ciId, nowMs)?.bootedMs ?? -Infinity) > lastMs;
    const isBooting =
      (cause.ciId !== null && booted(cause.ciId, sinceMs)) ||
      [...back.heard].some(([ciId, lastMs]) => booted(ciId, lastMs));
    const waitMs = Math.max(back.lastMs + RETURN_MS, back.goneMs + (isBooting ? BOOT_RETURN_MS : RETURN_MS));
    return Math.min(waitMs, back.goneMs + RETURN_MS_MAX);
  }

  /** Nothing stays suppressed for longer than its cause lasts and its own return may take. */
  #watchCauses(nowMs: Millis): void {
    const overdue: string[] = [];
    const awaited = new Set([...this.#found].map(keyOf));
    for (const silence of this.#silences.values()) {
      const { state, cause } = silence;
      if (state !== 'suppressed' || cause?.kind === 'found') continue;
      if (cause === null) silence.dueMs ??= nowMs + RETURN_MS;
      else if (this.#stands(cause, silence, nowMs)) silence.dueMs = null;
      else {
        awaited.add(keyOf(cause));
        silence.dueMs = this.#waitUntilMs(cause, silence.lastSeenMs, nowMs);
      }
      if (silence.dueMs !== null && silence.dueMs <= nowMs) overdue.push(silence.ciId);
    }
    for (const key of this.#returns.keys()) if (!awaited.has(key)) this.#returns.delete(key);
    this.#release(overdue, nowMs);
  }

  #stands(cause: Exclude<Cause, FoundCause>, effect: Lost, nowMs: Millis): boolean {
    if (cause.kind === 'silent') {
      const silence = this.#silences.get(cause.ciId);
      if (silence === undefined || silence.state === 'held' || !this.#isDead(cause.ciId, nowMs)) return false;
      // Silent anew and an effect itself, it is in another incident than what its first silence took with it.
      return silence.state === 'told' || explains(silence.lastSeenMs, silence.lastSeenMs, effect);
    }
    const sight = this.#sight(cause.ciId, nowMs);
    return sight?.windowId === cause.windowId && sight.state !== 'up';
  }

  #isDead(ciId: string, nowMs: Millis): boolean {
    const state = this.#sight(ciId, nowMs)?.state;
    return this.#silences.has(ciId) && state !== 'up' && state !== 'mute';
  }

  #findBlockers(nowMs: Millis): Map<string, Blocker> {
    const blockers = new Map<string, Blocker>();
    for (const silence of this.#silences.values()) {
      if (silence.state === 'suppressed' && silence.cause?.kind === 'window') continue;
      // What stands before it is no reason: its host was reached.
      if (silence.how === 'stopped') continue;
      const blocker = this.#blockerOf(silence, silence.ciId, new Set([silence.ciId]), nowMs);
      if (blocker) blockers.set(silence.ciId, blocker);
    }
    this.#cutCircles(blockers);
    return blockers;
  }

  /** The nearest dead thing that explains why `at` is not reached; null: none is known. */
  #blockerOf(silence: Lost, at: string, way: Set<string>, nowMs: Millis): Blocker | null {
    for (const { members, needed } of this.#ports.reach().groupsOf(at)) {
      let failing: Blocker | null = null;
      let lost = 0;
      for (const member of members) {
        // What is reached only by way of itself is no way.
        const failure = way.has(member) ? 'dead' : this.#failureOf(silence, member, way, nowMs);
        if (failure === null) continue;
        lost += 1;
        if (failure !== 'dead')
          failing = failing === null || this.#isEarlier(failure, failing) ? failure : failing;
      }
      if (failing !== null && members.length - lost < needed) return failing;
    }
    return null;
  }

  /**
   * Why the member cannot be reached. 'dead': it cannot, but the silence began while it was so already, which something
   * else had to make up for. null: it is reached, as far as is known.
   */
  #failureOf(silence: Lost, member: string, way: Set<string>, nowMs: Millis): Blocker | 'dead' | null {
    const sight = this.#sight(member, nowMs);
    if (sight?.state === 'up' || sight?.state === 'mute') return null;
    const found = this.#foundOn.get(member);
    if (found)
      return explains(found.sinceMs, found.untilMs, silence)
        ? { kind: 'found', ciId: member, cause: found }
        : 'dead';
    const other = this.#silences.get(member);
    if (other)
      return explains(other.lastSeenMs, other.lastSeenMs, silence)
        ? { kind: 'silent', ciId: member }
        : 'dead';
    if (sight && sight.windowId !== null)
      return silence.breachedAtMs >= sight.lastSeenMs - TOGETHER_MS
        ? { kind: 'window', ciId: member, windowId: sight.windowId }
        : 'dead';
    if (sight?.missed)
      return explains(sight.lastSeenMs, sight.lastSeenMs, silence)
        ? { kind: 'missed', ciId: member }
        : 'dead';
    way.add(member);
    const beyond = this.#blockerOf(silence, member, way, nowMs);
    way.delete(member);
    return beyond;
  }

  /** Of several that failed, the one that is told, or silent longest, is named. */
  #isEarlier(a: Blocker, b: Blocker): boolean {
    const rank = ({ kind, ciId }: Blocker) =>
      kind === 'found' ? 0 : this.#silences.get(ciId)?.state === 'held' ? 2 : 1;
    const sinceMs = ({ ciId }: Blocker) => this.#silences.get(ciId)?.lastSeenMs ?? 0;
    return (rank(a) - rank(b) || sinceMs(a) - sinceMs(b) || (a.ciId < b.ciId ? -1 : 1)) < 0;
  }

  /** Machines that stand before each other in a circle must not excuse each other: one of them is told. */
  #cutCircles(blockers: Map<string, Blocker>): void {
    const done = new Set<string>();
    for (const start of blockers.keys()) {
      const way: string[] = [];
      const onWay = new Set<string>();
      let at: string | undefined = start;
      while (at !== undefined && !done.has(at) && !onWay.has(at)) {
        way.push(at);
        onWay.add(at);
        const blocker: Blocker | undefined = blockers.get(at);
        at = blocker?.kind === 'silent' ? blocker.ciId : undefined;
      }
      if (at !== undefined && onWay.has(at)) blockers.delete(this.#firstOf(way.slice(way.indexOf(at))));
      for (const ciId of way) done.add(ciId);
    }
  }

  #firstOf(ciIds: readonly string[]): string {
    const key = (ciId: string) => {
      const silence = this.#silences.get(ciId);
      invariant(silence, 'a circle is one of silences');
      return { rank: silence.state === 'told' ? 0 : 1, sinceMs: silence.lastSeenMs, ciId };
    };
    const [first] = ciIds
      .map(key)
      .toSorted((a, b) => a.rank - b.rank || a.sinceMs - b.sinceMs || (a.ciId < b.ciId ? -1 : 1));
    invariant(first, 'a circle has members');
    return first.ciId;
  }

  /** The end of the chain of silent machines: it is told, or explained by something else than a silent machine. */
  #rootOf(ciId: string, blockers: ReadonlyMap<string, Blocker>): string {
    let at = ciId;
    for (let next = blockers.get(at); next?.kind === 'silent'; next = blockers.get(at)) at = next.ciId;
    return at;
  }

  /** What explains a silence that is decided now need not wait any longer itself. */
  #bringForward(blockers: ReadonlyMap<string, Blocker>, nowMs: Millis): void {
    const seen = new Set<string>();
    for (const start of this.#silences.values()) {
      if (!isDue(start, nowMs)) continue;
      let at: string | undefined = start.ciId;
      while (at !== undefined && !seen.has(at)) {
        seen.add(at);
        const silence = this.#silences.get(at);
        if (silence?.state === 'held') silence.dueMs = Math.min(silence.dueMs ?? nowMs, nowMs);
        const blocker: Blocker | undefined = blockers.get(at);
        at = blocker?.kind === 'silent' ? blocker.ciId : undefined;
      }
    }
  }

  /** Finds common causes of what is due and has no dead thing before it. */
  #infer(blockers: ReadonlyMap<string, Blocker>, nowMs: Millis): void {
    for (const cluster of this.#clusters(blockers, nowMs)) {
      const how = cluster[0]?.how ?? 'lost';
      if (how === 'stopped') {
        this.#gatherStopped(cluster, nowMs);
        continue;
      }
      if (how !== 'lost') {
        this.#gather(cluster, nowMs);
        continue;
      }
      const seenMs = cluster.map(({ lastSeenMs }) => lastSeenMs);
      const fromMs = seenMs.reduce((a, b) => Math.min(a, b), Infinity) - TOGETHER_MS;
      const toMs = seenMs.reduce((a, b) => Math.max(a, b), -Infinity) + TOGETHER_MS;
      const isGone = (ciId: string) => {
        const sight = this.#sight(ciId, nowMs);
        return (
          !this.#silences.has(ciId) &&
          sight?.state === 'gone' &&
          sight.lastSeenMs >= fromMs &&
          sight.lastSeenMs <= toMs
        );
      };
      const lostUntilMs = toMs - TOGETHER_MS;
      const picks = inferCauses(
        cluster.map(({ ciId }) => ciId),
        { isGone, beside: this.#lostBeside(cluster, 'gone', nowMs) },
        {
          reach: this.#ports.reach(),
          sightOf: (ciId) => {
            const sight = this.#sight(ciId, nowMs);
            // The way to a host that answered since is as good as to one that is heard.
            const isReached = (sight?.answeredMs ?? -Infinity) >= lostUntilMs;
            return sight?.state === 'mute' && isReached ? 'up' : sight?.state;
          },
          upCount: this.#ports.upCount,
          kindOf: this.#ports.kindOf,
        },
      );
      for (const { ciId, silent, beside } of picks)
        if (this.#isNews(silent, nowMs)) this.#blame({ how, placeId: null, ciId }, { silent, beside }, nowMs);
    }
  }

  /** Agents that stopped together have one reason, such as an update of all; it lies in no network and at no place. */
  #gatherStopped(cluster: readonly Silence[], nowMs: Millis): void {
    const silent = cluster.map(({ ciId }) => ciId);
    const beside = this.#lostBeside(cluster, 'mute', nowMs);
    if (silent.length >= COMPANY_MIN && this.#isNews(silent, nowMs))
      this.#blame({ how: 'stopped', placeId: null, ciId: null }, { silent, beside }, nowMs);
  }

  /** Those without an alert that were lost in the same moment; none where as many went one after another. */
  #lostBeside(cluster: readonly Silence[], state: SightState, nowMs: Millis): string[] {
    const seenMs = cluster.map(({ lastSeenMs }) => lastSeenMs).toSorted((a, b) => a - b);
    const [firstMs = 0, lastMs = 0] = [seenMs[0], seenMs.at(-1)];
    const around = this.#othersNow(nowMs).filter(
      (other) =>
        other.state === state &&
        other.lastSeenMs >= firstMs - WIDER_MS &&
        other.lastSeenMs <= lastMs + WIDER_MS,
    );
    const beside = around.filter((other) => isNear(other.lastSeenMs, seenMs));
    const unexpected = (others: readonly Other[]) => others.filter(({ missed }) => !missed).length;
    const isCrowd = unexpected(beside) >= unexpected(around) * MOMENT_SHARE_MIN;
    return beside.filter(({ missed }) => missed || isCrowd).map(({ ciId }) => ciId);
  }

  #othersNow(nowMs: Millis): readonly Other[] {
    if (this.#others) return this.#others;
    const others: Other[] = [];
    for (const ciId of this.#ports.machines()) {
      if (this.#silences.has(ciId)) continue;
      const sight = this.#sight(ciId, nowMs);
      if (sight?.state !== 'gone' && sight?.state !== 'mute') continue;
      const { state, lastSeenMs } = sight;
      others.push({ ciId, state, lastSeenMs, missed: isMissed(sight) });
    }
    return (this.#others = others);
  }

  /** Several of one place that went by themselves, or have not come, are told as one; nothing is blamed for it. */
  #gather(cluster: readonly Silence[], nowMs: Millis): void {
    const byPlace = new Map<string | null, string[]>();
    for (const { ciId } of cluster) {
      const placeId = this.#placeOf(ciId);
      byPlace.set(placeId, [...(byPlace.get(placeId) ?? []), ciId]);
    }
    const how = cluster[0]?.how ?? 'lost';
    for (const [placeId, ciIds] of byPlace)
      if (ciIds.length >= GATHERED_MIN && this.#isNews(ciIds, nowMs))
        this.#blame({ how, placeId, ciId: null }, { silent: ciIds, beside: [] }, nowMs);
  }

  #placeOf(ciId: string): string | null {
    for (const { members } of this.#ports.reach().groupsOf(ciId))
      for (const member of members) if (this.#ports.kindOf(member) === 'place') return member;
    return null;
  }

  #isNews(ciIds: readonly string[], nowMs: Millis): boolean {
    return ciIds.some((ciId) => {
      const silence = this.#silences.get(ciId);
      return silence !== undefined && isDue(silence, nowMs);
    });
  }

  /**
   * Silences without a dead thing before them, by the time they fell silent, each group with what a cause that was found
   * a short time before has silenced; only groups with something to decide.
   */
  #clusters(blockers: ReadonlyMap<string, Blocker>, nowMs: Millis): Silence[][] {
    const open = [...this.#silences.values()]
      .filter(({ ciId, state }) => state !== 'suppressed' && !blockers.has(ciId))
      .toSorted(
        (a, b) =>
          (a.how < b.how ? -1 : a.how > b.how ? 1 : 0) || goneMs(a) - goneMs(b) || (a.ciId < b.ciId ? -1 : 1),
      );
    const clusters: Silence[][] = [];
    for (const silence of open) {
      const current = clusters.at(-1);
      const last = current?.at(-1);
      if (current && last?.how === silence.how && goneMs(silence) - goneMs(last) <= TOGETHER_MS)
        current.push(silence);
      else clusters.push([silence]);
    }
    return clusters
      .filter((cluster) => cluster.some((silence) => isDue(silence, nowMs)))
      .map((cluster) => [...cluster, ...this.#foundShortlyBefore(cluster[0])]);
  }

  *#foundShortlyBefore(first: Silence | undefined): Iterable<Silence> {
    if (!first) return;
    for (const { untilMs, members, how } of this.#found) {
      if (how !== first.how || untilMs < goneMs(first) - WIDER_MS) continue;
      for (const ciId of members) {
        const silence = this.#silences.get(ciId);
        if (silence) yield silence;
      }
    }
  }

  /** These are silent because of it. */
  #blame(cause: Blamed, { silent, beside }: Extent, nowMs: Millis): void {
    const standing = cause.ciId === null ? this.#stormOf(cause, silent) : this.#foundOn.get(cause.ciId);
    const into = standing ?? this.#openCause(cause, { silent, beside }, nowMs);
    for (const ciId of beside) into.beside.add(ciId);
    const attached: string[] = [];
    const moved = new Map<FoundCause, number>();
    for (const each of silent) {
      const silence = this.#silences.get(each);
      if (!silence || silence.cause === into) continue;
      if (silence.cause?.kind === 'found') moved.set(silence.cause, (moved.get(silence.cause) ?? 0) + 1);
    }
    for (const [from, count] of moved)
      if (count >= from.members.size * STANDING_SHARE_MIN) this.#merge(from, into);
    for (const each of silent) {
      const silence = this.#silences.get(each);
      if (!silence || silence.state === 'suppressed') continue;
      if (silence.state === 'told') this.#decide({ type: 'join', ciId: each, into });
      this.#suppress(silence, into);
      attached.push(each);
    }
    if (attached.length > 0) this.#decide({ type: 'suppress', ciIds: attached, by: into });
  }

  #stormOf({ how, placeId }: Blamed, silent: readonly string[]): FoundCause | undefined {
    const seen = this.#goneOf(silent);
    for (const cause of this.#found)
      if (
        cause.ciId === null &&
        cause.how === how &&
        cause.placeId === placeId &&
        seen.some((ms) => ms >= cause.sinceMs - TOGETHER_MS && ms <= cause.untilMs + TOGETHER_MS)
      )
        return cause;
    return undefined;
  }

  #goneOf(ciIds: readonly string[]): Millis[] {
    return ciIds.flatMap((ciId) => {
      const silence = this.#silences.get(ciId);
      return silence ? [goneMs(silence)] : [];
    });
  }

  #openCause(blamed: Blamed, { silent, beside }: Extent, nowMs: Millis): FoundCause {
    const seen = this.#goneOf(silent);
    const cause = this.#stand({
      kind: 'found',
      id: this.#ports.newId('cor', nowMs),
      ...blamed,
      sinceMs: seen.reduce((a, b) => Math.min(a, b), Infinity),
      untilMs: seen.reduce((a, b) => Math.max(a, b), -Infinity),
      members: new Set(),
      mostMembers: 0,
      beside: new Set(beside),
      overDueMs: null,
    });
    this.#decide({ type: 'open', cause, silent });
    return cause;
  }

  #merge(from: FoundCause, into: Cause): void {
    const members = [...from.members];
    this.#drop(from);
    this.#decide({ type: 'merge', from, into });
    for (const ciId of members) {
      const silence = this.#silences.get(ciId);
      if (silence) this.#suppress(silence, into);
    }
    this.#decide({ type: 'suppress', ciIds: members, by: into });
  }

  #suppress(silence: Silence, by: Cause): void {
    this.#leave(silence);
    silence.state = 'suppressed';
    silence.dueMs = null;
    silence.cause = by;
    if (by.kind !== 'found') return;
    by.members.add(silence.ciId);
    by.mostMembers = Math.max(by.mostMembers, by.members.size);
    by.sinceMs = Math.min(by.sinceMs, goneMs(silence));
    by.untilMs = Math.max(by.untilMs, goneMs(silence));
  }

  #leave(silence: Silence): void {
    if (silence.cause?.kind === 'found') silence.cause.members.delete(silence.ciId);
    silence.cause = null;
  }

  /** What was found dead and stands behind something dead itself is an effect too. */
  #mergeFound(nowMs: Millis): void {
    for (const from of this.#found) {
      if (from.ciId === null || !this.#found.has(from)) continue;
      const { ciId, sinceMs: breachedAtMs, untilMs: lastSeenMs } = from;
      const blocker = this.#blockerOf({ breachedAtMs, lastSeenMs }, ciId, new Set([ciId]), nowMs);
      const into = blocker && !from.members.has(blocker.ciId) ? this.#causeAt(blocker) : null;
      if (into !== null && into !== from && into.kind !== 'window') this.#merge(from, into);
    }
  }

  /** The cause that a dead thing is, or belongs to; null: not decided yet. */
  #causeAt(blocker: Blocker): Cause | null {
    if (blocker.kind === 'found') return blocker.cause;
    if (blocker.kind !== 'silent') return null;
    const silence = this.#silences.get(blocker.ciId);
    if (silence?.state === 'suppressed') return silence.cause;
    return silence?.state === 'told' ? { kind: 'silent', ciId: blocker.ciId } : null;
  }

  #tellRoots(blockers: ReadonlyMap<string, Blocker>, nowMs: Millis): void {
    for (const silence of this.#silences.values()) {
      if (!isDue(silence, nowMs) || blockers.has(silence.ciId)) continue;
      silence.state = 'told';
      silence.dueMs = null;
      this.#decide({ type: 'tell', ciId: silence.ciId });
    }
  }

  /** Everything that stands behind a dead thing is put down to it. */
  #putDown(blockers: ReadonlyMap<string, Blocker>, nowMs: Millis): void {
    const suppressed = new Map<string, { by: Cause; ciIds: string[] }>();
    for (const [ciId] of blockers) {
      const silence = this.#silences.get(ciId);
      if (!silence) continue;
      const by = this.#causeOf(silence, blockers, nowMs);
      if (by === null || isSame(by, silence.cause)) continue;
      if (silence.state === 'told') this.#decide({ type: 'join', ciId, into: by });
      else if (silence.state === 'suppressed' && !this.#goesAlong(silence, by))
        this.#decide({ type: 'release', ciIds: [ciId], why: 'over' });
      this.#suppress(silence, by);
      const key = keyOf(by);
      const group = suppressed.get(key) ?? { by, ciIds: [] };
      suppressed.set(key, group);
      group.ciIds.push(ciId);
    }
    for (const { by, ciIds } of suppressed.values()) this.#decide({ type: 'suppress', ciIds, by });
  }

  /** null: nothing else than before. */
  #causeOf(silence: Silence, blockers: ReadonlyMap<string, Blocker>, nowMs: Millis): Cause | null {
    const { state, cause } = silence;
    if (state === 'suppressed' && cause?.kind === 'found') return null;
    // It stays with what it was put down to as long as that stands by itself.
    if (
      state === 'suppressed' &&
      cause?.kind === 'silent' &&
      this.#silences.get(cause.ciId)?.state === 'told' &&
      this.#stands(cause, silence, nowMs)
    )
      return null;
    const root = this.#rootOf(silence.ciId, blockers);
    const blocker = blockers.get(root);
    if (blocker?.kind === 'found') return blocker.cause;
    if (blocker?.kind === 'window') {
      const { ciId, windowId } = blocker;
      // A window hides nothing that was told before.
      return state === 'told' ? null : { kind: 'window', ciId, windowId };
    }
    if (blocker?.kind === 'missed') {
      if (state === 'held' && !isDue(silence, nowMs)) return null;
      const blamed = { how: 'lost', placeId: null, ciId: blocker.ciId } as const;
      return (
        this.#foundOn.get(blocker.ciId) ??
        this.#openCause(blamed, { silent: [silence.ciId], beside: [] }, nowMs)
      );
    }
    return root === silence.ciId ? null : this.#causeAt({ kind: 'silent', ciId: root });
  }

  /** Its incident was joined to that of the new cause together with what it was put down to before. */
  #goesAlong({ cause }: Silence, by: Cause): boolean {
    if (cause?.kind !== 'silent') return false;
    const parent = this.#silences.get(cause.ciId);
    return parent?.state === 'suppressed' && isSame(by, parent.cause);
  }

  #stand(cause: FoundCause): FoundCause {
    this.#found.add(cause);
    if (cause.ciId !== null) this.#foundOn.set(cause.ciId, cause);
    return cause;
  }

  #drop(cause: FoundCause): void {
    this.#found.delete(cause);
    if (cause.ciId !== null && this.#foundOn.get(cause.ciId) === cause) this.#foundOn.delete(cause.ciId);
  }

  #forget(silence: Silence): void {
    this.#leave(silence);
    this.#silences.delete(silence.ciId);
  }

  #hasCompany(nowMs: Millis): boolean {
    for (const { state, lastSeenMs } of this.#silences.values())
      if (state === 'held' || nowMs - lastSeenMs < TOGETHER_MS + HOLD_MS) return true;
    return false;
  }

  /** Machines that nobody expects went in the same moment, and not by it: more may follow within the hold. */
  #hasGoneWithOthers(lostId: string, lastSeenMs: Millis, nowMs: Millis): boolean {
    const effects = this.#ports.reach().lostWith(lostId);
    let count = 0;
    for (const ciId of this.#ports.machines()) {
      if (effects.has(ciId)) continue;
      const sight = this.#ports.sight(ciId, nowMs);
      if ((sight?.state !== 'gone' && sight?.state !== 'mute') || isMissed(sight)) continue;
      if (Math.abs(sight.lastSeenMs - lastSeenMs) <= MOMENT_MS) count += 1;
      if (count >= COMPANY_MIN) return true;
    }
    return false;
  }

  #schedule(nowMs: Millis): void {
    this.#nextMs = Infinity;
    for (const { state, dueMs } of this.#silences.values()) {
      if (dueMs !== null) this.#nextMs = Math.min(this.#nextMs, dueMs);
      else if (state === 'suppressed') this.#nextMs = Math.min(this.#nextMs, nowMs + LOOK_AGAIN_MS);
    }
    for (const { overDueMs } of this.#found) this.#nextMs = Math.min(this.#nextMs, overDueMs ?? Infinity);
  }
}

type Blamed = Pick<FoundCause, 'how' | 'placeId' | 'ciId'>;

/** Those of whom somebody was told, or will be, and the others. */
interface Extent {
  readonly silent: readonly string[];
  readonly beside: readonly string[];
}

/** Silent, without an alert. */
interface Other {
  readonly ciId: string;
  readonly state: SightState;
  readonly lastSeenMs: Millis;
  /** Somebody misses it, and nothing of it is planned. */
  readonly missed: boolean;
}

export function howOf(
  breachedAtMs: Millis,
  lastSeenMs: Millis,
  sight: Pick<Sight, 'said' | 'state'> | undefined,
): How {
  if (breachedAtMs - lastSeenMs > TOGETHER_MS) return 'not-back';
  if (sight?.said) return 'quit';
  return sight?.state === 'mute' ? 'stopped' : 'lost';
}

/** Somebody is told of it, or will be. */
function isMissed({ missed, windowId }: Sight): boolean {
  return missed && windowId === null;
}

/** Whether one of the times, ascending, is near. */
function isNear(atMs: Millis, timesMs: readonly Millis[]): boolean {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timesMs[middle] ?? Infinity) < atMs - MOMENT_MS) low = middle + 1;
    else high = middle;
  }
  return (timesMs[low] ?? Infinity) <= atMs + MOMENT_MS;
}

/** When it went, as far as that counts: what was not expected is gone from the moment on at which it is. */
function goneMs({
  how,
  breachedAtMs,
  lastSeenMs,
}: Pick<Silence, 'how' | 'breachedAtMs' | 'lastSeenMs'>): Millis {
  return how === 'not-back' ? breachedAtMs : lastSeenMs;
}

function isDue({ state, dueMs }: Silence, nowMs: Millis): boolean {
  return state === 'held' && (dueMs ?? 0) <= nowMs;
}

/** Silent no earlier than the cause, and not heard any more once the cause was there. */
function explains(sinceMs: Millis, untilMs: Millis, silence: Lost): boolean {
  return silence.breachedAtMs >= sinceMs - TOGETHER_MS && silence.lastSeenMs <= untilMs + TOGETHER_MS;
}

function isSame(a: Cause, b: Cause | null): boolean {
  return b !== null && keyOf(a) === keyOf(b);
}

export function keyOf(cause: Cause): string {
  return cause.kind === 'found' ? cause.id : `${cause.kind} ${cause.ciId}`;
}
