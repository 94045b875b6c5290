/** A plan becomes a rollout: what is kept of it from the first moment on. */
import { type NewRollout, RING_NAMES, type SkipReason } from '@muster/shared/api/rollouts.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Planned } from './plan.ts';
import type { MemberRecord, RolloutRecord } from './store.ts';

export function newRollout(
  plan: readonly Planned[],
  { serial, tags, pilotTag, gate, pace, trialMinutes }: NewRollout,
  made: { id: string; version: string; createdBy: string; nowMs: Millis },
): { record: RolloutRecord; members: readonly MemberRecord[] } {
  const { id, version, createdBy, nowMs } = made;
  const record: RolloutRecord = {
    id,
    serial,
    version,
    state: 'running',
    reason: null,
    createdAtMs: nowMs,
    createdBy,
    endedAtMs: null,
    tags,
    pilotTag,
    gate,
    pace,
    trialMinutes,
    rings: RING_NAMES.map((name) => ({
      name,
      state: 'waiting',
      agents: plan.filter(({ ring }) => ring === name).length,
      counts: {},
      startedAtMs: null,
      watchUntilMs: null,
      endedAtMs: null,
    })),
    skipped: skippedOf(plan),
  };
  return { record, members: plan.map(memberOf) };
}

/** Those that take no part, the most frequent reason first. */
export function skippedOf(plan: readonly Planned[]): { reason: string; agents: number }[] {
  return leftOut(plan).map(({ reason, members }) => ({ reason, agents: members.length }));
}

/** The same with the machines themselves. */
export function leftOut(
  plan: readonly Planned[],
): { readonly reason: SkipReason; readonly members: readonly Planned[] }[] {
  const groups = Map.groupBy(plan, ({ skip }) => skip);
  return [...groups]
    .flatMap(([reason, members]) => (reason === null ? [] : { reason, members }))
    .toSorted((a, b) => b.members.length - a.members.length);
}

function memberOf({ candidate, ring, skip, place, tookBackBefore }: Planned, turn: number): MemberRecord {
  const { agentId, name, site, release, platform } = candidate;
  return {
    agentId,
    turn,
    ring,
    state: skip === null ? 'waiting' : 'skipped',
    sinceMs: null,
    detail: skip ?? '',
    name,
    site,
    place,
    platform: release?.platform ?? platform,
    excused: false,
    tells: 0,
    tookBackBefore,
  };
}
