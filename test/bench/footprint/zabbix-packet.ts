/** Zabbix's frame (manual, "Header and data length"): ZBXD, flags, length and, if packed, length unpacked; then JSON. */
import { invariant } from '@muster/shared/invariant.ts';
import { inflateSync } from 'node:zlib';

const MAGIC = 'ZBXD';
const HEADER_BYTES = 13;
const FLAGS_AT = 4;
const LENGTH_AT = 5;
const FLAG_ZABBIX = 1;
const FLAG_ZLIB = 2;
const FLAG_LARGE = 4;

/** @returns the JSON text, or null as long as not all of it has come. @throws Error where it is no such frame */
export function unpackZabbix(bytes: Buffer): string | null {
  if (bytes.length < HEADER_BYTES) return null;
  const flags = bytes[FLAGS_AT] ?? 0;
  invariant(bytes.toString('latin1', 0, MAGIC.length) === MAGIC, 'a frame of Zabbix begins with ZBXD');
  invariant((flags & FLAG_LARGE) === 0, 'no agent sends frames from 4 GiB on');
  const end = HEADER_BYTES + bytes.readUInt32LE(LENGTH_AT);
  if (bytes.length < end) return null;
  const body = bytes.subarray(HEADER_BYTES, end);
  return ((flags & FLAG_ZLIB) === 0 ? body : inflateSync(body)).toString('utf8');
}

/** Not packed, as short answers are. */
export function packZabbix(json: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(json));
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header[FLAGS_AT] = FLAG_ZABBIX;
  header.writeUInt32LE(body.length, LENGTH_AT);
  return Buffer.concat([header, body]);
}
