/** Comparisons over many CIs: between moments, with a baseline, among peers. Only what changed is read. */
import {
  PEER_OUTLIERS_MAX,
  type CiGroup,
  type DriftItem,
  type PeerItem,
} from '@muster/shared/api/history.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { CmdbStore, Part } from '../cmdb/store.ts';
import { pause } from '../pause.ts';
import type { AsOf } from './as-of.ts';
import { driftBetween, fileDrift, packageSpreads, peerDrift, relationDrift } from './drift.ts';
import { idsOfGroup } from './group.ts';
import type { BaselineRow, HistoryStore } from './store.ts';

export interface Comparison {
  readonly compared: number;
  readonly items: readonly DriftItem[];
}
export interface PeerComparison {
  readonly compared: number;
  readonly items: readonly PeerItem[];
}

/** The later moment; of what is now, every page is told from the same comparison until something changes. */
export interface Until {
  readonly atMs: Millis;
  readonly isNow: boolean;
}

export interface Compare {
  between(group: CiGroup, fromMs: Millis, to: Until, ignored: ReadonlySet<string>): Promise<Comparison>;
  /** `only`: these CIs of the baseline. */
  withBaseline(
    baseline: BaselineRow,
    to: Until,
    ignored: ReadonlySet<string>,
    only?: readonly string[],
  ): Promise<Comparison>;
  peers(group: CiGroup, nowMs: Millis, ignored: ReadonlySet<string>): Promise<PeerComparison>;
}

/** CIs between which others are served. */
const BREATH_CIS = 10;
/** Changes of files that one comparison reads. */
const FILE_ROWS_MAX = 20_000;
/** Parts are read by machine. */
const BREATH_MACHINES = 50;
/** Comparisons whose further pages may still be asked for. */
const KEPT_MAX = 8;

export function createCompare(deps: {
  store: HistoryStore;
  cmdbStore: CmdbStore;
  cmdb: Pick<Cmdb, 'listed'>;
  asOf: AsOf;
}): Compare {
  const { store, cmdbStore, asOf } = deps;
  const kept = new Map<string, Comparison | PeerComparison>();

  /** The same question about the same states has the same answer. */
  async function once<T extends Comparison | PeerComparison>(
    key: unknown,
    work: () => Promise<T>,
  ): Promise<T> {
    const name = JSON.stringify([await store.lastSeq(), await store.lastChangeId(), key]);
    const known = kept.get(name);
    if (known) return known as T;
    const made = await work();
    const [oldest] = kept.keys();
    if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    kept.set(name, made);
    return made;
  }

  async function overMany(
    ids: readonly string[],
    compareOne: (id: string) => Promise<DriftItem[]>,
  ): Promise<DriftItem[]> {
    const items: DriftItem[] = [];
    for (const [i, id] of ids.entries()) {
      items.push(...(await compareOne(id)));
      if (i % BREATH_CIS === BREATH_CIS - 1) await pause();
    }
    return items;
  }

  /** What no state holds: relations, and the files that are watched, as far back as their changes are kept. */
  async function tiesAndFiles(ids: readonly string[], fromMs: Millis, toMs: Millis): Promise<DriftItem[]> {
    const kept = await store.keptSince();
    const isKept = (sinceMs: Millis | null) => sinceMs === null || sinceMs <= fromMs;
    const wanted = new Set(ids);
    const edges = isKept(kept.states)
      ? (await store.changedEdges(fromMs, toMs)).filter(
          ({ fromId, toId }) => wanted.has(fromId) || wanted.has(toId),
        )
      : [];
    await pause();
    const files = isKept(kept.values)
      ? (await store.fileChanges(fromMs, toMs, FILE_ROWS_MAX)).filter(({ machineId }) =>
          wanted.has(machineId),
        )
      : [];
    const ends = edges.flatMap(({ fromId, toId }) => [fromId, toId]);
    const cis = await cmdbStore.cis([...new Set([...ends, ...files.map(({ machineId }) => machineId)])]);
    const names = new Map(cis.map(({ id, name }) => [id, name]));
    for (const id of new Set(ends)) if (!names.has(id)) names.set(id, (await cmdbStore.part(id))?.name ?? id);
    const about = new Map(cis.filter(({ id }) => wanted.has(id)).map((ci) => [ci.id, ci]));
    return [
      ...relationDrift(
        edges,
        ({ sinceMs, endedAtMs }) => ({
          before: sinceMs <= fromMs && (endedAtMs === null || endedAtMs > fromMs),
          after: sinceMs <= toMs && (endedAtMs === null || endedAtMs > toMs),
        }),
        about,
        (id) => names.get(id) ?? id,
      ),
      ...fileDrift(files, about),
    ];
  }

  return {
    between: (group, fromMs, { atMs: toMs, isNow }, ignored) =>
      once(['between', group, fromMs, isNow ? null : toMs, [...ignored]], async () => {
        const ids = [
          ...new Set([...(await idsOfGroup(group, fromMs, deps)), ...(await idsOfGroup(group, toMs, deps))]),
        ];
        const changed = await store.changedCis(fromMs, toMs);
        const items = await overMany(
          ids.filter((id) => changed.has(id)),
          async (id) => driftBetween(await asOf.state(id, fromMs), await asOf.state(id, toMs), ignored),
        );
        return { compared: ids.length, items: [...items, ...(await tiesAndFiles(ids, fromMs, toMs))] };
      }),
    withBaseline: (baseline, { atMs: toMs, isNow }, ignored, only) =>
      once(['baseline', baseline.id, isNow ? null : toMs, [...ignored], only], async () => {
        const ids = (await store.baselineCiIds(baseline.id)).filter((id) => only?.includes(id) ?? true);
        const { states: keptSinceMs } = await store.keptSince();
        // Where every change since the baseline is kept, what did not change needs no look.
        const isWhole = keptSinceMs === null || keptSinceMs <= baseline.atMs;
        const changed = isWhole ? await store.changedCis(baseline.atMs, toMs) : null;
        const items = await overMany(
          ids.filter((id) => changed === null || changed.has(id)),
          async (id) =>
            driftBetween(await store.baselineState(baseline.id, id), await asOf.state(id, toMs), ignored),
        );
        return { compared: ids.length, items: [...items, ...(await tiesAndFiles(ids, baseline.atMs, toMs))] };
      }),
    peers: (group, nowMs, ignored) =>
      once(['peers', group, [...ignored]], async () => {
        const ids = await idsOfGroup(group, nowMs, deps);
        const cis = await cmdbStore.cis(ids);
        const parts: Part[] = [];
        for (const [i, id] of ids.entries()) {
          parts.push(...(await cmdbStore.parts(id)));
          if (i % BREATH_MACHINES === BREATH_MACHINES - 1) await pause();
        }
        const names = new Map(cis.map(({ id, name }) => [id, name]));
        const items = [
          ...peerDrift(cis, parts, ignored).sort((a, b) => a.outlierCount - b.outlierCount),
          ...(await peerPackages(store, ids, names)),
        ];
        return { compared: ids.length, items };
      }),
  };
}

