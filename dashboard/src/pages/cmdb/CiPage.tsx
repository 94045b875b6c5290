/** One configuration item: what is known of it and from where, what it is made of and tied to, and how it came to be so. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import { isAssetClass, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { ApiError } from '../../api/client.ts';
import { ciQuery } from '../../api/queries.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { classSchemaQuery } from '../../parts/classSchema.ts';
import { ciLook } from '../../parts/ciLook.ts';
import { classTitle, isCiClass } from '../../parts/attributes.ts';
import { ConfigLabels } from '../../parts/ConfigLabels.tsx';
import { FindingList } from '../../parts/FindingList.tsx';
import { GlpiExportButton } from '../../parts/GlpiExportButton.tsx';
import { valueText } from '../../parts/valueWords.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { dateTimeText, millis } from '../../util/time.ts';
import { AssetTab } from './AssetTab.tsx';
import { AttributesTab } from './AttributesTab.tsx';
import { ciIcon } from './ClassTree.tsx';
import { HistoryTab } from './HistoryTab.tsx';
import { IdentityTab } from './IdentityTab.tsx';
import { ImpactTab } from './ImpactTab.tsx';
import { PartsTab } from './PartsTab.tsx';
import { RelationsTab } from './RelationsTab.tsx';
import { CI_TABS, type CiTab } from './search.ts';

export function CiPage() {
  const { id } = useParams({ from: `/app${'/cis/$id'}` });
  const { tab: wanted = 'attributes' } = useSearch({ from: `/app${'/cis/$id'}` });
  const ci = useQuery(ciQuery(id));
  // Words of attributes that were added.
  useQuery(classSchemaQuery);
  usePageTitle(ci.data?.name);
  if (ci.data === undefined) {
    if (ci.error === null) return <HeaderSkeleton />;
    if (ci.error instanceof ApiError && ci.error.status === 404) return <NotFound id={id} />;
    return (
      <Card>
        <ErrorPanel error={ci.error} retry={() => void ci.refetch()} />
      </Card>
    );
  }
  // Another CI may have been open with a tab that this one does not have.
  const tabs = tabsOf(ci.data);
  const tab = tabs.includes(wanted) ? wanted : 'attributes';
  return (
    <>
      <Header ci={ci.data} />
      <TabBar ci={ci.data} tabs={tabs} current={tab} />
      <div className="mt-4">
        <Tab ci={ci.data} tab={tab} />
      </div>
    </>
  );
}

function tabsOf(ci: CiDetail): CiTab[] {
  const isAsset = isCiClass(ci.class) && isAssetClass(ci.class) && ci.machine === undefined;
  return CI_TABS.filter((tab) => {
    if (tab === 'parts') return isMachineClass(ci.class);
    return tab !== 'asset' || isAsset;
  });
}

function Tab({ ci, tab }: { ci: CiDetail; tab: CiTab }) {
  const t = useT();
  switch (tab) {
    case 'attributes':
      return <AttributesTab ci={ci} />;
    case 'asset':
      return <AssetTab ci={ci} />;
    case 'parts':
      return <PartsTab ci={ci} />;
    case 'relations':
      return <RelationsTab ci={ci} />;
    case 'history':
      return <HistoryTab ci={ci} />;
    case 'findings':
      return (
        <section className="card overflow-clip" aria-label={t('cmdb.tab.findings')}>
          <FindingList filter={{ ci: ci.id }} empty={t('control.none')} />
        </section>
      );
    case 'impact':
      return <ImpactTab ci={ci} />;
    case 'identity':
      return <IdentityTab ci={ci} />;
  }
}

function Header({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const classWord = classTitle(ci.subclass ?? ci.class, language);
  return (
    <>
      <PrintHeader
        title={ci.name}
        purpose={t('cmdb.printPurpose', { class: classWord })}
        source={t('cmdb.printSource')}
      />
      <header className="flex flex-wrap items-start gap-x-3 gap-y-2 print:hidden">
        <div className="min-w-0 flex-1 basis-80">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <Icon name={ciIcon(ci.class)} size={20} className="text-text-3" />
            <h1 className="min-w-0 break-words">{ci.name}</h1>
            {isMachineClass(ci.class) && (!isGone(ci.lifecycle) || ci.state === 'up') && (
              <StatusBadge look={ciLook(ci)} kind="badge" />
            )}
            <span className="rounded-[5px] border border-line px-1.5 text-12 leading-5 text-text-2">
              {valueText('Server', 'lifecycle', ci.lifecycle, t, language)}
            </span>
          </div>
          <p className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 text-12 text-text-3">
            <span>{classWord}</span>
            {ci.machine && (
              <span>
                {t('cmdb.partOf')}{' '}
                <Link
                  to="/cis/$id"
                  params={{ id: ci.machine.id }}
                  className="font-medium text-accent hover:underline"
                >
                  {ci.machine.name}
                </Link>
              </span>
            )}
            <span>{t('cmdb.created', { time: dateTimeText(millis(ci.createdAt), language, false) })}</span>
            <code className="select-all">{ci.id}</code>
          </p>
          {isMachineClass(ci.class) && <ConfigLabels ciId={ci.id} />}
        </div>
        {!ci.machine && (
          <div className="no-print flex flex-wrap gap-2">
            <Link to="/past/$id" params={{ id: ci.id }} className={buttonClass()}>
              {t('history.asOf.open')}
            </Link>
            <Link to="/drift" search={{ ids: ci.id }} className={buttonClass()}>
              {t('history.drift.open')}
            </Link>
            <Link to="/history" search={{ ciId: ci.id }} className={buttonClass()}>
              {t('history.asOf.openChanges')}
            </Link>
          </div>
        )}
        {isMachineClass(ci.class) && (
          <div className="no-print flex flex-wrap gap-2">
            <GlpiExportButton ciId={ci.id} name={ci.name} />
            <Link to="/machines/$id/live" params={{ id: ci.id }} className={buttonClass()}>
              <Icon name="pulse" size={14} />
              {t('cmdb.machinePage')}
            </Link>
          </div>
        )}
      </header>
      <Notices ci={ci} />
    </>
  );
}

/** What a reader must know before reading on: it is gone, or it was never a machine of its own. */
function Notices({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  if (ci.mergedInto) {
    return (
      <p
        role="status"
        className="mt-3 flex flex-wrap items-center gap-x-2 rounded-md bg-planned-weak px-3 py-2 text-planned-fg"
      >
        <Glyph name="pill" />
        {t('cmdb.merged', { name: ci.name })}
        <Link to="/cis/$id" params={{ id: ci.mergedInto.id }} className="font-medium underline">
          {ci.mergedInto.name}
        </Link>
      </p>
    );
  }
  if (ci.removedAt) {
    return (
      <p
        role="status"
        className="mt-3 flex items-center gap-2 rounded-md bg-idle-weak px-3 py-2 text-idle-fg"
      >
        <Glyph name="ring" />
        {t('cmdb.removed', { time: dateTimeText(millis(ci.removedAt), language, false) })}
      </p>
    );
  }
  return null;
}

function TabBar({ ci, tabs, current }: { ci: CiDetail; tabs: readonly CiTab[]; current: CiTab }) {
  const t = useT();
  return (
    <nav
      aria-label={t('cmdb.tabs')}
      className="no-print scrollbar-none -mx-4 mt-3 overflow-x-auto border-b border-line px-4 tablet:mx-0 tablet:px-0"
    >
      <ul className="flex gap-1">
        {tabs.map((tab) => (
          <li key={tab} className="flex-none">
            <Link
              to="/cis/$id"
              params={{ id: ci.id }}
              search={tab === 'attributes' ? {} : { tab }}
              aria-current={tab === current ? 'page' : undefined}
              className={cx(
                'flex h-9 items-center gap-1.5 border-b-2 px-3 -outline-offset-2 coarse:h-11',
                tab === current
                  ? 'border-accent font-medium text-text'
                  : 'border-transparent text-text-2 hover:text-text',
              )}
            >
              {t(`cmdb.tab.${tab}`)}
              {tab === 'parts' && <span className="text-text-3">{ci.parts.length}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function NotFound({ id }: { id: string }) {
  const t = useT();
  usePageTitle(t('cmdb.notFoundTitle'));
  return (
    <Card>
      <h1 className="px-4 pt-6 text-center text-20">{t('cmdb.notFoundTitle')}</h1>
      <EmptyState
        action={
          <Link to="/cis" className={buttonClass()}>
            {t('cmdb.toList')}
          </Link>
        }
      >
        {t('cmdb.notFound', { id })}
      </EmptyState>
    </Card>
  );
}

function HeaderSkeleton() {
  return (
    <div className="h-[104px]">
      <Skeleton className="h-7 w-64" />
      <Skeleton className="mt-3 h-4 w-[min(560px,100%)]" />
      <Skeleton className="mt-5 h-4 w-[min(420px,100%)]" />
    </div>
  );
}
