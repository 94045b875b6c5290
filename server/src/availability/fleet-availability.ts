/** Answers about the availability of many machines: reads the ledger, groups, sorts, pages. */
import type { fleetAvailabilityEndpoints } from '@muster/shared/api/fleet-availability.ts';
import { SECOND_MS, toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { dayCells } from './day-grid.ts';
import { isInService, usableZone } from './expectation.ts';
import type { Expectations } from './expectation.ts';
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
import { outagesOf } from './outages.ts';
import type { Outage } from './outages.ts';
import { periodOf } from './report.ts';
import type { AvailabilityStore, PresenceChange } from './store.ts';
import { mergeEvidence } from './timeline.ts';
import type { PresenceInterval } from './timeline.ts';

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
  readonly expectations: Expectations;
  /** Gives way to other work. */
  readonly pause: () => Promise<void>;
}

interface FoundOutage extends Outage {
  readonly entry: CiEntry;
}

/** A list of outages is worked out once for all of its pages. */
const OUTAGES_KEPT_MS = 30 * SECOND_MS;

export function createFleetAvailability(deps: FleetAvailabilityDeps): FleetAvailability {
  const { store, directory, expectations, pause } = deps;
  const ledger = createLedger(deps);
  let heldOutages: { key: string; atMs: Millis; found: Promise<FoundOutage[]> } | null = null;

  async function read(query: { from: string; to: string; zone?: string | undefined }, nowMs: Millis) {
    const period = periodOf(query);
    const zone = usableZone(query.zone ?? null);
    const whole = dayCells(period.fromMs, period.toMs, zone).filter(({ fromMs }) => fromMs < nowMs);
    return { period, zone, reading: await ledger.read(whole, nowMs) };
  }

  async function findOutages(query: OutagesQuery, nowMs: Millis): Promise<FoundOutage[]> {
    const { period, reading } = await read(query, nowMs);
    const toMs = Math.min(period.toMs, nowMs);
    const entries = machineTotals(filtered(query), reading)
      .filter(({ totals }) => (query.kind === 'down' ? totals.outages : totals.unknownMs) > 0)
      .map(({ entry }) => entry);
    const cells = [{ fromMs: period.fromMs, toMs }];
    const found: FoundOutage[] = [];
    for (let i = 0; i < entries.length; i += MACHINES_PER_PIECE) {
      const piece = entries.slice(i, i + MACHINES_PER_PIECE);
      const records = await store.bareIntervals(
        piece.map(({ id }) => id),
        period.fromMs,
        toMs,
      );
      for (const entry of piece) {
        const input = sliceInput(entry, expectations.of(entry), records.get(entry.id) ?? [], cells);
        for (const outage of outagesOf(input, query.kind)) found.push({ ...outage, entry });
      }
      await pause();
    }
    return found.sort(newestFirst);
  }

  function outagesFor(query: OutagesQuery, nowMs: Millis): Promise<FoundOutage[]> {
    const { limit: _limit, cursor: _cursor, ...question } = query;
    const key = JSON.stringify(question);
    if (heldOutages?.key === key && Math.abs(nowMs - heldOutages.atMs) < OUTAGES_KEPT_MS)
      return heldOutages.found;
    const found = findOutages(query, nowMs);
    heldOutages = { key, atMs: nowMs, found };
    void found.catch(() => {
      if (heldOutages?.found === found) heldOutages = null;
    });
    return found;
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
      from: toIso(fromMs),
      to: toMs === null ? null : toIso(toMs),
      seconds: outage.agreedMs / SECOND_MS,
      presence: outage.presence,
      cause: outage.cause,
      evidence: parts
        .reduce<PresenceInterval['evidence']>((all, part) => mergeEvidence(all, part.evidence), [])
        .map((words) => ({ ...words })),
      revised: parts.some(({ revised }) => revised),
    };
  }

  return {
    async summary(query, nowMs) {
      const { period, zone, reading } = await read(query, nowMs);
      const entries = filtered(query);
      const machines = machineTotals(entries, reading);
      const counted = new Set(machines.map(({ entry }) => entry.id));
      const sorted = machines
        .map((machine) => ({ machine, key: sortKey(machine, query.sort) }))
        .sort((a, b) => compareSortKeys(a.key, b.key));
      const after = query.cursor === undefined ? null : keyOfCursor(query.cursor);
      const rest = after ? sorted.filter(({ key }) => compareSortKeys(key, after) > 0) : sorted;
      const page = rest.slice(0, query.limit);
      const last = page.at(-1)?.key;
      return {
        from: toIso(period.fromMs),
        to: toIso(Math.max(period.fromMs, Math.min(period.toMs, nowMs))),
        zone,
        formula: 'known-time',
        days: reading.cells.map(({ fromMs, toMs }) => ({ from: toIso(fromMs), to: toIso(toMs) })),
        fleet: groupFigures(null, machines, reading),
        machinesWithoutAgreed: entries.filter(
          ({ id, lifecycle }) => isInService(lifecycle) && !counted.has(id),
        ).length,
        groups: grouped(machines, query.groupBy).map((group) =>
          groupFigures(group.key, group.machines, reading),
        ),
        items: page.map(({ machine }) => machineFigures(machine, reading)),
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
    changed: (changes) => ledger.changed(changes),
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

/** The same store; `listener` hears of what has become durable. */
export function tellingChanges(
  store: AvailabilityStore,
  listener: (changes: readonly PresenceChange[]) => void,
): AvailabilityStore {
  return {
    ...store,
    record: async (changes) => {
      await store.record(changes);
      listener(changes);
    },
  };
}
