/** The first page: one sentence, the fleet in six counts, what needs a person, the highest consumers. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { FleetCounts } from '@muster/shared/api/operations.ts';
import { overviewQuery, waitingAgentsQuery } from '../../api/queries.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { FleetBar } from '../../ui/FleetBar.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { PRESENCE_LOOKS, SHOWN_PRESENCES, type ShownPresence, TONE_TEXT } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { formatNumber } from '../../util/quantity.ts';
import { dateTimeText, zoneText } from '../../util/time.ts';
import { FirstSteps } from './FirstSteps.tsx';
import { headline } from './headline.ts';
import { NeedsAPerson } from './NeedsAPerson.tsx';
import { TopCard } from './TopCard.tsx';

/** With so few open incidents their list takes the whole width and the rest stands beneath it. */
const CALM_INCIDENTS_MAX = 2;
/** Up to so many machines an installation is new. */
const NEW_MACHINES_MAX = 2;

export function OverviewPage() {
  const t = useT();
  usePageTitle(t('shell.nav.overview'));
  const overview = useQuery(overviewQuery);
  const calm = (overview.data?.openIncidents ?? 0) <= CALM_INCIDENTS_MAX;
  const isNew = overview.data !== undefined && overview.data.fleet.total <= NEW_MACHINES_MAX;
  if (overview.error && overview.data === undefined) {
    return (
      <Card>
        <ErrorPanel error={overview.error} retry={() => void overview.refetch()} />
      </Card>
    );
  }
  return (
    <>
      <Headline isNew={isNew} />
      <FleetCard fleet={overview.data?.fleet} />
      {isNew && <FirstSteps />}
      <div
        className={cx(
          'mt-4 grid grid-cols-1 items-start gap-4',
          !calm && 'desk:grid-cols-[minmax(0,1.72fr)_minmax(0,1fr)]',
        )}
      >
        <NeedsAPerson />
        {!isNew && (
          <div className={cx('grid min-w-0 grid-cols-1 gap-4', calm && 'desk:grid-cols-3')}>
            <TopCard title="overview.highestDisk" metric="filesystem.utilisation" sort="-disk" keepsStale />
            <TopCard title="overview.highestCpu" metric="cpu.utilisation" sort="-cpu" />
            <TopCard title="overview.highestMemory" metric="memory.utilisation" sort="-memory" />
          </div>
        )}
      </div>
    </>
  );
}

/** A new installation offers the first machine beneath. */
function Headline({ isNew }: { isNew: boolean }) {
  const t = useT();
  const language = useLanguage();
  const { data } = useQuery(overviewQuery);
  const waiting = useQuery(waitingAgentsQuery).data;
  const now = useNow();
  const refusal = useRefusal('enrolment.write');
  return (
    <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-72">
        <h1>
          {data ? (
            headline({ ...data, waitingAgents: waiting?.length ?? 0 }, t)
          ) : (
            <Skeleton className="h-[30px] w-96 max-w-full" />
          )}
        </h1>
        <p className="mt-0.5 flex flex-wrap gap-x-2 text-14 text-text-2">
          {data && (
            <span>
              {t('overview.asExpected', {
                expected: formatNumber(asExpected(data.fleet), 0, language),
                count: data.fleet.total,
              })}
            </span>
          )}
          <span className="text-text-3">
            {t('overview.clock', { time: dateTimeText(now, language), zone: zoneText(now) })}
          </span>
        </p>
      </div>
      {refusal === undefined && !isNew && (
        <Link to="/machines/new" className={buttonClass()}>
          <Icon name="plus" size={14} />
          {t('fleet.add.title')}
        </Link>
      )}
    </div>
  );
}

function asExpected(fleet: FleetCounts): number {
  return fleet.up + fleet.asleep + fleet.off + fleet.planned;
}

const NOTES = {
  up: 'overview.note.asExpected',
  asleep: 'overview.note.expected',
  off: 'overview.note.expected',
  planned: 'overview.note.window',
  silent: 'overview.note.silent',
  unknown: 'overview.note.unknown',
} as const satisfies Record<ShownPresence, Key>;

function FleetCard({ fleet }: { fleet: FleetCounts | undefined }) {
  const t = useT();
  const language = useLanguage();
  return (
    <section aria-label={t('overview.fleet')} className="card mt-4 p-4">
      {fleet ? <FleetBar counts={fleet} /> : <Skeleton className="h-3.5" />}
      <ul className="mt-3.5 grid grid-cols-3 gap-y-3 tablet:grid-cols-6">
        {SHOWN_PRESENCES.map((presence, index) => {
          const look = PRESENCE_LOOKS[presence];
          const count = fleet?.[presence];
          return (
            <li
              key={presence}
              className={cx(
                'border-line pl-3.5',
                index % 3 !== 0 && 'max-tablet:border-l',
                index > 0 ? 'tablet:border-l' : 'tablet:pl-0',
                index % 3 === 0 && 'max-tablet:pl-0',
              )}
            >
              <Link to="/machines" search={{ presence }} className="group block">
                <span
                  className={cx(
                    'block h-[30px] text-24 leading-[30px] font-semibold',
                    count === 0 && 'text-text-3',
                  )}
                >
                  {count === undefined ? <Skeleton className="h-6 w-12" /> : formatNumber(count, 0, language)}
                </span>
                <span
                  className={cx(
                    'flex items-center gap-1.5 font-medium group-hover:underline',
                    count === 0 ? 'text-text-3' : TONE_TEXT[look.tone],
                  )}
                >
                  <Glyph name={look.glyph} />
                  {t(look.word)}
                </span>
                <span className="mt-0.5 block text-12 text-text-3">{t(NOTES[presence])}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
