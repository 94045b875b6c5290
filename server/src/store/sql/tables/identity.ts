/** Tables of identity: reporters, people's decisions, open questions, merges, values that identify nothing. */
import type {
  IdentityPin,
  IdentityReview,
  JunkKind,
  MergeRecord,
  ReporterRow,
  ReportingSource,
} from '../../../cmdb/identity-record.ts';
import type { Kit } from '../kit.ts';

export function identityTables(k: Kit) {
  const reporters = k.table(
    'reporters',
    {
      source: k.text('source').$type<ReportingSource>().notNull(),
      id: k.text('id').notNull(),
      ciId: k.text('ci_id').notNull(),
      firstAtMs: k.millis('first_at_ms').notNull(),
      lastAtMs: k.millis('last_at_ms').notNull(),
      hashes: k.json<ReporterRow['hashes']>('hashes').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.source, t.id] })],
  );
  const identityPins = k.table('identity_pins', {
    id: k.text('id').primaryKey(),
    pin: k.json<IdentityPin>('pin').notNull(),
  });
  const identityReviews = k.table(
    'identity_reviews',
    {
      id: k.text('id').primaryKey(),
      state: k.text('state').$type<IdentityReview['state']>().notNull(),
      openedAtMs: k.millis('opened_at_ms').notNull(),
      review: k.json<IdentityReview>('review').notNull(),
    },
    (t) => [k.index('identity_reviews_state').on(t.state, t.openedAtMs)],
  );
  const ciMerges = k.table(
    'ci_merges',
    {
      id: k.text('id').primaryKey(),
      keepId: k.text('keep_id').notNull(),
      otherId: k.text('other_id').notNull(),
      atMs: k.millis('at_ms').notNull(),
      merge: k.json<MergeRecord>('merge').notNull(),
    },
    (t) => [k.index('ci_merges_keep').on(t.keepId), k.index('ci_merges_other').on(t.otherId)],
  );
  const junkValues = k.table('junk_values', {
    id: k.text('id').primaryKey(),
    kind: k.text('kind').$type<JunkKind>().notNull(),
    value: k.text('value').notNull(),
    note: k.text('note'),
    atMs: k.millis('at_ms').notNull(),
    actor: k.text('actor').notNull(),
  });
  return { reporters, identityPins, identityReviews, ciMerges, junkValues };
}
