import { type Session, SESSIONS_MAX, type User } from '@muster/shared/api/access.ts';
import { endpoint } from '@muster/shared/api/endpoint.ts';
import { ROLES } from '@muster/shared/api/rights.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import type { Routes } from '../http/routes.ts';
import { createTestWeb } from '../http/testing.ts';
import { SESSION_IDLE_MS_MAX, SESSION_MS_MAX } from './access.ts';
import { ensureFirstAdministrator } from './first-administrator.ts';
import { AuditCheck } from './audit-check.ts';
import { PASSWORD_COST, type PasswordCost } from './password.ts';
import { addAccessRoutes } from './routes.ts';
import { ADDRESS_FAILURES_MAX, LOCK_MS, NAME_FAILURES_MAX } from './sign-in-guard.ts';

const PASSWORD = 'correct horse battery';
/** Hundreds sign in here; what a hash costs is [AC9]. */
const CHEAP = { memoryKiB: 8, passes: 1 };

async function server(addMore: (routes: Routes) => void = () => {}, passwordCost: PasswordCost = CHEAP) {
  const made = await createTestWeb();
  addAccessRoutes(made.web.routes, { access: made.access });
  addMore(made.web.routes);
  await ensureFirstAdministrator({
    store: made.store,
    record: made.record,
    configuredPassword: PASSWORD,
    nowMs: made.clock.now(),
    passwordCost,
  });
  const signIn = (name = 'admin', password = PASSWORD, headers: Record<string, string> = {}) =>
    made.call(null, 'POST', '/session', { name, password }, headers);
  const signedIn = async (name?: string, password?: string) => {
    const { headers } = await signIn(name, password);
    const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
    return (method: string, path: string, body?: unknown, more: Record<string, string> = {}) =>
      made.call(null, method, path, body, { cookie, ...more });
  };
  return { ...made, signIn, signedIn };
}

test('[AC11] signing in sets a cookie that scripts and other sites cannot use', async () => {
  const { signIn, call } = await server();
  const { status, headers, body } = await signIn('ADMIN');
  expect(status).toBe(200);
  expect(body).toMatchObject({ name: 'admin', role: 'admin' });
  const cookie = headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^muster_session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
  const me = await call(null, 'GET', '/session', undefined, { cookie: cookie.split(';')[0] ?? '' });
  expect(me.body).toMatchObject({ name: 'admin', lastSignInAt: '2026-01-02T03:04:05.000Z' });
});

test('[AC11] over TLS, ours or that of our proxy, the cookie never travels in plain text', async () => {
  const made = await createTestWeb({ proxies: 1 });
  addAccessRoutes(made.web.routes, { access: made.access });
  await ensureFirstAdministrator({
    store: made.store,
    record: made.record,
    configuredPassword: PASSWORD,
    nowMs: made.clock.now(),
    passwordCost: CHEAP,
  });
  const signIn = { name: 'admin', password: PASSWORD };
  const { headers } = await made.call(null, 'POST', '/session', signIn, { 'x-forwarded-proto': 'https' });
  expect(headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Lax; Secure$/);
});

test('[AC11] wrong password, unknown name and disabled user get the same answer', async () => {
  const { signIn, call } = await server();
  const { body } = await call('admin', 'POST', '/users', {
    name: 'bert',
    role: 'viewer',
    password: PASSWORD,
  });
  await call('admin', 'PATCH', `/users/${(body as User).id}`, { disabled: true });
  const answers = [await signIn('admin', 'wrong'), await signIn('nobody'), await signIn('bert')];
  for (const { status, body: problem, headers } of answers) {
    expect(status).toBe(401);
    expect(problem).toMatchObject({ code: 'sign-in-failed' });
    expect(headers.get('set-cookie')).toBeNull();
  }
});

