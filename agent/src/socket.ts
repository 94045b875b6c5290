/** The real WebSocket behind the link: ws over TCP or TLS, with the pin of the server's certificate checked first. */
import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:http';
import { isIP, type NetConnectOpts, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, getCACertificates, type TLSSocket } from 'node:tls';
import { EXPORTER_BYTES, EXPORTER_LABEL } from '@muster/shared/wire/handshake.ts';
import { FRAME_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import { WebSocket } from 'ws';
import type { OpenSocket, SocketEvents } from './connection.ts';
import { LinkError } from './handshake.ts';

/** `direct`: TLS ends at the server itself; `proxy`: something in between ends it; `none`: plain text. */
export type TlsMode = 'direct' | 'proxy' | 'none';

export interface SocketOptions {
  /** ws: or wss:, with the path. */
  readonly url: string;
  readonly tls: TlsMode;
  /** SHA-256 of the certificate's SubjectPublicKeyInfo, base64 (as in HPKP and curl); null: normal validation. */
  readonly tlsPin: string | null;
  readonly userAgent: string;
}

/** Codes of Node and OpenSSL that say "the certificate is not trusted". */
const UNTRUSTED_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;
/** Longest Retry-After that is honoured, in seconds. */
const RETRY_AFTER_S_MAX = 3_600;
const HTTPS_PORT = 443;

export function webSocketOpener(options: SocketOptions): OpenSocket {
  return (events) => {
    let tls: TLSSocket | null = null;
    const socket = new WebSocket(options.url, {
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
      followRedirects: false,
      headers: { 'user-agent': options.userAgent },
      ...(options.tls === 'none'
        ? {}
        : {
            // ws always passes an options object; the other forms are of net.connect.
            createConnection: (to: NetConnectOpts | number | string) => {
              tls = openTls(to as TcpNetConnectOpts, options);
              return tls;
            },
          }),
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

/** How a download over HTTP(S) opens its sockets: with the same trust as the agent's own connection. undefined: plain TCP. */
export function downloadSockets(
  options: Pick<SocketOptions, 'tls' | 'tlsPin'>,
): RequestOptions['createConnection'] {
  if (options.tls === 'none') return undefined;
  return (to) => openTls({ host: to.host ?? 'localhost', port: Number(to.port ?? HTTPS_PORT) }, options);
}

/** TLS 1.3: only there the exporter needs no extension to bind the whole handshake (RFC 9266, section 4). */
function openTls(to: TcpNetConnectOpts, options: Pick<SocketOptions, 'tls' | 'tlsPin'>): TLSSocket {
  const host = to.host ?? 'localhost';
  const pin = options.tlsPin;
  const socket = connectTls({
    host,
    port: to.port,
    minVersion: options.tls === 'direct' ? 'TLSv1.3' : 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // A pinned key says more than any name or authority; without one the authorities of this machine decide.
    rejectUnauthorized: pin === null,
    ...(pin === null ? { ca: [...getCACertificates('default'), ...getCACertificates('system')] } : {}),
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
  const detail = error.message || code || 'the connection failed';
  if (UNTRUSTED_CERTIFICATE.test(code)) return new LinkError('tls-invalid', detail, { cause: error });
  if (code.startsWith('WS_ERR_')) return new LinkError('protocol', detail, { cause: error });
  return new LinkError('unreachable', detail, { cause: error });
}
