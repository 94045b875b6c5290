/** The rollouts there were, the latest first, and how each ended. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Rollout } from '@muster/shared/api/rollouts.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { useNow } from '../../util/clock.ts';
import { dateTimeText, millis, recordTime } from '../../util/time.ts';
import { headway } from './progress.ts';
import { historyQuery } from './queries.ts';
import { rolloutLook } from './words.ts';

/** `shownId`: it stands above already. */
export function HistoryCard({ shownId }: { shownId: string | null }) {
  const t = useT();
  const history = useInfiniteQuery(historyQuery);
  const rows = useMemo(
    () => history.data?.pages.flatMap(({ items }) => items).filter(({ id }) => id !== shownId),
    [history.data, shownId],
  );
  return (
    <Card title={t('rollouts.history.title')} className="mt-4" flush>
      {rows === undefined ? (
        history.error ? (
          <div className="px-4">
            <ErrorPanel error={history.error} retry={() => void history.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )
      ) : rows.length === 0 ? (
        <div className="border-t border-line">
          <EmptyState>
            {t(shownId === null ? 'rollouts.history.none' : 'rollouts.history.noneEarlier')}
          </EmptyState>
        </div>
      ) : (
        <PlainTable
          label={t('rollouts.history.title')}
          head={[
            { id: 'result', label: t('rollouts.history.result') },
            { id: 'release', label: t('rollouts.history.release') },
            { id: 'has', label: t('rollouts.history.has'), align: 'right', className: 'max-tablet:hidden' },
            { id: 'when', label: t('rollouts.history.when') },
            { id: 'by', label: t('rollouts.history.by'), className: 'max-tablet:hidden' },
          ]}
        >
          {rows.map((rollout) => (
            <Row key={rollout.id} rollout={rollout} />
          ))}
        </PlainTable>
      )}
      {rows !== undefined && <MorePages pages={history} label={t('rollouts.history.more')} />}
    </Card>
  );
}

function Row({ rollout }: { rollout: Rollout }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(30_000);
  const { done, agents, trouble } = headway(rollout);
  const createdMs = millis(rollout.createdAt);
  return (
    <tr>
      <td className="whitespace-nowrap">
        <StatusBadge look={rolloutLook(rollout)} />
      </td>
      <td>
        <Link
          to="/agents/upgrades/$id"
          params={{ id: rollout.id }}
          className="font-medium hover:text-accent coarse:inline-flex coarse:min-h-11 coarse:items-center"
        >
          {t('rollouts.version', { version: rollout.version, serial: rollout.serial })}
        </Link>
      </td>
      <td className="text-right whitespace-nowrap max-tablet:hidden">
        {trouble > 0 && (
          <span className="mr-2 text-12 text-text-3">{t('rollouts.history.failed', { count: trouble })}</span>
        )}
        {t('rollouts.upgradedOf', { done, agents })}
      </td>
      <td className="whitespace-nowrap text-text-2">
        <time dateTime={rollout.createdAt} title={dateTimeText(createdMs, language)}>
          {recordTime(createdMs, now, language)}
        </time>
      </td>
      <td className="text-text-2 max-tablet:hidden">{actorWord(rollout.createdBy, t)}</td>
    </tr>
  );
}
