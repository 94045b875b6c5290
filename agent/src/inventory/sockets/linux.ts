/** Listening ports and established connections of a Linux machine from /proc/net, with the names of the programs behind them. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import { listProcesses, type ProcessName } from '../processes.ts';
import type { CollectedSection } from '../section.ts';
import { byText } from '../text.ts';
import { parseProcNet, type NetSocket } from './proc-net.ts';

type Listening = SectionData['sockets']['listening'][number];
type Outgoing = SectionData['sockets']['outgoing'][number];

const ESTABLISHED = 1;
const LISTEN = 10;
const UDP_UNCONNECTED = 7;
/** Descriptors looked at to find the programs behind sockets; a machine with more names the first ones. */
const DESCRIPTORS_MAX = 200_000;
/** Distinct services elsewhere that are reported; a crawler or a proxy has more than anybody reads. */
const OUTGOING_MAX = 512;

export function collectLinuxSockets(host: Host): CollectedSection<'sockets'> {
  const bigEndian = host.architecture === 's390x';
  const sockets = (['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((table) =>
    parseProcNet(
      host.readText(`/proc/net/${table}`) ?? '',
      table.startsWith('tcp') ? 'tcp' : 'udp',
      bigEndian,
    ),
  );
  const listeners = sockets.filter((one) => isListening(one, ephemeralPorts(host)));
  const served = new Set(listeners.map(({ protocol, local }) => `${protocol} ${local.port}`));
  const established = sockets.filter(
    (one) =>
      one.state === ESTABLISHED &&
      !served.has(`${one.protocol} ${one.local.port}`) &&
      !isLoopback(one.remote.address),
  );
  const owners = socketOwners(host, new Set([...listeners, ...established].map(({ inode }) => inode)));
  const users = accountNames(host.readText('/etc/passwd') ?? '');
  return {
    data: {
      listening: distinct(
        listeners.map(
          ({ protocol, local, uid, inode }): Listening => ({
            protocol,
            ...local,
            process: owners.get(inode)?.name ?? null,
            service: serviceOf(host, owners.get(inode)?.pid),
            user: users.get(uid) ?? String(uid),
          }),
        ),
      ),
      outgoing: distinct(
        established.map(
          ({ protocol, remote, inode }): Outgoing => ({
            protocol,
            ...remote,
            process: owners.get(inode)?.name ?? null,
          }),
        ),
      ).slice(0, OUTGOING_MAX),
    },
    complete: true,
    notes: [],
  };
}

/** A UDP socket in the range of ephemeral ports waits for an answer; it serves nobody. */
function isListening(
  { protocol, state, local }: NetSocket,
  [first, last]: readonly [number, number],
): boolean {
  if (protocol === 'tcp') return state === LISTEN;
  return state === UDP_UNCONNECTED && !(local.port >= first && local.port <= last);
}

function ephemeralPorts(host: Host): [number, number] {
  const [first, last] = (host.readText('/proc/sys/net/ipv4/ip_local_port_range') ?? '')
    .trim()
    .split(/\s+/)
    .map(Number);
  return [first || 32_768, last || 60_999];
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** Unit of systemd whose control group the process is in; null for what people, containers and other init systems started. */
function serviceOf(host: Host, pid: string | undefined): string | null {
  if (pid === undefined) return null;
  const groups = host.readText(`/proc/${pid}/cgroup`) ?? '';
  return SYSTEM_SERVICE.exec(groups)?.[1] ?? null;
}

const SYSTEM_SERVICE =
  /^(?:0:|\d+:name=systemd):\/system\.slice\/(?:[^/\n]+\.slice\/)*([^/\n]+)\.service(?:\/|$)/m;

/** Inode of a socket → the program that holds it; the first one when a service has many processes. */
function socketOwners(host: Host, wanted: Set<string>): Map<string, ProcessName> {
  const owners = new Map<string, ProcessName>();
  let left = DESCRIPTORS_MAX;
  for (const process of listProcesses(host)) {
    if (wanted.size === owners.size || left <= 0) break;
    const folder = `/proc/${process.pid}/fd`;
    for (const descriptor of host.list(folder)) {
      left -= 1;
      const inode = /^socket:\[(\d+)\]$/.exec(host.readLink(`${folder}/${descriptor}`) ?? '')?.[1];
      if (inode !== undefined && wanted.has(inode) && !owners.has(inode)) owners.set(inode, process);
    }
  }
  return owners;
}

function accountNames(passwd: string): Map<number, string> {
  return new Map(
    passwd.split('\n').flatMap((line): [number, string][] => {
      const [name = '', , uid = ''] = line.split(':');
      return /^\d+$/.test(uid) ? [[Number(uid), name]] : [];
    }),
  );
}

function distinct<Item extends Outgoing>(items: readonly Item[]): Item[] {
  const key = (item: Item) => JSON.stringify(item);
  return [...new Map(items.map((item) => [key(item), item])).values()].sort(
    (a, b) =>
      byText(a.protocol, b.protocol) ||
      a.port - b.port ||
      byText(a.address, b.address) ||
      byText(key(a), key(b)),
  );
}
