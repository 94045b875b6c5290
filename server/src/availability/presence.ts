/** Presence of one machine as a pure step: what is known, what happened, what the record now says and why. */
import type { Cause, Presence } from '@muster/shared/api/cmdb.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { HOUR_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { LeaveReason } from '@muster/shared/wire/goodbye.ts';
import { evidence } from './evidence.ts';
import type { Testimony } from './neighbours.ts';
import type { Revision } from './timeline.ts';
import { type Around, silenceFacts, type Verdict, verdictOf, verdictWords } from './verdict.ts';

/** Nothing heard for the longer of these two: silent. */
export const SILENT_AFTER_MS_MIN = 45 * SECOND_MS;
export const SILENT_AFTER_INTERVALS = 3;
/** What still arrives this soon after a last word is its tail, not a change of mind. */
export const LAST_WORD_SETTLE_MS = 10 * SECOND_MS;
/** Closed absences that late data may still fill; the oldest is given up first. */
export const ABSENCES_HELD_MAX = 64;
/** Starts of the operating system that are remembered, and for how long: enough to see a crash loop. */
export const BOOTS_HELD_MAX = 8;
export const BOOTS_HELD_MS = HOUR_MS;

/** How a connection ended. closed: by its side; timeout: nothing came any more; server: by us. */
export type DisconnectHow = 'closed' | 'timeout' | 'server';

/** A stretch for which the record says something else than up. */
export interface Absence {
  readonly fromMs: Millis;
  readonly toMs: Millis;
  /** The server's own fault: filling it from the spool corrects no judgement. */
  readonly ours: boolean;
  /** The agent had been taken off the machine: what a later one says of its own start tells nothing of this time. */
  readonly uninstalled?: true;
}

/** Everything that is known of one machine; plain data, stored as it is. */
export interface Machine {
  /** The open interval of the record. */
  readonly presence: Presence;
  readonly cause: Cause | null;
  readonly sinceMs: Millis;
  readonly planned: boolean;
  readonly evidence: readonly Words[];
  /** Start of the present absence, which may span several intervals; null while up. */
  readonly absentSinceMs: Millis | null;
  /** Why the server blames itself for the absence; null where it does not. */
  readonly ownFault: 'start' | 'mass' | null;
  readonly lastHeardMs: Millis;
  /** The ordered stream of the agent: newest time and the boot it told of. It may lie in the past. */
  readonly streamMs: Millis | null;
  readonly streamBootId: string | null;
  /** Boot of the last connection. */
  readonly bootId: string | null;
  readonly link:
    | { readonly open: true; readonly sinceMs: Millis }
    | { readonly open: false; readonly atMs: Millis; readonly how: DisconnectHow };
  readonly lastWord: { readonly reason: LeaveReason; readonly atMs: Millis } | null;
  readonly witness: { readonly answer: 'answers' | 'silent'; readonly atMs: Millis } | null;
  readonly intervalMs: Millis;
  readonly absences: readonly Absence[];
  /** What its neighbours saw of it in the present absence. */
  readonly testimony?: Testimony | null;
  /** The others on its network when it fell silent. */
  readonly around?: Around | null;
  /** Since when it is up, over holes that were the server's own; null or absent: as `sinceMs` says. */
  readonly steadySinceMs?: Millis | null;
  /** Starts of its operating system in the last hour, ascending. */
  readonly bootsMs?: readonly Millis[];
}

export type PresenceInput =
  | { readonly type: 'connected'; readonly bootId: string; readonly intervalMs: Millis }
  /** Samples made durable; times ascending, as corrected for skew, perhaps long past. */
  | { readonly type: 'samples'; readonly timesMs: readonly Millis[] }
  /** `lastEvidenceMs`: last byte or pong. An open connection is proof enough; who keeps it pings. */
  | { readonly type: 'disconnected'; readonly how: DisconnectHow; readonly lastEvidenceMs: Millis }
  | { readonly type: 'stopping'; readonly reason: LeaveReason; readonly atMs: Millis }
  | {
      readonly type: 'started';
      readonly atMs: Millis;
      readonly bootId: string;
      readonly bootedAtMs: Millis;
      readonly previous: LeaveReason | null;
    }
  | { readonly type: 'probed'; readonly answer: 'answers' | 'silent' }
  /** `roaming`: its user takes it along. */
  | { readonly type: 'testified'; readonly testimony: Testimony; readonly roaming: boolean }
  | { readonly type: 'planned'; readonly planned: boolean }
  /** The server has started and knows only what it had stored. */
  | { readonly type: 'restored' }
  /** `excused`: the server itself is to blame or too fresh to judge; `mass`: most machines are silent at once. */
  | {
      readonly type: 'tick';
      readonly excused: boolean;
      readonly mass: boolean;
      readonly roaming?: boolean;
      /** The others on its network; absent where none are known. */
      readonly around?: Around | null;
    };

