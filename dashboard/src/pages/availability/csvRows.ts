/** Availability of machines as rows of a file: names and units in the head, raw numbers beneath. Pure. */
import type { FleetOutage, MachineAvailability } from '@muster/shared/api/fleet-availability.ts';

type Cell = string | number | null;

const COLUMNS = [
  ['machine', (item) => item.ciName],
  ['id', (item) => item.ciId],
  ['class', (item) => item.ciClass],
  ['site', (item) => item.site],
  ['tags', (item) => item.tags.join(' ')],
  ['availability_percent', (item) => item.availability],
  ['availability_low_percent', (item) => item.availabilityLow],
  ['availability_high_percent', (item) => item.availabilityHigh],
  ['coverage_percent', (item) => item.coverage],
  ['agreed_s', (item) => item.agreedSeconds],
  ['down_s', (item) => item.downSeconds],
  ['unknown_s', (item) => item.unknownSeconds],
  ['planned_s', (item) => item.plannedSeconds],
  ['excluded_s', (item) => item.excludedSeconds],
  ['reclassified_s', (item) => item.reclassifiedSeconds],
  ['outages', (item) => item.outages],
  ['longest_outage_s', (item) => item.longestOutageSeconds],
  ['mtbf_s', (item) => item.mtbfSeconds],
  ['mtrs_s', (item) => item.mtrsSeconds],
  ['mtbsi_s', (item) => item.mtbsiSeconds],
] as const satisfies readonly (readonly [string, (item: MachineAvailability) => Cell])[];

export function csvRows(items: readonly MachineAvailability[]): Cell[][] {
  return [COLUMNS.map(([name]) => name), ...items.map((item) => COLUMNS.map(([, value]) => value(item)))];
}

const OUTAGE_COLUMNS = [
  ['machine', (one) => one.ciName],
  ['class', (one) => one.ciClass],
  ['site', (one) => one.site],
  ['from', (one) => one.from],
  ['to', (one) => one.to],
  ['agreed_s', (one) => one.seconds],
  ['presence', (one) => one.presence],
  ['cause', (one) => one.cause],
  ['evidence', (one) => one.evidence.map(({ en }) => en).join(' ')],
  ['revised_at', (one) => one.revisedAt],
  ['was', (one) => one.was && [one.was.presence, one.was.cause].filter(Boolean).join(' ')],
  ['judged', (one) => one.reclassified.join(' ')],
] as const satisfies readonly (readonly [string, (one: FleetOutage) => Cell])[];

/** Outages, or stretches of which nothing is known; times are UTC. */
export function outageRows(outages: readonly FleetOutage[]): Cell[][] {
  return [
    OUTAGE_COLUMNS.map(([name]) => name),
    ...outages.map((one) => OUTAGE_COLUMNS.map(([, value]) => value(one))),
  ];
}
