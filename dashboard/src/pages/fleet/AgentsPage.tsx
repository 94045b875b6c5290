/** The agents: connected or not, version, what waits in their spools, what was found. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Agent } from '@muster/shared/api/fleet.ts';
import { call } from '../../api/client.ts';
import { agentsQuery } from '../../api/queries.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button, buttonClass, IconButton } from '../../ui/Button.tsx';
import { type Column, DataTable, type Sort } from '../../ui/DataTable.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { agentLook } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { PATHS } from '../../util/paths.ts';
import { ABSENT } from '../../util/quantity.ts';
import { millis, wholeSpanText } from '../../util/time.ts';

export function AgentsPage() {
  const t = useT();
  usePageTitle(t('shell.nav.agents'));
  const agents = useQuery(agentsQuery);
  const [sort, setSort] = useState<Sort | null>(null);
  const [revoking, setRevoking] = useState<Agent | null>(null);
  const refusal = useRefusal('agents.write');
  const rows = useMemo(() => [...(agents.data ?? [])].sort(attentionFirst), [agents.data]);
  const columns = useColumns(refusal === undefined, setRevoking);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('shell.nav.agents')}</h1>
        <Link to={PATHS.addMachine} className={buttonClass()}>
          {t('fleet.add.title')}
        </Link>
      </div>
      <section aria-label={t('shell.nav.agents')} className="card mt-4">
        {agents.data ? (
          <DataTable
            label={t('shell.nav.agents')}
            rows={rows}
            rowId={(agent) => agent.id}
            columns={columns}
            sort={sort}
            onSort={setSort}
            narrowRow={(agent) => <NarrowRow agent={agent} />}
            empty={<EmptyState>{t('fleet.none')}</EmptyState>}
          />
        ) : agents.error ? (
          <div className="px-4">
            <ErrorPanel error={agents.error} retry={() => void agents.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={8} />
        )}
      </section>
      <RevokeDialog agent={revoking} onClose={() => setRevoking(null)} />
    </>
  );
}

function attentionFirst(a: Agent, b: Agent): number {
  const rank = (agent: Agent) =>
    agent.state === 'pending' ? 0 : agent.findings.length > 0 ? 1 : agent.state === 'revoked' ? 3 : 2;
  return rank(a) - rank(b) || a.hostname.localeCompare(b.hostname, undefined, { numeric: true });
}

function useColumns(mayWrite: boolean, onRevoke: (agent: Agent) => void): Column<Agent>[] {
  const t = useT();
  return useMemo<Column<Agent>[]>(
    () => [
      {
        id: 'state',
        header: t('machines.column.state'),
        cell: (agent) => <StatusBadge look={agentLook(agent)} />,
        sortValue: (agent) => agentLook(agent).word,
        widthPx: 136,
        priority: 1,
      },
      {
        id: 'host',
        header: t('fleet.column.machine'),
        cell: (agent) => <MachineName agent={agent} />,
        sortValue: (agent) => agent.hostname,
        widthPx: 170,
        grow: 2,
        priority: 1,
      },
      {
        id: 'version',
        header: t('fleet.column.version'),
        cell: (agent) => agent.version,
        sortValue: (agent) => agent.version,
        widthPx: 80,
        priority: 3,
      },
      {
        id: 'platform',
        header: t('fleet.column.platform'),
        cell: (agent) => <span className="text-text-2">{agent.platform}</span>,
        sortValue: (agent) => agent.platform,
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
        widthPx: 96,
        priority: 2,
      },
      {
        id: 'skew',
        header: t('fleet.column.skew'),
        align: 'right',
        cell: (agent) => (
          <Quantity value={agent.clockSkewMs === null ? null : agent.clockSkewMs / 1000} unit="s" />
        ),
        sortValue: (agent) => agent.clockSkewMs,
        widthPx: 92,
        priority: 8,
      },
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
        cell: (agent) => mayWrite && <AgentMenu agent={agent} onRevoke={() => onRevoke(agent)} />,
        widthPx: 60,
        priority: 1,
      },
    ],
    [t, mayWrite, onRevoke],
  );
}

function MachineName({ agent }: { agent: Agent }) {
  const t = useT();
  return (
    <span className="flex min-w-0 items-center gap-2">
      {agent.ciId === null ? (
        <span className="truncate font-medium">{agent.hostname}</span>
      ) : (
        <Link
          to={PATHS.machineLive}
          params={{ id: agent.ciId }}
          data-row-link=""
          className="truncate font-medium hover:text-accent"
        >
          {agent.hostname}
        </Link>
      )}
      {agent.findings.length > 0 && (
        <span
          title={agent.findings.map(({ detail }) => detail).join('\n')}
          className="flex flex-none items-center gap-1 text-12 text-warn-fg"
        >
          <Glyph name="triangle" />
          {t('fleet.findings', { count: agent.findings.length })}
        </span>
      )}
    </span>
  );
}

function Seen({ agent }: { agent: Agent }) {
  const t = useT();
  const now = useNow(5_000);
  const seenMs = millis(agent.lastSeenAt);
  return (
    <span className="text-text-3">
      {seenMs === null ? t('time.never') : wholeSpanText(Math.max(1_000, now - seenMs), t)}
    </span>
  );
}

function Lost({ agent }: { agent: Agent }) {
  const lost = agent.droppedFrames + agent.missingFrames;
  return <span className={lost > 0 ? 'font-medium text-warn-fg' : 'text-text-3'}>{lost}</span>;
}

function AgentMenu({ agent, onRevoke }: { agent: Agent; onRevoke: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const approve = useMutation({
    mutationFn: () => call(ENDPOINTS.approveAgent, { params: { id: agent.id } }),
    onSettled: () => void queries.invalidateQueries({ queryKey: agentsQuery.queryKey }),
  });
  if (agent.state === 'revoked') return null;
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
      {agent.state === 'pending' && (
        <MenuItem onSelect={() => approve.mutate()}>{t('fleet.approve')}</MenuItem>
      )}
      <MenuItem onSelect={onRevoke}>{t('fleet.revoke')}</MenuItem>
    </Menu>
  );
}

function RevokeDialog({ agent, onClose }: { agent: Agent | null; onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: (id: string) => call(ENDPOINTS.revokeAgent, { params: { id } }),
    onSuccess: onClose,
    onSettled: () => void queries.invalidateQueries({ queryKey: agentsQuery.queryKey }),
  });
  return (
    <Dialog
      open={agent !== null}
      onClose={onClose}
      title={t('fleet.revokeTitle', { name: agent?.hostname ?? '' })}
      description={t('fleet.revokeText')}
    >
      {revoke.error && <ErrorPanel error={revoke.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('fleet.keep')}</Button>
        <Button look="danger" disabled={revoke.isPending} onClick={() => agent && revoke.mutate(agent.id)}>
          {t('fleet.revoke')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function NarrowRow({ agent }: { agent: Agent }) {
  return (
    <span className="flex h-full min-w-0 flex-col justify-center gap-1">
      <span className="flex min-w-0 items-center gap-2">
        <StatusBadge look={agentLook(agent)} />
        <span className="min-w-0 flex-1">
          <MachineName agent={agent} />
        </span>
        <Seen agent={agent} />
      </span>
      <span className="truncate text-12 text-text-3">
        {[agent.version, agent.platform, agent.address].filter(Boolean).join(' · ')}
      </span>
    </span>
  );
}