/** Packages of which outliers are named; further ones are told by their number only. */
const NAMED_PACKAGES_MAX = 500;

async function peerPackages(
  store: HistoryStore,
  ids: readonly string[],
  names: ReadonlyMap<string, string>,
): Promise<PeerItem[]> {
  const spreads = packageSpreads(await store.versionCounts(ids), ids.length);
  const products = new Map(
    (await store.products(spreads.map(({ productId }) => productId))).map((product) => [product.id, product]),
  );
  await pause();
  const named = spreads.slice(0, NAMED_PACKAGES_MAX);
  const versions = new Map<number, Map<string, string>>();
  for (const { machineId, productId, version } of await outlierVersions(store, named, ids)) {
    const known = versions.get(productId);
    if (known) known.set(machineId, version);
    else versions.set(productId, new Map([[machineId, version]]));
  }
  return spreads.map(({ productId, majority, majorityCount, outlierCount }, i) => {
    const product = products.get(productId);
    const installed = versions.get(productId);
    const outliers: PeerItem['outliers'] = [];
    if (i < NAMED_PACKAGES_MAX)
      for (const id of ids) {
        if (outliers.length >= PEER_OUTLIERS_MAX) break;
        const version = installed?.get(id) ?? null;
        if (version !== majority) outliers.push({ ciId: id, ciName: names.get(id) ?? id, value: version });
      }
    return {
      id: `software|${productId}`,
      kind: 'software' as const,
      thing: product?.name ?? '',
      thingClass: 'Software',
      attribute: 'version',
      majority,
      majorityCount,
      outlierCount,
      outliers,
    };
  });
}

/** In portions of packages, so that no question holds up the server. */
const PACKAGES_PER_QUESTION = 50;

async function outlierVersions(
  store: HistoryStore,
  spreads: readonly { readonly productId: number }[],
  ids: readonly string[],
): Promise<{ machineId: string; productId: number; version: string }[]> {
  const found: { machineId: string; productId: number; version: string }[] = [];
  for (let at = 0; at < spreads.length; at += PACKAGES_PER_QUESTION) {
    const some = spreads.slice(at, at + PACKAGES_PER_QUESTION).map(({ productId }) => productId);
    found.push(...(await store.versionsOf(some, ids)));
    await pause();
  }
  return found;
}
