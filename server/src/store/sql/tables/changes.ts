/** Tables of the change records. */
import type { ChangeKind, ChangePolicy, ChangeState } from '@muster/shared/api/changes.ts';
import type { Kit } from '../kit.ts';

export function changeTables(k: Kit) {
  const changes = k.table(
    'changes',
    {
      id: k.text('id').primaryKey(),
      ref: k.text('ref').notNull().unique(),
      number: k.int('number').notNull(),
      title: k.text('title').notNull(),
      description: k.text('description').notNull(),
      state: k.text('state').$type<ChangeState>().notNull(),
      kinds: k.json<readonly ChangeKind[]>('kinds').notNull(),
      ciIds: k.json<readonly string[]>('ci_ids').notNull(),
      tags: k.json<readonly string[]>('tags').notNull(),
      startsAtMs: k.millis('starts_at_ms').notNull(),
      endsAtMs: k.millis('ends_at_ms').notNull(),
      requestedBy: k.text('requested_by').notNull(),
      requestedAtMs: k.millis('requested_at_ms').notNull(),
      decidedBy: k.text('decided_by'),
      decidedAtMs: k.millis('decided_at_ms'),
      note: k.text('note'),
    },
    (t) => [k.index('changes_starts').on(t.startsAtMs, t.id), k.index('changes_ends').on(t.endsAtMs)],
  );
  /** One row: the policy as it is set. */
  const changePolicy = k.table('change_policy', {
    id: k.text('id').primaryKey(),
    policy: k.json<ChangePolicy>('policy').notNull(),
  });
  return { changes, changePolicy };
}
