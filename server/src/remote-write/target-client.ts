/** One request to a target, and what its answer means. */
import type { LookupFunction } from 'node:net';
import type { TargetFields } from '@muster/shared/api/remote-write.ts';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { errorLine } from '../notify/channel.ts';
import { post } from '../notify/post.ts';
import { RefusedAddressError } from '../notify/target.ts';
import { REQUEST_MS_MAX, RETRY_AFTER_MS_MAX } from './limits.ts';

/**
 * taken: it has it. refused: never this again, it is the data. misset: address, token or the like are at fault, so the data wait for a
 * person. later: again after a pause.
 */
export interface TargetAnswer {
  readonly outcome: 'taken' | 'refused' | 'misset' | 'later';
  /** In one line, as it came. */
  readonly answer: string;
  /** What the target asked for; null: it did not say. */
  readonly retryAfterMs: number | null;
}

export type PostToTarget = (
  target: Pick<TargetFields, 'url' | 'auth'>,
  body: Buffer,
  nowMs: Millis,
  signal: AbortSignal,
) => Promise<TargetAnswer>;

/** Never throws: whatever goes wrong is the answer. */
export const postToTarget: PostToTarget = async (target, body, nowMs, signal) =>
  postBy(undefined, target, body, nowMs, signal);

/** The same with another way of resolving names, for tests. */
export async function postBy(
  lookup: LookupFunction | undefined,
  ...[target, body, nowMs, signal]: Parameters<PostToTarget>
): Promise<TargetAnswer> {
  try {
    const { status, headers, text } = await post(target.url, {
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
        'user-agent': 'Muster',
        ...authorization(target.auth),
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS_MAX)]),
      ...(lookup ? { lookup } : {}),
    });
    return {
      outcome: outcomeOf(status),
      answer: `HTTP ${status}${text ? `: ${text}` : ''}`,
      retryAfterMs: retryAfterMs(headers['retry-after'] ?? null, nowMs),
    };
  } catch (error) {
    const outcome = error instanceof RefusedAddressError ? 'misset' : 'later';
    return { outcome, answer: errorLine(error), retryAfterMs: null };
  }
}

/** Of the refusals only those that speak of the data are final; one of the address or the token would lose what a person can still save. */
export function outcomeOf(status: number): TargetAnswer['outcome'] {
  if (status >= 200 && status < 300) return 'taken';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'later';
  return status === 400 || status === 409 || status === 413 || status === 422 ? 'refused' : 'misset';
}

/** Seconds or a date (RFC 9110, section 10.2.3), bounded; null: it says neither. */
export function retryAfterMs(header: string | null, nowMs: Millis): number | null {
  if (header === null) return null;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(0, waitMs), RETRY_AFTER_MS_MAX);
}

function authorization(auth: TargetFields['auth']): Record<string, string> {
  if (auth.kind === 'none') return {};
  if (auth.kind === 'bearer') return { authorization: `Bearer ${auth.token}` };
  const plain = Buffer.from(`${auth.user}:${auth.password}`).toString('base64');
  return { authorization: `Basic ${plain}` };
}
