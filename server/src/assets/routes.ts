/** HTTP operations of the asset side. */
import type { ASSET_FILTERS } from '@muster/shared/api/choices.ts';
import {
  type AssetRow,
  type Assignment,
  type LocationNode,
  WARRANTY_ENDING_DAYS,
} from '@muster/shared/api/assets.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { valueNow } from '@muster/shared/cmdb/asset-value.ts';
import type { ClassRegistry } from '@muster/shared/cmdb/class-registry.ts';
import { isAssetClass } from '@muster/shared/cmdb/classes.ts';
import { isAtHand } from '@muster/shared/cmdb/lifecycle.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { Ci, CmdbStore } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { RelationGraph } from '../relations/graph.ts';
import type { Archive } from './archive.ts';
import { type Assets, stocktakeOut } from './assets.ts';
import type { AssetNumberer } from './numbers.ts';
import type { AssetStore, AssignmentRecord, StocktakeRecord } from './store.ts';

interface AssetRouteDeps {
  readonly archive: Archive;
  readonly assets: Assets;
  readonly numberer: AssetNumberer;
  readonly store: AssetStore;
  readonly cmdb: Cmdb;
  readonly cmdbStore: CmdbStore;
  readonly graph: RelationGraph;
  readonly registry: () => ClassRegistry;
  /** The agent configuration labels the machine so: `name=value`, or a name for any value. */
  readonly isLabelled: (ciId: string, label: string) => boolean;
}

