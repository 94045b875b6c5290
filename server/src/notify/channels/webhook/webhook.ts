/** Webhook channel: one POST of JSON, signed when a secret is set. */
import { createHmac } from 'node:crypto';
import { toIso } from '@muster/shared/time.ts';
import { post } from '../../post.ts';
import { errorLine, SEND_MS_MAX, type Channel, type Notification } from '../../channel.ts';

export const webhookChannel: Channel<'webhook'> = {
  kind: 'webhook',
  async send(config, notification) {
    const body = JSON.stringify(webhookBody(notification));
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'user-agent': 'Muster',
      'x-muster-delivery': notification.id,
    };
    if (config.secret)
      headers['x-muster-signature'] = createHmac('sha256', config.secret).update(body).digest('hex');
    try {
      const signal = AbortSignal.timeout(SEND_MS_MAX);
      const { status, text } = await post(config.url, { headers, body, signal });
      return { ok: status >= 200 && status < 300, answer: `HTTP ${status}${text ? `: ${text}` : ''}` };
    } catch (error) {
      return { ok: false, answer: errorLine(error) };
    }
  },
};

/** Body of the POST. `id` is the same on each attempt, so that a receiver can drop repeats. */
export function webhookBody({ id, event, atMs, subject, text, incident }: Notification) {
  return { id, event: `incident.${event}`, at: toIso(atMs), subject, text, incident };
}
