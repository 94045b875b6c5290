/** What stands around a CI at its breach: who answers, what hangs on it, what was planned, and which changes are suspects. */
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import type { Evidence, Scene, Suspect, Words } from '@muster/shared/api/incidents.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, toIso } from '@muster/shared/time.ts';
import type { MaintenanceView } from '../maintenance/view.ts';
import { CHANGES_BEFORE_MS } from './evidence.ts';
import type { Incident, IncidentStore } from './store.ts';
import type { Surroundings, UpstreamCi } from './surroundings.ts';

/** Suspects shown, the likeliest; what scores less than this is no suspect. */
const SUSPECTS_MAX = 20;
const SCORE_MIN = 2;
/** Changes read of each CI upstream. */
const CHANGES_MAX = 20;
/** CIs listed of those that its failure reaches. */
const IMPACT_MAX = 100;
const SIMILAR_MAX = 5;
/** Windows so long before and after the breach. */
const WINDOWS_MS = DAY_MS;
/** A change weighs half when it is this old. */
const HALF_AFTER_MS = 6 * HOUR_MS;
/** What only the record knows cannot break a machine; but it may be the note of somebody who touched one. */
const RECORD_SHARE = 0.1;

export interface SceneSources {
  readonly surroundings: Pick<Surroundings, 'impactOf' | 'upstreamOf' | 'standingOf'>;
  readonly maintenance: Pick<MaintenanceView, 'spans'>;
  readonly changesOf: (
    ciId: string,
    fromMs: Millis,
    toMs: Millis,
    limit: number,
  ) => Promise<Evidence['changes']>;
  /** YYYY-MM-DD; null: not entered. */
  readonly warrantyOf: (ciId: string) => Promise<string | null>;
  readonly store: Pick<IncidentStore, 'list'>;
}

/** null where the incident has no CI. */
export async function sceneOf(
  incident: Incident,
  own: readonly HistoryEntry[],
  sources: SceneSources,
  nowMs: Millis,
): Promise<Scene | null> {
  const { ciId, breachedAtMs } = incident;
  if (ciId === null || breachedAtMs === null) return null;
  const { surroundings, maintenance, warrantyOf, store } = sources;
  const reached = surroundings.impactOf(ciId);
  const standing = surroundings.standingOf(ciId);
  const earlier =
    incident.causeKey === null
      ? []
      : (await store.list({ causeKey: incident.causeKey, limit: SIMILAR_MAX + 1 })).items;
  return {
    place: incident.place,
    lifecycle: standing?.lifecycle ?? null,
    criticality: standing?.criticality ?? null,
    warrantyEnd: await warrantyOf(ciId),
    suspects: await suspectsOf(incident, own, sources, breachedAtMs, nowMs),
    impact: reached.slice(0, IMPACT_MAX).map(({ node, state, path }) => ({
      id: node.id,
      name: node.name,
      class: node.class,
      state,
      path: path.map(({ name }) => name),
    })),
    impactBeyond: Math.max(0, reached.length - IMPACT_MAX),
    windows: maintenance
      .spans(ciId, breachedAtMs - WINDOWS_MS, breachedAtMs + WINDOWS_MS)
      .map(({ windowId, title, fromMs, toMs }) => ({
        id: windowId,
        title,
        from: toIso(fromMs),
        to: toIso(toMs),
      })),
    similar: earlier
      .filter(({ id }) => id !== incident.id)
      .slice(0, SIMILAR_MAX)
      .map(({ id, ref, title }) => ({ id, ref, title })),
  };
}

async function suspectsOf(
  incident: Incident,
  own: readonly HistoryEntry[],
  { surroundings, changesOf }: SceneSources,
  breachedAtMs: Millis,
  nowMs: Millis,
): Promise<Suspect[]> {
  const { ciId, ciName, ciClass } = incident;
  if (ciId === null) return [];
  const self: UpstreamCi = {
    id: ciId,
    name: ciName ?? ciId,
    class: ciClass ?? '',
    path: [ciName ?? ciId],
  };
  const found = own.map((change) => suspect(change, self, breachedAtMs));
  for (const ci of surroundings.upstreamOf(ciId)) {
    const changes = await changesOf(ci.id, breachedAtMs - CHANGES_BEFORE_MS, nowMs + 1, CHANGES_MAX);
    found.push(...changes.map((change) => suspect(change, ci, breachedAtMs)));
  }
  return found
    .filter(({ score }) => score >= SCORE_MIN)
    .toSorted((a, b) => b.score - a.score || a.beforeMs - b.beforeMs)
    .slice(0, SUSPECTS_MAX);
}

function suspect(change: HistoryEntry, ci: UpstreamCi, breachedAtMs: Millis): Suspect {
  const beforeMs = breachedAtMs - Date.parse(change.at);
  const distance = ci.path.length - 1;
  return {
    score: Math.round(suspicion(beforeMs, distance) * (isOfRecord(change, ci.id) ? RECORD_SHARE : 1)),
    change,
    ci: { id: ci.id, name: ci.name, class: ci.class },
    distance,
    path: [...ci.path],
    beforeMs,
    why: whyOf(beforeMs, ci),
  };
}

/** Entered by people or a file, or the item's own coming on record: nothing that a report saw change. */
function isOfRecord({ source, kind, ciId }: HistoryEntry, itemId: string): boolean {
  if (source === 'human' || source === 'import') return true;
  return kind === 'merged' || kind === 'split' || (kind === 'created' && ciId === itemId);
}

/**
 * 100 / (1 + age / 6 h) / (1 + steps): 100 for a change of the CI itself at the breach, half of it six hours before, a fifth
 * a day before, and each time divided once more with each step through the graph. What was found after the breach was
 * there before it was found: its age is 0.
 */
export function suspicion(beforeMs: Millis, distance: number): number {
  return Math.round(100 / (1 + Math.max(0, beforeMs) / HALF_AFTER_MS) / (1 + distance));
}

function whyOf(beforeMs: Millis, ci: UpstreamCi): Words {
  const time = spanWords(Math.abs(beforeMs));
  const when =
    beforeMs >= 0
      ? { en: `${time.en} before the breach`, zh: `越限前 ${time.zh}` }
      : { en: `found ${time.en} after the breach`, zh: `越限后 ${time.zh}发现` };
  if (ci.path.length === 1) return { en: `${when.en}, on the item itself`, zh: `${when.zh}，发生在本配置项` };
  const steps = ci.path.length - 1;
  return {
    en: `${when.en}, on ${ci.name}, ${steps} ${steps === 1 ? 'step' : 'steps'} upstream`,
    zh: `${when.zh}，发生在上游 ${steps} 级的 ${ci.name}`,
  };
}

function spanWords(ms: Millis): Words {
  if (ms < HOUR_MS) {
    const minutes = Math.max(1, Math.round(ms / MINUTE_MS));
    return { en: `${minutes} min`, zh: `${minutes} 分钟` };
  }
  if (ms < 2 * DAY_MS) {
    const hours = Math.round(ms / HOUR_MS);
    return { en: `${hours} h`, zh: `${hours} 小时` };
  }
  const days = Math.round(ms / DAY_MS);
  return { en: `${days} days`, zh: `${days} 天` };
}
