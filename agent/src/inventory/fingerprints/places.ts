/** Where fingerprints may be taken at all. The server asks; this list decides, so that a server taken over learns nothing of people's files. */
import { isBelowFingerprintPlace } from '@muster/shared/inventory/fingerprint-places.ts';
import { normalPath } from '../text.ts';

/** The directory in its plain form; null when it is not below an allowed place. `..` is resolved before it is compared. */
export function allowedDirectory(asked: string): string | null {
  if (!asked.startsWith('/') || asked.includes('\0')) return null;
  const path = normalPath(asked);
  return isBelowFingerprintPlace(path) ? path : null;
}

/** Files that programs rewrite by themselves: their change is nobody's doing. */
const CHURNING_FILES = new Set([
  '/etc/.pwd.lock',
  '/etc/adjtime',
  '/etc/anydesk/system.conf',
  '/etc/blkid.tab',
  '/etc/fake-hwclock.data',
  '/etc/ld.so.cache',
  '/etc/motd',
  '/etc/mtab',
  '/etc/multipath/bindings',
  '/etc/multipath/wwids',
  '/etc/printcap',
  '/etc/resolv.conf',
  '/etc/teamviewer/global.conf',
  '/etc/udev/hwdb.bin',
  '/etc/unbound/root.key',
  '/etc/zfs/zpool.cache',
]);
/** Below these, whatever is there: leases, copies of volume tables, states of print queues, generated lists. */
const CHURNING_PLACES =
  /^\/etc\/(?:lvm\/(?:archive|backup|cache)|cups\/(?:subscriptions|printers|classes)\.conf|ppp\/resolv|resolvconf\/run|resolv\.conf\.|network\/run|apparmor(?:\.d)?\/cache|openvpn\/.*(?:status|ipp\.txt)|dhcpc?\/)/;
/** What editors, package managers and running programs leave for a moment or write all day. */
const PASSING_NAMES =
  /(^\.#|^#.*#$|~$|\.sw[a-p]$|\.dpkg-(new|tmp)$|\.rpmnew$|\.(log|pid|lock|lck|sock|socket|jnl|leases?|tmp|journal)(\.\d+)?(\.(gz|xz|zst|bz2))?$|-(wal|shm|journal)$|\.log[.-][\d.-]+(\.(gz|xz|zst|bz2))?$)/;
/** Directories in which nobody configures anything. */
const PASSING_DIRECTORIES = /\/(logs?|cache|caches|tmp|run|\.git|node_modules|__pycache__)\//;

export function isChurning(path: string, name: string): boolean {
  return (
    CHURNING_FILES.has(path) ||
    CHURNING_PLACES.test(path) ||
    PASSING_NAMES.test(name) ||
    PASSING_DIRECTORIES.test(`${path}/`)
  );
}
