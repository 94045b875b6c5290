/** Mounts endpoints on Hono: right, input, handler, response, audit, and one form of error. */
import type { ServerResponse } from 'node:http';
import { accessEndpoints } from '@muster/shared/api/access.ts';
import type { BinaryBody, Endpoint } from '@muster/shared/api/endpoint.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { type Context, Hono } from 'hono';
import type { z } from 'zod';
import type { Access, Identity } from '../access/access.ts';
import type { RecordAudit } from '../access/audit.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { type Log, messageOf } from '../log.ts';
import { readBytes, readJson } from './body.ts';
import { ByteAnswer, sendBytes } from './byte-answer.ts';
import { type Caller, isSameOrigin } from './caller.ts';
import type { OwnMetrics } from './own-metrics.ts';
import { inputInvalid, isUnforeseen, problemOf } from './problem.ts';
import { redact } from './redact.ts';
import type { Actor, AnswerDoor, RequestContext, SessionDoor, SessionRoutes } from './routes.ts';
import { bearerOf, sessionCookie, sessionTokenOf } from './session-cookie.ts';

export interface ApiDeps {
  readonly access: Pick<Access, 'identify'>;
  readonly record: RecordAudit;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: OwnMetrics;
  readonly caller: (c: Context) => Caller;
  /** Host that users reach the server by, when it is not what requests name. */
  readonly publicHost: string | null;
  /** Checks answers against their schema: for tests and development. */
  readonly validateResponses: boolean;
  /** Why nothing can be served yet; null when ready. */
  readonly notReady: () => string | null;
  readonly newRequestId: () => string;
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

const API_PATH = '/api/v1';
/** What is counted where the caller went before the answer; nobody hears it. */
const CLIENT_GONE = 499;

/** Anybody who has not signed in, at open endpoints. */
const NOBODY: Actor = { name: 'anonymous', userId: null, role: 'viewer', language: 'en' };

type AnyHandler = (
  input: { params: unknown; query: unknown; body: unknown },
  context: RequestContext,
  door: SessionDoor & AnswerDoor,
) => Promise<unknown>;

/** `app` answers everything below /api. */
export function createApi(deps: ApiDeps): { app: Hono; routes: SessionRoutes; identify: Identify } {
  const app = new Hono().basePath(API_PATH);
  const identify = createIdentify(deps);
  const counters = new RequestCounters(deps.metrics);
  const known: { path: RegExp; method: string }[] = [];

  const mount = (endpoint: Endpoint, handler: AnyHandler) => {
    const before = known.find(({ path, method }) => method === endpoint.method && path.test(endpoint.path));
    invariant(!before, `${endpoint.id} is hidden by an operation that was added before it`);
    known.push({ path: pathPattern(endpoint.path), method: endpoint.method });
    app.on(endpoint.method, endpoint.path, async (c) => {
      const startedMs = deps.clock.monotonicMs();
      const response = await answer(c, endpoint, handler, deps, identify).catch((error: unknown) =>
        c.req.raw.signal.aborted ? callerGone(c, error, deps) : refuse(c, error, deps),
      );
      counters.count(endpoint, response.status, deps.clock.monotonicMs() - startedMs);
      return response;
    });
  };

  app.notFound((c) => {
    const path = c.req.path.slice(API_PATH.length);
    const allowed = known.filter((entry) => entry.path.test(path)).map((entry) => entry.method);
    if (allowed.length === 0) {
      return refuse(c, new AppError('not-found', `There is nothing at ${c.req.path}.`), deps);
    }
    c.header('allow', [...new Set(allowed)].join(', '));
    return refuse(
      c,
      new AppError('method-not-allowed', `${c.req.path} does not take ${c.req.method}.`),
      deps,
    );
  });
  app.onError((error, c) => refuse(c, error, deps));

  // The types of `add` tie handler and endpoint together; inside they are the same to us.
  const add = (endpoint: Endpoint, handler: unknown) => mount(endpoint, handler as AnyHandler);
  return { app, routes: { add, addBytes: add, addWithSession: add }, identify };
}

export type Identify = (header: (name: string) => string | undefined) => Promise<Identity | null>;

/** An Authorization header that is not good is not made up for by a cookie. */
function createIdentify(deps: Pick<ApiDeps, 'access' | 'clock'>): Identify {
  return (header) =>
    deps.access.identify(
      { bearer: bearerOf(header('authorization')), session: sessionTokenOf(header('cookie')) },
      deps.clock.now(),
    );
}

async function answer(
  c: Context,
  endpoint: Endpoint,
  handler: AnyHandler,
  deps: ApiDeps,
  identify: Identify,
): Promise<Response> {
  const notReady = deps.notReady();
  if (notReady !== null) throw new AppError('server-starting', notReady);
  const header = (name: string) => c.req.header(name);
  const caller = deps.caller(c);
  refuseOtherSites(endpoint, header, caller, deps.publicHost);
  const identity = await identify(header);
  const actor = allowedActor(endpoint, identity);
  const input = {
    params: parse('params', endpoint.params, c.req.param()),
    query: parse('query', endpoint.query, queryOf(c, endpoint)),
    body: endpoint.method === 'GET' ? {} : await bodyOf(endpoint, c.req.raw),
  };
  const { signal } = c.req.raw;
  const context = { actor, nowMs: deps.clock.now(), address: caller.address, signal };
  const result = await handler(input, context, {
    ...sessionDoor(c, identity, caller),
    accepts: (mediaType) => header('accept')?.includes(mediaType) ?? false,
  });
  if (result instanceof ByteAnswer) return answerBytes(c, endpoint, result, caller, deps);
  if (deps.validateResponses) refuseWrongResponse(endpoint, result);
  await audit(endpoint, actor, input, result, deps.record);
  c.header('cache-control', 'no-store');
  if (endpoint.status === 204) return c.body(null, 204);
  return c.json(result as object, endpoint.status);
}

async function bodyOf(endpoint: Endpoint, request: Request): Promise<unknown> {
  if (endpoint.binaryBody === undefined)
    return parse('body', endpoint.body, await readJson(request, endpoint.bodyBytesMax));
  const bytes = await readBytes(request, endpoint.bodyBytesMax);
  return { bytes, header: (name: string) => request.headers.get(name) ?? '' } satisfies BinaryBody;
}

/** Of what stands several times the first counts, except where a list is taken. */
function queryOf(c: Context, { repeated = [] }: Endpoint): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = c.req.query();
  for (const name of repeated) if (name in query) query[name] = c.req.queries(name) ?? [];
  return query;
}

