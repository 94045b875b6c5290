/** The keys a machine is found by, and the candidates that are compared. Pure. */
import type { MachineFacts } from '../inventory/facts.ts';
import { identify, type Candidate, type Decision, type IdentityContext } from './identify.ts';
import { sourceValues } from './held-values.ts';
import { type ExtraJunk, isJunkSerial, isJunkUuid, NO_EXTRA_JUNK } from '../inventory/junk.ts';
import type { AttributeValue } from './picture.ts';
import { canonicalMac } from '../inventory/mac.ts';
import { normalise } from '../inventory/normalise.ts';
import { canonicalUuid } from '../inventory/uuid.ts';
import { isMachine } from './machine-directory.ts';
import type { Ci, HeldAttribute, IdentityKey, Machine } from './store.ts';

/** By what the CIs are looked for that a report could be of. */
export function searchKeys(facts: MachineFacts): IdentityKey[] {
  const keys = factKeys(facts);
  if (facts.uuidSwapped && facts.uuidSwapped !== facts.uuid)
    keys.push({ kind: 'uuid', value: facts.uuidSwapped });
  if (facts.assetTag) keys.push({ kind: 'asset-tag', value: facts.assetTag });
  return keys;
}

function factKeys(facts: MachineFacts): IdentityKey[] {
  const keys: IdentityKey[] = [];
  if (facts.serial) keys.push({ kind: 'serial', value: facts.serial });
  if (facts.uuid) keys.push({ kind: 'uuid', value: facts.uuid });
  if (facts.boardSerial) keys.push({ kind: 'board-serial', value: facts.boardSerial });
  if (facts.machineId) keys.push({ kind: 'machine-id', value: facts.machineId });
  for (const mac of facts.permanentMacs) keys.push({ kind: 'mac', value: mac });
  if (facts.hostname) keys.push({ kind: 'hostname', value: facts.hostname });
  return keys;
}

/** All keys of a machine: what its sections tell, and what any source ever said of serial number and UUID. */
export function machineKeys(
  machine: Machine,
  facts: MachineFacts,
  junk: ExtraJunk = NO_EXTRA_JUNK,
): IdentityKey[] {
  const keys = factKeys(facts);
  for (const address of facts.ipAddresses) keys.push({ kind: 'address', value: address });
  for (const serial of texts(machine, 'serial').map(spelledSerial))
    if (!isJunkSerial(serial, junk)) keys.push({ kind: 'serial', value: serial });
  for (const uuid of texts(machine, 'uuid').flatMap((text) => canonicalUuid(text) ?? []))
    if (!isJunkUuid(uuid, junk)) keys.push({ kind: 'uuid', value: uuid });
  if (machine.assetNumber !== null && isAwaited(machine))
    keys.push({ kind: 'asset-tag', value: spelledSerial(machine.assetNumber) });
  return [...new Map(keys.map((key) => [`${key.kind} ${key.value}`, key])).values()];
}

/** Kept by people or an import; no machine has reported it. */
function isAwaited({ attributes, agentId }: Machine): boolean {
  return agentId === null && !Object.values(attributes).some(({ section }) => section !== null);
}

function texts({ attributes }: Machine, name: string): string[] {
  const held = attributes[name];
  const said = sourceValues(held);
  const values = said.length > 0 ? said : held ? [held] : [];
  return values.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
}

function spelledSerial(text: string): string {
  return text.toUpperCase().replaceAll(/\s+/g, '');
}

/** `keys`: those the CI is found by; without them all its addresses count as of built-in ports. */
export function candidateOf(machine: Machine, keys?: readonly IdentityKey[], questioned = false): Candidate {
  // A lock or a typed value changes what people read, not what the machine is: identity compares what was observed.
  const seen = (name: string): AttributeValue => {
    const held = machine.attributes[name];
    const said = sourceValues(held);
    return (said.find(({ source }) => source !== 'human') ?? said[0] ?? held)?.value ?? null;
  };
  const text = (name: string): string | null => {
    const value = seen(name);
    return typeof value === 'string' ? value : null;
  };
  const macs = keys?.filter(({ kind }) => kind === 'mac').map(({ value }) => value) ?? seen('macAddresses');
  const addresses = seen('ipAddresses');
  const allMacs = seen('macAddresses');
  // A value that was found to be on many machines is not among the keys any more.
  const goodKey = (kind: IdentityKey['kind'], value: string | null): string | null =>
    value === null || !keys || keys.some((key) => key.kind === kind && key.value === value) ? value : null;
  return {
    ciId: machine.id,
    ciName: machine.name,
    serial: goodKey('serial', spelled(text('serial'), spelledSerial)),
    uuid: goodKey('uuid', spelled(text('uuid'), canonicalUuid)),
    boardSerial: spelled(text('boardSerial'), spelledSerial),
    machineId: text('machineId'),
    hostname: text('hostname')?.split('.')[0]?.toLowerCase() ?? null,
    domain: text('domain'),
    manufacturer: text('manufacturer'),
    model: text('model'),
    macs: Array.isArray(macs) ? macs : [],
    bootedAtMs: newestNumber(machine.attributes.bootedAt),
    addresses: Array.isArray(addresses) ? addresses : [],
    allMacs: Array.isArray(allMacs) ? allMacs : [],
    placeholder: machine.placeholder,
    zone: machine.site,
    awaitedAssetNumber: isAwaited(machine) ? machine.assetNumber : null,
    questioned,
  };
}

/** Of all sources what was seen last: a machine that was started again is told of by whoever came first. */
function newestNumber(held: HeldAttribute | undefined): number | null {
  const newest = sourceValues(held).toSorted((a, b) => b.observedAtMs - a.observedAtMs)[0]?.value;
  return typeof newest === 'number' ? newest : null;
}

function spelled(value: string | null, spell: (text: string) => string | null): string | null {
  return value === null ? null : spell(value);
}

/** A UUID that several machines with serials of their own hold (one batch of boards) identifies none of them. */
export function identifyAmong(
  facts: MachineFacts,
  agentCiId: string | null,
  candidates: readonly Candidate[],
  context: Omit<IdentityContext, 'sharedUuids'> = {},
): Decision {
  const holders = candidates.filter(
    ({ uuid }) => uuid !== null && (uuid === facts.uuid || uuid === facts.uuidSwapped),
  );
  const serials = new Set(
    [facts.serial, ...holders.map(({ serial }) => serial)].filter((serial) => serial !== null),
  );
  const shared = facts.uuid !== null && serials.size > 1 ? [facts.uuid] : [];
  return identify(facts, agentCiId, candidates, { ...context, sharedUuids: new Set(shared) });
}

/** Keys of a CI that people keep, from what they wrote: serial number, asset number, MAC, address, login; upper and lower case as in reports. */
export function recordKeys(ci: Ci): IdentityKey[] {
  if (isMachine(ci)) return machineKeys(ci, normalise({}));
  const { attributes } = ci;
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
