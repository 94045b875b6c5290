/** Size of a memory page, in which the kernel counts what it swaps and what a process holds. */
import type { Host } from '../host.ts';

const PAGE_BYTES_USUAL = 4_096;
/** AT_PAGESZ of the auxiliary vector (getauxval(3)). */
const AT_PAGESZ = 6n;
const ENTRY_BYTES = 16;
const AUXV_BYTES_MAX = 4_096;

/** From /proc/self/auxv of a 64-bit machine; 4,096 where that cannot be read. arm64 and ppc64 may have 65,536. */
export function pageBytes(host: Host): number {
  const bytes = host.readBytes('/proc/self/auxv', AUXV_BYTES_MAX);
  if (bytes === null) return PAGE_BYTES_USUAL;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = !['s390x', 'ppc64'].includes(host.architecture);
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    if (view.getBigUint64(at, littleEndian) === AT_PAGESZ)
      return Number(view.getBigUint64(at + 8, littleEndian));
  }
  return PAGE_BYTES_USUAL;
}