/** Browsers send cookies along by themselves, so a write that relies on one must come from our own pages. */
function refuseOtherSites(
  endpoint: Endpoint,
  header: (name: string) => string | undefined,
  caller: Caller,
  publicHost: string | null,
): void {
  if (endpoint.method === 'GET' || header('authorization') !== undefined) return;
  if (!isSameOrigin(header, caller, publicHost)) {
    throw new AppError('cross-site', `A page of ${header('origin') ?? 'another site'} sent this request.`);
  }
}

function allowedActor(endpoint: Endpoint, identity: Identity | null): Actor {
  if (endpoint.right === 'open') return identity?.actor ?? NOBODY;
  if (identity === null) {
    throw new AppError('not-signed-in', 'The session or token is missing, unknown or over.');
  }
  if (!roleHas(identity.actor.role, endpoint.right)) {
    throw new AppError('forbidden', `The role ${identity.actor.role} has no right ${endpoint.right}.`);
  }
  const changes = endpoint.audited || endpoint.binaryBody !== undefined;
  if (isWallboard(identity) && changes && endpoint.id !== accessEndpoints.signOut.id) {
    throw new AppError('forbidden', 'A wallboard reads and changes nothing.');
  }
  return identity.actor;
}

/** A session without a person: it hangs where everybody can reach it. */
function isWallboard(identity: Identity): boolean {
  return identity.kind === 'token' && identity.session !== null;
}

function parse(part: string, schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (!result.success) throw inputInvalid(part, result.error);
  return result.data;
}

function sessionDoor(c: Context, identity: Identity | null, caller: Caller): SessionDoor {
  const set = (token: string, ageMsMax: number) =>
    c.header('set-cookie', sessionCookie(token, ageMsMax, caller.secure));
  return { identity, userAgent: c.req.header('user-agent') ?? '', start: set, end: () => set('', 0) };
}

async function answerBytes(
  c: Context,
  endpoint: Endpoint,
  answered: ByteAnswer,
  caller: Caller,
  deps: ApiDeps,
): Promise<Response> {
  invariant(endpoint.status === 200 && !endpoint.audited, 'only what is read is answered in bytes');
  const { outgoing } = c.env as { outgoing?: ServerResponse };
  const response = await sendBytes(answered, {
    outgoing,
    headers: { ...deps.headers, 'cache-control': 'no-store' },
    // On this machine bytes cost less than compressing them.
    takesGzip: !caller.isLocal && /\bgzip\b/.test(c.req.header('accept-encoding') ?? ''),
    failed: (error) => {
      if (c.req.raw.signal.aborted) return;
      deps.log('error', 'an answer was cut short', { path: c.req.path, error: messageOf(error) });
    },
  });
  if (deps.validateResponses && outgoing === undefined && answered.contentType === 'application/json')
    refuseWrongResponse(endpoint, await response.clone().json());
  return response;
}

