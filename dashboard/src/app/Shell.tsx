/** The frame around every page: navigation, bar at the top, notices of the server itself. */
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useMatches, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { overviewQuery, statusQuery } from '../api/queries.ts';
import { switchLanguage, useLanguage, useT } from '../i18n/i18n.ts';
import { cx } from '../ui/cx.ts';
import { Icon, Mark } from '../ui/Icon.tsx';
import { formatNumber } from '../util/quantity.ts';
import { useFleetInCache } from './fleet.ts';
import { useInnerLinks } from './links.ts';
import { useConnected, useLiveConnection } from './live.ts';
import { type NavItem, useNavigation } from './navigation.ts';
import { setPreference, usePreference } from './preferences.ts';
import { Notices } from './Notices.tsx';
import { ForbiddenPage } from './PageError.tsx';
import { useMe, useRefusal } from './session.ts';
import { useShortcuts } from './shortcuts.ts';
import { catchKeys } from './typedAhead.ts';
import { TopBar } from './TopBar.tsx';
import { patiently } from '../util/patiently.ts';

// Read when first asked for; nobody waits for them at the start.
const Palette = lazy(patiently(async () => ({ default: (await import('./Palette.tsx')).Palette })));
const MoreSheet = lazy(patiently(async () => ({ default: (await import('./MoreSheet.tsx')).MoreSheet })));
const ShortcutsDialog = lazy(
  patiently(async () => ({ default: (await import('./ShortcutsDialog.tsx')).ShortcutsDialog })),
);

export function Shell() {
  const t = useT();
  const me = useMe();
  const navigate = useNavigate();
  const navigation = useNavigation();
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  const [more, setMore] = useState(false);
  const folded = usePreference('navigation') === 'folded';
  useInnerLinks();
  useLiveConnection();
  useFleetInCache();
  useUserLanguage();
  const search = () => {
    catchKeys(performance.now());
    setPalette(true);
  };
  useShortcuts({
    ...Object.fromEntries(
      navigation.items.map((item) => [`g ${item.key}`, () => void navigate({ to: item.to })]),
    ),
    'ctrl k': search,
    '/': () => focusFilter() || search(),
    j: () => moveRow(1),
    k: () => moveRow(-1),
    '?': () => setKeys(true),
    '[': () => setPreference('navigation', folded ? 'open' : 'folded'),
  });
  if (me === undefined) return null;
  return (
    <div
      className={cx(
        'grid min-h-dvh',
        folded
          ? 'tablet:grid-cols-[var(--nav-collapsed)_minmax(0,1fr)]'
          : 'tablet:grid-cols-[var(--nav)_minmax(0,1fr)]',
      )}
    >
      <a href="#main" className="skip-link">
        {t('shell.skip')}
      </a>
      <SideNavigation folded={folded} />
      <div className="flex min-w-0 flex-col">
        <TopBar onSearch={search} onKeys={() => setKeys(true)} />
        <Notices />
        <main
          id="main"
          tabIndex={-1}
          className="w-full max-w-[1720px] flex-1 px-4 pt-4 pb-24 outline-none tablet:px-6 tablet:pt-5 tablet:pb-10"
        >
          <AllowedPage />
        </main>
      </div>
      <BottomBar onMore={() => setMore(true)} />
      <Suspense>
        {palette && <Palette open onClose={() => setPalette(false)} />}
        {keys && <ShortcutsDialog open onClose={() => setKeys(false)} />}
        {more && <MoreSheet open onClose={() => setMore(false)} />}
      </Suspense>
    </div>
  );
}

/** The page itself, or why this person may not see it. */
function AllowedPage() {
  const right = useMatches({
    select: (matches) => matches.findLast(({ staticData }) => staticData.right)?.staticData.right,
  });
  const refusal = useRefusal(right ?? 'session');
  return refusal === undefined ? <Outlet /> : <ForbiddenPage reason={refusal} />;
}

/** Moves to the filter of the list on this page; false where there is none. */
function focusFilter(): boolean {
  const filter = document.querySelector<HTMLInputElement>('[data-list-filter]');
  filter?.focus();
  return filter !== null;
}

/** Moves the focus to the next row of the list on this page. */
function moveRow(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row-link]')];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[at === -1 ? 0 : at + step];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** The language that a person chose wins over that of the browser, which holds until then. */
function useUserLanguage(): void {
  const me = useMe();
  const chosen = me?.language;
  useEffect(() => {
    if (chosen == null) return;
    setPreference('language', chosen);
    void switchLanguage(chosen);
  }, [chosen]);
}

