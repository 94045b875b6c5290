/** Tables of the rollouts: what was decided, how far each agent is, and which agents are kept where they are. */
import type { RingName, RolloutAgentState, RolloutState } from '@muster/shared/api/rollouts.ts';
import type { RolloutRecord } from '../../../rollouts/store.ts';
import type { Kit } from '../kit.ts';

export function rolloutTables(k: Kit) {
  const rollouts = k.table(
    'rollouts',
    {
      id: k.text('id').primaryKey(),
      serial: k.big('serial').notNull(),
      version: k.text('version').notNull(),
      state: k.text('state').$type<RolloutState>().notNull(),
      reason: k.json<RolloutRecord['reason']>('reason'),
      createdAtMs: k.millis('created_at_ms').notNull(),
      createdBy: k.text('created_by').notNull(),
      endedAtMs: k.millis('ended_at_ms'),
      tags: k.json<string[]>('tags').notNull(),
      pilotTag: k.text('pilot_tag'),
      gate: k.json<RolloutRecord['gate']>('gate').notNull(),
      pace: k.json<RolloutRecord['pace']>('pace').notNull(),
      trialMinutes: k.int('trial_minutes').notNull(),
      rings: k.json<RolloutRecord['rings']>('rings').notNull(),
      skipped: k.json<RolloutRecord['skipped']>('skipped').notNull(),
    },
    (t) => [k.index('rollouts_created').on(t.createdAtMs, t.id)],
  );
  const rolloutMembers = k.table(
    'rollout_members',
    {
      rolloutId: k
        .text('rollout_id')
        .notNull()
        .references(() => rollouts.id, { onDelete: 'cascade' }),
      /** Agents may be deleted; what became of them here stays. */
      agentId: k.text('agent_id').notNull(),
      turn: k.int('turn').notNull(),
      ring: k.text('ring').$type<RingName>(),
      state: k.text('state').$type<RolloutAgentState>().notNull(),
      sinceMs: k.millis('since_ms'),
      detail: k.text('detail').notNull(),
      name: k.text('name').notNull(),
      site: k.text('site'),
      place: k.text('place').notNull(),
      platform: k.text('platform').notNull(),
      excused: k.bool('excused').notNull(),
      tells: k.int('tells').notNull(),
      tookBackBefore: k.bool('took_back_before').notNull(),
      /** Of the state, for lists: trouble first. */
      rank: k.int('rank').notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.rolloutId, t.agentId] }),
      k.index('rollout_members_rank').on(t.rolloutId, t.rank, t.name, t.agentId),
    ],
  );
  const agentPins = k.table('agent_pins', {
    agentId: k.text('agent_id').primaryKey(),
    note: k.text('note').notNull(),
    pinnedBy: k.text('pinned_by').notNull(),
    pinnedAtMs: k.millis('pinned_at_ms').notNull(),
  });
  return { rollouts, rolloutMembers, agentPins };
}
