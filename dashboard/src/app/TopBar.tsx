/** The bar at the top: where one is, search, live state, language, theme, user. */
import { Link, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { AVATAR_BUTTON, initials } from '../ui/Avatar.tsx';
import { IconButton, Key } from '../ui/Button.tsx';
import { Icon, Mark } from '../ui/Icon.tsx';
import { LiveDisc } from './LiveDisc.tsx';
import { useNavigation } from './navigation.ts';
import { useMe, useSetLanguage } from './session.ts';
import { useShownTitle } from './title.ts';
import { patiently } from '../util/patiently.ts';

export function TopBar({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  const t = useT();
  return (
    <header className="no-print sticky top-0 z-10 flex h-(--topbar) items-center gap-3 border-b border-line bg-surface px-4 tablet:px-6">
      <Crumbs />
      <button
        type="button"
        onClick={onSearch}
        className="mx-auto flex h-8 w-[330px] min-w-0 items-center gap-2 rounded-md border border-line bg-canvas px-2 text-text-3 hover:border-line-strong max-desk:hidden"
      >
        <Icon name="search" />
        <span className="min-w-0 flex-1 truncate text-left">{t('shell.search')}</span>
        <Key>Ctrl K</Key>
      </button>
      <span className="flex-1 desk:hidden" />
      <LiveDisc />
      <IconButton icon="search" label={t('shell.search')} onClick={onSearch} className="desk:hidden" />
      <LanguageButton />
      <Menus onKeys={onKeys} />
    </header>
  );
}

function Crumbs() {
  const t = useT();
  const title = useShownTitle();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const section = useNavigation().sectionOf(pathname);
  const word = section && t(section.word);
  const deeper = title !== '' && title !== word;
  return (
    <div className="flex min-w-0 items-center gap-1.5 text-text-3 desk:w-1/4 desk:flex-none">
      <Link
        to={section && deeper ? section.to : '/'}
        className="flex-none tablet:hidden"
        aria-label={deeper && word ? word : t('shell.nav.overview')}
      >
        {deeper && section ? <Icon name="back" size={20} /> : <Mark />}
      </Link>
      {section && deeper && (
        <>
          <Link to={section.to} className="flex-none hover:text-text max-tablet:hidden">
            {word}
          </Link>
          <span aria-hidden="true" className="max-tablet:hidden">
            /
          </span>
        </>
      )}
      <span className="min-w-0 truncate font-medium text-text">{title}</span>
    </div>
  );
}

/** The name of a language stands in that language, whatever is spoken now. */
export function LanguageButton({ className }: { className?: string }) {
  const language = useLanguage();
  const setLanguage = useSetLanguage();
  const other = language === 'zh' ? 'en' : 'zh';
  const names = { en: 'English', zh: '中文' } as const;
  return (
    <button
      type="button"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => setLanguage(other)}
      className={`h-7 flex-none rounded-md border border-line px-2 text-12 text-text-2 hover:bg-hover coarse:h-(--control) max-tablet:hidden ${className ?? ''}`}
    >
      {names[other]}
    </button>
  );
}

// The menus are the largest part of the bar and nobody opens one before the page is there.
const TopBarMenus = lazy(
  patiently(async () => ({ default: (await import('./TopBarMenus.tsx')).TopBarMenus })),
);

function Menus({ onKeys }: { onKeys: () => void }) {
  const idle = useIdle();
  const standIn = <MenusStandIn />;
  return idle ? (
    <Suspense fallback={standIn}>
      <TopBarMenus onKeys={onKeys} />
    </Suspense>
  ) : (
    standIn
  );
}

/** The same buttons in the same place, until the menus behind them are there. */
function MenusStandIn() {
  const me = useMe();
  return (
    <span aria-hidden="true" className="flex items-center gap-3">
      <span className="size-(--control) max-tablet:hidden" />
      <span className={AVATAR_BUTTON}>{initials(me?.displayName ?? '')}</span>
    </span>
  );
}

const IDLE_MS_MAX = 1_500;

/** True once the browser has time, at the latest after `IDLE_MS_MAX`. */
function useIdle(): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    if (!('requestIdleCallback' in window)) {
      const timer = setTimeout(() => setIdle(true), IDLE_MS_MAX);
      return () => clearTimeout(timer);
    }
    const request = window.requestIdleCallback(() => setIdle(true), { timeout: IDLE_MS_MAX });
    return () => window.cancelIdleCallback(request);
  }, []);
  return idle;
}
