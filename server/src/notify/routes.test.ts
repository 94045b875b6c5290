import { expect, test } from 'vitest';
import { createTestWeb } from '../http/testing.ts';
import { newId } from '../ids.ts';
import { createMemoryNotifyStore } from '../store/memory/notify.ts';
import { createNotifier } from './notify.ts';
import { addNotifyRoutes, MASK } from './routes.ts';

const EMAIL = {
  kind: 'email',
  host: 'mail.example',
  port: 25,
  security: 'tls',
  user: 'muster',
  password: 's3cret',
  from: 'a@example.com',
  to: ['b@example.com'],
};

async function setUp() {
  const made = await createTestWeb();
  const store = createMemoryNotifyStore();
  const notifier = await createNotifier({
    store,
    newId,
    incidentUrl: () => null,
    send: async () => ({ ok: true, answer: '' }),
    record: async () => {},
  });
  addNotifyRoutes(made.web.routes, { store, notifier });
  const { body } = await made.call('admin', 'POST', '/notification-channels', {
    name: 'mail',
    config: EMAIL,
  });
  return { ...made, store, id: (body as { id: string }).id, created: body };
}

test('[NT1] a password is never given back, and stays when the mask comes back', async () => {
  const { call, store, id, created } = await setUp();
  expect(created).toMatchObject({ config: { password: MASK } });
  expect(
    (
      await call('admin', 'PATCH', `/notification-channels/${id}`, {
        config: { ...EMAIL, password: MASK, port: 587 },
      })
    ).status,
  ).toBe(200);
  expect((await store.channels())[0]?.config).toMatchObject({ password: 's3cret', port: 587 });
});

test.each([{ host: 'evil.example' }, { user: 'other' }])(
  '[NT1] a kept password does not go to another server or user: %j',
  async (change) => {
    const { call, store, id } = await setUp();
    expect(
      (
        await call('admin', 'PATCH', `/notification-channels/${id}`, {
          config: { ...EMAIL, ...change, password: MASK },
        })
      ).status,
    ).toBe(400);
    expect((await store.channels())[0]?.config).toMatchObject({ host: 'mail.example', user: 'muster' });
  },
);
