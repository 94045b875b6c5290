/** The sections of the dashboard in the order of the navigation; only what exists is listed. */
import type { Key } from '../i18n/catalogue.ts';
import type { IconName } from '../ui/Icon.tsx';
import { PATHS } from '../util/paths.ts';

export interface NavItem {
  readonly to: (typeof PATHS)['overview' | 'incidents' | 'machines' | 'rules' | 'agents'];
  readonly word: Key;
  readonly icon: IconName;
  /** Second key after `g`. */
  readonly key: string;
}

export const NAVIGATION: readonly { readonly word: Key; readonly items: readonly NavItem[] }[] = [
  {
    word: 'shell.group.now',
    items: [
      { to: PATHS.overview, word: 'shell.nav.overview', icon: 'home', key: 'o' },
      { to: PATHS.incidents, word: 'shell.nav.incidents', icon: 'alert', key: 'i' },
      { to: PATHS.machines, word: 'shell.nav.machines', icon: 'monitor', key: 'm' },
    ],
  },
  {
    word: 'shell.group.setUp',
    items: [
      { to: PATHS.rules, word: 'shell.nav.rules', icon: 'rules', key: 'r' },
      { to: PATHS.agents, word: 'shell.nav.agents', icon: 'agent', key: 'a' },
    ],
  },
];

export const NAV_ITEMS: readonly NavItem[] = NAVIGATION.flatMap((group) => group.items);

/** The section an address belongs to. */
export function sectionOf(pathname: string): NavItem | undefined {
  return NAV_ITEMS.find(({ to }) =>
    to === PATHS.overview ? pathname === to : pathname === to || pathname.startsWith(`${to}/`),
  );
}