test('[AC10] after too many failures even the right password has to wait, and the answer says until when', async () => {
  const { signIn, advance, store } = await server();
  for (let n = 0; n < NAME_FAILURES_MAX; n += 1) expect((await signIn('admin', 'wrong')).status).toBe(401);
  for (let n = 0; n < 3; n += 1) {
    expect(await signIn()).toMatchObject({
      status: 429,
      body: {
        code: 'sign-in-locked',
        detail: expect.stringContaining('2026-01-02T03:19:05.000Z'),
        retryAt: '2026-01-02T03:19:05.000Z',
      },
    });
  }
  expect((await signIn()).headers.get('retry-after')).toBe('Fri, 02 Jan 2026 03:19:05 GMT');
  const refused = await store.listAudit({ limit: 100, beforeSeq: null, action: 'signIn.refused' });
  expect(refused).toHaveLength(NAME_FAILURES_MAX + 1);
  advance(LOCK_MS);
  expect((await signIn()).status).toBe(200);
});

test('[AC10] many guesses at once do not pass the limit', async () => {
  // Each is under way for as long as in the product while the others come.
  const { signIn } = await server(undefined, PASSWORD_COST);
  const answers = await Promise.all(Array.from({ length: 30 }, () => signIn('admin', 'wrong')));
  expect(answers.filter((answer) => answer.status === 401)).toHaveLength(NAME_FAILURES_MAX);
});

test('[AC12] a session ends by signing out, by idleness and by age', async () => {
  const { signedIn, advance } = await server();
  const first = await signedIn();
  expect((await first('DELETE', '/session')).headers.get('set-cookie')).toContain('Max-Age=0');
  expect((await first('GET', '/session')).status).toBe(401);

  const idle = await signedIn();
  advance(SESSION_IDLE_MS_MAX);
  expect((await idle('GET', '/session')).status).toBe(401);

  const busy = await signedIn();
  for (let days = 1; days * DAY_MS < SESSION_MS_MAX; days += 1) {
    advance(DAY_MS);
    expect((await busy('GET', '/session')).status).toBe(200);
  }
  advance(DAY_MS);
  expect((await busy('GET', '/session')).status).toBe(401);
});

test('[HT10] a write by cookie from a page of another site is refused, a token is not asked for its origin', async () => {
  const { signedIn, call, signIn } = await server();
  const session = await signedIn();
  const foreign = { 'sec-fetch-site': 'cross-site', origin: 'http://evil.test' };
  expect(await session('PATCH', '/session', { language: 'zh' }, foreign)).toMatchObject({
    status: 403,
    body: { code: 'cross-site' },
  });
  expect((await signIn('admin', PASSWORD, { origin: 'http://evil.test' })).status).toBe(403);
  expect(
    (await session('PATCH', '/session', { language: 'zh' }, { origin: 'http://muster.test' })).body,
  ).toMatchObject({
    language: 'zh',
  });
  expect((await call('admin', 'POST', '/audit/verify', undefined, foreign)).status).toBe(200);
});

test('[AC12] a bad token is not made up for by a good cookie', async () => {
  const { signedIn } = await server();
  const session = await signedIn();
  for (const authorization of ['Bearer mst_wrong', 'Basic YTpi', 'Bearer ', 'Bearer x y']) {
    expect((await session('GET', '/session', undefined, { authorization })).status).toBe(401);
  }
});

test('[AC4] a new password needs the present one, ends other sessions and keeps this one', async () => {
  const { signedIn, signIn } = await server();
  const [here, there] = [await signedIn(), await signedIn()];
  const next = 'another good password';
  expect((await here('PATCH', '/session', { password: { current: 'wrong', next } })).status).toBe(401);
  expect((await here('PATCH', '/session', { password: { current: PASSWORD, next: 'short' } })).status).toBe(
    400,
  );
  expect((await here('PATCH', '/session', { password: { current: PASSWORD, next } })).status).toBe(200);
  expect((await here('GET', '/session')).status).toBe(200);
  expect((await there('GET', '/session')).status).toBe(401);
  expect((await signIn()).status).toBe(401);
  expect((await signIn('admin', next)).status).toBe(200);
});

