/** A house for stories: machines, devices, places and services in memory, with the relations between them. */
import { invariant } from '@muster/shared/invariant.ts';
import { CI_CLASSES, type CiClass, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import type { CiDirectory, CiEntry } from '@muster/server/cmdb/directory.ts';
import { EdgeIndex, type RelationGraph } from '@muster/server/relations/graph.ts';
import { createMembership, type Membership } from '@muster/server/relations/membership.ts';
import type { GraphNode, NodeDirectory } from '@muster/server/relations/nodes.ts';

export interface House {
  readonly directory: CiDirectory;
  readonly graph: Pick<RelationGraph, 'from' | 'to' | 'all' | 'onChange'>;
  readonly nodes: Pick<NodeDirectory, 'get' | 'all' | 'partsOf' | 'onChange'>;
  readonly membership: Membership;
  /** Names of the machines, in the order of the story. */
  readonly machines: readonly string[];
  /** Id of a CI by its name in the story. */
  idOf(name: string): string;
  nameOf(id: string): string;
  entry(name: string): CiEntry;
  /** null: none is said. */
  addressOf(name: string): string | null;
  isWitness(name: string): boolean;
  /** A firewall keeps the server's probes from it. */
  isHidden(name: string): boolean;
  change(name: string, fields: Partial<CiEntry>): void;
  relate(type: RelationTypeName, from: string, to: string, group?: string, needed?: number): void;
}

/** Addresses are given in the order of the story. */
const FIRST_ADDRESS = 10;

/** 'WS-1..40' is forty names; 'A B' are two. */
export function namesOf(text: string): string[] {
  return text
    .trim()
    .split(/[\s,]+/)
    .flatMap((name) => {
      const range = /^(.*?)(\d+)\.\.(\d+)$/.exec(name);
      if (!range) return [name];
      const [, stem = '', first = '', last = ''] = range;
      const width = first.startsWith('0') ? first.length : 0;
      const from = Number(first);
      invariant(Number(last) >= from, `${name} is a range`);
      return Array.from(
        { length: Number(last) - from + 1 },
        (_, i) => stem + String(from + i).padStart(width, '0'),
      );
    });
}

/** `lines`: names → 'Server, criticality 1, in Munich, behind SW-1, on HOST-1, tags a b, needs 1 of A B'. */
export function buildHouse(lines: Readonly<Record<string, string>>, zone: string, bornMs: number): House {
  const builder = new Builder(zone, bornMs);
  const all = Object.entries(lines).flatMap(([names, text]) =>
    namesOf(names).map((name) => [name, text] as const),
  );
  for (const [name, text] of all) builder.add(name, text);
  for (const [name, text] of all) builder.tie(name, text);
  return builder;
}

class Builder implements House {
  readonly #index = new EdgeIndex();
  readonly #nodes = new Map<string, GraphNode>();
  readonly #entries = new Map<string, CiEntry>();
  readonly #entryListeners: ((entry: CiEntry) => void)[] = [];
  readonly #graphListeners: (() => void)[] = [];
  readonly #zone: string;
  readonly #bornMs: number;
  readonly #lines = new Map<string, string>();
  #edges = 0;
  readonly machines: string[] = [];
  readonly directory: CiDirectory = {
    get: (id) => this.#entries.get(id),
    all: () => this.#entries.values(),
    onChange: (listener) => void this.#entryListeners.push(listener),
  };
  readonly graph: House['graph'] = {
    from: (id, type) => this.#index.from(id, type),
    to: (id, type) => this.#index.to(id, type),
    all: () => this.#index.all(),
    onChange: (listener) => void this.#graphListeners.push(() => listener([])),
  };
  readonly nodes: House['nodes'] = {
    get: (id) => this.#nodes.get(id),
    all: () => this.#nodes.values(),
    partsOf: () => [],
    onChange: () => undefined,
  };
  readonly membership = createMembership({ graph: this.graph, nodes: this.nodes });

  constructor(zone: string, bornMs: number) {
    this.#zone = zone;
    this.#bornMs = bornMs;
  }

  idOf(name: string): string {
    invariant(this.#nodes.has(`ci_${name}`), `the house has ${name}`);
    return `ci_${name}`;
  }

  nameOf(id: string): string {
    return this.#nodes.get(id)?.name ?? id;
  }

  entry(name: string): CiEntry {
    const entry = this.#entries.get(this.idOf(name));
    invariant(entry, `${name} is a machine`);
    return entry;
  }

  addressOf(name: string): string | null {
    const network = detail(this.#lines.get(name) ?? '', 'net');
    return network === undefined ? null : `${network}.${FIRST_ADDRESS + this.machines.indexOf(name)}`;
  }

  isWitness(name: string): boolean {
    return (this.#lines.get(name) ?? '').split(/,\s*/).includes('witness');
  }

  isHidden(name: string): boolean {
    return (this.#lines.get(name) ?? '').split(/,\s*/).includes('hidden');
  }

  change(name: string, fields: Partial<CiEntry>): void {
    const entry = { ...this.entry(name), ...fields };
    this.#entries.set(entry.id, entry);
    for (const listener of this.#entryListeners) listener(entry);
  }

  relate(type: RelationTypeName, from: string, to: string, group?: string, needed?: number): void {
    this.#edges += 1;
    this.#index.put({
      id: `rel_${this.#edges}`,
      type,
      fromId: this.idOf(from),
      toId: this.idOf(to),
      source: 'human',
      actor: 'user:story',
      sinceMs: this.#bornMs,
      endedAtMs: null,
      group: group ?? null,
      needed: needed ?? null,
    });
    for (const listener of this.#graphListeners) listener();
  }

  add(name: string, text: string): void {
    const ciClass = classOf(text);
    this.#lines.set(name, text);
    const id = `ci_${name}`;
    const criticality = Number(detail(text, 'criticality') ?? 3);
    const common = { id, name, class: ciClass, criticality, lifecycle: 'in_use', site: null } as const;
    this.#nodes.set(id, {
      ...common,
      subclass: null,
      owner: null,
      supportGroup: detail(text, 'team') ?? null,
      users: null,
      machineId: null,
    });
    if (!isMachineClass(ciClass) && !text.includes('watched')) return;
    this.machines.push(name);
    const tags = detail(text, 'tags');
    this.#entries.set(id, {
      ...common,
      tags: tags === undefined ? [] : namesOf(tags),
      owner: null,
      agentId: `agent_${name}`,
      timeZone: detail(text, 'zone') ?? this.#zone,
      createdAtMs: this.#bornMs,
    });
  }

  tie(name: string, text: string): void {
    for (const place of namesOf(detail(text, 'in') ?? '').filter(Boolean))
      this.relate('locatedAt', name, place);
    for (const switchName of namesOf(detail(text, 'behind') ?? '').filter(Boolean))
      this.relate('connectsTo', name, switchName);
    for (const net of namesOf(detail(text, 'subnet') ?? '').filter(Boolean))
      this.relate('memberOf', name, net);
    for (const net of namesOf(detail(text, 'gateway of') ?? '').filter(Boolean))
      this.relate('gatewayOf', name, net);
    for (const host of namesOf(detail(text, 'on') ?? '').filter(Boolean)) this.relate('hosts', host, name);
    for (const user of namesOf(detail(text, 'used by') ?? '').filter(Boolean))
      this.relate('assignedTo', name, user);
    for (const [i, need] of details(text, 'needs').entries()) {
      const group = /^(\d+) of (.*)$/.exec(need);
      if (!group) for (const one of namesOf(need)) this.relate('dependsOn', name, one);
      else
        for (const one of namesOf(group[2] ?? ''))
          this.relate('dependsOn', name, one, `group ${i + 1}`, Number(group[1]));
    }
  }
}

function classOf(text: string): CiClass {
  const name = text.split(',')[0]?.trim() ?? '';
  const known = Object.hasOwn(CI_CLASSES, name);
  invariant(known, `"${name}" is a class`);
  return name as CiClass;
}

function details(text: string, word: string): string[] {
  return text
    .split(',')
    .slice(1)
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${word} `))
    .map((part) => part.slice(word.length + 1).trim());
}

function detail(text: string, word: string): string | undefined {
  return details(text, word)[0];
}
