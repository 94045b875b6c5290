/** The incidents port on SQL. */
import {
  and,
  asc,
  desc,
  eq,
  gte,
  inArray,
  isNull,
  like,
  lte,
  max,
  ne,
  not,
  notInArray,
  or,
  sql,
  type SQL,
} from 'drizzle-orm';
import { AppError } from '../../errors.ts';
import type { IncidentStore } from '../../incidents/store.ts';
import { contains, wordsOf } from './contains.ts';
import { newestPage, olderThan } from './newest-first.ts';
import type { SqlStore } from './open.ts';

/** Rows of one insert: databases bound the values of a statement. */
const CIS_AT_ONCE = 100;

export function createSqlIncidentStore(store: SqlStore): IncidentStore {
  const { t, read } = store;

  const saveAll: IncidentStore['saveAll'] = (changes) =>
    store.tx(async (db) => {
      for (const { incident, timeline, event } of changes) {
        const [held] = await db
          .select({ version: t.incidents.version, affected: t.incidents.affected })
          .from(t.incidents)
          .where(eq(t.incidents.id, incident.id));
        if ((held?.version ?? 0) !== incident.version - 1)
          throw new AppError('conflict', `${incident.ref} was changed by somebody else meanwhile.`);
        await db
          .insert(t.incidents)
          .values(incident)
          .onConflictDoUpdate({ target: t.incidents.id, set: incident });
        const known = new Set(held?.affected.map(({ ciId }) => ciId));
        const fresh = incident.affected.filter(({ ciId }) => ciId !== incident.ciId && !known.has(ciId));
        for (let from = 0; from < fresh.length; from += CIS_AT_ONCE)
          await db
            .insert(t.incidentCis)
            .values(
              fresh.slice(from, from + CIS_AT_ONCE).map(({ ciId }) => ({ incidentId: incident.id, ciId })),
            )
            .onConflictDoNothing();
        const now = new Set(incident.affected.map(({ ciId }) => ciId));
        const out = [...known].filter((ciId) => !now.has(ciId));
        for (let from = 0; from < out.length; from += CIS_AT_ONCE)
          await db
            .delete(t.incidentCis)
            .where(
              and(
                eq(t.incidentCis.incidentId, incident.id),
                inArray(t.incidentCis.ciId, out.slice(from, from + CIS_AT_ONCE)),
              ),
            );
        if (timeline.length > 0) await db.insert(t.incidentTimeline).values([...timeline]);
        if (event) await db.insert(t.incidentOutbox).values(event);
      }
    });

  return {
    save: (incident, timeline, event) => saveAll([{ incident, timeline, event }]),
    saveAll,
    untold: async (untilMs) =>
      read
        .select()
        .from(t.incidentOutbox)
        .where(lte(t.incidentOutbox.atMs, untilMs))
        .orderBy(asc(t.incidentOutbox.atMs), asc(t.incidentOutbox.id)),
    told: (eventId) =>
      store.tx(
        async (db) => void (await db.delete(t.incidentOutbox).where(eq(t.incidentOutbox.id, eventId))),
      ),
    addLine: (row) =>
      store.tx(async (db) => void (await db.insert(t.incidentTimeline).values(row).onConflictDoNothing())),
    get: async (idOrRef) => {
      const rows = await read
        .select()
        .from(t.incidents)
        .where(or(eq(t.incidents.id, idOrRef), eq(t.incidents.ref, idOrRef)));
      return rows[0] ?? null;
    },
    list: async (query) => {
      const where: (SQL | undefined)[] = [];
      if (query.states) where.push(inArray(t.incidents.state, [...query.states]));
      if (query.ciId) {
        const ids = [query.ciId, ...(query.alsoOf ?? [])];
        const hit = read
          .select({ id: t.incidentCis.incidentId })
          .from(t.incidentCis)
          .where(inArray(t.incidentCis.ciId, ids));
        where.push(or(inArray(t.incidents.ciId, ids), inArray(t.incidents.id, hit)));
      }
      if (query.assignee) where.push(eq(t.incidents.assignee, query.assignee));
      if (query.unclaimed) where.push(isNull(t.incidents.assignee));
      if (query.priorities) where.push(inArray(t.incidents.priority, [...query.priorities]));
      if (query.causeKey) where.push(eq(t.incidents.causeKey, query.causeKey));
      if (query.groupKey) where.push(eq(t.incidents.groupKey, query.groupKey));
      if (query.category)
        where.push(
          or(eq(t.incidents.category, query.category), like(t.incidents.category, `${query.category}.%`)),
        );
      if (query.parentId) where.push(eq(t.incidents.parentId, query.parentId));
      if (query.mergedIntoId) where.push(eq(t.incidents.mergedIntoId, query.mergedIntoId));
      if (query.text)
        where.push(
          contains([t.incidents.ref, t.incidents.ciName, ...wordsOf(t.incidents.title)], query.text),
        );
      const rows = await read
        .select()
        .from(t.incidents)
        .where(and(...where, olderThan(t.incidents.openedAtMs, t.incidents.id, query.cursor)))
        .orderBy(desc(t.incidents.openedAtMs), desc(t.incidents.id))
        .limit(query.limit + 1);
      return newestPage(rows, query.limit, ({ openedAtMs }) => openedAtMs);
    },
    unfinished: async () =>
      read
        .select()
        .from(t.incidents)
        .where(notInArray(t.incidents.state, ['closed', 'cancelled'])),
    lastNumber: async () => {
      const [last] = await read
        .select({ ref: t.incidents.ref })
        .from(t.incidents)
        .orderBy(desc(sql`length(${t.incidents.ref})`), desc(t.incidents.ref))
        .limit(1);
      return last ? Number(last.ref.slice('INC-'.length)) : 0;
    },
    lastClosedAtMs: async () =>
      (await read.select({ atMs: max(t.incidents.closedAtMs) }).from(t.incidents))[0]?.atMs ?? null,
    timeline: async (incidentId) =>
      read
        .select()
        .from(t.incidentTimeline)
        .where(eq(t.incidentTimeline.incidentId, incidentId))
        .orderBy(asc(t.incidentTimeline.atMs), asc(t.incidentTimeline.id)),
    timelinePage: async (incidentId, { limit, cursor, by }) => {
      const { actor, atMs, id } = t.incidentTimeline;
      const people = or(like(actor, 'user:%'), like(actor, 'token:%')) as SQL;
      const where: (SQL | undefined)[] = [eq(t.incidentTimeline.incidentId, incidentId)];
      if (by) where.push(by === 'people' ? people : not(people));
      const rows = await read
        .select()
        .from(t.incidentTimeline)
        .where(and(...where, olderThan(atMs, id, cursor)))
        .orderBy(desc(atMs), desc(id))
        .limit(limit + 1);
      return newestPage(rows, limit, (row) => row.atMs);
    },
    refs: async (ids) => {
      const found = new Map<string, string>();
      /** Id to be read → ids that were asked for and lead to it. */
      let asked = new Map(ids.map((id) => [id, [id]]));
      while (asked.size > 0) {
        const rows = await read
          .select({ id: t.incidents.id, ref: t.incidents.ref, into: t.incidents.mergedIntoId })
          .from(t.incidents)
          .where(inArray(t.incidents.id, [...asked.keys()]));
        const further = new Map<string, string[]>();
        for (const { id, ref, into } of rows) {
          const from = asked.get(id) ?? [];
          if (into === null) for (const one of from) found.set(one, ref);
          else further.set(into, [...(further.get(into) ?? []), ...from]);
        }
        asked = further;
      }
      return found;
    },
    openedSince: async (fromMs) => {
      const { openedAtMs, breachedAtMs, acknowledgedAtMs, resolvedAtMs, restoredAtMs } = t.incidents;
      const { state, priority, supportGroup, resolution, reopenings } = t.incidents;
      return read
        .select({
          openedAtMs,
          breachedAtMs,
          acknowledgedAtMs,
          resolvedAtMs,
          restoredAtMs,
          state,
          priority,
          supportGroup,
          resolution,
          reopenings,
        })
        .from(t.incidents)
        .where(and(gte(openedAtMs, fromMs), ne(state, 'cancelled')));
    },
    matrices: async () => read.select().from(t.priorityMatrices).orderBy(desc(t.priorityMatrices.version)),
    addMatrix: (matrix) =>
      store.tx(async (db) => {
        const [held] = await db
          .select({ version: t.priorityMatrices.version })
          .from(t.priorityMatrices)
          .where(eq(t.priorityMatrices.version, matrix.version));
        if (held) throw new AppError('conflict', 'Somebody else changed the matrix meanwhile.');
        await db.insert(t.priorityMatrices).values(matrix);
      }),
    setting: async (key) =>
      (await read.select().from(t.incidentSettings).where(eq(t.incidentSettings.key, key)))[0] ?? null,
    putSetting: (setting) =>
      store.tx(async (db) => {
        const [held] = await db
          .select({ version: t.incidentSettings.version })
          .from(t.incidentSettings)
          .where(eq(t.incidentSettings.key, setting.key));
        if ((held?.version ?? 0) !== setting.version - 1)
          throw new AppError('conflict', 'Somebody else changed it meanwhile.');
        await db
          .insert(t.incidentSettings)
          .values(setting)
          .onConflictDoUpdate({ target: t.incidentSettings.key, set: setting });
      }),
    evidence: async (incidentId) =>
      (await read.select().from(t.incidentEvidence).where(eq(t.incidentEvidence.incidentId, incidentId)))[0]
        ?.evidence ?? null,
    putEvidence: (incidentId, evidence) =>
      store.tx(async (db) => {
        await db
          .insert(t.incidentEvidence)
          .values({ incidentId, evidence })
          .onConflictDoUpdate({ target: t.incidentEvidence.incidentId, set: { evidence } });
      }),
  };
}
