/** Tables of what people agree about availability: judgements of the record, and targets. */
import type { AvailabilityFormula, ReclassifiedAs } from '@muster/shared/api/availability.ts';
import type { TargetPeriod } from '@muster/shared/api/availability-targets.ts';
import type { ReclassificationState } from '@muster/shared/api/reclassifications.ts';
import type { Kit } from '../kit.ts';

export function agreementTables(k: Kit) {
  const reclassifications = k.table('reclassifications', {
    id: k.text('id').primaryKey(),
    ciId: k.text('ci_id').notNull(),
    fromMs: k.millis('from_ms').notNull(),
    toMs: k.millis('to_ms').notNull(),
    as: k.text('counts_as').$type<ReclassifiedAs>().notNull(),
    reason: k.text('reason').notNull(),
    undoes: k.text('undoes'),
    state: k.text('state').$type<ReclassificationState>().notNull(),
    requestedBy: k.text('requested_by').notNull(),
    requestedAtMs: k.millis('requested_at_ms').notNull(),
    decidedBy: k.text('decided_by'),
    decidedAtMs: k.millis('decided_at_ms'),
    decisionNote: k.text('decision_note'),
  });
  const availabilityTargets = k.table('availability_targets', {
    id: k.text('id').primaryKey(),
    ciId: k.text('ci_id').notNull(),
    percent: k.real('percent').notNull(),
    formula: k.text('formula').$type<AvailabilityFormula>().notNull(),
    period: k.text('period').$type<TargetPeriod>().notNull(),
    fromDay: k.text('from_day').notNull(),
    agreedWith: k.text('agreed_with').notNull(),
    note: k.text('note').notNull(),
    by: k.text('by').notNull(),
    atMs: k.millis('at_ms').notNull(),
  });
  return { reclassifications, availabilityTargets };
}
