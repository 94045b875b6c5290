/** A WebSocket reduced to what the server's ends of `/ws/agent` and `/ws/live` need; tests put their own in its place. */
import type { WebSocket } from 'ws';

export interface LinkSocket {
  send(data: string): void;
  /** Close frame; the other end has some seconds to answer it. */
  close(code: number, reason: string): void;
  ping(payload: Uint8Array): void;
  /** Cuts the line. */
  terminate(): void;
  /** Bytes handed over and not yet taken by the network. */
  readonly bufferedBytes: number;
}

/** What the owner of a socket is told. */
export interface SocketEvents {
  text(text: string): void;
  binary(bytes: Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** Exactly once, the last call. Code and reason are the other end's: 1006 and '' where it said nothing. */
  closed(code: number, reason: string): void;
}

/** Ties a `ws` socket to its owner. */
export function linkSocketOf(socket: WebSocket): LinkSocket {
  return {
    send: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
    ping: (payload) => socket.ping(payload),
    terminate: () => socket.terminate(),
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
  };
}

export function listen(socket: WebSocket, events: SocketEvents, onError: (error: Error) => void): void {
  socket.on('message', (data, isBinary) => {
    const bytes = bytesOf(data);
    if (isBinary) events.binary(bytes);
    // `ws` has checked that it is UTF-8, so the text stands for exactly these bytes.
    else events.text(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  });
  socket.on('pong', (payload) => events.pong(payload));
  socket.on('error', onError);
  socket.on('close', (code, reason) => events.closed(code, reason.toString('utf8')));
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
