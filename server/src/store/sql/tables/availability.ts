/** Tables of presence: what is known of each machine, and the record of its intervals. */
import type { Cause, Presence } from '@muster/shared/api/cmdb.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Said } from '../../../availability/timeline.ts';
import type { Machine } from '../../../availability/presence.ts';
import type { Kit } from '../kit.ts';

export function availabilityTables(k: Kit) {
  const presenceMachines = k.table('presence_machines', {
    ciId: k.text('ci_id').primaryKey(),
    machine: k.json<Machine>('machine').notNull(),
  });
  const presenceIntervals = k.table(
    'presence_intervals',
    {
      ciId: k.text('ci_id').notNull(),
      fromMs: k.millis('from_ms').notNull(),
      toMs: k.millis('to_ms'),
      presence: k.text('presence').$type<Presence>().notNull(),
      cause: k.text('cause').$type<Cause>(),
      planned: k.bool('planned').notNull(),
      evidence: k.json<readonly Words[]>('evidence').notNull(),
      revised: k.bool('revised').notNull(),
      revisedAtMs: k.millis('revised_at_ms'),
      was: k.json<Said>('was'),
    },
    (t) => [k.primaryKey({ columns: [t.ciId, t.fromMs] }), k.index('presence_intervals_end').on(t.toMs)],
  );
  return { presenceMachines, presenceIntervals };
}
