/** Captures evidence when an incident opens, adds the agent's recording when it arrives, and what followed when it has happened. */
import type { Evidence } from '@muster/shared/api/incidents.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import { EVIDENCE_BEFORE_MS, gatherEvidence, type EvidenceSources, withFlight } from './evidence.ts';
import type { IncidentEvent, Incidents } from './incidents.ts';
import type { Incident, IncidentStore } from './store.ts';

/** What followed the breach is captured after this, so that the chart shows both sides. */
export const EVIDENCE_AFTER_MS = 5 * MINUTE_MS;

/** Recordings taken for one incident; each reopening asks for one, and a faulty agent could send without end. */
export const FLIGHTS_MAX = 50;

type Flight = Extract<AgentEvent, { type: 'flight' }>;

const FLIGHT_LINE = 'line_flight_';

/** Id of the line about a recording: the same for the same event of the same agent. */
export function flightLineId(key: { agentId: string; epoch: string; seq: number; index: number }): string {
  return `${FLIGHT_LINE}${key.agentId}_${key.epoch}_${key.seq}_${key.index}`;
}

/** What an incident's first alert was about. */
export interface Breach {
  readonly metric: string | null;
  readonly instance: string;
}

export interface EvidenceKeeper {
  onIncident(event: IncidentEvent, nowMs: Millis): Promise<void>;
  /**
   * `requestId` of the flight is the id of an incident of this very machine; others are ignored: an agent speaks for
   * itself only. `lineId` names this event: told again, it has no second line.
   */
  onFlight(ciId: string, lineId: string, flight: Flight, nowMs: Millis): Promise<void>;
  tick(nowMs: Millis): Promise<void>;
}

interface EvidenceKeeperOptions {
  readonly store: Pick<IncidentStore, 'evidence' | 'get' | 'timeline' | 'unfinished'>;
  readonly incidents: Pick<Incidents, 'putEvidence' | 'record'>;
  readonly sources: EvidenceSources;
  /** What stands around the CI of an incident; none where absent. */
  readonly sceneOf?: (
    incident: Incident,
    changes: Evidence['changes'],
    nowMs: Millis,
  ) => Promise<Evidence['scene']>;
  readonly breachOf: (incident: Incident) => Promise<Breach>;
  /** Asks the machine's agent for its recording; false: it is not connected. */
  readonly requestFlight: (ciId: string, requestId: string) => boolean;
}

export async function createEvidenceKeeper(options: EvidenceKeeperOptions): Promise<EvidenceKeeper> {
  const { store, incidents, sources, breachOf, requestFlight, sceneOf = async () => null } = options;
  /** Incident → when to look again. */
  const later = new Map<string, Millis>();
  /** Came while the evidence was still being gathered; kept no longer than that. */
  const flights = new Map<string, Flight>();
  for (const incident of await store.unfinished()) {
    if (incident.ciId !== null && incident.source === 'monitor')
      later.set(incident.id, incident.openedAtMs + EVIDENCE_AFTER_MS);
  }

  async function capture(incident: Incident, nowMs: Millis, arrived?: Flight): Promise<Evidence | null> {
    if (incident.ciId === null || incident.breachedAtMs === null) return null;
    const breach = await breachOf(incident);
    const untilMs = Math.min(nowMs, incident.breachedAtMs + EVIDENCE_BEFORE_MS);
    const fresh = await gatherEvidence(
      { ciId: incident.ciId, ...breach, breachedAtMs: incident.breachedAtMs, untilMs, nowMs },
      sources,
    );
    const held = await store.evidence(incident.id);
    // Changes, presence and processes stay as they were at the breach; only the charts grow.
    const evidence = held
      ? { ...held, series: [...fresh.series, ...held.series.filter(({ source }) => source === 'flight')] }
      : { ...fresh, scene: await sceneOf(incident, fresh.changes, nowMs) };
    const flight = arrived ?? flights.get(incident.id);
    return flight ? withFlight(evidence, flight, breach.metric) : evidence;
  }

  return {
    async onIncident({ type, incident }, nowMs) {
      if (
        (type !== 'opened' && type !== 'reopened') ||
        incident.ciId === null ||
        incident.source !== 'monitor'
      )
        return;
      // What was seen at the first breach is what explains it; opening again must not put later things in its place.
      if (type === 'reopened' && (await store.evidence(incident.id)) !== null) return;
      later.set(incident.id, nowMs + EVIDENCE_AFTER_MS);
      const asked = requestFlight(incident.ciId, incident.id);
      const evidence = await capture(incident, nowMs);
      if (!evidence) return;
      await incidents.putEvidence(incident.id, evidence);
      const text = asked
        ? {
            en: 'Evidence captured; the agent was asked for its recording.',
            zh: '已保存证据，并已向代理程序索取近期记录。',
          }
        : {
            en: 'Evidence captured; the agent could not be asked for its recording.',
            zh: '已保存证据；无法向代理程序索取近期记录。',
          };
      await incidents.record(incident.id, 'evidence', text, nowMs);
    },
    async onFlight(ciId, lineId, flight, nowMs) {
      const incident = await store.get(flight.requestId);
      if (incident?.id !== flight.requestId || incident.ciId !== ciId) return;
      const lines = await store.timeline(incident.id);
      const taken = lines.filter(({ id }) => id.startsWith(FLIGHT_LINE));
      if (taken.length >= FLIGHTS_MAX || taken.some(({ id }) => id === lineId)) return;
      if (later.has(incident.id)) flights.set(incident.id, flight);
      const evidence = await capture(incident, nowMs, flight);
      if (!evidence) return;
      await incidents.putEvidence(incident.id, evidence);
      const count = flight.topProcesses.length;
      await incidents.record(
        incident.id,
        'evidence',
        {
          en: `Recording of the agent received: ${flight.timesMs.length} readings, ${count} processes.`,
          zh: `已收到代理程序的近期记录：${flight.timesMs.length} 次读数，${count} 个进程。`,
        },
        nowMs,
        lineId,
      );
    },
    async tick(nowMs) {
      for (const [id, dueMs] of later) {
        if (nowMs < dueMs) continue;
        later.delete(id);
        flights.delete(id);
        if (nowMs - dueMs > EVIDENCE_AFTER_MS) continue;
        const incident = await store.get(id);
        const evidence = incident && (await capture(incident, nowMs));
        if (evidence) await incidents.putEvidence(id, evidence);
      }
    },
  };
}
