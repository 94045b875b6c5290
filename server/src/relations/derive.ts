/** Relations that follow from what machines report: what they host, talk to, hang on to, and which networks they are in. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import {
  endsFit,
  RELATION_TYPES,
  type RelationType,
  type RelationTypeName,
} from '@muster/shared/cmdb/relation-types.ts';
import { DAY_MS, HOUR_MS, type Millis } from '@muster/shared/time.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { Ci, CmdbStore, IdentityKey, RelationEdge, SectionStates } from '../cmdb/store.ts';
import { canonicalUuid, uuidByteOrders } from '../inventory/uuid.ts';
import { contains, isLocal, type Network, networkOf } from './cidr.ts';
import type { EdgeWish, RelationGraph } from './graph.ts';

/** Types that are found, by the section that would no longer tell of them. */
const SECTION_OF = {
  hosts: 'guests',
  connectsTo: 'sockets',
  memberOf: 'network',
  gatewayOf: 'network',
  attachedTo: 'devices',
} as const satisfies Partial<Record<RelationTypeName, keyof SectionData>>;
type Derived = keyof typeof SECTION_OF;

/** An edge ends after it was missed so often … */
export const MISSES_MAX = 3;
/** … and for so long: a connection of the monthly run is still one next month. */
export const ABSENT_MS: Readonly<Record<Derived, Millis>> = {
  hosts: DAY_MS,
  connectsTo: 35 * DAY_MS,
  memberOf: 7 * DAY_MS,
  gatewayOf: 7 * DAY_MS,
  attachedTo: 7 * DAY_MS,
};
/** A machine is looked at again this much later at the earliest, however often it reports. */
export const AGAIN_MS = HOUR_MS;
/** Machines of one second. */
const PER_TICK = 5;
/** Distinct services elsewhere that are looked up for one machine. */
const OUTGOING_MAX = 500;
const DERIVER = { actor: 'system', source: 'agent' } as const;

interface DeriverOptions {
  readonly cmdb: Pick<Cmdb, 'onApplied' | 'onReport'>;
  readonly store: CmdbStore;
  readonly graph: RelationGraph;
}

export interface Deriver {
  /** Works off some machines that have reported. */
  tick(nowMs: Millis): Promise<void>;
  /** What listens on a machine and is talked to, as words: 'postgres 5432'. */
  portsOf(machineId: string): readonly string[];
}

