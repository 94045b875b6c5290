/** Tables of other agents: sites, who reports there, deliveries. */
import type { IntakeDelivery, IntakeRefusalCode } from '@muster/shared/api/intake.ts';
import type { IntakeScope } from '../../../intake/store.ts';
import type { Kit } from '../kit.ts';

export function intakeTables(k: Kit) {
  const intakeSites = k.table('intake_sites', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    /** SHA-256 of the token, hex. */
    tokenHash: k.text('token_hash').notNull().unique(),
    scope: k.json<IntakeScope>('scope').notNull(),
    createdAtMs: k.millis('created_at_ms').notNull(),
    expiresAtMs: k.millis('expires_at_ms'),
    revokedAtMs: k.millis('revoked_at_ms'),
    deliveries: k.big('deliveries').notNull(),
    refused: k.big('refused').notNull(),
    lastDeliveryAtMs: k.millis('last_delivery_at_ms'),
    lastErrorAtMs: k.millis('last_error_at_ms'),
    lastErrorCode: k.text('last_error_code').$type<IntakeRefusalCode>(),
    lastErrorDetail: k.text('last_error_detail').notNull(),
  });
  const intakeDeliveries = k.table(
    'intake_deliveries',
    {
      id: k.text('id').primaryKey(),
      siteId: k
        .text('site_id')
        .notNull()
        .references(() => intakeSites.id),
      atMs: k.millis('at_ms').notNull(),
      address: k.text('address').notNull(),
      clientName: k.text('client_name').notNull(),
      clientVersion: k.text('client_version').notNull(),
      deviceName: k.text('device_name').notNull(),
      itemType: k.text('item_type').notNull(),
      partial: k.bool('partial').notNull(),
      result: k.text('result').$type<IntakeDelivery['result']>().notNull(),
      code: k.text('code').$type<IntakeRefusalCode>(),
      detail: k.text('detail').notNull(),
      ciId: k.text('ci_id'),
      sections: k.json<readonly string[]>('sections').notNull(),
      bodyBytes: k.int('body_bytes').notNull(),
      inflatedBytes: k.int('inflated_bytes').notNull(),
    },
    (t) => [k.index('intake_deliveries_site').on(t.siteId, t.id)],
  );
  const intakeReporters = k.table(
    'intake_reporters',
    {
      id: k.text('id').primaryKey(),
      siteId: k
        .text('site_id')
        .notNull()
        .references(() => intakeSites.id),
      key: k.text('key').notNull(),
      clientName: k.text('client_name').notNull(),
      clientVersion: k.text('client_version').notNull(),
      ciId: k.text('ci_id').notNull(),
      firstSeenAtMs: k.millis('first_seen_at_ms').notNull(),
      lastSeenAtMs: k.millis('last_seen_at_ms').notNull(),
      deliveries: k.big('deliveries').notNull(),
    },
    (t) => [
      k.uniqueIndex('intake_reporters_key').on(t.siteId, t.key),
      k.index('intake_reporters_ci').on(t.ciId),
    ],
  );
  return { intakeSites, intakeDeliveries, intakeReporters };
}
