/** HTTP operations of the CMDB. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { CiDetail, CiSummary, HistoryEntry } from '@muster/shared/api/cmdb.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { Cmdb } from './cmdb.ts';
import type { Attributes, CmdbStore, HistoryRow, Machine, Part, SectionStates } from './store.ts';

/** What the lists show beside what the CMDB knows; given by the slices that know it. */
interface CmdbRouteDeps {
  readonly cmdb: Cmdb;
  readonly store: CmdbStore;
  readonly presenceOf: (ciId: string, nowMs: Millis) => PresenceFacts | undefined;
  /** Open incidents of a CI. */
  readonly openIncidentsOf: (ciId: string) => number;
}

export interface PresenceFacts {
  readonly presence: NonNullable<CiSummary['presence']>;
  readonly cause: CiSummary['cause'];
  readonly expected: boolean;
  readonly sinceMs: Millis;
  readonly lastSeenMs: Millis | null;
}

const TRACES_MAX = 50;
/** A CI page asks for one machine's packages at once; 20,000 is the most an agent may report. */
const SOFTWARE_MAX = 20_000;

export function addCmdbRoutes(
  routes: Routes,
  { cmdb, store, presenceOf, openIncidentsOf }: CmdbRouteDeps,
): void {
  async function requireMachine(id: string): Promise<Machine> {
    const machine = await store.machine(id);
    if (!machine) throw new AppError('not-found', `There is no configuration item ${id}.`);
    return machine;
  }

  function summary(machine: Machine, nowMs: Millis, fields?: string): CiSummary {
    const presence = presenceOf(machine.id, nowMs);
    return {
      id: machine.id,
      class: machine.class,
      name: machine.name,
      lifecycle: machine.lifecycle,
      criticality: machine.criticality,
      presence: presence?.presence ?? null,
      cause: presence?.cause ?? null,
      expected: presence?.expected ?? null,
      presenceSince: presence ? toIso(presence.sinceMs) : null,
      lastSeenAt: presence?.lastSeenMs == null ? null : toIso(presence.lastSeenMs),
      tags: [...machine.tags],
      site: machine.site,
      openIncidents: openIncidentsOf(machine.id),
      ...(fields === undefined ? {} : { attributes: chosen(machine.attributes, fields) }),
    };
  }

  async function detail(machine: Machine, nowMs: Millis): Promise<CiDetail> {
    const [parts, sections] = await Promise.all([store.parts(machine.id), store.sections(machine.id)]);
    return {
      ...summary(machine, nowMs),
      assetNumber: machine.assetNumber,
      owner: machine.owner,
      supportGroup: machine.supportGroup,
      serviceHours: machine.serviceHours,
      createdAt: toIso(machine.createdAtMs),
      agentId: machine.agentId,
      details: attributeList(machine.attributes, sections),
      parts: parts.map((part) => ({
        id: part.id,
        class: part.class,
        name: part.name,
        relation: 'composes',
        details: attributeList(part.attributes, sections),
      })),
    };
  }

  routes.add(ENDPOINTS.listCis, async ({ query }, { nowMs }) => {
    const { fields, presence, limit, cursor, ...filter } = query;
    const ids =
      presence === undefined
        ? undefined
        : new Set(
            [...cmdb.directory.all()]
              .map(({ id }) => id)
              .filter((id) => presenceOf(id, nowMs)?.presence === presence),
          );
    const page = await store.findMachines({
      ...definedOnly(filter),
      ...(ids ? { ids } : {}),
      limit,
      ...(cursor ? { cursor } : {}),
    });
    return {
      items: page.items.map((machine) => summary(machine, nowMs, fields)),
      nextCursor: page.nextCursor,
    };
  });

  routes.add(ENDPOINTS.getCi, async ({ params }, { nowMs }) =>
    detail(await requireMachine(params.id), nowMs),
  );

  routes.add(ENDPOINTS.updateCi, async ({ params, body }, { actor, nowMs }) =>
    detail(await cmdb.edit(params.id, body, actor.name, nowMs), nowMs),
  );

  routes.add(ENDPOINTS.ciHistory, async ({ params, query }) => {
    await requireMachine(params.id);
    const page = await store.history({
      machineId: params.id,
      limit: query.limit,
      ...(query.cursor ? { cursor: query.cursor } : {}),
      ...(query.from ? { fromMs: Date.parse(query.from) } : {}),
      ...(query.to ? { toMs: Date.parse(query.to) } : {}),
    });
    return { items: page.items.map(historyEntry), nextCursor: page.nextCursor };
  });

  routes.add(ENDPOINTS.ciRelations, async ({ params }) => {
    const machine = await requireMachine(params.id);
    const parts = await store.parts(machine.id);
    return { items: parts.map((part) => composes(machine, part)), nextCursor: null };
  });

  routes.add(ENDPOINTS.ciImpact, async ({ params }) => {
    const machine = await requireMachine(params.id);
    const parts = await store.parts(machine.id);
    return {
      items: parts.map((part) => ({
        id: part.id,
        class: part.class,
        name: part.name,
        path: [machine.name, part.name],
      })),
    };
  });

  routes.add(ENDPOINTS.ciSoftware, async ({ params, query }) => {
    await requireMachine(params.id);
    const q = query.q?.toLowerCase();
    const all = (await store.installations(params.id)).filter(
      (item) => !q || item.name.toLowerCase().includes(q) || item.version.toLowerCase().includes(q),
    );
    const from = query.cursor ? Math.min(SOFTWARE_MAX, Math.max(0, Number(query.cursor) || 0)) : 0;
    const to = from + query.limit;
    return {
      items: all.slice(from, to).map((item) => ({
        name: item.name,
        version: item.version,
        architecture: item.architecture,
        publisher: item.publisher,
        source: item.source,
        installedAt: item.installedAtMs === null ? null : toIso(item.installedAtMs),
        firstSeenAt: toIso(item.firstSeenAtMs),
      })),
      nextCursor: to < all.length ? String(to) : null,
      total: all.length,
    };
  });

  routes.add(ENDPOINTS.ciIdentity, async ({ params }) => {
    await requireMachine(params.id);
    const traces = await store.traces(params.id, TRACES_MAX);
    return {
      items: traces.map(({ atMs, id: _id, ciId: _ciId, agentId: _agentId, ...trace }) => ({
        at: toIso(atMs),
        ...trace,
      })),
    };
  });
}

