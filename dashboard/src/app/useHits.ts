/** What answers to a text: the server's groups, pages and actions; without a text what was opened lately. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type LinkProps, useRouter } from '@tanstack/react-router';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { SearchMatch, SearchResult } from '@muster/shared/api/search.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { call } from '../api/client.ts';
import type { Key } from '../i18n/catalogue.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { classTitle } from '../parts/attributes.ts';
import { classIcon, type IconName } from '../ui/Icon.tsx';
import { INCIDENT_LOOKS, PRESENCE_LOOKS } from '../ui/states.ts';
import { nowMs } from '../util/clock.ts';
import { withLocalTimes } from '../util/sentenceTimes.ts';
import { type Hit, type HitGroup, orderedGroups } from './hits.ts';
import { useNavigation } from './navigation.ts';
import { keptTheme, setTheme, THEMES } from './preferences.ts';
import { recents, remember } from './recent.ts';
import { useMe, useSetLanguage, useSignOut } from './session.ts';

/** Things of one kind. */
const GROUP_MAX = 5;

const FIELDS = {
  name: 'shell.palette.field.name',
  assetNumber: 'shell.palette.field.assetNumber',
  serial: 'shell.palette.field.serial',
  hostname: 'shell.palette.field.hostname',
  mac: 'shell.palette.field.mac',
  address: 'shell.palette.field.address',
  user: 'shell.palette.field.user',
  owner: 'shell.palette.field.owner',
  tag: 'shell.palette.field.tag',
  model: 'shell.palette.field.model',
  id: 'shell.palette.field.id',
  ref: 'shell.palette.field.ref',
  title: 'shell.palette.field.title',
  mail: 'shell.palette.field.mail',
  detail: 'shell.palette.field.detail',
  formerName: 'shell.palette.field.formerName',
} as const satisfies Record<SearchMatch['field'], Key>;

type Target = Pick<LinkProps, 'to' | 'params' | 'search' | 'hash'>;

export interface Hits {
  readonly groups: HitGroup[];
  /** The groups are the answer to this text, not still that to the one before. */
  readonly settled: boolean;
  readonly error: Error | null;
  retry(): void;
}

export function useHits(text: string, onClose: () => void): Hits {
  const search = useQuery({
    queryKey: ['search', text],
    enabled: text !== '',
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: ({ signal }) => call(ENDPOINTS.search, { query: { q: text, limit: GROUP_MAX } }, signal),
  });
  const make = useMaker(onClose);
  const found = useFound(text, text === '' ? undefined : search.data, make);
  const own = useOwn(text, make, onClose);
  return {
    groups: orderedGroups(text, found, own),
    settled: text === '' || search.isError || (search.isSuccess && !search.isPlaceholderData),
    error: text === '' ? null : search.error,
    retry: () => void search.refetch(),
  };
}

interface Maker {
  /** Somewhere in the dashboard, by its typed address. */
  to(target: Target, hit: Omit<Hit, 'href' | 'run'>): Hit;
  /** The same by the address as it was kept. */
  href(href: string, hit: Omit<Hit, 'href' | 'run'>): Hit;
}

/** Makes hits that lead somewhere and remember that they did. */
function useMaker(onClose: () => void): Maker {
  const router = useRouter();
  const me = useMe();
  const byHref: Maker['href'] = (href, hit) => ({
    ...hit,
    href,
    run: () => {
      const { label, note = '', icon } = hit;
      if (me && !hit.quiet) remember(me.id, { href, label, note, icon });
      onClose();
      router.history.push(href);
    },
  });
  return {
    href: byHref,
    to: (target, hit) =>
      byHref(router.buildLocation(target as Parameters<typeof router.buildLocation>[0]).href, hit),
  };
}

function useFound(text: string, data: SearchResult | undefined, make: Maker): HitGroup[] {
  const t = useT();
  const language = useLanguage();
  const lately = useLately(text, make);
  if (data === undefined) return [lately];
  const matchOf = ({ field, value }: SearchMatch) =>
    field === 'name' || field === 'title' ? undefined : { field: t(FIELDS[field]), value, part: text };
  const all = (more: boolean, id: string, target: Target): Hit[] =>
    more
      ? [
          make.to(target, {
            id: `all-${id}`,
            icon: 'search',
            label: t('shell.palette.all', { text }),
            quiet: true,
          }),
        ]
      : [];
  return [
    {
      value: 'machines',
      label: t('shell.nav.machines'),
      items: [
        ...data.machines.items.map((machine) =>
          make.to(
            { to: '/machines/$id/live', params: { id: machine.id } },
            {
              id: machine.id,
              icon: classIcon(machine.class),
              label: machine.name,
              note: machine.site ?? '',
              match: matchOf(machine.match),
              look: machine.state === null ? undefined : PRESENCE_LOOKS[machine.state],
            },
          ),
        ),
        ...all(data.machines.more, 'machines', { to: '/machines', search: { q: text } }),
      ],
    },
    {
      value: 'records',
      label: t('shell.palette.records'),
      items: [
        ...data.records.items.map((record) =>
          make.to(
            { to: '/cis/$id', params: { id: record.id } },
            {
              id: record.id,
              icon: classIcon(record.class),
              label: record.name,
              note: classTitle(record.subclass ?? record.class, language),
              match: matchOf(record.match),
            },
          ),
        ),
        ...all(data.records.more, 'records', {
          to: '/cis',
          search: { class: data.records.items[0]?.class ?? '', q: text },
        }),
      ],
    },
    {
      value: 'parts',
      label: t('shell.palette.parts'),
      items: [
        ...data.parts.items.map((part) =>
          make.to(
            { to: '/cis/$id', params: { id: part.id } },
            {
              id: part.id,
              icon: 'box',
              label: part.name,
              note: t('shell.palette.partOf', { machine: part.machineName }),
              match: matchOf(part.match),
            },
          ),
        ),
        ...all(data.parts.more, 'parts', { to: '/cis', search: { class: 'Component', q: text } }),
      ],
    },
    {
      value: 'incidents',
      label: t('shell.nav.incidents'),
      items: [
        ...data.incidents.items.map((incident) =>
          make.to(
            { to: '/incidents/$ref', params: { ref: incident.ref } },
            {
              id: incident.id,
              icon: 'alert',
              label: withLocalTimes(incident.title[language], nowMs(), language),
              note: incident.ref,
              look: INCIDENT_LOOKS[incident.state],
            },
          ),
        ),
        ...all(data.incidents.more, 'incidents', { to: '/incidents', search: { view: 'all', q: text } }),
      ],
    },
    {
      value: 'software',
      label: t('shell.palette.software'),
      items: data.software.items.map(({ name, machines }) =>
        make.to(
          { to: '/cis', search: { software: name } },
          {
            id: `software-${name}`,
            icon: 'box',
            label: name,
            end: t('shell.palette.machines', { count: machines }),
          },
        ),
      ),
    },
    {
      value: 'people',
      label: t('shell.palette.people'),
      items: data.users.items.map((user) =>
        make.to(
          { to: '/incidents', search: { view: 'all', holder: user.name } },
          {
            id: user.id,
            icon: 'user',
            label: user.displayName,
            note: user.name,
            end: t(`states.role.${user.role}`),
          },
        ),
      ),
    },
  ];
}

