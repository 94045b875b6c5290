/** One file from the server's `/install/`, into the agent's own folder: goes on where it was broken off, and believes nothing of what it gets. */
import { createWriteStream, existsSync, statSync } from 'node:fs';
import {
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Millis } from '@muster/shared/time.ts';
import type { Timer, Timers } from '../timers.ts';
import type { DownloadPace } from './download-pace.ts';

/** So long without a byte, and the line is taken for dead. */
export const IDLE_MS_MAX = 60_000;

/** Why a file did not come. `retry`: it may come later. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
  readonly retry: boolean;

  constructor(message: string, retry: boolean, options?: ErrorOptions) {
    super(message, options);
    this.retry = retry;
  }
}

export interface LoadFile {
  readonly url: URL;
  readonly to: string;
  /** What is longer is broken off. */
  readonly bytesMax: number;
  /** Bytes of the file that are there now. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
  /** How sockets are made, as for the agent's own connection; undefined: plain TCP. */
  readonly createConnection?: RequestOptions['createConnection'];
  readonly idleMs?: Millis;
  /** Shared by the files of a release. */
  readonly pace: DownloadPace;
  readonly timers: Timers;
  readonly elapsedMs: () => Millis;
}

/** Resolves when the server has sent all of it; whether it is what it should be, the caller says. @throws LoadError */
export async function loadFile(options: LoadFile): Promise<void> {
  const { url, to, bytesMax, onBytes, signal, pace, timers, elapsedMs } = options;
  const heldBytes = existsSync(to) ? Math.min(statSync(to).size, bytesMax) : 0;
  try {
    const response = await answer(options, heldBytes);
    const isRest = response.statusCode === 206 && startOf(response) === heldBytes;
    if (!isRest && response.statusCode !== 200) {
      response.destroy();
      // Nothing is left to send: the caller finds out whether what is there is right.
      if (response.statusCode === 416 && heldBytes > 0) return;
      throw refusal(url, response);
    }
    let bytes = isRest ? heldBytes : 0;
    let waiting: Timer | null = null;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        if (bytes > bytesMax)
          return done(new LoadError(`${url.pathname} is longer than it should be`, false));
        onBytes(bytes);
        // Meanwhile nothing is read, so that the server is not sent for more.
        waiting = timers.after(pace.take(chunk.length, elapsedMs()), () => done(null, chunk));
      },
      destroy(error, done) {
        waiting?.cancel();
        done(error);
      },
    });
    await pipeline(
      response,
      counted,
      createWriteStream(to, { flags: isRest ? 'a' : 'w', mode: 0o600, flush: true }),
      { signal },
    );
  } catch (error) {
    if (error instanceof LoadError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const words = error instanceof Error ? error.message : String(error);
    throw new LoadError(
      `${url.pathname} could not be loaded: ${words}${code === 'ENOSPC' ? '; the disk is full' : ''}`,
      true,
      {
        cause: error,
      },
    );
  }
}

function answer(
  { url, signal, createConnection, idleMs = IDLE_MS_MAX }: LoadFile,
  heldBytes: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isEncrypted = url.protocol === 'https:';
    const request: ClientRequest = (isEncrypted ? requestHttps : requestHttp)(url, {
      signal,
      headers: heldBytes > 0 ? { range: `bytes=${heldBytes}-` } : {},
      // With an agent Node would open the socket in its own way.
      ...(createConnection === undefined ? { agent: false } : { createConnection }),
    });
    let response: IncomingMessage | null = null;
    request.setTimeout(idleMs, () =>
      (response ?? request).destroy(new Error(`nothing came for ${Math.round(idleMs / 1_000)} s`)),
    );
    request.on('response', (begun) => {
      response = begun;
      resolve(begun);
    });
    request.on('error', reject);
    request.end();
  });
}

/** First byte of a part (RFC 9110, section 14.4); null: not said. */
function startOf(response: IncomingMessage): number | null {
  const [, start] = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '') ?? [];
  return start === undefined ? null : Number(start);
}

function refusal(url: URL, { statusCode = 0 }: IncomingMessage): LoadError {
  // A server or proxy in the middle of its own upgrade has no files for a moment.
  const retry = statusCode >= 400;
  return new LoadError(`the server answered ${statusCode} for ${url.pathname}`, retry);
}
