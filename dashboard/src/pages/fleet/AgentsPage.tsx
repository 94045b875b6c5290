/** The agents: who waits to be let in, who is connected, what is odd; and the tokens by which machines enrol. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Agent } from '@muster/shared/api/fleet.ts';
import { agentsQuery, ciQuery } from '../../api/queries.ts';
import { useMay } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { LabelLine } from '../../parts/LabelLine.tsx';
import { RetireDialog, type RetireDialogProps } from '../../parts/RetireDialog.tsx';
import { retiringRefusal } from '../../parts/retiring.ts';
import { Button, buttonClass, IconButton, Key } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { wentBackByItself } from '../rollouts/words.ts';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { agentLook, type StateLook } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { ABSENT } from '../../util/quantity.ts';
import { parseSort, printSort } from '../../util/search.ts';
import { AGENT_STATES, type AgentsSearch } from './search.ts';
import { agoText, dateTimeText, millis, recordTime } from '../../util/time.ts';
import { useAgentRefusal, useApproveAgent, useRevokeAgent } from './agentActions.ts';
import { AgentReleaseDialog } from './AgentReleaseDialog.tsx';
import { FindingsDialog } from './FindingsDialog.tsx';
import { platformName } from './platforms.ts';
import { labelledAgentsQuery } from './queries.ts';
import { TokensCard } from './TokensCard.tsx';
import { WaitingCard } from './WaitingCard.tsx';

export function AgentsPage() {
  const t = useT();
  usePageTitle(t('shell.nav.agents'));
  const { label } = useSearch({ from: `/app${'/agents'}` });
  const agents = useQuery(agentsQuery);
  const labelled = useQuery({ ...labelledAgentsQuery(label ?? ''), enabled: label !== undefined });
  const listed = label === undefined ? agents : labelled;
  const mayEnrol = useMay('enrolment.write');
  const [revoking, setRevoking] = useState<Agent | null>(null);
  const [odd, setOdd] = useState<Agent | null>(null);
  const [retiring, setRetiring] = useState<RetireDialogProps['ci'] | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  // As it is now: what is read again while the dialog is open shows there.
  const released = agents.data?.find(({ id }) => id === asked);
  const waiting = agents.data?.filter(({ state }) => state === 'pending') ?? [];
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('shell.nav.agents')}</h1>
        <Link to="/settings/agent-config" className={buttonClass()}>
          {t('config.title')}
        </Link>
        <Link to="/agents/upgrades" className={buttonClass()}>
          {t('rollouts.title')}
        </Link>
        {mayEnrol && (
          <Link to="/machines/new" className={buttonClass('primary')}>
            <Icon name="plus" size={14} />
            {t('shell.addMachine')}
          </Link>
        )}
      </div>
      <WaitingCard agents={waiting} onRevoke={setRevoking} />
      {listed.error && listed.data === undefined ? (
        <div className="card mt-4 px-4">
          <ErrorPanel error={listed.error} retry={() => void listed.refetch()} />
        </div>
      ) : (
        <AgentList
          agents={listed.data}
          onRevoke={setRevoking}
          onFindings={setOdd}
          onRelease={(agent) => setAsked(agent.id)}
          onRetire={setRetiring}
        />
      )}
      {mayEnrol && <TokensCard />}
      {revoking && <RevokeDialog agent={revoking} onClose={() => setRevoking(null)} />}
      {odd && <FindingsDialog agent={odd} onClose={() => setOdd(null)} />}
      {retiring && <RetireDialog ci={retiring} onClose={() => setRetiring(null)} />}
      {released && <AgentReleaseDialog agent={released} onClose={() => setAsked(null)} />}
    </>
  );
}

interface RowActions {
  readonly onRevoke: (agent: Agent) => void;
  readonly onFindings: (agent: Agent) => void;
  readonly onRelease: (agent: Agent) => void;
  readonly onRetire: (ci: RetireDialogProps['ci']) => void;
}

function AgentList({ agents, ...actions }: { agents: readonly Agent[] | undefined } & RowActions) {
  const t = useT();
  const { state, q = '', label, sort } = useSearch({ from: `/app${'/agents'}` });
  const navigate = useNavigate({ from: '/agents' });
  const set = (change: Partial<AgentsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const needle = q.trim().toLowerCase();
  const found = useMemo(
    () => (agents ?? []).filter((agent) => searchText(agent).includes(needle)).sort(attentionFirst),
    [agents, needle],
  );
  const rows = state === undefined ? found : found.filter((agent) => stateOf(agent) === state);
  const columns = useColumns(actions, agents?.some((agent) => agent.holdMs) ?? false);
  const count = (of: AgentState) => found.filter((agent) => stateOf(agent) === of).length;
  return (
    <>
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <FilterChips
          label={t('fleet.stateFilter')}
          all={{ label: t('ui.all'), count: agents === undefined ? null : found.length }}
          chips={AGENT_STATES.map((value) => ({
            value,
            label: t(LOOKS[value].word),
            count: agents === undefined ? null : count(value),
            glyph: LOOKS[value].glyph,
            tone: LOOKS[value].tone,
          }))}
          chosen={state === undefined ? [] : [state]}
          onChange={(chosen) => set({ state: chosen.at(-1) })}
        />
        <div className="ml-auto flex min-w-0 flex-wrap items-center gap-2 max-tablet:w-full">
          <LabelLine label={label} onChange={(next) => set({ label: next })} />
          <SearchField
            label={t('ui.filter')}
            value={q}
            onChange={(text) => set({ q: text === '' ? undefined : text })}
            shortcut={<Key>/</Key>}
          />
        </div>
      </div>
      <section aria-label={t('shell.nav.agents')} className="card mt-3 overflow-clip">
        {agents === undefined ? (
          <SkeletonRows rows={8} />
        ) : (
          <DataTable
            label={t('shell.nav.agents')}
            rows={rows}
            rowId={(agent) => agent.id}
            columns={columns}
            sort={parseSort(sort)}
            onSort={(next) => set({ sort: printSort(next) })}
            narrowRow={(agent) => <NarrowRow agent={agent} {...actions} />}
            empty={
              agents.length === 0 && label === undefined ? (
                <EmptyState>{t('fleet.none')}</EmptyState>
              ) : (
                <EmptyState
                  action={
                    <Button onClick={() => set({ state: undefined, q: undefined, label: undefined })}>
                      {t('ui.clearFilters')}
                    </Button>
                  }
                >
                  {t('fleet.noneMatch')}
                </EmptyState>
              )
            }
          />
        )}
      </section>
    </>
  );
}

type AgentState = (typeof AGENT_STATES)[number];

const GONE_LOOKS = {
  uninstalled: { word: 'fleet.gone.uninstalled', glyph: 'dash', tone: 'idle' },
  replaced: { word: 'fleet.gone.replaced', glyph: 'dash', tone: 'idle' },
} as const satisfies Record<NonNullable<Agent['gone']>['why'], StateLook>;

function lookOf(agent: Agent): StateLook {
  return agent.state === 'active' && agent.gone !== null ? GONE_LOOKS[agent.gone.why] : agentLook(agent);
}

const LOOKS = {
  connected: agentLook({ state: 'active', connected: true }),
  away: agentLook({ state: 'active', connected: false }),
  pending: agentLook({ state: 'pending', connected: true }),
  gone: { word: 'fleet.gone.all', glyph: 'dash', tone: 'idle' },
  revoked: agentLook({ state: 'revoked', connected: false }),
} as const satisfies Record<AgentState, StateLook>;

function stateOf(agent: Agent): AgentState {
  if (agent.state !== 'active') return agent.state;
  if (agent.gone !== null) return 'gone';
  return agent.connected ? 'connected' : 'away';
}

function searchText(agent: Agent): string {
  return [agent.hostname, agent.address, agent.version, agent.platform, platformName(agent.platform)]
    .join(' ')
    .toLowerCase();
}

function attentionFirst(a: Agent, b: Agent): number {
  const rank = (agent: Agent) => {
    if (agent.state === 'pending') return 0;
    if (agent.findings.length > 0 || wentBackByItself(agent.release)) return 1;
    return agent.state === 'revoked' || agent.gone !== null ? 3 : 2;
  };
  return rank(a) - rank(b) || a.hostname.localeCompare(b.hostname, undefined, { numeric: true });
}

/** `holds`: some agent may hold readings; otherwise nobody needs the column. */
function useColumns(
  { onRevoke, onFindings, onRelease, onRetire }: RowActions,
  holds: boolean,
): Column<Agent>[] {
  const t = useT();
  const mayWrite = useMay('agents.write');
  return useMemo<Column<Agent>[]>(
    () => [
      {
        id: 'state',
        header: t('machines.column.state'),
        cell: (agent) => <StatusBadge look={lookOf(agent)} />,
        sortValue: (agent) => lookOf(agent).word,
        widthPx: 168,
        priority: 1,
      },
      {
        id: 'host',
        header: t('fleet.column.machine'),
        cell: (agent) => <MachineName agent={agent} onFindings={onFindings} />,
        sortValue: (agent) => agent.hostname,
        widthPx: 170,
        grow: 2,
        priority: 1,
      },
      {
        id: 'version',
        header: t('fleet.column.version'),
        cell: (agent) => <Version agent={agent} onRelease={onRelease} />,
        sortValue: (agent) => agent.version,
        widthPx: 190,
        priority: 3,
      },
      {
        id: 'platform',
        header: t('fleet.column.platform'),
        cell: (agent) => <span className="text-text-2">{platformName(agent.platform)}</span>,
        sortValue: (agent) => platformName(agent.platform),
        widthPx: 110,
        grow: 1,
        priority: 6,
      },
      {
        id: 'address',
        header: t('fleet.column.address'),
        cell: (agent) => <span className="text-text-2">{agent.address ?? ABSENT}</span>,
        sortValue: (agent) => agent.address,
        widthPx: 110,
        grow: 1,
        priority: 7,
      },
      {
        id: 'seen',
        header: t('machines.column.seen'),
        align: 'right',
        cell: (agent) => <Seen agent={agent} />,
        sortValue: (agent) => millis(agent.lastSeenAt),
        widthPx: 112,
        priority: 2,
      },
      {
        id: 'skew',
        header: t('fleet.column.skew'),
        term: 'clockSkew',
        align: 'right',
        cell: (agent) => (
          <Quantity value={agent.clockSkewMs === null ? null : agent.clockSkewMs / 1000} unit="s" />
        ),
        sortValue: (agent) => agent.clockSkewMs,
        widthPx: 92,
        priority: 8,
      },
      ...(holds ? [holdColumn(t('fleet.column.hold'))] : []),
      {
        id: 'spool',
        header: t('fleet.column.spool'),
        align: 'right',
        cell: (agent) => <Quantity value={agent.spoolUsedBytes} unit="B" />,
        sortValue: (agent) => agent.spoolUsedBytes,
        widthPx: 96,
        priority: 5,
      },
      {
        id: 'lost',
        header: t('fleet.column.lost'),
        align: 'right',
        cell: (agent) => <Lost agent={agent} />,
        sortValue: (agent) => agent.droppedFrames + agent.missingFrames,
        widthPx: 92,
        priority: 4,
      },
      {
        id: 'actions',
        header: '',
        spokenHeader: t('fleet.column.actions'),
        align: 'right',
        cell: (agent) => (
          <AgentMenu
            agent={agent}
            mayWrite={mayWrite}
            onRevoke={() => onRevoke(agent)}
            onRelease={() => onRelease(agent)}
            onRetire={onRetire}
          />
        ),
        widthPx: 60,
        priority: 1,
      },
    ],
    [t, mayWrite, onRevoke, onFindings, onRelease, onRetire, holds],
  );
}

