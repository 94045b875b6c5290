/** What is different between two states, and what single machines of a group have different from most of it. Pure. */
import type { DriftItem, PeerItem } from '@muster/shared/api/history.ts';
import { PEER_OUTLIERS_MAX } from '@muster/shared/api/history.ts';
import type { AttributeValue } from '../cmdb/picture.ts';
import type { Attributes, Ci, HistoryRow, Part, RelationEdge } from '../cmdb/store.ts';
import { type CiState, sameJson } from './past.ts';
import type { VersionCount } from './store.ts';

/** Fields of a CI that a comparison reads beside its attributes. */
const FIELDS = [
  'class',
  'subclass',
  'name',
  'lifecycle',
  'criticality',
  'assetNumber',
  'owner',
  'supportGroup',
  'serviceHours',
  'site',
  'tags',
] as const;

type Values = ReadonlyMap<string, unknown>;

/** null on one side: it was not there. Attributes of `ignored` are left out. */
export function driftBetween(
  before: CiState | null,
  after: CiState | null,
  ignored: ReadonlySet<string>,
): DriftItem[] {
  const about = (after ?? before)?.ci;
  if (about === undefined) return [];
  const base = { ciId: about.id, ciName: about.name, ciClass: about.class };
  const items: DriftItem[] = [];
  const add = (item: Omit<DriftItem, 'id' | 'ciId' | 'ciName' | 'ciClass'>) =>
    items.push({
      id: [base.ciId, item.kind, item.thingClass, item.thing, item.attribute].join('|'),
      ...base,
      ...item,
    });
  if (before === null || after === null) {
    const change = before === null ? 'added' : 'removed';
    add({
      kind: 'attribute',
      change,
      thing: null,
      thingClass: null,
      attribute: null,
      ...sides(before?.ci.name, after?.ci.name),
    });
    return items;
  }
  for (const each of different(valuesOf(before.ci), valuesOf(after.ci), ignored))
    add({ kind: 'attribute', thing: null, thingClass: null, ...each });

  const parts = paired(before.parts.filter(isThere), after.parts.filter(isThere), ({ id }) => id);
  for (const [then, now] of parts) {
    const part = now ?? then;
    if (part === undefined) continue;
    const thing = { thing: part.name, thingClass: part.class };
    const kind = 'part';
    if (then === undefined || now === undefined)
      add({
        kind,
        change: then === undefined ? 'added' : 'removed',
        ...thing,
        attribute: null,
        ...sides(then?.name, now?.name),
      });
    else
      for (const each of different(valuesOfPart(then), valuesOfPart(now), ignored))
        add({ kind, ...thing, ...each });
  }
  for (const [then, now] of paired(before.software, after.software, ({ key }) => key)) {
    const item = now ?? then;
    if (item === undefined || (then && now && then.version === now.version)) continue;
    const change = then === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    add({
      kind: 'software',
      change,
      thing: item.name,
      thingClass: 'Software',
      attribute: 'version',
      ...sides(then?.version, now?.version),
    });
  }
  return items;
}

/** Relations of the CIs in `about` that hold on one side only; one that was made anew is the same. */
export function relationDrift(
  edges: readonly RelationEdge[],
  isAt: (edge: RelationEdge) => { readonly before: boolean; readonly after: boolean },
  about: ReadonlyMap<string, Pick<Ci, 'name' | 'class'>>,
  nameOf: (id: string) => string,
): DriftItem[] {
  const tied = new Map<string, { edge: RelationEdge; before: number; after: number }>();
  for (const edge of edges) {
    const key = [edge.type, edge.fromId, edge.toId].join('|');
    const known = tied.get(key) ?? { edge, before: 0, after: 0 };
    const { before, after } = isAt(edge);
    tied.set(key, { edge, before: known.before + Number(before), after: known.after + Number(after) });
  }
  return [...tied].flatMap(([key, { edge, before, after }]) => {
    if (before > 0 === after > 0) return [];
    const [ciId, otherId] = about.has(edge.fromId) ? [edge.fromId, edge.toId] : [edge.toId, edge.fromId];
    const ci = about.get(ciId);
    if (ci === undefined) return [];
    const other = nameOf(otherId);
    return [
      {
        id: `relation|${key}`,
        ciId,
        ciName: ci.name,
        ciClass: ci.class,
        kind: 'relation' as const,
        change: before > 0 ? ('removed' as const) : ('added' as const),
        thing: other,
        thingClass: null,
        attribute: edge.type,
        ...sides(before > 0 ? other : null, after > 0 ? other : null),
      },
    ];
  });
}

