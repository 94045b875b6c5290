/** A small HTTP proxy for CONNECT, on loopback, that can be told to misbehave as proxies do. */
import { createServer, type IncomingMessage, request as ask } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, connect as connectTls } from 'node:tls';

export type ProxyBehaviour =
  | { readonly type: 'through' }
  /** Lets through whoever brings this header, and asks the others for it. */
  | { readonly type: 'basic'; readonly authorization: string }
  /** Asks for what the agent does not speak. */
  | { readonly type: 'asks'; readonly schemes: readonly string[] }
  | { readonly type: 'refuses'; readonly status: number }
  /** Takes the connection and ends it without an answer. */
  | { readonly type: 'cuts' }
  /** Lets through so many bytes towards the server, then cuts. */
  | { readonly type: 'cuts-after'; readonly bytes: number }
  /** Ends TLS with a certificate of its own and speaks to the server for the client. */
  | { readonly type: 'intercepts'; readonly cert: string | Buffer; readonly key: string | Buffer };

export interface FakeProxy {
  readonly port: number;
  /** `host:port` of each CONNECT and of each plain request. */
  readonly targets: readonly string[];
  close(): Promise<void>;
}

export async function listenFakeProxy(behaviour: ProxyBehaviour): Promise<FakeProxy> {
  const targets: string[] = [];
  const sockets = new Set<Duplex>();
  const keep = <One extends Duplex>(socket: One): One => {
    sockets.add(socket);
    // A line that breaks is what these proxies are for.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const interceptor =
    behaviour.type === 'intercepts'
      ? createTlsServer({ cert: behaviour.cert, key: behaviour.key }, (client) => {
          const [host, port] = targetOf(targets.at(-1) ?? '');
          const server = keep(connectTls({ host, port, rejectUnauthorized: false }));
          join(keep(client), server);
        })
      : null;
  interceptor?.on('tlsClientError', () => undefined);
  const proxy = createServer();
  proxy.on('connection', keep);
  // Plain addresses, which curl asks for in full.
  proxy.on('request', (request, response) => {
    targets.push(new URL(request.url ?? '').host);
    if (behaviour.type === 'basic' && request.headers['proxy-authorization'] !== behaviour.authorization)
      return response.writeHead(407, { 'proxy-authenticate': 'Basic realm="x"' }).end();
    const asked = ask(request.url ?? '', { method: request.method, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asked.on('error', () => response.writeHead(502).end());
    asked.end();
  });
  proxy.on('connect', (request: IncomingMessage, client: Socket) => {
    targets.push(request.url ?? '');
    const answer = (status: number, headers: readonly string[] = []) =>
      `HTTP/1.1 ${[`${status} x`, ...headers].join('\r\n')}\r\n\r\n`;
    if (behaviour.type === 'cuts') return client.destroy();
    if (behaviour.type === 'refuses') return client.end(answer(behaviour.status));
    if (behaviour.type === 'asks')
      return client.end(
        answer(
          407,
          behaviour.schemes.map((scheme) => `Proxy-Authenticate: ${scheme}`),
        ),
      );
    if (behaviour.type === 'basic' && request.headers['proxy-authorization'] !== behaviour.authorization)
      return client.end(answer(407, ['Proxy-Authenticate: Basic realm="x"']));
    if (interceptor) {
      client.write(answer(200));
      return interceptor.emit('connection', client);
    }
    const [host, port] = targetOf(request.url ?? '');
    const server = keep(connect(port, host, () => client.write(answer(200))));
    if (behaviour.type === 'cuts-after') {
      let left = behaviour.bytes;
      client.on('data', (piece: Buffer) => {
        left -= piece.length;
        if (left < 0) {
          client.destroy();
          server.destroy();
        }
      });
    }
    join(client, server);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    targets,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

function targetOf(target: string): [string, number] {
  const at = target.lastIndexOf(':');
  return [target.slice(0, at), Number(target.slice(at + 1))];
}

function join(one: Duplex, other: Duplex): void {
  one.pipe(other);
  other.pipe(one);
}
