/** What any notification store must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChannelRecord, DeliveryRecord, NotifyStore } from '../../notify/store.ts';

export function notifyStoreContract(
  name: string,
  open: () => Promise<{ store: NotifyStore; close(): Promise<void> }>,
): void {
  describe(`notification store: ${name}`, () => {
    let store: NotifyStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[NT1] channels are kept, replaced and deleted by id; the log of a deleted one stays', async () => {
      await store.putChannel(channel('chn_1', 'desk'));
      await store.putChannel({ ...channel('chn_1', 'desk'), enabled: false });
      expect(await store.channels()).toEqual([{ ...channel('chn_1', 'desk'), enabled: false }]);
      await store.putDelivery(delivery('d1', 1));
      expect(await store.deleteChannel('chn_1')).toBe(true);
      expect(await store.deleteChannel('chn_1')).toBe(false);
      expect((await store.deliveries({ limit: 9 })).items).toHaveLength(1);
    });

    test('[NT2] what waits is found again, what was sent is only logged, and old log is forgotten', async () => {
      await store.putDelivery(delivery('d1', 1));
      await store.putDelivery({ ...delivery('d2', 2), state: 'sent' });
      await store.putDelivery({ ...delivery('d3', 3), state: 'failed' });
      expect((await store.waiting()).map(({ id }) => id)).toEqual(['d1']);
      const first = await store.deliveries({ limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(['d3', 'd2']);
      expect(
        (await store.deliveries({ limit: 2, cursor: first.nextCursor ?? '' })).items.map(({ id }) => id),
      ).toEqual(['d1']);
      await store.forget(3);
      expect((await store.deliveries({ limit: 9 })).items.map(({ id }) => id)).toEqual(['d3', 'd1']);
      expect((await store.deliveries({ limit: 9, channelId: 'other' })).items).toEqual([]);
    });
  });
}

function channel(id: string, name: string): ChannelRecord {
  return {
    id,
    name,
    enabled: true,
    language: 'zh',
    priorityMax: 2,
    config: { kind: 'webhook', url: 'http://127.0.0.1/x', secret: null },
  };
}

function delivery(id: string, createdAtMs: number): DeliveryRecord {
  return {
    id,
    channelId: 'chn_1',
    incidentId: null,
    createdAtMs,
    state: 'waiting',
    attempts: 0,
    nextAttemptAtMs: 0,
    lastAttemptAtMs: null,
    answer: '',
    notification: { id, event: 'test', atMs: 1, language: 'en', subject: 's', text: 't', incident: null },
  };
}