export interface Step {
  readonly machine: Machine;
  /** In order; later ones lie over earlier ones. */
  readonly revisions: readonly Revision[];
}

export function silentAfterMs(machine: Pick<Machine, 'intervalMs'>): Millis {
  return Math.max(SILENT_AFTER_MS_MIN, SILENT_AFTER_INTERVALS * machine.intervalMs);
}

/**
 * One step. `machine` is null before the machine was ever heard; then only `connected` may come.
 * `zone` (IANA) is for the sentences.
 */
export function step(
  machine: Machine | null,
  input: PresenceInput,
  nowMs: Millis,
  zone: string | null,
): Step {
  if (machine === null) {
    invariant(input.type === 'connected', 'the first thing heard of a machine is its connection');
    return firstConnection(input, nowMs, zone);
  }
  switch (input.type) {
    case 'connected':
      return connected(machine, input, nowMs, zone);
    case 'samples':
      return samples(machine, input.timesMs, nowMs, zone);
    case 'disconnected':
      return disconnected(machine, input, nowMs);
    case 'stopping':
      return stopping(machine, input, nowMs, zone);
    case 'started':
      return started(machine, input, nowMs, zone);
    case 'probed':
      return probed(machine, input.answer, nowMs, zone);
    case 'testified':
      return testified(machine, input, nowMs, zone);
    case 'planned':
      return planned(machine, input.planned, nowMs);
    case 'restored':
      return restored(machine, nowMs, zone);
    case 'tick':
      return tick(machine, input, nowMs, zone);
  }
}

type Zone = string | null;
type Input<T extends PresenceInput['type']> = Extract<PresenceInput, { type: T }>;

function unchanged(machine: Machine): Step {
  return { machine, revisions: [] };
}

function firstConnection(input: Input<'connected'>, nowMs: Millis, zone: Zone): Step {
  const words = [evidence.firstHeard(nowMs, zone)];
  const machine: Machine = {
    presence: 'up',
    cause: null,
    sinceMs: nowMs,
    planned: false,
    evidence: words,
    absentSinceMs: null,
    ownFault: null,
    lastHeardMs: nowMs,
    streamMs: null,
    streamBootId: input.bootId,
    bootId: input.bootId,
    link: { open: true, sinceMs: nowMs },
    lastWord: null,
    witness: null,
    intervalMs: input.intervalMs,
    absences: [],
  };
  return { machine, revisions: [fromNowOn(nowMs, 'up', null, words)] };
}

function connected(machine: Machine, input: Input<'connected'>, nowMs: Millis, zone: Zone): Step {
  const linked: Machine = {
    ...machine,
    link: { open: true, sinceMs: nowMs },
    bootId: input.bootId,
    intervalMs: input.intervalMs,
    lastHeardMs: Math.max(machine.lastHeardMs, nowMs),
    witness: null,
    testimony: null,
    around: null,
    lastWord: null,
  };
  const rebooted = machine.bootId !== null && machine.bootId !== input.bootId;
  if (machine.absentSinceMs === null && !rebooted) return unchanged(linked);
  const fromMs = Math.min(machine.absentSinceMs ?? machine.lastHeardMs, nowMs);
  const wasJudged = machine.absentSinceMs !== null;
  const gone: Revision[] = rebooted
    ? [
        {
          fromMs,
          toMs: nowMs,
          ...absentBecause(machine.lastWord?.reason ?? null, true),
          planned: null,
          evidence: [...lastWordWords(machine, zone), evidence.newBoot()],
          corrects: wasJudged,
        },
      ]
    : sameBootRevision(machine, fromMs, nowMs);
  // Its own word of it, with the exact time, may follow.
  const kept = rebooted ? { ...linked, steadySinceMs: null, bootsMs: withBoot(machine, nowMs) } : linked;
  const back = comeBack(kept, fromMs, nowMs, [evidence.connected(nowMs, zone)]);
  return { machine: back.machine, revisions: [...gone, ...back.revisions] };
}