test('[AC1] users are added, listed page by page, changed; names are unique', async () => {
  const { call, signedIn } = await server();
  for (const name of ['王芳', 'bert']) {
    const made = await call('admin', 'POST', '/users', { name, role: 'desk', password: PASSWORD });
    expect(made).toMatchObject({ status: 201, body: { name, displayName: name, language: null } });
  }
  expect(
    await call('admin', 'POST', '/users', { name: 'BERT', role: 'desk', password: PASSWORD }),
  ).toMatchObject({
    status: 409,
    body: { code: 'name-taken' },
  });
  const first = (await call('viewer', 'GET', '/users?limit=2')).body as { items: User[]; nextCursor: string };
  expect(first.items.map((user) => user.name)).toEqual(['admin', 'bert']);
  const rest = (await call('viewer', 'GET', `/users?limit=2&cursor=${first.nextCursor}`)).body;
  expect(rest).toMatchObject({ items: [{ name: '王芳' }], nextCursor: null });
  expect(JSON.stringify(first)).not.toContain('argon2');

  const bert = await signedIn('bert', PASSWORD);
  const changed = await call('admin', 'PATCH', `/users/${first.items[1]?.id}`, { disabled: true });
  expect(changed.body).toMatchObject({ disabled: true });
  expect((await bert('GET', '/session')).status).toBe(401);
  expect((await call('admin', 'PATCH', `/users/${first.items[0]?.id}`, { role: 'desk' })).body).toMatchObject(
    {
      code: 'last-administrator',
    },
  );
  expect((await call('admin', 'PATCH', '/users/nobody', { disabled: true })).status).toBe(404);
  expect((await call('admin', 'GET', '/users?cursor=bad')).status).toBe(400);
});

test('[AC6] an API token is shown once, works until it expires or is removed, and knows who it is', async () => {
  const { call, advance } = await server();
  const made = await call('admin', 'POST', '/api-tokens', { name: 'ci', role: 'viewer', expiresInDays: 1 });
  const { id, token } = made.body as { id: string; token: string };
  expect(token).toMatch(/^mst_[\w-]{43}$/);
  expect(JSON.stringify((await call('admin', 'GET', '/api-tokens')).body)).not.toContain(token);
  const bearer = { authorization: `Bearer ${token}` };
  expect((await call(null, 'GET', '/session', undefined, bearer)).body).toMatchObject({
    id,
    name: 'ci',
    role: 'viewer',
  });
  expect((await call(null, 'DELETE', '/session', undefined, bearer)).body).toMatchObject({
    code: 'forbidden',
  });
  advance(DAY_MS);
  expect((await call(null, 'GET', '/session', undefined, bearer)).status).toBe(401);
  expect((await call('admin', 'DELETE', `/api-tokens/${id}`)).status).toBe(204);
  expect((await call('admin', 'DELETE', `/api-tokens/${id}`)).status).toBe(404);
});

test('[AC7] the audit log tells who did what, newest first, and verifies', async () => {
  const { call } = await server();
  await call('admin', 'POST', '/users', { name: 'anna', role: 'desk', password: PASSWORD });
  const { items, nextCursor } = (await call('admin', 'GET', '/audit?limit=1')).body as {
    items: { action: string; actor: string; detail: object }[];
    nextCursor: string;
  };
  expect(items).toMatchObject([
    { action: 'createUser', actor: 'token:admin', detail: { name: 'anna', password: '••••' } },
  ]);
  expect((await call('admin', 'GET', `/audit?limit=9&cursor=${nextCursor}`)).body).toMatchObject({
    items: [{ action: 'user.created', actor: 'system' }],
  });
  expect((await call('admin', 'GET', '/audit/verify')).body).toEqual({ running: null, last: null });
  const verdict = (await call('admin', 'POST', '/audit/verify')).body;
  expect(verdict).toMatchObject({ ok: true, entries: 2, brokenAt: null, head: { seq: 2 } });
  expect((await call('admin', 'GET', '/audit/verify')).body).toEqual({
    running: null,
    last: { ...(verdict as object), at: '2026-01-02T03:04:05.000Z' },
  });
});

