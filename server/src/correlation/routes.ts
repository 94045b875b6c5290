/** HTTP operations of alerts: who has seen them, and how many are quiet for which reason. */
import {
  ACKNOWLEDGE_DAYS_MAX,
  type AcknowledgeOutcome,
  type AlertCounts,
  type LEFT_BECAUSE,
} from '@muster/shared/api/alerts.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { Incidents } from '../incidents/incidents.ts';
import type { AlertRecord } from '../rules/alert.ts';
import type { RuleEngine } from '../rules/engine.ts';
import { alertView } from '../rules/routes.ts';
import { acknowledgedWords, withdrawnWords } from './words.ts';

interface AlertRouteDeps {
  readonly alerts: Pick<RuleEngine, 'live' | 'alert' | 'acknowledge' | 'withdraw' | 'current'>;
  readonly incidents: Pick<Incidents, 'ofAlert' | 'record'>;
  readonly directory: CiDirectory;
  readonly incidentRefs: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

type Left = (typeof LEFT_BECAUSE)[number];

export function addAlertRoutes(
  routes: Routes,
  { alerts, incidents, directory, incidentRefs }: AlertRouteDeps,
): void {
  /** Each by itself; what is left says why. */
  async function each(
    ids: readonly string[],
    work: (alert: AlertRecord) => Promise<Left | null>,
  ): Promise<{ done: AlertRecord[]; left: AcknowledgeOutcome['left'] }> {
    const done: AlertRecord[] = [];
    const left: AcknowledgeOutcome['left'] = [];
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

  async function answer(
    { done, left }: Awaited<ReturnType<typeof each>>,
    words: (count: number) => Words,
    nowMs: Millis,
  ): Promise<AcknowledgeOutcome> {
    const perIncident = new Map<string, number>();
    for (const { id } of done) {
      const holder = incidents.ofAlert(id);
      if (holder) perIncident.set(holder.id, (perIncident.get(holder.id) ?? 0) + 1);
    }
    for (const [incidentId, count] of perIncident)
      await incidents.record(incidentId, 'note', words(count), nowMs);
    const refs = await incidentRefs([...new Set(done.flatMap(({ incidentId }) => incidentId ?? []))]);
    return { done: done.map((alert) => alertView(alerts.current(alert), directory, refs)), left };
  }

  routes.add(ENDPOINTS.acknowledgeAlerts, async ({ body }, { nowMs, actor }) => {
    const untilMs = body.until === null ? null : Date.parse(body.until);
    if (untilMs !== null) requireEnd(untilMs, nowMs);
    const by = { by: actor.name, atMs: nowMs, untilMs, note: body.note };
    const outcome = await each(body.ids, async ({ id, state }) => {
      if (state === 'resolved') return 'resolved';
      if (state === 'suppressed') return 'held-back';
      return (await alerts.acknowledge(id, nowMs, by)) ? null : 'resolved';
    });
    return answer(outcome, (count) => acknowledgedWords(by, count), nowMs);
  });

  routes.add(ENDPOINTS.withdrawAcknowledgements, async ({ body }, { nowMs, actor }) => {
    const outcome = await each(body.ids, async ({ id, state }) => {
      if (state === 'resolved') return 'resolved';
      return (await alerts.withdraw(id, nowMs)) ? null : 'not-acknowledged';
    });
    return answer(outcome, (count) => withdrawnWords(actor.name, count), nowMs);
  });

  routes.add(ENDPOINTS.countAlerts, async () => countsOf(alerts.live()));
}

/** @throws AppError input-invalid */
function requireEnd(untilMs: Millis, nowMs: Millis): void {
  const message =
    untilMs <= nowMs
      ? 'An acknowledgement ends in the future.'
      : untilMs > nowMs + ACKNOWLEDGE_DAYS_MAX * DAY_MS
        ? `An acknowledgement lasts ${ACKNOWLEDGE_DAYS_MAX} days at the most.`
        : null;
  if (message !== null)
    throw new AppError('input-invalid', message, { issues: [{ path: 'until', message }] });
}

function countsOf(live: Iterable<AlertRecord>): AlertCounts {
  const counts = {
    total: 0,
    open: 0,
    acknowledged: 0,
    suppressed: 0,
    critical: 0,
    maintenance: 0,
    dependency: 0,
    flapping: 0,
    storm: 0,
  };
  for (const { state, severity, suppressedBy } of live) {
    if (state === 'resolved') continue;
    counts.total += 1;
    counts[state] += 1;
    if (severity === 'critical') counts.critical += 1;
    if (suppressedBy) counts[suppressedBy.kind] += 1;
  }
  return counts;
}