/** A restart or shutdown that was announced and did not take place. */
function sameBootRevision(machine: Machine, fromMs: Millis, nowMs: Millis): Revision[] {
  const announcedDown = machine.presence === 'down' || machine.presence === 'off';
  const because: { presence: Presence; cause: Cause | null } = !announcedDown
    ? { presence: machine.presence, cause: machine.cause }
    : machine.cause === 'host-down'
      ? // Its neighbours did not see it, and yet it ran: it was cut off.
        { presence: 'unknown', cause: 'unreachable' }
      : absentBecause(null, false);
  if (!announcedDown && machine.presence !== 'unknown') return [];
  return [
    {
      fromMs: announcedDown ? fromMs : machine.sinceMs,
      toMs: nowMs,
      ...because,
      planned: null,
      evidence: [...machine.evidence, evidence.sameBoot()],
      corrects: announcedDown,
    },
  ];
}

function comeBack(machine: Machine, absentFromMs: Millis, nowMs: Millis, words: readonly Words[]): Step {
  const ours = machine.ownFault !== null;
  const absence: Absence = {
    fromMs: absentFromMs,
    toMs: nowMs,
    ours,
    ...(machine.cause === 'agent-uninstalled' ? { uninstalled: true } : {}),
  };
  const back: Machine = {
    ...machine,
    presence: 'up',
    cause: null,
    sinceMs: nowMs,
    evidence: words,
    absentSinceMs: null,
    ownFault: null,
    steadySinceMs: ours ? (machine.steadySinceMs ?? null) : null,
    absences: [...machine.absences, absence].slice(-ABSENCES_HELD_MAX),
  };
  return { machine: back, revisions: [fromNowOn(nowMs, 'up', null, words)] };
}

function disconnected(machine: Machine, input: Input<'disconnected'>, nowMs: Millis): Step {
  const lastHeardMs = Math.max(machine.lastHeardMs, Math.min(input.lastEvidenceMs, nowMs));
  return unchanged({ ...machine, lastHeardMs, link: { open: false, atMs: nowMs, how: input.how } });
}

function heard(machine: Machine, nowMs: Millis, zone: Zone): Step {
  const { lastWord } = machine;
  if (lastWord && nowMs - lastWord.atMs < LAST_WORD_SETTLE_MS) return unchanged(machine);
  const alive = { ...machine, lastHeardMs: Math.max(machine.lastHeardMs, nowMs) };
  if (machine.absentSinceMs === null) return unchanged(alive);
  const fromMs = Math.min(machine.absentSinceMs, nowMs);
  const clear = { lastWord: null, witness: null, testimony: null, around: null };
  return comeBack({ ...alive, ...clear }, fromMs, nowMs, [evidence.heardAgain(nowMs, zone)]);
}

/** As nearly always: a sign of life changes nothing but its time. */
export function isUndisturbed({ absentSinceMs, lastWord, absences }: Machine): boolean {
  return absentSinceMs === null && lastWord === null && absences.length === 0;
}

/** Signs of life of a machine that is undisturbed: when it was heard last, and the newest time of its stream. */
export function withSigns(machine: Machine, heardMs: Millis, streamMs: Millis): Machine {
  return {
    ...machine,
    lastHeardMs: Math.max(machine.lastHeardMs, heardMs),
    streamMs: Math.max(machine.streamMs ?? -Infinity, streamMs),
  };
}

/** Two neighbours in the stream, no further apart than silence takes, prove that the machine was up between them. */
function samples(machine: Machine, timesMs: readonly Millis[], nowMs: Millis, zone: Zone): Step {
  const [onlyMs] = timesMs;
  if (onlyMs !== undefined && timesMs.length === 1 && isUndisturbed(machine))
    return unchanged(withSigns(machine, nowMs, Math.min(onlyMs, nowMs)));
  const alive = heard(machine, nowMs, zone);
  const { absences } = alive.machine;
  let { streamMs } = alive.machine;
  const limitMs = silentAfterMs(machine);
  const proven: { fromMs: Millis; toMs: Millis }[] = [];
  for (const sampleMs of timesMs) {
    const atMs = Math.min(sampleMs, nowMs);
    if (streamMs !== null && atMs <= streamMs) continue;
    if (absences.length > 0 && streamMs !== null && atMs - streamMs <= limitMs) {
      const last = proven.at(-1);
      if (last?.toMs === streamMs) last.toMs = atMs;
      else proven.push({ fromMs: streamMs, toMs: atMs });
    }
    streamMs = atMs;
  }
  const filled = proven.flatMap((span) => fill(absences, span));
  const left = absences.length === 0 ? absences : absences.filter((a) => a.toMs > (streamMs ?? 0));
  return {
    machine: { ...alive.machine, streamMs, absences: left },
    // The return from an absence comes first: the past is filled over it.
    revisions: [...alive.revisions, ...filled],
  };
}

