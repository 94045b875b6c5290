/** What was bought: user, place, age, warranty and value; and what is handed out. */
import { ASSET_FILTERS } from '@muster/shared/api/choices.ts';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { type AssetRow } from '@muster/shared/api/assets.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { classTitle } from '../../parts/attributes.ts';
import { LabelLine } from '../../parts/LabelLine.tsx';
import { TableButton } from '../../parts/TableButton.tsx';
import { valueText } from '../../parts/valueWords.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { ABSENT, formatNumber } from '../../util/quantity.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { Waiting } from './Waiting.tsx';
import { assetsQuery, assignmentsQuery, readAllAssets, readAllAssignments } from './queries.ts';
import type { AssetsSearch } from './search.ts';

export function AssetsPage() {
  const t = useT();
  const title = t('shell.nav.assets');
  usePageTitle(title);
  const search = useSearch({ from: `/app${'/assets'}` });
  const navigate = useNavigate({ from: '/assets' });
  const set = (change: Partial<AssetsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const handed = search.filter === 'out' || search.filter === 'overdue';
  return (
    <>
      <PrintHeader title={title} purpose={t('assets.list.purpose')} source={t('assets.list.source')} />
      <div className="flex flex-wrap items-center gap-2 print:hidden">
        <h1 className="mr-auto">{title}</h1>
        <Link to="/locations" className={buttonClass()}>
          {t('shell.nav.locations')}
        </Link>
        <Link to="/stocktakes" className={buttonClass()}>
          {t('assets.count.title')}
        </Link>
        <Link to="/scan" className={buttonClass()}>
          {t('assets.scan.title')}
        </Link>
      </div>
      <div className="no-print mt-3 flex flex-wrap items-center gap-2">
        {!handed && (
          <PausedSearch
            label={t('assets.list.filter')}
            value={search.q}
            onChange={(q) => set({ q })}
            withKey
          />
        )}
        <SelectLine
          label={t('assets.list.which')}
          value={search.filter ?? 'all'}
          options={(['all', ...ASSET_FILTERS, 'out', 'overdue'] as const).map((value) => ({
            value,
            label: t(`assets.list.of.${value}`),
          }))}
          onChange={(value) => set({ filter: value === 'all' ? undefined : value })}
        />
        {!handed && <LabelLine label={search.label} onChange={(label) => set({ label })} />}
      </div>
      {handed ? (
        <Handed state={search.filter === 'overdue' ? 'overdue' : 'open'} />
      ) : (
        <Bought search={search} />
      )}
    </>
  );
}

function Bought({ search: { filter, q, label } }: { search: AssetsSearch }) {
  const t = useT();
  const language = useLanguage();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const query = {
    ...(filter === undefined || filter === 'out' || filter === 'overdue' ? {} : { filter }),
    ...(q ? { q } : {}),
    ...(label ? { label } : {}),
  };
  const list = useQuery(assetsQuery(query));
  if (list.data === undefined) return <Waiting error={list.error} retry={() => void list.refetch()} />;
  const { items, total } = list.data;
  const ids = chosen.length > 0 ? chosen : items.slice(0, 100).map(({ id }) => id);
  return (
    <Card
      className="mt-3"
      title={t('assets.list.count', { count: total })}
      flush
      action={
        <>
          {items.length > 0 && (
            <Link to="/labels" search={{ ids: ids.join(',') }} className={buttonClass()}>
              {t('assets.labels.for', { count: ids.length })}
            </Link>
          )}
          <TableButton
            name="muster-assets"
            disabled={total === 0}
            rows={async () => tableOf(await readAllAssets(query), t, language)}
          />
        </>
      }
    >
      {items.length === 0 ? (
        <EmptyState
          action={
            <Link to="/imports" className={buttonClass()}>
              {t('shell.nav.imports')}
            </Link>
          }
        >
          {t(filter || q || label ? 'assets.list.noneMatch' : 'assets.list.none')}
        </EmptyState>
      ) : (
        <PlainTable
          label={t('shell.nav.assets')}
          head={[
            { id: 'choose', label: t('assets.list.choose'), className: 'no-print' },
            { id: 'number', label: t('assets.number') },
            { id: 'name', label: t('assets.name') },
            { id: 'class', label: t('assets.class'), className: 'max-tablet:hidden' },
            { id: 'lifecycle', label: t('assets.lifecycle'), className: 'max-tablet:hidden' },
            { id: 'user', label: t('assets.user') },
            { id: 'location', label: t('assets.location'), className: 'max-desk:hidden' },
            { id: 'warranty', label: t('assets.warranty'), align: 'right', className: 'max-tablet:hidden' },
            { id: 'value', label: t('assets.value'), align: 'right', className: 'max-desk:hidden' },
          ]}
        >
          {items.map((row) => (
            <tr key={row.id}>
              <td className="no-print">
                <input
                  type="checkbox"
                  aria-label={t('assets.list.chooseOne', { name: row.name })}
                  checked={chosen.includes(row.id)}
                  onChange={() =>
                    setChosen(
                      chosen.includes(row.id) ? chosen.filter((id) => id !== row.id) : [...chosen, row.id],
                    )
                  }
                  className="size-4 accent-accent-solid"
                />
              </td>
              <td className="font-mono text-12 whitespace-nowrap">{row.assetNumber ?? ABSENT}</td>
              <td>
                <Link
                  to="/cis/$id"
                  params={{ id: row.id }}
                  search={{ tab: 'asset' }}
                  className="font-medium hover:text-accent"
                >
                  {row.name}
                </Link>
                {row.model !== null && <span className="block text-12 text-text-3">{row.model}</span>}
              </td>
              <td className="text-text-2 max-tablet:hidden">
                {classTitle(row.subclass ?? row.class, language)}
              </td>
              <td className="text-text-2 max-tablet:hidden">
                {valueText('', 'lifecycle', row.lifecycle, t, language)}
              </td>
              <td className="text-text-2">{row.user?.name ?? ABSENT}</td>
              <td className="text-text-2 max-desk:hidden">{row.location?.name ?? row.site ?? ABSENT}</td>
              <td className="text-right max-tablet:hidden">
                <Warranty days={row.warrantyDays} />
              </td>
              <td className="text-right whitespace-nowrap max-desk:hidden">
                {row.value === null
                  ? ABSENT
                  : `${formatNumber(row.value, 2, language)} ${row.currency ?? ''}`}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {items.length < total && (
        <p className="border-t border-line px-4 py-2 text-12 text-text-3">
          {t('assets.list.first', { count: items.length })}
        </p>
      )}
    </Card>
  );
}

export function Warranty({ days }: { days: number | null }) {
  const t = useT();
  if (days === null) return ABSENT;
  if (days < 0) return <span className="text-crit-fg">{t('assets.warrantyOver', { count: -days })}</span>;
  return (
    <span className={days <= 90 ? 'text-warn-fg' : 'text-text-2'}>
      {t('assets.warrantyLeft', { count: days })}
    </span>
  );
}

function tableOf(
  rows: readonly AssetRow[],
  t: ReturnType<typeof useT>,
  language: ReturnType<typeof useLanguage>,
): (string | number | null)[][] {
  return [
    [
      t('assets.number'),
      t('assets.name'),
      t('assets.class'),
      t('assets.serial'),
      t('assets.model'),
      t('assets.lifecycle'),
      t('assets.user'),
      t('assets.location'),
      t('assets.site'),
      t('assets.bought'),
      t('assets.warrantyUntil'),
      t('assets.supplier'),
      t('assets.cost'),
      t('assets.currency'),
      t('assets.value'),
    ],
    ...rows.map((row) => [
      row.assetNumber,
      row.name,
      classTitle(row.subclass ?? row.class, language),
      row.serial,
      row.model,
      valueText('', 'lifecycle', row.lifecycle, t, language),
      row.user?.name ?? null,
      row.location?.name ?? null,
      row.site,
      row.purchaseDate,
      row.warrantyEnd,
      row.supplier,
      row.cost,
      row.currency,
      row.value,
    ]),
  ];
}

function Handed({ state }: { state: 'open' | 'overdue' }) {
  const t = useT();
  const language = useLanguage();
  const list = useQuery(assignmentsQuery(state));
  if (list.data === undefined) return <Waiting error={list.error} retry={() => void list.refetch()} />;
  const { items } = list.data;
  const day = (at: string) => dateTimeText(millis(at), language, false);
  return (
    <Card
      className="mt-3"
      title={t(`assets.list.of.${state === 'open' ? 'out' : 'overdue'}`)}
      note={items.length}
      flush
      action={
        <TableButton
          name="muster-assignments"
          disabled={items.length === 0}
          rows={async () => [
            [t('assets.number'), t('assets.name'), t('assets.user'), t('assets.handedOn'), t('assets.due')],
            ...(await readAllAssignments(state)).map(({ ci, person, at, due }) => [
              ci.assetNumber,
              ci.name,
              person.name,
              at,
              due,
            ]),
          ]}
        />
      }
    >
      {items.length === 0 ? (
        <EmptyState>
          {t(state === 'open' ? 'assets.list.nothingOut' : 'assets.list.nothingOverdue')}
        </EmptyState>
      ) : (
        <PlainTable
          label={t('assets.list.of.out')}
          head={[
            { id: 'thing', label: t('assets.name') },
            { id: 'user', label: t('assets.user') },
            { id: 'at', label: t('assets.handedOn'), className: 'max-tablet:hidden' },
            { id: 'due', label: t('assets.due'), align: 'right' },
          ]}
        >
          {items.map((item) => (
            <tr key={item.id}>
              <td>
                <Link
                  to="/cis/$id"
                  params={{ id: item.ci.id }}
                  search={{ tab: 'asset' }}
                  className="font-medium hover:text-accent"
                >
                  {item.ci.name}
                </Link>
              </td>
              <td>{item.person.name}</td>
              <td className="text-text-2 max-tablet:hidden">{day(item.at)}</td>
              <td className="text-right">{item.due ?? ABSENT}</td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Card>
  );
}