function refuseWrongResponse(endpoint: Endpoint, result: unknown): void {
  const parsed = endpoint.response.safeParse(result);
  if (!parsed.success) {
    throw new Error(`${endpoint.id} answered what its schema does not allow: ${parsed.error.message}`);
  }
}

/** Open endpoints (signing in) keep their own record, since nobody is the actor yet. */
async function audit(
  endpoint: Endpoint,
  actor: Actor,
  input: { params: unknown; body: unknown },
  result: unknown,
  record: RecordAudit,
): Promise<void> {
  if (!endpoint.audited || endpoint.right === 'open') return;
  const subject = idOf(input.params) ?? idOf(result) ?? endpoint.tag;
  const detail = redact(input.body) as Record<string, unknown> | undefined;
  const called = calledIn(result, subject, detail);
  await record({
    actor: actor.name,
    action: endpoint.id,
    subject,
    detail: called === null ? (detail ?? {}) : { ...detail, called },
  });
}

/** What people call the subject now, such as `INC-0001`; null: its id or what was sent says it already. */
function calledIn(result: unknown, subject: string, detail: Record<string, unknown> = {}): string | null {
  if (typeof result !== 'object' || result === null || idOf(result) !== subject) return null;
  const { ref, name, ciName } = result as Readonly<Record<string, unknown>>;
  const called = [ref, name, ciName].find((one) => typeof one === 'string');
  return typeof called === 'string' && called !== subject && called !== detail['name'] ? called : null;
}

function idOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  return typeof value.id === 'string' ? value.id : null;
}

/** The one place where a failure becomes an answer. */
export function refuse(c: Context, error: unknown, deps: Pick<ApiDeps, 'log' | 'newRequestId'>): Response {
  const requestId = deps.newRequestId();
  const problem = problemOf(error, requestId);
  if (isUnforeseen(error)) {
    const stack = error instanceof Error ? error.stack : undefined;
    const what = { request: requestId, method: c.req.method, path: c.req.path };
    deps.log('error', 'a request failed', { ...what, error: messageOf(error), stack });
  }
  if (problem.status === 401) c.header('www-authenticate', 'Bearer');
  if (problem.retryAt !== undefined) c.header('retry-after', new Date(problem.retryAt).toUTCString());
  c.header('cache-control', 'no-store');
  c.header('content-type', 'application/problem+json');
  return c.body(JSON.stringify(problem), problem.status as 400);
}

/** Nobody hears the answer, so a failure that is not just the caller's going is told here or nowhere. */
function callerGone(c: Context, error: unknown, deps: Pick<ApiDeps, 'log'>): Response {
  const isGoing = messageOf(error) === messageOf(c.req.raw.signal.reason);
  if (isUnforeseen(error) && !isGoing) {
    const what = { method: c.req.method, path: c.req.path, error: messageOf(error) };
    deps.log('error', 'a request failed after its caller had gone', what);
  }
  return new Response(null, { status: CLIENT_GONE });
}

/** `/users/:id` as it may be asked for. */
function pathPattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`);
}

/** Requests by endpoint and status class, and the time they took. */
class RequestCounters {
  readonly #byEndpoint = new Map<string, { byClass: Map<string, number>; totalMs: number }>();

  constructor(metrics: OwnMetrics) {
    metrics.register(() => {
      const entries = [...this.#byEndpoint];
      return [
        {
          name: 'muster_http_requests_total',
          type: 'counter',
          help: 'API requests answered.',
          samples: entries.flatMap(([endpoint, { byClass }]) =>
            [...byClass].map(([status, value]) => ({ labels: { endpoint, status }, value })),
          ),
        },
        {
          name: 'muster_http_request_duration_seconds_total',
          type: 'counter',
          help: 'Time spent on API requests.',
          samples: entries.map(([endpoint, { totalMs }]) => ({
            labels: { endpoint },
            value: totalMs / SECOND_MS,
          })),
        },
      ];
    });
  }

  count(endpoint: Endpoint, status: number, durationMs: number): void {
    const entry = this.#byEndpoint.get(endpoint.id) ?? { byClass: new Map<string, number>(), totalMs: 0 };
    const statusClass = `${Math.floor(status / 100)}xx`;
    entry.byClass.set(statusClass, (entry.byClass.get(statusClass) ?? 0) + 1);
    entry.totalMs += durationMs;
    this.#byEndpoint.set(endpoint.id, entry);
  }
}
