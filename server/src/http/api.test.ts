import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type Endpoint, endpoint, IdParams, Problem } from '@muster/shared/api/endpoint.ts';
import { RIGHTS, ROLES, type Right, roleHas } from '@muster/shared/api/rights.ts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { BODY_BYTES_MAX } from './body.ts';
import { createTestWeb } from './testing.ts';

const ALL: readonly Endpoint[] = Object.values(ENDPOINTS);
const HANDLED = 'handler reached';
const concrete = (path: string) => path.replace(/:\w+/g, 'x');

/** Every endpoint of the table, each with a handler that only says that it was reached. */
async function stubbed() {
  const test = await createTestWeb();
  for (const one of ALL) {
    test.web.routes.add(one, () => Promise.reject(new AppError('not-found', HANDLED)));
  }
  return test;
}

test.each(ALL.map((one) => [one.id, one] as const))(
  '[HT1] %s is refused to exactly the roles without its right',
  async (_id, one) => {
    expect(Object.keys(RIGHTS)).toContain(one.right);
    const { call } = await stubbed();
    for (const role of ROLES) {
      const { body } = await call(
        role,
        one.method,
        concrete(one.path),
        one.method === 'GET' ? undefined : '{',
      );
      const code = (body as Problem).code;
      // A right that is there lets the request through to its input or its handler.
      if (roleHas(role, one.right)) expect(['not-found', 'input-invalid']).toContain(code);
      else expect(code).toBe('forbidden');
    }
    const { status } = await call(null, one.method, concrete(one.path));
    if (one.right === 'open') expect(status).not.toBe(401);
    else expect(status).toBe(401);
  },
);

test('[HT1] no two endpoints have the same id or the same method and path', () => {
  expect(new Set(ALL.map((one) => one.id)).size).toBe(ALL.length);
  expect(new Set(ALL.map((one) => `${one.method} ${one.path}`)).size).toBe(ALL.length);
  for (const [name, one] of Object.entries(ENDPOINTS)) expect(one.id).toBe(name);
});

const THING = endpoint({
  id: 'changeThing',
  method: 'PATCH',
  path: '/things/:id',
  right: 'cis.write',
  tag: 'test',
  summary: '',
  params: IdParams,
  query: z.object({ n: z.coerce.number().int().default(7) }),
  body: z.object({ name: z.string().max(5), password: z.string().optional() }),
  response: z.object({ got: z.string() }),
});
const MOVE = endpoint({
  id: 'moveThing',
  method: 'POST',
  path: '/things/:id/moves',
  right: 'cis.write',
  tag: 'test',
  summary: '',
  params: IdParams,
  body: z.object({ to: z.string() }),
  response: z.object({ id: z.string(), ref: z.string() }),
});
const RESTORE = endpoint({
  id: 'restoreThings',
  method: 'POST',
  path: '/things/versions/:version/restore',
  right: 'cis.write',
  tag: 'test',
  summary: '',
  params: z.object({ version: z.coerce.number() }),
  response: z.object({ ok: z.boolean() }),
});
const LIST = endpoint({
  id: 'listThings',
  method: 'GET',
  path: '/things',
  right: 'read',
  tag: 'test',
  summary: '',
  response: z.object({ ok: z.boolean() }),
});

async function things(overrides = {}) {
  const made = await createTestWeb(overrides);
  const seen: unknown[] = [];
  made.web.routes.add(THING, async (input, context) => {
    seen.push({ input, context });
    if (input.body.name === 'boom') throw new Error('secret reason');
    if (input.body.name === 'wrong') return { notGot: 1 } as never;
    return { got: input.body.name };
  });
  made.web.routes.add(MOVE, async () => ({ id: 'thing_1', ref: 'THING-0001' }));
  made.web.routes.add(RESTORE, async (_input, { keep }) => {
    keep({ made: 9, password: 'open sesame' });
    return { ok: true };
  });
  made.web.routes.add(LIST, async () => ({ ok: true }));
  return { ...made, seen };
}

test('[HT1] an operation that an earlier one with a parameter would take is refused at the start', async () => {
  const { routes } = (await createTestWeb()).web;
  const { getCalendar, listCalendarAssignments } = ENDPOINTS;
  routes.add(getCalendar, () => Promise.reject(new Error('not asked')));
  expect(() => routes.add(listCalendarAssignments, () => Promise.reject(new Error('not asked')))).toThrow(
    'listCalendarAssignments is hidden',
  );
});

test('[HT2] params, query and body arrive parsed, with actor, time and address', async () => {
  const { call, seen, clock } = await things();
  const { status, body, headers } = await call('operator', 'PATCH', '/things/a%20b?n=3', { name: 'x' });
  expect([status, body]).toEqual([200, { got: 'x' }]);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(seen).toEqual([
    {
      input: { params: { id: 'a b' }, query: { n: 3 }, body: { name: 'x' } },
      context: {
        actor: { name: 'token:operator', userId: null, role: 'operator' },
        nowMs: clock.now(),
        address: '127.0.0.1',
        signal: expect.any(AbortSignal),
        keep: expect.any(Function),
      },
    },
  ]);
});

