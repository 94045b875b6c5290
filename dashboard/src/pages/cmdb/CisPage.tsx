/** The configuration items: classes at the left, those of one class at the right, filtered by the server. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import { CI_CLASSES, type CiClass, isPartClass } from '@muster/shared/cmdb/classes.ts';
import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button, Key } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { PRESENCE_LOOKS } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { ABSENT, formatNumber } from '../../util/quantity.ts';
import { agoText, millis } from '../../util/time.ts';
import { ciIcon, ClassSelect, ClassTree } from './ClassTree.tsx';
import { ExportButton } from './ExportButton.tsx';
import { Facets } from './Facets.tsx';
import { listFieldsOf } from './listFields.ts';
import { cisQuery } from './queries.ts';
import type { CisSearch } from './search.ts';

/** Evidence older than this is marked: agents confirm their inventory at least daily. */
const EVIDENCE_STALE_MS = 7 * DAY_MS;
/** Each key of the filter would be a question to the server. */
const TYPING_PAUSE_MS = 250;

export function CisPage() {
  const t = useT();
  const words = useWords();
  const search = useSearch({ from: `/app${'/cis'}` });
  const title = t('shell.nav.cis');
  usePageTitle(title);
  const subtitle = search.class === undefined ? t('cmdb.allMachines') : words(CI_CLASSES[search.class].title);
  return (
    <>
      <PrintHeader title={title} purpose={subtitle} source={t('cmdb.printSource')} />
      <h1 className="print:hidden">{title}</h1>
      <div className="mt-3 grid items-start gap-4 desk:grid-cols-[216px_minmax(0,1fr)]">
        <ClassTree chosen={search.class} />
        <CiList search={search} />
      </div>
    </>
  );
}

function CiList({ search }: { search: CisSearch }) {
  const t = useT();
  const navigate = useNavigate({ from: '/cis' });
  const set = (change: Partial<CisSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const list = useInfiniteQuery(cisQuery(search));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items), [list.data]);
  const total = list.data?.pages[0]?.total;
  const columns = useColumns(search.class);
  const { class: ofClass, ...filters } = search;
  const filtered = Object.values(filters).some((value) => value !== undefined);
  const clear = () => void navigate({ search: { class: ofClass }, replace: true });
  const label = t('shell.nav.cis');
  return (
    <div className="min-w-0">
      <div className="no-print flex flex-wrap items-center gap-2">
        <ClassSelect chosen={search.class} />
        <FilterBox
          key={search.q === undefined ? 'empty' : 'filled'}
          q={search.q ?? ''}
          onChange={(q) => set({ q })}
        />
        <Facets search={search} set={set} />
        {filtered && (
          <Button look="quiet" onClick={clear}>
            {t('ui.clearFilters')}
          </Button>
        )}
        <span className="ml-auto max-tablet:hidden">
          <ExportButton search={search} columns={columns} total={total} />
        </span>
      </div>
      <section aria-label={label} aria-busy={list.isPlaceholderData} className="card mt-3 overflow-clip">
        <p role="status" className="flex min-h-9 items-center px-4 py-1 text-12 text-text-2">
          {rows === undefined || total === undefined ? t('ui.loading') : t('cmdb.count', { count: total })}
        </p>
        {rows === undefined ? (
          list.error ? (
            <div className="px-4">
              <ErrorPanel error={list.error} retry={() => void list.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={12} />
          )
        ) : (
          <>
            <DataTable
              label={label}
              rows={rows}
              rowId={(ci) => ci.id}
              columns={columns}
              narrowRow={(ci) => <NarrowRow ci={ci} />}
              empty={<Nothing filtered={filtered} search={search} clear={clear} />}
            />
            {list.error && (
              <div className="border-t border-line px-4">
                <ErrorPanel error={list.error} retry={() => void list.fetchNextPage()} />
              </div>
            )}
            <MoreRows
              shown={rows.length}
              total={total ?? rows.length}
              more={list.hasNextPage && !list.isPlaceholderData}
              busy={list.isFetchingNextPage}
              onMore={() => void list.fetchNextPage()}
            />
          </>
        )}
      </section>
    </div>
  );
}