function holdColumn(header: string): Column<Agent> {
  return {
    id: 'hold',
    header,
    align: 'right',
    cell: (agent) => <Quantity value={agent.holdMs === null ? null : agent.holdMs / 1000} unit="s" />,
    sortValue: (agent) => agent.holdMs,
    widthPx: 92,
    priority: 8,
  };
}

function MachineName({ agent, onFindings }: { agent: Agent; onFindings: (agent: Agent) => void }) {
  const t = useT();
  return (
    <span className="flex min-w-0 items-center gap-2">
      {agent.ciId === null ? (
        <span className="truncate font-medium">{agent.hostname}</span>
      ) : (
        <Link
          to="/machines/$id/live"
          params={{ id: agent.ciId }}
          data-row-link=""
          className={cx(
            'truncate font-medium hover:text-accent',
            agent.gone !== null && 'max-w-40 flex-none',
          )}
        >
          {agent.hostname}
        </Link>
      )}
      {agent.findings.length > 0 && (
        <button
          type="button"
          onClick={() => onFindings(agent)}
          className="flex flex-none items-center gap-1 text-12 text-warn-fg hover:underline coarse:-my-3 coarse:min-h-11"
        >
          <Glyph name="triangle" />
          {t('fleet.findings', { count: agent.findings.length })}
        </button>
      )}
      {agent.gone !== null && <Gone gone={agent.gone} />}
    </span>
  );
}

