/** What is asked of an agent beside what it told last. Pure. */
import type { CheckStanding } from '@muster/shared/api/agent-config.ts';
import type { LatestValue } from '@muster/shared/api/metrics.ts';
import type { NamedCheck } from '@muster/shared/checks/check.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';

/** Of so many failures in a row the rule that comes with the product makes an alert. */
const FAILED_FROM = 3;

export interface CheckRow {
  readonly name: string;
  readonly check: NamedCheck['check'];
  /** none: no result yet. unable, forbidden: there will be none. */
  readonly state: 'well' | 'failing' | 'failed' | 'none' | 'unable' | 'forbidden';
  readonly failures: number;
  /** Since about so long; null: it does not fail, or was not asked for long enough. */
  readonly failingMs: number | null;
  readonly durationS: number | null;
  readonly httpStatus: number | null;
  readonly certificateS: number | null;
}

/** Those that fail first, then by name. A check that was taken away and is not told any more is left out. */
export function checkRows(
  asked: readonly NamedCheck[],
  standing: CheckStanding | null,
  latest: readonly LatestValue[],
): CheckRow[] {
  const told = new Map(latest.map(({ metric, instance, value }) => [`${metric}\0${instance}`, value]));
  const of = (metric: MetricName, name: string) => told.get(`${metric}\0${name}`) ?? null;
  return asked
    .map(({ name, check }): CheckRow => {
      const failures = of('check.failures', name);
      const runs = standing !== 'unable' && standing !== 'forbidden';
      const state = runs ? stateOf(failures) : standing;
      const counted = runs ? (failures ?? 0) : 0;
      return {
        name,
        check,
        state,
        failures: counted,
        failingMs: counted > 1 ? (counted - 1) * check.intervalMs : null,
        durationS: runs ? of('check.duration', name) : null,
        httpStatus: runs ? of('check.http.status', name) : null,
        certificateS: runs ? of('check.certificate.remaining', name) : null,
      };
    })
    .sort((a, b) => b.failures - a.failures || a.name.localeCompare(b.name));
}

function stateOf(failures: number | null): CheckRow['state'] {
  if (failures === null) return 'none';
  if (failures === 0) return 'well';
  return failures < FAILED_FROM ? 'failing' : 'failed';
}
