/** Machines and the serial numbers of their parts, held in memory for the search and kept current by each change. */
import { canonicalMac } from '../inventory/mac.ts';
import type { AppliedChange } from '../cmdb/cmdb.ts';
import { isMachine } from '../cmdb/machine-directory.ts';
import type { Ci, HeldAttribute, Machine, Part } from '../cmdb/store.ts';
import { KeyIndex, type Question, searchKey, type SearchKey } from './find-keys.ts';
import type { SearchField } from '@muster/shared/api/search.ts';

export interface IndexedMachine {
  readonly id: string;
  readonly class: string;
  readonly name: string;
  readonly lifecycle: Machine['lifecycle'];
  readonly site: string | null;
}

export interface IndexedPart {
  readonly id: string;
  readonly class: string;
  readonly name: string;
  readonly machineId: string;
}

export type SerialPart = Pick<Part, 'id' | 'class' | 'name' | 'machineId' | 'attributes'>;

/** Attributes of a machine by which people look for it. */
const ATTRIBUTES: readonly (readonly [string, SearchField])[] = [
  ['hostname', 'hostname'],
  ['serial', 'serial'],
  ['boardSerial', 'serial'],
  ['chassisSerial', 'serial'],
  ['macAddresses', 'mac'],
  ['ipAddresses', 'address'],
  ['lastUser', 'user'],
  ['model', 'model'],
  ['uuid', 'id'],
  ['machineId', 'id'],
];

export class CiIndex {
  readonly #machines = new KeyIndex<IndexedMachine>();
  readonly #parts = new KeyIndex<IndexedPart>();
  /** While the index is filled: what a change told meanwhile, which is newer than what is being read. */
  #changed: Set<string> | null = null;

  /** Reads everything; changes that come in between win. */
  async fill(
    machines: AsyncIterable<readonly Ci[]>,
    parts: AsyncIterable<readonly SerialPart[]>,
  ): Promise<void> {
    const changed = new Set<string>();
    this.#changed = changed;
    for await (const some of machines)
      for (const machine of some) if (!changed.has(machine.id)) this.#putMachine(machine);
    for await (const some of parts) for (const part of some) if (!changed.has(part.id)) this.#putPart(part);
    this.#changed = null;
  }

  apply({ ci, parts }: AppliedChange): void {
    this.#changed?.add(ci.id);
    this.#putMachine(ci);
    for (const part of parts) {
      this.#changed?.add(part.id);
      if (part.removedAtMs === null) this.#putPart(part);
      else this.#parts.delete(part.id);
    }
  }

  findMachines(question: Question, limit: number): ReturnType<KeyIndex<IndexedMachine>['find']> {
    return this.#machines.find(question, limit);
  }

  findParts(question: Question, limit: number): ReturnType<KeyIndex<IndexedPart>['find']> {
    return this.#parts.find(question, limit);
  }

  #putMachine(machine: Ci): void {
    if (!isMachine(machine)) return;
    if (machine.mergedInto !== null) {
      this.#machines.delete(machine.id);
      return;
    }
    const { id, class: ciClass, name, lifecycle, site } = machine;
    this.#machines.put(id, { id, class: ciClass, name, lifecycle, site }, machineKeys(machine));
  }

  #putPart(part: SerialPart): void {
    const serials = part.class === 'Component' ? textsOf(part.attributes['serial']) : [];
    if (serials.length === 0) {
      this.#parts.delete(part.id);
      return;
    }
    const { id, class: ciClass, name, machineId } = part;
    this.#parts.put(
      id,
      { id, class: ciClass, name, machineId },
      serials.map((serial) => searchKey('serial', serial)),
    );
  }
}

function machineKeys(machine: Machine): SearchKey[] {
  const { id, name, assetNumber, owner, tags, attributes } = machine;
  const keys = [searchKey('name', name), searchKey('id', id)];
  if (assetNumber) keys.push(searchKey('assetNumber', assetNumber));
  if (owner) keys.push(searchKey('owner', owner));
  for (const tag of tags) keys.push(searchKey('tag', tag));
  for (const [attribute, field] of ATTRIBUTES) {
    for (const text of textsOf(attributes[attribute])) {
      const value = field === 'mac' ? (canonicalMac(text) ?? text) : text;
      if (field !== 'hostname' || value.toLowerCase() !== name.toLowerCase())
        keys.push(searchKey(field, value));
    }
  }
  return keys;
}

/** The value that stands and, under a lock, the one that is observed: people may read either on the case. */
function textsOf(held: HeldAttribute | undefined): string[] {
  const values = [held?.value, held?.observedValue].flat();
  return [...new Set(values.filter((value) => typeof value === 'string' && value !== ''))] as string[];
}
