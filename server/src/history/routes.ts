/** HTTP operations of the past, of comparisons, of accuracy and of what is kept. */
import {
  type CiGroup,
  type DriftItem,
  GROUP_IDS_MAX,
  type PastAttribute,
  type PastCi,
  type PeerItem,
  type Baseline,
  type RetentionKind,
} from '@muster/shared/api/history.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { DRIFT_IGNORED, PEER_IGNORED } from '@muster/shared/history/drift.ts';
import { DAY_MS, type Millis, toIso } from '@muster/shared/time.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import { historyEntry } from '../cmdb/routes.ts';
import type { Attributes, Ci, CmdbStore, RelationEdge } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import { pause } from '../pause.ts';
import { type AccuracyKeeper, tallyOf } from './accuracy-keeper.ts';
import type { AsOf } from './as-of.ts';
import type { Compare } from './compare.ts';
import { idsOfGroup, isOfClass, modelCounts } from './group.ts';
import type { CiState } from './past.ts';
import { restoration } from './restore.ts';
import type { RetentionKeeper } from './retention.ts';
import type { BaselineRow, ChangeQuery, HistoryStore } from './store.ts';

interface HistoryRouteDeps {
  readonly store: HistoryStore;
  readonly cmdbStore: CmdbStore;
  readonly cmdb: Pick<Cmdb, 'edit' | 'identity' | 'listed'>;
  readonly asOf: AsOf;
  readonly compare: Compare;
  readonly accuracy: AccuracyKeeper;
  readonly retention: RetentionKeeper;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

/** A baseline of more is taken class by class. */
const BASELINE_CIS_MAX = 10_000;
const BASELINE_STEP_CIS = 20;
const TREND_DAYS = 90;
/** Rows of one edit that may have to be told where they come from. */
const RESTORED_ROWS_MAX = 500;

export function addHistoryRoutes(routes: Routes, deps: HistoryRouteDeps): void {
  addAsOfRoutes(routes, deps);
  addRestoreRoutes(routes, deps);
  addBaselineRoutes(routes, deps);
  addDriftRoutes(routes, deps);
  addAccuracyRoutes(routes, deps);
}

function addAsOfRoutes(routes: Routes, deps: HistoryRouteDeps): void {
  const { store, cmdbStore, cmdb, asOf } = deps;

  routes.add(ENDPOINTS.ciAsOf, async ({ params, query }) => {
    const atMs = Date.parse(query.at);
    await requireCi(cmdbStore, params.id);
    const keptSinceMs = (await store.keptSince()).states;
    const answer = { at: toIso(atMs), keptSince: isoOrNull(keptSinceMs) };
    if (keptSinceMs !== null && atMs < keptSinceMs) return { ...answer, ci: null };
    const state = await asOf.state(params.id, atMs);
    return { ...answer, ci: state && (await pastCi(state, atMs)) };
  });

  async function pastCi(state: CiState, atMs: Millis): Promise<PastCi> {
    const { ci, parts, software } = state;
    const edges = await asOf.relations([ci.id, ...parts.map(({ id }) => id)], atMs);
    const names = await namesThen(edges, state, atMs);
    return {
      ...pastSummary(ci),
      supportGroup: ci.supportGroup,
      createdAt: toIso(ci.createdAtMs),
      details: pastAttributes(ci.attributes),
      parts: parts
        .map((part) => ({
          id: part.id,
          class: part.class,
          name: part.name,
          details: pastAttributes(part.attributes),
        }))
        .toSorted((a, b) => compare(a.class, b.class) || compare(a.name, b.name)),
      software: software
        .map(({ name, version, architecture, publisher, source }) => ({
          name,
          version,
          architecture,
          publisher,
          source,
        }))
        .toSorted((a, b) => compare(a.name, b.name)),
      relations: edges.map((edge) => relationThen(edge, names, atMs)),
    };
  }

  async function namesThen(edges: readonly RelationEdge[], { ci, parts }: CiState, atMs: Millis) {
    const names = new Map<string, { name: string; class: string }>(
      [ci, ...parts].map((each) => [each.id, { name: each.name, class: each.class }]),
    );
    if (edges.length === 0) return names;
    for (const each of await asOf.list(atMs)) names.set(each.id, { name: each.name, class: each.class });
    for (const id of new Set(edges.flatMap(({ fromId, toId }) => [fromId, toId]))) {
      if (names.has(id)) continue;
      const part = await cmdbStore.part(id);
      names.set(id, part ? { name: part.name, class: part.class } : { name: id, class: '' });
    }
    return names;
  }

  routes.add(ENDPOINTS.cmdbAsOf, async ({ query }) => {
    const atMs = Date.parse(query.at);
    const keptSinceMs = (await store.keptSince()).states;
    const answer = { at: toIso(atMs), keptSince: isoOrNull(keptSinceMs) };
    if (keptSinceMs !== null && atMs < keptSinceMs)
      return { ...answer, items: [], nextCursor: null, total: 0, classes: [] };
    const all = await asOf.list(atMs);
    const q = query.q?.toLowerCase();
    const found = all.filter(
      (ci) =>
        isOfClass(ci, query.class) &&
        (q === undefined || `${ci.name} ${ci.assetNumber ?? ''}`.toLowerCase().includes(q)) &&
        (query.site === undefined || (ci.site ?? '') === query.site) &&
        (query.owner === undefined || (ci.owner ?? '') === query.owner) &&
        (query.tag === undefined || ci.tags.includes(query.tag)) &&
        (query.lifecycle === undefined || ci.lifecycle === query.lifecycle),
    );
    const page = pageOf(found, query);
    return {
      ...answer,
      items: await Promise.all(
        page.items.map(async (ci) => ({
          ...pastSummary(ci),
          ...(query.fields === undefined ? {} : { attributes: await valuesThen(ci.id, atMs, query.fields) }),
        })),
      ),
      nextCursor: page.nextCursor,
      total: found.length,
      classes: classCounts(all),
    };
  });

  async function valuesThen(id: string, atMs: Millis, fields: string): Promise<Record<string, unknown>> {
    const names = fields.split(',').map((name) => name.trim());
    const attributes = (await asOf.attributes(id, atMs)) ?? {};
    return Object.fromEntries(
      names
        .filter((name) => Object.hasOwn(attributes, name))
        .map((name) => [name, attributes[name]?.value ?? null]),
    );
  }

  routes.add(ENDPOINTS.listHistory, async ({ query }) => {
    const { ciId, own, from, to, limit, cursor, ...filter } = query;
    const part = ciId === undefined ? null : await cmdbStore.part(ciId);
    const ofOne: Pick<ChangeQuery, 'ciId' | 'machineIds'> =
      ciId === undefined
        ? {}
        : part
          ? { ciId }
          : // What was merged into it brought its history along.
            { machineIds: [ciId, ...cmdb.identity.mergedIn(ciId)], ...(own ? { isOwn: true } : {}) };
    if (ciId !== undefined && !part) await requireCi(cmdbStore, ciId);
    const page = await store.changes({
      ...definedOnly(filter),
      ...ofOne,
      ...(from === undefined ? {} : { fromMs: Date.parse(from) }),
      ...(to === undefined ? {} : { toMs: Date.parse(to) }),
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const machines = new Map(
      (await cmdbStore.cis(page.items.map(({ machineId }) => machineId))).map(({ id, name }) => [id, name]),
    );
    return {
      items: page.items.map((row) => ({
        ...historyEntry(row),
        machineId: row.machineId,
        machineName: machines.get(row.machineId) ?? row.ciName,
      })),
      nextCursor: page.nextCursor,
    };
  });
}

function addRestoreRoutes(routes: Routes, { store, cmdbStore, cmdb, asOf }: HistoryRouteDeps): void {
  async function planned(id: string, atMs: Millis, only?: readonly string[]) {
    const now = await requireCi(cmdbStore, id);
    const keptSinceMs = (await store.keptSince()).states;
    if (keptSinceMs !== null && atMs < keptSinceMs)
      throw new AppError('input-invalid', `What was before ${toIso(keptSinceMs)} is not kept any more.`);
    const then = await asOf.state(id, atMs);
    if (then === null) throw new AppError('input-invalid', `${now.name} did not exist at ${toIso(atMs)}.`);
    return restoration(now, then.ci, only);
  }

  routes.add(ENDPOINTS.previewRestore, async ({ params, query }) => {
    const { changes, skipped } = await planned(params.id, Date.parse(query.at));
    return { changes: [...changes], skipped: [...skipped] };
  });

  routes.add(ENDPOINTS.restoreCi, async ({ params, body }, { actor, nowMs }) => {
    const atMs = Date.parse(body.at);
    const { edit, changes, skipped } = await planned(params.id, atMs, body.attributes);
    if (changes.length > 0) {
      await cmdb.edit(params.id, edit, actor.name, nowMs);
      const { items } = await store.changes({
        ciId: params.id,
        actor: actor.name,
        fromMs: nowMs,
        toMs: nowMs + 1,
        limit: RESTORED_ROWS_MAX,
      });
      await store.linkCause(
        items.map(({ id }) => id),
        `restored ${toIso(atMs)}`,
      );
    }
    return { changes: [...changes], skipped: [...skipped] };
  });
}

function addBaselineRoutes(routes: Routes, deps: HistoryRouteDeps): void {
  const { store, asOf, newId } = deps;

  async function requireBaseline(id: string): Promise<BaselineRow> {
    const row = await store.baseline(id);
    if (!row) throw new AppError('not-found', `There is no baseline ${id}.`);
    return row;
  }

  routes.add(ENDPOINTS.listBaselines, async () => ({ items: (await store.baselines()).map(baselineView) }));

  routes.add(ENDPOINTS.createBaseline, async ({ body }, { actor, nowMs }) => {
    const atMs = body.at === undefined ? nowMs : Date.parse(body.at);
    if (atMs > nowMs) throw new AppError('range-invalid', 'A baseline cannot be taken of the future.');
    await requireKept(store, atMs);
    const group: CiGroup = definedOnly(body.group);
    const ids = await idsOfGroup(group, atMs, deps);
    if (ids.length === 0) throw new AppError('input-invalid', 'No configuration item matches.');
    if (ids.length > BASELINE_CIS_MAX)
      throw new AppError(
        'input-invalid',
        `A baseline holds at most ${BASELINE_CIS_MAX} configuration items.`,
      );
    const row: BaselineRow = {
      id: newId('base', nowMs),
      name: body.name,
      owner: actor.name,
      atMs,
      createdAtMs: nowMs,
      createdBy: actor.name,
      approvedBy: null,
      approvedAtMs: null,
      group,
      ciCount: ids.length,
      storedBytes: 0,
    };
    await store.putBaseline(row);
    let storedBytes = 0;
    for (let at = 0; at < ids.length; at += BASELINE_STEP_CIS) {
      const states: CiState[] = [];
      for (const id of ids.slice(at, at + BASELINE_STEP_CIS)) {
        const state = await asOf.state(id, atMs);
        if (state) states.push(state);
      }
      storedBytes += await store.putBaselineStates(row.id, states);
      await pause();
    }
    const whole = { ...row, storedBytes };
    await store.putBaseline(whole);
    return baselineView(whole);
  });

  routes.add(ENDPOINTS.updateBaseline, async ({ params, body }, { actor, nowMs }) => {
    const before = await requireBaseline(params.id);
    const approval =
      body.approved === undefined
        ? {}
        : body.approved
          ? { approvedBy: actor.name, approvedAtMs: nowMs }
          : { approvedBy: null, approvedAtMs: null };
    const after = {
      ...before,
      name: body.name ?? before.name,
      owner: body.owner ?? before.owner,
      ...approval,
    };
    await store.putBaseline(after);
    return baselineView(after);
  });

  routes.add(ENDPOINTS.deleteBaseline, async ({ params }) => {
    await requireBaseline(params.id);
    await store.deleteBaseline(params.id);
    return {};
  });
}

function addDriftRoutes(routes: Routes, { store, cmdb, compare: comparing }: HistoryRouteDeps): void {
  routes.add(ENDPOINTS.drift, async ({ query }, { nowMs }) => {
    const ignored = ignoredOf(query.ignore, DRIFT_IGNORED);
    const toMs = query.to === undefined ? nowMs : Date.parse(query.to);
    const { compared, items } = await comparison(toMs);
    const found = items.filter((item) => fits(item, query));
    const page = pageOf(found, query);
    return {
      compared,
      different: new Set(items.map(({ ciId }) => ciId)).size,
      counts: kindCounts(items),
      items: page.items,
      total: found.length,
      nextCursor: page.nextCursor,
    };

    async function comparison(untilMs: Millis) {
      const until = { atMs: untilMs, isNow: query.to === undefined };
      if (query.baseline !== undefined) {
        const baseline = await store.baseline(query.baseline);
        if (!baseline) throw new AppError('not-found', `There is no baseline ${query.baseline}.`);
        await requireKept(store, untilMs);
        return comparing.withBaseline(baseline, until, ignored, idsOf(query.ids));
      }
      if (query.from === undefined)
        throw new AppError('input-invalid', 'Either a baseline or the earlier moment (`from`) is needed.');
      const fromMs = Date.parse(query.from);
      if (fromMs >= untilMs)
        throw new AppError('range-invalid', 'The first moment must be before the second.');
      // Files are told from their changes.
      await requireKept(store, fromMs, ['states', 'values']);
      return comparing.between(groupOf(query), fromMs, until, ignored);
    }
  });

  routes.add(ENDPOINTS.peerDrift, async ({ query }, { nowMs }) => {
    const { compared, items } = await comparing.peers(
      groupOf(query),
      nowMs,
      ignoredOf(query.ignore, PEER_IGNORED),
    );
    const found = items.filter((item) => fits(item, query));
    const page = pageOf(found, query);
    return {
      compared,
      counts: kindCounts(items),
      items: page.items,
      total: found.length,
      nextCursor: page.nextCursor,
    };
  });

  routes.add(ENDPOINTS.listModels, async () => ({ items: modelCounts(cmdb) }));
}

function addAccuracyRoutes(
  routes: Routes,
  { store, cmdbStore, accuracy, retention }: HistoryRouteDeps,
): void {
  routes.add(ENDPOINTS.ciAccuracy, async ({ params }, { nowMs }) => {
    const part = await cmdbStore.part(params.id);
    const ci = await requireCi(cmdbStore, part ? part.machineId : params.id);
    const { evidence, accuracy: found } = await accuracy.of(
      part ? { ...ci, attributes: part.attributes } : ci,
      nowMs,
    );
    const count = (wanted: string) => found.flaws.filter(({ flaw }) => flaw === wanted).length;
    return {
      score: found.score,
      counted: found.counted,
      stale: count('stale'),
      disagrees: count('disagrees'),
      missing: count('missing'),
      notes: found.flaws.map(({ attribute, flaw }) => {
        const held = evidence.find((each) => each.attribute === attribute);
        return {
          attribute,
          flaw,
          value: held?.value ?? null,
          ...(held?.observed === undefined ? {} : { observed: held.observed }),
          confirmedAt: held ? toIso(held.confirmedAtMs) : null,
        };
      }),
    };
  });

  routes.add(ENDPOINTS.fleetAccuracy, async ({ query }, { nowMs }) => {
    const all = accuracy.rows({});
    const found = accuracy.rows(definedOnly({ class: query.class, site: query.site }));
    const days = await store.accuracyDays(query.class ?? '', toIso(nowMs - TREND_DAYS * DAY_MS).slice(0, 10));
    const page = pageOf(found, query);
    return {
      waiting: accuracy.waiting(),
      fleet: tallyOf(found),
      classes: grouped(all, (row) => row.class).map(([name, rows]) => ({
        class: name ?? '',
        ...tallyOf(rows),
      })),
      sites: grouped(all, (row) => row.site).map(([site, rows]) => ({ site, ...tallyOf(rows) })),
      days: days.map(({ day, count, scoreSum }) => ({
        day,
        count,
        score: count === 0 ? 0 : scoreSum / count,
      })),
      items: page.items,
      total: found.length,
      nextCursor: page.nextCursor,
    };
  });

  routes.add(ENDPOINTS.getRetention, async (_input, { nowMs }) => retention.read(nowMs));
  routes.add(ENDPOINTS.setRetention, async ({ body }, { nowMs }) => retention.set(body, nowMs));
}

async function requireCi(cmdbStore: CmdbStore, id: string): Promise<Ci> {
  const ci = await cmdbStore.ci(id);
  if (!ci) throw new AppError('not-found', `There is no configuration item ${id}.`);
  return ci;
}

/** A comparison never says that nothing changed where it cannot know. */
async function requireKept(
  store: HistoryStore,
  atMs: Millis,
  kinds: readonly RetentionKind[] = ['states'],
): Promise<void> {
  const kept = await store.keptSince();
  for (const kind of kinds) {
    const sinceMs = kept[kind];
    if (sinceMs !== null && atMs < sinceMs)
      throw new AppError('range-invalid', `What was before ${toIso(sinceMs)} is not kept any more.`);
  }
}

function pastSummary(ci: Ci) {
  const { id, subclass, name, lifecycle, criticality, site, owner, assetNumber } = ci;
  return {
    id,
    class: ci.class,
    subclass,
    name,
    lifecycle,
    criticality,
    site,
    owner,
    assetNumber,
    tags: [...ci.tags],
  };
}

function pastAttributes(attributes: Attributes): PastAttribute[] {
  return Object.entries(attributes)
    .filter(([, held]) => held.value !== null || held.lockedBy !== null)
    .map(([name, held]) => ({
      name,
      value: held.value,
      source: held.source,
      observedAt: toIso(held.observedAtMs),
      lockedBy: held.lockedBy,
      ...(held.observedValue === undefined ? {} : { observedValue: held.observedValue }),
    }));
}

function relationThen(
  edge: RelationEdge,
  names: ReadonlyMap<string, { name: string; class: string }>,
  atMs: Millis,
): PastCi['relations'][number] {
  const end = (id: string) => names.get(id) ?? { name: id, class: '' };
  return {
    id: edge.id,
    type: edge.type,
    fromId: edge.fromId,
    fromName: end(edge.fromId).name,
    fromClass: end(edge.fromId).class,
    toId: edge.toId,
    toName: end(edge.toId).name,
    toClass: end(edge.toId).class,
    source: edge.source,
    since: toIso(edge.sinceMs),
    // It had not ended then.
    endedAt: edge.endedAtMs !== null && edge.endedAtMs <= atMs ? toIso(edge.endedAtMs) : null,
  };
}

function baselineView(row: BaselineRow): Baseline {
  const { atMs, createdAtMs, approvedAtMs, ...rest } = row;
  return { ...rest, at: toIso(atMs), createdAt: toIso(createdAtMs), approvedAt: isoOrNull(approvedAtMs) };
}

function idsOf(ids: string | undefined): string[] | undefined {
  return ids?.split(',').slice(0, GROUP_IDS_MAX);
}

function groupOf(query: {
  ids?: string | undefined;
  class?: string | undefined;
  tag?: string | undefined;
  site?: string | undefined;
  model?: string | undefined;
}): CiGroup {
  const { ids, class: ofClass, tag, site, model } = query;
  return definedOnly({
    ids: idsOf(ids),
    class: ofClass,
    tag,
    site,
    model,
  });
}

function ignoredOf(asked: string | undefined, usual: readonly string[]): ReadonlySet<string> {
  return new Set(asked === undefined ? usual : asked.split(',').map((name) => name.trim()));
}

function fits(
  item: Pick<DriftItem | PeerItem, 'kind' | 'thing' | 'attribute'> & { readonly ciName?: string },
  { kind, q }: { kind?: string | undefined; q?: string | undefined },
): boolean {
  if (kind !== undefined && item.kind !== kind) return false;
  return (
    !q ||
    `${item.thing ?? ''} ${item.attribute ?? ''} ${item.ciName ?? ''}`.toLowerCase().includes(q.toLowerCase())
  );
}

function kindCounts(items: readonly Pick<DriftItem, 'kind'>[]) {
  const counts = { attribute: 0, part: 0, software: 0, file: 0, relation: 0 };
  for (const { kind } of items) counts[kind] += 1;
  return counts;
}

/** Lists that are there as a whole: the cursor is the place. */
function pageOf<T>(
  all: readonly T[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): { items: T[]; nextCursor: string | null } {
  const from = cursor === undefined ? 0 : Math.max(0, Math.trunc(Number(cursor)) || 0);
  const to = from + limit;
  return { items: all.slice(from, to), nextCursor: to < all.length ? String(to) : null };
}

function classCounts(all: readonly Ci[]): { class: string; count: number }[] {
  return grouped(all, (ci) => ci.class).map(([name, cis]) => ({ class: name ?? '', count: cis.length }));
}

function grouped<T>(all: readonly T[], of: (item: T) => string | null): [string | null, T[]][] {
  const groups = new Map<string | null, T[]>();
  for (const item of all) {
    const known = groups.get(of(item));
    if (known) known.push(item);
    else groups.set(of(item), [item]);
  }
  return [...groups].toSorted((a, b) => b[1].length - a[1].length);
}

function isoOrNull(atMs: Millis | null): string | null {
  return atMs === null ? null : toIso(atMs);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function definedOnly<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
