import { SECRET_KEPT } from '@muster/shared/api/operations.ts';
import { expect, test } from 'vitest';
import { bodyOf, type ChannelShown, draftOf, emptyDraft } from './channelDraft.ts';

const MAIL: ChannelShown = {
  id: 'chn_1',
  name: 'duty',
  enabled: true,
  language: 'zh',
  priorityMax: 2,
  config: {
    kind: 'email',
    host: 'mail.example',
    port: 587,
    security: 'starttls',
    user: 'muster',
    password: SECRET_KEPT,
    from: 'muster@example.com',
    to: ['a@example.com', 'b@example.com'],
  },
  lastDelivery: null,
};

test('[DB190] a channel that was only opened is sent back as it came, its password untouched', () => {
  const { id: _id, lastDelivery: _last, ...same } = MAIL;
  expect(bodyOf(draftOf(MAIL))).toEqual({ body: same });
});

test('[DB190] a typed secret replaces the kept one, a forgotten one is taken away', () => {
  const webhook = { ...emptyDraft('webhook', 'en'), name: 'chat', url: 'https://chat.example/x' };
  const secretOf = (draft: typeof webhook) => {
    const made = bodyOf(draft);
    return 'body' in made && made.body.config.kind === 'webhook' ? made.body.config.secret : undefined;
  };
  expect(secretOf({ ...webhook, secretKept: true })).toBe(SECRET_KEPT);
  expect(secretOf({ ...webhook, secretKept: true, secret: 'new' })).toBe('new');
  expect(secretOf(webhook)).toBeNull();
});

test('[DB190] without a user no password is sent', () => {
  const made = bodyOf({ ...draftOf(MAIL), user: ' ' });
  expect(made).toMatchObject({ body: { config: { user: null, password: null } } });
});

test('[DB190] what is wrong is said at its field', () => {
  expect(bodyOf({ ...emptyDraft('webhook', 'en'), url: 'ftp://x' })).toEqual({
    wrong: { name: 'settings.notify.wrong.name', url: 'settings.notify.wrong.url' },
  });
  const webhook = { ...emptyDraft('webhook', 'en'), name: 'chat' };
  expect(bodyOf({ ...webhook, url: 'https://user:pw@chat.example/x' })).toEqual({
    wrong: { url: 'settings.notify.wrong.url' },
  });
  expect(bodyOf({ ...draftOf(MAIL), host: '', port: '0', from: 'me', to: 'nobody' })).toEqual({
    wrong: {
      host: 'settings.notify.wrong.host',
      port: 'settings.notify.wrong.port',
      from: 'settings.notify.wrong.from',
      to: 'settings.notify.wrong.to',
    },
  });
});
