/** Takes the Authenticode signature from a Windows program: once something is added, it would be a wrong one. Pure. */
import { invariant } from '@muster/shared/invariant.ts';

/** Source: Microsoft's "PE Format", optional header and its data directories. Only 64-bit programs. */
const PE_OFFSET = 0x3c;
const OPTIONAL_HEADER = 24;
const PE32_PLUS = 0x20b;
const CHECKSUM = 64;
const CERTIFICATE_TABLE = 112 + 4 * 8;

export function withoutSignature(program: Uint8Array): Uint8Array {
  const bytes = Buffer.from(program);
  const header = bytes.readUInt32LE(PE_OFFSET) + OPTIONAL_HEADER;
  invariant(bytes.readUInt16LE(header) === PE32_PLUS, 'the program is a 64-bit one for Windows');
  const offset = bytes.readUInt32LE(header + CERTIFICATE_TABLE);
  const length = bytes.readUInt32LE(header + CERTIFICATE_TABLE + 4);
  bytes.writeUInt32LE(0, header + CERTIFICATE_TABLE);
  bytes.writeUInt32LE(0, header + CERTIFICATE_TABLE + 4);
  bytes.writeUInt32LE(0, header + CHECKSUM);
  // Always the last thing in the file.
  return offset > 0 && offset + length === bytes.length ? bytes.subarray(0, offset) : bytes;
}