export function createDeriver({ cmdb, store, graph }: DeriverOptions): Deriver {
  const waiting = new Set<string>();
  const lookedAtMs = new Map<string, Millis>();
  const missed = new Map<string, { count: number; firstMs: Millis }>();
  const ports = new Map<string, Map<string, string>>();
  let subnets: readonly { id: string; network: Network }[] | null = null;
  let working = false;

  cmdb.onReport(({ ci }) => void waiting.add(ci.id));
  cmdb.onApplied(({ ci }) => {
    if (ci.class !== 'Subnet') return;
    subnets = null;
  });

  async function networks() {
    subnets ??= (await store.records('Subnet')).flatMap((ci) => {
      const cidr = ci.attributes.cidr?.value;
      const network = typeof cidr === 'string' ? networkOf(cidr) : null;
      return network === null || ci.lifecycle === 'retired' ? [] : [{ id: ci.id, network }];
    });
    return subnets;
  }

  /** The one CI that holds a key; null where none or several do. */
  async function only(keys: readonly IdentityKey[], fit: (ci: Ci) => boolean): Promise<Ci | null> {
    const found = (await store.cisByKeys(keys)).filter(
      (ci) => ci.mergedInto === null && ci.lifecycle !== 'retired' && ci.lifecycle !== 'disposed' && fit(ci),
    );
    return found.length === 1 ? (found[0] ?? null) : null;
  }

  async function hosted(machineId: string, { guests }: SectionData['guests']): Promise<EdgeWish[]> {
    const wishes: EdgeWish[] = [];
    for (const { kind, id } of guests) {
      const uuid = kind === 'virtual-machine' && id !== null ? canonicalUuid(id) : null;
      if (uuid === null) continue;
      const keys = uuidByteOrders(uuid).map((value) => ({ kind: 'uuid' as const, value }));
      const guest = await only(keys, (ci) => ci.class === 'VirtualMachine');
      if (guest) wishes.push({ type: 'hosts', fromId: machineId, toId: guest.id });
    }
    return wishes;
  }

  async function connected(machineId: string, { outgoing }: SectionData['sockets']): Promise<EdgeWish[]> {
    const wishes = new Map<string, EdgeWish>();
    const listening = new Map<string, SectionData['sockets'] | null>();
    for (const { protocol, address, port } of outgoing.slice(0, OUTGOING_MAX)) {
      if (isLocal(address)) continue;
      const peer = await only(
        [{ kind: 'address', value: address }],
        (ci) => isMachineClass(ci.class) || ci.class === 'NetworkDevice',
      );
      if (peer === null || peer.id === machineId) continue;
      if (isMachineClass(peer.class) && !listening.has(peer.id))
        listening.set(peer.id, dataOf(await store.sections(peer.id), 'sockets'));
      const own = listening.get(peer.id);
      const listener = own?.listening.find((each) => each.protocol === protocol && each.port === port);
      // A machine that tells what listens on it, and does not name this port, is not who answered.
      if (own != null && listener === undefined) continue;
      wishes.set(peer.id, { type: 'connectsTo', fromId: machineId, toId: peer.id });
      const words = ports.get(peer.id) ?? new Map<string, string>();
      ports.set(peer.id, words.set(`${protocol} ${port}`, `${listener?.process ?? protocol} ${port}`));
    }
    return [...wishes.values()];
  }

  async function networked(
    machineId: string,
    { interfaces, gateways }: SectionData['network'],
  ): Promise<EdgeWish[]> {
    const wishes: EdgeWish[] = [];
    const all = await networks();
    for (const { id, network } of all) {
      const addresses = interfaces.flatMap((port) => port.addresses.map(({ address }) => address));
      if (!addresses.some((address) => !isLocal(address) && contains(network, address))) continue;
      wishes.push({ type: 'memberOf', fromId: machineId, toId: id });
      for (const { address } of gateways) {
        if (isLocal(address) || !contains(network, address)) continue;
        const gateway = await only(
          [{ kind: 'address', value: address }],
          (ci) => isMachineClass(ci.class) || ci.class === 'NetworkDevice',
        );
        if (gateway) wishes.push({ type: 'gatewayOf', fromId: gateway.id, toId: id });
      }
    }
    return wishes;
  }

  async function attached(machineId: string, devices: SectionData['devices']): Promise<EdgeWish[]> {
    const wishes: EdgeWish[] = [];
    for (const serial of new Set(
      [...devices.monitors, ...devices.usbDevices, ...devices.printers].flatMap((each) => each.serial ?? []),
    )) {
      const value = serial.toUpperCase().replaceAll(/\s+/g, '');
      const thing = await only(
        [{ kind: 'serial', value }],
        (ci) => ci.class === 'Peripheral' || ci.class === 'Printer',
      );
      if (thing) wishes.push({ type: 'attachedTo', fromId: thing.id, toId: machineId });
    }
    return wishes;
  }

  async function look(machineId: string, nowMs: Millis): Promise<void> {
    const machine = await store.machine(machineId);
    if (machine === null || machine.mergedInto !== null) return;
    const sections = await store.sections(machineId);
    const [guests, sockets, network, devices] = [
      dataOf(sections, 'guests'),
      dataOf(sections, 'sockets'),
      dataOf(sections, 'network'),
      dataOf(sections, 'devices'),
    ];
    const wishes = [
      ...(guests ? await hosted(machineId, guests) : []),
      ...(sockets ? await connected(machineId, sockets) : []),
      ...(network ? await networked(machineId, network) : []),
      ...(devices ? await attached(machineId, devices) : []),
    ];
    const add: EdgeWish[] = [];
    for (const wish of wishes) if (await isNews(wish)) add.push(wish);
    const end = stale(machineId, wishes, sections, nowMs);
    if (add.length + end.length > 0) await graph.exchange({ end, add }, { ...DERIVER, nowMs });
    for (const id of end) missed.delete(id);
  }

  /** Not what holds already, not what a person said otherwise: neither by another edge in its place nor by ending this one. */
  async function isNews({ type, fromId, toId }: EdgeWish): Promise<boolean> {
    if (graph.from(fromId, type).some((edge) => edge.toId === toId)) return false;
    const definition: RelationType = RELATION_TYPES[type];
    const places = [
      ...(definition.fromMax === 1 ? graph.from(fromId, type) : []),
      ...(definition.toMax === 1 ? graph.to(toId, type) : []),
    ];
    if (places.some(({ source }) => source === 'human')) return false;
    const [from, to] = [await store.ci(fromId), await store.ci(toId)];
    if (
      from === null ||
      to === null ||
      !endsFit(definition.from, from.class) ||
      !endsFit(definition.to, to.class)
    )
      return false;
    const [last] = (await store.relationsOf(fromId))
      .filter((edge) => edge.type === type && edge.toId === toId && edge.endedAtMs !== null)
      .toSorted((a, b) => (b.endedAtMs ?? 0) - (a.endedAtMs ?? 0));
    return last?.source !== 'human';
  }

  /** Edges that this machine's complete sections have not told of for long enough. */
  function stale(
    machineId: string,
    wishes: readonly EdgeWish[],
    sections: SectionStates,
    nowMs: Millis,
  ): string[] {
    const seen = new Set(wishes.map(({ type, fromId, toId }) => `${type} ${fromId} ${toId}`));
    const own: RelationEdge[] = [
      ...graph.from(machineId, 'hosts'),
      ...graph.from(machineId, 'connectsTo'),
      ...graph.from(machineId, 'memberOf'),
      ...graph.to(machineId, 'attachedTo'),
      ...gatewaysOf(machineId, wishes),
    ].filter(({ source }) => source === 'agent');
    return own.flatMap((edge) => {
      const type = edge.type as Derived;
      if (seen.has(`${type} ${edge.fromId} ${edge.toId}`)) {
        missed.delete(edge.id);
        return [];
      }
      if (sections[SECTION_OF[type]]?.complete !== true) return [];
      const before = missed.get(edge.id) ?? { count: 0, firstMs: nowMs };
      const now = { count: before.count + 1, firstMs: before.firstMs };
      missed.set(edge.id, now);
      return now.count >= MISSES_MAX && nowMs - now.firstMs >= ABSENT_MS[type] ? [edge.id] : [];
    });
  }

  /** Gateways of the networks of a machine that names one, and what it is a gateway of itself but stands in no longer. */
  function gatewaysOf(machineId: string, wishes: readonly EdgeWish[]): RelationEdge[] {
    const idsOf = (type: RelationTypeName) =>
      new Set(wishes.flatMap((wish) => (wish.type === type ? wish.toId : [])));
    const [members, named] = [idsOf('memberOf'), idsOf('gatewayOf')];
    return [
      ...[...named].flatMap((subnet) => graph.to(subnet, 'gatewayOf')),
      ...graph.from(machineId, 'gatewayOf').filter(({ toId }) => !members.has(toId)),
    ];
  }

  return {
    portsOf: (machineId) => [...(ports.get(machineId)?.values() ?? [])],
    async tick(nowMs) {
      if (working) return;
      working = true;
      try {
        let left = PER_TICK;
        for (const id of waiting) {
          if (left === 0) break;
          if (nowMs - (lookedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) continue;
          left--;
          waiting.delete(id);
          lookedAtMs.set(id, nowMs);
          await look(id, nowMs);
        }
      } finally {
        working = false;
      }
    },
  };
}

function dataOf<S extends keyof SectionData>(sections: SectionStates, section: S): SectionData[S] | null {
  // Sections were parsed by their schema before they were stored.
  return (sections[section]?.data as SectionData[S] | undefined) ?? null;
}
