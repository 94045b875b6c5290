/** Answers that a handler makes as bytes: written to the connection as they are, whole or piece by piece. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import { sentAlready } from './answered.ts';
import { COMPRESSED_BYTES_MIN, GZIP_LEVEL } from './compress.ts';

export class ByteAnswer {
  readonly contentType: string;
  /** The next piece is asked for when the caller has taken those before it. */
  readonly pieces: AsyncIterator<Uint8Array, void>;

  constructor(contentType: string, pieces: AsyncIterator<Uint8Array, void>) {
    this.contentType = contentType;
    this.pieces = pieces;
  }
}

const compress = promisify(gzip);

/**
 * Sends the answer, straight through `outgoing` where there is one: a Response would carry the bytes through two more streams.
 * Rejects with what the pieces throw before the first of them is there; later the connection is cut, so that nobody takes a part
 * for the whole, and `failed` hears of it.
 */
export async function sendBytes(
  answer: ByteAnswer,
  to: {
    readonly outgoing: ServerResponse | undefined;
    readonly headers: Readonly<Record<string, string>>;
    readonly takesGzip: boolean;
    readonly failed: (error: unknown) => void;
  },
): Promise<Response> {
  const { pieces, contentType } = answer;
  const first = await pieces.next();
  const second = first.done ? first : await pieces.next();
  const isText = contentType.startsWith('application/json');
  const isWorth = !second.done || (first.value?.length ?? 0) >= COMPRESSED_BYTES_MIN;
  const isGzip = isText && isWorth && to.takesGzip && to.outgoing !== undefined;
  const headers: Record<string, string> = {
    ...to.headers,
    'content-type': contentType,
    vary: 'accept, accept-encoding',
    ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
  };
  if (second.done) {
    const plain = first.value ?? new Uint8Array();
    const bytes = isGzip ? await compress(plain, { level: GZIP_LEVEL }) : plain;
    headers['content-length'] = String(bytes.length);
    if (to.outgoing === undefined) return new Response(new Uint8Array(bytes), { headers });
    to.outgoing.writeHead(200, headers);
    to.outgoing.end(bytes);
    return sentAlready();
  }
  const all = Readable.from(joined([first.value as Uint8Array, second.value], pieces), { objectMode: false });
  if (to.outgoing === undefined) return new Response(Readable.toWeb(all) as ReadableStream, { headers });
  to.outgoing.writeHead(200, headers);
  const sent = isGzip
    ? pipeline(all, createGzip({ level: GZIP_LEVEL }), to.outgoing)
    : pipeline(all, to.outgoing);
  await sent.catch(to.failed);
  return sentAlready();
}

async function* joined(
  before: readonly Uint8Array[],
  pieces: AsyncIterator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* before;
    for (;;) {
      const next = await pieces.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await pieces.return?.();
  }
}