test.each([
  ['wrong field', { name: 'too long' }, 'body.name'],
  ['missing field', {}, 'body.name'],
  ['no JSON', '{', undefined],
  ['not an object', [], 'body'],
])('[HT2] input that does not fit is refused with its place: %s', async (_case, sent, path) => {
  const { call, seen } = await things();
  const { status, headers, body } = await call('admin', 'PATCH', '/things/x', sent);
  expect(status).toBe(400);
  expect(headers.get('content-type')).toBe('application/problem+json');
  const problem = Problem.parse(body);
  expect(problem).toMatchObject({ code: 'input-invalid', status: 400 });
  expect(problem.issues?.[0]?.path).toBe(path);
  expect(seen).toEqual([]);
});

test('[HT3] a body beyond the limit is refused, whether it says its length or not', async () => {
  const { call, web, tokens } = await things();
  const big = JSON.stringify({ name: 'x', pad: 'y'.repeat(BODY_BYTES_MAX) });
  expect((await call('admin', 'PATCH', '/things/x', big)).status).toBe(413);
  const stream = new ReadableStream({
    start(controller) {
      for (let sent = 0; sent <= BODY_BYTES_MAX; sent += 1 << 16) controller.enqueue(new Uint8Array(1 << 16));
      controller.close();
    },
  });
  const response = await web.fetch(
    new Request('http://muster.test/api/v1/things/x', {
      method: 'PATCH',
      body: stream,
      duplex: 'half',
      headers: { authorization: `Bearer ${tokens.get('admin')}`, 'content-type': 'application/json' },
    }),
  );
  expect(response.status).toBe(413);
});

test('[HT3] a body that is not declared as JSON is refused', async () => {
  const { call } = await things();
  const { status } = await call('admin', 'PATCH', '/things/x', '{"name":"x"}', {
    'content-type': 'text/plain',
  });
  expect(status).toBe(400);
});

test('[HT4] an unforeseen failure names only the request; the log has the reason', async () => {
  const { call, logged } = await things();
  const { status, body } = await call('admin', 'PATCH', '/things/x', { name: 'boom' });
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('secret reason');
  const request = /Request (\w+) failed/.exec((body as Problem).detail)?.[1];
  expect(logged.join()).toContain(`"request":"${request}"`);
  expect(logged.join()).toContain('secret reason');
});

test('[HT4] an answer that does not fit its schema is found in tests', async () => {
  const { call, logged } = await things();
  expect((await call('admin', 'PATCH', '/things/x', { name: 'wrong' })).status).toBe(500);
  expect(logged.join()).toContain('changeThing answered what its schema does not allow');
});

test('[HT5] a write that succeeded is audited once, without secrets; reads and failures are not', async () => {
  const { call, store } = await things();
  await call('operator', 'PATCH', '/things/x', { name: 'x', password: 'hunter2' });
  await call('operator', 'PATCH', '/things/x', { name: 'boom' });
  await call('operator', 'PATCH', '/things/x', { name: 'too long' });
  await call('operator', 'GET', '/things');
  const entries = await store.readAudit(0, 10);
  expect(entries.map(({ actor, action, subject, detail }) => ({ actor, action, subject, detail }))).toEqual([
    {
      actor: 'token:operator',
      action: 'changeThing',
      subject: 'x',
      detail: '{"name":"x","password":"••••"}',
    },
  ]);
});

test('[HT5] an entry says what people call its subject, where the answer is about it', async () => {
  const { call, store } = await things();
  for (const id of ['thing_1', 'thing_2', 'THING-0001'])
    await call('operator', 'POST', `/things/${id}/moves`, { to: 'b' });
  const entries = await store.readAudit(0, 10);
  expect(entries.map(({ subject, detail }) => [subject, JSON.parse(detail)])).toEqual([
    ['thing_1', { to: 'b', called: 'THING-0001' }],
    ['thing_2', { to: 'b' }],
    ['THING-0001', { to: 'b' }],
  ]);
});

test('[DB383] [HT5] an entry keeps what its address names beside the subject, and what the operation adds', async () => {
  const { call, store } = await things();
  await call('operator', 'POST', '/things/versions/3/restore');
  const [entry] = await store.readAudit(0, 10);
  expect([entry?.subject, entry?.detail]).toEqual(['test', '{"made":9,"password":"••••","version":3}']);
});

test('[HT6] unknown paths are 404 and known paths with another method 405, both as problems', async () => {
  const { call } = await things();
  expect(await call('admin', 'GET', '/nothing')).toMatchObject({
    status: 404,
    body: { code: 'not-found', hint: expect.stringContaining('openapi.json') },
  });
  const other = await call('admin', 'PUT', '/things/x', {});
  expect(other).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
  expect(other.headers.get('allow')).toBe('PATCH');
  expect((await call('admin', 'HEAD', '/things')).status).toBe(200);
});

test('[HT7] while the server is not ready, requests are told to come back', async () => {
  const { call } = await things({ notReady: () => 'The journal is read.' });
  expect(await call('admin', 'GET', '/things')).toMatchObject({
    status: 503,
    body: { code: 'server-starting', detail: 'The journal is read.' },
  });
});

test('[HT8] each right of the table belongs to at least one role or is open', () => {
  for (const right of Object.keys(RIGHTS) as Right[]) {
    expect(right === 'open' || ROLES.some((role) => roleHas(role, right))).toBe(true);
    expect(roleHas('admin', right)).toBe(true);
  }
});