function fill(absences: readonly Absence[], span: { fromMs: Millis; toMs: Millis }): Revision[] {
  return absences
    .map((absence) => ({
      fromMs: Math.max(absence.fromMs, span.fromMs),
      toMs: Math.min(absence.toMs, span.toMs),
      ours: absence.ours,
    }))
    .filter(({ fromMs, toMs }) => fromMs < toMs)
    .map(({ fromMs, toMs, ours }) => ({
      fromMs,
      toMs,
      presence: 'up',
      cause: null,
      planned: null,
      evidence: [evidence.spoolFilled()],
      corrects: !ours,
    }));
}

/** What a last word makes of the machine at once. An upgrade is back before it is missed. */
const BY_LAST_WORD: Readonly<Record<LeaveReason, { presence: Presence; cause: Cause } | null>> = {
  shutdown: { presence: 'off', cause: 'shut-down' },
  restart: { presence: 'down', cause: 'shut-down' },
  sleep: { presence: 'asleep', cause: 'asleep' },
  stop: { presence: 'unknown', cause: 'agent-stopped' },
  uninstall: { presence: 'unknown', cause: 'agent-uninstalled' },
  upgrade: null,
};

function stopping(machine: Machine, input: Input<'stopping'>, nowMs: Millis, zone: Zone): Step {
  const atMs = Math.min(input.atMs, nowMs);
  const streamMs = Math.max(machine.streamMs ?? atMs, atMs);
  const isPast = machine.link.open && machine.link.sinceMs > atMs;
  const isRepeat = machine.lastWord !== null && atMs - machine.lastWord.atMs < LAST_WORD_SETTLE_MS;
  if (isPast || isRepeat) return unchanged({ ...machine, streamMs });
  const told: Machine = { ...machine, streamMs, lastWord: { reason: input.reason, atMs } };
  const said = BY_LAST_WORD[input.reason];
  if (said === null || machine.absentSinceMs !== null) return unchanged(told);
  const words = [evidence.announced(input.reason, atMs, zone)];
  return absent(told, Math.max(atMs, machine.sinceMs), said.presence, said.cause, words, null);
}

/** What an absence was, once it is known whether the operating system started anew. */
function absentBecause(reason: LeaveReason | null, rebooted: boolean): { presence: Presence; cause: Cause } {
  if (reason === 'sleep') return { presence: 'asleep', cause: 'asleep' };
  if (reason === 'uninstall') return { presence: 'unknown', cause: 'agent-uninstalled' };
  if (!rebooted || reason === 'stop' || reason === 'upgrade')
    return { presence: 'unknown', cause: 'agent-stopped' };
  if (reason === 'shutdown') return { presence: 'off', cause: 'shut-down' };
  if (reason === 'restart') return { presence: 'down', cause: 'shut-down' };
  return { presence: 'down', cause: 'host-down' };
}

