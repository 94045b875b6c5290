/** HTTP operations of the CMDB. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { CiDetail, CiSummary, HistoryEntry } from '@muster/shared/api/cmdb.ts';
import {
  type ClassGroup,
  isMachineClass,
  isPartClass,
  MACHINE_CLASSES,
  PART_CLASSES,
  RECORD_CLASSES,
} from '@muster/shared/cmdb/classes.ts';
import { type ClassRegistry, NO_OWN_CLASSES } from '@muster/shared/cmdb/class-registry.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { DAY_MS, toIso, type Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import { bulkEdit, isChanged, joined, undoSteps } from './bulk.ts';
import type { Cmdb } from './cmdb.ts';
import type { ListedMachine } from './machine-directory.ts';
import { softwareName } from './diff.ts';
import { equal } from './held-values.ts';
import type {
  Attributes,
  Ci,
  CiFilter,
  CiQuery,
  CmdbStore,
  Confirmations,
  HeldAttribute,
  HistoryRow,
  Machine,
  Part,
  PartOfMachine,
  PartQuery,
} from './store.ts';

/** What the lists show beside what the CMDB knows; given by the slices that know it. */
interface CmdbRouteDeps {
  readonly cmdb: Cmdb;
  readonly store: CmdbStore;
  readonly presenceOf: (ciId: string, nowMs: Millis) => PresenceFacts | undefined;
  /** The word for a machine that was never heard. */
  readonly unheardState: (lifecycle: Machine['lifecycle']) => CiSummary['state'];
  /** What the administrator added to the classes. */
  readonly registry?: () => ClassRegistry;
  /** Open incidents of a CI. */
  readonly openIncidentsOf: (ciId: string) => number;
}

export interface PresenceFacts {
  readonly presence: NonNullable<CiSummary['presence']>;
  readonly cause: CiSummary['cause'];
  readonly expected: boolean;
  readonly state: CiSummary['state'];
  readonly sinceMs: Millis;
  readonly lastSeenMs: Millis | null;
}

/** A CI page asks for one machine's packages at once; 20,000 is the most an agent may report. */
const SOFTWARE_MAX = 20_000;

