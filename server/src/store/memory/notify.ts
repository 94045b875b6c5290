/** The notification port in plain maps, for tests. */
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import type { ChannelRecord, DeliveryRecord, NotifyStore } from '../../notify/store.ts';

export function createMemoryNotifyStore(): NotifyStore {
  const channels = new Map<string, ChannelRecord>();
  const deliveries = new Map<string, DeliveryRecord>();
  return {
    channels: async () => [...channels.values()].toSorted((a, b) => (a.name + a.id < b.name + b.id ? -1 : 1)),
    putChannel: async (channel) => void channels.set(channel.id, channel),
    deleteChannel: async (id) => channels.delete(id),
    async addDelivery(delivery) {
      if (deliveries.has(delivery.id)) return false;
      deliveries.set(delivery.id, delivery);
      return true;
    },
    putDelivery: async (delivery) => void deliveries.set(delivery.id, delivery),
    waiting: async () => [...deliveries.values()].filter(({ state }) => state === 'waiting'),
    async deliveries({ channelId, limit, cursor }) {
      const after = cursor ? decodeCursor(cursor, 2) : null;
      const found = [...deliveries.values()]
        .filter((one) => !channelId || one.channelId === channelId)
        .toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1))
        .filter(
          (one) =>
            !after ||
            one.createdAtMs < Number(after[0]) ||
            (one.createdAtMs === Number(after[0]) && one.id < (after[1] as string)),
        );
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return {
        items,
        nextCursor: found.length > limit && last ? encodeCursor([String(last.createdAtMs), last.id]) : null,
      };
    },
    async forget(beforeMs) {
      for (const [id, one] of deliveries)
        if (one.state !== 'waiting' && one.createdAtMs < beforeMs) deliveries.delete(id);
    },
  };
}
