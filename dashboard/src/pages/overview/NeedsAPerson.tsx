/** What a person has to do: open incidents by priority, then by their next duty; machines that wait to be let in. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Agent } from '@muster/shared/api/fleet.ts';
import { overviewQuery, waitingAgentsQuery } from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { IncidentList } from '../../parts/IncidentList.tsx';
import { byPriority } from '../../parts/incidentOrder.ts';
import { useOpenIncidents } from '../../parts/openIncidents.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { millis, recordTime } from '../../util/time.ts';

/** Rows shown before the link to all. */
const INCIDENTS_SHOWN = 6;
const NAMES_SHOWN = 4;

/** `inSite`: whether the machine of an incident is asked for; waiting machines have no site yet. */
export function NeedsAPerson({
  site,
  inSite,
}: {
  site: string | undefined;
  inSite: (ciId: string | undefined) => boolean;
}) {
  const t = useT();
  const incidents = useOpenIncidents();
  const agents = useQuery(waitingAgentsQuery).data ?? [];
  const waiting = site === undefined ? agents : [];
  const shown = incidents.data?.filter(({ ci }) => inSite(ci?.id));
  if (shown?.length === 0 && waiting.length === 0) return <NothingOpen site={site} />;
  const sorted = [...(shown ?? [])].sort(byPriority);
  return (
    <Card
      title={t('overview.needsAPerson')}
      action={
        sorted.length > 0 && (
          <Link to="/incidents" className="text-accent hover:underline">
            {t('overview.allIncidents', { count: sorted.length })}
          </Link>
        )
      }
      flush
    >
      {incidents.data ? (
        <IncidentList
          label={t('overview.needsAPerson')}
          incidents={sorted.slice(0, INCIDENTS_SHOWN)}
          withWhy
        />
      ) : incidents.error ? (
        <div className="px-4">
          <ErrorPanel error={incidents.error} retry={() => void incidents.refetch()} />
        </div>
      ) : (
        <SkeletonRows rows={4} className="[--row:6.4rem]" />
      )}
      {waiting.length > 0 && <Waiting agents={waiting} />}
    </Card>
  );
}

function Waiting({ agents }: { agents: readonly Agent[] }) {
  const t = useT();
  const names = agents.slice(0, NAMES_SHOWN).map(({ hostname }) => hostname);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-4 py-3">
      <span className="grid w-7 flex-none place-items-center text-text-3">
        <Icon name="agent" />
      </span>
      <div className="min-w-0 flex-1">
        <p className="text-14 leading-5 font-semibold">{t('overview.waiting', { count: agents.length })}</p>
        <p className="mt-0.5 text-12 break-words text-text-2">
          {names.join(t('ui.listSeparator'))}
          {agents.length > names.length && ' …'}
        </p>
      </div>
      <Link to="/agents" search={{ state: 'pending' }} className={buttonClass()}>
        {t('overview.look')}
      </Link>
    </div>
  );
}

/** With nothing to do the block is one line. */
function NothingOpen({ site }: { site: string | undefined }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  // When the last one closed is known of all sites together only.
  const lastClosed = useQuery(overviewQuery).data?.lastClosedAt;
  const lastMs = site === undefined ? millis(lastClosed) : null;
  return (
    <section
      aria-label={t('overview.needsAPerson')}
      className="card flex flex-wrap items-center gap-x-2 gap-y-1 px-4 py-3 text-text-2"
    >
      <Glyph name="tick" className="text-up-solid" />
      <p className="mr-auto">
        {lastMs === null
          ? t('incidents.noneOpen')
          : t('incidents.noneOpenSince', { time: recordTime(lastMs, now, language) })}
      </p>
      {lastMs !== null && (
        <Link to="/incidents" search={{ view: 'all' }} className="text-12 text-accent hover:underline">
          {t('overview.earlierIncidents')}
        </Link>
      )}
    </section>
  );
}