function SideNavigation({ folded }: { folded: boolean }) {
  const t = useT();
  const navigation = useNavigation();
  return (
    <div className="no-print border-r border-line bg-surface max-tablet:hidden">
      <nav
        aria-label={t('shell.navigation')}
        className="sticky top-0 flex h-dvh flex-col overflow-y-auto px-2.5 pb-4"
      >
        <Link to="/" className="flex h-(--topbar) flex-none items-center gap-2.5 px-2 text-[15px] font-title">
          <Mark />
          {!folded && <span translate="no">{t('shell.product')}</span>}
          {folded && <span className="sr-only">{t('shell.product')}</span>}
        </Link>
        {navigation.groups.map((group) => (
          <div key={group.word}>
            <h2
              className={cx(
                'px-2 pt-3.5 pb-1 text-11 font-medium tracking-[var(--track-caps)] text-text-3',
                folded && 'sr-only',
              )}
            >
              {t(group.word)}
            </h2>
            <ul>
              {group.items.map((item) => (
                <li key={item.to}>
                  <NavLink item={item} folded={folded} />
                </li>
              ))}
            </ul>
          </div>
        ))}
        <ServerLine folded={folded} />
      </nav>
    </div>
  );
}

function NavLink({ item, folded }: { item: NavItem; folded: boolean }) {
  const t = useT();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const current = useNavigation().sectionOf(pathname)?.to === item.to;
  return (
    <Link
      to={item.to}
      aria-current={current ? 'page' : undefined}
      title={folded ? t(item.word) : undefined}
      className={cx(
        'flex h-[30px] items-center gap-2.5 rounded-md px-2 coarse:h-11',
        current ? 'bg-selected font-medium text-accent' : 'text-text-2 hover:bg-hover hover:text-text',
      )}
    >
      <Icon name={item.icon} />
      <span className={folded ? 'sr-only' : ''}>{t(item.word)}</span>
      {!folded && <NavCount item={item} />}
    </Link>
  );
}

function NavCount({ item }: { item: NavItem }) {
  const t = useT();
  const language = useLanguage();
  const { data } = useQuery(overviewQuery);
  if (data === undefined) return null;
  if (item.to === '/machines') {
    return <span className="ml-auto text-11 text-text-3">{formatNumber(data.fleet.total, 0, language)}</span>;
  }
  if (item.to !== '/incidents' || data.openIncidents === 0) return null;
  const hot = data.unclaimedIncidents > 0;
  return (
    <span
      title={t('shell.incidentCount', { open: data.openIncidents, unclaimed: data.unclaimedIncidents })}
      className={cx(
        'ml-auto text-11',
        hot ? 'rounded-full bg-crit-solid px-1.5 leading-[17px] font-semibold text-on-solid' : 'text-text-3',
      )}
    >
      {data.openIncidents}
    </span>
  );
}

function ServerLine({ folded }: { folded: boolean }) {
  const t = useT();
  const language = useLanguage();
  const overview = useQuery(overviewQuery).data;
  const status = useQuery(statusQuery).data;
  const connected = useConnected();
  const healthy = status === undefined || status.troubles.length === 0;
  if (folded) return null;
  return (
    <div className="mt-auto border-t border-line px-2 pt-2.5 text-11 leading-[1.6] text-text-3">
      {!connected && <p>{t('shell.serverNotReached')}</p>}
      {connected && overview && (
        <p>
          {t(healthy ? 'shell.serverHealthy' : 'shell.serverInTrouble', {
            rate: formatNumber(overview.samplesPerSecond, overview.samplesPerSecond < 10 ? 1 : 0, language),
          })}
        </p>
      )}
      {status && <p>{t('shell.version', { version: status.version })}</p>}
    </div>
  );
}

/** On a phone the sections stand at the lower edge, under the thumb. */
function BottomBar({ onMore }: { onMore: () => void }) {
  const t = useT();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const { data } = useQuery(overviewQuery);
  const navigation = useNavigation();
  const current = navigation.sectionOf(pathname)?.to;
  const elsewhere = navigation.items.some(({ to, phone }) => to === current && !phone);
  return (
    <nav
      aria-label={t('shell.navigation')}
      className="no-print fixed inset-x-0 bottom-0 z-20 grid grid-cols-5 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] tablet:hidden"
    >
      {navigation.items
        .filter(({ phone }) => phone)
        .map((item) => (
          <Link
            key={item.to}
            to={item.to}
            aria-current={current === item.to ? 'page' : undefined}
            className={cx(
              'relative flex h-14 min-w-0 flex-col items-center justify-center gap-0.5 text-11',
              current === item.to ? 'font-medium text-accent' : 'text-text-2',
            )}
          >
            <Icon name={item.icon} size={20} />
            <span className="max-w-full truncate px-0.5">{t(item.word)}</span>
            {item.to === '/incidents' && data !== undefined && data.openIncidents > 0 && (
              <span
                className={cx(
                  'absolute top-1 left-1/2 ml-1.5 rounded-full px-1.5 text-11 leading-4 font-semibold',
                  data.unclaimedIncidents > 0 ? 'bg-crit-solid text-on-solid' : 'bg-sunken text-text-2',
                )}
              >
                {data.openIncidents}
              </span>
            )}
          </Link>
        ))}
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={onMore}
        className={cx(
          'flex h-14 min-w-0 flex-col items-center justify-center gap-0.5 text-11',
          elsewhere ? 'font-medium text-accent' : 'text-text-2',
        )}
      >
        <Icon name="more" size={20} />
        <span className="max-w-full truncate px-0.5">{t('ui.more')}</span>
      </button>
    </nav>
  );
}
