/** HTTP operations of alerts: who has seen them, and how many are quiet for which reason. */
import {
  ACKNOWLEDGE_DAYS_MAX,
  type AcknowledgeOutcome,
  type AlertCounts,
} from '@muster/shared/api/alerts.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { AlertRecord } from '../rules/alert.ts';
import type { RuleEngine } from '../rules/engine.ts';
import { alertView } from '../rules/routes.ts';
import { acknowledge, type AcknowledgingDeps, withdraw } from './acknowledging.ts';

interface AlertRouteDeps extends AcknowledgingDeps {
  readonly alerts: Pick<RuleEngine, 'live' | 'alert' | 'acknowledge' | 'withdraw' | 'current'>;
  readonly directory: CiDirectory;
  readonly incidentRefs: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

export function addAlertRoutes(
  routes: Routes,
  { alerts, incidents, directory, incidentRefs }: AlertRouteDeps,
): void {
  async function answer({
    done,
    left,
  }: Awaited<ReturnType<typeof acknowledge>>): Promise<AcknowledgeOutcome> {
    const refs = await incidentRefs([...new Set(done.flatMap(({ incidentId }) => incidentId ?? []))]);
    return { done: done.map((alert) => alertView(alerts.current(alert), directory, refs)), left };
  }

  routes.add(ENDPOINTS.acknowledgeAlerts, async ({ body }, { nowMs, actor }) => {
    const untilMs = body.until === null ? null : Date.parse(body.until);
    if (untilMs !== null) requireEnd(untilMs, nowMs);
    const by = { by: actor.name, atMs: nowMs, untilMs, note: body.note };
    return answer(await acknowledge({ alerts, incidents }, body.ids, by));
  });

  routes.add(ENDPOINTS.withdrawAcknowledgements, async ({ body }, { nowMs, actor }) =>
    answer(await withdraw({ alerts, incidents }, body.ids, actor.name, nowMs)),
  );

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
