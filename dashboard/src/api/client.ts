/** Calls the HTTP API by the endpoint table: input and answer are typed, failures are one error class. */
import { Problem, type Endpoint } from '@muster/shared/api/endpoint.ts';
import type { z } from 'zod';

const API_ROOT = '/api/v1';

type Part<Key extends string, Input> =
  Record<never, never> extends Input ? { [K in Key]?: Input } : { [K in Key]: Input };

/** What an endpoint must be given: `params`, `query` and `body`, each optional where it may be empty. */
export type CallInput<E> =
  E extends Endpoint<infer P, infer Q, infer B, infer _R>
    ? Part<'params', z.input<P>> & Part<'query', z.input<Q>> & Part<'body', z.input<B>>
    : never;

export type CallOutput<E> = E extends Endpoint<infer _P, infer _Q, infer _B, infer R> ? z.output<R> : never;

/**
 * A call that did not succeed. `code` is the server's, or `unreachable` (no answer at all) or
 * `answer-invalid` (an answer of another form than the endpoint table says).
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  /** HTTP status; 0 where nothing answered. */
  readonly status: number;
  readonly hint: string;
  readonly issues: Problem['issues'];
  /** ISO time from which on it may be tried again. */
  readonly retryAt: Problem['retryAt'];

  constructor(input: {
    code: string;
    status: number;
    detail: string;
    hint?: string;
    issues?: Problem['issues'];
    retryAt?: Problem['retryAt'];
    cause?: unknown;
  }) {
    super(input.detail, { cause: input.cause });
    this.code = input.code;
    this.status = input.status;
    this.hint = input.hint ?? '';
    this.issues = input.issues;
    this.retryAt = input.retryAt;
  }
}

let onSignedOut: () => void = () => {};
/** Called when any call but the sign-in itself learns that the session is over. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

export async function call<E extends Endpoint>(
  endpoint: E,
  input: CallInput<E>,
  signal?: AbortSignal,
): Promise<CallOutput<E>> {
  const response = await answerTo(endpoint, input, 'application/json', signal);
  if (response.status === 204) return endpoint.response.parse({}) as CallOutput<E>;
  const answer = endpoint.response.safeParse(await response.json());
  if (!answer.success) {
    throw new ApiError({
      code: 'answer-invalid',
      status: response.status,
      detail: `${endpoint.id}: ${answer.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
    });
  }
  return answer.data as CallOutput<E>;
}

/** The same in another form that the endpoint names; the decoder throws where the bytes are not of it. */
export async function callBytes<E extends Endpoint, T>(
  endpoint: E,
  input: CallInput<E>,
  form: { readonly mediaType: string; readonly decoder: () => Promise<(bytes: Uint8Array) => T> },
  signal?: AbortSignal,
): Promise<T> {
  const asked = answerTo(endpoint, input, form.mediaType, signal);
  const [response, decode] = await Promise.all([asked, form.decoder()]);
  const bytes = await response.arrayBuffer().catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new ApiError({ code: 'unreachable', status: 0, detail: 'The answer broke off', cause });
  });
  try {
    return decode(new Uint8Array(bytes));
  } catch (cause) {
    const { status } = response;
    throw new ApiError({ code: 'answer-invalid', status, detail: `${endpoint.id}: ${String(cause)}`, cause });
  }
}

async function answerTo<E extends Endpoint>(
  endpoint: E,
  input: CallInput<E>,
  accept: string,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const parts: { params?: unknown; query?: unknown; body?: unknown } = input;
  const hasBody = endpoint.method !== 'GET' && endpoint.method !== 'DELETE';
  const response = await send(API_ROOT + fillPath(endpoint.path, parts.params) + queryString(parts.query), {
    method: endpoint.method,
    headers: hasBody ? { 'content-type': 'application/json', accept } : { accept },
    ...(hasBody ? { body: JSON.stringify(parts.body ?? {}) } : {}),
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) {
    const error = await problemOf(response);
    if (error.code === 'not-signed-in') onSignedOut();
    throw error;
  }
  return response;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, credentials: 'same-origin' });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError({ code: 'unreachable', status: 0, detail: 'The server does not answer', cause });
  }
}

/** `/cis/:id` with `{ id: 'a/b' }` → `/cis/a%2Fb`. */
export function fillPath(path: string, params: unknown): string {
  const values = (params ?? {}) as Record<string, string>;
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}

/** `{ q: 'a b', n: 3, tag: undefined, ci: ['x', 'y'] }` → `?q=a+b&n=3&ci=x&ci=y`; empty where nothing is set. */
export function queryString(query: unknown): string {
  const search = new URLSearchParams();
  type Value = string | number | boolean | null | undefined;
  const values = (query ?? {}) as Record<string, Value | readonly Value[]>;
  for (const [name, value] of Object.entries(values)) {
    for (const each of Array.isArray(value) ? (value as readonly Value[]) : [value as Value])
      if (each !== undefined && each !== null) search.append(name, String(each));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

async function problemOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined; // A proxy answers in HTML; its status is all there is to say.
  }
  const problem = Problem.safeParse(body);
  if (problem.success) {
    const { code, status, detail, hint, issues, retryAt } = problem.data;
    return new ApiError({ code, status, detail, hint, issues, retryAt });
  }
  const code = response.status >= 502 && response.status <= 504 ? 'unreachable' : 'answer-invalid';
  return new ApiError({ code, status: response.status, detail: `HTTP ${response.status}` });
}
