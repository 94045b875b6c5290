/** HTTP operations of availability. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import type { Routes } from '../http/routes.ts';
import type { NodeDirectory } from '../relations/nodes.ts';
import type { Agreed } from './agreed.ts';
import type { FleetAvailability } from './fleet-availability.ts';
import { availabilityReport, periodOf } from './report.ts';
import { addReclassificationRoutes } from './reclassification-routes.ts';
import type { Reclassifications } from './reclassifications.ts';
import type { ServiceAvailability } from './service-availability.ts';
import type { AvailabilityStore } from './store.ts';
import { addTargetRoutes } from './target-routes.ts';
import type { Targets } from './targets.ts';

export function addAvailabilityRoutes(
  routes: Routes,
  deps: {
    readonly store: AvailabilityStore;
    readonly directory: CiDirectory;
    readonly agreed: Agreed;
    readonly services: ServiceAvailability;
    readonly nodes: Pick<NodeDirectory, 'get'>;
    readonly reclassifications: Reclassifications;
    readonly targets: Targets;
    readonly fleet: FleetAvailability;
  },
): void {
  routes.add(ENDPOINTS.getAvailability, async ({ query }, { nowMs }) => {
    const period = periodOf(query);
    const entry = deps.directory.get(query.ci);
    if (!entry) return deps.services.report(query.ci, period, nowMs, query);
    const intervals = await deps.store.intervals(query.ci, period.fromMs, period.toMs);
    return availabilityReport(entry, deps.agreed, intervals, period, nowMs, query);
  });
  routes.add(ENDPOINTS.availabilityServices, ({ query }, { nowMs }) =>
    deps.services.list(periodOf(query), nowMs, query),
  );
  routes.add(ENDPOINTS.availabilitySummary, ({ query }, { nowMs }) => deps.fleet.summary(query, nowMs));
  routes.add(ENDPOINTS.availabilityOutages, ({ query }, { nowMs }) => deps.fleet.outages(query, nowMs));
  addReclassificationRoutes(routes, deps);
  addTargetRoutes(routes, deps);
}
