/** The channels: one line each. */
import type { ChannelConfig } from '@muster/shared/api/operations.ts';
import type { DeliveryAnswer, Notification } from '../channel.ts';
import { emailChannel } from './email/email.ts';
import { webhookChannel } from './webhook/webhook.ts';

export type Send = (config: ChannelConfig, notification: Notification) => Promise<DeliveryAnswer>;

export const sendByChannel: Send = (config, notification) => {
  switch (config.kind) {
    case 'webhook':
      return webhookChannel.send(config, notification);
    case 'email':
      return emailChannel.send(config, notification);
  }
};
