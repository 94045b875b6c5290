/** The machines on which a metric is highest now, each with its last hour. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { readRange, rulesQuery, topQuery } from '../../api/queries.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';
import { breachTone, levelsInForce } from '../../parts/levels.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { SEVERITY_LOOKS, TONE_TEXT } from '../../ui/states.ts';
import { nowMs, useNow } from '../../util/clock.ts';
import { agoText, millis } from '../../util/time.ts';
import { gridValues } from './gridValues.ts';

const TOP_SHOWN = 5;
/** Asked for more than shown: some may be too old to be called highest now. */
export const TOP_ASKED = 20;
/** A value older than this and the interval of its agent is the last known one, not the present one. */
const STALE_MS = 2 * MINUTE_MS;
const SPARK_POINTS = 30;

export interface TopCardProps {
  readonly title: Key;
  readonly metric: MetricName;
  /** Order of the machines list behind "All". */
  readonly sort: string;
  /** Only machines of this site. */
  readonly site?: string | undefined;
  /** The value of an absent machine still means something: a disk stays as full as it was. */
  readonly keepsStale?: boolean;
}

export function TopCard({ title, metric, sort, site, keepsStale = false }: TopCardProps) {
  const t = useT();
  const top = useQuery(topQuery(metric, TOP_ASKED, site));
  const now = useNow(10_000);
  const items = (top.data?.items ?? [])
    .map((item) => ({ ...item, stale: now - millis(item.at) > STALE_MS + item.intervalMs }))
    .filter(({ stale }) => keepsStale || !stale)
    .slice(0, TOP_SHOWN);
  return (
    <Card
      title={t(title)}
      action={
        <Link to="/machines" search={{ sort, site }} className="text-accent hover:underline">
          {t('ui.all')}
          <span className="sr-only">{t(title)}</span>
        </Link>
      }
    >
      {top.data ? (
        items.length === 0 ? (
          <EmptyState>{t('overview.noValues')}</EmptyState>
        ) : (
          <ul className="grid grid-cols-1 gap-1">
            {items.map((item) => (
              <TopRow
                key={`${item.ciId} ${item.instance}`}
                item={item}
                metric={metric}
                unit={top.data.unit}
              />
            ))}
          </ul>
        )
      ) : top.error ? (
        <ErrorPanel error={top.error} retry={() => void top.refetch()} />
      ) : (
        <Skeleton className="h-39" />
      )}
    </Card>
  );
}

interface TopItem {
  readonly ciId: string;
  readonly ciName: string;
  readonly ciClass: string;
  readonly tags: string[];
  readonly instance: string;
  readonly value: number;
  readonly at: string;
  readonly stale: boolean;
}

function TopRow({ item, metric, unit }: { item: TopItem; metric: MetricName; unit: string }) {
  const t = useT();
  const now = useNow(10_000);
  const rules = useQuery(rulesQuery).data;
  const ci = { id: item.ciId, class: item.ciClass, tags: item.tags };
  const tone = rules && breachTone(levelsInForce(rules, ci, metric, item.instance), item.value);
  const look = tone && SEVERITY_LOOKS[tone === 'crit' ? 'critical' : 'warning'];
  return (
    <li className="flex h-7 items-center gap-3 coarse:h-11">
      <Link
        to="/machines/$id/live"
        params={{ id: item.ciId }}
        className="min-w-0 flex-1 truncate hover:text-accent coarse:leading-[44px]"
      >
        {item.ciName}
        {item.instance !== '' && <span className="ml-1.5 text-text-3">{item.instance}</span>}
      </Link>
      <HourSpark ci={item.ciId} metric={metric} instance={item.instance} />
      <span
        title={item.stale ? t('overview.lastKnown', { ago: agoText(millis(item.at), now, t) }) : undefined}
        className={cx(
          'flex w-[74px] flex-none items-center justify-end gap-1 font-medium',
          item.stale ? 'text-text-3' : look && TONE_TEXT[look.tone],
        )}
      >
        {look && <Glyph name={look.glyph} />}
        {look && <span className="sr-only">{t(look.word)}</span>}
        <Quantity value={item.value} unit={unit} />
      </span>
    </li>
  );
}

/** The last hour; all of a card on one scale, gaps stay gaps. */
function HourSpark({ ci, metric, instance }: { ci: string; metric: MetricName; instance: string }) {
  const { data } = useQuery({
    queryKey: ['spark', ci, metric, instance],
    queryFn: async ({ signal }) => {
      const toMs = nowMs();
      const fromMs: Millis = toMs - HOUR_MS;
      const range = { ci, metric, instance, fromMs, toMs, points: SPARK_POINTS };
      return { ...(await readRange(range, signal)), fromMs, toMs };
    },
    staleTime: MINUTE_MS,
    refetchInterval: MINUTE_MS,
  });
  const values = data ? gridValues(data.series[0]?.points, data) : [];
  return <Sparkline values={values} max={100} />;
}
