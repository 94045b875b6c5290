/** How many agents run which version, and what keeps some of them there. */
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Agent } from '@muster/shared/api/fleet.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { formatNumber } from '../../util/quantity.ts';
import { type VersionRow, versionsOf } from './versions.ts';

export function VersionsCard({
  agents,
  error,
  retry,
}: {
  agents: readonly Agent[] | undefined;
  error: unknown;
  retry: () => void;
}) {
  const t = useT();
  const rows = useMemo(() => (agents === undefined ? undefined : versionsOf(agents)), [agents]);
  const all = (rows ?? []).reduce((sum, row) => sum + row.agents, 0);
  return (
    <Card title={t('rollouts.versions.title')} note={t('rollouts.versions.note')} flush>
      {rows === undefined ? (
        error ? (
          <div className="px-4">
            <ErrorPanel error={error} retry={retry} />
          </div>
        ) : (
          <SkeletonRows rows={4} />
        )
      ) : rows.length === 0 ? (
        <EmptyState>{t('rollouts.versions.none')}</EmptyState>
      ) : (
        <ul>
          {rows.map((row) => (
            <Row key={row.key} row={row} all={all} />
          ))}
        </ul>
      )}
    </Card>
  );
}

/** `all`: agents of every version. */
function Row({ row, all }: { row: VersionRow; all: number }) {
  const t = useT();
  const language = useLanguage();
  const { version, serial, agents } = row;
  const notes = [
    ...(row.takenBack > 0 ? [t('rollouts.versions.takenBack', { count: row.takenBack })] : []),
    ...(row.onTrial > 0 ? [t('rollouts.versions.onTrial', { count: row.onTrial })] : []),
    ...(row.pinned > 0 ? [t('rollouts.versions.pinned', { count: row.pinned })] : []),
    ...(row.connected < agents ? [t('rollouts.versions.away', { count: agents - row.connected })] : []),
  ];
  return (
    <li className="border-t border-line px-4 py-2">
      <div className="flex items-baseline gap-x-2">
        <Link
          to="/agents"
          search={{ q: version }}
          title={t('rollouts.versions.show', { version })}
          className="font-medium hover:text-accent coarse:inline-flex coarse:min-h-8 coarse:items-center"
        >
          {version}
        </Link>
        <span className="min-w-0 text-12 text-text-3">
          {serial === null
            ? t('rollouts.versions.unable')
            : serial === 0
              ? t('rollouts.byLine')
              : t('rollouts.versions.release', { serial })}
        </span>
        <span className="ml-auto pl-2 font-semibold">{formatNumber(agents, 0, language)}</span>
      </div>
      <Meter percent={(agents / all) * 100} className="mt-1 w-full" />
      {(notes.length > 0 || serial === null) && (
        <p className="mt-1 text-12 text-text-3">
          {serial === null && <span className="block">{t('rollouts.versions.unableWhy')}</span>}
          {notes.join(' · ')}
        </p>
      )}
    </li>
  );
}