/** Asks the server once the typing pauses. */
function FilterBox({ q, onChange }: { q: string; onChange: (q: string | undefined) => void }) {
  const t = useT();
  const [text, setText] = useState(q);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    if (text === q) return;
    const timer = window.setTimeout(() => latest.current(text === '' ? undefined : text), TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text, q]);
  return <SearchField label={t('cmdb.filter')} value={text} onChange={setText} shortcut={<Key>/</Key>} />;
}

function Nothing({ filtered, search, clear }: { filtered: boolean; search: CisSearch; clear: () => void }) {
  const t = useT();
  if (!filtered)
    return <EmptyState>{t(isPartClass(search.class) ? 'cmdb.noParts' : 'cmdb.noMachines')}</EmptyState>;
  return (
    <EmptyState action={<Button onClick={clear}>{t('ui.clearFilters')}</Button>}>
      {t('cmdb.noneMatch')}
    </EmptyState>
  );
}

/** The next page comes before the reader is at the end of this one; the button serves those who do not scroll. */
function MoreRows({
  shown,
  total,
  more,
  busy,
  onMore,
}: {
  shown: number;
  total: number;
  more: boolean;
  busy: boolean;
  onMore: () => void;
}) {
  const t = useT();
  const language = useLanguage();
  const end = useRef<HTMLDivElement>(null);
  const load = useRef(onMore);
  useEffect(() => {
    load.current = onMore;
  });
  useEffect(() => {
    const element = end.current;
    if (element === null || !more || busy) return;
    const watch = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && load.current(),
      { rootMargin: '900px' },
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, [more, busy, shown]);
  if (shown === 0) return null;
  return (
    <div
      ref={end}
      className="flex min-h-10 items-center justify-between gap-3 border-t border-line px-4 py-1.5 text-12 text-text-3"
    >
      <span>
        {t('cmdb.shown', {
          shown: formatNumber(shown, 0, language),
          total: formatNumber(total, 0, language),
        })}
      </span>
      {more && (
        <Button size="small" disabled={busy} onClick={onMore} className="no-print">
          {t(busy ? 'ui.loading' : 'cmdb.more')}
        </Button>
      )}
    </div>
  );
}

export interface CiColumn extends Column<CiSummary> {
  readonly text: (ci: CiSummary) => string;
}

function useColumns(ciClass: CiClass | undefined): CiColumn[] {
  const t = useT();
  const language = useLanguage();
  const words = useWords();
  return useMemo(() => {
    const classWord = (name: string) => (isCiClass(name) ? words(CI_CLASSES[name].title) : name);
    const lifecycle = (ci: CiSummary) => valueText('Server', 'lifecycle', ci.lifecycle, t, language);
    const plain = (
      id: string,
      header: string,
      text: (ci: CiSummary) => string | null,
      more: Partial<CiColumn>,
    ): CiColumn => ({
      id,
      header,
      text: (ci) => text(ci) ?? '',
      cell: (ci) => <span className="text-text-2">{text(ci) ?? ABSENT}</span>,
      widthPx: 110,
      priority: 5,
      ...more,
    });
    const isPart = isPartClass(ciClass);
    return [
      plain('name', t('cmdb.name'), (ci) => ci.name, {
        cell: (ci) => <CiName ci={ci} />,
        widthPx: 190,
        grow: 2,
        priority: 1,
      }),
      ...(isPart
        ? [
            plain('machine', t('cmdb.machine'), (ci) => ci.machine?.name ?? null, {
              cell: (ci) => <MachineLink ci={ci} />,
              widthPx: 150,
              grow: 1,
              priority: 2,
            }),
          ]
        : []),
      ...(ciClass === undefined
        ? [plain('class', t('cmdb.class'), (ci) => classWord(ci.class), { widthPx: 100, priority: 3 })]
        : []),
      ...(isPart
        ? []
        : [
            plain('state', t('machines.column.state'), (ci) => t(PRESENCE_LOOKS[ci.state].word), {
              cell: (ci) => <StatusBadge look={PRESENCE_LOOKS[ci.state]} />,
              widthPx: 100,
              priority: 3,
            }),
          ]),
      ...listFieldsOf(ciClass).map(({ name, widthPx, priority, look }) =>
        fieldColumn(name, ciClass ?? 'Server', t, language, { widthPx, priority, look }),
      ),
      plain('lifecycle', t('cmdb.lifecycle'), lifecycle, { widthPx: 96, priority: isPart ? 8 : 4 }),
      plain('site', t('cmdb.site'), ({ site }) => site, { widthPx: 110, priority: 6, grow: 1 }),
      plain('evidence', t('cmdb.evidence'), (ci) => ci.evidenceAt ?? null, {
        cell: (ci) => <Evidence at={ci.evidenceAt ?? null} />,
        align: 'right',
        widthPx: 112,
        priority: 2,
      }),
    ];
  }, [t, language, words, ciClass]);
}

function fieldColumn(
  name: string,
  ciClass: CiClass,
  t: Translate,
  language: ReturnType<typeof useLanguage>,
  { widthPx, priority, look }: { widthPx: number; priority: number; look: 'mono' | 'right' | undefined },
): CiColumn {
  const text = (ci: CiSummary) => {
    const value = ci.attributes?.[name];
    return value === undefined || value === null ? '' : valueText(ci.class, name, value, t, language);
  };
  return {
    id: name,
    header: valueTitle(ciClass, name, t, language),
    text,
    cell: (ci) => (
      <span title={text(ci)} className={cx('text-text-2', look === 'mono' && 'font-mono text-12')}>
        {text(ci) || ABSENT}
      </span>
    ),
    widthPx,
    priority,
    grow: look === 'right' ? 0 : 1,
    ...(look === 'right' ? { align: 'right' as const } : {}),
  };
}

function CiName({ ci }: { ci: CiSummary }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Icon name={ciIcon(ci.class)} className="text-text-3" />
      <Link
        to="/cis/$id"
        params={{ id: ci.id }}
        data-row-link=""
        title={ci.name}
        className="min-w-0 truncate font-medium hover:text-accent"
      >
        {ci.name}
      </Link>
    </span>
  );
}

