/** What is different: between two dates, to a baseline, or on single machines among their peers. */
import { DRIFT_KINDS } from '@muster/shared/api/choices.ts';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { type DriftItem, type PeerItem } from '@muster/shared/api/history.ts';
import { RELATION_TYPES, type RelationType } from '@muster/shared/cmdb/relation-types.ts';
import { DRIFT_IGNORED, PEER_IGNORED } from '@muster/shared/history/drift.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { DAY_MS, toIso } from '@muster/shared/time.ts';
import { ciQuery } from '../../api/queries.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { CsvButton } from '../../ui/CsvButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { saveCsv } from '../../util/csv.ts';
import { dateTimeText, millis, startOfDay } from '../../util/time.ts';
import { HistoryTabs } from './HistoryTabs.tsx';
import { MomentField } from './MomentField.tsx';
import { baselinesQuery, driftQuery, modelsQuery, peersQuery } from './queries.ts';
import { DRIFT_MODES, type DriftSearch } from './search.ts';

const CSV_PAGES_MAX = 40;
type Set = (change: Partial<DriftSearch>) => void;

export function DriftPage() {
  const t = useT();
  const asked = useSearch({ from: `/app${'/drift'}` });
  const navigate = useNavigate({ from: '/drift' });
  const set: Set = (change) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const title = t('history.drift.title');
  usePageTitle(title);
  const [openedMs] = useState(useNow(60_000));
  const mode = asked.mode ?? 'dates';
  const search: DriftSearch =
    mode === 'dates' ? { ...asked, from: asked.from ?? toIso(startOfDay(openedMs) - 7 * DAY_MS) } : asked;
  return (
    <>
      <PrintHeader title={title} purpose={t('history.print.purpose')} source={t('history.print.source')} />
      <h1 className="print:hidden">{title}</h1>
      <HistoryTabs />
      <div className="no-print mt-3 flex flex-wrap items-center gap-2">
        <Segmented
          label={t('history.drift.mode')}
          value={mode}
          options={DRIFT_MODES.map((value) => ({ value, label: t(`history.drift.modes.${value}`) }))}
          onChange={(value) => set({ mode: value === 'dates' ? undefined : value, kind: undefined })}
        />
        {mode === 'dates' && (
          <>
            <MomentField
              label={t('history.drift.from')}
              value={search.from}
              onChange={(from) => set({ from })}
            />
            <MomentField label={t('history.drift.to')} value={search.to} onChange={(to) => set({ to })} />
          </>
        )}
        {mode === 'baseline' ? (
          <BaselineChoice value={search.baseline} set={set} />
        ) : (
          search.ids === undefined && <GroupChoice search={search} set={set} />
        )}
        {search.ids !== undefined && mode !== 'peers' && (
          <OnlyThese ids={search.ids} clear={() => set({ ids: undefined })} />
        )}
        <span className="flex w-full tablet:w-64">
          <PausedSearch
            label={t('history.drift.filter')}
            value={search.q}
            onChange={(q) => set({ q })}
            withKey
          />
        </span>
        <span className="flex w-full items-center gap-2 text-12 text-text-2 tablet:w-96">
          <span aria-hidden="true" className="flex-none">
            {t('history.drift.ignored')}
          </span>
          <PausedSearch
            label={t('history.drift.ignored')}
            value={search.ignore ?? (mode === 'peers' ? PEER_IGNORED : DRIFT_IGNORED).join(', ')}
            // An empty list leaves out nothing; no list is the usual one.
            onChange={(ignore) => set({ ignore: ignore ?? '–' })}
          />
        </span>
      </div>
      {mode === 'peers' ? (
        <Peers search={search} set={set} />
      ) : mode === 'baseline' && search.baseline === undefined ? (
        <Card className="mt-3">
          <EmptyState>{t('history.drift.chooseBaseline')}</EmptyState>
        </Card>
      ) : (
        <Drift search={search} set={set} />
      )}
    </>
  );
}

function OnlyThese({ ids, clear }: { ids: string; clear: () => void }) {
  const t = useT();
  const [first = '', ...rest] = ids.split(',');
  const ci = useQuery(ciQuery(first));
  return (
    <Button onClick={clear} aria-label={t('history.feed.all')}>
      {rest.length === 0
        ? t('history.feed.oneCi', { name: ci.data?.name ?? first })
        : t('history.asOf.count', { count: rest.length + 1 })}
      <Icon name="close" size={14} />
    </Button>
  );
}

