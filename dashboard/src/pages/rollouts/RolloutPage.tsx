/** One rollout with all its agents. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { AgentsTable } from './AgentsTable.tsx';
import { rolloutQuery, silentSince } from './queries.ts';
import { RolloutCard } from './RolloutCard.tsx';
import { TroubleCard } from './TroubleCard.tsx';

export function RolloutPage() {
  const t = useT();
  const { id } = useParams({ from: '/app/agents/upgrades/$id' });
  const one = useQuery(rolloutQuery(id));
  const rollout = one.data;
  const title = rollout && t('rollouts.version', { version: rollout.version, serial: rollout.serial });
  usePageTitle(title);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{title ?? t('rollouts.title')}</h1>
        <Link to="/agents/upgrades" activeOptions={{ exact: true }} className={buttonClass()}>
          <Icon name="back" size={14} />
          {t('rollouts.page.back')}
        </Link>
      </div>
      {rollout === undefined ? (
        <div className="card mt-4 px-4 py-3">
          {one.error ? (
            <ErrorPanel error={one.error} retry={() => void one.refetch()} />
          ) : (
            <Skeleton className="h-40" />
          )}
        </div>
      ) : (
        <>
          <RolloutCard rollout={rollout} silentSinceMs={silentSince(one)} />
          <TroubleCard rollout={rollout} />
          <AgentsTable rollout={rollout} />
        </>
      )}
    </>
  );
}
