import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { type Incident, UNTOUCHED } from '../incidents/store.ts';
import { createMemoryNotifyStore } from '../store/memory/notify.ts';
import type { DeliveryAnswer } from './channel.ts';
import { sendByChannel, type Send } from './channels/index.ts';
import { createNotifier, notificationOf, RETRY_MS, SENDS_AT_ONCE_MAX } from './notify.ts';
import type { ChannelRecord } from './store.ts';

const DESK: ChannelRecord = {
  id: 'chn_1',
  name: 'desk',
  enabled: true,
  language: 'en',
  priorityMax: 2,
  config: { kind: 'webhook', url: 'http://127.0.0.1:9/x', secret: null },
};

const QUICK: ChannelRecord['config'] = { kind: 'webhook', url: 'http://127.0.0.1:9/y', secret: 'quick' };

async function setUp(
  answer: (config: ChannelRecord['config']) => DeliveryAnswer | Promise<DeliveryAnswer>,
  channels: ChannelRecord[] = [DESK],
  store = createMemoryNotifyStore(),
) {
  for (const channel of channels) await store.putChannel(channel);
  const sent: Parameters<Send>[] = [];
  const recorded: string[] = [];
  const notifier = await createNotifier({
    store,
    newId,
    incidentUrl: (ref) => `http://127.0.0.1:8420/incidents/${ref}`,
    send: async (...call) => {
      sent.push(call);
      return answer(call[0]);
    },
    record: async (_id, kind, text) => void recorded.push(`${kind}: ${text.en}`),
  });
  return { store, notifier, sent, recorded };
}

test('[NT3] an opened incident of enough priority is sent once, in the words of the channel', async () => {
  const { notifier, sent, recorded } = await setUp(() => ({ ok: true, answer: 'HTTP 200' }));
  await notifier.onIncident({ type: 'opened', incident: incident(2) }, 0);
  await notifier.tick(0);
  await notifier.tick(60_000);
  expect(sent).toHaveLength(1);
  expect(sent[0]?.[1].subject).toBe('[P2] Opened: Disk full on SRV (INC-0001)');
  expect(recorded).toEqual(['notified: Sent by desk.']);
});

test('[IC46] the subject is one line whatever was typed; what has run out is told with its words, in the language of the channel', async () => {
  const { notifier, sent } = await setUp(() => ({ ok: true, answer: 'HTTP 200' }));
  const title = { en: 'Disk\r\nBcc: all@example.org\n\nfull', zh: '磁盘' };
  const words = { en: 'The acknowledgement by anna has run out.', zh: 'anna 的确认已到期。' };
  await notifier.onIncident({ type: 'reminded', incident: { ...incident(2), title }, words }, 0);
  await notifier.tick(0);
  const [, message] = sent[0] ?? [];
  expect(message?.subject).toBe('[P2] Still stands: Disk Bcc: all@example.org full (INC-0001)');
  expect(message?.text.split('\n').slice(0, 3)).toEqual(['Disk Bcc: all@example.org full', '', words.en]);
});

test('[NT8] a message says what, where, since when, how bad, who takes it, and where to look', () => {
  const told: Incident = {
    ...incident(1),
    ciId: 'ci_1',
    ciName: 'SRV',
    supportGroup: { id: 'ci_3', name: 'Platform' },
    place: { ...UNTOUCHED.place, location: { id: 'ci_2', name: 'Hangzhou DC 1' } },
    affected: ['ci_1', 'ci_4'].map((ciId) => ({
      ciId,
      name: ciId,
      class: 'Server',
      sinceMs: 0,
      untilMs: null,
    })),
    affectedBeyond: 2,
    openedAtMs: Date.UTC(2026, 10, 21, 16, 6),
  };
  const say = (language: 'en' | 'zh') =>
    notificationOf('n', 'opened', told, language, 'http://x/incidents/INC-0001', 0).text.split('\n');
  expect(say('en')).toEqual([
    'Disk full on SRV',
    '',
    'why',
    'What: SRV',
    'Where: Hangzhou DC 1',
    'Others affected: 3',
    'Support group: Platform',
    'Opened: 21 Nov 2026, 16:06:00 (+00:00)',
    '',
    'Details: http://x/incidents/INC-0001',
  ]);
  expect(say('zh').slice(3, 8)).toEqual([
    '对象：SRV',
    '地点：Hangzhou DC 1',
    '另有受影响对象数：3',
    '支持组：Platform',
    '打开时间：2026-11-21 16:06:00（+00:00）',
  ]);
});

