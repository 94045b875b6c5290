/** The real WebSocket behind the link: ws over TCP or TLS, with the pin of the server's certificate checked first. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request, type RequestOptions } from 'node:http';
import { connect, type createConnection, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, getCACertificates, type TLSSocket } from 'node:tls';
import { EXPORTER_BYTES, EXPORTER_LABEL } from '@muster/shared/wire/handshake.ts';
import { FRAME_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import { WebSocket } from 'ws';
import type { OpenSocket, SocketEvents } from './connection.ts';
import { LinkError } from './handshake.ts';
import { type FaultWords, faultWords } from './network-fault.ts';
import { type Proxy, proxyWords } from './proxy.ts';
import { serverLookup } from './server-lookup.ts';

/** `direct`: TLS ends at the server itself; `proxy`: something in between ends it; `none`: plain text. */
export type TlsMode = 'direct' | 'proxy' | 'none';

export interface SocketOptions {
  /** ws: or wss:, with the path. */
  readonly url: string;
  readonly tls: TlsMode;
  /** SHA-256 of the certificate's SubjectPublicKeyInfo, base64 (as in HPKP and curl); null: normal validation. */
  readonly tlsPin: string | null;
  /** File of certificates (PEM) trusted besides those of the machine; read with each connection. */
  readonly ca: string | null;
  /** null: directly. */
  readonly proxy: Proxy | null;
  readonly userAgent: string;
}

/** Codes of Node and OpenSSL that say "the certificate is not trusted". */
const UNTRUSTED_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;
/** From the connection to the proxy to its answer; below the patience for the whole connection. */
const TUNNEL_MS_MAX = 15_000;
/** Characters of what it says beside the status. */
const PROXY_REASON_LENGTH_MAX = 80;
/** RFC 9110, section 15.6: the proxy lets us through, and did not reach the server itself. */
const WAY_ON_BROKEN: ReadonlySet<number> = new Set([502, 503, 504]);
const WAY_ON_HINT =
  'The proxy runs and answers, and does not reach the server itself: does it know the name of the server and a way to it, and does the server run?';
/** Longest Retry-After that is honoured, in seconds. */
const RETRY_AFTER_S_MAX = 3_600;

export function webSocketOpener(options: SocketOptions): OpenSocket {
  return (events) => {
    let tls: TLSSocket | null = null;
    const socket = new WebSocket(options.url, {
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
      followRedirects: false,
      headers: { 'user-agent': options.userAgent },
      // Node's own form for a socket that comes later (http.request, createConnection), which the types of ws do not know.
      createConnection: lineOpener(options, (secured) => {
        tls = secured;
      }) as unknown as typeof createConnection,
    });
    listen(socket, events);
    return {
      send: (data) => socket.send(data),
      close: (code, reason) => socket.close(code, reason.slice(0, 100)),
      get bufferedBytes() {
        return socket.bufferedAmount;
      },
      exporter: () =>
        options.tls === 'direct' && tls
          ? tls.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
          : null,
    };
  };
}

function listen(socket: WebSocket, events: SocketEvents): void {
  let fault: LinkError | null = null;
  socket.on('open', () => events.opened());
  // Of the three forms of `data` only Buffer comes with the default binaryType.
  socket.on('message', (data, isBinary) =>
    isBinary ? events.binary() : events.text((data as Buffer).toString('utf8')),
  );
  socket.on('ping', () => events.pinged());
  socket.on('unexpected-response', (_, response) => {
    const retryAfterS = Math.min(RETRY_AFTER_S_MAX, Number(response.headers['retry-after'] ?? 0) || 0);
    fault = new LinkError(
      'unreachable',
      `HTTP status ${response.statusCode} where a WebSocket was expected`,
      {
        retryAfterMs: retryAfterS * 1_000,
      },
    );
    response.resume();
    // With a listener ws leaves the ending to it.
    socket.terminate();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    fault ??= faultOf(error);
  });
  socket.on('close', (code, reason) => {
    // After an orderly close the error of a broken pipe says less than the code.
    events.closed(code, String(reason), code === 1006 ? fault : null);
  });
}

type Way = Pick<SocketOptions, 'tls' | 'tlsPin' | 'ca' | 'proxy'>;

/** How downloads over HTTP(S) open their sockets: the same way as the agent's own connection, with the same trust. */
export function downloadSockets(way: Way): NonNullable<RequestOptions['createConnection']> {
  const open = lineOpener(way, () => undefined);
  return (to, done) => {
    // Comes with `done`, or never; a type of Node's without the failing form.
    open({ host: to.host ?? 'localhost', port: Number(to.port) }, done as Parameters<typeof open>[1]);
    return undefined;
  };
}

function lineOpener(way: Way, onSecured: (socket: TLSSocket) => void) {
  return (to: TcpNetConnectOpts, done: (error: Error | null, socket?: Socket) => void): void => {
    const secured = (through: Socket | null): Socket => {
      if (way.tls === 'none') return through ?? connectPlain(to);
      const socket = openTls(to, way, through);
      onSecured(socket);
      return socket;
    };
    const finish = (through: Socket | null) => {
      try {
        done(null, secured(through));
      } catch (error) {
        done(error as Error);
      }
    };
    if (way.proxy === null) return finish(null);
    openTunnel(way.proxy, to, (error, through) => (through ? finish(through) : done(error)));
  };
}