test('[AC2] the first administrator gets a made-up password once, or the configured one', async () => {
  const made = await createTestWeb();
  const deps = { store: made.store, record: made.record, nowMs: made.clock.now() };
  const first = await ensureFirstAdministrator({ ...deps, configuredPassword: null });
  expect(first?.password).toMatch(/^(?:[a-z2-9]{5}-){3}[a-z2-9]{5}$/);
  expect(await ensureFirstAdministrator({ ...deps, configuredPassword: null })).toBeNull();
  addAccessRoutes(made.web.routes, { access: made.access });
  const { status } = await made.call(null, 'POST', '/session', { name: 'admin', password: first?.password });
  expect(status).toBe(200);
});

test('[DB330] a user has no language before choosing one, and the chosen one at every later sign-in', async () => {
  const { signIn, signedIn } = await server();
  expect((await signIn()).body).toMatchObject({ language: null });
  expect((await signIn()).body).toMatchObject({ language: null });
  const session = await signedIn();
  await session('PATCH', '/session', { language: 'zh' });
  expect((await signIn()).body).toMatchObject({ language: 'zh' });
});

test('[DB341] a user can give the chosen language up again; other changes leave it', async () => {
  const { signIn, signedIn } = await server();
  const session = await signedIn();
  await session('PATCH', '/session', { language: 'zh' });
  expect((await session('PATCH', '/session', { displayName: 'Anna' })).body).toMatchObject({
    language: 'zh',
  });
  expect((await session('PATCH', '/session', { language: null })).body).toMatchObject({ language: null });
  expect((await signIn()).body).toMatchObject({ language: null });
});

/** A wallboard's token, and what its browser gets for it. */
async function wallboard(
  options: { role?: string; expiresInDays?: number | null; addMore?: (routes: Routes) => void } = {},
) {
  const made = await server(options.addMore);
  const { role = 'viewer', expiresInDays = null } = options;
  const issued = await made.call('admin', 'POST', '/api-tokens', { name: 'hall', role, expiresInDays });
  const { id, token } = issued.body as { id: string; token: string };
  const open = (secret = token, headers: Record<string, string> = {}) =>
    made.call(null, 'POST', '/session/token', { token: secret }, headers);
  const withCookieOf = (answer: { headers: Headers }) => {
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    return (method: string, path: string, body?: unknown) => made.call(null, method, path, body, { cookie });
  };
  return { ...made, id, token, open, withCookieOf };
}

test('[AC14] a token of the role viewer opens a wallboard that may read and change nothing', async () => {
  const { open, withCookieOf, id, store, token } = await wallboard();
  const answer = await open();
  expect(answer).toMatchObject({ status: 200, body: { id, name: 'hall', role: 'viewer' } });
  expect(answer.headers.get('set-cookie')).toMatch(/; Max-Age=34560000; HttpOnly; SameSite=Lax$/);
  const wall = withCookieOf(answer);
  expect((await wall('GET', '/session')).body).toMatchObject({ name: 'hall', role: 'viewer' });
  expect((await wall('GET', '/users')).status).toBe(200);
  expect((await wall('POST', '/users', {})).status).toBe(403);
  expect((await wall('PATCH', '/session', { language: 'zh' })).status).toBe(403);
  const [entry] = await store.listAudit({ limit: 1, beforeSeq: null, action: 'signIn.wallboard' });
  expect(entry).toMatchObject({ actor: 'token:hall', subject: id, detail: '{"address":"127.0.0.1"}' });
  expect(JSON.stringify(await store.readAudit(0, 100))).not.toContain(token);
  expect((await wall('DELETE', '/session')).status).toBe(204);
  expect((await wall('GET', '/session')).status).toBe(401);
});