test.each([
  ['a priority below the channel', { type: 'opened', incident: incident(3) }],
  ['a change that wakes nobody', { type: 'changed', incident: incident(1) }],
] as const)('[NT3] %s is not sent', async (_what, event) => {
  const { notifier, sent } = await setUp(() => ({ ok: true, answer: '' }));
  await notifier.onIncident(event, 0);
  await notifier.tick(0);
  expect(sent).toEqual([]);
});

test('[NT4] a failed delivery is tried again after each wait, then given up, and the incident says so', async () => {
  const { notifier, sent, recorded, store } = await setUp(() => ({
    ok: false,
    answer: 'connect ECONNREFUSED',
  }));
  await notifier.onIncident({ type: 'opened', incident: incident(1) }, 0);
  let nowMs = 0;
  await notifier.tick(nowMs);
  for (const waitMs of RETRY_MS) {
    await notifier.tick(nowMs + waitMs - 1);
    nowMs += waitMs;
    await notifier.tick(nowMs);
  }
  await notifier.tick(nowMs * 2);
  expect(sent).toHaveLength(RETRY_MS.length + 1);
  expect((await store.deliveries({ limit: 1 })).items[0]).toMatchObject({
    state: 'failed',
    attempts: 6,
    answer: 'connect ECONNREFUSED',
  });
  expect(recorded).toEqual([
    'notify-failed: Could not be sent by desk after 6 attempts: connect ECONNREFUSED',
  ]);
});

test('[NT4] a channel that hangs holds up no other', async () => {
  const quick: ChannelRecord = { ...DESK, id: 'chn_2', config: QUICK };
  const never = new Promise<DeliveryAnswer>(() => {});
  const { notifier, sent } = await setUp(
    (config) => (config === QUICK ? { ok: true, answer: '' } : never),
    [DESK, quick],
  );
  for (let n = 0; n < 10; n++)
    await notifier.onIncident({ type: 'opened', incident: { ...incident(2), id: `inc_${n}` } }, 0);
  for (let nowMs = 0; nowMs < 5; nowMs++) {
    void notifier.tick(nowMs);
    await new Promise(setImmediate);
  }
  const hanging = sent.filter(([config]) => config === DESK.config);
  expect([hanging.length, sent.length - hanging.length]).toEqual([SENDS_AT_ONCE_MAX, 10]);
});

test('[NT4] of one incident the beginning is told before the end, also when it has to be tried again', async () => {
  let works = false;
  const { notifier, sent } = await setUp(() => ({ ok: works, answer: '' }));
  await notifier.onIncident({ type: 'opened', incident: incident(2) }, 0);
  await notifier.tick(0);
  await notifier.onIncident({ type: 'resolved', incident: incident(2) }, 1);
  works = true;
  await notifier.tick(1);
  expect(sent).toHaveLength(1);
  await notifier.tick(RETRY_MS[0]);
  await notifier.tick(RETRY_MS[0]);
  expect(sent.map(([, { event }]) => event)).toEqual(['opened', 'opened', 'resolved']);
});

test('[NT4] what was sent is not sent again while the store cannot write', async () => {
  const store = createMemoryNotifyStore();
  const { notifier, sent } = await setUp(() => ({ ok: true, answer: '' }), [DESK], store);
  await notifier.onIncident({ type: 'opened', incident: incident(2) }, 0);
  store.putDelivery = () => Promise.reject(new Error('disk full'));
  await expect(notifier.tick(0)).rejects.toThrow('disk full');
  await notifier.tick(1);
  expect(sent).toHaveLength(1);
});

test('[NT4] a channel that was switched off sends nothing more', async () => {
  const { notifier, sent, store, recorded } = await setUp(() => ({ ok: false, answer: 'HTTP 500' }));
  await notifier.onIncident({ type: 'opened', incident: incident(2) }, 0);
  await notifier.tick(0);
  await store.putChannel({ ...DESK, enabled: false });
  await notifier.tick(RETRY_MS[0]);
  expect(sent).toHaveLength(1);
  expect(recorded).toEqual([
    'notify-failed: Could not be sent by desk after 2 attempts: the channel is switched off',
  ]);
});

test('[NT3] Chinese messages have Chinese punctuation', () => {
  const { subject, text } = notificationOf('n', 'opened', incident(2), 'zh', 'http://x/1', 0);
  expect(subject).toMatch(/^\[P2\] 新事件：/);
  expect(text).not.toMatch(/\p{Script=Han}:/u);
});

