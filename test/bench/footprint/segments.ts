/** What a connection costs besides its bytes: headers of the segments that the kernel counted. */
import { execFileSync } from 'node:child_process';

/** Ethernet 14, IPv4 20, TCP 20 and 12 of its time stamps. */
export const SEGMENT_HEADER_BYTES = 66;
/** Ethernet 14, IPv4 20, UDP 8. */
export const DATAGRAM_HEADER_BYTES = 42;

/** ss(8), `-i`: segs_out and segs_in of the open connections that the filter names. @returns null where `ss` is missing */
export function segmentHeaderBytes(filter: string): number | null {
  let text: string;
  try {
    text = execFileSync('ss', ['-Htin', 'state', 'established', filter], { encoding: 'utf8' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const segments = [...text.matchAll(/segs_(?:out|in):(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
  return segments * SEGMENT_HEADER_BYTES;
}
