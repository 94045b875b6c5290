/** How many values a datagram of collectd carries (its "Binary protocol"): parts of type, length and content, big-endian. */
const PART_HEADER_BYTES = 4;
const VALUES_PART = 0x0006;

/** @throws Error where a part is shorter than its own header: the rest cannot be read then */
export function valuesIn(datagram: Buffer): number {
  let values = 0;
  for (let at = 0; at + PART_HEADER_BYTES <= datagram.length; ) {
    const lengthBytes = datagram.readUInt16BE(at + 2);
    if (lengthBytes < PART_HEADER_BYTES) throw new Error(`a part of ${lengthBytes} bytes at ${at}`);
    if (datagram.readUInt16BE(at) === VALUES_PART) values += datagram.readUInt16BE(at + PART_HEADER_BYTES);
    at += lengthBytes;
  }
  return values;
}
