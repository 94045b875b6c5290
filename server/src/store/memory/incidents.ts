/** The incidents port in plain maps, for tests. */
import type { Evidence } from '@muster/shared/api/incidents.ts';
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import { AppError } from '../../errors.ts';
import type { MatrixVersion } from '../../incidents/policy.ts';
import type {
  Incident,
  IncidentChange,
  IncidentStore,
  SettingRecord,
  TimelineRow,
  UntoldEvent,
} from '../../incidents/store.ts';

export function createMemoryIncidentStore(): IncidentStore {
  const incidents = new Map<string, Incident>();
  const timeline: TimelineRow[] = [];
  const lineIds = new Set<string>();
  const evidence = new Map<string, Evidence>();
  const matrices: MatrixVersion[] = [];
  const settings = new Map<string, SettingRecord>();
  const untold = new Map<string, UntoldEvent>();
  const newestFirst = (): Incident[] =>
    [...incidents.values()].toSorted((a, b) => b.openedAtMs - a.openedAtMs || (a.id < b.id ? 1 : -1));
  const finalOf = (one: Incident): Incident => {
    const into = one.mergedIntoId === null ? undefined : incidents.get(one.mergedIntoId);
    return into ? finalOf(into) : one;
  };
  function saveAll(changes: readonly IncidentChange[]): void {
    for (const { incident } of changes)
      if ((incidents.get(incident.id)?.version ?? 0) !== incident.version - 1)
        throw new AppError('conflict', `${incident.ref} was changed by somebody else meanwhile.`);
    for (const { incident, timeline: rows, event } of changes) {
      incidents.set(incident.id, structuredClone(incident));
      timeline.push(...rows);
      for (const { id } of rows) lineIds.add(id);
      if (event) untold.set(event.id, structuredClone(event));
    }
  }
  return {
    save: async (incident, rows, event) => saveAll([{ incident, timeline: rows, event }]),
    saveAll: async (changes) => saveAll(changes),
    untold: async (untilMs) =>
      structuredClone(
        [...untold.values()]
          .filter(({ atMs }) => atMs <= untilMs)
          .toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1)),
      ),
    told: async (eventId) => void untold.delete(eventId),
    async addLine(row) {
      if (lineIds.has(row.id)) return;
      lineIds.add(row.id);
      timeline.push(row);
    },
    get: async (idOrRef) =>
      incidents.get(idOrRef) ?? [...incidents.values()].find(({ ref }) => ref === idOrRef) ?? null,
    async list(query) {
      const after = query.cursor ? decodeCursor(query.cursor, 2) : null;
      const found = newestFirst()
        .filter((one) => !query.states || query.states.includes(one.state))
        .filter((one) => !query.ciId || hits(one, [query.ciId, ...(query.alsoOf ?? [])]))
        .filter((one) => !query.assignee || one.assignee === query.assignee)
        .filter((one) => !query.unclaimed || one.assignee === null)
        .filter((one) => !query.priorities || query.priorities.includes(one.priority))
        .filter((one) => !query.causeKey || one.causeKey === query.causeKey)
        .filter((one) => !query.groupKey || one.groupKey === query.groupKey)
        .filter(
          ({ category }) =>
            !query.category ||
            category === query.category ||
            category?.startsWith(`${query.category}.`) === true,
        )
        .filter((one) => !query.parentId || one.parentId === query.parentId)
        .filter((one) => !query.mergedIntoId || one.mergedIntoId === query.mergedIntoId)
        .filter((one) => !query.text || holds(one, query.text))
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
    async timelinePage(incidentId, { limit, cursor, by }) {
      const after = cursor ? decodeCursor(cursor, 2) : null;
      const found = timeline
        .filter((row) => row.incidentId === incidentId)
        .filter((row) => !by || /^(user|token):/.test(row.actor) === (by === 'people'))
        .toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1))
        .filter(
          (row) =>
            !after ||
            row.atMs < Number(after[0]) ||
            (row.atMs === Number(after[0]) && row.id < (after[1] as string)),
        );
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return {
        items,
        nextCursor: found.length > limit && last ? encodeCursor([String(last.atMs), last.id]) : null,
      };
    },
    refs: async (ids) =>
      new Map(
        [...incidents.values()]
          .filter(({ id }) => ids.includes(id))
          .map((incident) => [incident.id, finalOf(incident).ref]),
      ),
    openedSince: async (fromMs) =>
      [...incidents.values()].filter(
        ({ openedAtMs, state }) => openedAtMs >= fromMs && state !== 'cancelled',
      ),
    matrices: async () => matrices.toSorted((a, b) => b.version - a.version),
    async addMatrix(matrix) {
      if (matrices.some(({ version }) => version === matrix.version))
        throw new AppError('conflict', 'Somebody else changed the matrix meanwhile.');
      matrices.push(structuredClone(matrix));
    },
    setting: async (key) => settings.get(key) ?? null,
    async putSetting(setting) {
      if ((settings.get(setting.key)?.version ?? 0) !== setting.version - 1)
        throw new AppError('conflict', 'Somebody else changed it meanwhile.');
      settings.set(setting.key, structuredClone(setting));
    },
    evidence: async (incidentId) => evidence.get(incidentId) ?? null,
    putEvidence: async (incidentId, held) => void evidence.set(incidentId, structuredClone(held)),
  };
}

function hits({ ciId, affected }: Incident, ids: readonly string[]): boolean {
  return (
    (ciId !== null && ids.includes(ciId)) || affected.some(({ ciId: affectedId }) => ids.includes(affectedId))
  );
}

function holds({ ref, title, ciName }: Incident, text: string): boolean {
  return `${ref}\n${title.en}\n${title.zh}\n${ciName ?? ''}`.toLowerCase().includes(text.toLowerCase());
}
