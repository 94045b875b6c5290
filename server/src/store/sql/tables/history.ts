/** Tables of the past: former states, baselines, days of accuracy, settings of what is kept. */
import type { CiGroup } from '@muster/shared/api/history.ts';
import type { Kit } from '../kit.ts';

export function historyTables(k: Kit) {
  /** One row per report or edit that changed something, of each CI that it changed. */
  const ciPast = k.table(
    'ci_past',
    {
      /** In the order of the changes, whatever the clock said. */
      seq: k.big('seq').primaryKey(),
      ciId: k.text('ci_id').notNull(),
      atMs: k.millis('at_ms').notNull(),
      /** It changes what lists show. */
      listed: k.bool('listed').notNull(),
      /** JSON text, zstd where that is shorter. */
      former: k.blob('former').notNull(),
    },
    (t) => [
      k.index('ci_past_ci').on(t.ciId, t.seq),
      k.index('ci_past_time').on(t.atMs),
      k.index('ci_past_listed').on(t.listed, t.atMs),
    ],
  );
  const baselines = k.table('baselines', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    owner: k.text('owner').notNull(),
    atMs: k.millis('at_ms').notNull(),
    createdAtMs: k.millis('created_at_ms').notNull(),
    createdBy: k.text('created_by').notNull(),
    approvedBy: k.text('approved_by'),
    approvedAtMs: k.millis('approved_at_ms'),
    group: k.json<CiGroup>('group_json').notNull(),
    ciCount: k.int('ci_count').notNull(),
    storedBytes: k.big('stored_bytes').notNull(),
  });
  const baselineStates = k.table(
    'baseline_states',
    {
      baselineId: k
        .text('baseline_id')
        .notNull()
        .references(() => baselines.id),
      ciId: k.text('ci_id').notNull(),
      /** zstd of the JSON text. */
      state: k.blob('state').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.baselineId, t.ciId] })],
  );
  const accuracyDays = k.table(
    'accuracy_days',
    {
      day: k.text('day').notNull(),
      class: k.text('class').notNull(),
      count: k.int('count').notNull(),
      scoreSum: k.big('score_sum').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.class, t.day] })],
  );
  const historyKept = k.table('history_kept', {
    kind: k.text('kind').primaryKey(),
    years: k.int('years'),
    keptSinceMs: k.millis('kept_since_ms'),
  });
  return { ciPast, baselines, baselineStates, accuracyDays, historyKept };
}
