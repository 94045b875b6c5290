/** A WebSocket reduced to what the server's ends of `/ws/agent` and `/ws/live` need; tests put their own in its place. */
import type { Duplex } from 'node:stream';
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

/** Longest text whose length fits into two bytes of a frame's head (RFC 6455, 5.2). */
const SHORT_TEXT_BYTES_MAX = 65_535;
const ONE_BYTE_LENGTH_MAX = 125;
const FINAL_TEXT = 0x81;
const TWO_BYTE_LENGTH = 126;

/**
 * Ties a `ws` socket to its owner. `line`: the connection below it, where it is at hand: a text then goes out as one
 * piece, head and all, which takes one call of the system and no queue in between. Nothing of ours is compressed or sent
 * in fragments, so what `ws` itself writes keeps its place in the order.
 */
export function linkSocketOf(socket: WebSocket, line: Duplex | null = null): LinkSocket {
  return {
    send: (data) => {
      const frame = line !== null && socket.readyState === socket.OPEN ? textFrame(data) : null;
      if (frame === null) socket.send(data);
      else line?.write(frame);
    },
    close: (code, reason) => socket.close(code, reason),
    ping: (payload) => socket.ping(payload),
    terminate: () => socket.terminate(),
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
  };
}

/** A server's frame of one text; null: too long for the short forms. */
export function textFrame(text: string): Buffer | null {
  const length = Buffer.byteLength(text);
  if (length > SHORT_TEXT_BYTES_MAX) return null;
  const head = length <= ONE_BYTE_LENGTH_MAX ? 2 : 4;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = FINAL_TEXT;
  if (head === 2) frame[1] = length;
  else {
    frame[1] = TWO_BYTE_LENGTH;
    frame.writeUInt16BE(length, 2);
  }
  frame.write(text, head, 'utf8');
  return frame;
}

/**
 * Binary messages come as lists of their pieces, and the lists are emptied: `ws` makes one with the message before, so it is
 * in the old generation by now, where it would keep alive, dead as it is, what it lists (docs/decisions/021-old-generation.md).
 */
export function listen(socket: WebSocket, events: SocketEvents, onError: (error: Error) => void): void {
  socket.binaryType = 'fragments';
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
  if (!Array.isArray(data)) return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  const [first] = data;
  const bytes = data.length === 1 && first !== undefined ? first : Buffer.concat(data);
  data.length = 0;
  return bytes;
}
