import { SECRET_KEPT } from '@muster/shared/api/operations.ts';
import { expect, test } from 'vitest';
import { createTestWeb } from '../http/testing.ts';
import { newId } from '../ids.ts';
import { createMemoryNotifyStore } from '../store/memory/notify.ts';
import { createNotifier } from './notify.ts';
import { addNotifyRoutes } from './routes.ts';

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
    send: async () => ({ ok: true, answer: '250 queued' }),
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
  expect(created).toMatchObject({ config: { password: SECRET_KEPT } });
  expect(
    (
      await call('admin', 'PATCH', `/notification-channels/${id}`, {
        config: { ...EMAIL, password: SECRET_KEPT, port: 587 },
      })
    ).status,
  ).toBe(200);
  expect((await store.channels())[0]?.config).toMatchObject({ password: 's3cret', port: 587 });
});

test.each([
  { ...EMAIL, password: SECRET_KEPT },
  { kind: 'webhook', url: 'https://chat.example/x', secret: SECRET_KEPT },
])(
  '[NT1] a mask that stands for no held secret of a $kind is refused, not kept as the secret',
  async (config) => {
    const { call, store, id } = await setUp();
    const made = await call('admin', 'POST', '/notification-channels', { name: 'copy', config });
    expect([made.status, (await store.channels()).length]).toEqual([400, 1]);
    if (config.kind === 'webhook')
      expect((await call('admin', 'PATCH', `/notification-channels/${id}`, { config })).status).toBe(400);
  },
);

test('[NT1] who may not set channels sees where a webhook leads, not its key', async () => {
  const { call } = await setUp();
  const url = 'https://chat.example/robot?access_token=s3cret';
  await call('admin', 'POST', '/notification-channels', { name: 'chat', config: { kind: 'webhook', url } });
  const urls = async (role: 'admin' | 'operator') =>
    (
      (await call(role, 'GET', '/notification-channels')).body as { items: { config: { url?: string } }[] }
    ).items
      .map(({ config }) => config.url)
      .filter((text) => text !== undefined);
  expect(await urls('admin')).toEqual([url]);
  expect(await urls('operator')).toEqual([`https://chat.example/${SECRET_KEPT}`]);
});

test('[NT7] a test stands in the log with its answer', async () => {
  const { call, id } = await setUp();
  expect((await call('admin', 'POST', `/notification-channels/${id}/test`)).body).toEqual({
    ok: true,
    answer: '250 queued',
  });
  const { body } = await call('admin', 'GET', `/notification-deliveries?channel=${id}`);
  expect(body).toMatchObject({
    items: [{ event: 'test', state: 'sent', attempts: 1, answer: '250 queued', incidentRef: null }],
  });
});

test.each([{ host: 'evil.example' }, { user: 'other' }])(
  '[NT1] a kept password does not go to another server or user: %j',
  async (change) => {
    const { call, store, id } = await setUp();
    expect(
      (
        await call('admin', 'PATCH', `/notification-channels/${id}`, {
          config: { ...EMAIL, ...change, password: SECRET_KEPT },
        })
      ).status,
    ).toBe(400);
    expect((await store.channels())[0]?.config).toMatchObject({ host: 'mail.example', user: 'muster' });
  },
);
