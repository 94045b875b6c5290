/** Webhook channel: one POST of JSON, signed when a secret is set. */
import { createHmac } from 'node:crypto';
import { toIso } from '@muster/shared/time.ts';
import { refusalOf } from '../../target.ts';
import { answerOf, errorLine, SEND_MS_MAX, type Channel, type Notification } from '../../channel.ts';

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
    const refusal = await refusalOf(new URL(config.url).hostname);
    if (refusal !== null) return { ok: false, answer: refusal };
    try {
      // A redirect would send the signed body somewhere nobody configured.
      const response = await fetch(config.url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(SEND_MS_MAX),
      });
      const text = await answerOf(response.body);
      return { ok: response.ok, answer: `HTTP ${response.status}${text ? `: ${text}` : ''}` };
    } catch (error) {
      return { ok: false, answer: errorLine(error) };
    }
  },
};

/** Body of the POST. `id` is the same on each attempt, so that a receiver can drop repeats. */
export function webhookBody({ id, event, atMs, subject, text, incident }: Notification) {
  return { id, event: `incident.${event}`, at: toIso(atMs), subject, text, incident };
}
