/** libvirt: `virsh list --all` and `virsh dumpxml`. */
import type { Guest, GuestState } from './guest.ts';
import { linesOf, trimmed, wholeNumber } from './lines.ts';
import { childOf, childrenOf, parseXml, textOf, type XmlElement } from './xml.ts';

export interface VirshDomain {
  /** Of a running domain; null otherwise. */
  readonly id: number | null;
  readonly name: string;
  readonly state: GuestState;
}

const STATES: Readonly<Record<string, GuestState>> = {
  running: 'running',
  idle: 'idle',
  blocked: 'blocked',
  paused: 'paused',
  pmsuspended: 'paused',
  'in shutdown': 'shutdown',
  shutdown: 'shutdown',
  'shut off': 'off',
  crashed: 'crashed',
  dying: 'dying',
  'no state': 'unknown',
};

/** Guests in printed order, without Xen's own domain 0. */
export function parseVirshList(text: string): VirshDomain[] {
  return linesOf(text).flatMap((line) => {
    const match = /^\s*(\d+|-)\s+(\S.*)$/.exec(line);
    const rest = match?.[2]?.trimEnd();
    if (rest === undefined) return [];
    const state = Object.keys(STATES).find((word) => rest.toLowerCase().endsWith(` ${word}`));
    const name = trimmed(state === undefined ? rest.split(/\s+/)[0] : rest.slice(0, -state.length));
    if (name === null || name === 'Domain-0') return [];
    return [{ id: wholeNumber(match?.[1]), name, state: STATES[state ?? ''] ?? 'unknown' }];
  });
}

/** One domain; state is not part of it. null for what is no domain. */
export function parseDomainXml(text: string): Guest | null {
  const domain = parseXml(text);
  if (domain?.name !== 'domain') return null;
  const name = trimmed(textOf(childOf(domain, 'name')));
  if (name === null) return null;
  const memory = childOf(domain, 'currentMemory') ?? childOf(domain, 'memory');
  return {
    name,
    id: trimmed(textOf(childOf(domain, 'uuid')))?.toLowerCase() ?? null,
    kind: domain.attributes['type'] ?? 'libvirt',
    state: 'unknown',
    cpus: wholeNumber(textOf(childOf(domain, 'vcpu'))),
    memoryBytes: memoryOf(memory),
    macs: macsOf(domain),
    image: null,
  };
}

const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  KB: 1e3,
  k: 1024,
  KiB: 1024,
  MB: 1e6,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  GB: 1e9,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  TB: 1e12,
  T: 1024 ** 4,
  TiB: 1024 ** 4,
};

function memoryOf(element: XmlElement | null): number | null {
  const size = wholeNumber(textOf(element));
  const unit = UNIT_BYTES[element?.attributes['unit'] ?? 'KiB'];
  return size === null || unit === undefined ? null : size * unit;
}

function macsOf(domain: XmlElement): string[] {
  const devices = childOf(domain, 'devices');
  if (devices === null) return [];
  return childrenOf(devices, 'interface').flatMap((device) => {
    const address = childOf(device, 'mac')?.attributes['address'];
    return address === undefined ? [] : [address.toLowerCase()];
  });
}
