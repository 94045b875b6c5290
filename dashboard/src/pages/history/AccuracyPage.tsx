/** How far the records can be relied on: the score with its reasons, by class and site, day by day, the worst first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { AccuracyRow, AccuracyTally } from '@muster/shared/api/history.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { Skeleton, SkeletonRows } from '../../ui/Skeleton.tsx';
import { formatNumber } from '../../util/quantity.ts';
import { dayText } from '../../util/time.ts';
import { HistoryTabs } from './HistoryTabs.tsx';
import { accuracyQuery } from './queries.ts';
import type { AccuracySearch } from './search.ts';

export function AccuracyPage() {
  const t = useT();
  const language = useLanguage();
  const words = useWords();
  const search = useSearch({ from: `/app${'/accuracy'}` });
  const navigate = useNavigate({ from: '/accuracy' });
  const set = (change: Partial<AccuracySearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const title = t('history.accuracy.title');
  usePageTitle(title);
  const answer = useInfiniteQuery(accuracyQuery(search));
  const first = answer.data?.pages[0];
  const rows = answer.data?.pages.flatMap(({ items }) => items) ?? [];
  const classWord = (name: string) => (isCiClass(name) ? words(CI_CLASSES[name].title) : name);
  const number = (value: number) => formatNumber(value, 0, language);
  if (answer.error && first === undefined)
    return (
      <Card>
        <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
      </Card>
    );
  return (
    <>
      <PrintHeader title={title} purpose={t('history.accuracy.lead')} source={t('history.print.source')} />
      <h1 className="print:hidden">{title}</h1>
      <HistoryTabs />
      <p className="mt-1 max-w-(--prose,72ch) text-text-2">
        {t('history.accuracy.lead')} {t('history.accuracy.how')}
      </p>
      <div className="mt-3 grid items-start gap-4 desk:grid-cols-2">
        <Card title={t('history.accuracy.score')}>
          {first === undefined ? (
            <Skeleton className="h-12 w-40" />
          ) : first.fleet.score === null ? (
            <p className="text-text-2">{t('history.accuracy.none')}</p>
          ) : (
            <>
              <p className="flex flex-wrap items-baseline gap-x-3">
                <span className="text-32 font-semibold">{first.fleet.score}</span>
                <Why of={first.fleet} />
              </p>
              {first.waiting > 0 && (
                <p className="mt-1 text-12 text-text-3">
                  {t('history.accuracy.waiting', { count: first.waiting })}
                </p>
              )}
              {(search.class !== undefined || search.site !== undefined) && (
                <Button
                  size="small"
                  className="mt-2"
                  onClick={() => set({ class: undefined, site: undefined })}
                >
                  {t('ui.clearFilters')}
                </Button>
              )}
            </>
          )}
        </Card>
        <Card title={t('history.accuracy.trend')}>
          {first === undefined ? (
            <Skeleton className="h-16" />
          ) : (
            <Trend
              days={first.days}
              label={t('history.accuracy.trend')}
              dayOf={(day) => dayText(Date.parse(`${day}T12:00`), language)}
            />
          )}
        </Card>
        {first && (
          <>
            <Tallies
              title={t('history.accuracy.byClass')}
              rows={first.classes.map((row) => ({ key: row.class, name: classWord(row.class), row }))}
              onChoose={(key) => set({ class: key })}
            />
            <Tallies
              title={t('history.accuracy.bySite')}
              rows={first.sites.map((row) => ({
                key: row.site ?? '',
                name: row.site ?? t('history.accuracy.noSite'),
                row,
              }))}
              onChoose={(key) => set({ site: key })}
            />
          </>
        )}
      </div>
      <Card title={t('history.accuracy.worst')} note={first && number(first.total)} flush className="mt-4">
        {first === undefined ? (
          <SkeletonRows rows={8} />
        ) : rows.length === 0 ? (
          <EmptyState>{t('history.accuracy.none')}</EmptyState>
        ) : (
          <>
            <PlainTable
              label={t('history.accuracy.worst')}
              head={[
                { id: 'score', label: t('history.accuracy.score'), align: 'right' },
                { id: 'name', label: t('history.asOf.name') },
                { id: 'class', label: t('history.asOf.class'), className: 'max-tablet:hidden' },
                { id: 'why', label: t('history.accuracy.whyTitle') },
              ]}
            >
              {rows.map((row) => (
                <tr key={row.id}>
                  <td className="text-right font-medium">{row.score}</td>
                  <td>
                    <Link
                      to="/cis/$id"
                      params={{ id: row.id }}
                      className="font-medium text-accent hover:underline"
                    >
                      {row.name}
                    </Link>
                  </td>
                  <td className="text-text-2 max-tablet:hidden">{classWord(row.class)}</td>
                  <td>
                    <Why of={row} />
                  </td>
                </tr>
              ))}
            </PlainTable>
            <MorePages pages={answer} label={t('history.accuracy.more')} />
          </>
        )}
      </Card>
    </>
  );
}

/** `3 old, 1 contradicted`. */
function Why({ of }: { of: Pick<AccuracyRow | AccuracyTally, 'stale' | 'disagrees' | 'missing'> }) {
  const t = useT();
  const reasons = [
    of.stale > 0 && t('history.accuracy.whyStale', { count: of.stale }),
    of.disagrees > 0 && t('history.accuracy.whyDisagrees', { count: of.disagrees }),
    of.missing > 0 && t('history.accuracy.whyMissing', { count: of.missing }),
  ].filter((reason) => reason !== false);
  return (
    <span className="text-12 text-text-2">
      {reasons.length === 0 ? t('history.accuracy.faultless') : reasons.join(t('ui.listSeparator'))}
    </span>
  );
}

