/** Network traffic, errors and drops per interface, and how its link is. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Collector } from '../collector.ts';
import { linesOf, numberOf, percentOf, wordsOf } from '../fields.ts';
import { instanceText } from '../instance.ts';
import { isDevice, type Link, readLink, type ReadLink } from './link.ts';

interface NetworkState {
  readonly atMs: number;
  readonly counters: ReadonlyMap<string, InterfaceCounters>;
  /** Of interfaces with a device behind them, the only ones with a link to lose; null: none behind it. */
  readonly links: ReadonlyMap<string, ReadLink | null>;
}

export const network: Collector<NetworkState> = {
  name: 'network',
  platforms: ['linux'],
  collect(host, previous) {
    const used = parseNetDev(host.readText('/proc/net/dev') ?? '', isWatchedInterface).filter(wasUsed);
    const atMs = host.monotonicMs();
    const elapsedMs = previous === null ? 0 : atMs - previous.atMs;
    const links = new Map<string, ReadLink | null>();
    const samples = used.flatMap((one) => {
      const name = one.interface;
      const known = previous?.links.get(name);
      const link =
        known === null || (known === undefined && !isDevice(host, name)) ? null : readLink(host, name, known);
      links.set(name, link);
      if (link === null) return interfaceSamples(one);
      const before = previous?.counters.get(name);
      return [...interfaceSamples(one), ...linkSamples(link, before, one, elapsedMs)];
    });
    const counters = new Map(used.map((one) => [one.interface, one]));
    return { samples, state: { atMs, counters, links } };
  },
};

/** Counters of one interface since it came up; bytes and frames. */
export interface InterfaceCounters {
  readonly interface: string;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly receivedErrors: number;
  readonly receivedDrops: number;
  readonly transmittedBytes: number;
  readonly transmittedPackets: number;
  readonly transmittedErrors: number;
  readonly transmittedDrops: number;
}

const HEADER_LINES = 2;
const COLUMNS_MIN = 12;

/**
 * proc(5), /proc/net/dev: all interfaces, or those that `wanted` chooses. The name ends at the last colon
 * (an alias holds one itself), and a long counter may follow it without a blank.
 */
export function parseNetDev(text: string, wanted?: (name: string) => boolean): InterfaceCounters[] {
  const interfaces: InterfaceCounters[] = [];
  for (const line of linesOf(text).slice(HEADER_LINES)) {
    const colon = line.lastIndexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim();
    if (name === '' || wanted?.(name) === false) continue;
    const columns = wordsOf(line.slice(colon + 1));
    if (columns.length < COLUMNS_MIN) throw new Error(`/proc/net/dev: cannot read ${JSON.stringify(line)}`);
    const at = (index: number): number => numberOf(columns[index], '/proc/net/dev');
    interfaces.push({
      interface: name,
      receivedBytes: at(0),
      receivedPackets: at(1),
      receivedErrors: at(2),
      receivedDrops: at(3),
      transmittedBytes: at(8),
      transmittedPackets: at(9),
      transmittedErrors: at(10),
      transmittedDrops: at(11),
    });
  }
  return interfaces;
}

/**
 * Not the loopback, and not the machine's end of a container's or a virtual machine's cable (veth, tap, vnet,
 * Calico, Cilium, Proxmox firewall bridges), nor dummy and shaping devices. Those come and go with their
 * containers, each time as new series, and what passes them is counted on the bridge or the uplink too.
 */
const NOT_WATCHED =
  /^(?:lo|veth.*|cali[0-9a-f]+|lxc[0-9a-f_].*|tap\w*|vnet\d+|fw(?:br|pr|ln)\d.*|ifb\d+|dummy\d+|nodelocaldns|kube-ipvs\d+)$/;

export function isWatchedInterface(name: string): boolean {
  const known = watched.get(name);
  if (known !== undefined) return known;
  if (watched.size >= WATCHED_MAX) watched.clear();
  const is = !NOT_WATCHED.test(name);
  watched.set(name, is);
  return is;
}

/** The same names come with each tick. */
const WATCHED_MAX = 4_096;
const watched = new Map<string, boolean>();

/** The kernel makes a device for each kind of tunnel (sit0, gre0 …) that nobody uses; an unplugged port is as silent. */
function wasUsed(counters: InterfaceCounters): boolean {
  return (
    counters.receivedPackets > 0 ||
    counters.transmittedPackets > 0 ||
    counters.receivedErrors > 0 ||
    counters.transmittedErrors > 0
  );
}

function interfaceSamples(counters: InterfaceCounters): Sample[] {
  const instance = instanceText(counters.interface);
  return [
    { metric: 'network.received', instance, value: counters.receivedBytes },
    { metric: 'network.transmitted', instance, value: counters.transmittedBytes },
    { metric: 'network.received.packets', instance, value: counters.receivedPackets },
    { metric: 'network.transmitted.packets', instance, value: counters.transmittedPackets },
    { metric: 'network.received.errors', instance, value: counters.receivedErrors },
    { metric: 'network.transmitted.errors', instance, value: counters.transmittedErrors },
    { metric: 'network.received.drops', instance, value: counters.receivedDrops },
    { metric: 'network.transmitted.drops', instance, value: counters.transmittedDrops },
  ];
}

function linkSamples(
  link: Link,
  previous: InterfaceCounters | undefined,
  current: InterfaceCounters,
  elapsedMs: number,
): Sample[] {
  const instance = instanceText(current.interface);
  const samples: Sample[] = [];
  if (link.up !== null) samples.push({ metric: 'network.link.up', instance, value: link.up ? 1 : 0 });
  if (link.changes !== null) samples.push({ metric: 'network.link.changes', instance, value: link.changes });
  if (previous === undefined || elapsedMs <= 0 || link.bytesPerSecond === null) return samples;
  const received = current.receivedBytes - previous.receivedBytes;
  const transmitted = current.transmittedBytes - previous.transmittedBytes;
  // The counters began anew: nothing is known of this interval.
  if (received < 0 || transmitted < 0) return samples;
  const value = percentOf(Math.max(received, transmitted), (link.bytesPerSecond * elapsedMs) / 1_000);
  samples.push({ metric: 'network.utilisation', instance, value });
  return samples;
}
