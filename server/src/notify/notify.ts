/** Who is told of an incident, in which words, and again until it arrives. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Language } from '@muster/shared/api/access.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { timeWords } from '../availability/words.ts';
import type { Incident } from '../incidents/store.ts';
import type { IncidentEvent } from '../incidents/incidents.ts';
import type { DeliveryAnswer, Notification, NotificationEvent } from './channel.ts';
import type { Send } from './channels/index.ts';
import type { ChannelRecord, DeliveryRecord, NotifyStore } from './store.ts';

/** Waits between attempts; after the last the delivery has failed and says so on the incident. */
export const RETRY_MS = [10 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS] as const;
/** Sends of one channel at the same time. Counted per channel: a dead mail server must not hold up the webhook. */
export const SENDS_AT_ONCE_MAX = 4;
export const LOG_MS = 90 * DAY_MS;

/** Events that are worth waking somebody for. A change of holder or a note is not. */
const TOLD: Partial<Record<IncidentEvent['type'], NotificationEvent>> = {
  opened: 'opened',
  priority: 'priority',
  reopened: 'reopened',
  resolved: 'resolved',
  unclaimed: 'unclaimed',
  reminded: 'reminded',
};

export interface Notifier {
  /** Queues what the event means for each channel, durably. An event with an id has the effect of once. */
  onIncident(event: IncidentEvent, nowMs: Millis): Promise<void>;
  /** Sends what is due. Resolves when the sends that it started have ended. */
  tick(nowMs: Millis): Promise<void>;
  /** Sends once, now, and keeps the answer in the log. */
  test(channel: ChannelRecord, nowMs: Millis): Promise<DeliveryAnswer>;
  /** Deliveries that are to be sent or tried again. */
  readonly waitingCount: number;
}

interface NotifierOptions {
  readonly store: NotifyStore;
  readonly send: Send;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** Address of an incident's page; null when the server does not know its own address. */
  readonly incidentUrl: (ref: string) => string | null;
  /** Tells the incident's timeline what became of a message. */
  readonly record: (
    incidentId: string,
    kind: 'notified' | 'notify-failed',
    text: Words,
    nowMs: Millis,
  ) => Promise<void>;
}

export async function createNotifier({
  store,
  send,
  newId,
  incidentUrl,
  record,
}: NotifierOptions): Promise<Notifier> {
  const waiting = new Map((await store.waiting()).map((delivery) => [delivery.id, delivery]));
  /** Delivery → its channel. */
  const busy = new Map<string, string>();
  let lastForgottenMs = 0;

  async function onIncident(event: IncidentEvent, nowMs: Millis): Promise<void> {
    const told = TOLD[event.type];
    if (!told) return;
    for (const channel of await store.channels()) {
      if (!channel.enabled || event.incident.priority > channel.priorityMax) continue;
      const id = event.id === undefined ? newId('ntf', nowMs) : `${event.id}_${channel.id}`;
      const delivery: DeliveryRecord = {
        id,
        channelId: channel.id,
        incidentId: event.incident.id,
        notification: notificationOf(
          id,
          told,
          event.incident,
          channel.language,
          incidentUrl(event.incident.ref),
          nowMs,
          event.words?.[channel.language] ?? null,
        ),
        createdAtMs: nowMs,
        state: 'waiting',
        attempts: 0,
        nextAttemptAtMs: nowMs,
        lastAttemptAtMs: null,
        answer: '',
      };
      if (await store.addDelivery(delivery)) waiting.set(id, delivery);
    }
  }

  async function attempt(delivery: DeliveryRecord, nowMs: Millis): Promise<void> {
    busy.set(delivery.id, delivery.channelId);
    try {
      const channel = (await store.channels()).find(({ id }) => id === delivery.channelId);
      const result = channel?.enabled
        ? await send(channel.config, delivery.notification)
        : { ok: false, answer: channel ? 'the channel is switched off' : 'the channel was deleted' };
      const attempts = delivery.attempts + 1;
      const waitMs = channel?.enabled ? RETRY_MS[attempts - 1] : undefined;
      const state = result.ok ? 'sent' : waitMs === undefined ? 'failed' : 'waiting';
      const after: DeliveryRecord = {
        ...delivery,
        state,
        attempts,
        nextAttemptAtMs: nowMs + (waitMs ?? 0),
        lastAttemptAtMs: nowMs,
        answer: result.answer,
      };
      // First in memory: while nothing can be written, what was sent must not be sent again each second.
      if (state === 'waiting') waiting.set(after.id, after);
      else waiting.delete(after.id);
      await store.putDelivery(after);
      if (state !== 'waiting' && after.incidentId !== null) {
        await record(
          after.incidentId,
          state === 'sent' ? 'notified' : 'notify-failed',
          outcomeWords(channel?.name ?? delivery.channelId, after),
          nowMs,
        );
      }
    } finally {
      busy.delete(delivery.id);
    }
  }

  /** What may go out now. Of one incident and channel only the oldest: nobody is to read of the end before the beginning. */
  function due(nowMs: Millis): DeliveryRecord[] {
    const found: DeliveryRecord[] = [];
    const queues = new Set<string>();
    const sends = new Map<string, number>();
    for (const channelId of busy.values()) sends.set(channelId, (sends.get(channelId) ?? 0) + 1);
    for (const delivery of waiting.values()) {
      const queue = `${delivery.channelId} ${delivery.incidentId ?? delivery.id}`;
      const isBehind = queues.has(queue);
      queues.add(queue);
      const inUse = sends.get(delivery.channelId) ?? 0;
      if (isBehind || busy.has(delivery.id) || delivery.nextAttemptAtMs > nowMs || inUse >= SENDS_AT_ONCE_MAX)
        continue;
      sends.set(delivery.channelId, inUse + 1);
      found.push(delivery);
    }
    return found;
  }

  return {
    onIncident,
    async tick(nowMs) {
      await Promise.all(due(nowMs).map((delivery) => attempt(delivery, nowMs)));
      if (nowMs - lastForgottenMs >= DAY_MS) {
        lastForgottenMs = nowMs;
        await store.forget(nowMs - LOG_MS);
      }
    },
    get waitingCount() {
      return waiting.size;
    },
    async test(channel, nowMs) {
      const notification = testNotification(newId('ntf', nowMs), channel.language, nowMs);
      const result = await send(channel.config, notification);
      await store.addDelivery({
        id: notification.id,
        channelId: channel.id,
        incidentId: null,
        notification,
        createdAtMs: nowMs,
        state: result.ok ? 'sent' : 'failed',
        attempts: 1,
        nextAttemptAtMs: nowMs,
        lastAttemptAtMs: nowMs,
        answer: result.answer,
      });
      return result;
    },
  };
}

