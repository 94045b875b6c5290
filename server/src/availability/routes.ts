/** HTTP operations of availability. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { Expectations } from './expectation.ts';
import type { FleetAvailability } from './fleet-availability.ts';
import { availabilityReport, periodOf } from './report.ts';
import type { AvailabilityStore } from './store.ts';

export function addAvailabilityRoutes(
  routes: Routes,
  deps: {
    readonly store: AvailabilityStore;
    readonly directory: CiDirectory;
    readonly expectations: Expectations;
    readonly fleet: FleetAvailability;
  },
): void {
  routes.add(ENDPOINTS.getAvailability, async ({ query }, { nowMs }) => {
    const period = periodOf(query);
    const entry = deps.directory.get(query.ci);
    if (!entry) throw new AppError('not-found', `There is no machine ${query.ci}.`);
    const intervals = await deps.store.intervals(query.ci, period.fromMs, period.toMs);
    return availabilityReport(entry, deps.expectations.of(entry), intervals, period, nowMs);
  });
  routes.add(ENDPOINTS.availabilitySummary, ({ query }, { nowMs }) => deps.fleet.summary(query, nowMs));
  routes.add(ENDPOINTS.availabilityOutages, ({ query }, { nowMs }) => deps.fleet.outages(query, nowMs));
}
