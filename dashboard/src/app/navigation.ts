/** The sections of the dashboard, read from the table of contents: groups in their order, pages in the table's. */
import { type AnyRouter, useRouter } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type Right, type Role, roleHas } from '@muster/shared/api/rights.ts';
import type { Key } from '../i18n/catalogue.ts';
import type { IconName } from '../ui/Icon.tsx';
import { useMe } from './session.ts';

/** Which groups there are, in the order of the navigation. */
const GROUPS = ['now', 'service', 'records', 'control', 'setUp'] as const;
export type NavGroup = (typeof GROUPS)[number];

/** Where a page stands in the navigation. */
export interface NavPlace {
  readonly group: NavGroup;
  readonly icon: IconName;
  /** Second key after `g`. */
  readonly key: string;
  /** Further addresses that belong to it: pages with tabs in common. */
  readonly also?: readonly string[];
  /** One of the few at the lower edge of a phone. */
  readonly phone?: true;
}

export interface NavItem extends NavPlace {
  readonly to: string;
  readonly word: Key;
  readonly right: Right | undefined;
}

export interface Navigation {
  readonly items: readonly NavItem[];
  readonly groups: readonly { readonly word: Key; readonly items: readonly NavItem[] }[];
  /** The section an address belongs to. */
  sectionOf(pathname: string): NavItem | undefined;
}

const made = new WeakMap<AnyRouter, Navigation>();

/** Only what the role of this person may see. */
export function useNavigation(): Navigation {
  const router: AnyRouter = useRouter();
  const navigation = made.get(router) ?? navigationOf(router);
  made.set(router, navigation);
  const role = useMe()?.role;
  return useMemo(() => visibleTo(role, navigation), [role, navigation]);
}

/** Pages a role may not read are not offered; a group without pages has no heading. */
export function visibleTo(role: Role | undefined, navigation: Navigation): Navigation {
  const may = ({ right }: NavItem) => right === undefined || (role !== undefined && roleHas(role, right));
  return {
    ...navigation,
    items: navigation.items.filter(may),
    groups: navigation.groups
      .map((group) => ({ ...group, items: group.items.filter(may) }))
      .filter(({ items }) => items.length > 0),
  };
}

function navigationOf(router: AnyRouter): Navigation {
  const items = Object.values(router.routesById).flatMap((route): NavItem[] => {
    const { nav, crumb, right } = route.options.staticData ?? {};
    return nav && crumb ? [{ ...nav, to: route.fullPath, word: crumb, right }] : [];
  });
  return {
    items,
    groups: GROUPS.map((group) => ({
      word: `shell.group.${group}` as const,
      items: items.filter((item) => item.group === group),
    })),
    sectionOf: (pathname) =>
      items.find(({ to, also = [] }) =>
        to === '/'
          ? pathname === to
          : [to, ...also].some((one) => pathname === one || pathname.startsWith(`${one}/`)),
      ),
  };
}
