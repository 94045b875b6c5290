/** The machines in memory: what other slices and the lists ask of them, filled at start and after each change. */
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { LISTED_ATTRIBUTES } from '@muster/shared/api/machines.ts';
import type { CiDirectory, CiEntry } from './directory.ts';
import type { AttributeValue } from './picture.ts';
import type { Ci, Machine } from './store.ts';

export type ListedMachine = Omit<Machine, 'attributes'> & {
  readonly attributes: Readonly<Record<string, AttributeValue>>;
};

export function isMachine(ci: Ci): ci is Machine {
  return isMachineClass(ci.class);
}

export class MachineDirectory implements CiDirectory {
  readonly #entries = new Map<string, CiEntry>();
  readonly #listed = new Map<string, ListedMachine>();
  readonly #listeners: ((entry: CiEntry) => void)[] = [];

  constructor(machines: readonly Machine[]) {
    for (const machine of machines) this.#take(machine);
  }

  get(id: string): CiEntry | undefined {
    return this.#entries.get(id);
  }

  all(): Iterable<CiEntry> {
    return this.#entries.values();
  }

  onChange(listener: (entry: CiEntry) => void): void {
    this.#listeners.push(listener);
  }

  /** All but those that turned out to be another one. */
  listed(): Iterable<ListedMachine> {
    return this.#listed.values();
  }

  /** Not where it turned out to be another one. */
  one(id: string): ListedMachine | undefined {
    return this.#listed.get(id);
  }

  put(machine: Machine): void {
    const entry = this.#take(machine);
    for (const listener of this.#listeners) listener(entry);
  }

  #take(machine: Machine): CiEntry {
    const entry = entryOf(machine);
    this.#entries.set(machine.id, entry);
    if (machine.mergedInto !== null) this.#listed.delete(machine.id);
    else this.#listed.set(machine.id, listedOf(machine));
    return entry;
  }
}

function listedOf(machine: Machine): ListedMachine {
  const attributes: Record<string, AttributeValue> = {};
  for (const name of LISTED_ATTRIBUTES) {
    const value = machine.attributes[name]?.value;
    if (value !== undefined && value !== null) attributes[name] = value;
  }
  return { ...machine, attributes };
}

function entryOf(machine: Machine): CiEntry {
  const timeZone = machine.attributes.timeZone?.value;
  return {
    id: machine.id,
    class: machine.class,
    name: machine.name,
    // Nobody is to wait for what turned out to be another one.
    lifecycle: machine.mergedInto === null ? machine.lifecycle : 'retired',
    criticality: machine.criticality,
    tags: machine.tags,
    site: machine.site,
    owner: machine.owner,
    agentId: machine.mergedInto === null ? machine.agentId : null,
    timeZone: typeof timeZone === 'string' ? timeZone : null,
    createdAtMs: machine.createdAtMs,
  };
}