function BaselineChoice({ value, set }: { value: string | undefined; set: Set }) {
  const t = useT();
  const language = useLanguage();
  const list = useQuery(baselinesQuery);
  return (
    <SelectLine
      label={t('history.drift.baseline')}
      value={value ?? ''}
      options={[
        { value: '', label: '–' },
        ...(list.data?.items ?? []).map(({ id, name, at }) => ({
          value: id,
          label: `${name} (${dateTimeText(millis(at), language, false)})`,
        })),
      ]}
      onChange={(id) => set({ baseline: id === '' ? undefined : id })}
    />
  );
}

function GroupChoice({ search, set }: { search: DriftSearch; set: Set }) {
  const t = useT();
  const words = useWords();
  const models = useQuery(modelsQuery);
  const chosen = (value: string) => (value === '' ? undefined : value);
  return (
    <>
      <SelectLine
        label={t('history.drift.class')}
        value={search.class ?? ''}
        options={[
          { value: '', label: t('ui.any') },
          ...Object.entries(CI_CLASSES).map(([value, { title }]) => ({ value, label: words(title) })),
        ]}
        onChange={(value) => set({ class: chosen(value) })}
      />
      <SelectLine
        label={t('history.drift.model')}
        value={search.model ?? ''}
        options={[
          { value: '', label: t('history.drift.anyModel') },
          ...(models.data?.items ?? []).map(({ model, count }) => ({
            value: model,
            label: `${model} (${count})`,
          })),
        ]}
        onChange={(value) => set({ model: chosen(value) })}
      />
    </>
  );
}

function KindChips({
  counts,
  kind,
  set,
}: {
  counts: Partial<Record<(typeof DRIFT_KINDS)[number], number>> | undefined;
  kind: DriftSearch['kind'];
  set: Set;
}) {
  const t = useT();
  const all = counts && DRIFT_KINDS.reduce((sum, each) => sum + (counts[each] ?? 0), 0);
  return (
    <div className="no-print mt-3">
      <FilterChips
        label={t('history.drift.what')}
        all={{ label: t('ui.all'), count: all ?? null }}
        chips={DRIFT_KINDS.map((value) => ({
          value,
          label: t(`history.drift.kinds.${value}`),
          count: counts?.[value] ?? null,
        }))}
        chosen={kind === undefined ? [] : [kind]}
        onChange={(kinds) => set({ kind: kinds.find((each) => each !== kind) })}
      />
    </div>
  );
}

function Drift({ search, set }: { search: DriftSearch; set: Set }) {
  const t = useT();
  const language = useLanguage();
  const queries = useQueryClient();
  const answer = useInfiniteQuery(driftQuery(search));
  const first = answer.data?.pages[0];
  const rows = answer.data?.pages.flatMap(({ items }) => items) ?? [];
  const cells = useDriftWords();
  const head = ['item', 'what', 'before', 'after'] as const;
  const save = async () => {
    const all = await queries.fetchInfiniteQuery({
      ...driftQuery(search, LIST_LIMIT_MAX),
      pages: CSV_PAGES_MAX,
    });
    saveCsv('drift', [
      head.map((id) => t(`history.drift.${id}`)),
      ...all.pages.flatMap(({ items }) => items).map((item) => [item.ciName, ...cells(item)]),
    ]);
  };
  const { from, to } = search;
  const period = [from, to]
    .flatMap((at) => (at ? [dateTimeText(millis(at), language, false)] : []))
    .join(' – ');
  return (
    <>
      <KindChips counts={first?.counts} kind={search.kind} set={set} />
      <Card
        title={t('history.drift.title')}
        note={first && t('history.drift.sentence', { different: first.different, compared: first.compared })}
        action={<CsvButton save={save} disabled={rows.length === 0} />}
        flush
        className="mt-3"
      >
        {period !== '' && <p className="px-4 pb-2 text-12 text-text-3">{period}</p>}
        <Answer answer={answer} count={rows.length} search={search}>
          <PlainTable
            label={t('history.drift.title')}
            head={head.map((id) => ({ id, label: t(`history.drift.${id}`) }))}
          >
            {rows.map((item) => {
              const [what, before, after] = cells(item);
              return (
                <tr key={item.id}>
                  <td>
                    <Link
                      to="/cis/$id"
                      params={{ id: item.ciId }}
                      className="font-medium text-accent hover:underline"
                    >
                      {item.ciName}
                    </Link>
                  </td>
                  <td className="break-words">{what}</td>
                  <td className="break-words text-text-2">{before}</td>
                  <td className="font-medium break-words">{after}</td>
                </tr>
              );
            })}
          </PlainTable>
        </Answer>
      </Card>
    </>
  );
}

