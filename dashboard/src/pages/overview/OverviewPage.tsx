/** The first page: one sentence, the fleet in six counts, what needs a person, the highest consumers. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import type { FleetCounts } from '@muster/shared/api/operations.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { HOUR_MS } from '@muster/shared/time.ts';
import {
  machinesQuery,
  openIncidentsQuery,
  overviewQuery,
  readRange,
  rulesQuery,
  topQuery,
} from '../../api/queries.ts';
import { useLive } from '../../app/live.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { IncidentList } from '../../parts/IncidentList.tsx';
import { breachTone, levelsInForce } from '../../parts/levels.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { FleetBar } from '../../ui/FleetBar.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { Skeleton, SkeletonRows } from '../../ui/Skeleton.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import {
  PRESENCE_LOOKS,
  SEVERITY_LOOKS,
  SHOWN_PRESENCES,
  type ShownPresence,
  TONE_TEXT,
} from '../../ui/states.ts';
import { nowMs, useNow } from '../../util/clock.ts';
import { PATHS } from '../../util/paths.ts';
import { formatNumber } from '../../util/quantity.ts';
import { dateTimeText, millis, recordTime, zoneText } from '../../util/time.ts';

/** Rows shown before the link to all. */
const INCIDENTS_SHOWN = 6;
const TOP_SHOWN = 5;
/** Asked for more than shown, because one machine may have several full file systems. */
const TOP_ASKED = 20;
const SPARK_POINTS = 30;
/** With so few open incidents their list takes the whole width and the rest stands beneath it. */
const CALM_INCIDENTS_MAX = 2;
/** From so many machines on, an installation is no longer new. */
const NEW_MACHINES_MAX = 1;

export function OverviewPage() {
  const t = useT();
  usePageTitle(t('shell.nav.overview'));
  const overview = useQuery(overviewQuery);
  const calm = overview.data !== undefined && overview.data.openIncidents <= CALM_INCIDENTS_MAX;
  const isNew = overview.data !== undefined && overview.data.fleet.total <= NEW_MACHINES_MAX;
  if (overview.error && overview.data === undefined) {
    return (
      <Card>
        <ErrorPanel error={overview.error} retry={() => void overview.refetch()} />
      </Card>
    );
  }
  return (
    <>
      <Headline />
      <FleetCard fleet={overview.data?.fleet} />
      {isNew && <FirstSteps />}
      <div
        className={cx(
          'mt-4 grid items-start gap-4',
          !calm && 'desk:grid-cols-[minmax(0,1.72fr)_minmax(0,1fr)]',
        )}
      >
        <NeedsAPerson />
        <div className={cx('grid min-w-0 gap-4', calm && 'desk:grid-cols-3')}>
          <TopCard title="overview.highestDisk" metric="filesystem.utilisation" />
          <TopCard title="overview.highestCpu" metric="cpu.utilisation" />
          <TopCard title="overview.highestMemory" metric="memory.utilisation" />
        </div>
      </div>
    </>
  );
}

function Headline() {
  const t = useT();
  const language = useLanguage();
  const { data } = useQuery(overviewQuery);
  const now = useNow();
  const refusal = useRefusal('enrolment.write');
  return (
    <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <h1>{data ? headline(data, t) : <Skeleton className="h-[30px] w-96 max-w-full" />}</h1>
        <p className="mt-0.5 flex flex-wrap gap-x-2 text-14 text-text-2">
          {data && (
            <span>
              {t('overview.asExpected', {
                expected: formatNumber(asExpected(data.fleet), 0, language),
                count: data.fleet.total,
              })}
            </span>
          )}
          <span className="text-text-3">
            {t('overview.clock', { time: dateTimeText(now, language), zone: zoneText(now) })}
          </span>
        </p>
      </div>
      {refusal === undefined && (
        <Link to={PATHS.addMachine} className={buttonClass()}>
          <Icon name="plus" size={14} />
          {t('fleet.add.title')}
        </Link>
      )}
    </div>
  );
}

function asExpected(fleet: FleetCounts): number {
  return fleet.up + fleet.asleep + fleet.off + fleet.planned;
}