test('[AC14] a wallboard ends with its token: when it expires and when it is revoked, not by idleness', async () => {
  const lasting = await wallboard();
  const wall = lasting.withCookieOf(await lasting.open());
  lasting.advance(2 * SESSION_MS_MAX);
  await lasting.access.tick(lasting.clock.now());
  expect((await wall('GET', '/session')).status).toBe(200);
  const before = lasting.access.endings();
  await lasting.call('admin', 'DELETE', `/api-tokens/${lasting.id}`);
  expect(lasting.access.endings()).toBeGreaterThan(before);
  expect((await wall('GET', '/session')).status).toBe(401);
  expect((await lasting.open()).status).toBe(401);

  const short = await wallboard({ expiresInDays: 1 });
  const answer = await short.open();
  expect(answer.headers.get('set-cookie')).toContain('Max-Age=86400;');
  short.advance(DAY_MS);
  expect((await short.withCookieOf(answer)('GET', '/session')).status).toBe(401);
  expect((await short.open()).status).toBe(401);
});

test.each(ROLES.filter((role) => role !== 'viewer'))(
  '[AC14] a token of the role %s does not open a wallboard',
  async (role) => {
    const { open, store } = await wallboard({ role });
    const answer = await open();
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await store.listAudit({ limit: 9, beforeSeq: null, action: 'signIn.refused' })).toHaveLength(1);
  },
);

test('[AC10] guessing at tokens of wallboards locks the address like guessing at passwords', async () => {
  const { open, signIn, advance } = await wallboard();
  for (let n = 0; n < ADDRESS_FAILURES_MAX; n += 1) expect((await open('mst_wrong')).status).toBe(401);
  expect(await open()).toMatchObject({ status: 429, body: { code: 'sign-in-locked' } });
  expect((await signIn()).status).toBe(429);
  advance(LOCK_MS);
  expect((await open()).status).toBe(200);
});

test('[HT10] a page of another site cannot put a wallboard in the place of who is signed in', async () => {
  const { open } = await wallboard();
  expect((await open(undefined, { 'sec-fetch-site': 'cross-site' })).body).toMatchObject({
    code: 'cross-site',
  });
});

test('[AC14] a wallboard takes the place of who was signed in in that browser; that session ends', async () => {
  const { open, signIn, call, withCookieOf } = await wallboard();
  const cookie = (await signIn()).headers.get('set-cookie')?.split(';')[0] ?? '';
  const wall = withCookieOf(await open(undefined, { cookie }));
  expect((await call(null, 'GET', '/session', undefined, { cookie })).status).toBe(401);
  expect((await wall('GET', '/session')).body).toMatchObject({ name: 'hall' });
});

test('[AC13] who signs in again in the same browser leaves no session behind that nobody holds', async () => {
  const { signIn, call } = await server();
  const cookie = (await signIn()).headers.get('set-cookie')?.split(';')[0] ?? '';
  await signIn('admin', 'wrong', { cookie });
  expect((await call(null, 'GET', '/session', undefined, { cookie })).status).toBe(200);
  const again = (await signIn('admin', PASSWORD, { cookie })).headers.get('set-cookie')?.split(';')[0] ?? '';
  expect((await call(null, 'GET', '/session', undefined, { cookie })).status).toBe(401);
  expect((await call(null, 'GET', '/session', undefined, { cookie: again })).status).toBe(200);
});

test('[AC10] guesses at the present password count like those at the door', async () => {
  const { signedIn, signIn, advance, store } = await server();
  const session = await signedIn();
  const guess = (current: string) =>
    session('PATCH', '/session', { password: { current, next: 'another good password' } });
  for (let n = 0; n < NAME_FAILURES_MAX; n += 1) expect((await guess('wrong')).status).toBe(401);
  expect((await guess(PASSWORD)).body).toMatchObject({ code: 'sign-in-locked' });
  expect((await signIn()).status).toBe(429);
  const refused = await store.listAudit({ limit: 100, beforeSeq: null, action: 'signIn.refused' });
  expect(refused).toHaveLength(NAME_FAILURES_MAX + 1);
  advance(LOCK_MS);
  expect((await guess(PASSWORD)).status).toBe(200);
});

