/** How an agent goes through a rollout: one table of states and of what is learned of it. */
import type { RolloutAgentState as State } from '@muster/shared/api/rollouts.ts';

/**
 * gone: it left, or was not there when it was its turn. back: it came. told, sent-back: the server told it to upgrade, to return.
 * postponed, downloading, restarting, refused: its own words. on-trial, confirmed, taken-back, returned: what is installed when it connects
 * (returned: another release, without a word why). timed-out, silent: no news for too long. left-out: it takes no part any more.
 * revoked: it may not connect any more. overtaken: it runs a higher one. let-in: it takes part again. unknown: its trial ended while the server was away.
 */
export type Sign =
  | 'gone'
  | 'back'
  | 'told'
  | 'postponed'
  | 'downloading'
  | 'restarting'
  | 'refused'
  | 'on-trial'
  | 'confirmed'
  | 'taken-back'
  | 'returned'
  | 'timed-out'
  | 'silent'
  | 'sent-back'
  | 'left-out'
  | 'revoked'
  | 'overtaken'
  | 'let-in'
  | 'unknown';

/** What is not in it changes nothing. */
const NEXT: Readonly<Record<Sign, Partial<Record<State, State>>>> = {
  gone: { waiting: 'offline', told: 'offline', downloading: 'offline', 'rolling-back': 'done' },
  back: { offline: 'waiting' },
  told: { waiting: 'told' },
  postponed: { told: 'waiting', downloading: 'waiting' },
  downloading: { waiting: 'downloading', told: 'downloading' },
  restarting: { told: 'trial', downloading: 'trial' },
  refused: {
    waiting: 'failed',
    told: 'failed',
    downloading: 'failed',
    trial: 'failed',
    'rolling-back': 'failed',
  },
  'on-trial': {
    waiting: 'trial',
    offline: 'trial',
    told: 'trial',
    downloading: 'trial',
    done: 'trial',
    failed: 'trial',
    'taken-back': 'trial',
  },
  // A machine that was given up and made it after all has made it.
  confirmed: {
    waiting: 'done',
    offline: 'done',
    told: 'done',
    downloading: 'done',
    trial: 'done',
    failed: 'done',
    'taken-back': 'done',
  },
  'taken-back': {
    waiting: 'taken-back',
    offline: 'taken-back',
    told: 'taken-back',
    downloading: 'taken-back',
    trial: 'taken-back',
    done: 'taken-back',
    failed: 'taken-back',
    'rolling-back': 'rolled-back',
  },
  returned: { trial: 'failed', done: 'failed', 'rolling-back': 'rolled-back' },
  'timed-out': {
    waiting: 'failed',
    told: 'failed',
    downloading: 'failed',
    trial: 'failed',
    done: 'failed',
    'rolling-back': 'failed',
  },
  silent: { done: 'failed' },
  'sent-back': { done: 'rolling-back' },
  'left-out': { waiting: 'skipped', offline: 'skipped', told: 'skipped', downloading: 'skipped' },
  revoked: {
    waiting: 'skipped',
    offline: 'skipped',
    told: 'skipped',
    downloading: 'skipped',
    trial: 'skipped',
    done: 'skipped',
    failed: 'skipped',
    'taken-back': 'skipped',
    'rolling-back': 'skipped',
  },
  overtaken: {
    waiting: 'skipped',
    offline: 'skipped',
    told: 'skipped',
    downloading: 'skipped',
    trial: 'skipped',
    'rolling-back': 'rolled-back',
  },
  'let-in': { skipped: 'waiting' },
  unknown: { told: 'waiting', downloading: 'waiting', trial: 'waiting', done: 'waiting', offline: 'waiting' },
};

/** The state after it; null: the sign means nothing in this one. */
export function nextState(state: State, sign: Sign): State | null {
  return NEXT[sign][state] ?? null;
}

const UNDER_WAY: ReadonlySet<State> = new Set(['told', 'downloading', 'trial', 'rolling-back']);

/** It loads, restarts or is about to. */
export function isUnderWay(state: State): boolean {
  return UNDER_WAY.has(state);
}
