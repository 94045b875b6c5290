/** HTTP operations of the list of machines: everything it shows, each in one answer for all of them. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { MachineSummary } from '@muster/shared/api/machines.ts';
import { DAY_MS, toIso, type Millis } from '@muster/shared/time.ts';
import type { Agreed } from '../availability/agreed.ts';
import { availabilityReport, periodOf } from '../availability/report.ts';
import type { AvailabilityStore } from '../availability/store.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { ListedMachine } from '../cmdb/machine-directory.ts';
import type { PresenceFacts } from '../cmdb/routes.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { MetricStore } from '../metrics/store.ts';
import { stripParts } from './strip.ts';
import { latestValues } from './values.ts';

interface MachinesRouteDeps {
  readonly cmdb: Pick<Cmdb, 'listed' | 'directory'>;
  readonly presenceOf: (ciId: string) => PresenceFacts | undefined;
  readonly unheardState: (lifecycle: ListedMachine['lifecycle']) => MachineSummary['state'];
  readonly openIncidentsOf: (ciId: string) => number;
  readonly metrics: Pick<MetricStore, 'latestOfMetric'>;
  readonly record: Pick<AvailabilityStore, 'intervals'>;
  readonly agreed: Agreed;
}

/** A strip of a row tells a day, or a week at the most. */
const STRIP_MS_MAX = 7 * DAY_MS;

export function addMachinesRoutes(routes: Routes, deps: MachinesRouteDeps): void {
  const { cmdb, presenceOf, metrics, record, agreed } = deps;

  routes.add(ENDPOINTS.listMachines, async () => ({
    items: [...cmdb.listed()]
      .toSorted((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1))
      .map((machine) => summary(machine, deps)),
  }));

  routes.add(ENDPOINTS.machineValues, async (_input, { nowMs }) => ({
    at: toIso(nowMs),
    items: latestValues(metrics, (ciId) => presenceOf(ciId)?.state === 'up', nowMs),
  }));

  routes.add(ENDPOINTS.machineStrips, async ({ query }, { nowMs }) => {
    const period = periodOf(query);
    if (period.toMs - period.fromMs > STRIP_MS_MAX)
      throw new AppError('range-invalid', `A strip is at most ${STRIP_MS_MAX / DAY_MS} days long.`);
    const entries = [...new Set(query.ids)].flatMap((id) => cmdb.directory.get(id) ?? []);
    return { items: await Promise.all(entries.map((entry) => strip(entry, period, nowMs))) };
  });

  async function strip(entry: CiEntry, period: { fromMs: Millis; toMs: Millis }, nowMs: Millis) {
    const intervals = await record.intervals(entry.id, period.fromMs, period.toMs);
    const report = availabilityReport(entry, agreed, intervals, period, nowMs);
    return { id: entry.id, parts: stripParts(report.intervals, period) };
  }
}

function summary(
  machine: ListedMachine,
  { presenceOf, unheardState, openIncidentsOf }: MachinesRouteDeps,
): MachineSummary {
  const {
    id,
    class: ciClass,
    subclass,
    name,
    lifecycle,
    criticality,
    site,
    owner,
    supportGroup,
    assetNumber,
  } = machine;
  const presence = presenceOf(id);
  return {
    id,
    class: ciClass,
    subclass,
    name,
    lifecycle,
    criticality,
    presence: presence?.presence ?? null,
    cause: presence?.cause ?? null,
    expected: presence?.expected ?? null,
    state: presence?.state ?? unheardState(lifecycle),
    presenceSince: presence ? toIso(presence.sinceMs) : null,
    lastSeenAt: presence?.lastSeenMs == null ? null : toIso(presence.lastSeenMs),
    tags: [...machine.tags],
    site,
    openIncidents: openIncidentsOf(id),
    attributes: machine.attributes,
    owner,
    supportGroup,
    assetNumber,
  };
}