/** `changes` of one period, oldest first: what a file was before the first and is after the last. */
export function fileDrift(
  changes: readonly HistoryRow[],
  about: ReadonlyMap<string, Pick<Ci, 'name' | 'class'>>,
): DriftItem[] {
  const files = new Map<string, { first: HistoryRow; last: HistoryRow }>();
  for (const row of changes) {
    if (!about.has(row.machineId)) continue;
    const key = `${row.machineId}|${row.attribute}`;
    files.set(key, { first: files.get(key)?.first ?? row, last: row });
  }
  return [...files].flatMap(([key, { first, last }]) => {
    const ci = about.get(first.machineId);
    if (ci === undefined || sameJson(first.before, last.after)) return [];
    const isNew = first.before === null;
    return [
      {
        id: `file|${key}`,
        ciId: first.machineId,
        ciName: ci.name,
        ciClass: ci.class,
        kind: 'file' as const,
        change: isNew
          ? ('added' as const)
          : last.after === null
            ? ('removed' as const)
            : ('changed' as const),
        thing: (first.attribute ?? '').slice('file:'.length),
        thingClass: null,
        attribute: null,
        ...sides(first.before, last.after),
      },
    ];
  });
}

function sides(before: unknown, after: unknown): { before: unknown; after: unknown } {
  return { before: before ?? null, after: after ?? null };
}

function isThere(part: { readonly removedAtMs: unknown }): boolean {
  return part.removedAtMs === null;
}

function valuesOf(ci: Ci): Values {
  const values = new Map<string, unknown>(FIELDS.map((name) => [name, ci[name]]));
  for (const [name, held] of Object.entries(ci.attributes)) values.set(name, held.value);
  return values;
}

function valuesOfPart(part: { readonly name: string; readonly attributes: Attributes }): Values {
  const values = new Map<string, unknown>([['name', part.name]]);
  for (const [name, held] of Object.entries(part.attributes)) values.set(name, held.value);
  return values;
}

function different(
  before: Values,
  after: Values,
  ignored: ReadonlySet<string>,
): { attribute: string; change: 'changed'; before: unknown; after: unknown }[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => !ignored.has(name) && !sameJson(before.get(name), after.get(name)))
    .map((attribute) => ({
      attribute,
      change: 'changed' as const,
      ...sides(before.get(attribute), after.get(attribute)),
    }));
}

function paired<T>(
  before: readonly T[],
  after: readonly T[],
  key: (item: T) => string,
): [T | undefined, T | undefined][] {
  const then = new Map(before.map((item) => [key(item), item]));
  const now = new Map(after.map((item) => [key(item), item]));
  return [...new Set([...then.keys(), ...now.keys()])].map((each) => [then.get(each), now.get(each)]);
}

/** One thing that all machines of a group can have, with the value of each that has it. */
interface Compared extends Pick<PeerItem, 'kind' | 'thing' | 'thingClass' | 'attribute'> {
  readonly values: Map<string, AttributeValue>;
}

