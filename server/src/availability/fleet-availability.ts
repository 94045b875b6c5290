/** Answers about the availability of many machines: reads the ledger, groups, sorts, pages. */
import { isInService } from '@muster/shared/cmdb/lifecycle.ts';
import type { fleetAvailabilityEndpoints } from '@muster/shared/api/fleet-availability.ts';
import { SECOND_MS, toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { dayCells } from './day-grid.ts';
import { usableZone } from './expectation.ts';
import { NO_MARKS } from './agreed.ts';
import type { Agreed } from './agreed.ts';
import { FORMULA_WORDS } from './figures.ts';
import {
  compareSortKeys,
  groupFigures,
  grouped,
  machineFigures,
  machineTotals,
  matches,
  sortKey,
} from './fleet.ts';
import { createLedger, MACHINES_PER_PIECE, sliceInput } from './ledger.ts';
import type { Reading } from './ledger.ts';
import { outagesOf } from './outages.ts';
import type { Outage } from './outages.ts';
import { outageView, pastCells, periodOf } from './report.ts';
import { slices } from './slices.ts';
import type { Slice } from './slices.ts';
import type { AvailabilityStore, PresenceChange } from './store.ts';

type Endpoints = typeof fleetAvailabilityEndpoints;
type SummaryQuery = z.output<Endpoints['availabilitySummary']['query']>;
type SummaryAnswer = z.input<Endpoints['availabilitySummary']['response']>;
type OutagesQuery = z.output<Endpoints['availabilityOutages']['query']>;
type OutagesAnswer = z.input<Endpoints['availabilityOutages']['response']>;

export interface FleetAvailability {
  /** @throws AppError 'range-invalid', 'input-invalid' */
  summary(query: SummaryQuery, nowMs: Millis): Promise<SummaryAnswer>;
  outages(query: OutagesQuery, nowMs: Millis): Promise<OutagesAnswer>;
  /** After changes of the record are durable. */
  changed(changes: readonly PresenceChange[]): void;
}

interface FleetAvailabilityDeps {
  readonly store: AvailabilityStore;
  readonly directory: CiDirectory;
  readonly agreed: Agreed;
  /** Gives way to other work. */
  readonly pause: () => Promise<void>;
}

interface FoundOutage extends Outage {
  readonly entry: CiEntry;
}

interface HeldOutages {
  /** The question without its page. */
  readonly key: string;
  readonly atMs: Millis;
  found: Promise<FoundOutage[]>;
  /** Machines whose record or judgements changed since: they are looked at again with the next answer. */
  touched: Set<string>;
}

/** A list of outages is worked out once for all of its pages. */
const OUTAGES_KEPT_MS = 30 * SECOND_MS;

export function createFleetAvailability(deps: FleetAvailabilityDeps): FleetAvailability {
  const { store, directory, agreed, pause } = deps;
  const ledger = createLedger(deps);
  let held: HeldOutages | null = null;
  const drop = () => {
    held = null;
  };
  const touch = (ciId: string) => void held?.touched.add(ciId);
  agreed.planned.onChange(drop);
  agreed.expectations.onChange(drop);
  agreed.marks.onChange(touch);
  directory.onChange(({ id }) => touch(id));

  const asRecorded: Agreed = { ...agreed, marks: NO_MARKS };
  const inForce = ({ reclassified }: { readonly reclassified?: 'yes' | 'no' | undefined }) =>
    reclassified === 'no' ? asRecorded : agreed;

  async function read(
    query: {
      from: string;
      to: string;
      zone?: string | undefined;
      reclassified?: 'yes' | 'no' | undefined;
    },
    nowMs: Millis,
  ) {
    const period = periodOf(query);
    const zone = usableZone(query.zone ?? null);
    const whole = dayCells(period.fromMs, period.toMs, zone).filter(({ fromMs }) => fromMs < nowMs);
    const reading = await ledger.read(whole, nowMs);
    return { period, zone, reading: query.reclassified === 'no' ? await unmarked(reading, nowMs) : reading };
  }

  /** The same reading as if nobody had judged anything: only machines with judgements are worked out again. */
  async function unmarked(reading: Reading, nowMs: Millis): Promise<Reading> {
    const cells = reading.cells.map(({ fromMs, toMs }) => ({ fromMs, toMs: Math.min(toMs, nowMs) }));
    const [fromMs, toMs] = [cells[0]?.fromMs ?? 0, cells.at(-1)?.toMs ?? 0];
    const marked = [...directory.all()].filter(({ id }) => agreed.marks.of(id).length > 0);
    const records = await store.bareIntervals(
      marked.map(({ id }) => id),
      fromMs,
      toMs,
    );
    const made = new Map<string, readonly Slice[]>(
      marked.map((entry) => [
        entry.id,
        slices(sliceInput(entry, asRecorded, records.get(entry.id) ?? [], cells)),
      ]),
    );
    return {
      cells: reading.cells,
      slice: (ciId, index) => made.get(ciId)?.[index] ?? reading.slice(ciId, index),
    };
  }

  async function findOutages(query: OutagesQuery, nowMs: Millis): Promise<FoundOutage[]> {
    const { reading } = await read(query, nowMs);
    const entries = machineTotals(filtered(query), reading)
      .filter(({ totals }) => (query.kind === 'down' ? totals.outages : totals.unknownMs) > 0)
      .map(({ entry }) => entry);
    return (await outagesAmong(entries, query, nowMs)).sort(newestFirst);
  }

  async function outagesAmong(entries: readonly CiEntry[], query: OutagesQuery, nowMs: Millis) {
    const period = periodOf(query);
    const cells = pastCells(period, nowMs);
    const [cell] = cells;
    const found: FoundOutage[] = [];
    if (cell === undefined) return found;
    for (let i = 0; i < entries.length; i += MACHINES_PER_PIECE) {
      const piece = entries.slice(i, i + MACHINES_PER_PIECE);
      const ids = piece.map(({ id }) => id);
      const records = await store.bareIntervals(ids, cell.fromMs, cell.toMs);
      for (const entry of piece) {
        const input = sliceInput(entry, inForce(query), records.get(entry.id) ?? [], cells);
        for (const outage of outagesOf(input, query.kind)) found.push({ ...outage, entry });
      }
      await pause();
    }
    return found;
  }

  /** The list as it was found, but for the machines that changed since. */
  async function renewed(
    before: Promise<FoundOutage[]>,
    ids: Set<string>,
    query: OutagesQuery,
    atMs: Millis,
  ) {
    const rest = (await before).filter(({ entry }) => !ids.has(entry.id));
    const changed = filtered(query).filter(({ id }) => ids.has(id));
    return [...rest, ...(await outagesAmong(changed, query, atMs))].sort(newestFirst);
  }

  function outagesFor(query: OutagesQuery, nowMs: Millis): Promise<FoundOutage[]> {
    const { limit: _limit, cursor: _cursor, ...question } = query;
    const key = JSON.stringify(question);
    if (held?.key !== key || Math.abs(nowMs - held.atMs) >= OUTAGES_KEPT_MS)
      held = { key, atMs: nowMs, found: findOutages(query, nowMs), touched: new Set() };
    else if (held.touched.size > 0) {
      held.found = renewed(held.found, held.touched, query, held.atMs);
      held.touched = new Set();
    }
    const asked = held;
    void asked.found.catch(() => {
      if (held === asked) held = null;
    });
    return asked.found;
  }

  function filtered(query: Parameters<typeof matches>[1]): CiEntry[] {
    return [...directory.all()].filter((entry) => matches(entry, query));
  }

  async function withEvidence(outage: FoundOutage, nowMs: Millis): Promise<OutagesAnswer['items'][number]> {
    const { entry, fromMs, toMs } = outage;
    const parts = await store.intervals(entry.id, fromMs, toMs ?? nowMs);
    return {
      ciId: entry.id,
      ciName: entry.name,
      ciClass: entry.class,
      site: entry.site,
      ...outageView(outage, parts, agreed.marks.of(entry.id), nowMs),
    };
  }

  return {
    async summary(query, nowMs) {
      const { formula } = query;
      const { period, zone, reading } = await read(query, nowMs);
      const entries = filtered(query);
      const machines = machineTotals(entries, reading);
      await pause();
      const counted = new Set(machines.map(({ entry }) => entry.id));
      const sorted = machines
        .map((machine) => ({ machine, key: sortKey(machine, query.sort, formula) }))
        .sort((a, b) => compareSortKeys(a.key, b.key));
      await pause();
      const groups: SummaryAnswer['groups'] = [];
      for (const group of grouped(machines, query.groupBy)) {
        groups.push(groupFigures(group.key, group.machines, reading, formula));
        await pause();
      }
      const after = query.cursor === undefined ? null : keyOfCursor(query.cursor);
      const rest = after ? sorted.filter(({ key }) => compareSortKeys(key, after) > 0) : sorted;
      const page = rest.slice(0, query.limit);
      const last = page.at(-1)?.key;
      return {
        from: toIso(period.fromMs),
        to: toIso(Math.max(period.fromMs, Math.min(period.toMs, nowMs))),
        zone,
        formula,
        formulaWords: { ...FORMULA_WORDS[formula] },
        days: reading.cells.map(({ fromMs, toMs }) => ({ from: toIso(fromMs), to: toIso(toMs) })),
        fleet: groupFigures(null, machines, reading, formula),
        machinesWithoutAgreed: entries.filter(
          ({ id, lifecycle }) => isInService(lifecycle) && !counted.has(id),
        ).length,
        groups,
        items: page.map(({ machine }) => machineFigures(machine, reading, formula)),
        nextCursor:
          last && rest.length > page.length
            ? encodeCursor([String(last.first), String(last.second), last.name, last.id])
            : null,
      };
    },
    async outages(query, nowMs) {
      const found = await outagesFor(query, nowMs);
      const [fromMs, id] = query.cursor === undefined ? [] : decodeCursor(query.cursor, 2);
      const rest =
        fromMs === undefined || id === undefined
          ? found
          : found.filter((one) => newestFirst(one, { fromMs: Number(fromMs), entry: { id } }) > 0);
      const page = rest.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: await Promise.all(page.map((outage) => withEvidence(outage, nowMs))),
        nextCursor:
          last && rest.length > page.length ? encodeCursor([String(last.fromMs), last.entry.id]) : null,
        total: found.length,
      };
    },
    changed(changes) {
      ledger.changed(changes);
      for (const { ciId } of changes) touch(ciId);
    },
  };
}

interface Placed {
  readonly fromMs: Millis;
  readonly entry: { readonly id: string };
}

function newestFirst(a: Placed, b: Placed): number {
  return b.fromMs - a.fromMs || (a.entry.id < b.entry.id ? -1 : a.entry.id > b.entry.id ? 1 : 0);
}

function keyOfCursor(cursor: string) {
  const [first = '', second = '', name = '', id = ''] = decodeCursor(cursor, 4);
  return { first: Number(first), second: Number(second), name, id };
}

/** The same store; corrections get the time at which they are written, `listener` hears of what has become durable. */
export function tellingChanges(
  store: AvailabilityStore,
  listener: (changes: readonly PresenceChange[]) => void,
  nowMs: () => Millis,
): AvailabilityStore {
  return {
    ...store,
    record: async (given) => {
      const changes = given.map((change) => ({
        ...change,
        intervals: change.intervals.map((one) =>
          one.revised && one.revisedAtMs === undefined ? { ...one, revisedAtMs: nowMs() } : one,
        ),
      }));
      await store.record(changes);
      listener(changes);
    },
  };
}
