/** The whole web side of the server: API, health, own metrics, OpenAPI, public files, dashboard. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { type Context, Hono } from 'hono';
import type { Access } from '../access/access.ts';
import type { RecordAudit } from '../access/audit.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Log } from '../log.ts';
import { headerOf } from './asked.ts';
import { compressed } from './compress.ts';
import { type ApiDeps, createApi, type Identify, refuse } from './api.ts';
import { type Caller, callerOf } from './caller.ts';
import { ERRORS_PATH, errorIndex, errorText, OPENAPI_PATH } from './error-texts.ts';
import { openApiDocument } from './openapi.ts';
import type { OwnMetrics } from './own-metrics.ts';
import type { SessionRoutes } from './routes.ts';
import { securityHeaders } from './security-headers.ts';
import { createStaticFiles } from './static-files.ts';

export interface WebDeps {
  readonly access: Access;
  readonly record: RecordAudit;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: OwnMetrics;
  readonly version: string;
  /** Folder of the built dashboard. */
  readonly dashboardFolder: string;
  /** Number of our own proxies in front, see callerOf. */
  readonly proxies: number;
  readonly publicHost: string | null;
  /** Browsers can check the certificate, so HSTS may be sent. */
  readonly strictTransport: boolean;
  readonly validateResponses: boolean;
  /** Why the server is not ready; null when it is. */
  readonly notReady: () => string | null;
  readonly onRefused?: ApiDeps['onRefused'];
}

export interface Web {
  readonly routes: SessionRoutes;
  /** `env.incoming` is Node's request; without it (in tests) the caller is 127.0.0.1 in plain text. */
  fetch(request: Request, env?: { incoming?: IncomingMessage }): Response | Promise<Response>;
  /** Answers a plain read of the API straight away; false: it is for `fetch`. */
  serve(incoming: IncomingMessage, outgoing: ServerResponse): boolean;
  /** A path that needs no sign-in, e.g. `/install/*`; `path` as in Hono. Never anything with data in it. */
  addPublic(path: string, handler: (request: Request) => Response | Promise<Response>): void;
  /**
   * POSTs of programs that prove themselves in their own way, such as a token in the path; `path` as in Hono. The handler may
   * throw AppError.
   */
  addDoor(path: string, handler: (request: Request, caller: Caller) => Promise<Response>): void;
  readonly identify: Identify;
  /** What is answered, as the router holds it: `GET /api/v1/users/:id`. For the test that nothing is left out. */
  mounted(): string[];
  callerOf(incoming: IncomingMessage): Caller;
}

/** Routes and public paths are to be added before the first request. */
export function createWeb(deps: WebDeps): Web {
  const callerOfIncoming = (incoming: IncomingMessage) => incomingCaller(incoming, deps.proxies);
  const newRequestId = () => randomBytes(6).toString('hex');
  const caller = (c: Context) => contextCaller(c, deps.proxies);
  const ownHeaders = securityHeaders(deps.strictTransport);
  const api = createApi({
    ...deps,
    caller,
    callerOf: callerOfIncoming,
    newRequestId,
    headers: ownHeaders,
  });
  const app = new Hono();
  const headers = Object.entries(ownHeaders);
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of headers) c.res.headers.set(name, value);
  });
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) => {
    const reason = deps.notReady();
    return reason === null ? c.json({ status: 'ready' }) : c.json({ status: 'not ready', reason }, 503);
  });
  app.get('/metrics', async (c) => {
    const identity = await api.identify((name) => c.req.header(name));
    if (identity === null)
      throw new AppError('not-signed-in', 'Send an API token: `Authorization: Bearer …`.');
    if (!roleHas(identity.actor.role, 'metrics.scrape'))
      throw new AppError('forbidden', 'Not with this role.');
    return c.body(deps.metrics.print(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  // Made when somebody first asks: most servers never are, and it is a megabyte.
  let document: string | null = null;
  app.get(ERRORS_PATH, (c) => c.text(errorIndex()));
  app.get(`${ERRORS_PATH}/:code`, (c) => {
    const text = errorText(c.req.param('code'));
    if (text === null) throw new AppError('not-found', `There is no such code; see ${ERRORS_PATH}.`);
    return c.text(text);
  });
  app.get(OPENAPI_PATH, (c) => {
    document ??= JSON.stringify(openApiDocument(ENDPOINTS, { version: deps.version }));
    return c.body(document, 200, { 'content-type': 'application/json' });
  });
  app.onError((error, c) => refuse(c, error, { ...deps, newRequestId }));

  // Slices add their routes to the API before the first request, so it is mounted at the first request.
  let mounted: Hono | null = null;
  const publicPaths: { path: string; handler: (request: Request) => Response | Promise<Response> }[] = [];
  const doors: { path: string; handler: (request: Request, caller: Caller) => Promise<Response> }[] = [];
  const mount = () => {
    app.all('/api/*', async (c) => compressed(c.req.raw, await api.app.fetch(c.req.raw, c.env)));
    for (const { path, handler } of publicPaths) app.get(path, (c) => handler(c.req.raw));
    for (const { path, handler } of doors) app.post(path, (c) => handler(c.req.raw, caller(c)));
    const files = createStaticFiles(deps.dashboardFolder);
    app.all('*', async (c) => (await files(c.req.raw)) ?? methodNotAllowed(c, { ...deps, newRequestId }));
    return app;
  };

  const mountedApp = () => (mounted ??= mount());
  return {
    routes: api.routes,
    fetch: (request, env = {}) => mountedApp().fetch(request, env),
    serve: api.serve,
    mounted: () => [...api.app.routes, ...mountedApp().routes].map(({ method, path }) => `${method} ${path}`),
    addPublic: (path, handler) => void publicPaths.push({ path, handler }),
    addDoor: (path, handler) => void doors.push({ path, handler }),
    identify: api.identify,
    callerOf: callerOfIncoming,
  };
}

function methodNotAllowed(c: Context, deps: Parameters<typeof refuse>[2]): Response {
  c.header('allow', 'GET, HEAD');
  return refuse(c, new AppError('method-not-allowed', `${c.req.path} does not take ${c.req.method}.`), deps);
}

function contextCaller(c: Context, proxies: number): Caller {
  const { incoming } = c.env as { incoming?: IncomingMessage };
  if (incoming !== undefined) return incomingCaller(incoming, proxies);
  return callerOf((name) => c.req.header(name), { address: '127.0.0.1', encrypted: false }, proxies);
}

function incomingCaller(incoming: IncomingMessage, proxies: number): Caller {
  const header = (name: string) => headerOf(incoming, name);
  const encrypted = 'encrypted' in incoming.socket && (incoming.socket as TLSSocket).encrypted;
  return callerOf(header, { address: incoming.socket.remoteAddress ?? 'unknown', encrypted }, proxies);
}
