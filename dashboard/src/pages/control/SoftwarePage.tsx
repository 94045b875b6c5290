/** Software over all machines: products, what may be installed, licences. */
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { SoftwareProduct } from '@muster/shared/api/software.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { useControlErrorWords, useControlMutation } from '../../parts/controlQueries.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { CsvButton } from '../../ui/CsvButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { saveCsv } from '../../util/csv.ts';
import { dateText, millis } from '../../util/time.ts';
import { LicencesTab } from './LicencesTab.tsx';
import { installsQuery, productQuery, productsQuery, readAllProducts } from './queries.ts';
import { ProductPicker } from './ProductPicker.tsx';
import { RulesTab } from './RulesTab.tsx';
import type { SoftwareSearch } from './search.ts';

const SORTS = ['installs', 'name', 'outdated', 'versions'] as const;

export function SoftwarePage() {
  const t = useT();
  usePageTitle(t('shell.nav.software'));
  const search = useSearch({ from: `/app${'/software'}` });
  const navigate = useNavigate({ from: '/software' });
  const set = (change: Partial<SoftwareSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const { tab, open } = search;
  return (
    <>
      <h1>{t('shell.nav.software')}</h1>
      <div className="no-print mt-3">
        <Segmented
          label={t('control.software.tabs')}
          value={tab ?? 'products'}
          options={(['products', 'rules', 'licences'] as const).map((value) => ({
            value,
            label: t(`control.software.tab.${value}`),
          }))}
          onChange={(value) => set({ tab: value === 'products' ? undefined : value, open: undefined })}
        />
      </div>
      <div className="mt-3 grid gap-3">
        {tab === 'rules' ? (
          <RulesTab />
        ) : tab === 'licences' ? (
          <LicencesTab open={open} onOpen={(id) => set({ open: id })} />
        ) : (
          <>
            {open !== undefined && <ProductCard id={open} onClose={() => set({ open: undefined })} />}
            <Products search={search} set={set} />
          </>
        )}
      </div>
    </>
  );
}

function Products({
  search,
  set,
}: {
  search: SoftwareSearch;
  set: (change: Partial<SoftwareSearch>) => void;
}) {
  const t = useT();
  const language = useLanguage();
  const products = useInfiniteQuery({
    ...productsQuery(search),
    refetchInterval: (query) => (query.state.data?.pages[0]?.counting ? 3_000 : false),
  });
  const rows = useMemo(() => products.data?.pages.flatMap(({ items }) => items), [products.data]);
  const [first] = products.data?.pages ?? [];
  const save = async () =>
    saveCsv('software.csv', [
      ['name', 'publisher', 'sources', 'installs', 'versions', 'newest', 'outdated', 'first seen'],
      ...(await readAllProducts(search)).map((one) => [
        one.name,
        one.publisher,
        one.sources.join(' '),
        one.installs,
        one.versions,
        one.newest,
        one.outdated,
        one.firstSeenAt,
      ]),
    ]);
  return (
    <section className="card overflow-clip" aria-label={t('control.software.tab.products')}>
      <div className="no-print flex flex-wrap items-end gap-x-4 gap-y-2 px-4 py-2.5">
        <PausedSearch
          label={t('control.software.filter')}
          value={search.q}
          onChange={(q) => set({ q })}
          withKey
        />
        <SelectField
          label={t('control.software.sort')}
          value={search.sort ?? 'installs'}
          options={SORTS.map((value) => ({ value, label: t(`control.software.${value}`) }))}
          onChange={(sort) => set({ sort: sort === 'installs' ? undefined : sort })}
        />
        <CheckField
          label={t('control.software.onlyOutdated')}
          checked={search.outdated === '1'}
          onChange={(event) => set({ outdated: event.target.checked ? '1' : undefined })}
        />
        <span role="status" className="ml-auto text-12 text-text-3">
          {first && t('control.software.count', { count: first.total })}
          {first?.counting && ` · ${t('control.software.counting', first.counting)}`}
        </span>
        <CsvButton save={save} disabled={!rows?.length} />
      </div>
      {rows === undefined ? (
        products.error ? (
          <div className="px-4">
            <ErrorPanel error={products.error} retry={() => void products.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={8} />
        )
      ) : rows.length === 0 ? (
        <EmptyState>{t('control.software.none')}</EmptyState>
      ) : (
        <PlainTable
          label={t('control.software.tab.products')}
          head={[
            { id: 'name', label: t('control.software.name') },
            { id: 'installs', label: t('control.software.installs'), align: 'right' },
            { id: 'newest', label: t('control.software.newest'), className: 'max-tablet:hidden' },
            {
              id: 'versions',
              label: t('control.software.versions'),
              align: 'right',
              className: 'max-tablet:hidden',
            },
            { id: 'outdated', label: t('control.software.outdated'), align: 'right' },
            { id: 'first', label: t('control.software.firstSeen'), className: 'max-tablet:hidden' },
          ]}
        >
          {rows.map((one) => (
            <tr key={one.id} className="hover:bg-hover">
              <td className="max-w-80">
                <button
                  type="button"
                  className="block max-w-full truncate text-left font-medium hover:text-accent coarse:min-h-11"
                  onClick={() => set({ open: one.id })}
                >
                  {one.name}
                </button>
                <span className="block truncate text-12 text-text-3">
                  {[one.publisher, one.sources.join(', ')].filter(Boolean).join(' · ')}
                </span>
              </td>
              <td className="text-right">{one.installs}</td>
              <td className="max-w-48 truncate max-tablet:hidden">{one.newest}</td>
              <td className="text-right max-tablet:hidden">{one.versions}</td>
              <td
                className={
                  one.outdated > 0 ? 'text-right font-medium text-warn-fg' : 'text-right text-text-3'
                }
              >
                {one.outdated}
              </td>
              <td className="text-text-2 max-tablet:hidden">{dateText(millis(one.firstSeenAt), language)}</td>
            </tr>
          ))}
        </PlainTable>
      )}
      {rows !== undefined && <MorePages pages={products} label={t('control.older')} />}
    </section>
  );
}

function ProductCard({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useT();
  const language = useLanguage();
  const product = useQuery(productQuery(id));
  const installs = useInfiniteQuery(installsQuery(id));
  const rows = installs.data?.pages.flatMap(({ items }) => items);
  const refusal = useActionRefusal('cis.write');
  const [asking, setAsking] = useState<'name' | 'merge' | null>(null);
  const one = product.data;
  return (
    <Card
      title={one?.name ?? t('ui.loading')}
      note={one?.publisher}
      flush
      action={
        <>
          <Button size="small" disabledReason={refusal} onClick={() => setAsking('name')}>
            {t('control.software.rename')}
          </Button>
          <Button size="small" disabledReason={refusal} onClick={() => setAsking('merge')}>
            {t('control.software.merge')}
          </Button>
          <Button size="small" look="quiet" icon="close" onClick={onClose}>
            {t('ui.close')}
          </Button>
        </>
      }
    >
      {product.error && (
        <div className="px-4">
          <ErrorPanel error={product.error} retry={() => void product.refetch()} />
        </div>
      )}
      {one && <Merged product={one} />}
      {one && (
        <PlainTable
          label={t('control.software.versions')}
          head={[
            { id: 'version', label: t('control.software.version') },
            { id: 'family', label: t('control.software.family') },
            { id: 'installs', label: t('control.software.installs'), align: 'right' },
          ]}
        >
          {one.byVersion.slice(0, 12).map(({ version, family, installs: count, newest }) => (
            <tr key={`${family} ${version}`}>
              <td className={newest ? 'font-medium' : 'text-warn-fg'}>{version}</td>
              <td className="text-text-2">{family}</td>
              <td className="text-right">{count}</td>
            </tr>
          ))}
        </PlainTable>
      )}
      {rows === undefined ? (
        installs.error ? (
          <div className="px-4">
            <ErrorPanel error={installs.error} retry={() => void installs.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )
      ) : (
        <PlainTable
          label={t('control.software.machines')}
          head={[
            { id: 'ci', label: t('control.software.machine') },
            { id: 'version', label: t('control.software.version') },
            { id: 'source', label: t('control.software.source'), className: 'max-tablet:hidden' },
            { id: 'seen', label: t('control.software.lastSeen'), className: 'max-tablet:hidden' },
            { id: 'used', label: t('control.software.lastUsed'), className: 'max-tablet:hidden' },
          ]}
        >
          {rows.map((row) => (
            <tr key={`${row.ci.id} ${row.package}`}>
              <td>
                <Link
                  to="/machines/$id/software"
                  params={{ id: row.ci.id }}
                  className="font-medium hover:text-accent"
                >
                  {row.ci.name}
                </Link>
              </td>
              <td>{row.version}</td>
              <td className="text-text-2 max-tablet:hidden">
                {row.source} · {row.package}
              </td>
              <td className="text-text-2 max-tablet:hidden">
                {row.lastSeenAt ? dateText(millis(row.lastSeenAt), language) : '–'}
              </td>
              <td className="text-text-3 max-tablet:hidden">
                {row.lastUsedAt ? dateText(millis(row.lastUsedAt), language) : t('control.software.notKnown')}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      <MorePages pages={installs} label={t('control.older')} />
      {one && asking === 'name' && <RenameDialog product={one} onClose={() => setAsking(null)} />}
      {one && asking === 'merge' && <MergeDialog product={one} onClose={() => setAsking(null)} />}
    </Card>
  );
}

function useMerge() {
  return useControlMutation(({ id, into }: { id: string; into: string | null }) =>
    call(ENDPOINTS.mergeSoftware, { params: { id }, body: { into } }),
  );
}

function Merged({ product }: { product: SoftwareProduct }) {
  const t = useT();
  const merge = useMerge();
  const words = useControlErrorWords();
  const refusal = useActionRefusal('cis.write');
  if (product.merged.length === 0) return null;
  return (
    <p className="flex flex-wrap items-center gap-2 px-4 pb-2 text-12 text-text-3">
      {t('control.software.mergedCount', { count: product.merged.length })}
      {product.merged.map(({ id, name }) => (
        <Button
          key={id}
          size="small"
          disabledReason={refusal}
          onClick={() => merge.mutate({ id, into: null }, { onError: (error) => say(words(error)) })}
        >
          {t('control.software.unmerge', { name })}
        </Button>
      ))}
    </p>
  );
}

function RenameDialog({ product, onClose }: { product: SoftwareProduct; onClose: () => void }) {
  const t = useT();
  const [name, setName] = useState(product.name);
  const rename = useControlMutation((to: string | null) =>
    call(ENDPOINTS.nameSoftware, { params: { id: product.id }, body: { name: to } }),
  );
  return (
    <AskDialog
      title={t('control.software.rename')}
      text={t('control.software.renameText')}
      button={t('control.save')}
      right="cis.write"
      state={rename}
      onClose={onClose}
      onSubmit={() => rename.mutate(name.trim() || null, { onSuccess: onClose })}
    >
      <TextField
        label={t('control.software.name')}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.target.value)}
      />
    </AskDialog>
  );
}

function MergeDialog({ product, onClose }: { product: SoftwareProduct; onClose: () => void }) {
  const t = useT();
  const merge = useMerge();
  const back = useMerge();
  const [into, setInto] = useState<{ id: string; name: string } | null>(null);
  return (
    <AskDialog
      title={t('control.software.mergeTitle', { name: product.name })}
      text={t('control.software.mergeText')}
      button={t('control.software.merge')}
      right="cis.write"
      ready={into !== null && into.id !== product.id}
      state={merge}
      onClose={onClose}
      onSubmit={() =>
        into &&
        merge.mutate(
          { id: product.id, into: into.id },
          {
            onSuccess: () => {
              say(t('control.software.mergeDone', { name: into.name }), {
                label: t('ui.undo'),
                onPress: () => back.mutate({ id: product.id, into: null }),
              });
              onClose();
            },
          },
        )
      }
    >
      <ProductPicker label={t('control.software.mergeInto')} value={into} onChange={setInto} />
    </AskDialog>
  );
}
