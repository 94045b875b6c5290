/** The whole SQL schema: one line per slice. After a change run `npm run generate:migrations`. */
import type { Kit } from './kit.ts';
import { accessTables } from './tables/access.ts';
import { agentConfigTables } from './tables/agent-config.ts';
import { agreementTables } from './tables/agreements.ts';
import { assetTables } from './tables/assets.ts';
import { availabilityTables } from './tables/availability.ts';
import { calendarTables } from './tables/calendars.ts';
import { changeTables } from './tables/changes.ts';
import { classTables } from './tables/classes.ts';
import { cmdbTables } from './tables/cmdb.ts';
import { findingTables } from './tables/findings.ts';
import { fingerprintTables } from './tables/fingerprints.ts';
import { fleetTables } from './tables/fleet.ts';
import { historyTables } from './tables/history.ts';
import { identityTables } from './tables/identity.ts';
import { importTables } from './tables/imports.ts';
import { incidentTables } from './tables/incidents.ts';
import { intakeTables } from './tables/intake.ts';
import { maintenanceTables } from './tables/maintenance.ts';
import { notifyTables } from './tables/notify.ts';
import { presenceTables } from './tables/presence.ts';
import { remoteWriteTables } from './tables/remote-write.ts';
import { rolloutTables } from './tables/rollouts.ts';
import { rulesTables } from './tables/rules.ts';
import { softwareTables } from './tables/software.ts';
import { viewTables } from './tables/views.ts';

export function defineSchema(kit: Kit) {
  return {
    ...accessTables(kit),
    ...agentConfigTables(kit),
    ...agreementTables(kit),
    ...assetTables(kit),
    ...availabilityTables(kit),
    ...calendarTables(kit),
    ...changeTables(kit),
    ...classTables(kit),
    ...cmdbTables(kit),
    ...findingTables(kit),
    ...fingerprintTables(kit),
    ...fleetTables(kit),
    ...historyTables(kit),
    ...identityTables(kit),
    ...importTables(kit),
    ...incidentTables(kit),
    ...intakeTables(kit),
    ...maintenanceTables(kit),
    ...notifyTables(kit),
    ...presenceTables(kit),
    ...remoteWriteTables(kit),
    ...rolloutTables(kit),
    ...rulesTables(kit),
    ...softwareTables(kit),
    ...viewTables(kit),
  };
}
export type Tables = ReturnType<typeof defineSchema>;
