/** Rules store in SQL. */
import {
  and,
  asc,
  count,
  countDistinct,
  desc,
  eq,
  gte,
  inArray,
  isNull,
  lt,
  lte,
  max,
  ne,
  or,
  sql,
} from 'drizzle-orm';
import type { AlertRecord } from '../../rules/alert.ts';
import type { StoredRule } from '../../rules/rule.ts';
import { installedNow, RULE_VERSIONS_MAX } from '../../rules/store.ts';
import type { RuleChange, RulesStore, SeriesState } from '../../rules/store.ts';
import { contains } from './contains.ts';
import type { Db, SqlStore } from './open.ts';

/** Between the parts of a key; stands in no id, and the instance comes last. */
const KEY_SEPARATOR = '\n';
/** Ids of one query; SQLite takes 32,766 parameters. */
const IDS_PER_QUERY_MAX = 1_000;
/** Machines named by one text: beyond any fleet, and the number of parameters stays within the bound. */
const NAMED_MACHINES_MAX = 20_000;

export function createSqlRulesStore(store: SqlStore): RulesStore {
  const { read } = store;
  const { rules, rulePacks, ruleVersions, ruleStates, alerts } = store.t;

  async function putRule(db: Db, rule: StoredRule): Promise<void> {
    const { id: _, ...fields } = rule;
    await db.insert(rules).values(rule).onConflictDoUpdate({ target: rules.id, set: fields });
  }

  async function note(db: Db, rule: StoredRule, change: RuleChange | undefined): Promise<void> {
    if (change === undefined) return;
    const ofRule = eq(ruleVersions.ruleId, rule.id);
    const [newest] = await db
      .select({ version: max(ruleVersions.version) })
      .from(ruleVersions)
      .where(ofRule);
    const version = (newest?.version ?? 0) + 1;
    await db.insert(ruleVersions).values({ ...change, ruleId: rule.id, version, rule });
    const tooOld = lte(ruleVersions.version, version - RULE_VERSIONS_MAX);
    await db.delete(ruleVersions).where(and(ofRule, tooOld));
  }

  async function installOne(db: Db, rule: StoredRule): Promise<boolean> {
    if (rule.pack === null) return false;
    const isNew = await db.insert(rulePacks).values({ key: rule.pack }).onConflictDoNothing().returning();
    if (isNew.length === 0) return false;
    await putRule(db, rule);
    await note(db, rule, installedNow(rule));
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
    putRule: (rule, change) =>
      store.tx(async (db) => {
        await putRule(db, rule);
        await note(db, rule, change);
      }),
    deleteRule: (id, change) =>
      store.tx(async (db) => {
        const [rule] = await db.select().from(rules).where(eq(rules.id, id));
        if (rule) await note(db, rule, change);
        await db.delete(rules).where(eq(rules.id, id));
      }),
    installPack: (pack) =>
      store.tx(async (db) => {
        const added: StoredRule[] = [];
        for (const rule of pack) if (await installOne(db, rule)) added.push(rule);
        return added;
      }),
    versions: async (ruleId, limit, before) => {
      const older = before === undefined ? undefined : lt(ruleVersions.version, before);
      const rows = await read
        .select()
        .from(ruleVersions)
        .where(and(eq(ruleVersions.ruleId, ruleId), older))
        .orderBy(desc(ruleVersions.version))
        .limit(limit);
      return rows.map(withoutRuleId);
    },
    version: async (ruleId, version) => {
      const [row] = await read
        .select()
        .from(ruleVersions)
        .where(and(eq(ruleVersions.ruleId, ruleId), eq(ruleVersions.version, version)));
      return row ? withoutRuleId(row) : null;
    },
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
    alerts: async ({ state, severity, ruleIds, ciId, alsoOf = [], fromMs, toMs, text, limit, after }) => {
      const rows = await read
        .select()
        .from(alerts)
        .where(
          and(
            state === undefined
              ? undefined
              : state === 'live'
                ? inArray(alerts.state, ['open', 'acknowledged', 'suppressed'])
                : eq(alerts.state, state),
            severity === undefined ? undefined : eq(alerts.severity, severity),
            ruleIds === undefined ? undefined : inArray(alerts.ruleId, [...ruleIds]),
            fromMs === undefined ? undefined : gte(alerts.openedAtMs, fromMs),
            toMs === undefined ? undefined : lt(alerts.openedAtMs, toMs),
            text === undefined
              ? undefined
              : or(
                  contains([alerts.ruleName, alerts.metric, alerts.instance], text.part),
                  text.ciIds.length === 0
                    ? undefined
                    : inArray(alerts.ciId, text.ciIds.slice(0, NAMED_MACHINES_MAX)),
                ),
            ciId === undefined ? undefined : inArray(alerts.ciId, [ciId, ...alsoOf]),
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
    lastOpened: async () => {
      const rows = await read
        .select({ ruleId: alerts.ruleId, atMs: max(alerts.openedAtMs) })
        .from(alerts)
        .groupBy(alerts.ruleId);
      return rows.flatMap(({ ruleId, atMs }) => (atMs === null ? [] : [{ ruleId, atMs }]));
    },
    noise: (sinceMs, briefMs) => {
      // A quotation mark inside a sentence is escaped there: only the kind reads like this.
      const wasUnplanned = sql`cast(${alerts.suppressedBy} as text) not like '%"maintenance"%'`;
      const isBrief = and(
        eq(alerts.resolvedBecause, 'cleared'),
        isNull(alerts.acknowledgement),
        lte(sql`${alerts.resolvedAtMs} - ${alerts.openedAtMs}`, briefMs),
      );
      return read
        .select({
          ruleId: alerts.ruleId,
          alerts: count(),
          brief: sql<number>`count(case when ${isBrief} then 1 end)`.mapWith(Number),
          incidents: countDistinct(alerts.incidentId),
          machines: countDistinct(alerts.ciId),
        })
        .from(alerts)
        .where(and(gte(alerts.openedAtMs, sinceMs), or(isNull(alerts.suppressedBy), wasUnplanned)))
        .groupBy(alerts.ruleId);
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

function withoutRuleId<T extends { ruleId: string }>({ ruleId: _ruleId, ...version }: T): Omit<T, 'ruleId'> {
  return version;
}

function toRecord({ liveKey: _liveKey, ...alert }: AlertRecord & { liveKey: string | null }): AlertRecord {
  return alert;
}
