/** People say of alerts that they have seen them, or take that back: the alert knows it, and the incident that holds it. */
import type { LEFT_BECAUSE } from '@muster/shared/api/alerts.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Incidents } from '../incidents/incidents.ts';
import type { Acknowledgement, AlertRecord } from '../rules/alert.ts';
import type { RuleEngine } from '../rules/engine.ts';
import { acknowledgedWords, withdrawnWords } from './words.ts';

export interface AcknowledgingDeps {
  readonly alerts: Pick<RuleEngine, 'alert' | 'acknowledge' | 'withdraw'>;
  readonly incidents: Pick<Incidents, 'ofAlert' | 'notice'>;
}

type Left = (typeof LEFT_BECAUSE)[number];

interface Done {
  readonly done: AlertRecord[];
  /** What nothing was done with, and why. */
  readonly left: { id: string; because: Left }[];
}

export async function acknowledge(
  deps: AcknowledgingDeps,
  ids: readonly string[],
  by: Acknowledgement,
): Promise<Done> {
  const outcome = await each(deps, ids, async ({ id, state }) => {
    if (state === 'resolved') return 'resolved';
    if (state === 'suppressed') return 'held-back';
    return (await deps.alerts.acknowledge(id, by.atMs, by)) ? null : 'resolved';
  });
  const words = (count: number) => acknowledgedWords(by, count);
  await tellIncidents(deps, outcome.done, { seen: true, words, actor: by.by }, by.atMs);
  return outcome;
}

export async function withdraw(
  deps: AcknowledgingDeps,
  ids: readonly string[],
  actor: string,
  nowMs: Millis,
): Promise<Done> {
  const outcome = await each(deps, ids, async ({ id, state }) => {
    if (state === 'resolved') return 'resolved';
    return (await deps.alerts.withdraw(id, nowMs)) ? null : 'not-acknowledged';
  });
  const words = (count: number) => withdrawnWords(actor, count);
  await tellIncidents(deps, outcome.done, { seen: false, words, actor }, nowMs);
  return outcome;
}

/** Each by itself; what is left says why. */
async function each(
  { alerts }: AcknowledgingDeps,
  ids: readonly string[],
  work: (alert: AlertRecord) => Promise<Left | null>,
): Promise<Done> {
  const done: AlertRecord[] = [];
  const left: Done['left'] = [];
  await Promise.all(
    [...new Set(ids)].map(async (id) => {
      const alert = alerts.alert(id);
      const because = alert === null ? 'not-found' : await work(alert);
      if (because !== null) left.push({ id, because });
      else done.push(alerts.alert(id) ?? (alert as AlertRecord));
    }),
  );
  return { done, left };
}

interface Told {
  readonly seen: boolean;
  readonly words: (count: number) => Words;
  readonly actor: string;
}

/** One line in each incident, however many of its alerts there are. */
async function tellIncidents(
  { incidents }: AcknowledgingDeps,
  done: readonly AlertRecord[],
  { seen, words, actor }: Told,
  nowMs: Millis,
): Promise<void> {
  const byIncident = Map.groupBy(done, ({ id }) => incidents.ofAlert(id)?.id ?? null);
  for (const [incidentId, alerts] of byIncident)
    if (incidentId !== null) {
      const alertIds = alerts.map(({ id }) => id);
      await incidents.notice(incidentId, { alertIds, seen, text: words(alertIds.length) }, actor, nowMs);
    }
}
