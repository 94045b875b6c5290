/** Availability targets: keeps what was agreed, and says how each stands now and stood in the periods before. */
import { TARGET_PERIODS_PAST, TARGETS_MAX } from '@muster/shared/api/availability-targets.ts';
import type {
  AvailabilityTarget,
  TargetFields,
  TargetPeriod,
} from '@muster/shared/api/availability-targets.ts';
import { SECOND_MS, toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { CiDirectory } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { NodeDirectory } from '../relations/nodes.ts';
import type { Agreed } from './agreed.ts';
import type { AgreementStore, TargetRecord } from './agreements-store.ts';
import { BURN_LOOKBACK_MS, errorBudget, targetPeriods } from './budget.ts';
import { expectedSpans, usableZone } from './expectation.ts';
import { sliceInput } from './ledger.ts';
import type { ServiceAvailability } from './service-availability.ts';
import { totalsOf } from './slices.ts';
import type { SliceInput } from './slices.ts';
import { intersect, lengthMs, subtract, union } from './spans.ts';
import type { Span } from './spans.ts';
import type { AvailabilityStore } from './store.ts';

export type TargetView = z.input<typeof AvailabilityTarget>;

export interface Targets {
  /** With their budgets, the most used first. */
  list(nowMs: Millis, ciId?: string): Promise<TargetView[]>;
  /** @throws AppError not-found, input-invalid */
  create(fields: TargetFields, by: string, nowMs: Millis): Promise<TargetView>;
  /** @throws AppError not-found */
  update(id: string, fields: Omit<TargetFields, 'ciId'>, by: string, nowMs: Millis): Promise<TargetView>;
  /** @throws AppError not-found */
  remove(id: string): Promise<void>;
}

interface TargetsDeps {
  readonly store: AgreementStore;
  readonly record: Pick<AvailabilityStore, 'bareIntervals'>;
  readonly directory: CiDirectory;
  readonly nodes: Pick<NodeDirectory, 'get'>;
  readonly services: Pick<ServiceAvailability, 'isService' | 'input'>;
  readonly agreed: Agreed;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly pause: () => Promise<void>;
}

/** A view is worked out once for those who look at it together. */
const KEPT_MS = 10 * SECOND_MS;
/** The record goes back three years. */
const PAST: Readonly<Record<TargetPeriod, number>> = { month: TARGET_PERIODS_PAST, quarter: 8, year: 2 };

export async function createTargets(deps: TargetsDeps): Promise<Targets> {
  const { store, record, directory, nodes, services, agreed, newId, pause } = deps;
  const targets = new Map((await store.targets()).map((one) => [one.id, one]));
  const held = new Map<string, { atMs: Millis; view: TargetView }>();
  /** Counts what was agreed or judged anew: what was worked out before is not held. */
  let changes = 0;
  const forget = () => {
    changes += 1;
    held.clear();
  };
  agreed.marks.onChange(forget);
  agreed.planned.onChange(forget);
  agreed.expectations.onChange(forget);

  /** What the figures of a CI are made of over cells that follow each other; null: not known any more. */
  async function inputOf(ciId: string, cells: readonly Span[]): Promise<SliceInput | null> {
    const entry = directory.get(ciId);
    if (!entry) return services.isService(ciId) ? services.input(ciId, cells) : null;
    const [fromMs, toMs] = [cells[0]?.fromMs ?? 0, cells.at(-1)?.toMs ?? 0];
    const records = await record.bareIntervals([ciId], fromMs, toMs);
    return sliceInput(entry, agreed, records.get(ciId) ?? [], cells);
  }

  /** Hours still to come, and what of them is planned away. */
  function ahead(ciId: string, { fromMs, toMs }: Span) {
    const entry = directory.get(ciId);
    const hours = expectedSpans(agreed.expectations.of(ciOf(ciId)), entry?.timeZone ?? null, fromMs, toMs);
    const windows = union(agreed.planned.spans(ciId, fromMs, toMs));
    return {
      aheadMs: lengthMs(subtract(hours, windows)),
      aheadPlannedMs: lengthMs(intersect(hours, windows)),
    };
  }

  /** Its months begin where its hours are told, or where it stands. */
  function zoneOf(ciId: string): string {
    const entry = directory.get(ciId);
    const { hours } = agreed.expectations.of(ciOf(ciId));
    const told = hours === 'always' ? null : (hours.versions.at(-1)?.zone ?? null);
    return usableZone(told ?? entry?.timeZone ?? null);
  }

  const ciOf = (ciId: string) =>
    directory.get(ciId) ?? { id: ciId, class: nodes.get(ciId)?.class ?? '', tags: [] };

  async function viewOf(target: TargetRecord, nowMs: Millis): Promise<TargetView> {
    const known = held.get(target.id);
    if (known && Math.abs(nowMs - known.atMs) < KEPT_MS) return known.view;
    const asOf = changes;
    const { atMs, ...fields } = target;
    const node = nodes.get(target.ciId);
    const entry = directory.get(target.ciId);
    const zone = zoneOf(target.ciId);
    const base = {
      ...fields,
      at: toIso(atMs),
      zone,
      ciName: entry?.name ?? node?.name ?? target.ciId,
      ciClass: entry?.class ?? node?.class ?? '',
    };
    const view: TargetView = { ...base, ...(await standing(target, zone, nowMs)) };
    if (asOf === changes) held.set(target.id, { atMs: nowMs, view });
    return view;
  }

  async function standing(
    { ciId, percent, formula, period, fromDay }: TargetRecord,
    zone: string,
    nowMs: Millis,
  ): Promise<Pick<TargetView, 'current' | 'past'>> {
    const periods = targetPeriods(period, zone, fromDay, nowMs, PAST[period]);
    const present = periods.at(-1);
    if (!present) return { current: null, past: [] };
    const fromMs = Math.min(periods[0]?.fromMs ?? nowMs, nowMs - BURN_LOOKBACK_MS);
    const input = await inputOf(ciId, [{ fromMs, toMs: nowMs }]);
    if (!input) return { current: null, past: [] };
    const past = periods.slice(0, -1).map((one) => {
      const figures = totalsOf({ ...input, cells: [one] }).figures(formula);
      const { availability, coverage, downSeconds, outages } = figures;
      return {
        from: toIso(one.fromMs),
        to: toIso(one.toMs),
        met: availability === null ? null : availability >= percent,
        availability,
        coverage,
        downSeconds,
        outages,
      };
    });
    const rest = ahead(ciId, { fromMs: nowMs, toMs: present.toMs });
    return {
      current: errorBudget({ percent, formula, period: present, nowMs, input, ...rest }),
      past: past.toReversed(),
    };
  }

  function get(id: string): TargetRecord {
    const target = targets.get(id);
    if (!target) throw new AppError('not-found', `There is no target ${id}.`);
    return target;
  }

  async function put(target: TargetRecord, nowMs: Millis): Promise<TargetView> {
    await store.putTarget(target);
    targets.set(target.id, target);
    held.delete(target.id);
    return viewOf(target, nowMs);
  }

  return {
    async list(nowMs, ciId) {
      const views: TargetView[] = [];
      for (const target of targets.values()) {
        if (ciId !== undefined && target.ciId !== ciId) continue;
        views.push(await viewOf(target, nowMs));
        await pause();
      }
      return views.sort((a, b) => used(b) - used(a) || (a.ciName < b.ciName ? -1 : 1));
    },
    async create(fields, by, nowMs) {
      if (!directory.get(fields.ciId) && !services.isService(fields.ciId))
        throw new AppError('not-found', `There is no machine and no service ${fields.ciId}.`);
      if (targets.size >= TARGETS_MAX)
        throw new AppError('input-invalid', `${TARGETS_MAX} targets are the most.`);
      return put({ ...fields, id: newId('tgt', nowMs), by, atMs: nowMs }, nowMs);
    },
    async update(id, fields, by, nowMs) {
      return put({ ...get(id), ...fields, by, atMs: nowMs }, nowMs);
    },
    async remove(id) {
      get(id);
      await store.deleteTarget(id);
      targets.delete(id);
      held.delete(id);
    },
  };
}

function used({ current }: TargetView): number {
  if (!current) return -1;
  return current.usedPercent ?? (current.usedSeconds > 0 ? Infinity : 0);
}
