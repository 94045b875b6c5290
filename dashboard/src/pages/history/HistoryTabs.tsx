/** The pages about how it was: one section of the navigation, told apart by these tabs. */
import { Link, useRouterState } from '@tanstack/react-router';
import type { Key } from '../../i18n/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';
import { cx } from '../../ui/cx.ts';

const TABS = [
  { to: '/history', word: 'shell.nav.history' },
  { to: '/past', word: 'history.asOf.title' },
  { to: '/baselines', word: 'shell.nav.baselines' },
  { to: '/drift', word: 'shell.nav.drift' },
  { to: '/accuracy', word: 'shell.nav.accuracy' },
] as const satisfies readonly { to: string; word: Key }[];

export function HistoryTabs() {
  const t = useT();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  return (
    <nav
      aria-label={t('shell.nav.history')}
      className="no-print scrollbar-none -mx-4 mt-3 overflow-x-auto border-b border-line px-4 tablet:mx-0 tablet:px-0"
    >
      <ul className="flex gap-1">
        {TABS.map(({ to, word }) => {
          const current = pathname === to || pathname.startsWith(`${to}/`);
          return (
            <li key={to} className="flex-none">
              <Link
                to={to}
                aria-current={current ? 'page' : undefined}
                className={cx(
                  'flex h-9 items-center border-b-2 px-3 -outline-offset-2 coarse:h-11',
                  current
                    ? 'border-accent font-medium text-text'
                    : 'border-transparent text-text-2 hover:text-text',
                )}
              >
                {t(word)}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