/** When it was uninstalled, or by which agent it was replaced: that of the same machine that enrolled later. */
function Gone({ gone }: { gone: NonNullable<Agent['gone']> }) {
  const t = useT();
  const { data } = useQuery(agentsQuery);
  const language = useLanguage();
  const now = useNow(60_000);
  const at = gone.why === 'uninstalled' ? gone.at : data?.find(({ id }) => id === gone.by)?.enrolledAt;
  if (at === undefined) return null;
  const words = (time: string) => t(gone.why === 'uninstalled' ? 'fleet.gone.at' : 'fleet.gone.by', { time });
  return (
    <span
      className="min-w-0 flex-1 truncate text-12 text-text-3"
      title={words(dateTimeText(millis(at), language))}
    >
      {words(recordTime(millis(at), now, language))}
    </span>
  );
}

function Seen({ agent }: { agent: Agent }) {
  const t = useT();
  const now = useNow(5_000);
  const seenMs = millis(agent.lastSeenAt);
  return (
    <span className="text-text-3">
      {seenMs === null ? t('time.never') : agoText(seenMs, Math.max(now, seenMs + 1_000), t)}
    </span>
  );
}

function Lost({ agent }: { agent: Agent }) {
  const lost = agent.droppedFrames + agent.missingFrames;
  return <span className={lost > 0 ? 'font-medium text-warn-fg' : 'text-text-3'}>{lost}</span>;
}

