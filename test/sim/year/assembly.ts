/** The server of the year: the real assembly on memory stores, started anew after each time it was down. */
import { createMonitoring, type Monitoring, type MonitoringDeps } from '@muster/server/app-monitoring.ts';
import type { IncidentEvent } from '@muster/server/incidents/incidents.ts';
import { createMemoryAgreementStore } from '@muster/server/store/memory/agreements.ts';
import { createFindings } from '@muster/server/findings/findings.ts';
import type { FindingRecord } from '@muster/server/findings/store.ts';
import { createMemoryAvailabilityStore } from '@muster/server/store/memory/availability.ts';
import { createMemoryCalendarStore } from '@muster/server/store/memory/calendars.ts';
import { createMemoryFindingStore } from '@muster/server/store/memory/findings.ts';
import { createMemoryIncidentStore } from '@muster/server/store/memory/incidents.ts';
import { createMemoryMaintenanceStore } from '@muster/server/store/memory/maintenance.ts';
import { createMemoryRulesStore } from '@muster/server/store/memory/rules.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { openBook } from './book.ts';
import type { PatchWindow } from './faults-normal.ts';
import { CALM_MS } from './house.ts';
import type { Office } from './office.ts';
import type { OfficeTime } from './office-time.ts';
import { ZONE } from './office-time.ts';
import { createSeriesTable } from './series-table.ts';

export interface AssemblyOptions {
  readonly office: Office;
  readonly time: OfficeTime;
  readonly intervalMs: (ciId: string) => Millis;
  readonly answers: (address: string) => boolean;
  readonly onIncident: (event: IncidentEvent, nowMs: Millis) => void;
  readonly onFinding: (finding: FindingRecord) => void;
  readonly complain: (what: string, detail: unknown) => void;
}

/** A calm step is no standstill of the server. */
const STALL_MS = CALM_MS + MINUTE_MS;

export function createAssembly(options: AssemblyOptions) {
  const { office, time } = options;
  const stores: MonitoringDeps['stores'] = {
    availability: createMemoryAvailabilityStore(),
    agreements: createMemoryAgreementStore(),
    calendars: createMemoryCalendarStore(),
    rules: createMemoryRulesStore(),
    incidents: createMemoryIncidentStore(),
    maintenance: createMemoryMaintenanceStore(),
  };
  const metrics = createSeriesTable();
  let lastId = 0;
  const newId = (prefix: string) => `${prefix}_${String(++lastId).padStart(20, '0')}`;
  const findings = createFindings({ store: createMemoryFindingStore(), newId });
  findings.onChange(options.onFinding);
  const start = (nowMs: Millis): Promise<Monitoring> =>
    createMonitoring({
      stores,
      ...openBook(office, time.startMs),
      metrics,
      probe: async (address) => (options.answers(address) ? 'answers' : 'silent'),
      intervalMs: options.intervalMs,
      newId,
      findings,
      stallMs: STALL_MS,
      holderOf: async (name) => name,
      changesOf: async () => [],
      requestFlight: () => false,
      onIncident: options.onIncident,
      pause: async () => undefined,
      log: (level, what, detail) => {
        if (level !== 'info') options.complain(what, detail);
      },
      nowMs,
    });
  return { stores, metrics, start };
}

/** What the administrators of the house have entered: the windows in which servers are patched. */
export async function setWindows(
  { maintenance }: Monitoring,
  office: Office,
  time: OfficeTime,
  windows: readonly PatchWindow[],
  nowMs: Millis,
): Promise<void> {
  for (const { title, machines, rule, days, minute, lengthMs } of windows) {
    const [firstDay] = days;
    if (firstDay === undefined || machines.length === 0) continue;
    const start = Temporal.Instant.fromEpochMilliseconds(time.at(firstDay, minute))
      .toZonedDateTimeISO(ZONE)
      .toPlainDateTime()
      .toString({ smallestUnit: 'minute' });
    await maintenance.set(
      {
        title,
        reason: 'Updates of the month',
        agreedBy: 'The owner of the servers',
        targets: {
          ciIds: machines.flatMap((index) => office.machines[index]?.id ?? []),
          services: [],
          locations: [],
          classes: [],
          tags: [],
        },
        children: 'all',
        schedule: {
          kind: 'recurring',
          start,
          rule,
          durationMs: lengthMs,
          except: [],
          prolonged: [],
        },
        timeZone: ZONE,
        flexible: null,
      },
      'user:admin',
      nowMs,
    );
  }
}
