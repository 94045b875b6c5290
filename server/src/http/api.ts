/** Mounts endpoints: right, input, handler, response, audit, and one form of error; on Hono, and for plain reads beside it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
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
import { PathTable } from './path-table.ts';
import { ByteAnswer, sendBytes } from './byte-answer.ts';
import { type Caller, isSameOrigin } from './caller.ts';
import { type Asked, askedOf, askedPlainly, takesGzip } from './asked.ts';
import { type Answered, answeredAs, sendAnswered, sentAlready } from './answered.ts';
import type { OwnMetrics } from './own-metrics.ts';
import { addressUnknown, inputInvalid, isUnforeseen, problemOf } from './problem.ts';
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
  readonly callerOf: (incoming: IncomingMessage) => Caller;
  /** Host that users reach the server by, when it is not what requests name. */
  readonly publicHost: string | null;
  /** Checks answers against their schema: for tests and development. */
  readonly validateResponses: boolean;
  /** Why nothing can be served yet; null when ready. */
  readonly notReady: () => string | null;
  readonly newRequestId: () => string;
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of a request that reached an operation: why it was not carried out. */
  readonly onRefused?: ((endpoint: Endpoint, asked: Asked, error: unknown) => void) | undefined;
}

const API_PATH = '/api/v1';
/** Path and query of a read that means what it says: no letters to decode in the path, none to be rewritten in the query. */
const PLAIN_READ = /^(\/api\/v1\/[\w/-]+)(?:\?([\w.~%+:,=&*/-]*))?$/;
/** A host that needs no parsing to be known as one; of others, as of addresses in brackets, the other way knows. */
const PLAIN_HOST = /^[\w.-]+(?::(?:\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}))?$/;
/** What is counted where the caller went before the answer; nobody hears it. */
const CLIENT_GONE = 499;

/** Anybody who has not signed in, at open endpoints. */
const NOBODY: Actor = { name: 'anonymous', userId: null, role: 'viewer' };

type AnyHandler = (
  input: { params: unknown; query: unknown; body: unknown },
  context: RequestContext,
  door: SessionDoor & AnswerDoor,
) => Promise<unknown>;

export interface Api {
  /** Answers everything below /api. */
  readonly app: Hono;
  readonly routes: SessionRoutes;
  readonly identify: Identify;
  /**
   * Answers a read whose address needs no decoding straight on Node's objects, which costs a third of the way through requests and
   * responses of the web; false: it is for `app`, which answers it alike.
   */
  serve(incoming: IncomingMessage, outgoing: ServerResponse): boolean;
}