/** Version and number of the release; what is out of the ordinary about it leads to the whole account. */
function Version({ agent, onRelease }: { agent: Agent; onRelease: (agent: Agent) => void }) {
  const t = useT();
  const { version, release } = agent;
  // Semantic Versioning 2.0.0, section 10: what stands after it makes no version older or newer.
  const [number, build] = version.split('+');
  const wentBack = wentBackByItself(release);
  const mark = wentBack
    ? t('rollouts.agent.takenBackMark')
    : release?.onTrial
      ? t('rollouts.agent.onTrialMark')
      : release?.pinned
        ? t('rollouts.agent.pinnedMark')
        : null;
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <span className="truncate">{number}</span>
      {build !== undefined && (
        <span className="truncate text-12 text-text-3" title={t('fleet.buildWhy')}>
          {t('fleet.build', { build })}
        </span>
      )}
      {release !== null && release.serial > 0 && (
        <span className="flex-none text-12 text-text-3">
          {t('rollouts.versions.release', { serial: release.serial })}
        </span>
      )}
      {mark !== null && (
        <button
          type="button"
          onClick={() => onRelease(agent)}
          className={cx(
            'flex-none text-12 hover:underline coarse:-my-3 coarse:min-h-11',
            wentBack ? 'font-medium text-warn-fg' : 'text-text-2',
          )}
        >
          {mark}
        </button>
      )}
    </span>
  );
}

