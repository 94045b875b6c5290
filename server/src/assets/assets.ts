/** Handing things out and taking them back, and counting them. */
import type { AssetRow, Condition, Stocktake, StocktakeItem } from '@muster/shared/api/assets.ts';
import { assetNumberKey } from '@muster/shared/cmdb/asset-number.ts';
import { daysUntil, valueNow, wholeMonths } from '@muster/shared/cmdb/asset-value.ts';
import type { ClassRegistry } from '@muster/shared/cmdb/class-registry.ts';
import { isAssetClass } from '@muster/shared/cmdb/classes.ts';
import { isAtHand, lifecycleStep, type LifecycleState } from '@muster/shared/cmdb/lifecycle.ts';
import type { RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import { DAY_MS, type Millis, toIso } from '@muster/shared/time.ts';
import type { Cmdb, NewCi } from '../cmdb/cmdb.ts';
import type { Ci, CmdbStore } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { RelationGraph } from '../relations/graph.ts';
import { type AssetEntry, assetEntryOf, openAssetIndex } from './asset-index.ts';
import type { AssetNumberer } from './numbers.ts';
import type { AssetStore, AssignmentRecord, ScanRecord, StocktakeRecord } from './store.ts';

interface AssetOptions {
  readonly cmdb: Cmdb;
  readonly cmdbStore: CmdbStore;
  readonly graph: RelationGraph;
  readonly store: AssetStore;
  readonly numberer: AssetNumberer;
  readonly registry: () => ClassRegistry;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** When its agent was last heard; null: never, or it has none. */
  readonly lastSeenMs: (ciId: string) => Millis | null;
}

export interface By {
  readonly actor: string;
  readonly nowMs: Millis;
}

export interface Handing {
  readonly personId?: string | undefined;
  readonly personName?: string | undefined;
  readonly condition: Condition;
  readonly due?: string | null | undefined;
  readonly note: string;
}

export interface Assets {
  /** @throws AppError not-found, input-invalid, transition-not-allowed */
  checkOut(id: string, handing: Handing, by: By): Promise<AssignmentRecord>;
  checkIn(
    id: string,
    back: { readonly condition: Condition; readonly note: string; readonly to: LifecycleState },
    by: By,
  ): Promise<AssignmentRecord>;
  /** To whom the thing, or one that turned out to be it, is handed out. */
  openAssignment(id: string): Promise<AssignmentRecord | null>;
  giveNumber(id: string, by: By): Promise<{ id: string; assetNumber: string }>;
  rows(nowMs: Millis): AssetRow[];
  row(ci: Ci, nowMs: Millis): AssetRow;
  /** The record of a person by exact name, made where there is none. */
  personNamed(name: string, by: By & Pick<NewCi, 'source'>): Promise<Ci>;
  startStocktake(
    scope: Pick<StocktakeRecord, 'name' | 'site' | 'locationId' | 'class'>,
    by: By,
  ): Promise<StocktakeRecord>;
  scan(id: string, code: string, by: By): Promise<StocktakeItem>;
  endStocktake(id: string, by: By): Promise<StocktakeRecord>;
  items(stocktake: StocktakeRecord): Promise<readonly StocktakeItem[]>;
}

/** An agent heard so long before the count still shows that the thing is there. */
const SEEN_BEFORE_MS = DAY_MS;

export async function createAssets(options: AssetOptions): Promise<Assets> {
  const { cmdb, cmdbStore, graph, store, numberer, registry, newId, lastSeenMs } = options;
  const index = await openAssetIndex(cmdbStore);
  cmdb.onApplied(({ ci }) => index.put(ci));
  // Two who hand out the same thing at once: one after the other.
  let queue: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work, work);
    queue = done.catch(() => undefined);
    return done;
  }

  async function openAssignment(id: string): Promise<AssignmentRecord | null> {
    for (const each of [id, ...cmdb.identity.mergedIn(id)]) {
      const open = await store.openAssignment(each);
      if (open) return open;
    }
    return null;
  }

  async function requireAsset(id: string): Promise<Ci> {
    const ci = await cmdbStore.ci(id);
    if (!ci) throw new AppError('not-found', `There is no configuration item ${id}.`);
    if (!isAssetClass(ci.class))
      throw new AppError('input-invalid', `${ci.name} is a ${ci.class}, which is not handed out.`);
    if (ci.mergedInto !== null)
      throw new AppError('conflict', `${ci.name} was merged or taken back; open the record that stays.`);
    return ci;
  }

  async function personNamed(name: string, by: By & Pick<NewCi, 'source'>): Promise<Ci> {
    const wanted = name.trim().toLowerCase();
    const found = (await cmdbStore.records('Person')).find(
      (each) => each.mergedInto === null && each.name.toLowerCase() === wanted,
    );
    const { source = 'human' } = by;
    return found ?? cmdb.create({ class: 'Person', name: name.trim(), source }, by.actor, by.nowMs);
  }

  async function person({ personId, personName }: Handing, by: By): Promise<Ci> {
    if (personId !== undefined) {
      const found = await cmdbStore.ci(personId);
      if (found?.class === 'Person' && found.mergedInto === null) return found;
      throw new AppError('not-found', `There is no person ${personId}.`);
    }
    if (personName === undefined)
      throw new AppError('input-invalid', 'It is not said to whom it is handed.', {
        issues: [{ path: 'personId', message: 'needed, or personName' }],
      });
    return personNamed(personName, by);
  }

  function otherEnd(id: string, type: RelationTypeName): string | null {
    return graph.from(id, type)[0]?.toId ?? null;
  }

  const names = new Map<string, string>();
  cmdb.onApplied(({ ci }) => void names.set(ci.id, ci.name));
  for (const ofClass of ['Person', 'Location', 'Contract'] as const)
    for (const record of await cmdbStore.records(ofClass)) names.set(record.id, record.name);

  function ref(id: string | null): { id: string; name: string } | null {
    return id === null ? null : { id, name: names.get(id) ?? id };
  }

  function rowOf(entry: AssetEntry, nowMs: Millis): AssetRow {
    const { id, class: ciClass, subclass, name, lifecycle, assetNumber, site, texts, cost } = entry;
    const { purchaseDate = null, warrantyEnd = null } = texts;
    return {
      id,
      class: ciClass,
      subclass,
      name,
      assetNumber,
      serial: texts.serial ?? null,
      manufacturer: texts.manufacturer ?? null,
      model: texts.model ?? null,
      lifecycle,
      user: ref(otherEnd(id, 'assignedTo')),
      location: ref(otherEnd(id, 'locatedAt')),
      site,
      purchaseDate,
      ageMonths: purchaseDate === null ? null : Math.max(0, wholeMonths(purchaseDate, nowMs)),
      warrantyEnd,
      warrantyDays: warrantyEnd === null ? null : daysUntil(warrantyEnd, nowMs),
      endOfLife: texts.endOfLife ?? null,
      supplier: texts.supplier ?? null,
      cost,
      currency: texts.currency ?? null,
      value: valueNow({ cost, purchaseDate }, numberer.lifeMonths(entry), nowMs)?.value ?? null,
    };
  }

  /** The location and all below it. */
  function locationsBelow(id: string): Set<string> {
    const found = new Set([id]);
    for (const at of found)
      for (const edge of graph.to(at, 'locatedAt')) if (!index.get(edge.fromId)) found.add(edge.fromId);
    return found;
  }

  function expected({ site, locationId, class: ofClass }: StocktakeRecord): AssetEntry[] {
    const places = locationId === null ? null : locationsBelow(locationId);
    const classes = ofClass === null ? null : registry().namesBelow(ofClass);
    return [...index.all()].filter(
      (entry) =>
        isAtHand(entry.lifecycle) &&
        (site === null || entry.site === site) &&
        (classes === null || classes.has(entry.class) || classes.has(entry.subclass ?? '')) &&
        (places === null || places.has(otherEnd(entry.id, 'locatedAt') ?? '')),
    );
  }

  function itemOf(
    entry: AssetEntry,
    scan: ScanRecord | undefined,
    stocktake: StocktakeRecord,
    isExpected: boolean,
  ): StocktakeItem {
    const seenMs = lastSeenMs(entry.id);
    const seen = seenMs !== null && seenMs >= stocktake.startedAtMs - SEEN_BEFORE_MS;
    const { id, name, class: ciClass, assetNumber, site } = entry;
    return {
      id,
      name,
      class: ciClass,
      assetNumber,
      state: scan ? (isExpected ? 'found' : 'unexpected') : seen ? 'seen' : 'missing',
      expectedAt: ref(otherEnd(id, 'locatedAt'))?.name ?? site,
      scannedAt: scan ? toIso(scan.atMs) : null,
      scannedBy: scan?.actor ?? null,
      lastSeenAt: seenMs === null ? null : toIso(seenMs),
    };
  }

  async function items(stocktake: StocktakeRecord): Promise<readonly StocktakeItem[]> {
    if (stocktake.result) return stocktake.result;
    const scans = await store.scans(stocktake.id);
    const byCi = new Map(scans.flatMap((scan) => (scan.ciId === null ? [] : [[scan.ciId, scan] as const])));
    const due = expected(stocktake);
    const dueIds = new Set(due.map(({ id }) => id));
    const extra = scans.filter(({ ciId }) => ciId === null || !dueIds.has(ciId));
    const unexpected = await Promise.all(extra.map((scan) => unexpectedItem(scan, stocktake)));
    return [...due.map((entry) => itemOf(entry, byCi.get(entry.id), stocktake, true)), ...unexpected];
  }

  async function unexpectedItem(scan: ScanRecord, stocktake: StocktakeRecord): Promise<StocktakeItem> {
    const ci = scan.ciId === null ? null : await cmdbStore.ci(scan.ciId);
    if (ci) return itemOf(assetEntryOf(ci), scan, stocktake, false);
    return {
      id: null,
      name: scan.code,
      class: null,
      assetNumber: scan.code,
      state: 'unexpected',
      expectedAt: null,
      scannedAt: toIso(scan.atMs),
      scannedBy: scan.actor,
      lastSeenAt: null,
    };
  }

  async function requireStocktake(id: string): Promise<StocktakeRecord> {
    const found = await store.stocktake(id);
    if (!found) throw new AppError('not-found', `There is no stock-take ${id}.`);
    return found;
  }

  return {
    personNamed,
    items,
    rows: (nowMs) => [...index.all()].map((entry) => rowOf(entry, nowMs)),
    row: (ci, nowMs) => rowOf(assetEntryOf(ci), nowMs),
    openAssignment,
    checkOut: (id, handing, by) =>
      inOrder(async () => {
        const before = await requireAsset(id);
        if (before.lifecycle !== 'in_use' && !lifecycleStep(before.lifecycle, 'in_use'))
          throw new AppError(
            'transition-not-allowed',
            `${before.name} is ${before.lifecycle} and cannot be handed out.`,
          );
        const to = await person(handing, by);
        const edit = { lifecycle: 'in_use' as const, set: { condition: handing.condition } };
        const ci = await cmdb.edit(id, edit, by.actor, by.nowMs);
        await graph.relate([{ type: 'assignedTo', fromId: id, toId: to.id }], { ...by, source: 'human' });
        const open = await openAssignment(id);
        const row: AssignmentRecord = {
          id: newId('asg', by.nowMs),
          ciId: id,
          kind: 'out',
          personId: to.id,
          personName: to.name,
          atMs: by.nowMs,
          due: handing.due ?? null,
          condition: handing.condition,
          note: handing.note,
          actor: by.actor,
          lifecycle: ci.lifecycle,
          endedAtMs: null,
        };
        const given: AssignmentRecord[] = open
          ? [{ ...open, ...row, kind: 'in', personId: open.personId, personName: open.personName, due: null }]
          : [];
        await store.addAssignments([...given, { ...row, id: newId('asg', by.nowMs) }], open?.id ?? null);
        const added = await store.openAssignment(id);
        if (!added) throw new Error(`the assignment of ${id} was not kept`);
        return added;
      }),
    checkIn: (id, { condition, note, to }, by) =>
      inOrder(async () => {
        const before = await requireAsset(id);
        const open = await openAssignment(id);
        const edges = graph.from(id, 'assignedTo');
        const holder = open?.personId ?? edges[0]?.toId ?? null;
        if (holder === null) throw new AppError('conflict', `${before.name} is not handed out to anybody.`);
        const reason = note.trim() === '' ? {} : { reason: note };
        const set = { condition };
        if (before.lifecycle !== to && !lifecycleStep(before.lifecycle, to) && to === 'in_repair') {
          const because = { reason: note.trim() || 'taken back for repair' };
          await cmdb.edit(id, { lifecycle: 'defective', set, ...because }, by.actor, by.nowMs);
        }
        const ci = await cmdb.edit(id, { lifecycle: to, set, ...reason }, by.actor, by.nowMs);
        if (edges.length > 0)
          await graph.end(
            edges.map((edge) => edge.id),
            { ...by, source: 'human' },
          );
        const row: AssignmentRecord = {
          id: newId('asg', by.nowMs),
          ciId: id,
          kind: 'in',
          personId: holder,
          personName: open?.personName ?? names.get(holder) ?? holder,
          atMs: by.nowMs,
          due: null,
          condition,
          note,
          actor: by.actor,
          lifecycle: ci.lifecycle,
          endedAtMs: null,
        };
        await store.addAssignments([row], open?.id ?? null);
        return row;
      }),
    giveNumber: (id, { actor, nowMs }) =>
      inOrder(async () => {
        const ci = await requireAsset(id);
        if (ci.assetNumber !== null)
          throw new AppError('conflict', `${ci.name} has the asset number ${ci.assetNumber}.`);
        const isTaken = (number: string) => cmdb.holderOf(number) !== undefined;
        const assetNumber = await numberer.next(ci, isTaken, nowMs);
        if (assetNumber === null)
          throw new AppError(
            'input-invalid',
            `No pattern is set for ${registry().titleOf(ci.subclass ?? ci.class)?.en ?? ci.class}; set one, or enter a number by hand.`,
          );
        await cmdb.edit(id, { assetNumber }, actor, nowMs);
        return { id, assetNumber };
      }),
    async startStocktake(scope, { actor, nowMs }) {
      const stocktake = {
        ...scope,
        id: newId('stk', nowMs),
        startedAtMs: nowMs,
        startedBy: actor,
        endedAtMs: null,
        result: null,
      };
      await store.putStocktake(stocktake);
      return stocktake;
    },
    async scan(id, code, { actor, nowMs }) {
      const stocktake = await requireStocktake(id);
      if (stocktake.endedAtMs !== null)
        throw new AppError('conflict', `The stock-take ${stocktake.name} is over.`);
      const holder = cmdb.holderOf(code);
      const key = assetNumberKey(code);
      await store.addScan({ stocktakeId: id, code: key, ciId: holder?.id ?? null, atMs: nowMs, actor });
      const all = await items(stocktake);
      const item = all.find((each) =>
        holder ? each.id === holder.id : each.id === null && each.assetNumber === key,
      );
      if (!item) throw new Error(`the scan of ${code} was not kept`);
      return item;
    },
    async endStocktake(id, { nowMs }) {
      const stocktake = await requireStocktake(id);
      if (stocktake.endedAtMs !== null) return stocktake;
      const ended = { ...stocktake, endedAtMs: nowMs, result: await items(stocktake) };
      await store.putStocktake(ended);
      return ended;
    },
  };
}

export function stocktakeOut(
  record: StocktakeRecord,
  items: readonly StocktakeItem[],
  locationName: (id: string) => string,
): Stocktake {
  const count = (state: StocktakeItem['state']) => items.filter((item) => item.state === state).length;
  const { id, name, site, class: ofClass, startedBy, startedAtMs, endedAtMs, locationId } = record;
  const unexpected = count('unexpected');
  return {
    id,
    name,
    site,
    location: locationId === null ? null : { id: locationId, name: locationName(locationId) },
    class: ofClass,
    startedAt: toIso(startedAtMs),
    startedBy,
    endedAt: endedAtMs === null ? null : toIso(endedAtMs),
    counts: {
      expected: items.length - unexpected,
      found: count('found'),
      seen: count('seen'),
      missing: count('missing'),
      unexpected,
    },
  };
}