/** Attributes and parts in which single machines are different from most. */
export function peerDrift(
  cis: readonly Ci[],
  parts: readonly Part[],
  ignored: ReadonlySet<string>,
): PeerItem[] {
  const compared = new Map<string, Compared>();
  const note = (of: Omit<Compared, 'values'>, ciId: string, value: AttributeValue) => {
    const key = [of.kind, of.thingClass, of.thing, of.attribute].join('|');
    const known = compared.get(key);
    if (known) known.values.set(ciId, value);
    else compared.set(key, { ...of, values: new Map([[ciId, value]]) });
  };
  for (const ci of cis)
    for (const [attribute, held] of Object.entries(ci.attributes))
      if (!ignored.has(attribute) && held.value !== null)
        note({ kind: 'attribute', thing: null, thingClass: null, attribute }, ci.id, held.value);
  for (const part of parts) {
    if (part.removedAtMs !== null) continue;
    const thing = { thing: placeOf(part), thingClass: part.class };
    const kind = 'part' as const;
    for (const [attribute, held] of Object.entries(part.attributes))
      if (!ignored.has(attribute) && held.value !== null)
        note({ kind, ...thing, attribute }, part.machineId, held.value);
  }
  const names = new Map(cis.map(({ id, name }) => [id, name]));
  return [...compared].flatMap(([id, of]) => peerItem(id, of, names));
}

/** Where it sits: the same place of two machines is compared. */
function placeOf(part: Part): string {
  const place = part.attributes.slot?.value ?? part.attributes.mount?.value;
  return typeof place === 'string' && place !== ''
    ? place
    : part.class === 'OperatingSystem'
      ? ''
      : part.name;
}

function peerItem(id: string, { values, ...of }: Compared, names: ReadonlyMap<string, string>): PeerItem[] {
  const counts = new Map<string, { value: AttributeValue; count: number }>();
  const missing = names.size - values.size;
  if (missing > 0) counts.set('null', { value: null, count: missing });
  for (const value of values.values()) {
    const key = JSON.stringify(value);
    const known = counts.get(key);
    if (known) known.count += 1;
    else counts.set(key, { value, count: 1 });
  }
  if (counts.size < 2) return [];
  const most = mostFrequent(counts.values());
  const outliers = [...names].filter(([ciId]) => !sameJson(values.get(ciId) ?? null, most.value));
  return [
    {
      id,
      ...of,
      majority: most.value,
      majorityCount: most.count,
      outlierCount: outliers.length,
      outliers: outliers
        .slice(0, PEER_OUTLIERS_MAX)
        .map(([ciId, ciName]) => ({ ciId, ciName, value: values.get(ciId) ?? null })),
    },
  ];
}

function mostFrequent<T extends { readonly count: number }>(all: Iterable<T>): T {
  const [first, ...rest] = all;
  return rest.reduce((most, each) => (each.count > most.count ? each : most), first as T);
}

/** A package in which the machines differ; null: not installed. */
export interface PackageSpread {
  readonly productId: number;
  readonly majority: string | null;
  readonly majorityCount: number;
  readonly outlierCount: number;
}

/** Packages that not all `machines` have in one version, those with the fewest outliers first: they stand out most. */
export function packageSpreads(counts: readonly VersionCount[], machines: number): PackageSpread[] {
  const byProduct = new Map<number, { version: string | null; count: number }[]>();
  for (const { productId, version, count } of counts) {
    const known = byProduct.get(productId);
    if (known) known.push({ version, count });
    else byProduct.set(productId, [{ version, count }]);
  }
  const spreads: PackageSpread[] = [];
  for (const [productId, versions] of byProduct) {
    const having = versions.reduce((sum, { count }) => sum + count, 0);
    if (having < machines) versions.push({ version: null, count: machines - having });
    if (versions.length < 2) continue;
    const most = mostFrequent(versions);
    spreads.push({
      productId,
      majority: most.version,
      majorityCount: most.count,
      outlierCount: machines - most.count,
    });
  }
  return spreads.sort((a, b) => a.outlierCount - b.outlierCount || a.productId - b.productId);
}
