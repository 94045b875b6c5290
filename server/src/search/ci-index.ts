/** Machines, other records and the serial numbers of parts, held in memory for the search and kept current by each change. */
import { canonicalMac } from '../inventory/mac.ts';
import type { AppliedChange } from '../cmdb/cmdb.ts';
import { isMachine } from '../cmdb/machine-directory.ts';
import { attributeDefinition, isRecordClass, type RecordClass } from '@muster/shared/cmdb/classes.ts';
import type { Ci, HeldAttribute, Machine, Part, RelationEdge } from '../cmdb/store.ts';
import { KeyIndex, type Question, searchKey, type SearchKey } from './find-keys.ts';
import type { SearchField } from '@muster/shared/api/search.ts';
import type { RelationGraph } from '../relations/graph.ts';

export interface IndexedMachine {
  readonly id: string;
  readonly class: string;
  readonly name: string;
  readonly lifecycle: Machine['lifecycle'];
  readonly site: string | null;
}

export interface IndexedRecord {
  readonly id: string;
  readonly class: RecordClass;
  readonly subclass: string | null;
  readonly name: string;
  readonly lifecycle: Ci['lifecycle'];
}

/** A CI that turned out to be another one. */
export type MergedName = Pick<Ci, 'id' | 'name' | 'mergedInto'>;

export interface IndexedPart {
  readonly id: string;
  readonly class: string;
  readonly name: string;
  readonly machineId: string;
}

export type SerialPart = Pick<Part, 'id' | 'class' | 'name' | 'machineId' | 'attributes'>;

/** Attributes that have a word of their own in the search; other texts that people enter are details. */
const ATTRIBUTES: readonly (readonly [string, SearchField])[] = [
  ['hostname', 'hostname'],
  ['serial', 'serial'],
  ['boardSerial', 'serial'],
  ['chassisSerial', 'serial'],
  ['macAddresses', 'mac'],
  ['macAddress', 'mac'],
  ['managementAddress', 'address'],
  ['cidr', 'address'],
  ['login', 'user'],
  ['mail', 'mail'],
  ['ipAddresses', 'address'],
  ['lastUser', 'user'],
  ['model', 'model'],
  ['uuid', 'id'],
  ['machineId', 'id'],
];

/** Who has what. */
export type Holdings = Pick<RelationGraph, 'from' | 'to'>;

export class CiIndex {
  readonly #holdings: Holdings;
  /** Persons by id, with their keys as the holder of a thing. */
  readonly #people = new Map<string, readonly SearchKey[]>();
  readonly #machines = new KeyIndex<IndexedMachine>();
  readonly #records = new KeyIndex<IndexedRecord>();
  readonly #parts = new KeyIndex<IndexedPart>();
  /** Who turned out to be somebody else, by id. */
  readonly #merged = new Map<string, { readonly name: string; readonly into: string }>();
  /** While the index is filled: what a change told meanwhile, which is newer than what is being read. */
  #changed: Set<string> | null = null;

  constructor(holdings: Holdings) {
    this.#holdings = holdings;
  }

  /** Reads everything; changes that come in between win. */
  async fill(
    machines: AsyncIterable<readonly Ci[]>,
    parts: AsyncIterable<readonly SerialPart[]>,
    merged: readonly MergedName[] = [],
  ): Promise<void> {
    const changed = new Set<string>();
    this.#changed = changed;
    for await (const some of machines) for (const ci of some) if (!changed.has(ci.id)) this.#putCi(ci);
    for await (const some of parts) for (const part of some) if (!changed.has(part.id)) this.#putPart(part);
    for (const one of merged) if (!changed.has(one.id)) this.#putMerged(one);
    this.#changed = null;
  }

  apply({ ci, parts }: AppliedChange): void {
    this.#changed?.add(ci.id);
    if (ci.mergedInto === null) this.#putCi(ci);
    else this.#putMerged(ci);
    for (const part of parts) {
      this.#changed?.add(part.id);
      if (part.removedAtMs === null) this.#putPart(part);
      else this.#parts.delete(part.id);
    }
  }

  /** What was handed out or taken back is found by whom it is with now. */
  applyEdges(edges: readonly RelationEdge[]): void {
    for (const { type, fromId } of edges) if (type === 'assignedTo') this.#tellHolder(fromId);
  }

  findMachines(question: Question, limit: number): ReturnType<KeyIndex<IndexedMachine>['find']> {
    return this.#machines.find(question, limit);
  }

  findRecords(question: Question, limit: number): ReturnType<KeyIndex<IndexedRecord>['find']> {
    return this.#records.find(question, limit);
  }

  findParts(question: Question, limit: number): ReturnType<KeyIndex<IndexedPart>['find']> {
    return this.#parts.find(question, limit);
  }

