/** The keys a machine is found by, and the candidates that are compared. Pure. */
import type { MachineFacts } from '../inventory/facts.ts';
import { identify, type Candidate, type Decision } from './identify.ts';
import type { AttributeValue } from './picture.ts';
import { canonicalMac } from '../inventory/mac.ts';
import type { Ci, IdentityKey, Machine } from './store.ts';

export function identityKeys(facts: MachineFacts, forSearch: boolean): IdentityKey[] {
  const keys: IdentityKey[] = [];
  if (facts.serial) keys.push({ kind: 'serial', value: facts.serial });
  if (facts.uuid) keys.push({ kind: 'uuid', value: facts.uuid });
  if (forSearch && facts.uuidSwapped && facts.uuidSwapped !== facts.uuid)
    keys.push({ kind: 'uuid', value: facts.uuidSwapped });
  if (facts.boardSerial) keys.push({ kind: 'board-serial', value: facts.boardSerial });
  if (facts.machineId) keys.push({ kind: 'machine-id', value: facts.machineId });
  for (const mac of facts.permanentMacs) keys.push({ kind: 'mac', value: mac });
  if (facts.hostname) keys.push({ kind: 'hostname', value: facts.hostname });
  if (!forSearch) for (const address of facts.ipAddresses) keys.push({ kind: 'address', value: address });
  return keys;
}

export function candidateOf(machine: Machine): Candidate {
  // A lock changes what people read, not what the machine is: identity compares what was observed.
  const seen = (name: string): AttributeValue => {
    const held = machine.attributes[name];
    return held?.observedValue ?? held?.value ?? null;
  };
  const text = (name: string): string | null => {
    const value = seen(name);
    return typeof value === 'string' ? value : null;
  };
  const macs = seen('macAddresses');
  return {
    ciId: machine.id,
    ciName: machine.name,
    serial: text('serial'),
    uuid: text('uuid'),
    boardSerial: text('boardSerial'),
    machineId: text('machineId'),
    hostname: text('hostname')?.split('.')[0]?.toLowerCase() ?? null,
    domain: text('domain'),
    manufacturer: text('manufacturer'),
    model: text('model'),
    macs: Array.isArray(macs) ? macs : [],
    placeholder: machine.placeholder,
  };
}

/** A UUID that several machines with serials of their own hold (one batch of boards) identifies none of them. */
export function identifyAmong(
  facts: MachineFacts,
  agentCiId: string | null,
  candidates: readonly Candidate[],
): Decision {
  const holders = candidates.filter(
    ({ uuid }) => uuid !== null && (uuid === facts.uuid || uuid === facts.uuidSwapped),
  );
  const serials = new Set(
    [facts.serial, ...holders.map(({ serial }) => serial)].filter((serial) => serial !== null),
  );
  const shared = facts.uuid !== null && serials.size > 1 ? [facts.uuid] : [];
  return identify(facts, agentCiId, candidates, new Set(shared));
}

/** Keys of a CI that people keep, from what they wrote: serial number, MAC, address, login; upper and lower case as in reports. */
export function recordKeys({ attributes }: Pick<Ci, 'attributes'>): IdentityKey[] {
  const text = (name: string): string | null => {
    const value = attributes[name]?.value;
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  const [serial, mac, login] = [text('serial'), text('macAddress'), text('login')];
  const address = text('managementAddress');
  const canonical = mac === null ? null : canonicalMac(mac);
  return [
    ...(serial ? [{ kind: 'serial' as const, value: serial.toUpperCase().replaceAll(/\s+/g, '') }] : []),
    ...(canonical ? [{ kind: 'mac' as const, value: canonical }] : []),
    ...(address ? [{ kind: 'address' as const, value: address }] : []),
    ...(login ? [{ kind: 'login' as const, value: login.toLowerCase() }] : []),
  ];
}
