/** Rollouts, rings and agents in the reader's words, shapes and colours. */
import {
  AGENT_REASONS,
  SKIP_REASONS,
  type Rollout,
  type RolloutAgent,
  type RolloutAgentState,
  type RolloutRing,
  type RolloutStep,
} from '@muster/shared/api/rollouts.ts';
import type { Agent } from '@muster/shared/api/fleet.ts';
import { DID_NOT_LAST, LAST_END, NOT_CONNECTED, SERVER_ASKED } from '@muster/shared/release/taken-back.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Language } from '@muster/shared/api/access.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { actorWord } from '../../parts/changes.ts';
import type { StateLook } from '../../ui/states.ts';
import { clockTime, recordTime, sameDay } from '../../util/time.ts';
import {
  isFailed,
  type Move,
  type Standing,
  type Step,
  standingOf,
  takingPart,
  touchedBy,
} from './progress.ts';

const ROLLOUT_LOOKS = {
  running: { word: 'rollouts.state.running', glyph: 'half', tone: 'planned' },
  paused: { word: 'rollouts.state.paused', glyph: 'pill', tone: 'warn' },
  stopped: { word: 'rollouts.state.stopped', glyph: 'dash', tone: 'idle' },
  'rolling-back': { word: 'rollouts.state.rolling-back', glyph: 'square-up', tone: 'warn' },
  'rolled-back': { word: 'rollouts.state.rolled-back', glyph: 'square-up', tone: 'idle' },
  done: { word: 'rollouts.state.done', glyph: 'tick', tone: 'up' },
} as const satisfies Record<Rollout['state'], StateLook>;

/** What its gate ended needs a person; what a person ended does not. */
export function rolloutLook(rollout: Pick<Rollout, 'state' | 'rings'>): StateLook {
  const look = ROLLOUT_LOOKS[rollout.state];
  return isEnded(rollout.state) && isFailed(rollout) ? { ...look, glyph: 'square-x', tone: 'crit' } : look;
}

/** Before its last ring was through. */
export function isEnded(state: Rollout['state']): boolean {
  return state === 'stopped' || state === 'rolled-back';
}

const RING_LOOKS = {
  waiting: { word: 'rollouts.ringState.waiting', glyph: 'ring', tone: 'idle' },
  running: { word: 'rollouts.ringState.running', glyph: 'half', tone: 'planned' },
  watching: { word: 'rollouts.ringState.watching', glyph: 'disc', tone: 'planned' },
  passed: { word: 'rollouts.ringState.passed', glyph: 'tick', tone: 'up' },
  failed: { word: 'rollouts.ringState.failed', glyph: 'square-x', tone: 'crit' },
} as const satisfies Record<RolloutRing['state'], StateLook>;

export const AGENT_LOOKS = {
  failed: { word: 'rollouts.agentState.failed', glyph: 'square-x', tone: 'crit' },
  'taken-back': { word: 'rollouts.agentState.taken-back', glyph: 'square-up', tone: 'crit' },
  'rolling-back': { word: 'rollouts.agentState.rolling-back', glyph: 'half', tone: 'warn' },
  told: { word: 'rollouts.agentState.told', glyph: 'half', tone: 'quiet' },
  downloading: { word: 'rollouts.agentState.downloading', glyph: 'half', tone: 'planned' },
  trial: { word: 'rollouts.agentState.trial', glyph: 'half', tone: 'planned' },
  offline: { word: 'rollouts.agentState.offline', glyph: 'question', tone: 'idle' },
  waiting: { word: 'rollouts.agentState.waiting', glyph: 'ring', tone: 'idle' },
  done: { word: 'rollouts.agentState.done', glyph: 'tick', tone: 'up' },
  'rolled-back': { word: 'rollouts.agentState.rolled-back', glyph: 'square-up', tone: 'idle' },
  skipped: { word: 'rollouts.agentState.skipped', glyph: 'dash', tone: 'idle' },
} as const satisfies Record<RolloutAgentState, StateLook>;

const NOT_TOLD = { glyph: 'dash', tone: 'idle' } as const;

/** Who waits in a rollout that tells nobody any more will not be told. */
export function agentLook(state: RolloutAgentState, rollout: Rollout['state']): StateLook {
  return state === 'waiting' && tellsNobody(rollout)
    ? { word: 'rollouts.agentState.untold', ...NOT_TOLD }
    : AGENT_LOOKS[state];
}

