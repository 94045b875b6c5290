/** Lines in the open incidents of a CI as a maintenance window of it begins and ends. */
import { OPEN_INCIDENT_STATES, type Words } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Incidents } from '../incidents/incidents.ts';
import type { IncidentStore } from '../incidents/store.ts';
import type { WindowEdge } from './maintenance.ts';

interface WindowNotesDeps {
  readonly store: Pick<IncidentStore, 'list'>;
  readonly incidents: Pick<Incidents, 'openOf' | 'record'>;
  readonly coveredBy: (windowId: string) => readonly string[];
  /** Behind everything else. */
  readonly run: (whatIfItFails: string, work: () => Promise<unknown>) => void;
}

/** A CI with more open incidents than this gets the line in the newest of them. */
const INCIDENTS_NOTED_MAX = 20;

export function createWindowNotes({ store, incidents, coveredBy, run }: WindowNotesDeps): {
  onEdge(edge: WindowEdge, nowMs: Millis): void;
} {
  async function note(ciId: string, edge: WindowEdge, nowMs: Millis): Promise<void> {
    const { items } = await store.list({
      ciId,
      states: OPEN_INCIDENT_STATES,
      limit: INCIDENTS_NOTED_MAX,
    });
    for (const { id } of items) {
      // One line for each window and edge, although several CIs of the incident are in it.
      const lineId = `${id}-${edge.window.id}-${edge.type}-${edge.span.fromMs}`;
      await incidents.record(id, 'evidence', wordsOf(edge), nowMs, lineId);
    }
  }

  return {
    onEdge: (edge, nowMs) => {
      const ciIds = edge.ciId === null ? coveredBy(edge.window.id) : [edge.ciId];
      const touched = ciIds.filter((ciId) => incidents.openOf(ciId) > 0);
      if (touched.length === 0) return;
      run('a maintenance window was not noted in an incident', async () => {
        for (const ciId of touched) await note(ciId, edge, nowMs);
      });
    },
  };
}

function wordsOf({ type, window: { title } }: WindowEdge): Words {
  return type === 'begins'
    ? { en: `Maintenance window "${title}" has begun.`, zh: `维护窗口“${title}”已开始。` }
    : { en: `Maintenance window "${title}" has ended.`, zh: `维护窗口“${title}”已结束。` };
}