function AgentMenu({
  agent,
  mayWrite,
  onRevoke,
  onRelease,
  onRetire,
}: {
  agent: Agent;
  mayWrite: boolean;
  onRevoke: () => void;
  onRelease: () => void;
  onRetire: RowActions['onRetire'];
}) {
  const t = useT();
  const mayRetire = useMay('cis.write');
  const approve = useApproveAgent();
  if (agent.state === 'revoked' || (agent.state === 'pending' && !mayWrite)) return null;
  return (
    <Menu
      trigger={
        <IconButton
          icon="more"
          label={t('fleet.actionsFor', { name: agent.hostname })}
          className="!size-7 coarse:!size-11"
        />
      }
    >
      {agent.state === 'pending' && mayWrite && (
        <MenuItem onSelect={() => approve.mutate(agent.id)}>{t('fleet.approve')}</MenuItem>
      )}
      {agent.state === 'active' && <MenuItem onSelect={onRelease}>{t('rollouts.agent.menu')}</MenuItem>}
      {mayWrite && <MenuItem onSelect={onRevoke}>{t('fleet.revoke')}</MenuItem>}
      {mayRetire && agent.gone?.why === 'uninstalled' && agent.ciId !== null && (
        <RetireItem ci={{ id: agent.ciId, name: agent.hostname }} onRetire={onRetire} />
      )}
    </Menu>
  );
}

/** The last one, and there from the start, so that what comes of its machine's record moves no other. */
function RetireItem({ ci, onRetire }: Pick<RetireDialogProps, 'ci'> & Pick<RowActions, 'onRetire'>) {
  const t = useT();
  const language = useLanguage();
  const { data, isFetching } = useQuery(ciQuery(ci.id));
  const refusal = data && retiringRefusal(data, t, language);
  // Where the record could not be read the dialog says so, and tries again.
  const reading = isFetching && (data === undefined || refusal !== undefined);
  return (
    <MenuItem disabledReason={reading ? '' : refusal} onSelect={() => onRetire(ci)}>
      {t('assets.life.retire')}
    </MenuItem>
  );
}

function RevokeDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const t = useT();
  const refusal = useAgentRefusal();
  const revoke = useRevokeAgent();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('fleet.revokeTitle', { name: agent.hostname })}
      description={t('fleet.revokeText')}
    >
      <DialogActions>
        <Button onClick={onClose}>{t('fleet.keep')}</Button>
        <Button
          look="danger"
          disabled={revoke.isPending}
          disabledReason={refusal}
          onClick={() => revoke.mutate(agent.id, { onSuccess: onClose })}
        >
          {t('fleet.revoke')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function NarrowRow({ agent, onRevoke, onFindings, onRelease, onRetire }: { agent: Agent } & RowActions) {
  const mayWrite = useMay('agents.write');
  return (
    <span className="flex h-full min-w-0 items-center gap-2">
      <span className="flex min-w-0 flex-1 flex-col justify-center gap-1">
        <span className="flex min-w-0 items-center gap-2">
          <StatusBadge look={lookOf(agent)} />
          <span className="min-w-0 flex-1">
            <MachineName agent={agent} onFindings={onFindings} />
          </span>
          <Seen agent={agent} />
        </span>
        <span className="flex min-w-0 items-center gap-2 text-12 text-text-3">
          <Version agent={agent} onRelease={onRelease} />
          <span className="truncate">
            {[platformName(agent.platform), agent.address].filter(Boolean).join(' · ')}
          </span>
        </span>
      </span>
      <AgentMenu
        agent={agent}
        mayWrite={mayWrite}
        onRevoke={() => onRevoke(agent)}
        onRelease={() => onRelease(agent)}
        onRetire={onRetire}
      />
    </span>
  );
}
