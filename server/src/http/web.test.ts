import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { single } from './own-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { createTestWeb } from './testing.ts';

let dist: string;
beforeAll(() => {
  dist = mkdtempSync(join(tmpdir(), 'muster-dist-'));
  mkdirSync(join(dist, 'assets'));
  writeFileSync(join(dist, 'index.html'), '<!doctype html><title>Muster</title>');
  writeFileSync(join(dist, 'assets/app-abc123.js'), `console.log(1);${' '.repeat(5000)}`);
  writeFileSync(join(dist, '..', 'muster-outside.txt'), 'outside');
});
afterAll(() => {
  rmSync(join(dist, '..', 'muster-outside.txt'));
  rmSync(dist, { recursive: true });
});

async function get(
  path: string,
  options: { headers?: Record<string, string>; method?: string; web?: object } = {},
) {
  const made = await createTestWeb({ dashboardFolder: dist, ...options.web });
  const { headers = {}, method = 'GET' } = options;
  return made.web.fetch(new Request(`http://muster.test${path}`, { headers, method }));
}

test('[WB1] hashed assets are kept for ever and compressed, pages are asked for again', async () => {
  const asset = await get('/assets/app-abc123.js', { headers: { 'accept-encoding': 'gzip, br' } });
  expect(asset.headers.get('cache-control')).toContain('immutable');
  expect(asset.headers.get('content-type')).toContain('text/javascript');
  expect(asset.headers.get('content-encoding')).toBe('br');
  expect(Number(asset.headers.get('content-length'))).toBeLessThan(200);
  const page = await get('/');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  const again = await get('/', { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
  expect(again.status).toBe(304);
});

test('[WB1] a path of the dashboard is its page, a missing file is missing', async () => {
  const page = await get('/machines/ci_1?x=1');
  expect(await page.text()).toContain('<title>Muster</title>');
  expect((await get('/assets/app-old.js')).status).toBe(404);
  expect((await get('/favicon.ico')).status).toBe(404);
  const head = await get('/', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect((await get('/', { method: 'POST' })).status).toBe(405);
});

test.each([
  '/../muster-outside.txt',
  '/%2e%2e/muster-outside.txt',
  '/..%2fmuster-outside.txt',
  '/%00',
  '/%ff',
  '/a%2f..%2f..%2fmuster-outside.txt',
])('[WB2] nothing outside the folder is served: %s', async (path) => {
  expect(await (await get(path)).text()).not.toContain('outside');
});

test('[WB1] without a built dashboard a page says what to do', async () => {
  const page = await get('/', { web: { dashboardFolder: '/nonexistent' } });
  expect(page.status).toBe(503);
  expect(await page.text()).toContain('npm run build');
});

test.each(['/', '/api/v1/users', '/api/v1/nothing', '/healthz', '/assets/none.js'])(
  '[WB3] every answer carries the security headers: %s',
  async (path) => {
    const { headers } = await get(path);
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toBeNull();
  },
);

test('[WB3] HSTS is sent where browsers can check the certificate', async () => {
  const { headers } = await get('/', { web: { strictTransport: true } });
  expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
});

test('[WB4] liveness and readiness are open and tell apart', async () => {
  expect((await get('/healthz')).status).toBe(200);
  expect((await get('/readyz')).status).toBe(200);
  const waiting = await get('/readyz', { web: { notReady: () => 'The journal is read.' } });
  expect([waiting.status, await waiting.json()]).toEqual([
    503,
    { status: 'not ready', reason: 'The journal is read.' },
  ]);
  expect((await get('/healthz', { web: { notReady: () => 'x' } })).status).toBe(200);
});

test('[WB5] OpenAPI is open; unknown paths below /api are problems, also outside a version', async () => {
  const document = (await (await get('/api/v1/openapi.json')).json()) as { openapi: string };
  expect(document.openapi).toBe('3.1.0');
  for (const path of ['/api', '/api/', '/api/v2/x', '/api/v1']) {
    const response = await get(path);
    expect([path, response.status]).toEqual([path, 404]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  }
});

test('[WB6] own metrics need a token and are what Prometheus reads', async () => {
  const { web, tokens, metrics, clock, call } = await createTestWeb();
  metrics.register(processMetrics(clock, '1.0'));
  metrics.register(() => [
    single('muster_agents_connected', 'gauge', 'Agents with a\nsocket.', 3),
    {
      name: 'muster_odd',
      type: 'gauge',
      help: 'Odd.',
      samples: [{ labels: { a: 'x"\\\n' }, value: Number.NaN }],
    },
  ]);
  await call('viewer', 'GET', '/users');
  expect((await web.fetch(new Request('http://muster.test/metrics'))).status).toBe(401);
  const response = await web.fetch(
    new Request('http://muster.test/metrics', {
      headers: { authorization: `Bearer ${tokens.get('viewer')}` },
    }),
  );
  const text = await response.text();
  expect(response.headers.get('content-type')).toContain('version=0.0.4');
  expect(text).toContain(
    '# HELP muster_agents_connected Agents with a\\nsocket.\n# TYPE muster_agents_connected gauge\nmuster_agents_connected 3\n',
  );
  expect(text).toContain('muster_odd{a="x\\"\\\\\\n"} NaN\n');
});

const promtoolIsHere = spawnSync('promtool', ['--version']).error === undefined;
test.skipIf(!promtoolIsHere)('[WB6] promtool finds nothing to complain about', async () => {
  const { web, tokens, metrics, clock, call } = await createTestWeb();
  metrics.register(processMetrics(clock, '1.0'));
  await call('viewer', 'GET', '/users');
  const headers = { authorization: `Bearer ${tokens.get('viewer')}` };
  const input = await (await web.fetch(new Request('http://muster.test/metrics', { headers }))).text();
  const { stderr, status } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  expect([stderr, status]).toEqual(['', 0]);
});

test('[WB7] a public path of a slice is served without signing in', async () => {
  const { web } = await createTestWeb();
  web.addPublic('/install/*', (request) => new Response(`you asked ${new URL(request.url).pathname}`));
  const response = await web.fetch(new Request('http://muster.test/install/linux.sh'));
  expect(await response.text()).toBe('you asked /install/linux.sh');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
});
