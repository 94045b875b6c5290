/**
 * One POST to an address that people configured. The address is judged when the connection is made, and exactly what was judged is
 * connected to: a name that resolves otherwise a moment later leads nowhere else. Redirects are not followed.
 */
import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { answerOf } from './channel.ts';
import { guardedLookup, refusalOfUrl, RefusedAddressError } from './target.ts';

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  readonly signal: AbortSignal;
  /** Instead of the system's; for tests. */
  readonly lookup?: LookupFunction;
}

export interface PostAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** The beginning of the body in one line; '' where it breaks off. */
  readonly text: string;
}

const AGENTS = {
  'http:': { request: httpRequest, agent: new HttpAgent({ keepAlive: true }) },
  'https:': { request: httpsRequest, agent: new HttpsAgent({ keepAlive: true }) },
} as const;

/** @throws RefusedAddressError, or what the connection failed with */
export async function post(address: string, options: PostOptions): Promise<PostAnswer> {
  const url = new URL(address);
  // What can be judged without a lookup; an address that is none of a name is never looked up.
  const refusal = refusalOfUrl(url);
  if (refusal !== null) throw new RefusedAddressError(refusal);
  try {
    return await postOnce(url, options);
  } catch (error) {
    // The other end closed a connection that was kept, in the moment in which it was used again.
    if (error instanceof StaleConnectionError) return postOnce(url, options);
    throw error;
  }
}

class StaleConnectionError extends Error {}

async function postOnce(url: URL, { headers, body, signal, lookup }: PostOptions): Promise<PostAnswer> {
  const { request, agent } = AGENTS[url.protocol === 'https:' ? 'https:' : 'http:'];
  const sent = request(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    agent,
    lookup: guardedLookup(lookup),
    signal,
  });
  const response = await answered(sent, body);
  // The status decides. A body that breaks off or hangs must not make it an error.
  const text = await answerOf(response).catch(() => '');
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

function answered(sent: ClientRequest, body: Uint8Array | string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(isStale ? new StaleConnectionError(error.message, { cause: error }) : error);
    });
    // Of an answer that changes the protocol nothing else is heard.
    sent.on('close', () => reject(new Error('other side closed without an answer')));
    sent.end(body);
  });
}