function started(machine: Machine, input: Input<'started'>, nowMs: Millis, zone: Zone): Step {
  const endMs = machine.link.open ? machine.link.sinceMs : nowMs;
  const atMs = Math.min(input.atMs, endMs);
  const fromMs = goneSinceMs(machine, atMs);
  const rebooted = machine.streamBootId !== null && machine.streamBootId !== input.bootId;
  const stream: Machine = {
    ...machine,
    streamMs: Math.max(fromMs, atMs),
    streamBootId: input.bootId,
    ...(rebooted ? { bootsMs: withBoot(machine, Math.min(input.bootedAtMs, atMs)) } : {}),
    absences: machine.absences.filter((absence) => absence.toMs > atMs),
  };
  const wasShort = atMs - fromMs <= silentAfterMs(machine);
  if (fromMs >= atMs || (!rebooted && wasShort)) return unchanged(stream);
  // It was not up all the time that the server was away.
  const next: Machine = { ...stream, steadySinceMs: null };
  const gone = machine.absences.some((one) => one.uninstalled && one.fromMs < atMs && one.toMs >= atMs)
    ? []
    : rebooted
      ? rebootRevisions(input, fromMs, atMs, zone)
      : [agentGap(input, fromMs, atMs, zone)];
  const behind = next.absences.find((absence) => absence.fromMs <= atMs);
  if (!behind || machine.bootId !== input.bootId) return { machine: next, revisions: gone };
  const alone = startedAlone(machine, atMs, behind.toMs, zone);
  const absences = next.absences.filter((absence) => absence !== behind || alone.presence !== 'up');
  return { machine: { ...next, absences }, revisions: [...gone, alone] };
}

/** The end of the agent's last run: its last word in the stream, or a later sign of life on the connection. */
function goneSinceMs(machine: Machine, startedMs: Millis): Millis {
  const { streamMs } = machine;
  if (streamMs === null) return startedMs;
  const absence = machine.absences.find((a) => a.fromMs > streamMs && a.fromMs < startedMs);
  return absence?.fromMs ?? streamMs;
}

function withBoot(machine: Machine, bootedMs: Millis): Millis[] {
  const recent = (machine.bootsMs ?? []).filter((atMs) => atMs < bootedMs && bootedMs - atMs < BOOTS_HELD_MS);
  return [...recent, bootedMs].slice(-BOOTS_HELD_MAX);
}

/** The agent was away while its host ran on, or slept. */
function agentGap(input: Input<'started'>, fromMs: Millis, atMs: Millis, zone: Zone): Revision {
  if (input.previous === 'sleep')
    return {
      fromMs,
      toMs: atMs,
      ...absentBecause('sleep', false),
      planned: null,
      evidence: [evidence.slept(fromMs, atMs, zone)],
      corrects: true,
    };
  return {
    fromMs,
    toMs: atMs,
    ...absentBecause(input.previous, false),
    planned: null,
    evidence: [
      input.previous === null
        ? evidence.agentEndedWithoutWord(atMs, zone)
        : evidence.agentEndedWith(input.previous, atMs, zone),
      evidence.sameBoot(),
    ],
    corrects: true,
  };
}

function rebootRevisions(input: Input<'started'>, fromMs: Millis, atMs: Millis, zone: Zone): Revision[] {
  const bootedMs = Math.min(Math.max(input.bootedAtMs, fromMs), atMs);
  const words =
    input.previous === null
      ? [evidence.lastHeard(fromMs, zone)]
      : [evidence.announced(input.previous, fromMs, zone)];
  const common = { planned: null, corrects: true } as const;
  return [
    {
      ...common,
      fromMs,
      toMs: bootedMs,
      ...absentBecause(input.previous, true),
      evidence: [...words, evidence.bootedAt(bootedMs, zone)],
    },
    {
      ...common,
      fromMs: bootedMs,
      toMs: atMs,
      presence: 'up',
      cause: null,
      evidence: [evidence.bootedAt(bootedMs, zone)],
    },
  ];
}

/** Between the start of the agent and its connection: up where that is short, otherwise up to the spool to prove. */
function startedAlone(machine: Machine, atMs: Millis, toMs: Millis, zone: Zone): Revision {
  const isShort = toMs - atMs <= silentAfterMs(machine);
  return {
    fromMs: atMs,
    toMs,
    presence: isShort ? 'up' : 'unknown',
    cause: isShort ? null : 'unreachable',
    planned: null,
    evidence: [evidence.agentRanAlone(atMs, zone)],
    corrects: !isShort,
  };
}

function probed(machine: Machine, answer: 'answers' | 'silent', nowMs: Millis, zone: Zone): Step {
  const next: Machine = { ...machine, witness: { answer, atMs: nowMs } };
  // What neighbours saw outweighs that nothing answers the server itself.
  const byNeighbours = answer === 'silent' && (machine.testimony?.sightings.length ?? 0) > 0;
  const judgedByWitness =
    !byNeighbours &&
    machine.presence === 'unknown' &&
    (machine.cause === 'agent-stopped' || machine.cause === 'unreachable');
  const cause = silenceCause(next);
  if (!judgedByWitness || cause === machine.cause) return unchanged(next);
  return absent(next, nowMs, 'unknown', cause, silenceWords(next, zone), null);
}