function Tallies({
  title,
  rows,
  onChoose,
}: {
  title: string;
  rows: readonly { readonly key: string; readonly name: string; readonly row: AccuracyTally }[];
  onChoose: (key: string) => void;
}) {
  const t = useT();
  return (
    <Card title={title} flush>
      <PlainTable
        label={title}
        head={[
          { id: 'name', label: t('history.asOf.name') },
          { id: 'items', label: t('history.accuracy.items'), align: 'right' },
          { id: 'score', label: t('history.accuracy.score'), align: 'right' },
          { id: 'stale', label: t('history.accuracy.stale'), align: 'right' },
          { id: 'disagrees', label: t('history.accuracy.disagrees'), align: 'right' },
          { id: 'missing', label: t('history.accuracy.missing'), align: 'right' },
        ]}
      >
        {rows.map(({ key, name, row }) => (
          <tr key={key}>
            <td>
              <button type="button" className="text-accent hover:underline" onClick={() => onChoose(key)}>
                {name}
              </button>
            </td>
            {[row.count, row.score ?? 0, row.stale, row.disagrees, row.missing].map((value, i) => (
              // The columns are always the same.
              <td key={COLUMNS[i]} className={cx('text-right', i === 1 ? 'font-medium' : 'text-text-2')}>
                {value}
              </td>
            ))}
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}
const COLUMNS = ['count', 'score', 'stale', 'disagrees', 'missing'] as const;

/** One bar for each day; the figures stand in the table behind it for those who do not see it. */
function Trend({
  days,
  label,
  dayOf,
}: {
  days: readonly { readonly day: string; readonly score: number }[];
  label: string;
  dayOf: (day: string) => string;
}) {
  const t = useT();
  const width = 360;
  const height = 56;
  const step = width / Math.max(days.length, 30);
  const textOf = ({ day, score }: (typeof days)[number]) =>
    `${dayOf(day)}${t('ui.colon')}${Math.floor(score)}`;
  const text = days.map(textOf).join(t('ui.listSeparator'));
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${label}${t('ui.colon')}${text}`}
      className="w-full max-w-[480px]"
    >
      {days.map(({ day, score }, i) => (
        <rect
          key={day}
          x={i * step}
          width={Math.max(1, step - 1)}
          y={height - (score / 100) * height}
          height={(score / 100) * height}
          className="fill-accent-solid"
        >
          <title>{textOf({ day, score })}</title>
        </rect>
      ))}
    </svg>
  );
}