function headline(
  { openIncidents, unclaimedIncidents }: { openIncidents: number; unclaimedIncidents: number },
  t: ReturnType<typeof useT>,
): string {
  const inHand = openIncidents - unclaimedIncidents;
  if (openIncidents === 0) return t('overview.headline.calm');
  if (unclaimedIncidents === 0) return t('overview.headline.inHand', { count: inHand });
  if (inHand === 0) return t('overview.headline.unclaimed', { count: unclaimedIncidents });
  return t('overview.headline.both', { count: unclaimedIncidents, inHand });
}

const NOTES = {
  up: 'overview.note.asExpected',
  asleep: 'overview.note.expected',
  off: 'overview.note.expected',
  planned: 'overview.note.window',
  silent: 'overview.note.silent',
  unknown: 'overview.note.unknown',
} as const satisfies Record<ShownPresence, Key>;

function FleetCard({ fleet }: { fleet: FleetCounts | undefined }) {
  const t = useT();
  const language = useLanguage();
  return (
    <section aria-label={t('overview.fleet')} className="card mt-4 p-4">
      {fleet ? <FleetBar counts={fleet} /> : <Skeleton className="h-3.5" />}
      <ul className="mt-3.5 grid grid-cols-3 gap-y-3 tablet:grid-cols-6">
        {SHOWN_PRESENCES.map((presence, index) => {
          const look = PRESENCE_LOOKS[presence];
          const count = fleet?.[presence];
          return (
            <li
              key={presence}
              className={cx(
                'border-line pl-3.5',
                index % 3 !== 0 && 'max-tablet:border-l',
                index > 0 ? 'tablet:border-l' : 'tablet:pl-0',
                index % 3 === 0 && 'max-tablet:pl-0',
              )}
            >
              <Link to={PATHS.machines} search={{ presence }} className="group block">
                <span
                  className={cx('block text-24 leading-[30px] font-semibold', count === 0 && 'text-text-3')}
                >
                  {count === undefined ? <Skeleton className="h-6 w-12" /> : formatNumber(count, 0, language)}
                </span>
                <span
                  className={cx(
                    'flex items-center gap-1.5 font-medium group-hover:underline',
                    count === 0 ? 'text-text-3' : TONE_TEXT[look.tone],
                  )}
                >
                  <Glyph name={look.glyph} />
                  {t(look.word)}
                </span>
                <span className="mt-0.5 block text-12 text-text-3">{t(NOTES[presence])}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** A new installation: this server's own machine is there already, the next one is one line away. */
function FirstSteps() {
  const t = useT();
  const refusal = useRefusal('enrolment.write');
  const [own] = useQuery(machinesQuery).data ?? [];
  return (
    <section className="card mt-4 p-6 text-center">
      <h2 className="text-16 font-semibold">{t('overview.first.title')}</h2>
      <p className="mx-auto mt-1 max-w-[60ch] leading-prose text-text-2">
        {t(own ? 'overview.first.text' : 'overview.first.textEmpty')}
      </p>
      <div className="mt-4 flex flex-wrap justify-center gap-2">
        {refusal === undefined && (
          <Link to={PATHS.addMachine} className={buttonClass('primary')}>
            <Icon name="plus" size={14} />
            {t('overview.first.add')}
          </Link>
        )}
        {own && (
          <Link to={PATHS.machineLive} params={{ id: own.id }} className={buttonClass()}>
            {t('overview.first.watch', { name: own.name })}
          </Link>
        )}
      </div>
    </section>
  );
}

function NeedsAPerson() {
  const t = useT();
  const language = useLanguage();
  const queries = useQueryClient();
  const incidents = useQuery(openIncidentsQuery);
  const lastMs = millis(useQuery(overviewQuery).data?.lastClosedAt);
  useLive({ name: 'incidents' }, (message) => {
    if (message.type === 'incident')
      void queries.invalidateQueries({ queryKey: openIncidentsQuery.queryKey });
  });
  const sorted = [...(incidents.data ?? [])].sort(
    (a, b) => a.priority - b.priority || dueAt(a).localeCompare(dueAt(b)),
  );
  return (
    <Card
      title={t('overview.needsAPerson')}
      action={
        sorted.length > 0 && (
          <Link to={PATHS.incidents} className="text-accent hover:underline">
            {t('overview.allIncidents', { count: sorted.length })}
          </Link>
        )
      }
      flush
    >
      {incidents.data ? (
        sorted.length === 0 ? (
          <p className="border-t border-line px-4 py-4 text-text-2">
            {lastMs === null
              ? t('overview.nothing')
              : t('overview.nothingSince', { time: recordTime(lastMs, nowMs(), language) })}
          </p>
        ) : (
          <IncidentList
            label={t('overview.needsAPerson')}
            incidents={sorted.slice(0, INCIDENTS_SHOWN)}
            withWhy
          />
        )
      ) : incidents.error ? (
        <div className="px-4">
          <ErrorPanel error={incidents.error} retry={() => void incidents.refetch()} />
        </div>
      ) : (
        <SkeletonRows rows={4} className="[--row:97px]" />
      )}
    </Card>
  );
}

/** When the next duty is due: the response while nobody has responded, then the restoration. */
function dueAt({ sla }: IncidentSummary): string {
  return sla.respondedAt === null ? sla.respondBy : sla.restoreBy;
}

function TopCard({ title, metric }: { title: Key; metric: MetricName }) {
  const t = useT();
  const top = useQuery(topQuery(metric, TOP_ASKED));
  const machines = useQuery(machinesQuery).data;
  const rules = useQuery(rulesQuery).data;
  const sort = {
    'filesystem.utilisation': '-disk',
    'cpu.utilisation': '-cpu',
    'memory.utilisation': '-memory',
  }[metric as string];
  const items = top.data?.items.slice(0, TOP_SHOWN) ?? [];
  return (
    <Card
      title={t(title)}
      action={
        <Link to={PATHS.machines} search={{ sort }} className="text-accent hover:underline">
          {t('ui.all')}
        </Link>
      }
    >
      {top.data ? (
        items.length === 0 ? (
          <EmptyState>{t('overview.noValues')}</EmptyState>
        ) : (
          <ul className="grid gap-1">
            {items.map((item) => {
              const ci = machines?.find((each) => each.id === item.ciId);
              const tone =
                ci && rules
                  ? breachTone(levelsInForce(rules, ci, metric, item.instance), item.value)
                  : undefined;
              const look = tone && SEVERITY_LOOKS[tone === 'crit' ? 'critical' : 'warning'];
              return (
                <li key={`${item.ciId} ${item.instance}`} className="flex h-7 items-center gap-3">
                  <Link
                    to={PATHS.machineLive}
                    params={{ id: item.ciId }}
                    className="min-w-0 flex-1 truncate hover:text-accent"
                  >
                    {item.ciName}
                    {item.instance !== '' && <span className="ml-1.5 text-text-3">{item.instance}</span>}
                  </Link>
                  <HourSpark ci={item.ciId} metric={metric} instance={item.instance} />
                  <span
                    className={cx(
                      'flex w-[74px] flex-none items-center justify-end gap-1 font-medium',
                      look && TONE_TEXT[look.tone],
                    )}
                  >
                    {look && <Glyph name={look.glyph} />}
                    {look && <span className="sr-only">{t(look.word)}</span>}
                    <Quantity value={item.value} unit={top.data.unit} />
                  </span>
                </li>
              );
            })}
          </ul>
        )
      ) : top.error ? (
        <ErrorPanel error={top.error} retry={() => void top.refetch()} />
      ) : (
        <Skeleton className="h-[156px]" />
      )}
    </Card>
  );
}

/** The last hour in 30 points; all of a card on one scale. */
function HourSpark({ ci, metric, instance }: { ci: string; metric: MetricName; instance: string }) {
  const { data } = useQuery({
    queryKey: ['spark', ci, metric, instance],
    queryFn: ({ signal }) => {
      const toMs = nowMs();
      return readRange({ ci, metric, instance, fromMs: toMs - HOUR_MS, toMs, points: SPARK_POINTS }, signal);
    },
    staleTime: 60_000,
    refetchInterval: 60_000,
  });
  const points = data?.series[0]?.points ?? [];
  return <Sparkline values={points.map(([, value = 0]) => value)} max={100} />;
}