test('[AC7] the audit log is filtered by who, what, on what and when', async () => {
  const { call, advance } = await server();
  await call('admin', 'POST', '/users', { name: 'anna', role: 'desk', password: PASSWORD });
  advance(DAY_MS);
  await call('admin', 'POST', '/audit/verify');
  const actions = async (query: string) =>
    ((await call('admin', 'GET', `/audit?${query}`)).body as { items: { action: string }[] }).items.map(
      (entry) => entry.action,
    );
  expect(await actions('actor=token:admin')).toEqual(['verifyAudit', 'createUser']);
  expect(await actions('actor=system')).toEqual(['user.created']);
  expect(await actions('from=2026-01-03T00:00:00Z')).toEqual(['verifyAudit']);
  expect(await actions('to=2026-01-03T00:00:00Z&action=createUser')).toEqual(['createUser']);
  expect((await call('admin', 'GET', '/audit?from=yesterday')).status).toBe(400);
});

test('[AC7] one check of the chain runs at a time; others join it and may watch', async () => {
  const { store, record } = await createTestWeb();
  for (let n = 0; n < 1_500; n += 1) {
    await record({ actor: 'system', action: 'test', subject: String(n), detail: {} });
  }
  const check = new AuditCheck(store);
  const seen: unknown[] = [];
  const first = check.run(1);
  const second = check.run(2);
  expect(second).toBe(first);
  let over = false;
  void first.finally(() => (over = true));
  while (!over) {
    seen.push(check.state().running);
    await new Promise((go) => setImmediate(go));
  }
  expect(seen).toContainEqual({ checked: 1_000, total: 1_500 });
  expect(await first).toMatchObject({ entries: 1_500, brokenAt: null });
  expect(check.state()).toMatchObject({ running: null, last: { atMs: 1 } });
});

test('[AC13] everybody sees the own sessions and ends them one by one or all but this one', async () => {
  const { signIn, call, advance } = await server();
  const from = async (userAgent: string) => {
    advance(1_000);
    const { headers } = await signIn('admin', PASSWORD, { 'user-agent': userAgent });
    return headers.get('set-cookie')?.split(';')[0] ?? '';
  };
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
  const [one, two, three] = [await from('curl/8.5.0'), await from(''), await from(firefox)];
  const as = (cookie: string, method: string, path: string) =>
    call(null, method, path, undefined, { cookie });
  const list = async () => ((await as(three, 'GET', '/sessions')).body as { items: Session[] }).items;
  const sessions = await list();
  expect(sessions).toMatchObject([
    { browser: 'Firefox 145', system: 'Linux', address: '127.0.0.1', current: true },
    { browser: '', system: '', current: false },
    { browser: 'curl 8', createdAt: '2026-01-02T03:04:06.000Z', current: false },
  ]);
  expect((await as(three, 'DELETE', `/sessions/${sessions[2]?.id}`)).status).toBe(204);
  expect((await as(one, 'GET', '/session')).status).toBe(401);
  expect((await as(three, 'DELETE', `/sessions/${sessions[2]?.id}`)).status).toBe(404);
  expect((await as(three, 'DELETE', '/sessions')).body).toEqual({ ended: 1 });
  expect((await as(two, 'GET', '/session')).status).toBe(401);
  const everywhere = await as(three, 'DELETE', '/sessions?includingThis=true');
  expect(everywhere.body).toEqual({ ended: 1 });
  expect(everywhere.headers.get('set-cookie')).toContain('Max-Age=0');
  expect((await as(three, 'GET', '/session')).status).toBe(401);
});

test('[AC13] a session of somebody else is not found, and a token has none', async () => {
  const { signedIn, call } = await server();
  await call('admin', 'POST', '/users', { name: 'bert', role: 'viewer', password: PASSWORD });
  const [admin, bert] = [await signedIn(), await signedIn('bert')];
  const { items } = (await admin('GET', '/sessions')).body as { items: Session[] };
  expect((await bert('DELETE', `/sessions/${items[0]?.id}`)).status).toBe(404);
  expect((await admin('GET', '/session')).status).toBe(200);
  for (const [method, path] of [
    ['GET', '/sessions'],
    ['DELETE', '/sessions'],
    ['DELETE', '/sessions/x'],
  ] as const) {
    expect((await call('admin', method, path)).status).toBe(403);
  }
});

