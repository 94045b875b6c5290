/** Tables of notification channels and deliveries. */
import type { Language } from '@muster/shared/api/access.ts';
import type { ChannelConfig } from '@muster/shared/api/operations.ts';
import type { Notification } from '../../../notify/channel.ts';
import type { DeliveryRecord } from '../../../notify/store.ts';
import type { Kit } from '../kit.ts';

export function notifyTables(k: Kit) {
  const channels = k.table('notification_channels', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    enabled: k.bool('enabled').notNull(),
    language: k.text('language').$type<Language>().notNull(),
    priorityMax: k.int('priority_max').notNull(),
    config: k.json<ChannelConfig>('config').notNull(),
  });
  const deliveries = k.table(
    'notification_deliveries',
    {
      id: k.text('id').primaryKey(),
      channelId: k.text('channel_id').notNull(),
      incidentId: k.text('incident_id'),
      notification: k.json<Notification>('notification').notNull(),
      createdAtMs: k.millis('created_at_ms').notNull(),
      state: k.text('state').$type<DeliveryRecord['state']>().notNull(),
      attempts: k.int('attempts').notNull(),
      nextAttemptAtMs: k.millis('next_attempt_at_ms').notNull(),
      lastAttemptAtMs: k.millis('last_attempt_at_ms'),
      answer: k.text('answer').notNull(),
    },
    (t) => [
      k.index('notification_deliveries_state').on(t.state),
      k.index('notification_deliveries_created').on(t.createdAtMs, t.id),
      k.index('notification_deliveries_channel').on(t.channelId, t.createdAtMs, t.id),
    ],
  );
  return { channels, deliveries };
}
