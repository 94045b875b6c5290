/** What a change takes away, kept as it was: undone newest first, these give back every earlier state. Pure. */
import { invariant } from '@muster/shared/invariant.ts';
import type { Ci, HeldAttribute, Installation, Part, RelationEdge } from '../cmdb/store.ts';

/** A record before a change. null: it was not there. Only the fields and attributes that became different, or the whole of it. */
export type FormerRow =
  | null
  | { readonly whole: Readonly<Record<string, unknown>> }
  | {
      readonly fields?: Readonly<Record<string, unknown>>;
      /** null: it was not there. */
      readonly attributes?: Readonly<Record<string, HeldAttribute | null>>;
    };
/** Version, publisher, installed, size in bytes, first seen. */
export type FormerPackage = readonly [string, string | null, number | null, number | null, number];

/** Everything that one report or one edit changed of one CI, as it was before. What is not named stayed. */
export interface Former {
  readonly ci?: FormerRow;
  readonly parts?: Readonly<Record<string, FormerRow>>;
  /** By package key; null: not installed. null for all: nothing was installed. */
  readonly software?: Readonly<Record<string, FormerPackage | null>> | null;
  /** Edges that went to other ends, as they were. */
  readonly edges?: Readonly<Record<string, RelationEdge>>;
}

export type PackageState = Omit<Installation, 'absentReports'>;
export type PartState = Omit<Part, 'absentReports'>;

/** A CI with all that belongs to it at one moment; parts that were gone then have `removedAtMs`. */
export interface CiState {
  readonly ci: Ci;
  readonly parts: readonly PartState[];
  readonly software: readonly PackageState[];
}

/** What is held before a change, as far as the change touches it. */
export interface Held {
  readonly ci: Ci | null;
  readonly parts: ReadonlyMap<string, Part>;
  readonly software: ReadonlyMap<string, Installation>;
  /** Some package is installed, whether the change touches it or not. */
  readonly hasSoftware: boolean;
}

export interface Change {
  readonly ci: Ci;
  readonly parts: readonly Part[];
  readonly put: readonly Installation[];
  readonly removed: readonly string[];
}

/** Not part of a CI's state: how often a part was not seen lately. */
const UNKEPT = new Set(['id', 'attributes', 'absentReports']);

/** null: the change changes nothing. */
export function formerOf(held: Held, change: Change): Former | null {
  // Before it was created there was nothing of it at all.
  if (held.ci === null) return { ci: null };
  const ci = formerRow(held.ci, change.ci);
  const parts: Record<string, FormerRow> = {};
  for (const part of change.parts) {
    const before = held.parts.get(part.id);
    // One that comes from another machine was not of this one.
    const former =
      before === undefined || before.machineId !== part.machineId ? null : formerRow(before, part);
    if (former !== undefined) parts[part.id] = former;
  }
  const software = formerSoftware(held, change);
  const former: Former = {
    ...(ci === undefined ? {} : { ci }),
    ...(Object.keys(parts).length === 0 ? {} : { parts }),
    ...(software === undefined ? {} : { software }),
  };
  return Object.keys(former).length === 0 ? null : former;
}

/** Parts that this change takes from other machines, by machine. */
export function takenAway(held: Held, change: Change): Map<string, Former> {
  const taken = new Map<string, Record<string, FormerRow>>();
  for (const part of change.parts) {
    const before = held.parts.get(part.id);
    if (before === undefined || before.machineId === part.machineId) continue;
    const { absentReports: _absentReports, ...whole } = before;
    taken.set(before.machineId, { ...taken.get(before.machineId), [part.id]: { whole } });
  }
  return new Map([...taken].map(([machineId, parts]) => [machineId, { parts }]));
}

/** true: it changes what the lists show, and not only what a CI's own page shows. */
export function isListed({ ci }: Former): boolean {
  return ci === null || (ci !== undefined && ('whole' in ci || ci.fields !== undefined));
}

function formerSoftware(held: Held, { put, removed }: Change): Former['software'] | undefined {
  if (put.length > 0 && !held.hasSoftware) return null;
  const software: Record<string, FormerPackage | null> = {};
  for (const item of put) {
    const before = held.software.get(item.key);
    if (before === undefined) software[item.key] = null;
    else if (!sameJson(packed(before), packed({ ...item, firstSeenAtMs: before.firstSeenAtMs })))
      software[item.key] = packed(before);
  }
  for (const key of removed) {
    const before = held.software.get(key);
    if (before !== undefined) software[key] = packed(before);
  }
  return Object.keys(software).length === 0 ? undefined : software;
}