function useLately(text: string, make: Maker): HitGroup {
  const t = useT();
  const me = useMe();
  const kept = text === '' && me ? recents(me.id) : [];
  return {
    value: 'recent',
    label: t('shell.palette.recent'),
    items: kept.map(({ href, label, note, icon }) =>
      make.href(href, { id: `recent-${href}`, icon: icon as IconName, label, note }),
    ),
  };
}

/** Pages and actions, each only for who may use it. */
function useOwn(text: string, make: Maker, onClose: () => void): HitGroup[] {
  const t = useT();
  const me = useMe();
  const navigation = useNavigation();
  const actions = useActions(make, onClose);
  const matches = ({ label }: Hit) => label.toLowerCase().includes(text.toLowerCase());
  const settings: readonly (readonly [Target['to'], Key, Parameters<typeof roleHas>[1]])[] = [
    ['/settings/notify', 'settings.nav.notify', 'channels.read'],
    ['/settings/users', 'settings.nav.users', 'users.write'],
    ['/settings/tokens', 'settings.nav.tokens', 'tokens.write'],
    ['/settings/exchange', 'exchange.nav', 'exchange.read'],
    ['/settings/engine', 'settings.nav.engine', 'read'],
    ['/settings/audit', 'settings.nav.audit', 'audit.read'],
  ];
  const pages: Hit[] = [
    ...navigation.items.map((item) =>
      make.to({ to: item.to as Target['to'] }, { id: item.to, icon: item.icon, label: t(item.word) }),
    ),
    ...settings
      .filter(([, , right]) => me && roleHas(me.role, right))
      .map(([to, word]) =>
        make.to({ to }, { id: String(to), icon: 'gear', label: t(word), note: t('shell.nav.settings') }),
      ),
    make.to({ to: '/account' }, { id: '/account', icon: 'user', label: t('access.account') }),
    make.to({ to: '/help' }, { id: '/help', icon: 'note', label: t('help.title') }),
  ];
  return [
    { value: 'actions', label: t('shell.palette.actions'), items: actions.filter(matches) },
    { value: 'pages', label: t('shell.pages'), items: pages.filter(matches) },
  ];
}

const OTHER_LANGUAGE = { en: { code: 'zh', name: '中文' }, zh: { code: 'en', name: 'English' } } as const;

function useActions(make: Maker, onClose: () => void): Hit[] {
  const t = useT();
  const me = useMe();
  const language = useLanguage();
  const setLanguage = useSetLanguage();
  const signOut = useSignOut();
  if (me === undefined) return [];
  const act = (id: string, icon: IconName, label: string, work: () => void): Hit => ({
    id: `action-${id}`,
    icon,
    label,
    run: () => {
      onClose();
      work();
    },
  });
  const other = OTHER_LANGUAGE[language];
  return [
    ...(roleHas(me.role, 'enrolment.write')
      ? [make.to({ to: '/machines/new' }, { id: 'action-add', icon: 'plus', label: t('shell.addMachine') })]
      : []),
    ...(roleHas(me.role, 'incidents.write')
      ? [
          make.to(
            { to: '/incidents', hash: 'report' },
            { id: 'action-report', icon: 'alert', label: t('incidents.report.title') },
          ),
        ]
      : []),
    ...(roleHas(me.role, 'rules.write')
      ? [
          make.to(
            { to: '/rules/new' },
            { id: 'action-rule', icon: 'rules', label: t('shell.palette.newRule') },
          ),
        ]
      : []),
    act('language', 'system', t('shell.palette.language', { name: other.name }), () =>
      setLanguage(other.code),
    ),
    ...THEMES.filter((theme) => theme !== keptTheme()).map((theme) =>
      act(
        `theme-${theme}`,
        theme === 'dark' ? 'moon' : theme === 'light' ? 'sun' : 'system',
        t('shell.palette.theme', { theme: t(`shell.theme.${theme}`) }),
        () => setTheme(theme),
      ),
    ),
    act('sign-out', 'external', t('access.signOut'), () => signOut.mutate()),
  ];
}
