/** How a slice offers its endpoints without knowing the web framework: `addXRoutes(routes, deps)`. */
import type { Endpoint } from '@muster/shared/api/endpoint.ts';
import type { TokenRole } from '@muster/shared/api/rights.ts';
import type { Identity } from '../access/access.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { ByteAnswer } from './byte-answer.ts';

/** Who asks. `name` as in the audit log: 'user:anna', 'token:ci', 'system'. */
export interface Actor {
  readonly name: string;
  readonly userId: string | null;
  readonly role: TokenRole;
}

export interface RequestContext {
  readonly actor: Actor;
  readonly nowMs: Millis;
  /** Address of the caller as far as it can be trusted. */
  readonly address: string;
  /** Aborted when the caller has gone before the answer. */
  readonly signal: AbortSignal;
  /** Adds to the detail of the audit entry what the request does not say: few and short facts, because every entry is kept. */
  readonly keep: (facts: Readonly<Record<string, unknown>>) => void;
}

export type Handler<E> =
  E extends Endpoint<infer P, infer Q, infer B, infer R>
    ? (
        input: { params: z.output<P>; query: z.output<Q>; body: z.output<B> },
        context: RequestContext,
      ) => Promise<z.input<R>>
    : never;

/**
 * `add` checks right and input before the handler runs and the response (in tests) after it, and writes one audit
 * entry for each endpoint that writes and succeeds: action = endpoint id, subject = `:id` or the `id` of the response,
 * detail = body without secrets and what the handler adds by `keep`. Handlers throw AppError.
 */
export interface Routes {
  add<E extends Endpoint>(endpoint: E, handler: Handler<E>): void;
}

/** For large answers: the handler writes their bytes itself, as the schema of the endpoint says or in another form that it names. */
export interface ByteRoutes extends Routes {
  addBytes<E extends Endpoint>(endpoint: E, handler: ByteHandler<E>): void;
}

export type ByteHandler<E> =
  Handler<E> extends (input: infer I, context: RequestContext) => unknown
    ? (input: I, context: RequestContext, door: AnswerDoor) => Promise<ByteAnswer>
    : never;

export interface AnswerDoor {
  /** Whether the caller names this media type in its Accept header. */
  accepts(mediaType: string): boolean;
}

/** For the endpoints of signing in and out: who asks, and the session cookie of the answer. */
export interface SessionDoor {
  /** null: nobody (an open endpoint). */
  readonly identity: Identity | null;
  /** The User-Agent header, '' when there is none. */
  readonly userAgent: string;
  start(sessionToken: string, ageMsMax: Millis): void;
  end(): void;
}

export interface SessionRoutes extends ByteRoutes {
  addWithSession<E extends Endpoint>(endpoint: E, handler: SessionHandler<E>): void;
}

export type SessionHandler<E> =
  Handler<E> extends (input: infer I, context: RequestContext) => infer O
    ? (input: I, context: RequestContext, door: SessionDoor) => O
    : never;