export function addCmdbRoutes(
  routes: Routes,
  { cmdb, store, presenceOf, unheardState, openIncidentsOf, registry = () => NO_OWN_CLASSES }: CmdbRouteDeps,
): void {
  async function requireCi(id: string): Promise<Ci> {
    const ci = await store.ci(id);
    if (!ci) throw new AppError('not-found', `There is no configuration item ${id}.`);
    return ci;
  }

  async function requireMachine(id: string): Promise<Machine> {
    const machine = await store.machine(id);
    if (!machine) throw new AppError('not-found', `There is no configuration item ${id}.`);
    return machine;
  }

  async function confirmedOf({ id }: Ci): Promise<Confirmations> {
    return (await store.confirmations([id])).get(id) ?? {};
  }

  function summary(machine: Ci, nowMs: Millis, fields?: string): CiSummary {
    const presence = presenceOf(machine.id, nowMs);
    return {
      id: machine.id,
      class: machine.class,
      subclass: machine.subclass,
      name: machine.name,
      lifecycle: machine.lifecycle,
      criticality: machine.criticality,
      presence: presence?.presence ?? null,
      cause: presence?.cause ?? null,
      expected: presence?.expected ?? null,
      state: presence?.state ?? unheardState(machine.lifecycle),
      presenceSince: presence ? toIso(presence.sinceMs) : null,
      lastSeenAt: presence?.lastSeenMs == null ? null : toIso(presence.lastSeenMs),
      tags: [...machine.tags],
      site: machine.site,
      openIncidents: [machine.id, ...cmdb.identity.mergedIn(machine.id)].reduce(
        (sum, id) => sum + openIncidentsOf(id),
        0,
      ),
      ...(fields === undefined ? {} : { attributes: chosen(machine.attributes, fields) }),
    };
  }

  async function detail(machine: Ci, nowMs: Millis): Promise<CiDetail> {
    const [parts, confirmed] = await Promise.all([store.parts(machine.id), confirmedOf(machine)]);
    return {
      ...summary(machine, nowMs),
      assetNumber: machine.assetNumber,
      owner: machine.owner,
      supportGroup: machine.supportGroup,
      serviceHours: machine.serviceHours,
      createdAt: toIso(machine.createdAtMs),
      agentId: machine.agentId,
      details: attributeList(machine.attributes, confirmed),
      parts: parts.map((part) => ({
        id: part.id,
        class: part.class,
        name: part.name,
        relation: 'composes',
        details: attributeList(part.attributes, confirmed),
      })),
    };
  }

  function partSummary({ part, machine }: PartOfMachine, nowMs: Millis, fields?: string): CiSummary {
    return {
      ...summary(machine, nowMs),
      id: part.id,
      class: part.class,
      subclass: null,
      name: part.name,
      presence: null,
      cause: null,
      expected: null,
      presenceSince: null,
      lastSeenAt: null,
      openIncidents: 0,
      machine: { id: machine.id, name: machine.name, class: machine.class },
      ...(fields === undefined ? {} : { attributes: chosen(part.attributes, fields) }),
    };
  }

  async function partDetail(of: PartOfMachine, nowMs: Millis): Promise<CiDetail> {
    const { part, machine } = of;
    return {
      ...partSummary(of, nowMs),
      assetNumber: null,
      owner: machine.owner,
      supportGroup: machine.supportGroup,
      serviceHours: machine.serviceHours,
      createdAt: toIso(part.createdAtMs),
      agentId: null,
      keys: [...part.keys],
      removedAt: part.removedAtMs === null ? null : toIso(part.removedAtMs),
      details: attributeList(part.attributes, await confirmedOf(machine)),
      parts: [],
    };
  }

  async function partOf(id: string): Promise<PartOfMachine | null> {
    const part = await store.part(id);
    return part && { part, machine: await requireMachine(part.machineId) };
  }

  /** What it turned out to be. */
  async function mergedInto({ id, mergedInto: into }: Ci): Promise<CiDetail['mergedInto']> {
    if (into === null) return null;
    const survivor = await store.ci(cmdb.identity.survivorOf(id));
    return survivor && { id: survivor.id, name: survivor.name };
  }

  routes.add(ENDPOINTS.listCis, async ({ query }, { nowMs }) => {
    const { fields, presence, limit, cursor, staleDays, evidence, ...rest } = query;
    const ids =
      presence === undefined
        ? undefined
        : new Set(
            [...cmdb.directory.all()]
              .map(({ id }) => id)
              .filter((id) => presenceOf(id, nowMs)?.presence === presence),
          );
    const { class: ofClass, ...others } = rest;
    const below = ofClass === undefined ? new Set<string>() : registry().namesBelow(ofClass);
    const filter: CiFilter = {
      ...definedOnly(others),
      ...(ofClass === undefined ? {} : below.size > 1 ? { classes: below } : { class: ofClass }),
      ...(staleDays === undefined ? {} : { staleSinceMs: nowMs - staleDays * DAY_MS }),
      ...(ids ? { ids } : {}),
    };
    const wanted = { limit, ...(cursor ? { cursor } : {}) };
    const page = isPartClass(filter.class)
      ? await partsPage({ ...filter, ...wanted, class: filter.class }, nowMs, fields)
      : await cisPage({ ...filter, ...wanted }, nowMs, fields);
    const { nextCursor } = page;
    if (evidence === undefined) return { items: page.rows.map(({ item }) => item), nextCursor };
    const confirmed = await store.confirmations(page.rows.map(({ machineId }) => machineId));
    return {
      items: page.rows.map(({ item, machineId, section }) => {
        const atMs = newest(confirmed.get(machineId), section);
        return { ...item, evidenceAt: atMs === null ? null : toIso(atMs) };
      }),
      nextCursor,
      ...(cursor ? {} : { total: await store.countCis(filter) }),
    };
  });

  async function cisPage(query: CiQuery, nowMs: Millis, fields?: string): Promise<ListPage> {
    const page = await store.findCis(query);
    return {
      rows: page.items.map((machine) => ({
        item: summary(machine, nowMs, fields),
        machineId: machine.id,
        section: null,
      })),
      nextCursor: page.nextCursor,
    };
  }

  async function partsPage(query: PartQuery, nowMs: Millis, fields?: string): Promise<ListPage> {
    const page = await store.findParts(query);
    return {
      rows: page.items.map((of) => ({
        item: partSummary(of, nowMs, fields),
        machineId: of.machine.id,
        section: of.part.section,
      })),
      nextCursor: page.nextCursor,
    };
  }

  routes.add(ENDPOINTS.listClasses, async () => {
    const counts = await store.classCounts();
    const group = (names: readonly string[], of: ClassGroup) =>
      names.map((name) => ({ class: name, group: of, count: counts.get(name) ?? 0 }));
    const own = [];
    for (const { name, archived } of registry().classes) {
      const base = registry().baseOf(name);
      const count = await store.countCis({ classes: registry().namesBelow(name) });
      if (base !== null && (count > 0 || !archived))
        own.push({
          class: name,
          group: isMachineClass(base) ? ('machine' as const) : ('record' as const),
          count,
        });
    }
    return {
      items: [
        ...group(MACHINE_CLASSES, 'machine'),
        ...group(PART_CLASSES, 'part'),
        ...group(RECORD_CLASSES, 'record'),
        ...own,
      ],
      sites: facet(cmdb, ({ site }) => site),
      owners: facet(cmdb, ({ owner }) => owner),
      lifecycles: facet(cmdb, ({ lifecycle }) => lifecycle),
    };
  });

  routes.add(ENDPOINTS.getCi, async ({ params }, { nowMs }) => {
    const part = await partOf(params.id);
    if (part) return partDetail(part, nowMs);
    const ci = await requireCi(params.id);
    return { ...(await detail(ci, nowMs)), mergedInto: await mergedInto(ci) };
  });

  routes.add(ENDPOINTS.createCi, async ({ body }, { actor, nowMs }) => {
    const { class: ciClass, subclass, name, ...edit } = body;
    return detail(await cmdb.create({ class: ciClass, subclass, name, edit }, actor.name, nowMs), nowMs);
  });

  routes.add(ENDPOINTS.updateCi, async ({ params, body }, { actor, nowMs }) => {
    const { class: wanted } = body;
    const before = wanted === undefined ? null : await requireCi(params.id);
    if (wanted !== undefined && before && isMachineClass(wanted) !== isMachineClass(before.class))
      throw new AppError(
        'input-invalid',
        `${before.name} is a ${before.class} and cannot become a ${wanted}.`,
      );
    const may = { mayCorrectNumber: roleHas(actor.role, 'assets.correct') };
    return detail(await cmdb.edit(params.id, body, actor.name, nowMs, may), nowMs);
  });

  routes.add(ENDPOINTS.bulkCis, async ({ body }, { actor, nowMs }) => {
    const { edited, failed } = await cmdb.editMany(
      body.steps.map(({ ids, change }) => ({ ids, editOf: (machine) => bulkEdit(machine, change) })),
      actor.name,
      nowMs,
    );
    const machines = joined(edited);
    const changed = machines.filter(isChanged);
    return {
      changed: changed.length,
      unchanged: machines.length - changed.length,
      failed: [...failed],
      undo: undoSteps(changed),
    };
  });

  routes.add(ENDPOINTS.ciHistory, async ({ params, query }) => {
    const part = await partOf(params.id);
    const machineId = part ? part.machine.id : (await requireCi(params.id)).id;
    const page = await store.history({
      machineId,
      alsoOf: cmdb.identity.mergedIn(machineId),
      ...(part || query.own ? { ciId: params.id } : {}),
      limit: query.limit,
      ...(query.cursor ? { cursor: query.cursor } : {}),
      ...(query.from ? { fromMs: Date.parse(query.from) } : {}),
      ...(query.to ? { toMs: Date.parse(query.to) } : {}),
    });
    return { items: page.items.map(historyEntry), nextCursor: page.nextCursor };
  });

  routes.add(ENDPOINTS.ciSoftware, async ({ params, query }) => {
    if (await store.part(params.id)) return { items: [], nextCursor: null, total: 0 };
    await requireCi(params.id);
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
}

/** A package stands in the record of its machine by its name; a reader meets it as a thing of its own. */
export function historyEntry(row: HistoryRow): z.infer<typeof HistoryEntry> {
  const { atMs, machineId: _machineId, ...rest } = row;
  const entry = { ...rest, at: toIso(atMs) };
  const packageName = softwareName(row.attribute);
  return packageName === null
    ? entry
    : { ...entry, ciName: packageName, ciClass: 'Software', attribute: 'version' };
}

function attributeList(attributes: Attributes, confirmed: Confirmations): CiDetail['details'] {
  return Object.entries(attributes)
    .filter(([, held]) => held.value !== null || held.lockedBy !== null)
    .map(([name, held]) => ({
      name,
      value: held.value,
      source: held.source,
      observedAt: toIso(held.observedAtMs),
      confirmedAt: toIso(Math.max(held.observedAtMs, (held.section && confirmed[held.section]) || 0)),
      lockedBy: held.lockedBy,
      ...(held.observedValue === undefined ? {} : { observedValue: held.observedValue }),
      ...othersOf(held),
    }));
}

/** What other sources say differently. */
function othersOf(held: HeldAttribute): Pick<CiDetail['details'][number], 'others'> {
  const others = (held.others ?? []).filter(({ value }) => !equal(value, held.value));
  if (others.length === 0) return {};
  return {
    others: others.map(({ value, source, observedAtMs }) => ({
      value,
      source,
      observedAt: toIso(observedAtMs),
    })),
  };
}

function chosen(attributes: Attributes, fields: string): Record<string, unknown> {
  const names = fields.split(',').map((name) => name.trim());
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(attributes, name)).map((name) => [name, attributes[name]?.value]),
  );
}

interface ListPage {
  readonly rows: readonly {
    readonly item: CiSummary;
    readonly machineId: string;
    /** Section that tells it; null: whichever. */
    readonly section: Part['section'] | null;
  }[];
  readonly nextCursor: string | null;
}

function newest(confirmed: Confirmations | undefined, section: Part['section'] | null): Millis | null {
  if (confirmed === undefined) return null;
  if (section !== null) return confirmed[section] ?? null;
  const times = Object.values(confirmed);
  return times.length === 0 ? null : Math.max(...times);
}

/** Values of all machines with how many have each, the most frequent first; null: those without. */
function facet(
  cmdb: Pick<Cmdb, 'listed'>,
  value: (machine: ListedMachine) => string | null,
): { value: string | null; count: number }[] {
  const counts = new Map<string | null, number>();
  for (const machine of cmdb.listed()) {
    const key = value(machine) || null;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .map(([key, count]) => ({ value: key, count }))
    .toSorted((a, b) => b.count - a.count || ((a.value ?? '') < (b.value ?? '') ? -1 : 1));
}

function definedOnly<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
