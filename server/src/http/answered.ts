/** Answers made as text: to a connection straight away, or as a Response where there is none. */
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { COMPRESSED_BYTES_MIN, GZIP_LEVEL } from './compress.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const compress = promisify(gzip);

/** Tells the listener that the answer has gone out already. */
export function sentAlready(): Response {
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
}

export function answeredAs({ status, headers, body }: Answered): Response {
  return new Response(body, { status, headers: { ...headers } });
}

/** Sends the answer with the headers of every answer; compressed where that is worth it and taken. */
export async function sendAnswered(
  outgoing: ServerResponse,
  { status, headers, body }: Answered,
  to: { readonly headers: Readonly<Record<string, string>>; readonly takesGzip: boolean },
): Promise<void> {
  if (outgoing.destroyed) return;
  const all: Record<string, string | number> = { ...to.headers, ...headers };
  if (body === null) {
    outgoing.writeHead(status, all).end();
    return;
  }
  all['vary'] = 'accept-encoding';
  const length = Buffer.byteLength(body);
  if (length < COMPRESSED_BYTES_MIN || !to.takesGzip) {
    all['content-length'] = length;
    // As one text with the headers it goes out in one piece.
    outgoing.writeHead(status, all).end(body);
    return;
  }
  const bytes = await compress(body, { level: GZIP_LEVEL });
  all['content-encoding'] = 'gzip';
  all['content-length'] = bytes.length;
  outgoing.writeHead(status, all).end(bytes);
}
