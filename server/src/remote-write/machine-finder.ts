/** Which machine a label names: by name, address or serial number, in memory and current with each change. */
import type { MachineKey } from '@muster/shared/api/remote-write.ts';
import type { AttributeValue } from '../cmdb/picture.ts';

/** What a machine can be found by. */
export interface FindableMachine {
  readonly id: string;
  readonly name: string;
  /** Values as the CMDB holds them. */
  readonly attributes: Readonly<Record<string, AttributeValue | undefined>>;
  /** Turned out to be another one. */
  readonly isMerged: boolean;
}

export type FoundMachine =
  | { readonly ciId: string }
  | { readonly why: 'machine-unknown' | 'machine-ambiguous' };

export class MachineFinder {
  readonly #ids = new Map<string, Set<string>>();
  readonly #keys = new Map<string, readonly string[]>();
  /** Changes whenever an answer may be another one than before. */
  generation = 0;

  put(machine: FindableMachine): void {
    const keys = machine.isMerged ? [] : keysOf(machine);
    const before = this.#keys.get(machine.id) ?? [];
    if (keys.length === before.length && keys.every((key, i) => key === before[i])) return;
    this.generation += 1;
    for (const key of before) {
      const ids = this.#ids.get(key);
      ids?.delete(machine.id);
      if (ids?.size === 0) this.#ids.delete(key);
    }
    if (keys.length === 0) this.#keys.delete(machine.id);
    else this.#keys.set(machine.id, keys);
    for (const key of keys) {
      const ids = this.#ids.get(key);
      if (ids) ids.add(machine.id);
      else this.#ids.set(key, new Set([machine.id]));
    }
  }

  /** The first kind of key that finds any decides; several machines are no answer. */
  find(value: string, by: readonly MachineKey[]): FoundMachine {
    for (const kind of by) {
      for (const key of questions(kind, value)) {
        const ids = this.#ids.get(key);
        if (ids === undefined) continue;
        const [ciId] = ids;
        return ids.size === 1 && ciId !== undefined ? { ciId } : { why: 'machine-ambiguous' };
      }
    }
    return { why: 'machine-unknown' };
  }
}

/** A name in full, then its first part: `db1.example.net` is also asked for as `db1`, and the other way round. */
function questions(kind: MachineKey, value: string): string[] {
  const text = value.trim().toLowerCase();
  if (text === '') return [];
  if (kind !== 'name') return [`${kind} ${text}`];
  const short = shortName(text);
  return [`name ${text}`, ...(short === null ? [`short ${text}`] : [`name ${short}`])];
}

function keysOf({ name, attributes }: FindableMachine): string[] {
  const keys = new Set<string>();
  for (const text of [name, ...texts(attributes['hostname'])]) {
    const lower = text.trim().toLowerCase();
    if (lower === '') continue;
    keys.add(`name ${lower}`);
    const short = shortName(lower);
    if (short !== null) keys.add(`short ${short}`);
  }
  for (const text of texts(attributes['ipAddresses'])) keys.add(`address ${plainAddress(text)}`);
  for (const text of texts(attributes['serial'])) keys.add(`serial ${text.trim().toLowerCase()}`);
  return [...keys].sort();
}

/** null: it has one part only, or is an address. */
function shortName(name: string): string | null {
  const dot = name.indexOf('.');
  return dot <= 0 || /^[\d.]+$/.test(name) ? null : name.slice(0, dot);
}

/** Without the length of the prefix. */
function plainAddress(text: string): string {
  return (text.split('/')[0] ?? '').trim().toLowerCase();
}

function texts(value: AttributeValue | undefined): string[] {
  return [value].flat().filter((one): one is string => typeof one === 'string' && one.trim() !== '');
}
