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

const FOLDER = '/sys/class/net';
/** IFF_UP of netdevice(7). */
const SWITCHED_ON = 0x1;
const BYTES_PER_MEGABIT = 125_000;

/** Bridges, tunnels and the like have no device behind them, and their link says how their members are. */
export function isDevice(host: Host, name: string): boolean {
  const target = host.readLink(`${FOLDER}/${name}`);
  return target !== null && !target.includes('/virtual/');
}

export function readLink(host: Host, name: string): Link {
  const text = (file: string): string => host.readText(`${FOLDER}/${name}/${file}`)?.trim() ?? '';
  const isOn = (Number(text('flags') || Number.NaN) & SWITCHED_ON) !== 0;
  const megabits = whole(text('speed'));
  return {
    up: isOn ? upOf(text('operstate')) : null,
    changes: whole(text('carrier_changes')),
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
