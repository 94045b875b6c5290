/** A client's side of WebSocket framing (RFC 6455, 5.2), as cheap as it can be in JavaScript. */

const MASKED = 0x80;
const FINAL = 0x80;
export const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
type Opcode = (typeof OPCODES)[keyof typeof OPCODES];

/** A client's WebSocket frame: header, key, masked payload. */
export function maskedFrame(opcode: Opcode, payload: Uint8Array, mask: number): Buffer {
  const { length } = payload;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + 4 + length);
  frame[0] = FINAL | opcode;
  if (length < 126) frame[1] = MASKED | length;
  else if (length < 65_536) {
    frame[1] = MASKED | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = MASKED | 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  frame.writeUInt32BE(mask, head);
  const at = head + 4;
  const keys = [mask >>> 24, (mask >>> 16) & 255, (mask >>> 8) & 255, mask & 255] as const;
  for (let i = 0; i < length; i++) frame[at + i] = (payload[i] as number) ^ (keys[i & 3] as number);
  return frame;
}

/** Takes a server's frames (never masked, never fragmented here) out of the bytes as they come. */
export class FrameReader {
  #rest: Buffer | null = null;

  /** `take` gets each whole frame; its payload is only valid during the call. */
  read(chunk: Buffer, take: (opcode: number, payload: Buffer) => void): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    for (;;) {
      if (bytes.length - at < 2) break;
      const short = (bytes[at + 1] as number) & 127;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length - at < head) break;
      const length =
        short < 126
          ? short
          : short === 126
            ? bytes.readUInt16BE(at + 2)
            : Number(bytes.readBigUInt64BE(at + 2));
      if (bytes.length - at < head + length) break;
      const from = at + head;
      at = from + length;
      take((bytes[from - head] as number) & 15, bytes.subarray(from, at));
    }
    this.#rest = at === bytes.length ? null : Buffer.from(bytes.subarray(at));
  }
}
