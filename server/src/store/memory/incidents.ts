/** The incidents port in plain maps, for tests. */
import type { Evidence } from '@muster/shared/api/incidents.ts';
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import { AppError } from '../../errors.ts';
import type { Incident, IncidentStore, TimelineRow } from '../../incidents/store.ts';

export function createMemoryIncidentStore(): IncidentStore {
  const incidents = new Map<string, Incident>();
  const timeline: TimelineRow[] = [];
  const evidence = new Map<string, Evidence>();
  const newestFirst = (): Incident[] =>
    [...incidents.values()].toSorted((a, b) => b.openedAtMs - a.openedAtMs || (a.id < b.id ? 1 : -1));
  return {
    async save(incident, rows) {
      if ((incidents.get(incident.id)?.version ?? 0) !== incident.version - 1)
        throw new AppError('conflict', `${incident.ref} was changed by somebody else meanwhile.`);
      incidents.set(incident.id, structuredClone(incident));
      timeline.push(...rows);
    },
    async addLine(row) {
      if (!timeline.some(({ id }) => id === row.id)) timeline.push(row);
    },
    get: async (idOrRef) =>
      [...incidents.values()].find(({ id, ref }) => id === idOrRef || ref === idOrRef) ?? null,
    async list(query) {
      const after = query.cursor ? decodeCursor(query.cursor, 2) : null;
      const found = newestFirst()
        .filter((one) => !query.states || query.states.includes(one.state))
        .filter((one) => !query.ciId || one.ciId === query.ciId)
        .filter((one) => !query.assignee || one.assignee === query.assignee)
        .filter(
          (one) =>
            !after ||
            one.openedAtMs < Number(after[0]) ||
            (one.openedAtMs === Number(after[0]) && one.id < (after[1] as string)),
        );
      const items = found.slice(0, query.limit);
      const last = items.at(-1);
      return {
        items,
        nextCursor:
          found.length > query.limit && last ? encodeCursor([String(last.openedAtMs), last.id]) : null,
      };
    },
    unfinished: async () =>
      [...incidents.values()].filter(({ state }) => state !== 'closed' && state !== 'cancelled'),
    lastNumber: async () =>
      Math.max(0, ...[...incidents.values()].map(({ ref }) => Number(ref.slice('INC-'.length)))),
    async lastClosedAtMs() {
      const times = [...incidents.values()]
        .map(({ closedAtMs }) => closedAtMs)
        .filter((atMs) => atMs !== null);
      return times.length > 0 ? Math.max(...times) : null;
    },
    timeline: async (incidentId) =>
      timeline
        .filter((row) => row.incidentId === incidentId)
        .toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1)),
    evidence: async (incidentId) => evidence.get(incidentId) ?? null,
    putEvidence: async (incidentId, held) => void evidence.set(incidentId, structuredClone(held)),
  };
}