export function addAssetRoutes(routes: Routes, deps: AssetRouteDeps): void {
  const { archive, assets, numberer, store, cmdb, cmdbStore, graph, registry, isLabelled } = deps;
  const isTaken = (number: string) => cmdb.holderOf(number) !== undefined;

  async function requireCi(id: string): Promise<Ci> {
    const ci = await cmdbStore.ci(id);
    if (!ci) throw new AppError('not-found', `There is no configuration item ${id}.`);
    return ci;
  }

  async function shown(records: readonly AssignmentRecord[]): Promise<Assignment[]> {
    const cis = new Map((await cmdbStore.cis(records.map(({ ciId }) => ciId))).map((ci) => [ci.id, ci]));
    return records.map((record) => assignmentOut(record, cis.get(record.ciId)));
  }

  async function one(record: AssignmentRecord): Promise<Assignment> {
    return assignmentOut(record, (await cmdbStore.ci(record.ciId)) ?? undefined);
  }

  routes.add(ENDPOINTS.findAsset, async ({ query }) => {
    const holder = cmdb.holderOf(query.number);
    if (!holder) throw new AppError('not-found', `Nothing has the asset number ${query.number}.`);
    return holder;
  });

  routes.add(ENDPOINTS.listAssets, async ({ query }, { nowMs }) => {
    const classes = query.class === undefined ? null : registry().namesBelow(query.class);
    const q = query.q?.toLowerCase();
    const found = assets
      .rows(nowMs)
      .filter((row) => classes === null || classes.has(row.class) || classes.has(row.subclass ?? ''))
      .filter((row) => !q || textOf(row).includes(q))
      .filter((row) => query.filter === undefined || fits(row, query.filter, lifeOf(row), nowMs))
      .filter((row) => query.label === undefined || isLabelled(row.id, query.label))
      .toSorted(byWarranty);
    const from = query.cursor ? Math.max(0, Number(query.cursor) || 0) : 0;
    const to = from + query.limit;
    return {
      items: found.slice(from, to),
      nextCursor: to < found.length ? String(to) : null,
      total: found.length,
    };
  });

  const lifeOf = (row: AssetRow): number =>
    numberer.lifeMonths({ class: row.class as Ci['class'], subclass: row.subclass });

  routes.add(ENDPOINTS.getAsset, async ({ params }, { nowMs }) => {
    const ci = await requireCi(params.id);
    if (!isAssetClass(ci.class))
      throw new AppError('not-found', `${ci.name} is a ${ci.class}, which is no asset.`);
    const row = assets.row(ci, nowMs);
    const open = await assets.openAssignment(ci.id);
    const contractId = graph.from(ci.id, 'coveredBy')[0]?.toId;
    const contract = contractId === undefined ? null : await cmdbStore.ci(contractId);
    return {
      ...row,
      monthsLeft: valueNow(row, lifeOf(row), nowMs)?.monthsLeft ?? null,
      contract: contract && { id: contract.id, name: contract.name },
      open: open && assignmentOut(open, ci),
    };
  });

  routes.add(ENDPOINTS.giveAssetNumber, ({ params }, { actor, nowMs }) =>
    assets.giveNumber(params.id, { actor: actor.name, nowMs }),
  );
  routes.add(ENDPOINTS.archiveCi, ({ params }, { actor, nowMs }) =>
    archive.archive(params.id, { actor: actor.name, nowMs }),
  );
  routes.add(ENDPOINTS.unarchiveCi, ({ params }, { actor, nowMs }) =>
    archive.restore(params.id, { actor: actor.name, nowMs }),
  );
  routes.add(ENDPOINTS.checkOut, async ({ params, body }, { actor, nowMs }) =>
    one(await assets.checkOut(params.id, body, { actor: actor.name, nowMs })),
  );
  routes.add(ENDPOINTS.checkIn, async ({ params, body }, { actor, nowMs }) =>
    one(await assets.checkIn(params.id, body, { actor: actor.name, nowMs })),
  );

  routes.add(ENDPOINTS.listAssignments, async ({ query }, { nowMs }) => {
    const page = await store.assignments({
      limit: query.limit,
      ...(query.cursor ? { cursor: query.cursor } : {}),
      ...(query.ci ? { ciId: query.ci, alsoOf: cmdb.identity.mergedIn(query.ci) } : {}),
      ...(query.person ? { personId: query.person } : {}),
      ...(query.state ? { open: true } : {}),
      ...(query.state === 'overdue' ? { dueBefore: toIso(nowMs).slice(0, 10) } : {}),
    });
    return { items: await shown(page.items), nextCursor: page.nextCursor };
  });
  routes.add(ENDPOINTS.getAssignment, async ({ params }) => {
    const found = await store.assignment(params.id);
    if (!found) throw new AppError('not-found', `There is no handing over ${params.id}.`);
    return one(found);
  });

  routes.add(ENDPOINTS.listAssetSettings, async (_input, { nowMs }) => ({
    items: numberer.list(isTaken, nowMs),
  }));
  routes.add(ENDPOINTS.putAssetSetting, ({ params, body }, { nowMs }) =>
    numberer.put(params.class, body, isTaken, nowMs),
  );

  routes.add(ENDPOINTS.listLocations, async () => ({
    items: locationsOf(
      (await cmdbStore.records('Location')).filter(({ mergedInto }) => mergedInto === null),
      graph,
    ),
  }));

  async function stocktake(record: StocktakeRecord) {
    const items = await assets.items(record);
    const location = record.locationId === null ? null : await cmdbStore.ci(record.locationId);
    return { items, out: stocktakeOut(record, items, (id) => location?.name ?? id) };
  }
  routes.add(ENDPOINTS.listStocktakes, async () => {
    const records = await store.stocktakes();
    return { items: await Promise.all(records.map(async (record) => (await stocktake(record)).out)) };
  });
  routes.add(ENDPOINTS.createStocktake, async ({ body }, { actor, nowMs }) => {
    if (body.locationId !== null) await requireCi(body.locationId);
    return (await stocktake(await assets.startStocktake(body, { actor: actor.name, nowMs }))).out;
  });
  routes.add(ENDPOINTS.getStocktake, async ({ params }) => {
    const record = await store.stocktake(params.id);
    if (!record) throw new AppError('not-found', `There is no stock-take ${params.id}.`);
    const { items, out } = await stocktake(record);
    return { ...out, items: [...items] };
  });
  routes.add(ENDPOINTS.scanStocktake, ({ params, body }, { actor, nowMs }) =>
    assets.scan(params.id, body.code, { actor: actor.name, nowMs }),
  );
  routes.add(ENDPOINTS.endStocktake, async ({ params }, { actor, nowMs }) => {
    const record = await assets.endStocktake(params.id, { actor: actor.name, nowMs });
    return (await stocktake(record)).out;
  });
}

