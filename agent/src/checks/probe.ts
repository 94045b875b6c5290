/** One probe of one check: connects, asks, and says what came of it. Starts no process; ends with its signal at the latest. */
import { Resolver } from 'node:dns';
import { request, type IncomingMessage } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { Check } from '@muster/shared/checks/check.ts';
import type { Millis } from '@muster/shared/time.ts';
import { allowedWay, CheckRefusal, type Resolve } from './reach.ts';
import type { CheckReach } from './reach-names.ts';

export interface ProbeResult {
  /** null: as expected. */
  readonly why: string | null;
  /** Not even tried: this machine does not allow what it would reach. */
  readonly refused?: true;
  readonly httpStatus?: number;
  /** Of the certificate that was shown, trusted or not. */
  readonly certificateEndsAtMs?: Millis;
}

export interface ProbeOptions {
  readonly reach: CheckReach;
  readonly resolve: Resolve;
  readonly userAgent: string;
  /** Whose certificates count. */
  readonly trust: () => SecureContext;
}

/** So much of a body is looked through for a text. */
export const CHECK_BODY_BYTES_MAX = 256 << 10;
export const CHECK_REDIRECTS_MAX = 5;
const WHY_LENGTH_MAX = 200;

/** What an answer was beside being one; noted as soon as it is known. */
type Noted = { -readonly [Key in keyof Omit<ProbeResult, 'why' | 'refused'>]: ProbeResult[Key] };

/** Never rejects. When `signal` aborts, all that is open is closed and the result means nothing. */
export async function probe(check: Check, options: ProbeOptions, signal: AbortSignal): Promise<ProbeResult> {
  const seen: Noted = {};
  try {
    return { why: await answerOf(check, options, signal, seen), ...seen };
  } catch (error) {
    // Where a redirection leads was tried up to there.
    const refused = error instanceof CheckRefusal && seen.httpStatus === undefined;
    return { why: wordsOf(error).slice(0, WHY_LENGTH_MAX), ...(refused ? { refused } : {}), ...seen };
  }
}

function answerOf(
  check: Check,
  options: ProbeOptions,
  signal: AbortSignal,
  seen: Noted,
): Promise<string | null> {
  switch (check.kind) {
    case 'tcp':
      return tcp(check, options, signal);
    case 'tls':
      return tls(check, options, signal, seen);
    case 'http':
      return http(check, options, signal, seen);
    case 'dns':
      return dns(check, signal);
  }
}

async function tcp({ host, port }: Check & { kind: 'tcp' }, options: ProbeOptions, signal: AbortSignal) {
  const socket = await connected(connect({ port, ...allowedWay(host, options) }), 'connect', signal);
  socket.destroy();
  return null;
}

async function tls(check: Check & { kind: 'tls' }, options: ProbeOptions, signal: AbortSignal, seen: Noted) {
  const socket = await secured(check, options, signal, seen);
  socket.destroy();
  return trustProblem(socket, check.verify);
}

async function http(
  check: Check & { kind: 'http' },
  options: ProbeOptions,
  signal: AbortSignal,
  seen: Noted,
) {
  let url = new URL(check.url);
  for (let redirects = 0; ; redirects++) {
    const answer = await asked(url, check, options, signal, seen);
    if (typeof answer === 'string') return answer;
    const status = answer.statusCode ?? 0;
    seen.httpStatus = status;
    const next = check.followRedirects ? redirectOf(url, answer) : null;
    if (next === null) return contentProblem(check, status, answer);
    answer.destroy();
    if (redirects === CHECK_REDIRECTS_MAX) return `redirected more than ${CHECK_REDIRECTS_MAX} times`;
    url = next;
  }
}

/** The beginning of an answer, or why there is none. */
async function asked(
  url: URL,
  { verify }: Check & { kind: 'http' },
  options: ProbeOptions,
  signal: AbortSignal,
  seen: Noted,
): Promise<IncomingMessage | string> {
  const encrypted = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port) || (encrypted ? 443 : 80);
  let socket: Socket;
  if (encrypted) {
    const line = await secured({ host, port }, options, signal, seen);
    const problem = trustProblem(line, verify);
    // Nothing is asked of whom the check does not trust.
    if (problem !== null) {
      line.destroy();
      return problem;
    }
    socket = line;
  } else socket = await connected(connect({ port, ...allowedWay(host, options) }), 'connect', signal);
  return new Promise((resolve, reject) => {
    request({
      createConnection: () => socket,
      path: `${url.pathname}${url.search}`,
      setHost: false,
      headers: {
        host: url.host,
        'user-agent': options.userAgent,
        accept: '*/*',
        'accept-encoding': 'identity',
        connection: 'close',
      },
    })
      .once('response', resolve)
      .once('upgrade', (answer, line) => {
        line.destroy();
        resolve(answer);
      })
      .once('error', reject)
      .end();
  });
}

