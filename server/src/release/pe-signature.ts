/** The Authenticode signature of a Windows program. Pure. */
import { invariant } from '@muster/shared/invariant.ts';

/** Source: Microsoft's "PE Format", optional header and its data directories. Only 64-bit programs. */
const PE_OFFSET = 0x3c;
const OPTIONAL_HEADER = 24;
const PE32_PLUS = 0x20b;
const CHECKSUM = 64;
const CERTIFICATE_TABLE = 112 + 4 * 8;

/** Where it stands in the file; nothing of it is read. @throws where `program` is no 64-bit one for Windows */
export function signatureOf(program: Buffer): { readonly offset: number; readonly bytes: number } | null {
  const header = optionalHeader(program);
  const offset = program.readUInt32LE(header + CERTIFICATE_TABLE);
  return offset === 0 ? null : { offset, bytes: program.readUInt32LE(header + CERTIFICATE_TABLE + 4) };
}

/** Once something is added, it would be a wrong one. */
export function withoutSignature(program: Uint8Array): Uint8Array {
  const bytes = Buffer.from(program);
  const header = optionalHeader(bytes);
  const signature = signatureOf(bytes);
  bytes.writeUInt32LE(0, header + CERTIFICATE_TABLE);
  bytes.writeUInt32LE(0, header + CERTIFICATE_TABLE + 4);
  bytes.writeUInt32LE(0, header + CHECKSUM);
  // Always the last thing in the file.
  return signature !== null && signature.offset + signature.bytes === bytes.length
    ? bytes.subarray(0, signature.offset)
    : bytes;
}

function optionalHeader(bytes: Buffer): number {
  const header = bytes.readUInt32LE(PE_OFFSET) + OPTIONAL_HEADER;
  invariant(bytes.readUInt16LE(header) === PE32_PLUS, 'the program is a 64-bit one for Windows');
  return header;
}
