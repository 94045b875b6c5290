/** The configuration items: classes at the left, those of one class at the right, filtered by the server. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef } from 'react';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import { classPair, type ClassRegistry } from '@muster/shared/cmdb/class-registry.ts';
import { isPartClass } from '@muster/shared/cmdb/classes.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { classTitle } from '../../parts/attributes.ts';
import { classSchemaQuery, useClassRegistry } from '../../parts/classSchema.ts';
import { valueText } from '../../parts/valueWords.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { formatNumber } from '../../util/quantity.ts';
import { Evidence, useColumns } from './ciColumns.tsx';
import { ciIcon, ClassSelect, ClassTree } from './ClassTree.tsx';
import { ExportButton } from './ExportButton.tsx';
import { Facets } from './Facets.tsx';
import { fieldsOf, listFieldsOf } from './listFields.ts';
import { NewCiDialog } from './NewCiDialog.tsx';
import { cisQuery } from './queries.ts';
import type { CisSearch } from './search.ts';

export function CisPage() {
  const t = useT();
  const language = useLanguage();
  // Titles of own classes are known once it is read.
  useClassRegistry();
  const search = useSearch({ from: `/app${'/cis'}` });
  const title = t('shell.nav.cis');
  usePageTitle(title);
  const subtitle = search.class === undefined ? t('cmdb.allMachines') : classTitle(search.class, language);
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
  const registry = useClassRegistry();
  const fields = useMemo(() => fieldsOf(search.class, registry), [search.class, registry]);
  const list = useInfiniteQuery(cisQuery(search, fields));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items), [list.data]);
  const total = list.data?.pages[0]?.total;
  const columns = useColumns(search.class);
  const refusal = useActionRefusal('cis.write');
  const { class: ofClass, new: made, ...filters } = search;
  const filtered = Object.values(filters).some((value) => value !== undefined);
  const clear = () => void navigate({ search: { class: ofClass }, replace: true });
  const label = t('shell.nav.cis');
  return (
    <div className="min-w-0">
      {made !== undefined && (
        <NewCiDialog
          className={newClassOf(ofClass, registry)}
          assetNumber={made || undefined}
          onClose={() => set({ new: undefined })}
        />
      )}
      <div className="no-print flex flex-wrap items-center gap-2">
        <ClassSelect chosen={search.class} />
        <div className="flex min-w-[220px] flex-1 tablet:max-w-60">
          <PausedSearch label={t('cmdb.filter')} value={search.q} onChange={(q) => set({ q })} withKey />
        </div>
        <span className="ml-auto flex gap-2">
          <Link to="/past" className={buttonClass()}>
            {t('history.asOf.open')}
          </Link>
          <Button icon="plus" disabledReason={refusal} onClick={() => set({ new: '' })}>
            {t('assets.newCi.button')}
          </Button>
        </span>
        <span className="max-tablet:hidden">
          <ExportButton search={search} fields={fields} columns={columns} total={total} />
        </span>
        <div className="flex w-full flex-wrap items-center gap-2">
          <Facets search={search} set={set} />
          {filtered && (
            <Button look="quiet" onClick={clear}>
              {t('ui.clearFilters')}
            </Button>
          )}
        </div>
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

/** Of the class that is shown; of what is found everywhere where nothing can be made of it. */
function newClassOf(name: string | undefined, registry: ClassRegistry): string {
  const isArchived = registry.classes.some((own) => own.name === name && own.archived);
  return name !== undefined && !isArchived && classPair(registry, name) ? name : 'Workstation';
}

function Nothing({ filtered, search, clear }: { filtered: boolean; search: CisSearch; clear: () => void }) {
  const t = useT();
  const language = useLanguage();
  const schema = useQuery(classSchemaQuery).data;
  if (search.class !== undefined && schema && schema.registry.baseOf(search.class) === null)
    return (
      <EmptyState
        action={
          <Link to="/cis" className={buttonClass()}>
            {t('cmdb.allMachines')}
          </Link>
        }
      >
        {t('cmdb.noSuchClass', { name: search.class })}
      </EmptyState>
    );
  if (!filtered) {
    if (search.class === undefined) return <EmptyState>{t('cmdb.noMachines')}</EmptyState>;
    return (
      <EmptyState>
        {isPartClass(search.class)
          ? t('cmdb.noParts')
          : t('cmdb.noneOfClass', { class: classTitle(search.class, language) })}
      </EmptyState>
    );
  }
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

function NarrowRow({ ci }: { ci: CiSummary }) {
  const t = useT();
  const language = useLanguage();
  const registry = useClassRegistry();
  const facts = [
    ci.machine?.name,
    ...listFieldsOf(ci.subclass ?? ci.class, registry).map(({ name }) => {
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
