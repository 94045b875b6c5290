/** Rules store in SQL. */
import { and, asc, desc, eq, gte, inArray, lt, ne, or } from 'drizzle-orm';
import type { AlertRecord } from '../../rules/alert.ts';
import type { StoredRule } from '../../rules/rule.ts';
import type { RulesStore, SeriesState } from '../../rules/store.ts';
import type { Db, SqlStore } from './open.ts';

/** Between the parts of a key; stands in no id, and the instance comes last. */
const KEY_SEPARATOR = '\n';
/** Ids of one query; SQLite takes 32,766 parameters. */
const IDS_PER_QUERY_MAX = 1_000;

export function createSqlRulesStore(store: SqlStore): RulesStore {
  const { read } = store;
  const { rules, rulePacks, ruleStates, alerts } = store.t;

  async function putRule(db: Db, rule: StoredRule): Promise<void> {
    const { id: _, ...fields } = rule;
    await db.insert(rules).values(rule).onConflictDoUpdate({ target: rules.id, set: fields });
  }

  async function installOne(db: Db, rule: StoredRule): Promise<boolean> {
    if (rule.pack === null) return false;
    const isNew = await db.insert(rulePacks).values({ key: rule.pack }).onConflictDoNothing().returning();
    if (isNew.length === 0) return false;
    await putRule(db, rule);
    return true;
  }

  async function putState(db: Db, state: SeriesState): Promise<void> {
    const { ruleId, ciId, instance, tracks, atMs } = state;
    if (tracks.length === 0) {
      await db
        .delete(ruleStates)
        .where(
          and(eq(ruleStates.ruleId, ruleId), eq(ruleStates.ciId, ciId), eq(ruleStates.instance, instance)),
        );
      return;
    }
    // A rule deleted in the meantime takes its phases along.
    const [rule] = await db.select({ id: rules.id }).from(rules).where(eq(rules.id, ruleId));
    if (!rule) return;
    await db
      .insert(ruleStates)
      .values(state)
      .onConflictDoUpdate({
        target: [ruleStates.ruleId, ruleStates.ciId, ruleStates.instance],
        set: { tracks, atMs },
      });
  }

  async function putAlert(db: Db, alert: AlertRecord): Promise<void> {
    const liveKey =
      alert.state === 'resolved' ? null : [alert.ruleId, alert.ciId, alert.instance].join(KEY_SEPARATOR);
    const { id: _, ...fields } = { ...alert, liveKey };
    await db
      .insert(alerts)
      .values({ ...alert, liveKey })
      .onConflictDoUpdate({ target: alerts.id, set: fields });
  }

  return {
    rules: () => read.select().from(rules).orderBy(asc(rules.id)),
    putRule: (rule) => store.tx((db) => putRule(db, rule)),
    deleteRule: (id) =>
      store.tx(async (db) => {
        await db.delete(rules).where(eq(rules.id, id));
      }),
    installPack: (pack) =>
      store.tx(async (db) => {
        const added: StoredRule[] = [];
        for (const rule of pack) if (await installOne(db, rule)) added.push(rule);
        return added;
      }),
    states: () => read.select().from(ruleStates),
    record: (change) =>
      store.tx(async (db) => {
        for (const state of change.states) await putState(db, state);
        // Resolved ones first: they make room for the next life of their key.
        for (const alert of change.alerts) if (alert.state === 'resolved') await putAlert(db, alert);
        for (const alert of change.alerts) if (alert.state !== 'resolved') await putAlert(db, alert);
      }),
    settle: (told) =>
      store.tx(async (db) => {
        for (const { alert, incidentId } of told) {
          if (incidentId !== null) await db.update(alerts).set({ incidentId }).where(eq(alerts.id, alert.id));
          await db
            .update(alerts)
            .set({ settled: true })
            .where(and(eq(alerts.id, alert.id), eq(alerts.version, alert.version)));
        }
      }),
    live: async (sinceMs) => {
      const rows = await read
        .select()
        .from(alerts)
        .where(or(ne(alerts.state, 'resolved'), eq(alerts.settled, false), gte(alerts.resolvedAtMs, sinceMs)))
        .orderBy(desc(alerts.openedAtMs), desc(alerts.id));
      return rows.map(toRecord);
    },
    alerts: async ({ state, ciId, limit, after }) => {
      const rows = await read
        .select()
        .from(alerts)
        .where(
          and(
            state === undefined ? undefined : eq(alerts.state, state),
            ciId === undefined ? undefined : eq(alerts.ciId, ciId),
            after === undefined
              ? undefined
              : or(
                  lt(alerts.openedAtMs, after.openedAtMs),
                  and(eq(alerts.openedAtMs, after.openedAtMs), lt(alerts.id, after.id)),
                ),
          ),
        )
        .orderBy(desc(alerts.openedAtMs), desc(alerts.id))
        .limit(limit);
      return rows.map(toRecord);
    },
    alertsByIds: async (ids) => {
      const found: AlertRecord[] = [];
      for (let i = 0; i < ids.length; i += IDS_PER_QUERY_MAX) {
        const some = inArray(alerts.id, ids.slice(i, i + IDS_PER_QUERY_MAX));
        found.push(...(await read.select().from(alerts).where(some)).map(toRecord));
      }
      return found.sort((a, b) => b.openedAtMs - a.openedAtMs || (a.id < b.id ? 1 : -1));
    },
    dropResolvedBefore: (beforeMs) =>
      store.tx(async (db) => {
        const dropped = await db
          .delete(alerts)
          .where(and(lt(alerts.resolvedAtMs, beforeMs), eq(alerts.settled, true)))
          .returning({ id: alerts.id });
        return dropped.length;
      }),
  };
}

function toRecord({ liveKey: _liveKey, ...alert }: AlertRecord & { liveKey: string | null }): AlertRecord {
  return alert;
}