  #putCi(ci: Ci): void {
    const before = this.#merged.get(ci.id);
    if (before !== undefined) {
      this.#merged.delete(ci.id);
      this.#tellFormer(this.#survivorOf(before.into));
    }
    const { id, class: ciClass, subclass, name, lifecycle, site } = ci;
    const keys = [...ciKeys(ci), ...this.#holderKeys(id)];
    if (isMachine(ci)) this.#machines.put(id, { id, class: ciClass, name, lifecycle, site }, keys);
    else if (isRecordClass(ciClass))
      this.#records.put(id, { id, class: ciClass, subclass, name, lifecycle }, keys);
    if (ciClass === 'Person') this.#putPerson(ci);
    if (this.#merged.size > 0) this.#tellFormer(id);
  }

  /** It is found as what it turned out to be. */
  #putMerged({ id, name, mergedInto }: MergedName): void {
    this.#machines.delete(id);
    this.#records.delete(id);
    if (this.#people.delete(id)) this.#tellHoldings(id);
    if (mergedInto === null) return;
    this.#merged.set(id, { name, into: mergedInto });
    this.#tellFormer(this.#survivorOf(id));
  }

  #putPerson({ id, name, attributes }: Ci): void {
    const texts = [name, ...textsOf(attributes['login'])];
    this.#people.set(
      id,
      texts.map((text) => holderKey(text)),
    );
    this.#tellHoldings(id);
  }

  #tellHoldings(personId: string): void {
    for (const { fromId } of this.#holdings.to(personId, 'assignedTo')) this.#tellHolder(fromId);
  }

  /** Gives a thing the names of those it is assigned to. */
  #tellHolder(id: string): void {
    for (const index of [this.#machines, this.#records] as readonly KeyIndex<unknown>[]) {
      if (!index.has(id)) continue;
      const keys = index.keysOf(id).filter((key) => !isHolderKey(key));
      index.put(id, index.get(id), [...keys, ...this.#holderKeys(id)]);
    }
  }

  #holderKeys(id: string): SearchKey[] {
    return this.#holdings.from(id, 'assignedTo').flatMap(({ toId }) => this.#people.get(toId) ?? []);
  }

  #survivorOf(id: string): string {
    let at = id;
    for (let steps = 0; steps <= this.#merged.size; steps++) {
      const next = this.#merged.get(at)?.into;
      if (next === undefined) break;
      at = next;
    }
    return at;
  }

  /** Gives a CI the names of those that turned out to be it. */
  #tellFormer(id: string): void {
    const names = [...this.#merged]
      .filter(([mergedId]) => this.#survivorOf(mergedId) === id)
      .map(([, { name }]) => name);
    for (const index of [this.#machines, this.#records] as readonly KeyIndex<{ readonly name: string }>[]) {
      const item = index.get(id);
      if (item === undefined) continue;
      const keys = index.keysOf(id).filter(({ field }) => field !== 'formerName');
      const former = names.filter((name) => name.toLowerCase() !== item.name.toLowerCase());
      index.put(id, item, [...keys, ...former.map((name) => searchKey('formerName', name))]);
    }
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

/** Told apart from what the thing itself says of its user. */
interface HolderKey extends SearchKey {
  readonly isHolder: true;
}

function holderKey(text: string): HolderKey {
  return { ...searchKey('user', text), isHolder: true };
}

function isHolderKey(key: SearchKey): boolean {
  return 'isHolder' in key;
}

/** Longer texts are notes, not names. */
const DETAIL_LENGTH_MAX = 120;

function ciKeys(ci: Ci): SearchKey[] {
  const { id, name, assetNumber, owner, tags, attributes } = ci;
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
  for (const [attribute, held] of Object.entries(attributes)) {
    if (!isDetail(ci, attribute)) continue;
    for (const text of textsOf(held))
      if (text.length <= DETAIL_LENGTH_MAX) keys.push(searchKey('detail', text));
  }
  return keys;
}

const NAMED: ReadonlySet<string> = new Set(ATTRIBUTES.map(([attribute]) => attribute));

/** A text that people enter, also one of the administrator's own making, or any text of a record. */
function isDetail(ci: Ci, attribute: string): boolean {
  if (NAMED.has(attribute)) return false;
  const known = attributeDefinition(ci.class, attribute);
  if (known === undefined) return true;
  return known.form === 'text' && (known.by === 'person' || isRecordClass(ci.class));
}

/** The value that stands and, under a lock, the one that is observed: people may read either on the case. */
function textsOf(held: HeldAttribute | undefined): string[] {
  const values = [held?.value, held?.observedValue].flat();
  return [...new Set(values.filter((value) => typeof value === 'string' && value !== ''))] as string[];
}
