/** Incidents as rows: priority, what and where, clock, holder. */
import { Link } from '@tanstack/react-router';
import { type IncidentSummary, isOpen } from '@muster/shared/api/incidents.ts';
import { useT, useLanguage } from '../i18n/i18n.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Button } from '../ui/Button.tsx';
import { PriorityTag } from '../ui/PriorityTag.tsx';
import { SlaClock } from '../ui/SlaClock.tsx';
import { StatusBadge } from '../ui/StatusBadge.tsx';
import { INCIDENT_LOOKS } from '../ui/states.ts';
import { useNow } from '../util/clock.ts';
import { agoText, dateTimeText, millis, recordTime } from '../util/time.ts';
import { useIncidentRefusal, usePersonName, useTake } from './incidentActions.ts';
import { useSentence } from './sentence.ts';

export interface IncidentListProps {
  readonly label: string;
  readonly incidents: readonly IncidentSummary[];
  /** On the machine's own page its name says nothing. */
  readonly withoutMachine?: boolean;
  /** The reason of the priority under the title. */
  readonly withWhy?: boolean;
}

export function IncidentList({
  label,
  incidents,
  withoutMachine = false,
  withWhy = false,
}: IncidentListProps) {
  return (
    <ul aria-label={label}>
      {incidents.map((incident) => (
        <IncidentRow
          key={incident.id}
          incident={incident}
          withoutMachine={withoutMachine}
          withWhy={withWhy}
        />
      ))}
    </ul>
  );
}

function IncidentRow({
  incident,
  withoutMachine,
  withWhy,
}: {
  incident: IncidentSummary;
  withoutMachine: boolean;
  withWhy: boolean;
}) {
  const sentence = useSentence();
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 gap-y-2 border-t border-line px-4 py-3 hover:bg-hover tablet:grid-cols-[auto_minmax(0,1fr)_136px_136px]">
      <span className="self-start pt-0.5 tablet:self-center tablet:pt-0">
        <PriorityTag priority={incident.priority} />
      </span>
      <div className="min-w-0">
        <Link
          to="/incidents/$ref"
          params={{ ref: incident.ref }}
          data-row-link=""
          className="text-14 leading-5 font-semibold break-words hover:text-accent"
        >
          {sentence(incident.title)}
        </Link>
        <p className="mt-0.5 text-12 leading-[18px] text-text-2">
          <Facts incident={incident} withoutMachine={withoutMachine} />
        </p>
        {withWhy && <p className="mt-0.5 text-12 leading-[18px] text-text-3">{sentence(incident.why)}</p>}
      </div>
      <div className="max-tablet:col-start-2">
        <NextDuty incident={incident} />
      </div>
      <div className="max-tablet:col-start-2">
        <Holder incident={incident} />
      </div>
    </li>
  );
}

function Facts({ incident, withoutMachine }: { incident: IncidentSummary; withoutMachine: boolean }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(10_000);
  const openedMs = millis(incident.openedAt);
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <span>{incident.ref}</span>
      {!withoutMachine && incident.ci && (
        <Link
          to="/machines/$id/live"
          params={{ id: incident.ci.id }}
          className="font-medium hover:text-accent"
        >
          {incident.ci.name}
        </Link>
      )}
      <StatusBadge look={INCIDENT_LOOKS[incident.state]} />
      <time dateTime={incident.openedAt} title={dateTimeText(openedMs, language)} className="text-text-3">
        {t('incidents.opened', {
          time: isOpen(incident.state) ? agoText(openedMs, now, t) : recordTime(openedMs, now, language),
        })}
      </time>
    </span>
  );
}

/** First the response, then the restoration; what is over shows when it was. */
export function NextDuty({
  incident,
  size = 'normal',
}: {
  incident: IncidentSummary;
  size?: 'normal' | 'large';
}) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const { sla } = incident;
  if (!isOpen(incident.state)) {
    const overMs = millis(sla.restoredAt ?? incident.resolvedAt);
    return overMs === null ? null : (
      <p className="text-12 text-text-2">
        {t('incidents.resolvedAt', { time: recordTime(overMs, now, language) })}
      </p>
    );
  }
  if (sla.paused) return <p className="text-12 text-text-2">{t('incidents.clockPaused')}</p>;
  const responding = sla.respondedAt === null;
  return (
    <SlaClock
      label={t(responding ? 'incidents.respondWithin' : 'incidents.restoreWithin')}
      fromMs={millis(incident.openedAt)}
      dueMs={millis(responding ? sla.respondBy : sla.restoreBy)}
      size={size}
    />
  );
}

/** Who has it, or the button to take it. */
export function Holder({ incident }: { incident: IncidentSummary }) {
  const t = useT();
  const refusal = useIncidentRefusal();
  const nameOf = usePersonName();
  const { take, isPending } = useTake(incident);
  if (incident.assignee === null) {
    if (!isOpen(incident.state)) return null;
    return (
      <Button
        look="primary"
        disabled={isPending}
        disabledReason={refusal}
        onClick={take}
        className="max-tablet:w-full"
      >
        {t('incidents.take')}
      </Button>
    );
  }
  return (
    <span className="flex min-w-0 items-center gap-2 text-12">
      <Avatar name={nameOf(incident.assignee)} />
      <span className="truncate">{nameOf(incident.assignee)}</span>
    </span>
  );
}
