/** Node's server for the web side and the WebSockets, on one port. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { roleHas } from '@muster/shared/api/rights.ts';
import { FRAME_BYTES_MAX, NONCE_BYTES } from '@muster/shared/wire/limits.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { getRequestListener } from '@hono/node-server';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Log, messageOf } from '../log.ts';
import { isSameOrigin } from './caller.ts';
import type { Actor } from './routes.ts';
import type { Web } from './web.ts';

/** Open connections of browsers and agents get this long to end by themselves when the server stops. */
const DRAIN_MS = 2 * SECOND_MS;
/** A client must have sent its request within this time. */
const REQUEST_MS_MAX = 30 * SECOND_MS;
/** Connections that the kernel holds until they are taken: all agents of a site come back together. It may have a lower limit (net.core.somaxconn). */
const BACKLOG = 16_384;
/** Close code "going away" (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;

export interface SocketCaller {
  readonly address: string;
  /** Keying material exported for channel binding (RFC 9266); null in plain text or behind a proxy. */
  readonly tlsExporter: Uint8Array | null;
  /** What the WebSocket runs over. */
  readonly line: Duplex;
  /** Who signed in; null on /ws/agent, where the handshake inside tells. */
  readonly actor: Actor | null;
  /** Asks again who it is, so that a session that ended ends its live view; null: nobody any more. */
  identifyAgain(): Promise<Actor | null>;
}
export type SocketHandler = (socket: WebSocket, caller: SocketCaller) => void;

export interface Listener {
  readonly port: number;
  /** Stops accepting, tells open sockets, and cuts what is left after some seconds. */
  close(): Promise<void>;
}

export async function listen(options: {
  web: Web;
  host: string;
  port: number;
  tls: { cert: string; key: string } | null;
  /** Behind a proxy the TLS session is the proxy's, so it proves nothing about the agent. */
  proxies: number;
  publicHost: string | null;
  sockets: { agent: SocketHandler; live: SocketHandler };
  log: Log;
}): Promise<Listener> {
  const { web, host, port, tls, log } = options;
  const onRequest = getRequestListener(
    (request, env) => web.fetch(request, env as { incoming: IncomingMessage }),
    {
      overrideGlobalObjects: false,
    },
  );
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (!web.serve(incoming, outgoing)) void onRequest(incoming, outgoing);
  };
  const server =
    tls === null ? createServer(handle) : createTlsServer({ ...tls, minVersion: 'TLSv1.2' }, handle);
  server.requestTimeout = REQUEST_MS_MAX;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const onBroken = (error: Error) =>
      log('info', 'a connection broke before its upgrade', { error: error.message });
    socket.on('error', onBroken);
    const handed = () => socket.off('error', onBroken);
    upgrade({ request, socket, head, sockets, handed, options }).catch((error: unknown) => {
      log('error', 'an upgrade failed', { error: messageOf(error) });
      reject(socket, 500);
    });
  });
  await new Promise<void>((resolve, refuse) => {
    server.once('error', refuse);
    server.listen({ port, host, backlog: BACKLOG }, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => closeAll(server, sockets),
  };
}

/** Listens there for a moment. @throws NodeJS.ErrnoException where the address or the port cannot be had */
export async function tryAddress(host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, refuse) => {
    server.once('error', refuse);
    server.listen({ port, host }, () => server.close(() => resolve()));
  });
}

async function upgrade(parts: {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  sockets: WebSocketServer;
  /** From here on the WebSocket looks after the connection. */
  handed: () => void;
  options: Parameters<typeof listen>[0];
}): Promise<void> {
  const { request, socket, head, sockets, handed, options } = parts;
  const { web, publicHost } = options;
  const path = (request.url ?? '').split('?', 1)[0];
  const caller = web.callerOf(request);
  const header = (name: string) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const identify = async () => (await web.identify(header))?.actor ?? null;
  const base = { address: caller.address, line: socket, identifyAgain: identify };
  const accept = (handler: SocketHandler, actor: Actor | null) => {
    const tlsExporter = options.proxies === 0 ? exportedKey(request) : null;
    sockets.handleUpgrade(request, socket, head, (ws) => {
      handed();
      handler(ws, { ...base, tlsExporter, actor });
    });
  };
  if (path === '/ws/agent') return accept(options.sockets.agent, null);
  if (path !== '/ws/live') return reject(socket, 404);
  if (header('authorization') === undefined && !isSameOrigin(header, caller, publicHost))
    return reject(socket, 403);
  const actor = await identify();
  if (actor === null) return reject(socket, 401);
  if (!roleHas(actor.role, 'read')) return reject(socket, 403);
  accept(options.sockets.live, actor);
}

const REASONS = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
} as const;

function reject(socket: Duplex, status: keyof typeof REASONS): void {
  if (socket.writable) {
    socket.end(`HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  } else socket.destroy();
}

/** RFC 9266: label EXPORTER-Channel-Binding, empty context, 32 bytes. */
function exportedKey(request: IncomingMessage): Uint8Array | null {
  const socket = request.socket as Partial<TLSSocket>;
  if (socket.encrypted !== true || socket.exportKeyingMaterial === undefined) return null;
  return socket.exportKeyingMaterial(NONCE_BYTES, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
}

async function closeAll(server: Server, sockets: WebSocketServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets.clients) socket.close(GOING_AWAY, 'the server stops');
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
  }, DRAIN_MS);
  await closed;
  clearTimeout(cut);
}
