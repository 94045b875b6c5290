/** One machine: who it is, how it is now, and its tabs. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useParams, useRouterState } from '@tanstack/react-router';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { isInService } from '@muster/shared/cmdb/lifecycle.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { ApiError } from '../../api/client.ts';
import { agentQuery, ciQuery } from '../../api/queries.ts';
import { useLive } from '../../app/live.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { ciLook } from '../../parts/ciLook.ts';
import { machineConfigQuery } from '../../parts/machineConfig.ts';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { CAUSE_WORDS, type GlyphName, PRESENCE_LOOKS } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { agoText, millis, spanText } from '../../util/time.ts';
import { ConfigLabels } from '../../parts/ConfigLabels.tsx';
import { MaintenanceMark, MaintenanceMenu } from '../../parts/MaintenanceMark.tsx';
import { attributeOf } from '../../parts/attributes.ts';
import { FED_STALE_MS, isFedAt, useFed, whoTells } from '../../parts/foreignSeries.ts';
import { RetireButton } from '../../parts/RetireButton.tsx';
import { retiringStep, uninstalledWord } from '../../parts/retiring.ts';
import { valueText } from '../../parts/valueWords.ts';
import { TabToCome } from './TabToCome.tsx';

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
  // Asked for beside the CI, so that labels do not push the page down when it stands.
  useQuery(machineConfigQuery(id));
  const live = useRouterState({ select: ({ location }) => location.pathname.endsWith('/live') });
  usePageTitle(ci.data?.name);
  useLivePresence(id);
  if (ci.error !== null && ci.data === undefined) {
    if (ci.error instanceof ApiError && ci.error.status === 404) return <NotFound />;
    return (
      <Card>
        <ErrorPanel error={ci.error} retry={() => void ci.refetch()} />
      </Card>
    );
  }
  // A part has no page of a machine.
  if (ci.data?.machine) return <Navigate to="/cis/$id" params={{ id }} replace />;
  return (
    <>
      {ci.data ? (
        <>
          <MachinePrintHeader ci={ci.data} />
          <Header ci={ci.data} />
          <Notices ci={ci.data} />
        </>
      ) : (
        <HeaderSkeleton />
      )}
      <TabBar id={id} openIncidents={ci.data?.openIncidents ?? 0} />
      <div className="mt-4">{ci.data ? <Outlet /> : <TabToCome live={live} />}</div>
    </>
  );
}

function NotFound() {
  const t = useT();
  usePageTitle(t('machines.notFound'));
  return (
    <div className="mx-auto max-w-2xl text-center">
      <h1 className="mb-4">{t('machines.notFound')}</h1>
      <Card>
        <EmptyState
          action={
            <Link to="/machines" className={buttonClass('primary')}>
              {t('machines.toList')}
            </Link>
          }
        >
          {t('machines.notFoundHint')}
        </EmptyState>
      </Card>
    </div>
  );
}

const PRINT_PURPOSES = {
  live: 'machines.print.live',
  hardware: 'machines.print.hardware',
  software: 'machines.print.software',
  changes: 'machines.print.changes',
  availability: 'machines.print.availability',
  relations: 'machines.print.relations',
  incidents: 'machines.print.incidents',
} as const satisfies Record<string, Key>;

function MachinePrintHeader({ ci }: { ci: CiDetail }) {
  const t = useT();
  const words = useWords();
  const tab = useRouterState({ select: (state) => state.location.pathname.split('/').at(-1) ?? 'live' });
  const purpose = Object.hasOwn(PRINT_PURPOSES, tab) ? (tab as keyof typeof PRINT_PURPOSES) : 'live';
  const ciClass = isMachineClass(ci.class) ? words(CI_CLASSES[ci.class].title) : ci.class;
  return (
    <PrintHeader
      title={ci.name}
      purpose={t(PRINT_PURPOSES[purpose])}
      source={t(ci.agentId === null ? 'machines.print.noAgent' : 'machines.print.source', { class: ciClass })}
    />
  );
}

/** In these states a machine that is heard contradicts its record. */
const NOT_RUNNING: readonly CiDetail['lifecycle'][] = [
  'planned',
  'ordered',
  'in_stock',
  'reserved',
  'retired',
  'disposed',
  'missing',
];

