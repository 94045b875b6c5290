/** Who may do what, on the whole server, read off the printed OpenAPI document. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RIGHTS, type Right, ROLES, type Role, type TokenRole } from '@muster/shared/api/rights.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../app.ts';
import { dataFolder, openDataFolder } from '../data-folder.ts';

const PASSWORD = 'correct horse battery';
const ROOT = 'http://muster.test';
const API_PATH = '/api/v1';

interface Operation {
  readonly operationId: string;
  readonly security?: unknown[];
  readonly 'x-muster-right': Right;
  readonly 'x-muster-roles': TokenRole[] | null;
}
interface Row extends Operation {
  readonly method: string;
  /** As in the document: `/users/{id}`. */
  readonly path: string;
}

let folder: string;
let release: () => void;
let app: App;
let rows: Row[];
const cookies = new Map<Role, string>();

async function request(method: string, path: string, cookie: string | null, body?: string) {
  const response = await app.web.fetch(
    new Request(ROOT + path, {
      method,
      headers: {
        host: 'muster.test',
        ...(cookie === null ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    }),
  );
  const text = await response.text();
  return { status: response.status, text, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

const signIn = (name: string) =>
  request('POST', `${API_PATH}/session`, null, JSON.stringify({ name, password: PASSWORD }));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-roles-'));
  const data = dataFolder(folder);
  release = openDataFolder(data);
  app = await createApp({
    folder: data,
    clock: { now: () => Date.UTC(2026, 0, 2), monotonicMs: () => 0 },
    log: () => undefined,
    adminPassword: PASSWORD,
    dashboardFolder: '/nonexistent',
    proxies: 0,
    publicHost: null,
    strictTransport: false,
    certificate: null,
    insecure: false,
    holdMsMax: 0,
    economyHoldMsMax: 0,
    metricsBytesMax: null,
    validateResponses: true,
    dashboardUrl: null,
    releaseKey: null,
    install: {
      assets: {
        warmUp: () => Promise.resolve(),
        checksums: () => Promise.resolve(null),
        packages: () => Promise.resolve([]),
        respond: () => Promise.resolve(new Response()),
      },
      lines: () => () => ({ linux: null, windows: null, macos: null, configure: null, packages: [] }),
    },
    onProgress: () => undefined,
  });
  const admin = (await signIn('admin')).cookie;
  for (const role of ROLES) {
    const user = JSON.stringify({ name: `the-${role}`, role, password: PASSWORD });
    await request('POST', `${API_PATH}/users`, admin, user);
    cookies.set(role, (await signIn(`the-${role}`)).cookie);
  }
  const printed = JSON.parse((await request('GET', `${API_PATH}/openapi.json`, null)).text) as {
    paths: Record<string, Record<string, Operation>>;
  };
  rows = Object.entries(printed.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
});
afterAll(async () => {
  await app.close();
  release();
  rmSync(folder, { recursive: true });
});

test('[HT11] every operation of the document names its right, and the roles that have it', () => {
  expect(rows.length).toBeGreaterThan(60);
  for (const row of rows) {
    expect([row.operationId, row['x-muster-roles']]).toEqual([
      row.operationId,
      RIGHTS[row['x-muster-right']],
    ]);
    expect(row.security?.length === 0).toBe(row['x-muster-right'] === 'open');
  }
});

test('[HT11] what the server answers below /api is exactly what stands in the document', () => {
  const documented = rows.map(
    ({ method, path }) => `${method} ${API_PATH}${path.replace(/\{(\w+)\}/g, ':$1')}`,
  );
  const mounted = app.web.mounted().filter((route) => route.includes(` ${API_PATH}/`));
  // The document itself, which is open, is not part of itself.
  expect(mounted.toSorted()).toEqual([...documented, `GET ${API_PATH}/openapi.json`].toSorted());
});

/** Everything outside of the API, and who may ask for it. */
const OTHERS: Readonly<Record<string, string>> = {
  'ALL /*': 'security headers, then the files of the dashboard: open, they hold no data',
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'GET /docs/errors': 'open: the codes of errors, the same for everybody',
  'GET /docs/errors/:code': 'open: the codes of errors, the same for everybody',
  'GET /metrics': 'metrics.scrape',
  'ALL /api/*': 'handed to the API',
  'GET /install/*': 'open: programs and installers, the same for everybody',
  'POST /intake/*': 'a token in the path; it lets in reports and shows nothing',
};

test('[HT11] what the server answers outside of the API is a short list', () => {
  const mounted = app.web.mounted().filter((route) => !route.includes(` ${API_PATH}/`));
  expect([...new Set(mounted)].toSorted()).toEqual(Object.keys(OTHERS).toSorted());
});

test('[HT11] the metrics of the server itself are for those with the right, signed in or by token', async () => {
  expect((await request('GET', '/metrics', null)).status).toBe(401);
  for (const role of RIGHTS['metrics.scrape']) {
    expect((await request('GET', '/metrics', cookies.get(role) ?? '')).status).toBe(200);
  }
});

test('[AC17] a token of a sender may deliver samples and nothing else, not even ask who it is', async () => {
  const wish = JSON.stringify({ name: 'prometheus', role: 'sender' });
  const made = await request('POST', `${API_PATH}/api-tokens`, cookies.get('admin') ?? '', wish);
  expect(made.status).toBe(201);
  const { token } = JSON.parse(made.text) as { token: string };
  const allowed: string[] = [];
  const ask = async (method: string, path: string) => {
    const headers = { host: 'muster.test', authorization: `Bearer ${token}` };
    const { status } = await app.web.fetch(new Request(ROOT + path, { method, headers }));
    return status;
  };
  for (const { operationId, method, path, ...row } of rows) {
    if (row['x-muster-right'] === 'open') continue;
    const status = await ask(method, API_PATH + path.replace(/\{\w+\}/g, 'x'));
    expect([operationId, status < 500]).toEqual([operationId, true]);
    if (status !== 403) allowed.push(operationId);
  }
  expect(allowed).toEqual(['remoteWrite']);
  expect(await ask('GET', '/metrics')).toBe(403);
});

test('[AC17] no person has the role of a sender', async () => {
  const wish = JSON.stringify({ name: 'somebody', role: 'sender', password: PASSWORD });
  expect((await request('POST', `${API_PATH}/users`, cookies.get('admin') ?? '', wish)).status).toBe(400);
});

test.each([...ROLES, null])('[HT11] each operation, asked for by %s', async (role) => {
  const refused: string[] = [];
  const expected: string[] = [];
  for (const row of rows) {
    const mayAsk = row['x-muster-roles'];
    const allowed = mayAsk === null || (role !== null && mayAsk.includes(role));
    // A body that cannot be read: what is allowed stops at its input, before it changes anything.
    const body = row.method === 'GET' ? undefined : '{';
    const path = API_PATH + row.path.replace(/\{\w+\}/g, 'x');
    const { status, text } = await request(
      row.method,
      path,
      role === null ? null : (cookies.get(role) ?? ''),
      body,
    );
    expect([row.operationId, status < 500]).toEqual([row.operationId, true]);
    if (!allowed) expected.push(row.operationId);
    if (status === 401 || status === 403) {
      refused.push(row.operationId);
      const code = role === null ? 'not-signed-in' : 'forbidden';
      expect([row.operationId, (JSON.parse(text) as { code: string }).code]).toEqual([row.operationId, code]);
    } else if (body !== undefined) expect([row.operationId, status]).toEqual([row.operationId, 400]);
  }
  expect(refused).toEqual(expected);
});
