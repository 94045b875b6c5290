/**
 * The short way of an agent's data: a binary message that lies whole in one piece from the line is handed over from there.
 * Everything else goes to `ws` as it came. Through `ws`, a stream of its own per connection, each message costs some 30 µs of
 * a server that is not busy (docs/decisions/022-frames-and-pages.md).
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** RFC 6455, 5.2: the first byte of a final, uncompressed binary frame. */
const FINAL_BINARY = 0x82;
const FINAL_BIT = 0x80;
const OPCODE_BITS = 0x0f;
const OPCODE_CONTROL_MIN = 0x08;
const OPCODE_CLOSE = 0x08;
const MASKED_BIT = 0x80;
const LENGTH_BITS = 0x7f;
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 127;
const MASK_BYTES = 4;
/** First bytes, two of length, mask. */
const MIDDLE_HEAD_BYTES = 8;
const SHORT_HEAD_BYTES = 6;
const HEAD_BYTES_MAX = 14;

/**
 * Puts itself between the line and the socket that `ws` has just made of it, before anything was read. `take` gets the
 * payloads of whole binary messages, unmasked, in the order in which they came among what `socket` emits.
 * Without effect where `ws` does not listen to the line in the way that we know.
 */
export function takeDataFrames(socket: WebSocket, line: Duplex, take: (payload: Uint8Array) => void): void {
  const listeners = line.listeners('data');
  const [toWs] = listeners;
  if (toWs === undefined || listeners.length > 1) return;
  const place = new FramePlace();
  let isOver = false;
  const end = () => (isOver = true);
  // `ws` would stop to listen then, and must not be given more. Of what is wrong it tells a turn later, and pauses the line until then.
  socket.on('error', end);
  socket.on('close', end);
  line.removeListener('data', toWs as (chunk: Buffer) => void);
  line.on('data', (chunk: Buffer) => {
    let at = 0;
    while (at < chunk.length && place.isBetween && socket.readyState === socket.OPEN) {
      const payload = wholeMessage(chunk, at);
      if (payload === null) break;
      at = payload.byteOffset - chunk.byteOffset + payload.length;
      take(payload);
    }
    if (at === chunk.length || isOver) return;
    const rest = at === 0 ? chunk : chunk.subarray(at);
    place.pass(rest);
    toWs.call(line, rest);
    // It has seen the other end's close, says nothing of it here, and listens no more.
    if (place.isClosed) end();
  });
}

/** The payload of the message that begins here, unmasked in place; null: not a whole one, or not for the short way. */
function wholeMessage(chunk: Buffer, at: number): Uint8Array | null {
  if (chunk[at] !== FINAL_BINARY || chunk.length - at < SHORT_HEAD_BYTES) return null;
  const second = chunk[at + 1] as number;
  if ((second & MASKED_BIT) === 0) return null;
  let length = second & LENGTH_BITS;
  if (length === EIGHT_BYTE_LENGTH) return null;
  let start = at + SHORT_HEAD_BYTES;
  if (length === TWO_BYTE_LENGTH) {
    length = ((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number);
    start = at + MIDDLE_HEAD_BYTES;
  }
  const end = start + length;
  if (end > chunk.length) return null;
  unmask(chunk, start, end);
  return new Uint8Array(chunk.buffer, chunk.byteOffset + start, length);
}

function unmask(chunk: Buffer, start: number, end: number): void {
  const mask = start - MASK_BYTES;
  const first = chunk[mask] as number;
  const second = chunk[mask + 1] as number;
  const third = chunk[mask + 2] as number;
  const fourth = chunk[mask + 3] as number;
  let i = start;
  for (; i + 3 < end; i += 4) {
    chunk[i] = (chunk[i] as number) ^ first;
    chunk[i + 1] = (chunk[i + 1] as number) ^ second;
    chunk[i + 2] = (chunk[i + 2] as number) ^ third;
    chunk[i + 3] = (chunk[i + 3] as number) ^ fourth;
  }
  for (; i < end; i++) chunk[i] = (chunk[i] as number) ^ (chunk[mask + ((i - start) & 3)] as number);
}

/** Where in its messages a line is, by the heads of the frames that go to `ws`. What is wrong with them, `ws` says. */
class FramePlace {
  readonly #head = new Uint8Array(HEAD_BYTES_MAX);
  #headBytes = 0;
  /** Of the payload that has begun. */
  #restBytes = 0;
  #inMessage = false;
  #closes = false;

  /** A close frame has passed. */
  get isClosed(): boolean {
    return this.#closes && this.#headBytes === 0 && this.#restBytes === 0;
  }

  /** Between two messages. */
  get isBetween(): boolean {
    return this.#headBytes === 0 && this.#restBytes === 0 && !this.#inMessage;
  }

  pass(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.isClosed; ) {
      if (this.#restBytes > 0) {
        const count = Math.min(this.#restBytes, chunk.length - at);
        this.#restBytes -= count;
        at += count;
        continue;
      }
      this.#head[this.#headBytes] = chunk[at] as number;
      this.#headBytes += 1;
      at += 1;
      if (this.#headBytes === headBytes(this.#head, this.#headBytes)) this.#begin();
    }
  }

  #begin(): void {
    const [first = 0, second = 0] = this.#head;
    if ((first & OPCODE_BITS) < OPCODE_CONTROL_MIN) this.#inMessage = (first & FINAL_BIT) === 0;
    if ((first & OPCODE_BITS) === OPCODE_CLOSE) this.#closes = true;
    const view = new DataView(this.#head.buffer);
    const length = second & LENGTH_BITS;
    this.#restBytes =
      length === TWO_BYTE_LENGTH
        ? view.getUint16(2)
        : length === EIGHT_BYTE_LENGTH
          ? view.getUint32(2) * 2 ** 32 + view.getUint32(6)
          : length;
    this.#headBytes = 0;
  }
}

/** Of a frame whose first bytes these are. */
function headBytes(head: Uint8Array, known: number): number {
  if (known < 2) return HEAD_BYTES_MAX;
  const second = head[1] as number;
  const length = second & LENGTH_BITS;
  const lengthBytes = length === TWO_BYTE_LENGTH ? 2 : length === EIGHT_BYTE_LENGTH ? 8 : 0;
  return 2 + lengthBytes + ((second & MASKED_BIT) === 0 ? 0 : MASK_BYTES);
}
