/** E-mail channel over SMTP (nodemailer). */
import { refusalOf } from '../../target.ts';
import { answerLine, errorLine, SEND_MS_MAX, type Channel } from '../../channel.ts';

/** A whole SMTP conversation. */
const EMAIL_MS_MAX = 4 * SEND_MS_MAX;

export const emailChannel: Channel<'email'> = {
  kind: 'email',
  async send(config, notification) {
    const refusal = await refusalOf(config.host);
    if (refusal !== null) return { ok: false, answer: refusal };
    // Only now: most servers send no e-mail, and it is half a megabyte of source.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host: config.host,
      port: config.port,
      secure: config.security === 'tls',
      requireTLS: config.security === 'starttls',
      ignoreTLS: config.security === 'none',
      ...(config.user ? { auth: { user: config.user, pass: config.password ?? '' } } : {}),
      connectionTimeout: SEND_MS_MAX,
      greetingTimeout: SEND_MS_MAX,
      socketTimeout: SEND_MS_MAX,
    });
    try {
      const sending = transport.sendMail({
        from: config.from,
        to: [...config.to],
        subject: notification.subject,
        text: notification.text,
        // Mail programs thread by these: all messages of one incident stand together.
        ...(notification.incident ? { references: `<${notification.incident.id}@muster>` } : {}),
        messageId: `<${notification.id}@muster>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      // Each limit above is of one step; a server that answers drop by drop would pass all of them.
      const sent = await withinTime(sending, EMAIL_MS_MAX);
      return { ok: true, answer: answerLine(sent.response) };
    } catch (error) {
      return { ok: false, answer: errorLine(error) };
    } finally {
      transport.close();
    }
  },
};

async function withinTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  const over = new Promise<never>((_resolve, reject) => {
    limit.addEventListener('abort', () =>
      reject(new Error(`the mail server did not finish within ${limitMs / 1_000} s`)),
    );
  });
  return Promise.race([work, over]);
}