function MachineLink({ ci }: { ci: CiSummary }) {
  return (
    ci.machine && (
      <Link to="/cis/$id" params={{ id: ci.machine.id }} className="text-text-2 hover:text-accent">
        {ci.machine.name}
      </Link>
    )
  );
}

/** Age of the last report that confirmed it. */
export function Evidence({ at }: { at: string | null }) {
  const t = useT();
  const now = useNow(60_000);
  if (at === null) return <span className="text-text-3">{t('time.never')}</span>;
  const ageMs = now - millis(at);
  const stale = ageMs > EVIDENCE_STALE_MS;
  // Beyond an hour its minutes say nothing.
  const roundedMs = ageMs < HOUR_MS ? ageMs : ageMs - (ageMs % (ageMs < DAY_MS ? HOUR_MS : DAY_MS));
  return (
    <time
      dateTime={at}
      className={cx('inline-flex items-center gap-1', stale ? 'text-warn-fg' : 'text-text-3')}
    >
      {stale && <Glyph name="triangle" />}
      {agoText(now - roundedMs, now, t)}
    </time>
  );
}

function NarrowRow({ ci }: { ci: CiSummary }) {
  const t = useT();
  const language = useLanguage();
  const facts = [
    ci.machine?.name,
    ...listFieldsOf(isCiClass(ci.class) ? ci.class : undefined).map(({ name }) => {
      const value = ci.attributes?.[name];
      return value == null ? undefined : valueText(ci.class, name, value, t, language);
    }),
    ci.site,
  ].filter((fact) => fact && fact !== ci.name);
  return (
    <Link
      to="/cis/$id"
      params={{ id: ci.id }}
      data-row-link=""
      className="flex h-full min-w-0 flex-col justify-center gap-1"
    >
      <span className="flex min-w-0 items-center gap-2">
        <Icon name={ciIcon(ci.class)} className="text-text-3" />
        <span className="min-w-0 flex-1 truncate font-medium">{ci.name}</span>
        <span className="flex-none text-12">
          <Evidence at={ci.evidenceAt ?? null} />
        </span>
      </span>
      <span className="truncate text-12 text-text-3">{facts.join(' · ')}</span>
    </Link>
  );
}