const EVENT_WORDS: Record<NotificationEvent, Words> = {
  opened: { en: 'Opened', zh: '新事件' },
  priority: { en: 'Priority changed', zh: '优先级变更' },
  reopened: { en: 'Open again', zh: '重新打开' },
  resolved: { en: 'Resolved', zh: '已解决' },
  unclaimed: { en: 'Nobody has it', zh: '无人认领' },
  reminded: { en: 'Still stands', zh: '仍未恢复' },
  test: { en: 'Test', zh: '测试' },
};

const LABELS = {
  en: {
    what: 'What: ',
    where: 'Where: ',
    others: 'Others affected: ',
    group: 'Support group: ',
    opened: 'Opened: ',
    details: 'Details: ',
  },
  zh: {
    what: '对象：',
    where: '地点：',
    others: '另有受影响对象数：',
    group: '支持组：',
    opened: '打开时间：',
    details: '详情：',
  },
} as const;

export function notificationOf(
  id: string,
  event: NotificationEvent,
  incident: Incident,
  language: Language,
  url: string | null,
  nowMs: Millis,
  words: string | null = null,
): Notification {
  // A subject is one line, whatever a person typed.
  const title = incident.title[language].replaceAll(/\s+/g, ' ').trim();
  const why = incident.why[language];
  const labels = LABELS[language];
  const colon = language === 'zh' ? '：' : ': ';
  const place = incident.place.location?.name;
  const hit = incident.affected.filter(({ ciId }) => ciId !== incident.ciId);
  const others = hit.length + incident.affectedBeyond;
  const lines = [
    title,
    ...(words === null ? [] : ['', words]),
    '',
    why,
    incident.ciName === null ? null : `${labels.what}${incident.ciName}`,
    place === undefined ? null : `${labels.where}${place}`,
    others > 0 ? `${labels.others}${others}` : null,
    incident.supportGroup === null ? null : `${labels.group}${incident.supportGroup.name}`,
    `${labels.opened}${timeWords(incident.openedAtMs, null)[language]}`,
    incident.description[language] ? `\n${incident.description[language]}` : null,
    url === null ? null : `\n${labels.details}${url}`,
  ];
  return {
    id,
    event,
    atMs: nowMs,
    language,
    subject: `[P${incident.priority}] ${EVENT_WORDS[event][language]}${colon}${title} (${incident.ref})`,
    text: lines.filter((line) => line !== null).join('\n'),
    incident: {
      id: incident.id,
      ref: incident.ref,
      state: incident.state,
      priority: incident.priority,
      title,
      why,
      ciId: incident.ciId,
      ciName: incident.ciName,
      openedAt: toIso(incident.openedAtMs),
      url,
    },
  };
}

function testNotification(id: string, language: Language, nowMs: Millis): Notification {
  const text =
    language === 'zh'
      ? 'Muster 的测试消息。收到即表示该渠道可用。'
      : 'A test message from Muster. If you can read it, the channel works.';
  return {
    id,
    event: 'test',
    atMs: nowMs,
    language,
    subject: `[Muster] ${EVENT_WORDS.test[language]}`,
    text,
    incident: null,
  };
}

function outcomeWords(channelName: string, delivery: DeliveryRecord): Words {
  if (delivery.state === 'sent') return { en: `Sent by ${channelName}.`, zh: `已通过“${channelName}”发送。` };
  return {
    en: `Could not be sent by ${channelName} after ${delivery.attempts} attempts: ${delivery.answer}`,
    zh: `通过“${channelName}”发送 ${delivery.attempts} 次均失败：${delivery.answer}`,
  };
}
