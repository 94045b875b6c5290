/** What the kernel says of the link of an interface (/sys/class/net/<name>, sysfs-class-net). */
import type { Host } from '../../host.ts';

export interface Link {
  /** null while the interface is switched off, and where the driver does not say. */
  readonly up: boolean | null;
  /** Losses and returns of the carrier since the interface was made; null before Linux 3.15. */
  readonly changes: number | null;
  /** null where it is not known: a link that is down, most wireless and virtual ones. */
  readonly bytesPerSecond: number | null;
}

/** A link as it was read, and when. */
export interface ReadLink extends Link {
  readonly readAtMs: number;
}

/** Without a change of the carrier the rest seldom changes: a mode that is negotiated anew, a port that waits for its login. */
const READ_MS = 30_000;
const FOLDER = '/sys/class/net';
/** IFF_UP of netdevice(7). */
const SWITCHED_ON = 0x1;
const BYTES_PER_MEGABIT = 125_000;

/** Bridges, tunnels and the like have no device behind them, and their link says how their members are. */
export function isDevice(host: Host, name: string): boolean {
  const target = host.readLink(`${FOLDER}/${name}`);
  return target !== null && !target.includes('/virtual/');
}

/** All of it is read again half a minute after `before`, and when the carrier has changed since. */
export function readLink(host: Host, name: string, before?: ReadLink): ReadLink {
  const text = (file: string): string => host.readText(`${FOLDER}/${name}/${file}`)?.trim() ?? '';
  const changes = whole(text('carrier_changes'));
  const nowMs = host.monotonicMs();
  if (before && changes !== null && changes === before.changes && nowMs - before.readAtMs < READ_MS)
    return before;
  const isOn = (Number(text('flags') || Number.NaN) & SWITCHED_ON) !== 0;
  const megabits = whole(text('speed'));
  return {
    up: isOn ? upOf(text('operstate')) : null,
    changes,
    readAtMs: nowMs,
    bytesPerSecond: megabits === null || megabits === 0 ? null : megabits * BYTES_PER_MEGABIT,
  };
}

/** RFC 2863 ifOperStatus; `unknown` is what drivers without the feature say, and `testing` is nobody's fault. */
function upOf(state: string): boolean | null {
  if (state === 'up') return true;
  return state === 'down' || state === 'lowerlayerdown' || state === 'dormant' ? false : null;
}

/** The kernel says −1 for an unknown speed, some drivers 2^32 − 1. */
function whole(text: string): number | null {
  if (!/^\d+$/.test(text)) return null;
  const value = Number(text);
  return value >= 0xffff_ffff ? null : value;
}