/** What became of it in the end counts for more than how it was left. */
export function ringLook(
  ring: Pick<RolloutRing, 'state' | 'agents' | 'counts'>,
  rollout: Rollout['state'],
): StateLook {
  if (takingPart(ring) === 0) return { word: 'rollouts.ringState.empty', ...NOT_TOLD };
  if (ring.state === 'waiting')
    return tellsNobody(rollout) ? { word: 'rollouts.ringState.untold', ...NOT_TOLD } : RING_LOOKS.waiting;
  if (ring.state === 'failed' || !tellsNobody(rollout)) return RING_LOOKS[ring.state];
  return rollout === 'stopped' && ring.state === 'passed' ? RING_LOOKS.passed : ROLLOUT_LOOKS[rollout];
}

export function stepWord(step: Step, rollout: Rollout['state']) {
  return step === 'waiting' && tellsNobody(rollout)
    ? ('rollouts.step.untold' as const)
    : (`rollouts.step.${step}` as const);
}

function tellsNobody(state: Rollout['state']): state is 'stopped' | 'rolling-back' | 'rolled-back' {
  return state === 'stopped' || isUndone(state);
}

/** What was upgraded returns, or has returned. */
export function isUndone(state: Rollout['state']): state is 'rolling-back' | 'rolled-back' {
  return state === 'rolling-back' || state === 'rolled-back';
}

export const STEP_FILLS = {
  done: 'bg-up-solid',
  underWay: 'bg-planned-solid',
  trouble: 'bg-crit-solid',
  returned: 'bg-warn-solid',
  offline: 'fill-idle',
  waiting: 'bg-transparent',
} as const satisfies Record<Step, string>;

/** A reason of a later server stands as it came. */
export function skipWords(reason: string, t: Translate): string {
  const known = SKIP_REASONS.find((each) => each === reason);
  return known === undefined ? reason : t(`rollouts.skip.${known}`);
}

/** Why an agent is in its state and what to do about it. `isOwn`: in its own words, which are English. */
export function detailWords(
  { state, detail }: Pick<RolloutAgent, 'state' | 'detail'>,
  rollout: Rollout['state'],
  t: Translate,
): { readonly text: string; readonly isOwn: boolean } {
  const known = (text: string) => ({ text, isOwn: false });
  const reason = AGENT_REASONS.find((each) => each === detail);
  if (reason !== undefined) return known(t(`rollouts.reason.${reason}`));
  if (state === 'skipped')
    return known(detail === 'pinned' ? t('rollouts.reason.pinned') : skipWords(detail, t));
  if (detail === '' && isStillTold(rollout)) {
    if (state === 'offline') return known(t('rollouts.reason.offline'));
    if (state === 'waiting' && rollout === 'paused') return known(t('rollouts.reason.paused'));
  }
  const ofMachine = takenBackWords(detail, t);
  return ofMachine === null ? { text: detail, isOwn: true } : known(ofMachine);
}

/** What the scripts of an agent say of a version that they took back; null: it is none of their sentences. */
export function takenBackWords(why: string, t: Translate): string | null {
  const seconds = NOT_CONNECTED.exec(why)?.groups?.seconds;
  if (seconds !== undefined) return t('rollouts.reason.not-connected', { seconds });
  const { starts, end } = DID_NOT_LAST.exec(why)?.groups ?? {};
  if (starts === undefined) return null;
  return [t('rollouts.reason.did-not-last', { starts }), lastEndWords(end ?? '', t)]
    .filter(Boolean)
    .join(' ');
}

/** `last with exit code 1 (Error: x)`, `last by signal 9`: what stands between brackets is the machine's own. */
function lastEndWords(end: string, t: Translate): string {
  const { code, signal, said } = LAST_END.exec(end)?.groups ?? {};
  const how =
    code === undefined
      ? signal !== undefined && t('rollouts.reason.last-signal', { signal })
      : t('rollouts.reason.last-code', { code });
  return [how, said].filter(Boolean).join(' ');
}

/** It did not stay, and nobody had asked for that. */
export function wentBackByItself(release: Agent['release']): boolean {
  return release !== null && release.takenBack !== null && release.takenBack.why !== SERVER_ASKED;
}

/** Who has not been told may still be. */
function isStillTold(state: Rollout['state']): boolean {
  return state === 'running' || state === 'paused' || state === 'done';
}

