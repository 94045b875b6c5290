/**
 * The first page: one sentence, the fleet in six counts, what needs a person, what fills up, how available it was, the
 * highest consumers; a new installation is led to its first machines instead.
 */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { openIncidentsQuery, overviewQuery, statusQuery, waitingAgentsQuery } from '../../api/queries.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { NobodyTold } from '../../parts/NobodyTold.tsx';
import { useRoll } from '../../parts/roll.ts';
import { type Counts, countCells } from '../../parts/rollCells.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { formatNumber } from '../../util/quantity.ts';
import { dateTimeText, zoneText } from '../../util/time.ts';
import { AvailabilityCard, CapacityCard } from './cards.tsx';
import { FirstSteps, FirstStepsLink, useFirstSteps } from './FirstSteps.tsx';
import { FleetCard } from './FleetCard.tsx';
import { headline } from '../../parts/headline.ts';
import { NeedsAPerson } from './NeedsAPerson.tsx';
import { RollCard } from './RollCard.tsx';
import { SiteFilter } from './SiteFilter.tsx';
import { TopCard } from './TopCard.tsx';

/** With so few open incidents their list takes the whole width and the rest stands beneath it. */
const CALM_INCIDENTS_MAX = 2;
/** From here on the counts alone do not say where the trouble lies. */
const ROLL_MACHINES_MIN = 100;

const route = getRouteApi('/app/');

export function OverviewPage() {
  const t = useT();
  usePageTitle(t('shell.nav.overview'));
  const { site } = route.useSearch();
  const overview = useQuery(overviewQuery);
  const situation = useSituation(site);
  const guide = useFirstSteps();
  // Until the answer is there, nothing is said of it: the boxes stand as they do for most fleets.
  const known = overview.data !== undefined;
  const calm = known && situation.openIncidents <= CALM_INCIDENTS_MAX;
  const total = overview.data?.fleet.total ?? 0;
  const charted = guide !== 'shown' && (!known || total > 0);
  const needs = <NeedsAPerson site={site} inSite={situation.inSite} />;
  const highest = (
    <>
      <TopCard
        title="overview.highestDisk"
        metric="filesystem.utilisation"
        sort="-disk"
        site={site}
        keepsStale
      />
      <TopCard title="overview.highestCpu" metric="cpu.utilisation" sort="-cpu" site={site} />
      <TopCard title="overview.highestMemory" metric="memory.utilisation" sort="-memory" site={site} />
    </>
  );
  if (overview.error && overview.data === undefined) {
    return (
      <Card>
        <ErrorPanel error={overview.error} retry={() => void overview.refetch()} />
      </Card>
    );
  }
  return (
    <>
      <Headline site={site} situation={situation} adding={guide !== 'shown'} />
      {guide === 'shown' ? <FirstSteps /> : <NobodyTold />}
      <FleetCard fleet={situation.fleet} site={site} />
      <div className="mt-4 grid grid-cols-1 gap-4">
        {calm && needs}
        {guide === 'left' && <FirstStepsLink />}
        {charted && (
          <div className="grid grid-cols-1 items-start gap-4 desk:grid-cols-[minmax(0,1.72fr)_minmax(0,1fr)]">
            <div className="grid min-w-0 grid-cols-1 gap-4">
              {!calm && needs}
              <AvailabilityCard site={site} sites={overview.data?.sites.length} />
            </div>
            <div className="grid min-w-0 grid-cols-1 gap-4">
              <CapacityCard site={site} />
              {!calm && highest}
            </div>
          </div>
        )}
        {charted && calm && <div className="grid grid-cols-1 gap-4 desk:grid-cols-3">{highest}</div>}
        {guide === 'shown' && !calm && needs}
      </div>
      {total >= ROLL_MACHINES_MIN && (
        <div className="mt-4">
          <RollCard site={site} />
        </div>
      )}
    </>
  );
}

interface Situation {
  readonly fleet: Counts | undefined;
  readonly openIncidents: number;
  readonly unclaimedIncidents: number;
  /** Whether a machine belongs to the site in question. */
  readonly inSite: (ciId: string | undefined) => boolean;
}

/** Counts of everything, or of one site from the roll and the open incidents. */
function useSituation(site: string | undefined): Situation {
  const overview = useQuery(overviewQuery).data;
  const roll = useRoll(site !== undefined);
  const open = useQuery(openIncidentsQuery).data;
  if (site === undefined)
    return {
      fleet: overview?.fleet,
      openIncidents: overview?.openIncidents ?? 0,
      unclaimedIncidents: overview?.unclaimedIncidents ?? 0,
      inSite: () => true,
    };
  const cells = roll?.sites.find((each) => (each.site ?? '') === site)?.cells ?? [];
  const ids = new Set(cells.map(([id]) => id));
  const inSite = (ciId: string | undefined) => ciId !== undefined && ids.has(ciId);
  const incidents = open?.filter(({ ci }) => inSite(ci?.id)) ?? [];
  return {
    fleet: roll && countCells(cells),
    openIncidents: incidents.length,
    unclaimedIncidents: incidents.filter(({ assignee }) => assignee === null).length,
    inSite,
  };
}

/** `adding`: the button stands here because nothing beneath offers it. */
function Headline({
  site,
  situation,
  adding,
}: {
  site: string | undefined;
  situation: Situation;
  adding: boolean;
}) {
  const t = useT();
  const language = useLanguage();
  const overview = useQuery(overviewQuery).data;
  const waiting = useQuery(waitingAgentsQuery).data?.length ?? 0;
  const serverInTrouble = (useQuery(statusQuery).data?.troubles.length ?? 0) > 0;
  const now = useNow();
  const refusal = useRefusal('enrolment.write');
  const sites = overview?.sites.map((each) => each.site) ?? [];
  const { fleet } = situation;
  return (
    <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <h1>
          {overview && fleet ? (
            headline({ ...situation, waitingAgents: site === undefined ? waiting : 0, serverInTrouble }, t)
          ) : (
            <Skeleton className="h-[30px] w-96 max-w-full max-tablet:h-[60px]" />
          )}
        </h1>
        <p className="mt-0.5 flex flex-wrap gap-x-2 text-14 text-text-2">
          {fleet ? (
            <span>
              {t('overview.asExpected', {
                expected: formatNumber(asExpected(fleet), 0, language),
                count: fleet.total,
              })}
            </span>
          ) : (
            <Skeleton className="my-0.5 h-4 w-56" />
          )}
          <span className="text-text-3">
            {t('overview.clock', { time: dateTimeText(now, language), zone: zoneText(now) })}
          </span>
        </p>
      </div>
      <div className="no-print flex min-w-0 flex-wrap items-center gap-3">
        {overview === undefined && <Skeleton className="h-(--control) w-40 max-tablet:w-full" />}
        {sites.length > 1 && <SiteFilter sites={sites} site={site} />}
        {refusal === undefined && adding && (
          <Link to="/machines/new" className={buttonClass()}>
            <Icon name="plus" size={14} />
            {t('shell.addMachine')}
          </Link>
        )}
      </div>
    </div>
  );
}

function asExpected(fleet: Counts): number {
  return fleet.up + fleet.asleep + fleet.off + fleet.planned;
}
