/** The settings: their list at the left, the chosen one at the right; on a phone the list, then the chosen one. */
import { type AnyRouter, Link, Navigate, Outlet, useRouter, useRouterState } from '@tanstack/react-router';
import { useSyncExternalStore } from 'react';
import { type Right, roleHas } from '@muster/shared/api/rights.ts';
import { useMe } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';
import { cx } from '../../ui/cx.ts';
import { Icon } from '../../ui/Icon.tsx';

const ROOT = '/settings';

export function SettingsPage() {
  const t = useT();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const sections = useSections();
  const wide = useWide();
  const inside = pathname.replace(/\/$/, '') !== ROOT;
  usePageTitle(inside ? undefined : t('shell.nav.settings'));
  const [first] = sections;
  if (!inside && wide && first) return <Navigate to={first.to} replace />;
  return (
    <div className="grid items-start gap-x-8 gap-y-4 tablet:grid-cols-[180px_minmax(0,1fr)] print:block">
      <nav
        aria-label={t('shell.nav.settings')}
        className={cx('no-print tablet:sticky tablet:top-[72px]', inside && 'max-tablet:hidden')}
      >
        {inside ? (
          <p className="px-2.5 pb-2 text-12 font-medium text-text-3">{t('shell.nav.settings')}</p>
        ) : (
          <h1 className="mb-3">{t('shell.nav.settings')}</h1>
        )}
        <ul className="max-tablet:card max-tablet:overflow-clip">
          {sections.map((section) => (
            <li key={section.to} className="max-tablet:[&+&]:border-t max-tablet:[&+&]:border-line">
              <SectionLink section={section} current={pathname.startsWith(section.to)} />
            </li>
          ))}
        </ul>
      </nav>
      <div className={cx('min-w-0', !inside && 'max-tablet:hidden')}>
        <Outlet />
      </div>
    </div>
  );
}

interface Section {
  readonly to: string;
  readonly word: Key;
  readonly right: Right | undefined;
}

function SectionLink({ section, current }: { section: Section; current: boolean }) {
  const t = useT();
  return (
    <Link
      to={section.to}
      aria-current={current ? 'page' : undefined}
      className={cx(
        'flex h-8 items-center rounded-md px-2.5 max-tablet:h-12 max-tablet:rounded-none max-tablet:px-4 coarse:min-h-11',
        current ? 'bg-selected font-medium text-accent' : 'text-text-2 hover:bg-hover hover:text-text',
      )}
    >
      <span className="flex-1">{t(section.word)}</span>
      <Icon name="chevron" className="-rotate-90 tablet:hidden" />
    </Link>
  );
}

/** The sections that this person may see, in the order of the table of contents. */
function useSections(): readonly Section[] {
  const router: AnyRouter = useRouter();
  const role = useMe()?.role;
  if (role === undefined) return [];
  return Object.values(router.routesById)
    .flatMap((route): Section[] => {
      const { crumb, right } = route.options.staticData ?? {};
      const below = route.fullPath.startsWith(`${ROOT}/`);
      return below && crumb ? [{ to: route.fullPath, word: crumb, right }] : [];
    })
    .filter(({ right }) => right === undefined || roleHas(role, right));
}

/** As wide as the layout needs for two columns. */
const WIDE = '(min-width: 761px)';

function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = window.matchMedia(WIDE);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => window.matchMedia(WIDE).matches,
  );
}
