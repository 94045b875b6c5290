/** Where fingerprints may be taken at all. The server asks; this list decides, so that a server taken over learns nothing of people's files. */
import { normalPath } from '../text.ts';

export const FINGERPRINT_PLACES = ['/etc', '/usr/local/etc', '/opt', '/srv'] as const;

/** The directory in its plain form; null when it is not below an allowed place. `..` is resolved before it is compared. */
export function allowedDirectory(asked: string): string | null {
  if (!asked.startsWith('/') || asked.includes('\0')) return null;
  const path = normalPath(asked);
  return FINGERPRINT_PLACES.some((place) => path === place || path.startsWith(`${place}/`)) ? path : null;
}

/** Files that programs rewrite by themselves: their change is nobody's doing. */
const CHURNING_FILES = new Set([
  '/etc/.pwd.lock',
  '/etc/adjtime',
  '/etc/blkid.tab',
  '/etc/cups/subscriptions.conf',
  '/etc/cups/subscriptions.conf.O',
  '/etc/ld.so.cache',
  '/etc/mtab',
  '/etc/printcap',
  '/etc/resolv.conf',
  '/etc/udev/hwdb.bin',
]);
/** What editors and package managers leave for a moment. */
const PASSING_NAMES = /(^\.#|^#.*#$|~$|\.sw[a-p]$|\.dpkg-(new|tmp)$|\.rpmnew$)/;

export function isChurning(path: string, name: string): boolean {
  return CHURNING_FILES.has(path) || PASSING_NAMES.test(name);
}
