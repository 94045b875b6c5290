/** Unpacks what other agents send and packs the answer in the same way. */
import { createGunzip, createInflate, deflateSync, gzipSync } from 'node:zlib';
import { messageOf } from '../log.ts';
import { INFLATED_BYTES_MAX } from './limits.ts';
import { IntakeRefusal } from './refusal.ts';

export type Encoding = 'zlib' | 'gzip' | 'plain';

/**
 * By the first bytes, since agents announce the compression only in Content-Type (`application/x-compress-zlib`,
 * `application/x-compress`), and not always rightly. zlib: RFC 1950, 2.2 (method 8, checked header). gzip: RFC 1952, 2.3.1.
 */
export function encodingOf(body: Uint8Array): Encoding {
  const [first = 0, second = 0] = body;
  if (first === 0x1f && second === 0x8b) return 'gzip';
  return (first & 0x0f) === 8 && first >> 4 <= 7 && (first * 256 + second) % 31 === 0 ? 'zlib' : 'plain';
}

/** Stops as soon as more than `bytesMax` come out. @throws IntakeRefusal inflated-too-large, encoding-broken */
export async function unpack(
  body: Uint8Array,
  encoding: Encoding,
  bytesMax: number = INFLATED_BYTES_MAX,
): Promise<Uint8Array> {
  if (encoding === 'plain') {
    if (body.length > bytesMax) throw tooLarge(bytesMax);
    return body;
  }
  const stream = encoding === 'gzip' ? createGunzip() : createInflate();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    stream.end(body);
    for await (const chunk of stream) {
      const part = chunk as Buffer;
      bytes += part.length;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      chunks.push(part);
    }
  } catch (cause) {
    if (cause instanceof IntakeRefusal) throw cause;
    throw new IntakeRefusal(
      'encoding-broken',
      `the ${encoding} data cannot be unpacked: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  } finally {
    stream.destroy();
  }
  return Buffer.concat(chunks);
}

/** OCS agents need a compressed answer to a compressed request; agents told not to compress cannot read one. */
export function pack(text: string, encoding: Encoding): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  // Level 6: agents look for the header bytes 78 9c.
  if (encoding === 'zlib') return deflateSync(bytes, { level: 6 });
  return encoding === 'gzip' ? gzipSync(bytes) : bytes;
}

function tooLarge(bytesMax: number): IntakeRefusal {
  return new IntakeRefusal('inflated-too-large', `the report has more than ${bytesMax >> 20} MiB unpacked`);
}
