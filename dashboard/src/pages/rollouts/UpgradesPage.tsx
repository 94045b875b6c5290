/** Which versions of the agent run where, which releases there are, and the rollout that is under way. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Agent } from '@muster/shared/api/fleet.ts';
import type { Release, Rollout } from '@muster/shared/api/rollouts.ts';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import { agentsQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useNow } from '../../util/clock.ts';
import { millis } from '../../util/time.ts';
import { HistoryCard } from './HistoryCard.tsx';
import { headway, isFailed, isMoving } from './progress.ts';
import { latestRolloutQuery, releasesQuery, releaseTrustQuery, silentSince } from './queries.ts';
import { ReleasesCard } from './ReleasesCard.tsx';
import { RolloutCard } from './RolloutCard.tsx';
import { StartDialog } from './StartDialog.tsx';
import { TroubleCard } from './TroubleCard.tsx';
import { behindNewest, fleetStanding } from './versions.ts';
import { VersionsCard } from './VersionsCard.tsx';
import { isEnded } from './words.ts';

/** The list of agents is the parent of this address, not the page shown. */
const EXACT = { exact: true };
/** A rollout that went well is history after this. */
const SHOWN_AFTER_MS = DAY_MS;

export function UpgradesPage() {
  const t = useT();
  usePageTitle(t('rollouts.title'));
  const now = useNow(60_000);
  const releases = useQuery(releasesQuery);
  const latest = useQuery(latestRolloutQuery);
  const agents = useQuery(agentsQuery);
  const trust = useQuery(releaseTrustQuery);
  const [starting, setStarting] = useState<number | null>(null);
  const rollout = latest.data ?? null;
  const shown = rollout !== null && isWorthShowing(rollout, now) ? rollout : null;
  const moving = rollout !== null && isMoving(rollout.state) ? rollout : null;
  const newest = newestOf(releases.data ?? []);
  const role = useActionRefusal('rollouts.write');
  const refusal = useStartRefusal({
    moving,
    releases: releases.data,
    lacksKey: trust.data?.keyFingerprint === null,
    agents: agents.data,
  });
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('rollouts.title')}</h1>
        <Link to="/agents" activeOptions={EXACT} className={buttonClass()}>
          <Icon name="agent" size={14} />
          {t('rollouts.toAgents')}
        </Link>
        <Button
          look="primary"
          icon="play"
          disabledReason={refusal}
          onClick={() => newest !== null && setStarting(newest.serial)}
        >
          {t('rollouts.act.start')}
        </Button>
      </div>
      <p role="status" className="mt-1 text-14 leading-prose">
        {releases.data === undefined || latest.data === undefined
          ? t('rollouts.head.unknown')
          : headline({ rollout: shown, newest, agents: agents.data }, t)}
      </p>
      <p className="max-w-[80ch] text-12 leading-prose text-text-3">{t('rollouts.intro')}</p>
      {role !== undefined && shown === null && <p className="mt-1 text-12 text-text-2">{role}</p>}
      {latest.error && latest.data === undefined && (
        <div className="card mt-4 px-4">
          <ErrorPanel error={latest.error} retry={() => void latest.refetch()} />
        </div>
      )}
      {shown && (
        <>
          <RolloutCard rollout={shown} silentSinceMs={silentSince(latest)} linked />
          <TroubleCard rollout={shown} />
          <p className="mt-2 text-12">
            <Link
              to="/agents/upgrades/$id"
              params={{ id: shown.id }}
              className="text-accent hover:underline coarse:inline-flex coarse:min-h-11 coarse:items-center"
            >
              {t('rollouts.agents.all')}
            </Link>
          </p>
        </>
      )}
      <div className="mt-4 grid grid-cols-1 items-start gap-4 desk:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)]">
        <VersionsCard agents={agents.data} error={agents.error} retry={() => void agents.refetch()} />
        <ReleasesCard
          releases={releases}
          trust={trust.data}
          moving={moving?.serial ?? null}
          refusal={refusal}
          onRollOut={setStarting}
        />
      </div>
      <HistoryCard shownId={shown?.id ?? null} />
      {starting !== null && releases.data && (
        <StartDialog releases={releases.data} serial={starting} onClose={() => setStarting(null)} />
      )}
    </>
  );
}

/** Why no rollout can be started now, if so. */
function useStartRefusal({
  moving,
  releases,
  lacksKey,
  agents,
}: {
  moving: Rollout | null;
  releases: readonly Release[] | undefined;
  lacksKey: boolean;
  agents: readonly Agent[] | undefined;
}): string | undefined {
  const t = useT();
  const refusal = useActionRefusal('rollouts.write');
  if (refusal !== undefined) return refusal;
  if (moving !== null) return t('rollouts.act.oneAtATime', { serial: moving.serial });
  if (lacksKey) return t('rollouts.act.noKey');
  if (releases?.length === 0) return t('rollouts.act.nothing');
  const fleet = agents && behindNewest(agents, null);
  if (fleet === undefined) return undefined;
  if (fleet.agents === 0) return t('rollouts.versions.none');
  return fleet.unable === fleet.agents ? t('rollouts.head.unable', { count: fleet.agents }) : undefined;
}

/** What its gate ended stays until somebody starts the next one. */
function isWorthShowing(rollout: Rollout, nowMs: Millis): boolean {
  const { state, endedAt } = rollout;
  if (isMoving(state) || (isEnded(state) && isFailed(rollout))) return true;
  return endedAt === null || nowMs - millis(endedAt) < SHOWN_AFTER_MS;
}

/** The highest that is meant for everybody. */
function newestOf(releases: readonly Release[]): Release | null {
  const sorted = releases.toSorted((a, b) => b.serial - a.serial);
  return sorted.find(({ development }) => !development) ?? sorted[0] ?? null;
}

function headline(
  {
    rollout,
    newest,
    agents,
  }: { rollout: Rollout | null; newest: Release | null; agents: readonly Agent[] | undefined },
  t: Translate,
): string {
  if (rollout !== null) {
    const { serial, state } = rollout;
    const { done, agents: all, trouble } = headway(rollout);
    const values = { serial, done, agents: all };
    if (state === 'running')
      return trouble > 0
        ? t('rollouts.head.underWayTrouble', { ...values, count: trouble })
        : t('rollouts.head.underWay', values);
    if (state === 'paused') return t('rollouts.head.paused', values);
    if (state === 'rolling-back') return t('rollouts.head.returns', values);
    if (isFailed(rollout) && state === 'rolled-back') return t('rollouts.head.undone', values);
    if (isFailed(rollout) && state === 'stopped') return t('rollouts.head.stopped', values);
  }
  if (newest === null) return t('rollouts.head.none');
  if (agents === undefined) return t('rollouts.head.unknown');
  const { serial } = newest;
  const standing = behindNewest(agents, serial);
  switch (fleetStanding(standing)) {
    case 'none':
      return t('rollouts.versions.none');
    case 'unable':
      return t('rollouts.head.unable', { count: standing.agents });
    case 'behind':
      return t('rollouts.head.behind', { serial, count: standing.behind, agents: standing.agents });
    case 'pinned':
      return t('rollouts.head.pinned');
    case 'current':
      return t('rollouts.head.current', {
        serial,
        count: standing.agents - standing.pinned - standing.unable,
      });
  }
}