function packed(item: PackageState): FormerPackage {
  return [item.version, item.publisher, item.installedAtMs, item.sizeBytes, item.firstSeenAtMs];
}

/** Edges that had other ends, under each end that they had or get. */
export function formersOfEdges(
  before: ReadonlyMap<string, RelationEdge>,
  after: readonly RelationEdge[],
): Map<string, Former> {
  const found = new Map<string, Record<string, RelationEdge>>();
  for (const edge of after) {
    const then = before.get(edge.id);
    // An end that is set says by itself what was before.
    if (then === undefined) continue;
    if (sameJson(then.endedAtMs === null ? { ...then, endedAtMs: edge.endedAtMs } : then, edge)) continue;
    for (const id of new Set([then.fromId, then.toId, edge.fromId, edge.toId]))
      found.set(id, { ...found.get(id), [edge.id]: then });
  }
  return new Map([...found].map(([id, edges]) => [id, { edges }]));
}

type Row = Ci | Part;

function formerRow(before: Row, after: Row): Exclude<FormerRow, null> | undefined {
  const fields: Record<string, unknown> = {};
  const [then, now] = [
    new Map<string, unknown>(Object.entries(before)),
    new Map<string, unknown>(Object.entries(after)),
  ];
  for (const name of new Set([...then.keys(), ...now.keys()])) {
    if (UNKEPT.has(name) || sameJson(then.get(name), now.get(name))) continue;
    fields[name] = then.get(name) ?? null;
  }
  const attributes: Record<string, HeldAttribute | null> = {};
  for (const name of new Set([...Object.keys(before.attributes), ...Object.keys(after.attributes)])) {
    const held = before.attributes[name];
    if (!sameJson(held, after.attributes[name])) attributes[name] = held ?? null;
  }
  const former = {
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  };
  return Object.keys(former).length === 0 ? undefined : former;
}

/** `now` with the changes undone, which are given newest first; null: it was not there. */
export function undone(now: CiState, formers: readonly Former[]): CiState | null {
  let ci: Ci | null = now.ci;
  const parts = new Map(now.parts.map((part) => [part.id, part]));
  const software = new Map(now.software.map((item) => [item.key, item]));
  for (const former of formers) {
    if (former.ci === null) ci = null;
    else if (former.ci !== undefined) ci = restored<Ci>(ci, former.ci);
    for (const [id, row] of Object.entries(former.parts ?? {})) {
      if (row === null) parts.delete(id);
      else parts.set(id, restored<PartState>(parts.get(id) ?? null, row));
    }
    if (former.software === null) software.clear();
    for (const [key, item] of Object.entries(former.software ?? {})) {
      if (item === null) software.delete(key);
      else software.set(key, unpacked(key, item));
    }
  }
  return ci === null ? null : { ci, parts: [...parts.values()], software: [...software.values()] };
}

function restored<T extends Ci | PartState>(now: T | null, former: Exclude<FormerRow, null>): T {
  if ('whole' in former) return former.whole as unknown as T;
  invariant(now !== null, 'what is to be undone is there');
  const attributes: Record<string, HeldAttribute> = { ...now.attributes };
  for (const [name, held] of Object.entries(former.attributes ?? {})) {
    if (held === null) delete attributes[name];
    else attributes[name] = held;
  }
  return { ...now, ...former.fields, attributes };
}

function unpacked(
  key: string,
  [version, publisher, installedAtMs, sizeBytes, firstSeenAtMs]: FormerPackage,
): PackageState {
  const [source, name, architecture] = key.split('\0');
  return {
    key,
    name: name ?? '',
    version,
    architecture: architecture === '' || architecture === undefined ? null : architecture,
    publisher,
    source: source as PackageState['source'],
    installedAtMs,
    sizeBytes,
    firstSeenAtMs,
  };
}

/** Equal as JSON: the order of keys and keys without a value do not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return (a ?? null) === (b ?? null);
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((each, i) => sameJson(each, b[i]))
    );
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
    sameJson(left[key], right[key]),
  );
}
