/** All endpoints of the HTTP API, in the order of the OpenAPI document. */
import { accessEndpoints } from './access.ts';
import { agentConfigEndpoints } from './agent-config.ts';
import { alertsEndpoints } from './alerts.ts';
import { assetsEndpoints } from './assets.ts';
import { availabilityEndpoints } from './availability.ts';
import { availabilityTargetsEndpoints } from './availability-targets.ts';
import { calendarsEndpoints } from './calendars.ts';
import { capacityEndpoints } from './capacity.ts';
import { changesEndpoints } from './changes.ts';
import { classesEndpoints } from './classes.ts';
import { cmdbEndpoints } from './cmdb.ts';
import { engineEndpoints } from './engine.ts';
import { findingsEndpoints } from './findings.ts';
import { fingerprintsEndpoints } from './fingerprints.ts';
import { fleetAvailabilityEndpoints } from './fleet-availability.ts';
import { fleetEndpoints } from './fleet.ts';
import { historyEndpoints } from './history.ts';
import { importsEndpoints } from './imports.ts';
import { identityEndpoints } from './identity.ts';
import { incidentsEndpoints } from './incidents.ts';
import { intakeEndpoints } from './intake.ts';
import { machinesEndpoints } from './machines.ts';
import { maintenanceEndpoints } from './maintenance.ts';
import { metricsEndpoints } from './metrics.ts';
import { operationsEndpoints } from './operations.ts';
import { presenceEndpoints } from './presence.ts';
import { reclassificationsEndpoints } from './reclassifications.ts';
import { relationsEndpoints } from './relations.ts';
import { remoteWriteEndpoints } from './remote-write.ts';
import { rolloutsEndpoints } from './rollouts.ts';
import { rulesEndpoints } from './rules.ts';
import { searchEndpoints } from './search.ts';
import { softwareEndpoints } from './software.ts';
import { twinEndpoints } from './twin.ts';

export const ENDPOINTS = {
  ...accessEndpoints,
  ...operationsEndpoints,
  ...engineEndpoints,
  ...fleetEndpoints,
  ...rolloutsEndpoints,
  ...agentConfigEndpoints,
  ...identityEndpoints,
  ...cmdbEndpoints,
  ...classesEndpoints,
  ...assetsEndpoints,
  ...importsEndpoints,
  ...fingerprintsEndpoints,
  ...findingsEndpoints,
  ...historyEndpoints,
  ...changesEndpoints,
  ...softwareEndpoints,
  ...machinesEndpoints,
  ...metricsEndpoints,
  ...maintenanceEndpoints,
  ...relationsEndpoints,
  ...rulesEndpoints,
  ...alertsEndpoints,
  ...incidentsEndpoints,
  ...availabilityEndpoints,
  ...fleetAvailabilityEndpoints,
  ...availabilityTargetsEndpoints,
  ...reclassificationsEndpoints,
  ...presenceEndpoints,
  ...calendarsEndpoints,
  ...capacityEndpoints,
  ...searchEndpoints,
  ...twinEndpoints,
  ...intakeEndpoints,
  ...remoteWriteEndpoints,
};