export function historyEntry(row: HistoryRow): z.infer<typeof HistoryEntry> {
  const { atMs, machineId: _machineId, ...rest } = row;
  return { ...rest, at: toIso(atMs) };
}

function attributeList(attributes: Attributes, sections: SectionStates): CiDetail['details'] {
  return Object.entries(attributes)
    .filter(([, held]) => held.value !== null || held.lockedBy !== null)
    .map(([name, held]) => ({
      name,
      value: held.value,
      source: held.source,
      observedAt: toIso(held.observedAtMs),
      confirmedAt: toIso(
        Math.max(held.observedAtMs, (held.section && sections[held.section]?.confirmedAtMs) || 0),
      ),
      lockedBy: held.lockedBy,
      ...(held.observedValue === undefined ? {} : { observedValue: held.observedValue }),
    }));
}

function chosen(attributes: Attributes, fields: string): Record<string, unknown> {
  const names = fields.split(',').map((name) => name.trim());
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(attributes, name)).map((name) => [name, attributes[name]?.value]),
  );
}

function composes(machine: Machine, part: Part) {
  return {
    id: `${machine.id}-composes-${part.id}`,
    type: 'composes',
    fromId: machine.id,
    fromName: machine.name,
    fromClass: machine.class,
    toId: part.id,
    toName: part.name,
    toClass: part.class,
    source: 'agent',
    since: toIso(part.createdAtMs),
    endedAt: null,
  };
}

function definedOnly<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