test('[AC13] an administrator signs a user out everywhere, and keeps the own present session', async () => {
  const { signedIn, call, access } = await server();
  const made = await call('admin', 'POST', '/users', { name: 'bert', role: 'viewer', password: PASSWORD });
  const [admin, elsewhere, bert] = [await signedIn(), await signedIn(), await signedIn('bert')];
  const before = access.endings();
  expect((await admin('DELETE', `/users/${(made.body as User).id}/sessions`)).body).toEqual({ ended: 1 });
  expect(access.endings()).toBeGreaterThan(before);
  expect((await bert('GET', '/session')).status).toBe(401);
  expect((await admin('DELETE', '/users/nobody/sessions')).status).toBe(404);
  const me = (await admin('GET', '/session')).body as User;
  expect((await admin('DELETE', `/users/${me.id}/sessions`)).body).toEqual({ ended: 1 });
  expect((await admin('GET', '/session')).status).toBe(200);
  expect((await elsewhere('GET', '/session')).status).toBe(401);
});

test.each([
  ['role', { role: 'desk' }],
  ['state', { disabled: true }],
  ['password', { password: 'another good password' }],
])(
  '[AC3] nobody changes the own %s by the page of users, even where other administrators are left',
  async (_what, change) => {
    const { signedIn, call } = await server();
    await call('admin', 'POST', '/users', { name: 'second', role: 'admin', password: PASSWORD });
    const admin = await signedIn();
    const me = (await admin('GET', '/session')).body as User;
    expect(await admin('PATCH', `/users/${me.id}`, change)).toMatchObject({
      status: 409,
      body: { code: 'own-account' },
    });
    expect((await admin('PATCH', `/users/${me.id}`, { displayName: 'Root', role: 'admin' })).status).toBe(
      200,
    );
    const second = await signedIn('second');
    expect((await second('PATCH', `/users/${me.id}`, change)).status).toBe(200);
  },
);

test('[AC14] a wallboard may ask, also by POST, but keep nothing of its own', async () => {
  const thing = { right: 'session', tag: 'test', summary: '', method: 'POST' } as const;
  const { open, withCookieOf } = await wallboard({
    addMore: (routes) => {
      routes.add(endpoint({ ...thing, id: 'keepThing', path: '/things' }), async () => ({}));
      routes.add(
        endpoint({ ...thing, id: 'askThing', path: '/things/ask', audited: false }),
        async () => ({}),
      );
    },
  });
  const wall = withCookieOf(await open());
  expect((await wall('POST', '/things', {})).body).toMatchObject({ code: 'forbidden' });
  expect((await wall('POST', '/things/ask', {})).status).toBe(200);
});

test('[AC13] beyond the limit the session ends that was not used for longest', async () => {
  const { open, withCookieOf, advance, access } = await wallboard();
  const first = withCookieOf(await open());
  for (let n = 0; n < SESSIONS_MAX; n += 1) {
    advance(1);
    await open();
  }
  expect((await first('GET', '/session')).status).toBe(401);
  const [token] = await access.store.listApiTokens({ limit: 9, after: null }).then((all) => all.slice(-1));
  const of = { apiTokenId: token?.id ?? '' };
  expect(await access.store.listSessions(of, SESSIONS_MAX + 9)).toHaveLength(SESSIONS_MAX);
});

test('[AC16] when a colleague was last here is told to administrators only', async () => {
  const { signedIn } = await server();
  const admin = await signedIn();
  await admin('POST', '/users', { name: 'chen.yu', role: 'viewer', password: PASSWORD });
  const viewer = await signedIn('chen.yu');
  const seenBy = async (who: typeof admin) =>
    ((await who('GET', '/users')).body as { items: { name: string; lastSignInAt: string | null }[] }).items;
  expect((await seenBy(admin)).map(({ lastSignInAt }) => lastSignInAt !== null)).toEqual([true, true]);
  expect((await seenBy(viewer)).map(({ name, lastSignInAt }) => [name, lastSignInAt])).toEqual([
    ['admin', null],
    ['chen.yu', null],
  ]);
});
