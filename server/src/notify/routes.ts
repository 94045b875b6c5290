/** HTTP operations of notification channels. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  SECRET_KEPT,
  type Channel,
  type ChannelConfig,
  type Delivery,
} from '@muster/shared/api/operations.ts';
import { roleHas, type TokenRole } from '@muster/shared/api/rights.ts';
import { toIso } from '@muster/shared/time.ts';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import { newId } from '../ids.ts';
import type { Notifier } from './notify.ts';
import type { ChannelRecord, DeliveryRecord, NotifyStore } from './store.ts';

export function addNotifyRoutes(
  routes: Routes,
  { store, notifier }: { store: NotifyStore; notifier: Notifier },
): void {
  async function requireChannel(id: string): Promise<ChannelRecord> {
    const channel = (await store.channels()).find((one) => one.id === id);
    if (!channel) throw new AppError('not-found', `There is no notification channel ${id}.`);
    return channel;
  }

  async function shown(channel: ChannelRecord, role: TokenRole): Promise<z.infer<typeof Channel>> {
    const { items } = await store.deliveries({ channelId: channel.id, limit: 1 });
    const last = items.find(({ lastAttemptAtMs }) => lastAttemptAtMs !== null);
    return {
      ...channel,
      config: masked(channel.config, roleHas(role, 'channels.write')),
      lastDelivery: last
        ? {
            at: toIso(last.lastAttemptAtMs ?? last.createdAtMs),
            ok: last.state === 'sent',
            answer: last.answer,
          }
        : null,
    };
  }

  routes.add(ENDPOINTS.listChannels, async (_input, { actor }) => ({
    items: await Promise.all((await store.channels()).map((channel) => shown(channel, actor.role))),
    nextCursor: null,
  }));

  routes.add(ENDPOINTS.createChannel, async ({ body }, { actor, nowMs }) => {
    const config = unmasked(body.config, null);
    const channel: ChannelRecord = { id: newId('chn', nowMs), ...body, config };
    await store.putChannel(channel);
    return shown(channel, actor.role);
  });

  routes.add(ENDPOINTS.updateChannel, async ({ params, body }, { actor }) => {
    const before = await requireChannel(params.id);
    const { config, ...fields } = body;
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const channel: ChannelRecord = {
      ...before,
      ...given,
      config: config ? unmasked(config, before.config) : before.config,
    };
    await store.putChannel(channel);
    return shown(channel, actor.role);
  });

  routes.add(ENDPOINTS.deleteChannel, async ({ params }) => {
    if (!(await store.deleteChannel(params.id)))
      throw new AppError('not-found', `There is no notification channel ${params.id}.`);
    return {};
  });

  routes.add(ENDPOINTS.testChannel, async ({ params }, { nowMs }) =>
    notifier.test(await requireChannel(params.id), nowMs),
  );

  routes.add(ENDPOINTS.listDeliveries, async ({ query }) => {
    const page = await store.deliveries({
      limit: query.limit,
      ...(query.channel ? { channelId: query.channel } : {}),
      ...(query.cursor ? { cursor: query.cursor } : {}),
    });
    return { items: page.items.map(deliveryShown), nextCursor: page.nextCursor };
  });
}

function deliveryShown(delivery: DeliveryRecord): z.infer<typeof Delivery> {
  return {
    id: delivery.id,
    at: toIso(delivery.lastAttemptAtMs ?? delivery.createdAtMs),
    channelId: delivery.channelId,
    incidentId: delivery.incidentId,
    event: delivery.notification.event,
    ok: delivery.state === 'sent',
    state: delivery.state,
    incidentRef: delivery.notification.incident?.ref ?? null,
    subject: delivery.notification.subject,
    nextAttemptAt: delivery.state === 'waiting' ? toIso(delivery.nextAttemptAtMs) : null,
    attempts: delivery.attempts,
    answer: delivery.answer,
  };
}

/** Addresses of chat robots are keys themselves: who may not set the channel sees where it leads, not the rest. */
function masked(config: ChannelConfig, whole: boolean): ChannelConfig {
  return config.kind === 'webhook'
    ? {
        ...config,
        url: whole ? config.url : `${new URL(config.url).origin}/${SECRET_KEPT}`,
        secret: config.secret === null ? null : SECRET_KEPT,
      }
    : { ...config, password: config.password === null ? null : SECRET_KEPT };
}

/** @throws AppError input-invalid where the mask stands for no secret, or a kept password would go to another server or user */
function unmasked(config: ChannelConfig, held: ChannelConfig | null): ChannelConfig {
  if (config.kind === 'webhook' && config.secret === SECRET_KEPT) {
    if (held?.kind !== 'webhook')
      throw new AppError('input-invalid', 'There is no secret to keep: it must be given.');
    return { ...config, secret: held.secret };
  }
  if (config.kind === 'email' && config.password === SECRET_KEPT) {
    if (held?.kind !== 'email' || held.host !== config.host || held.user !== config.user) {
      throw new AppError(
        'input-invalid',
        'With another mail server or user the password must be given again.',
      );
    }
    return { ...config, password: held.password };
  }
  return config;
}