test('[NT5] of an answer without end only the beginning is read', async () => {
  const server = createServer((_request, response) => {
    const pour = () => {
      while (response.write('x'.repeat(64 << 10))) if (response.destroyed) return;
      response.once('drain', pour);
    };
    pour();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const answer = await sendByChannel(
    { kind: 'webhook', url, secret: null },
    notificationOf('n', 'opened', incident(1), 'en', null, 0),
  );
  expect(answer).toMatchObject({ ok: true, answer: expect.stringMatching(/^HTTP 200: x+…$/) as string });
  server.closeAllConnections();
  server.close();
});

test('[NT4] what waited when the server ended is sent by the next one', async () => {
  const first = await setUp(() => ({ ok: false, answer: 'down' }));
  await first.notifier.onIncident({ type: 'opened', incident: incident(1) }, 0);
  const second = await setUp(() => ({ ok: true, answer: '' }), [], first.store);
  await second.notifier.tick(0);
  expect(second.sent).toHaveLength(1);
});

test('[NT5] a webhook gets JSON with a signature over exactly these bytes; its answer is kept', async () => {
  const seen: { body: string; signature: string | undefined }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.push({ body, signature: request.headers['x-muster-signature'] as string | undefined });
      response.statusCode = 202;
      response.end('queued');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const message = notificationOf('ntf_1', 'opened', incident(1), 'zh', null, 0);
  const answer = await sendByChannel(
    { kind: 'webhook', url: `http://127.0.0.1:${port}/hook`, secret: 's3cret' },
    message,
  );
  server.close();
  expect(answer).toEqual({ ok: true, answer: 'HTTP 202: queued' });
  expect(seen[0]?.signature).toBe(
    createHmac('sha256', 's3cret')
      .update(seen[0]?.body ?? '')
      .digest('hex'),
  );
  expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({
    id: 'ntf_1',
    event: 'incident.opened',
    incident: { ref: 'INC-0001', title: 'SRV 磁盘已满' },
  });
});

test('[NT5] an e-mail goes out over SMTP and keeps the server’s answer', async () => {
  const received: string[] = [];
  const server = createTcpServer((socket) => {
    socket.write('220 test ESMTP\r\n');
    let data = false;
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
        received.push(line);
        if (data) {
          if (line === '.') {
            data = false;
            socket.write('250 queued as 42\r\n');
          }
        } else if (line.startsWith('DATA')) {
          data = true;
          socket.write('354 go on\r\n');
        } else if (line.startsWith('QUIT')) socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = {
    kind: 'email',
    host: '127.0.0.1',
    port,
    security: 'none',
    user: null,
    password: null,
    from: 'muster@example.com',
    to: ['duty@example.com'],
  } as const;
  const answer = await sendByChannel(
    { ...config, to: [...config.to] },
    notificationOf('ntf_1', 'opened', incident(1), 'en', null, 0),
  );
  server.close();
  expect(answer).toEqual({ ok: true, answer: '250 queued as 42' });
  expect(received.join('\n')).toContain('Subject: [P1] Opened: Disk full on SRV (INC-0001)');
});

test.each([
  ['webhook', { kind: 'webhook', url: 'http://127.0.0.1:2/x', secret: null }],
  [
    'e-mail',
    {
      kind: 'email',
      host: '127.0.0.1',
      port: 1,
      security: 'none',
      user: null,
      password: null,
      from: 'a@example.com',
      to: ['b@example.com'],
    },
  ],
] as const)('[NT5] a %s that nobody answers is an answer, not an exception', async (_kind, config) => {
  const answer = await sendByChannel(
    structuredClone(config) as ChannelRecord['config'],
    notificationOf('n', 'test', incident(1), 'en', null, 0),
  );
  expect(answer.ok).toBe(false);
  expect(answer.answer).not.toBe('');
});

function incident(priority: number): Incident {
  const title = { en: 'Disk full on SRV', zh: 'SRV 磁盘已满' };
  return {
    ...UNTOUCHED,
    id: 'inc_1',
    ref: 'INC-0001',
    state: 'new',
    title,
    description: { en: '', zh: '' },
    impact: 2,
    urgency: 2,
    priority,
    why: { en: 'why', zh: '原因' },
    source: 'monitor',
    ciId: 'ci_a',
    ciName: 'SRV',
    ciClass: 'Server',
    causeKey: null,
    assignee: null,
    holdReason: null,
    resolution: null,
    cause: null,
    action: null,
    needsCause: false,
    alerts: [],
    openedAtMs: 0,
    breachedAtMs: 0,
    acknowledgedAtMs: null,
    resolvedAtMs: null,
    restoredAtMs: null,
    closedAtMs: null,
    quietSinceMs: null,
    respondByMs: 0,
    restoreByMs: 0,
    version: 1,
  };
}
