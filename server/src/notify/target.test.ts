import { expect, test } from 'vitest';
import { errorLine } from './channel.ts';
import { sendByChannel } from './channels/index.ts';
import { refusalOf } from './target.ts';

test.each([
  '169.254.169.254',
  '[fe80::1]',
  'fe80::1%eth0',
  'fd00:ec2::254',
  '100.100.100.200',
  '::ffff:169.254.0.1',
  '[::ffff:a9fe:1]',
])('[NT6] nothing is sent to the link-local address %s', async (host) => {
  expect(await refusalOf(host)).toMatch(/link-local/);
});

test.each(['127.0.0.1', '10.0.0.5', '192.168.1.1', '2001:db8::1', 'name.invalid'])(
  '[NT6] %s is left to the sender: chat and mail servers live in the own network',
  async (host) => {
    expect(await refusalOf(host)).toBeNull();
  },
);

const MESSAGE = {
  id: 'ntf_1',
  event: 'test',
  atMs: 0,
  language: 'en',
  subject: 's',
  text: 't',
  incident: null,
} as const;

test('[NT6] both channels refuse before they connect', async () => {
  const webhook = { kind: 'webhook', url: 'http://169.254.169.254/latest', secret: null } as const;
  const email = {
    kind: 'email',
    host: '169.254.169.254',
    port: 25,
    security: 'none',
    user: null,
    password: null,
    from: 'a@example.com',
    to: ['b@example.com'],
  } as const;
  for (const config of [webhook, { ...email, to: [...email.to] }]) {
    const answer = await sendByChannel(config, MESSAGE);
    expect(answer).toEqual({ ok: false, answer: expect.stringMatching(/link-local/) as string });
  }
});

test('[NT6] a failure of several addresses tells each', () => {
  const failures = [new Error('connect ECONNREFUSED ::1:25'), new Error('connect ECONNREFUSED 127.0.0.1:25')];
  expect(errorLine(new AggregateError(failures))).toBe(
    'connect ECONNREFUSED ::1:25; connect ECONNREFUSED 127.0.0.1:25',
  );
});