function Peers({ search, set }: { search: DriftSearch; set: Set }) {
  const t = useT();
  const queries = useQueryClient();
  const answer = useInfiniteQuery(peersQuery(search));
  const first = answer.data?.pages[0];
  const rows = answer.data?.pages.flatMap(({ items }) => items) ?? [];
  const words = usePeerWords();
  const head = ['what', 'majority', 'outliers'] as const;
  const save = async () => {
    const all = await queries.fetchInfiniteQuery({
      ...peersQuery(search, LIST_LIMIT_MAX),
      pages: CSV_PAGES_MAX,
    });
    saveCsv('peers', [
      head.map((id) => t(`history.drift.${id}`)),
      ...all.pages
        .flatMap(({ items }) => items)
        .map((item) => [
          words.what(item),
          words.value(item, item.majority),
          item.outliers
            .map(({ ciName, value }) => `${ciName}${t('ui.colon')}${words.value(item, value)}`)
            .join('; '),
        ]),
    ]);
  };
  return (
    <>
      <KindChips counts={first?.counts} kind={search.kind} set={set} />
      <Card
        title={t('history.drift.modes.peers')}
        note={first && t('history.drift.peerSentence', { count: first.compared })}
        action={<CsvButton save={save} disabled={rows.length === 0} />}
        flush
        className="mt-3"
      >
        <Answer answer={answer} count={rows.length} search={search}>
          <PlainTable
            label={t('history.drift.modes.peers')}
            head={head.map((id) => ({ id, label: t(`history.drift.${id}`) }))}
          >
            {rows.map((item) => (
              <tr key={item.id}>
                <td className="break-words">{words.what(item)}</td>
                <td className="break-words text-text-2">
                  {words.value(item, item.majority)} <span className="text-12">({item.majorityCount})</span>
                </td>
                <td>
                  <ul className="py-1">
                    {item.outliers.slice(0, OUTLIERS_SHOWN).map(({ ciId, ciName, value }) => (
                      <li key={ciId} className="break-words">
                        <Link to="/cis/$id" params={{ id: ciId }} className="text-accent underline">
                          {ciName}
                        </Link>{' '}
                        <span className="font-medium">{words.value(item, value)}</span>
                      </li>
                    ))}
                    {item.outlierCount > Math.min(OUTLIERS_SHOWN, item.outliers.length) && (
                      <li className="text-12 text-text-3">
                        {t('history.drift.moreOutliers', {
                          count: item.outlierCount - Math.min(OUTLIERS_SHOWN, item.outliers.length),
                        })}
                      </li>
                    )}
                  </ul>
                </td>
              </tr>
            ))}
          </PlainTable>
        </Answer>
      </Card>
    </>
  );
}
const OUTLIERS_SHOWN = 5;

function Answer({
  answer,
  count,
  search,
  children,
}: {
  answer: React.ComponentProps<typeof MorePages>['pages'] & { readonly data: unknown };
  count: number;
  search: DriftSearch;
  children: React.ReactNode;
}) {
  const t = useT();
  if (answer.data === undefined)
    return answer.error ? (
      <div className="px-4">
        <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
      </div>
    ) : (
      <SkeletonRows rows={10} />
    );
  if (count === 0)
    return (
      <EmptyState>{t(search.q || search.kind ? 'history.drift.noneMatch' : 'history.drift.none')}</EmptyState>
    );
  return (
    <>
      {children}
      <MorePages pages={answer} label={t('history.drift.more')} />
    </>
  );
}

function useDriftWords(): (item: DriftItem) => [string, string, string] {
  const words = usePeerWords();
  const t = useT();
  return (item) => [
    item.kind === 'attribute' && item.attribute === null ? t('history.drift.existence') : words.what(item),
    words.value(item, item.before),
    words.value(item, item.after),
  ];
}

function usePeerWords() {
  const t = useT();
  const language = useLanguage();
  type Of = Pick<PeerItem, 'kind' | 'thing' | 'thingClass' | 'attribute'>;
  return {
    what: ({ kind, thing, thingClass, attribute }: Of) => {
      if (kind === 'relation') {
        const types: Readonly<Record<string, RelationType>> = RELATION_TYPES;
        return `${types[attribute ?? '']?.title[language] ?? ''} ${thing ?? ''}`.trim();
      }
      return [
        thing === '' ? null : thing,
        kind === 'software' || attribute === null
          ? null
          : valueTitle(thingClass ?? 'Server', attribute, t, language),
      ]
        .filter((word) => word !== null)
        .join(' · ');
    },
    value: ({ thingClass, attribute }: Of, value: unknown) =>
      value === null || value === undefined || value === ''
        ? t('history.drift.nothing')
        : valueText(thingClass ?? 'Server', attribute ?? '', value, t, language),
  };
}