function redirectOf(from: URL, { statusCode = 0, headers: { location } }: IncomingMessage): URL | null {
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return null;
  const to = URL.parse(location, from);
  if (to === null || !/^https?:$/.test(to.protocol) || to.username !== '' || to.password !== '')
    throw new CheckRefusal('redirected to something that is no http or https address, or holds a password');
  return to;
}

async function contentProblem(
  { statusMin, statusMax, contains }: Check & { kind: 'http' },
  status: number,
  answer: IncomingMessage,
): Promise<string | null> {
  const isExpected = status >= statusMin && status <= statusMax;
  const holds = isExpected && contains !== null ? await holdsText(answer, contains) : true;
  answer.destroy();
  if (!isExpected) return `HTTP status ${status}, expected ${statusMin} to ${statusMax}`;
  return holds ? null : `the answer does not hold the text, in its first ${CHECK_BODY_BYTES_MAX / 1_024} KiB`;
}

async function holdsText(answer: IncomingMessage, text: string): Promise<boolean> {
  const wanted = Buffer.from(text);
  let readBytes = 0;
  // The text may lie across two pieces.
  let before = Buffer.alloc(0);
  for await (const piece of answer as AsyncIterable<Buffer>) {
    const left = CHECK_BODY_BYTES_MAX - readBytes;
    const all = Buffer.concat([before, piece.subarray(0, left)]);
    if (all.includes(wanted)) return true;
    readBytes += piece.length;
    if (readBytes >= CHECK_BODY_BYTES_MAX) return false;
    before = all.subarray(Math.max(0, all.length - wanted.length + 1));
  }
  return false;
}

/** A line with TLS whose certificate was noted, trusted or not. */
async function secured(
  { host, port }: { readonly host: string; readonly port: number },
  options: ProbeOptions,
  signal: AbortSignal,
  seen: Noted,
): Promise<TLSSocket> {
  const socket = connectTls({
    port,
    ...allowedWay(host, options),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    secureContext: options.trust(),
    // The end of a certificate is worth knowing of one that is not trusted, too.
    rejectUnauthorized: false,
  });
  await connected(socket, 'secureConnect', signal);
  const shown = socket.getPeerX509Certificate();
  if (shown) seen.certificateEndsAtMs = shown.validToDate.getTime();
  return socket;
}

function trustProblem(socket: TLSSocket, verify: boolean): string | null {
  if (!verify || socket.authorized) return null;
  const { authorizationError: error } = socket;
  return `the certificate is not trusted: ${error instanceof Error ? error.message : String(error)}`;
}

function connected<Line extends Socket>(
  socket: Line,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<Line> {
  const end = () => void socket.destroy();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve(socket));
    // Stays: a reset after the result must not end the agent.
    socket.on('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', end);
      reject(new Error('the connection was closed'));
    });
  });
}

/** By the machine's own resolvers. */
async function dns({ name, type, expected, timeoutMs }: Check & { kind: 'dns' }, signal: AbortSignal) {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  signal.addEventListener('abort', () => resolver.cancel(), { once: true });
  const answers = await new Promise<readonly unknown[]>((resolve, reject) => {
    resolver.resolve(name, type, (error, found) => {
      if (error) reject(error);
      else resolve(Array.isArray(found) ? found : [found]);
    });
  });
  return answerProblem(answers, expected);
}

/** The answers themselves, which may be of a network's inside, stay here. */
export function answerProblem(answers: readonly unknown[], expected: string | null): string | null {
  if (expected === null || answers.some((answer) => sameAnswer(answerText(answer), expected))) return null;
  return `${answers.length} ${answers.length === 1 ? 'answer' : 'answers'}, none of which is ${expected}`;
}

/** Addresses and names are texts, TXT records lists of texts, MX records name an exchange. */
function answerText(answer: unknown): string {
  if (Array.isArray(answer)) return answer.join('');
  if (typeof answer === 'object' && answer !== null && 'exchange' in answer) return String(answer.exchange);
  return String(answer);
}

function sameAnswer(text: string, expected: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');
  return plain(text) === plain(expected);
}

function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
