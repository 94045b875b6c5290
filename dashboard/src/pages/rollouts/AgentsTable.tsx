/** The agents of a rollout: those with trouble first, filtered by state and ring, read page by page. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import {
  RING_NAMES,
  type RingName,
  type Rollout,
  type RolloutAgent,
  type RolloutAgentState,
} from '@muster/shared/api/rollouts.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useHeldOrder } from '../../parts/heldOrder.ts';
import { Button } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { useNow } from '../../util/clock.ts';
import { ABSENT, quantityText, scaleFor } from '../../util/quantity.ts';
import { agoText, millis } from '../../util/time.ts';
import { rolloutAgentsQuery, useAgentsReadAgain } from './queries.ts';
import type { RolloutSearch } from './search.ts';
import { eachOnce } from './trouble.ts';
import { agentLook, AGENT_LOOKS, detailWords } from './words.ts';

const idOf = ({ agentId }: RolloutAgent) => agentId;
/** In the order in which one wants to know of them. */
const STATES = Object.keys(AGENT_LOOKS) as RolloutAgentState[];

export function AgentsTable({ rollout }: { rollout: Rollout }) {
  const t = useT();
  const search = useSearch({ from: '/app/agents/upgrades/$id' });
  const navigate = useNavigate({ from: '/agents/upgrades/$id' });
  const set = (change: Partial<RolloutSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const state = STATES.find((each) => each === search.state);
  const ring = RING_NAMES.find((each) => each === search.ring);
  const filter = useMemo(() => ({ state, ring }), [state, ring]);
  const agents = useInfiniteQuery(rolloutAgentsQuery(rollout, filter));
  useAgentsReadAgain(rollout);
  const rows = useMemo(() => (agents.data === undefined ? [] : eachOnce(agents.data.pages)), [agents.data]);
  const held = useHeldOrder(rows, idOf, `${rollout.id} ${state} ${ring}`);
  const columns = useColumns(rollout.state);
  return (
    <>
      <h2 className="mt-6 text-16 font-semibold">{t('rollouts.agents.title')}</h2>
      <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2">
        <StateChips rollout={rollout} ring={ring} state={state} onChange={(next) => set({ state: next })} />
        <div className="no-print ml-auto">
          <SelectLine
            label={t('rollouts.agents.ringColumn')}
            value={ring ?? 'any'}
            options={[
              { value: 'any' as const, label: t('rollouts.agents.allRings') },
              ...RING_NAMES.map((value) => ({ value, label: t(`rollouts.ring.${value}`) })),
            ]}
            onChange={(next) => set({ ring: next === 'any' ? undefined : next })}
          />
        </div>
      </div>
      {held.moved > 0 && (
        <p className="mt-2 flex items-center gap-2 text-12 text-text-2">
          {t('rollouts.agents.moved', { count: held.moved })}
          <Button size="small" onClick={held.release}>
            {t('rollouts.agents.sortNow')}
          </Button>
        </p>
      )}
      <section
        aria-label={t('rollouts.agents.title')}
        className="card mt-2 overflow-clip"
        {...held.listeners}
      >
        {agents.data === undefined ? (
          agents.error ? (
            <div className="px-4">
              <ErrorPanel error={agents.error} retry={() => void agents.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={8} />
          )
        ) : (
          <>
            <DataTable
              label={t('rollouts.agents.title')}
              rows={held.rows}
              rowId={idOf}
              columns={columns}
              narrowRow={(agent) => <NarrowRow agent={agent} rollout={rollout.state} />}
              empty={
                state === undefined && ring === undefined ? (
                  <EmptyState>{t('rollouts.agents.none')}</EmptyState>
                ) : (
                  <EmptyState
                    action={
                      <Button onClick={() => set({ state: undefined, ring: undefined })}>
                        {t('ui.clearFilters')}
                      </Button>
                    }
                  >
                    {t('rollouts.agents.noneMatch')}
                  </EmptyState>
                )
              }
            />
            <MorePages pages={agents} label={t('rollouts.agents.more')} />
          </>
        )}
      </section>
    </>
  );
}

/** Only states that somebody is in, and the one chosen. */
function StateChips({
  rollout,
  ring,
  state,
  onChange,
}: {
  rollout: Rollout;
  ring: RingName | undefined;
  state: RolloutAgentState | undefined;
  onChange: (state: RolloutAgentState | undefined) => void;
}) {
  const t = useT();
  const rings = rollout.rings.filter(({ name }) => ring === undefined || name === ring);
  const left = rollout.skipped.reduce((sum, { agents }) => sum + agents, 0);
  const count = (of: RolloutAgentState) =>
    of === 'skipped' && ring === undefined
      ? left
      : rings.reduce((sum, { counts }) => sum + (counts[of] ?? 0), 0);
  return (
    <FilterChips
      label={t('rollouts.agents.state')}
      all={{ label: t('ui.all'), count: STATES.reduce((sum, each) => sum + count(each), 0) }}
      chips={STATES.filter((each) => count(each) > 0 || each === state).map((value) => ({
        value,
        label: t(agentLook(value, rollout.state).word),
        count: count(value),
        glyph: agentLook(value, rollout.state).glyph,
        tone: agentLook(value, rollout.state).tone,
      }))}
      chosen={state === undefined ? [] : [state]}
      onChange={(chosen) => onChange(chosen.at(-1))}
    />
  );
}

function useColumns(rollout: Rollout['state']): Column<RolloutAgent>[] {
  const t = useT();
  return useMemo<Column<RolloutAgent>[]>(
    () => [
      {
        id: 'state',
        header: t('rollouts.agents.state'),
        cell: ({ state }) => <StatusBadge look={agentLook(state, rollout)} />,
        widthPx: 132,
        priority: 1,
      },
      {
        id: 'machine',
        header: t('rollouts.agents.machine'),
        cell: (agent) => <MachineName agent={agent} />,
        widthPx: 150,
        priority: 1,
      },
      {
        id: 'ring',
        header: t('rollouts.agents.ringColumn'),
        cell: ({ ring }) => (
          <span className="text-text-2">{ring === null ? ABSENT : t(`rollouts.ring.${ring}`)}</span>
        ),
        widthPx: 92,
        priority: 4,
      },
      {
        id: 'version',
        header: t('rollouts.agents.version'),
        cell: (agent) => <Runs agent={agent} />,
        widthPx: 160,
        priority: 3,
      },
      {
        id: 'loaded',
        header: t('rollouts.agents.loaded'),
        align: 'right',
        cell: (agent) => <Loaded agent={agent} />,
        widthPx: 128,
        priority: 5,
      },
      {
        id: 'since',
        header: t('rollouts.agents.since'),
        align: 'right',
        cell: (agent) => <Since agent={agent} />,
        widthPx: 112,
        priority: 2,
      },
      {
        id: 'why',
        header: t('rollouts.agents.why'),
        cell: (agent) => <Detail agent={agent} rollout={rollout} />,
        widthPx: 220,
        grow: 1,
        priority: 2,
      },
    ],
    [t, rollout],
  );
}

/** Rows are of one height, and reasons of one or two lines. */
const REASON = 'line-clamp-2 text-12 leading-4 whitespace-normal';

function MachineName({ agent: { ciId, name } }: { agent: RolloutAgent }) {
  return ciId === null ? (
    <span className="font-medium">{name}</span>
  ) : (
    <Link
      to="/machines/$id/live"
      params={{ id: ciId }}
      data-row-link=""
      className="truncate font-medium hover:text-accent"
    >
      {name}
    </Link>
  );
}

function Runs({ agent: { version, serial } }: { agent: RolloutAgent }) {
  const t = useT();
  return (
    <>
      {version}
      {serial !== null && (
        <span className="ml-1.5 text-12 text-text-3">
          {serial === 0 ? t('rollouts.byLine') : t('rollouts.versions.release', { serial })}
        </span>
      )}
    </>
  );
}

function Loaded({ agent: { receivedBytes, totalBytes, state } }: { agent: RolloutAgent }) {
  const t = useT();
  const language = useLanguage();
  if (receivedBytes === 0 && totalBytes === 0) return <span className="text-text-3">{ABSENT}</span>;
  const scale = scaleFor('B', totalBytes);
  const received = quantityText(receivedBytes, 'B', language, scale);
  const total = quantityText(totalBytes, 'B', language, scale);
  return (
    <span className="text-text-2">
      {state === 'downloading' && totalBytes > 0
        ? t('rollouts.agents.loadedOf', { received: received.replace(/ .*$/, ''), total })
        : received}
    </span>
  );
}

function Since({ agent: { since } }: { agent: RolloutAgent }) {
  const t = useT();
  const now = useNow(5_000);
  const sinceMs = millis(since);
  return (
    <span className="text-text-3">
      {sinceMs === null ? ABSENT : agoText(sinceMs, Math.max(now, sinceMs + 1_000), t)}
    </span>
  );
}

function Detail({ agent, rollout }: { agent: RolloutAgent; rollout: Rollout['state'] }) {
  const t = useT();
  const { text, isOwn } = detailWords(agent, rollout, t);
  return (
    <span title={text} className={cx('text-text-2', REASON)} {...(isOwn ? { lang: 'en' } : {})}>
      {text}
    </span>
  );
}

function NarrowRow({ agent, rollout }: { agent: RolloutAgent; rollout: Rollout['state'] }) {
  const t = useT();
  const { text } = detailWords(agent, rollout, t);
  return (
    <span className="flex h-full min-w-0 flex-col justify-center gap-1">
      <span className="flex min-w-0 items-center gap-2">
        <StatusBadge look={agentLook(agent.state, rollout)} />
        <span className="min-w-0 flex-1 truncate">
          <MachineName agent={agent} />
        </span>
        <Since agent={agent} />
      </span>
      <span title={text} className={cx('text-text-3', REASON)}>
        {[agent.ring === null ? null : t(`rollouts.ring.${agent.ring}`), agent.version, text]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </span>
  );
}