/** What a person did, who and when, and the note that was left. */
export function stepWords(
  { to, by, at, note }: RolloutStep,
  nowMs: Millis,
  { t, language }: { t: Translate; language: Language },
): string {
  const values = { name: actorWord(by, t), time: momentText(Date.parse(at), nowMs, language) };
  return note === ''
    ? t(`rollouts.stepBy.${to}`, values)
    : inOne([t(`rollouts.stepBy.${to}`, values), t('rollouts.stepBy.note', { note })], language);
}

/** What a step would do, before it is taken. */
export function questionWords(
  move: Move,
  rollout: Pick<Rollout, 'rings' | 'state'>,
  { t, language }: { t: Translate; language: Language },
): string {
  const { touched, underWay, kept } = touchedBy(move, rollout);
  if (isLastStep(move, rollout)) return t('rollouts.ask.promotedLast');
  if (move === 'stopped' && rollout.state === 'rolling-back')
    return t('rollouts.ask.stoppedReturn', { count: touched });
  const sentences = [t(`rollouts.ask.${move}`, { count: touched })];
  if (move === 'paused' && underWay > 0) sentences.push(t('rollouts.underWayEnd', { count: underWay }));
  if (move === 'stopped' && kept > 0) sentences.push(t('rollouts.ask.kept', { count: kept }));
  if (move === 'stopped') sentences.push(t('rollouts.ask.stoppedEnd'));
  return inOne(sentences, language);
}

/** Without a ring that follows, the end of the watching is that of the rollout. */
export function isLastStep(move: Move, rollout: Pick<Rollout, 'rings' | 'state'>): boolean {
  return move === 'promoted' && touchedBy(move, rollout).touched === 0;
}

function inOne(sentences: readonly string[], language: Language): string {
  return sentences.join(language === 'zh' ? '' : ' ');
}

/** The clock today, else with the day. */
export function momentText(atMs: Millis, nowMs: Millis, language: Language): string {
  return sameDay(atMs, nowMs) ? clockTime(atMs) : recordTime(atMs, nowMs, language);
}

/** What it does or waits for, as one sentence. */
export function standingWords(
  rollout: Pick<Rollout, 'state' | 'rings'>,
  nowMs: Millis,
  { t, language }: { t: Translate; language: Language },
): string {
  const now: Standing = standingOf(rollout, nowMs);
  switch (now.kind) {
    case 'tells': {
      const { underWay, waiting, offline } = now;
      const ring = t(`rollouts.ring.${now.ring}`);
      return t(offline > 0 ? 'rollouts.now.tellsOffline' : 'rollouts.now.tells', {
        ring,
        underWay,
        waiting,
        offline,
      });
    }
    case 'lacks':
      return t('rollouts.now.lacks', { ring: t(`rollouts.ring.${now.ring}`), count: now.offline });
    case 'watches': {
      const ring = t(`rollouts.ring.${now.ring}`);
      if (now.over || now.untilMs === null) return t('rollouts.now.over', { ring });
      const time = momentText(now.untilMs, nowMs, language);
      return now.next === null
        ? t('rollouts.now.watchesLast', { ring, time })
        : t('rollouts.now.watches', { ring, time, next: t(`rollouts.ring.${now.next}`) });
    }
    case 'begins':
      return now.ring === null
        ? t('rollouts.now.ends')
        : t('rollouts.now.begins', { ring: t(`rollouts.ring.${now.ring}`) });
    case 'paused': {
      const paused = t('rollouts.now.paused', { count: now.left });
      return now.underWay > 0
        ? inOne([paused, t('rollouts.underWayEnd', { count: now.underWay })], language)
        : paused;
    }
    case 'stopped': {
      const kept = t('rollouts.now.stopped', { count: now.kept });
      return now.left > 0 ? inOne([kept, t('rollouts.now.untold', { count: now.left })], language) : kept;
    }
    case 'returns': {
      const { returned, left, offline } = now;
      return t(offline > 0 ? 'rollouts.now.returnsOffline' : 'rollouts.now.returns', {
        returned,
        left,
        offline,
      });
    }
    case 'returned':
      return t(now.left > 0 ? 'rollouts.now.returnedLeft' : 'rollouts.now.returned', {
        count: now.returned,
        left: now.left,
      });
    case 'done':
      return now.left > 0
        ? t('rollouts.now.doneLeft', { count: now.done, left: now.left })
        : t('rollouts.now.done', { count: now.done });
  }
}
