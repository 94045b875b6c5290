/** One machine: who it is, how it is now, and its tabs. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useParams, useRouterState } from '@tanstack/react-router';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { agentQuery, ciQuery } from '../../api/queries.ts';
import { useLive } from '../../app/live.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { CAUSE_WORDS, PRESENCE_LOOKS } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { millis, spanText } from '../../util/time.ts';
import { attributeOf } from '../../parts/attributes.ts';

const TABS = [
  { to: '/machines/$id/live', word: 'machines.tab.live' },
  { to: '/machines/$id/hardware', word: 'machines.tab.hardware' },
  { to: '/machines/$id/software', word: 'machines.tab.software' },
  { to: '/machines/$id/changes', word: 'machines.tab.changes' },
  { to: '/machines/$id/availability', word: 'machines.tab.availability' },
  { to: '/machines/$id/relations', word: 'machines.tab.relations' },
  { to: '/machines/$id/incidents', word: 'machines.tab.incidents' },
] as const satisfies readonly { to: string; word: Key }[];

export function MachinePage() {
  const { id } = useParams({ from: `/app${'/machines/$id'}` });
  const ci = useQuery(ciQuery(id));
  usePageTitle(ci.data?.name);
  useLivePresence(id);
  if (ci.error !== null && ci.data === undefined) {
    return (
      <Card>
        <ErrorPanel error={ci.error} retry={() => void ci.refetch()} />
      </Card>
    );
  }
  return (
    <>
      {ci.data ? <Header ci={ci.data} /> : <HeaderSkeleton />}
      <TabBar id={id} openIncidents={ci.data?.openIncidents ?? 0} />
      <div className="mt-4">{ci.data && <Outlet />}</div>
    </>
  );
}

/** Presence comes as it changes; the rest of the CI is read again when it does. */
function useLivePresence(id: string): void {
  const queries = useQueryClient();
  useLive({ name: 'presence' }, (message) => {
    if (message.type !== 'presence') return;
    const now = message.items.find((item) => item.ciId === id);
    if (now === undefined) return;
    queries.setQueryData(ciQuery(id).queryKey, (before) => {
      if (before === undefined) return before;
      if (before.presence !== now.presence || before.state !== now.state)
        void queries.invalidateQueries({ queryKey: ['availability', id] });
      return {
        ...before,
        presence: now.presence,
        cause: now.cause,
        expected: now.expected,
        state: now.state,
        presenceSince: new Date(now.sinceMs).toISOString(),
        lastSeenAt: new Date(now.lastSeenMs).toISOString(),
      };
    });
  });
}

function Header({ ci }: { ci: CiDetail }) {
  const t = useT();
  const words = useWords();
  return (
    <header>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span
          title={isMachineClass(ci.class) ? words(CI_CLASSES[ci.class].title) : ci.class}
          className="text-text-3"
        >
          <Icon name={classIcon(ci.class)} size={20} />
        </span>
        <h1 className="min-w-0 break-words">{ci.name}</h1>
        <PresenceBadge ci={ci} />
        {ci.openIncidents > 0 && (
          <Link
            to="/machines/$id/incidents"
            params={{ id: ci.id }}
            className="inline-flex items-center gap-1.5 rounded-full bg-crit-weak py-px pr-2 pl-1.5 text-12 leading-5 font-medium text-crit-fg"
          >
            <Glyph name="square-x" />
            {t('machines.incidentCount', { count: ci.openIncidents })}
          </Link>
        )}
        <span className="rounded-[5px] border border-line px-1.5 text-12 leading-5 text-text-2">
          {t('machines.criticality', { value: ci.criticality })}
        </span>
      </div>
      <Facts ci={ci} />
    </header>
  );
}

function PresenceBadge({ ci }: { ci: CiDetail }) {
  const t = useT();
  const now = useNow(10_000);
  const presence = ci.state;
  const look = PRESENCE_LOOKS[presence];
  const sinceMs = millis(ci.presenceSince);
  const cause = ci.cause !== null && presence !== 'up' ? t(CAUSE_WORDS[ci.cause]) : undefined;
  const state =
    sinceMs === null
      ? t(look.word)
      : t('machines.stateSince', { state: t(look.word), span: spanText(now - sinceMs, t) });
  return (
    <StatusBadge look={look} kind="badge">
      {cause === undefined || cause === t(look.word) ? state : t('machines.stateCause', { state, cause })}
    </StatusBadge>
  );
}

function Facts({ ci }: { ci: CiDetail }) {
  const t = useT();
  const agent = useQuery({ ...agentQuery(ci.agentId ?? ''), enabled: ci.agentId !== null }).data;
  const model = [attributeOf(ci, 'manufacturer'), attributeOf(ci, 'model')].filter(Boolean).join(' ');
  const system = [attributeOf(ci, 'osName'), attributeOf(ci, 'osVersion')].filter(Boolean).join(' ');
  const addresses = ci.details.find(({ name }) => name === 'ipAddresses')?.value;
  const facts: readonly (readonly [Key, string | null | undefined])[] = [
    ['machines.fact.model', model],
    ['machines.fact.serial', attributeOf(ci, 'serial')],
    ['machines.fact.system', system],
    ['machines.fact.address', Array.isArray(addresses) ? String(addresses[0] ?? '') : null],
    ['machines.fact.place', ci.site],
    ['machines.fact.owner', ci.owner],
    ['machines.fact.user', attributeOf(ci, 'lastUser')],
    ['machines.fact.agent', agent?.version],
  ];
  return (
    <dl className="mt-2 flex min-h-5 flex-wrap gap-x-4 gap-y-0.5 text-12">
      {facts.map(
        ([word, value]) =>
          value && (
            <div key={word} className="flex gap-1.5">
              <dt className="text-text-3">{t(word)}</dt>
              <dd className="font-medium">{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function HeaderSkeleton() {
  return (
    <div className="h-[58px]">
      <Skeleton className="h-7 w-64" />
      <Skeleton className="mt-3 h-4 w-[min(560px,100%)]" />
    </div>
  );
}

function TabBar({ id, openIncidents }: { id: string; openIncidents: number }) {
  const t = useT();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  return (
    <nav
      aria-label={t('machines.tabs')}
      className="scrollbar-none -mx-4 mt-3 overflow-x-auto border-b border-line px-4 tablet:mx-0 tablet:px-0"
    >
      <ul className="flex gap-1">
        {TABS.map(({ to, word }) => {
          const current = pathname.endsWith(to.slice(to.lastIndexOf('/')));
          return (
            <li key={to} className="flex-none">
              <Link
                to={to}
                params={{ id }}
                aria-current={current ? 'page' : undefined}
                className={cx(
                  'flex h-9 items-center gap-1.5 border-b-2 px-3 -outline-offset-2 coarse:h-11',
                  current
                    ? 'border-accent font-medium text-text'
                    : 'border-transparent text-text-2 hover:text-text',
                )}
              >
                {t(word)}
                {to === '/machines/$id/incidents' && openIncidents > 0 && (
                  <span className="text-text-3">{openIncidents}</span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
