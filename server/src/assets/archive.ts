/** Taking a record off the books that was never a thing, and putting it back with number and relations. */
import type { Millis } from '@muster/shared/time.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import { recordKeys } from '../cmdb/identity-keys.ts';
import type { Ci, CmdbStore, HistoryRow } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import { ARCHIVED } from '../imports/imports.ts';
import type { RelationGraph } from '../relations/graph.ts';
import type { By } from './assets.ts';

interface ArchiveOptions {
  readonly cmdb: Cmdb;
  readonly cmdbStore: CmdbStore;
  readonly graph: RelationGraph;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

export interface Archive {
  /** @throws AppError not-found, conflict (an agent reports it, or it is off the books already) */
  archive(id: string, by: By): Promise<{ id: string; name: string }>;
  /** @throws AppError not-found, conflict, asset-number-taken */
  restore(id: string, by: By): Promise<{ id: string; name: string }>;
}

const HISTORY_ROWS_MAX = 50;

export function createArchive({ cmdb, cmdbStore, graph, newId }: ArchiveOptions): Archive {
  async function required(id: string): Promise<Ci> {
    const ci = await cmdbStore.ci(id);
    if (!ci) throw new AppError('not-found', `There is no configuration item ${id}.`);
    return ci;
  }

  function row(ci: Ci, kind: HistoryRow['kind'], number: string | null, { actor, nowMs }: By): HistoryRow {
    const isBack = kind === 'returned';
    return {
      id: newId('hist', nowMs),
      atMs: nowMs,
      ciId: ci.id,
      machineId: ci.id,
      ciName: ci.name,
      ciClass: ci.class,
      kind,
      attribute: number === null ? null : 'assetNumber',
      before: isBack ? null : (number ?? ci.name),
      after: isBack ? (number ?? ci.name) : null,
      source: 'human',
      actor,
    };
  }

  return {
    async archive(id, by) {
      const ci = await required(id);
      if (ci.mergedInto !== null) throw new AppError('conflict', `${ci.name} is off the books already.`);
      if (ci.agentId !== null || Object.keys(await cmdbStore.sections(id)).length > 0)
        throw new AppError('conflict', `${ci.name} is reported by an agent; retire it instead.`);
      const edges = [...graph.from(id), ...graph.to(id)].map((edge) => edge.id);
      if (edges.length > 0) await graph.end(edges, { ...by, source: 'human' });
      return cmdb.change(async () => {
        const now = await required(id);
        const gone: Ci = { ...now, mergedInto: ARCHIVED, assetNumber: null };
        return {
          edits: {
            cis: [gone],
            keys: new Map([[id, []]]),
            relations: [],
            history: [row(now, 'removed', now.assetNumber, by)],
          },
          result: { id, name: ci.name },
        };
      });
    },
    async restore(id, by) {
      const last = (await cmdbStore.history({ machineId: id, ciId: id, limit: HISTORY_ROWS_MAX })).items.find(
        ({ kind }) => kind === 'removed',
      );
      const result = await cmdb.change(async () => {
        const ci = await required(id);
        if (ci.mergedInto !== ARCHIVED) throw new AppError('conflict', `${ci.name} is on the books.`);
        const number =
          last?.attribute === 'assetNumber' && typeof last.before === 'string' ? last.before : null;
        const back: Ci = { ...ci, mergedInto: null, assetNumber: number };
        return {
          edits: {
            cis: [back],
            keys: new Map([[id, recordKeys(back)]]),
            relations: [],
            history: [row(back, 'returned', number, by)],
          },
          result: { id, name: ci.name },
        };
      });
      const ended = (await cmdbStore.relationsOf(id)).filter(({ endedAtMs }) => endedAtMs === last?.atMs);
      const others = await cmdbStore.cis(ended.map(({ fromId, toId }) => (fromId === id ? toId : fromId)));
      const standing = new Set(others.filter(({ mergedInto }) => mergedInto === null).map((each) => each.id));
      const wishes = ended.filter(({ fromId, toId }) => standing.has(fromId === id ? toId : fromId));
      if (wishes.length > 0) await graph.relate(wishes, { ...by, source: 'human' });
      return result;
    },
  };
}
