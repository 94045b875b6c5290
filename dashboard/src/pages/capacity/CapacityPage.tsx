/** The capacity register: which file systems fill up and when, and which machines use most. */
import { type QueryClient, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { CAPACITY_DAYS_NEEDED, CAPACITY_STATES } from '@muster/shared/api/capacity.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { capacityPagesQuery, CAPACITY_SORTS } from '../../parts/capacityQueries.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { CsvButton } from '../../ui/CsvButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { Skeleton, SkeletonRows } from '../../ui/Skeleton.tsx';
import { saveCsv } from '../../util/csv.ts';
import { formatNumber } from '../../util/quantity.ts';
import { ConsumersCard } from './ConsumersCard.tsx';
import { RegisterTable } from './RegisterTable.tsx';
import { csvRows, type Register } from './register.ts';
import type { CapacitySearch } from './search.ts';

/** Rows read in one step. */
const ROWS_STEP = 50;

export function CapacityPage() {
  const t = useT();
  usePageTitle(t('shell.nav.capacity'));
  const search = useSearch({ from: `/app${'/capacity'}` });
  const navigate = useNavigate({ from: '/capacity' });
  const set = (change: Partial<CapacitySearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const words = useWords();
  const queries = useQueryClient();
  const { state, class: ciClass, site, q, sort } = search;
  const className =
    ciClass !== undefined && isMachineClass(ciClass) ? words(CI_CLASSES[ciClass].title) : ciClass;
  const filter = { state, class: ciClass, site, q, sort };
  const answer = useInfiniteQuery(capacityPagesQuery({ ...filter, limit: ROWS_STEP }));
  const first = answer.data?.pages[0];
  const rows = answer.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <PrintHeader
        title={t('capacity.title')}
        purpose={t('capacity.print.purpose')}
        source={t('capacity.print.source')}
        coverage={
          first &&
          [t('capacity.print.coverage', { count: first.counts.total }), className, site, q]
            .filter(Boolean)
            .join(t('ui.listSeparator'))
        }
      />
      <h1 className="print:hidden">{t('capacity.title')}</h1>
      <p className="mt-1 min-h-5 text-14 text-text-2">
        {first ? <Sentence register={first} /> : <Skeleton className="h-4 w-96 max-w-full" />}
      </p>
      <StateChips register={first} chosen={state} onChange={(next) => set({ state: next })} />
      <Card
        title={t('capacity.fileSystems')}
        note={first && <Progress register={first} />}
        action={<CsvButton save={() => saveRegister(queries, filter)} disabled={rows.length === 0} />}
        flush
        className="mt-3"
      >
        <div className="no-print flex flex-wrap items-center gap-2 px-4 pb-3">
          <div className="flex w-full tablet:w-60">
            <PausedSearch label={t('capacity.filter')} value={q} onChange={(text) => set({ q: text })} />
          </div>
          <Facets register={first} search={search} set={set} />
          <SelectLine
            label={t('capacity.order')}
            value={sort ?? 'days'}
            options={CAPACITY_SORTS.map((value) => ({ value, label: t(`capacity.sort.${value}`) }))}
            onChange={(value) => set({ sort: value === 'days' ? undefined : value })}
          />
        </div>
        {first === undefined ? (
          answer.error ? (
            <div className="border-t border-line px-4">
              <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={8} />
          )
        ) : rows.length === 0 ? (
          <EmptyState
            action={
              Object.values(filter).some((value) => value !== undefined) && (
                <Button
                  onClick={() => set({ state: undefined, class: undefined, site: undefined, q: undefined })}
                >
                  {t('ui.clearFilters')}
                </Button>
              )
            }
          >
            {t(first.counts.total === 0 && !q ? 'capacity.none' : 'capacity.noneMatch')}
          </EmptyState>
        ) : (
          <>
            <RegisterTable rows={rows} open={search.open} onOpen={(open) => set({ open })} />
            <MorePages pages={answer} label={t('capacity.more')} />
          </>
        )}
      </Card>
      <ConsumersCard search={search} set={set} />
    </>
  );
}

/** 20,000 file systems; a file of more is for the API. */
const CSV_PAGES_MAX = 40;

/** All rows of the filter, not only those shown. */
async function saveRegister(
  queries: QueryClient,
  filter: Omit<Parameters<typeof capacityPagesQuery>[0], 'limit'>,
): Promise<void> {
  const all = await queries.fetchInfiniteQuery({
    ...capacityPagesQuery({ ...filter, limit: LIST_LIMIT_MAX }),
    pages: CSV_PAGES_MAX,
  });
  saveCsv('capacity', csvRows(all.pages.flatMap(({ items }) => items)));
}

function Sentence({ register: { counts } }: { register: Register }) {
  const t = useT();
  if (counts.total === 0) return t('capacity.none');
  const soon = counts.within30 - counts.full;
  if (counts.full > 0)
    return (
      <>
        {t('capacity.sentence.full', { count: counts.full })}{' '}
        {soon > 0 && t('capacity.sentence.more', { count: soon })}
      </>
    );
  if (soon > 0) return t('capacity.sentence.soon', { count: soon });
  if (counts.within90 > 0) return t('capacity.sentence.later', { count: counts.within90 });
  if (counts.waiting === counts.total)
    return t('capacity.allWaiting', { days: counts.waitingDaysMost, needed: CAPACITY_DAYS_NEEDED });
  return t('capacity.sentence.calm');
}

/** How many there are; while the server reads their histories, how far it is. */
function Progress({ register: { counts, progress } }: { register: Register }) {
  const t = useT();
  const language = useLanguage();
  if (progress.done >= progress.machines) return t('capacity.ranked', { count: counts.total });
  return t('capacity.progress', {
    done: formatNumber(progress.done, 0, language),
    machines: formatNumber(progress.machines, 0, language),
  });
}

function StateChips({
  register,
  chosen,
  onChange,
}: {
  register: Register | undefined;
  chosen: CapacitySearch['state'];
  onChange: (state: CapacitySearch['state']) => void;
}) {
  const t = useT();
  const counts = register?.counts;
  const countOf = {
    full: counts?.full,
    forecast: counts && counts.total - counts.full - counts.later - counts.noTrend - counts.waiting,
    later: counts?.later,
    'no-trend': counts?.noTrend,
    waiting: counts?.waiting,
  };
  const looks = {
    full: { glyph: 'square-x', tone: 'crit' },
    forecast: { glyph: 'triangle', tone: 'warn' },
    later: {},
    'no-trend': {},
    waiting: { glyph: 'question', tone: 'unknown' },
  } as const;
  return (
    <div className="no-print mt-3">
      <FilterChips
        label={t('capacity.state')}
        all={{ label: t('ui.all'), count: counts?.total ?? null }}
        chips={CAPACITY_STATES.map((value) => ({
          value,
          label: t(`capacity.states.${value}`),
          count: countOf[value] ?? null,
          ...looks[value],
        }))}
        chosen={chosen === undefined ? [] : [chosen]}
        onChange={(states) => onChange(states.find((each) => each !== chosen))}
      />
    </div>
  );
}

function Facets({
  register,
  search,
  set,
}: {
  register: Register | undefined;
  search: CapacitySearch;
  set: (change: Partial<CapacitySearch>) => void;
}) {
  const t = useT();
  const words = useWords();
  if (register === undefined) return null;
  const any = { value: '*', label: t('ui.any') };
  const choice = (value: string) => (value === '*' ? undefined : value);
  return (
    <>
      {register.classes.length > 1 && (
        <SelectLine
          label={t('capacity.class')}
          value={search.class ?? '*'}
          options={[
            any,
            ...register.classes.map(({ value }) => ({
              value,
              label: isMachineClass(value) ? words(CI_CLASSES[value].title) : value,
            })),
          ]}
          onChange={(value) => set({ class: choice(value) })}
        />
      )}
      {register.sites.length > 1 && (
        <SelectLine
          label={t('capacity.site')}
          value={search.site ?? '*'}
          options={[
            any,
            ...register.sites.map(({ value }) => ({
              value: value ?? '',
              label: value ?? t('capacity.noSite'),
            })),
          ]}
          onChange={(value) => set({ site: choice(value) })}
        />
      )}
    </>
  );
}
