/** Port of notification: channels and the queue of deliveries, which is also their log. */
import type { Language } from '@muster/shared/api/access.ts';
import type { ChannelConfig } from '@muster/shared/api/operations.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Notification } from './channel.ts';

export interface ChannelRecord {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly language: Language;
  /** Sends incidents of this priority and above; 1 is the highest. */
  readonly priorityMax: number;
  readonly config: ChannelConfig;
}

export interface DeliveryRecord {
  readonly id: string;
  readonly channelId: string;
  readonly incidentId: string | null;
  readonly notification: Notification;
  readonly createdAtMs: Millis;
  readonly state: 'waiting' | 'sent' | 'failed';
  readonly attempts: number;
  /** While waiting: not before this. */
  readonly nextAttemptAtMs: Millis;
  readonly lastAttemptAtMs: Millis | null;
  readonly answer: string;
}

/** Contract. Puts are by id and whole; `addDelivery` changes nothing where the id is there, and says so by false. `deliveries` is newest first; deleting a channel keeps the log of what it sent. */
export interface NotifyStore {
  channels(): Promise<ChannelRecord[]>;
  putChannel(channel: ChannelRecord): Promise<void>;
  deleteChannel(id: string): Promise<boolean>;
  addDelivery(delivery: DeliveryRecord): Promise<boolean>;
  putDelivery(delivery: DeliveryRecord): Promise<void>;
  waiting(): Promise<DeliveryRecord[]>;
  deliveries(query: {
    channelId?: string;
    limit: number;
    cursor?: string;
  }): Promise<{ items: DeliveryRecord[]; nextCursor: string | null }>;
  /** Deletes finished deliveries made before. */
  forget(beforeMs: Millis): Promise<void>;
}
