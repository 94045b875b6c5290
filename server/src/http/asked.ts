/** One request as the API sees it, whichever way it came. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import { getQueryParam, getQueryParams } from 'hono/utils/url';
import type { Caller } from './caller.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly caller: Caller;
  /** What stands in the path for its `:name`s, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Node's answer; undefined in tests that ask without a connection. */
  readonly outgoing: ServerResponse | undefined;
  /** Aborted when the caller has gone before the answer; made when somebody asks for it. */
  readonly signal: AbortSignal;
  /** `name` in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Decoded; of what stands several times the first. */
  query(): Record<string, string>;
  queries(name: string): string[];
  /** With the body. */
  request(): Request;
}

export function askedOf(c: Context, caller: Caller): Asked {
  const { outgoing } = c.env as { outgoing?: ServerResponse };
  return {
    method: c.req.method,
    path: c.req.path,
    caller,
    params: c.req.param(),
    outgoing,
    get signal() {
      return c.req.raw.signal;
    },
    header: (name) => c.req.header(name),
    query: () => c.req.query(),
    queries: (name) => c.req.queries(name) ?? [],
    request: () => c.req.raw,
  };
}

/** A read straight from Node. @param parts path and query as they stand in its address, without anything to decode in the path */
export function askedPlainly(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  parts: {
    readonly path: string;
    readonly query: string;
    readonly params: Readonly<Record<string, string>>;
    readonly caller: Caller;
  },
): Asked {
  const { path, query, params, caller } = parts;
  let gone: AbortController | null = null;
  return {
    method: 'GET',
    path,
    caller,
    params,
    outgoing,
    get signal() {
      gone ??= goneWith(outgoing);
      return gone.signal;
    },
    header: (name) => headerOf(incoming, name),
    query: () => (query === '' ? {} : (getQueryParam(asAddress(query)) as Record<string, string>)),
    queries: (name) => (getQueryParams(asAddress(query), name) as string[] | undefined) ?? [],
    request: () => {
      throw new Error('a read has no body');
    },
  };
}

/** Whether the answer may be compressed. */
export function takesGzip({ header }: Pick<Asked, 'header'>): boolean {
  return /\bgzip\b/.test(header('accept-encoding') ?? '');
}

/** Of what came several times all, except where Node keeps the first alone. */
export function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** The readers of queries take whole addresses. */
function asAddress(query: string): string {
  return `http://muster/?${query}`;
}

function goneWith(outgoing: ServerResponse): AbortController {
  const gone = new AbortController();
  const abort = () => {
    if (!outgoing.writableFinished) gone.abort('The caller has gone.');
  };
  if (outgoing.closed || outgoing.destroyed) abort();
  else outgoing.once('close', abort);
  return gone;
}
