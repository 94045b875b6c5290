/**
 * One HTTP operation as data: the server mounts it, checks the right and the input by it, OpenAPI is
 * printed from it, and the dashboard calls by it.
 */
import { z } from 'zod';
import type { Right } from './rights.ts';

export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below /api/v1, with `:name` for parameters. */
  readonly path: `/${string}`;
  readonly right: Right;
  readonly tag: string;
  readonly summary: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly response: Response;
  /** Status of success. */
  readonly status: 200 | 201 | 202 | 204;
  /** False for one that is no GET and yet changes nothing that people keep: it leaves no entry in the audit log. */
  readonly audited: boolean;
  /** A larger body than usual, e.g. a file; undefined: the usual limit. */
  readonly bodyBytesMax?: number;
  /** Media type of a body that is no JSON: the handler gets its bytes (`BinaryBody`). */
  readonly binaryBody?: string;
  /** Parameters of the query that may stand several times; the schema gets a list of those. */
  readonly repeated?: readonly string[];
  /** What the answer may be beside JSON, by the media type to name in the Accept header, in words. */
  readonly otherForms?: Readonly<Record<string, string>>;
}

/** A body that is no JSON, as it came. A header is '' where it was not sent. */
export interface BinaryBody {
  readonly bytes: Uint8Array;
  readonly header: (name: string) => string;
}
export const BinaryBody = z.custom<BinaryBody>();

interface EndpointInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> {
  id: string;
  method: Endpoint['method'];
  path: `/${string}`;
  right: Right;
  tag: string;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  response?: R;
  status?: Endpoint['status'];
  audited?: false;
  bodyBytesMax?: number;
  binaryBody?: string;
  repeated?: readonly string[];
  otherForms?: Readonly<Record<string, string>>;
}

const NOTHING = z.object({});
type Nothing = typeof NOTHING;

export function endpoint<
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = Nothing,
  R extends z.ZodType = Nothing,
>(input: EndpointInput<P, Q, B, R>): Endpoint<P, Q, B, R> {
  return {
    status: 200,
    audited: input.method !== 'GET',
    ...input,
    params: (input.params ?? NOTHING) as P,
    query: (input.query ?? NOTHING) as Q,
    body: (input.body ?? NOTHING) as B,
    response: (input.response ?? NOTHING) as R,
  };
}

/** ISO 8601 UTC with milliseconds. */
export const IsoTime = z.iso.datetime({ precision: 3 });
/** A time as callers may send it: ISO 8601 with any precision and an offset or Z. */
export const IsoTimeInput = z.iso.datetime({ offset: true });

export const LIST_LIMIT_MAX = 500;
export const LIST_LIMIT_DEFAULT = 100;
/** Holds a cursor made of the longest names that there are. */
export const CURSOR_LENGTH_MAX = 4_096;
export const Cursor = z.string().max(CURSOR_LENGTH_MAX);
export const Page = z.object({
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
  cursor: Cursor.optional(),
});
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const IdParams = z.object({ id: z.string().min(1).max(64) });

/** RFC 9457 problem details; `code` is from the server's catalogue of errors, `hint` says what to do. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  hint: z.string(),
  /** For `input-invalid`: where and what. */
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** For `sign-in-locked`: from when on it may be tried again. */
  retryAt: IsoTime.optional(),
});
export type Problem = z.infer<typeof Problem>;