function assignmentOut(record: AssignmentRecord, ci: Ci | undefined): Assignment {
  const { id, kind, due, condition, note, actor, lifecycle } = record;
  return {
    id,
    kind,
    due,
    condition,
    note,
    actor,
    lifecycle,
    ci: {
      id: record.ciId,
      name: ci?.name ?? record.ciId,
      class: ci?.class ?? '',
      assetNumber: ci?.assetNumber ?? null,
    },
    person: { id: record.personId, name: record.personName },
    at: toIso(record.atMs),
    endedAt: record.endedAtMs === null ? null : toIso(record.endedAtMs),
  };
}

function textOf(row: AssetRow): string {
  const { name, assetNumber, serial, manufacturer, model, supplier, user, location } = row;
  return [name, assetNumber, serial, manufacturer, model, supplier, user?.name, location?.name]
    .filter((text) => text)
    .join('\n')
    .toLowerCase();
}

function fits(
  row: AssetRow,
  filter: (typeof ASSET_FILTERS)[number],
  lifeMonths: number,
  nowMs: Millis,
): boolean {
  const { warrantyDays, lifecycle, endOfLife, ageMonths } = row;
  if (!isAtHand(lifecycle)) return false;
  switch (filter) {
    case 'warranty-ending':
      return warrantyDays !== null && warrantyDays >= 0 && warrantyDays <= WARRANTY_ENDING_DAYS;
    case 'warranty-over':
      return warrantyDays !== null && warrantyDays < 0;
    case 'warranty-none':
      return warrantyDays === null;
    case 'due':
      return (
        (endOfLife !== null && endOfLife <= toIso(nowMs).slice(0, 10)) ||
        (ageMonths !== null && ageMonths >= lifeMonths)
      );
    case 'no-number':
      return row.assetNumber === null;
  }
}

function byWarranty(a: AssetRow, b: AssetRow): number {
  const [x, y] = [a.warrantyDays ?? Infinity, b.warrantyDays ?? Infinity];
  if (x !== y) return x - y;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function locationsOf(records: readonly Ci[], graph: RelationGraph): LocationNode[] {
  const ids = new Set(records.map(({ id }) => id));
  const text = (ci: Ci, name: string): string | null => {
    const value = ci.attributes[name]?.value;
    return typeof value === 'string' ? value : null;
  };
  const right = new Map(
    records.map(({ id }) => [id, graph.to(id, 'locatedAt').filter((edge) => !ids.has(edge.fromId)).length]),
  );
  const below = new Map(right);
  for (const { id } of records) {
    const passed = new Set([id]);
    let at = graph.from(id, 'locatedAt')[0]?.toId;
    // A circle of locations would have no end.
    while (at !== undefined && !passed.has(at)) {
      passed.add(at);
      below.set(at, (below.get(at) ?? 0) + (right.get(id) ?? 0));
      at = graph.from(at, 'locatedAt')[0]?.toId;
    }
  }
  return records
    .map((ci) => ({
      id: ci.id,
      name: ci.name,
      kind: text(ci, 'kind'),
      address: text(ci, 'address'),
      parentId: graph.from(ci.id, 'locatedAt').find((edge) => ids.has(edge.toId))?.toId ?? null,
      assets: right.get(ci.id) ?? 0,
      assetsBelow: below.get(ci.id) ?? 0,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