function planned(machine: Machine, isPlanned: boolean, nowMs: Millis): Step {
  if (machine.planned === isPlanned) return unchanged(machine);
  const fromMs = Math.max(nowMs, machine.sinceMs);
  const next: Machine = { ...machine, planned: isPlanned, sinceMs: fromMs };
  const revision = fromNowOn(fromMs, machine.presence, machine.cause, machine.evidence);
  return { machine: next, revisions: [{ ...revision, planned: isPlanned }] };
}

function restored(machine: Machine, nowMs: Millis, zone: Zone): Step {
  const { link } = machine;
  // A machine that was up until the end lost its connection through the end of the server.
  const atMs = link.open ? machine.lastHeardMs : link.atMs;
  const forgotten: Machine = { ...machine, witness: null };
  if (machine.absentSinceMs !== null && !link.open) return unchanged(forgotten);
  const cut: Machine = { ...forgotten, link: { open: false, atMs, how: 'server' } };
  if (machine.absentSinceMs !== null) return unchanged(cut);
  const words = [evidence.lastHeard(machine.lastHeardMs, zone), evidence.serverStarted(nowMs, zone)];
  const fromMs = Math.min(machine.lastHeardMs, nowMs);
  return absent({ ...steady(cut), ownFault: 'start' }, fromMs, 'unknown', 'server-self', words, 'start');
}

function tick(known: Machine, input: Input<'tick'>, nowMs: Millis, zone: Zone): Step {
  // The server's clock was set back: what was heard cannot lie ahead.
  const machine = known.lastHeardMs > nowMs ? { ...known, lastHeardMs: nowMs } : known;
  if (machine.ownFault !== null) return ownFaultOver(machine, input, zone);
  if (!isOverdue(machine, nowMs) || input.excused) return unchanged(machine);
  const fromMs = machine.lastHeardMs;
  // A host that answers is in reach: whatever happened to the others, it is not this server.
  if (input.mass && machine.witness?.answer !== 'answers') {
    const words = [evidence.lastHeard(fromMs, zone), evidence.massSilence(fromMs, zone)];
    return absent(steady(machine), fromMs, 'unknown', 'server-self', words, 'mass');
  }
  const judged: Machine = { ...machine, around: input.around ?? null };
  const { verdict, words } = judge(judged, input.roaming ?? false, zone);
  return absent(judged, fromMs, verdict.presence, verdict.cause, words, null);
}

/** Keeps in mind since when it is up: the absence that follows is our own. */
function steady(machine: Machine): Machine {
  return { ...machine, steadySinceMs: machine.steadySinceMs ?? machine.sinceMs };
}

interface Judgement {
  readonly verdict: Pick<Verdict, 'presence' | 'cause'>;
  readonly words: Words[];
}

/** By its own last word and our own probe where they decide, by what its neighbours saw otherwise. */
function judge(machine: Machine, roaming: boolean, zone: Zone): Judgement {
  const { lastWord, witness } = machine;
  const testimony = machine.testimony ?? null;
  const around = machine.around ?? null;
  const alone: Judgement = {
    verdict: { presence: 'unknown', cause: silenceCause(machine) },
    words: silenceWords(machine, zone),
  };
  const isDecided = lastWord !== null || witness?.answer === 'answers';
  if (isDecided || (testimony === null && around === null)) return alone;
  const facts = silenceFacts({
    testimony,
    around,
    lastHeardMs: machine.lastHeardMs,
    closed: closedByPeer(machine),
    roaming,
  });
  const verdict = verdictOf(facts);
  const seen = verdictWords(verdict, testimony, facts, zone);
  if (seen.length === 0) return alone;
  const without = alone.words.filter((words) => words.en !== NO_WITNESS);
  return { verdict, words: [...without, ...seen] };
}

const NO_WITNESS = evidence.noWitness().en;