function connectPlain(to: TcpNetConnectOpts): Socket {
  return connect({ ...to, lookup: serverLookup }).setNoDelay(true);
}

/** A line through the proxy, on which both ends speak as if there were none. */
export function openTunnel(
  proxy: Proxy,
  to: { readonly host?: string | undefined; readonly port: number },
  done: (error: LinkError | null, socket: Socket | null) => void,
): void {
  const host = to.host ?? 'localhost';
  const target = `${host.includes(':') ? `[${host}]` : host}:${to.port}`;
  const asked = request({
    host: proxy.host,
    port: proxy.port,
    method: 'CONNECT',
    path: target,
    agent: false,
    timeout: TUNNEL_MS_MAX,
    lookup: serverLookup,
    headers: {
      host: target,
      ...(proxy.authorization === null ? {} : { 'proxy-authorization': proxy.authorization }),
    },
  });
  asked.once('connect', (response, socket, rest) => {
    socket.setTimeout(0);
    const status = response.statusCode ?? 0;
    if (status === 200) {
      if (rest.length > 0) socket.unshift(rest);
      return done(null, socket);
    }
    socket.destroy();
    done(tunnelRefused(proxy, target, response), null);
  });
  asked.once('timeout', () => asked.destroy(new Error(`no answer within ${TUNNEL_MS_MAX / 1000} s`)));
  asked.once('error', (cause) =>
    done(
      new LinkError('proxy-unreachable', `the proxy ${proxyWords(proxy)}: ${wordsOf(cause).seen}`, { cause }),
      null,
    ),
  );
  asked.end();
}

function tunnelRefused(proxy: Proxy, target: string, response: IncomingMessage): LinkError {
  const words = proxyWords(proxy);
  const status = response.statusCode ?? 0;
  const schemes = String(response.headers['proxy-authenticate'] ?? '');
  if (status !== 407) {
    // What a proxy writes there is for people, and goes to a log as it came.
    const reason = (response.statusMessage ?? '').replace(/[^ -~]+/g, ' ').slice(0, PROXY_REASON_LENGTH_MAX);
    return new LinkError(
      'proxy-refused',
      `the proxy ${words} answered ${`${status} ${reason}`.trim()} to CONNECT ${target}`,
      WAY_ON_BROKEN.has(status) ? { hint: WAY_ON_HINT } : {},
    );
  }
  if (/\bbasic\b/i.test(schemes)) {
    const what = proxy.authorization === null ? 'wants user and password' : 'does not take user and password';
    return new LinkError('proxy-credentials', `the proxy ${words} ${what} (407)`);
  }
  const names = schemes
    .split(',')
    .map((scheme) => scheme.trim().split(' ')[0])
    .join(', ');
  return new LinkError('proxy-scheme', `the proxy ${words} wants ${names || 'an unnamed scheme'} (407)`);
}

/**
 * Whose certificates count where none is pinned: Node's own list, the machine's, and one's own. The service starts Node with
 * `--use-openssl-ca`, so that none of them is in memory before it is asked for here. Most lists have much in common.
 * @throws LinkError when the file of one's own cannot be read
 */
export function authorities(ca: string | null): string[] {
  const known = (['bundled', 'system', 'extra'] as const).flatMap((list) => getCACertificates(list));
  return [...new Set(known), ...(ca === null ? [] : [readAuthority(ca)])];
}

function readAuthority(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LinkError('ca-unreadable', cause instanceof Error ? cause.message : String(cause), { cause });
  }
  // OpenSSL takes text without a certificate for an empty list, and says nothing.
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new LinkError('ca-unreadable', `${path} holds no certificate in PEM`);
  return text;
}

/** TLS 1.3: only there the exporter needs no extension to bind the whole handshake (RFC 9266, section 4). */
function openTls(to: TcpNetConnectOpts, options: Way, through: Socket | null): TLSSocket {
  const host = to.host ?? 'localhost';
  const pin = options.tlsPin;
  const socket = connectTls({
    host,
    port: to.port,
    lookup: serverLookup,
    ...(through ? { socket: through } : {}),
    minVersion: options.tls === 'direct' ? 'TLSv1.3' : 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // A pinned key says more than any name or authority; without one the authorities of this machine decide.
    rejectUnauthorized: pin === null,
    ca: pin === null ? authorities(options.ca) : [],
  });
  socket.setNoDelay(true);
  if (pin === null) return socket;
  socket.once('secureConnect', () => {
    const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
    const shown = key ? createHash('sha256').update(key).digest('base64') : 'none';
    if (shown !== pin)
      socket.destroy(
        new LinkError(
          'tls-key-mismatch',
          `the certificate's key is sha256//${shown}, pinned is sha256//${pin}`,
        ),
      );
  });
  return socket;
}

function faultOf(error: NodeJS.ErrnoException): LinkError {
  if (error instanceof LinkError) return error;
  const code = error.code ?? '';
  const { seen, fix } = wordsOf(error);
  if (UNTRUSTED_CERTIFICATE.test(code)) return new LinkError('tls-invalid', seen, { cause: error });
  if (code.startsWith('WS_ERR_')) return new LinkError('protocol', seen, { cause: error });
  return new LinkError('unreachable', seen, { cause: error, hint: fix });
}

function wordsOf(error: NodeJS.ErrnoException): FaultWords {
  // Several addresses were tried; the first says as much as all.
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  return faultWords({ code: error.code ?? '', detail: error.message });
}
