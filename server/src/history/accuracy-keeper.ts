/** The accuracy of every record, kept current a few at a time: first what changed, then all in turn. */
import type { AccuracyRow, AccuracyTally } from '@muster/shared/api/history.ts';
import { accuracyOf, type Evidence } from '@muster/shared/history/accuracy.ts';
import { HOUR_MS, type Millis, toIso } from '@muster/shared/time.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { Ci, CmdbStore, Confirmations } from '../cmdb/store.ts';
import { isOfClass } from './group.ts';
import { sameJson } from './past.ts';
import type { HistoryStore } from './store.ts';

export interface AccuracyKeeper {
  /** What counts of one CI, and how it stands. */
  of(ci: Ci, nowMs: Millis): Promise<{ evidence: Evidence[]; accuracy: ReturnType<typeof accuracyOf> }>;
  /** CIs still to be looked at after the start. */
  waiting(): number;
  rows(filter: { class?: string; site?: string }): AccuracyRow[];
  tick(nowMs: Millis): Promise<void>;
}

/** CIs of one tick: some ten milliseconds. */
const STEP_CIS = 100;
/** What gets old does so by itself: everything is looked at again this often. */
const ROUND_EVERY_MS = HOUR_MS;
const LEFT_OUT = new Set(['retired', 'disposed', 'planned', 'ordered']);

export function createAccuracyKeeper({
  store,
  cmdbStore,
  cmdb,
}: {
  store: HistoryStore;
  cmdbStore: CmdbStore;
  cmdb: Pick<Cmdb, 'onApplied'>;
}): AccuracyKeeper {
  const rows = new Map<string, AccuracyRow & { readonly subclass: string | null }>();
  const due = new Set<string>();
  let roundMs: Millis = Number.NEGATIVE_INFINITY;
  let first: Set<string> | null = null;
  let dayDueMs: Millis = 0;
  cmdb.onApplied(({ ci }) => void due.add(ci.id));

  async function step(nowMs: Millis): Promise<void> {
    const ids = [...due].slice(0, STEP_CIS);
    for (const id of ids) due.delete(id);
    const [cis, confirmed] = await Promise.all([cmdbStore.cis(ids), cmdbStore.confirmations(ids)]);
    for (const ci of cis) take(ci, confirmed.get(ci.id) ?? {}, nowMs);
    if (first) for (const id of ids) first.delete(id);
  }

  function take(ci: Ci, confirmed: Confirmations, nowMs: Millis): void {
    const { mergedInto } = ci as { mergedInto?: string | null };
    if (LEFT_OUT.has(ci.lifecycle) || (mergedInto !== undefined && mergedInto !== null)) {
      rows.delete(ci.id);
      return;
    }
    const { score, flaws } = accuracyOf(ci.class, evidenceOf(ci, confirmed), nowMs);
    const count = (wanted: string) => flaws.filter(({ flaw }) => flaw === wanted).length;
    rows.set(ci.id, {
      id: ci.id,
      name: ci.name,
      class: ci.class,
      subclass: ci.subclass,
      site: ci.site,
      score,
      stale: count('stale'),
      disagrees: count('disagrees'),
      missing: count('missing'),
    });
  }

  async function keepDay(nowMs: Millis): Promise<void> {
    dayDueMs = nowMs + ROUND_EVERY_MS;
    const day = toIso(nowMs).slice(0, 10);
    const classes = new Map<string, { count: number; scoreSum: number }>([['', { count: 0, scoreSum: 0 }]]);
    for (const { class: ciClass, score } of rows.values())
      for (const name of ['', ciClass]) {
        const known = classes.get(name) ?? { count: 0, scoreSum: 0 };
        classes.set(name, { count: known.count + 1, scoreSum: known.scoreSum + score });
      }
    await store.putAccuracyDays([...classes].map(([name, sums]) => ({ day, class: name, ...sums })));
  }

  return {
    async of(ci, nowMs) {
      const confirmed = (await cmdbStore.confirmations([ci.id])).get(ci.id) ?? {};
      const evidence = evidenceOf(ci, confirmed);
      return { evidence, accuracy: accuracyOf(ci.class, evidence, nowMs) };
    },
    waiting: () => first?.size ?? 0,
    rows: ({ class: ofClass, site }) =>
      [...rows.values()]
        .filter(
          (row) =>
            isOfClass(row as unknown as Ci, ofClass) && (site === undefined || (row.site ?? '') === site),
        )
        .map(({ subclass: _subclass, ...row }) => row)
        .sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1)),
    async tick(nowMs) {
      if (nowMs - roundMs >= ROUND_EVERY_MS) {
        roundMs = nowMs;
        const ids = (await store.listedCis()).map(({ id }) => id);
        first ??= new Set(ids);
        for (const id of ids) due.add(id);
      }
      if (due.size > 0) await step(nowMs);
      if (first?.size === 0 && nowMs >= dayDueMs) await keepDay(nowMs);
    },
  };
}

/** Every attribute of the CI itself with its last evidence. */
export function evidenceOf({ attributes }: Pick<Ci, 'attributes'>, confirmed: Confirmations): Evidence[] {
  return Object.entries(attributes).map(([attribute, held]) => {
    const observed = held.observedValue ?? otherOf(held);
    return {
      attribute,
      value: held.value,
      ...(observed === undefined ? {} : { observed }),
      reported: held.section !== null,
      confirmedAtMs: Math.max(held.observedAtMs, (held.section && confirmed[held.section]) || 0),
    };
  });
}

/** What another source says instead. */
function otherOf(held: Ci['attributes'][string]): unknown {
  const { others } = held as { others?: readonly { readonly value: unknown }[] };
  return others?.find(({ value }) => value !== null && !sameJson(value, held.value))?.value;
}

export function tallyOf(rows: readonly AccuracyRow[]): AccuracyTally {
  const sum = (of: (row: AccuracyRow) => number) => rows.reduce((all, row) => all + of(row), 0);
  return {
    count: rows.length,
    score: rows.length === 0 ? null : Math.floor(sum(({ score }) => score) / rows.length),
    stale: sum(({ stale }) => stale),
    disagrees: sum(({ disagrees }) => disagrees),
    missing: sum(({ missing }) => missing),
  };
}