/** What a reader must know before reading on: it became another machine, it is out of service, it was never heard. */
function Notices({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const fedAnswer = useFed(ci.id);
  const fed = fedAnswer.fed ?? null;
  const now = useNow(MINUTE_MS);
  const teller = whoTells(ci.agentId, fedAnswer);
  if (ci.mergedInto) {
    return (
      <Notice glyph="pill" tone="bg-planned-weak text-planned-fg">
        {t('machines.merged', { name: ci.name })}
        <Link to="/machines/$id/live" params={{ id: ci.mergedInto.id }} className="font-medium underline">
          {ci.mergedInto.name}
        </Link>
      </Notice>
    );
  }
  if (!isInService(ci.lifecycle)) {
    const lifecycle = valueText(ci.class, 'lifecycle', ci.lifecycle, t, language);
    return (
      <Notice glyph="ring" tone="bg-idle-weak text-idle-fg">
        {t(
          !NOT_RUNNING.includes(ci.lifecycle)
            ? 'machines.outOfService'
            : ci.state === 'up'
              ? 'machines.outOfServiceUp'
              : isFedAt(fed, now)
                ? 'machines.outOfServiceFed'
                : 'machines.outOfService',
          { lifecycle },
        )}
      </Notice>
    );
  }
  if (teller === 'senders' && fed !== null) {
    return (
      <Notice glyph="half" tone="bg-accent-weak">
        <span className="min-w-0 flex-1">
          {t('machines.fedAlone', {
            sources: fed.sources
              .map(({ mapping, sender }) => t('exchange.foreign.line', { mapping, sender }))
              .join('; '),
          })}{' '}
          {fed.newestMs !== null && (
            <>
              {t('exchange.foreign.newest')} <AgeLabel atMs={fed.newestMs} staleAfterMs={FED_STALE_MS} />
            </>
          )}
        </span>
      </Notice>
    );
  }
  if (retiringStep(ci)) {
    return (
      <Notice glyph="question" tone="bg-unknown-weak text-unknown-fg">
        <span className="min-w-0 flex-1 basis-60">{t(uninstalledWord(fed, now))}</span>
        <span className="no-print my-1">
          <RetireButton ci={ci} />
        </span>
      </Notice>
    );
  }
  if (ci.lastSeenAt === null) {
    if (teller === 'unread') return <Skeleton className="mt-3 h-9 rounded-md" />;
    return (
      <Notice glyph="question" tone="bg-unknown-weak text-unknown-fg">
        {t(ci.agentId === null ? 'machines.neverAgent' : 'machines.neverHeard')}
      </Notice>
    );
  }
  return null;
}

function Notice({ glyph, tone, children }: { glyph: GlyphName; tone: string; children: React.ReactNode }) {
  return (
    <p role="status" className={cx('mt-3 flex flex-wrap items-center gap-x-2 rounded-md px-3 py-2', tone)}>
      <Glyph name={glyph} />
      {children}
    </p>
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
    <header className="print:hidden">
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
        <MaintenanceMark ciId={ci.id} />
        <span className="no-print ml-auto flex gap-2 max-tablet:hidden">
          <MaintenanceMenu ci={ci} />
          <Link to="/cis/$id" params={{ id: ci.id }} className={buttonClass('plain', 'small')}>
            <Icon name="box" size={14} />
            {t('machines.record')}
          </Link>
        </span>
      </div>
      <Facts ci={ci} />
      <ConfigLabels ciId={ci.id} />
    </header>
  );
}

function PresenceBadge({ ci }: { ci: CiDetail }) {
  const t = useT();
  const now = useNow(10_000);
  const presence = ci.state;
  // Why is said beside it where there is room.
  const gone = isGone(ci.lifecycle) && presence !== 'up';
  const look = gone ? ciLook(ci) : PRESENCE_LOOKS[presence];
  const sinceMs = millis(ci.presenceSince);
  const cause = !gone && ci.cause !== null && presence !== 'up' ? t(CAUSE_WORDS[ci.cause]) : undefined;
  const state =
    sinceMs === null || gone
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
  const now = useNow(10_000);
  const seenMs = millis(ci.lastSeenAt);
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
    ['machines.fact.seen', ci.state === 'up' || seenMs === null ? null : agoText(seenMs, now, t)],
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
      className="no-print scrollbar-none -mx-4 mt-3 overflow-x-auto border-b border-line px-4 tablet:mx-0 tablet:px-0"
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