export function createApi(deps: ApiDeps): Api {
  const app = new Hono().basePath(API_PATH);
  const identify = createIdentify(deps);
  const counters = new RequestCounters(deps.metrics);
  const known: { path: RegExp; method: string }[] = [];
  const reads = new PathTable<(asked: Asked) => Promise<Answered | Response>>();
  const send = (asked: Asked, outgoing: ServerResponse, answered: Answered) =>
    sendAnswered(outgoing, answered, { headers: deps.headers, takesGzip: takesGzip(asked) });

  const mount = (endpoint: Endpoint, handler: AnyHandler) => {
    const before = known.find(({ path, method }) => method === endpoint.method && path.test(endpoint.path));
    invariant(!before, `${endpoint.id} is hidden by an operation that was added before it`);
    known.push({ path: pathPattern(endpoint.path), method: endpoint.method });
    const respond = async (asked: Asked) => {
      const startedMs = deps.clock.monotonicMs();
      const answered = await answer(asked, endpoint, handler, deps, identify).catch((error: unknown) => {
        deps.onRefused?.(endpoint, asked, error);
        return asked.signal.aborted ? callerGone(asked, error, deps) : refusal(asked, error, deps);
      });
      counters.count(endpoint, answered.status, deps.clock.monotonicMs() - startedMs);
      return answered;
    };
    if (endpoint.method === 'GET') reads.add(API_PATH + endpoint.path, respond);
    app.on(endpoint.method, endpoint.path, async (c) => {
      const asked = askedOf(c, deps.caller(c));
      const answered = await respond(asked);
      if (answered instanceof Response) return answered;
      if (asked.outgoing === undefined) return answeredAs(answered);
      await send(asked, asked.outgoing, answered);
      return sentAlready();
    });
  };

  const serve = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const [, path = '', query = ''] = PLAIN_READ.exec(incoming.url ?? '') ?? [];
    if (incoming.method !== 'GET' || path === '' || !isPlainHead(incoming)) return false;
    const found = reads.find(path);
    if (found === undefined) return false;
    const asked = askedPlainly(incoming, outgoing, {
      path,
      query,
      params: found.params,
      caller: deps.callerOf(incoming),
    });
    found
      .at(asked)
      .then((answered) => (answered instanceof Response ? undefined : send(asked, outgoing, answered)))
      .catch((error: unknown) => {
        deps.log('error', 'an answer could not be sent', { path, error: messageOf(error) });
        outgoing.destroy();
      });
    return true;
  };

  app.notFound((c) => {
    const path = c.req.path.slice(API_PATH.length);
    const allowed = known.filter((entry) => entry.path.test(path)).map((entry) => entry.method);
    if (allowed.length === 0) {
      return refuse(c, addressUnknown(c.req.path), deps);
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
  return { app, routes: { add, addBytes: add, addWithSession: add }, identify, serve };
}

export type Identify = (header: (name: string) => string | undefined) => Promise<Identity | null>;

/** Of several tokens Node keeps the first alone, and it takes any text for a host. */
function isPlainHead({ headers, rawHeaders }: IncomingMessage): boolean {
  if (!PLAIN_HOST.test(headers.host ?? '')) return false;
  if (headers.authorization === undefined) return true;
  let tokens = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() === 'authorization') tokens += 1;
  return tokens === 1;
}

/** An Authorization header that is not good is not made up for by a cookie. */
function createIdentify(deps: Pick<ApiDeps, 'access' | 'clock'>): Identify {
  return (header) =>
    deps.access.identify(
      { bearer: bearerOf(header('authorization')), session: sessionTokenOf(header('cookie')) },
      deps.clock.now(),
    );
}

async function answer(
  asked: Asked,
  endpoint: Endpoint,
  handler: AnyHandler,
  deps: ApiDeps,
  identify: Identify,
): Promise<Answered | Response> {
  const notReady = deps.notReady();
  if (notReady !== null) throw new AppError('server-starting', notReady);
  const { caller } = asked;
  refuseOtherSites(endpoint, asked.header, caller, deps.publicHost);
  const identity = await identify(asked.header);
  const actor = allowedActor(endpoint, identity);
  const input = {
    params: endpoint.path.includes('/:') ? parse('params', endpoint.params, asked.params) : {},
    query: parse('query', endpoint.query, queryOf(asked, endpoint)),
    body: endpoint.method === 'GET' ? {} : await bodyOf(endpoint, asked.request()),
  };
  const kept: Record<string, unknown> = {};
  const context: RequestContext = {
    actor,
    nowMs: deps.clock.now(),
    address: caller.address,
    get signal() {
      return asked.signal;
    },
    keep: (facts) => void Object.assign(kept, facts),
  };
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  const result = await handler(input, context, {
    ...sessionDoor(asked, identity, headers),
    accepts: (mediaType) => asked.header('accept')?.includes(mediaType) ?? false,
  });
  if (result instanceof ByteAnswer) return answerBytes(asked, endpoint, result, deps);
  if (deps.validateResponses) refuseWrongResponse(endpoint, result);
  await audit(endpoint, actor, { ...input, kept }, result, deps.record);
  if (endpoint.status === 204) return { status: 204, headers, body: null };
  headers['content-type'] = 'application/json';
  return { status: endpoint.status, headers, body: JSON.stringify(result) };
}

async function bodyOf(endpoint: Endpoint, request: Request): Promise<unknown> {
  if (endpoint.binaryBody === undefined)
    return parse('body', endpoint.body, await readJson(request, endpoint.bodyBytesMax));
  const bytes = await readBytes(request, endpoint.bodyBytesMax);
  return { bytes, header: (name: string) => request.headers.get(name) ?? '' } satisfies BinaryBody;
}

/** Of what stands several times the first counts, except where a list is taken. */
function queryOf(asked: Asked, { repeated = [] }: Endpoint): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = asked.query();
  for (const name of repeated) if (name in query) query[name] = asked.queries(name);
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

function sessionDoor(asked: Asked, identity: Identity | null, headers: Record<string, string>): SessionDoor {
  const set = (token: string, ageMsMax: number) =>
    void (headers['set-cookie'] = sessionCookie(token, ageMsMax, asked.caller.secure));
  return { identity, userAgent: asked.header('user-agent') ?? '', start: set, end: () => set('', 0) };
}

async function answerBytes(
  asked: Asked,
  endpoint: Endpoint,
  answered: ByteAnswer,
  deps: ApiDeps,
): Promise<Response> {
  invariant(endpoint.status === 200 && !endpoint.audited, 'only what is read is answered in bytes');
  const { outgoing } = asked;
  const response = await sendBytes(answered, {
    outgoing,
    headers: { ...deps.headers, 'cache-control': 'no-store' },
    // On this machine bytes cost less than compressing them.
    takesGzip: !asked.caller.isLocal && takesGzip(asked),
    failed: (error) => {
      if (asked.signal.aborted) return;
      deps.log('error', 'an answer was cut short', { path: asked.path, error: messageOf(error) });
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
  { params, body, kept }: { params: unknown; body: unknown; kept: Record<string, unknown> },
  result: unknown,
  record: RecordAudit,
): Promise<void> {
  if (!endpoint.audited || endpoint.right === 'open') return;
  const subject = idOf(params) ?? idOf(result) ?? endpoint.tag;
  const said = { ...besideId(params), ...(body as object | undefined), ...kept };
  const detail = redact(said) as Record<string, unknown>;
  const called = calledIn(result, subject, detail);
  await record({
    actor: actor.name,
    action: endpoint.id,
    subject,
    detail: called === null ? detail : { ...detail, called },
  });
}

/** What people call the subject now, such as `INC-0001`; null: its id or what was sent says it already. */
function calledIn(result: unknown, subject: string, detail: Record<string, unknown>): string | null {
  if (typeof result !== 'object' || result === null || idOf(result) !== subject) return null;
  const { ref, name, ciName } = result as Readonly<Record<string, unknown>>;
  const called = [ref, name, ciName].find((one) => typeof one === 'string');
  return typeof called === 'string' && called !== subject && called !== detail['name'] ? called : null;
}

/** What the address names that is not the subject, such as the version that is restored. */
function besideId(params: unknown): Record<string, unknown> {
  const { id: _, ...rest } = (params ?? {}) as Record<string, unknown>;
  return rest;
}

function idOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  return typeof value.id === 'string' ? value.id : null;
}

/** The one place where a failure becomes an answer. */
function refusal(
  { method, path }: Pick<Asked, 'method' | 'path'>,
  error: unknown,
  deps: Pick<ApiDeps, 'log' | 'newRequestId'>,
): Answered {
  const requestId = deps.newRequestId();
  const problem = problemOf(error, requestId);
  if (isUnforeseen(error)) {
    const stack = error instanceof Error ? error.stack : undefined;
    deps.log('error', 'a request failed', {
      request: requestId,
      method,
      path,
      error: messageOf(error),
      stack,
    });
  }
  const headers: Record<string, string> = {};
  if (problem.status === 401) headers['www-authenticate'] = 'Bearer';
  if (problem.retryAt !== undefined) headers['retry-after'] = new Date(problem.retryAt).toUTCString();
  headers['cache-control'] = 'no-store';
  headers['content-type'] = 'application/problem+json';
  return { status: problem.status, headers, body: JSON.stringify(problem) };
}

export function refuse(c: Context, error: unknown, deps: Pick<ApiDeps, 'log' | 'newRequestId'>): Response {
  const { status, headers, body } = refusal(c.req, error, deps);
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return c.body(body ?? '', status as 400);
}

/** Nobody hears the answer, so a failure that is not just the caller's going is told here or nowhere. */
function callerGone(asked: Asked, error: unknown, deps: Pick<ApiDeps, 'log'>): Answered {
  const isGoing = messageOf(error) === messageOf(asked.signal.reason);
  if (isUnforeseen(error) && !isGoing) {
    const what = { method: asked.method, path: asked.path, error: messageOf(error) };
    deps.log('error', 'a request failed after its caller had gone', what);
  }
  return { status: CLIENT_GONE, headers: {}, body: null };
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