/** A neighbour's word on a machine that is silent already corrects what was said of it, from the last evidence on. */
function testified(machine: Machine, input: Input<'testified'>, nowMs: Millis, zone: Zone): Step {
  const next: Machine = { ...machine, testimony: input.testimony };
  const isSilent = machine.absentSinceMs !== null && machine.ownFault === null && machine.lastWord === null;
  if (!isSilent || machine.presence !== 'unknown' || machine.cause === 'network') return unchanged(next);
  const { verdict, words } = judge(next, input.roaming, zone);
  const fromMs = Math.min(machine.absentSinceMs, nowMs);
  const judged = absent(next, fromMs, verdict.presence, verdict.cause, words, null);
  const corrects = verdict.presence !== machine.presence || verdict.cause !== machine.cause;
  return { ...judged, revisions: judged.revisions.map((revision) => ({ ...revision, corrects })) };
}

/** Still counted as up, but nothing was heard for `afterMs` (the time that makes silence). */
export function isOverdue(machine: Machine, nowMs: Millis, afterMs = silentAfterMs(machine)): boolean {
  return machine.absentSinceMs === null && !machine.link.open && nowMs - machine.lastHeardMs >= afterMs;
}

/** The server has no excuse any more: the whole absence is judged anew. */
function ownFaultOver(machine: Machine, input: Input<'tick'>, zone: Zone): Step {
  const excused = machine.ownFault === 'mass' ? input.mass || input.excused : input.excused;
  if (excused || machine.absentSinceMs === null) return unchanged(machine);
  // Nothing of the way to a host that answers has failed.
  const isMass = machine.ownFault === 'mass' && machine.witness?.answer !== 'answers';
  const own: Machine = { ...machine, steadySinceMs: null, around: input.around ?? null };
  const { verdict, words: why } = isMass
    ? { verdict: { presence: 'unknown', cause: 'network' } as const, words: silenceWords(machine, zone) }
    : judge(own, input.roaming ?? false, zone);
  const words = [...machine.evidence.slice(1), ...why];
  const again = absent(own, machine.absentSinceMs, verdict.presence, verdict.cause, words, null);
  return { ...again, revisions: again.revisions.map((revision) => ({ ...revision, corrects: true })) };
}

/** Only a connection that its own side closed, on a host that answers, shows that it is the agent that is gone. */
function silenceCause(machine: Machine): Cause {
  const reason = machine.lastWord?.reason;
  if (reason === 'uninstall') return 'agent-uninstalled';
  if (reason === 'stop' || reason === 'upgrade') return 'agent-stopped';
  return closedByPeer(machine) && machine.witness?.answer === 'answers' ? 'agent-stopped' : 'unreachable';
}

function closedByPeer(machine: Machine): boolean {
  return !machine.link.open && machine.link.how === 'closed';
}

function silenceWords(machine: Machine, zone: Zone): Words[] {
  const { link, witness } = machine;
  const words = [evidence.lastHeard(machine.lastHeardMs, zone), ...lastWordWords(machine, zone)];
  if (!link.open && link.how === 'closed' && machine.lastWord === null)
    words.push(evidence.closedByPeer(link.atMs, zone));
  if (!link.open && link.how === 'timeout') words.push(evidence.timedOut(link.atMs, zone));
  if (witness?.answer === 'answers')
    words.push(
      silenceCause(machine) === 'agent-stopped'
        ? evidence.hostAnswers(witness.atMs, zone)
        : evidence.hostAnswersAgentMute(witness.atMs, zone),
    );
  else if (witness) words.push(evidence.hostSilent(witness.atMs, zone), evidence.noWitness());
  else if (machine.lastWord === null) words.push(evidence.noWitness());
  return words;
}

function lastWordWords(machine: Machine, zone: Zone): Words[] {
  const { lastWord } = machine;
  return lastWord ? [evidence.announced(lastWord.reason, lastWord.atMs, zone)] : [];
}

function absent(
  machine: Machine,
  fromMs: Millis,
  presence: Presence,
  cause: Cause,
  words: readonly Words[],
  ownFault: Machine['ownFault'],
): Step {
  const next: Machine = {
    ...machine,
    presence,
    cause,
    sinceMs: fromMs,
    evidence: words,
    ownFault,
    absentSinceMs: Math.min(machine.absentSinceMs ?? fromMs, fromMs),
  };
  return { machine: next, revisions: [fromNowOn(fromMs, presence, cause, words)] };
}

function fromNowOn(
  fromMs: Millis,
  presence: Presence,
  cause: Cause | null,
  words: readonly Words[],
): Revision {
  return { fromMs, toMs: null, presence, cause, planned: null, evidence: words, corrects: false };
}
