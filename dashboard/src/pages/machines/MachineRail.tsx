/** Beside the charts: open incidents, presence of the last day, recent changes. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { type IncidentSummary, isOpen } from '@muster/shared/api/incidents.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import {
  availabilityQuery,
  ciIncidentsQuery,
  historyQuery,
  periodAvailabilityQuery,
  rulesInForceQuery,
} from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PresenceStrip } from '../../ui/PresenceStrip.tsx';
import { PriorityTag } from '../../ui/PriorityTag.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { CAUSE_WORDS, INCIDENT_LOOKS } from '../../ui/states.ts';
import { nowMs, useNow } from '../../util/clock.ts';
import { ABSENT, percentText, quantityText } from '../../util/quantity.ts';
import { agoText, dateTimeText, millis, recordTime, startOfDay, startOfMonth } from '../../util/time.ts';
import { actorWord, changeIcon, changeRuns, runTitle } from '../../parts/changes.ts';
import { usePersonName } from '../../parts/incidentActions.ts';
import { stripSegments } from '../../parts/presence.ts';
import { useSentence } from '../../parts/sentence.ts';

const CHANGES_SHOWN = 4;

/** What is wrong with it now; first on a phone, on top of the rail elsewhere. */
export function OpenIncidents({ ci }: { ci: CiDetail }) {
  const { data, error, refetch } = useQuery(ciIncidentsQuery(ci.id));
  const incidents = data?.filter(({ state }) => isOpen(state)) ?? [];
  if (data === undefined && error !== null) {
    return (
      <Card className="desk:col-start-2">
        <ErrorPanel error={error} retry={() => void refetch()} />
      </Card>
    );
  }
  if (data === undefined && ci.openIncidents > 0) {
    return <Skeleton className="card h-[103px] desk:col-start-2" />;
  }
  if (incidents.length === 0) return null;
  return (
    <div className="grid min-w-0 gap-4 desk:col-start-2">
      {incidents.map((incident) => (
        <IncidentCard key={incident.id} incident={incident} />
      ))}
    </div>
  );
}

export function MachineRail({ ci }: { ci: CiDetail }) {
  return (
    <aside className="grid min-w-0 gap-4 desk:col-start-2">
      <PresenceCard ci={ci} />
      <RulesCard ci={ci} />
      <ChangesCard ci={ci} />
    </aside>
  );
}

function IncidentCard({ incident }: { incident: IncidentSummary }) {
  const t = useT();
  const sentence = useSentence();
  const nameOf = usePersonName();
  const now = useNow(10_000);
  return (
    <Link
      to="/incidents/$ref"
      params={{ ref: incident.ref }}
      className="card block border-crit-solid p-4 hover:bg-hover"
    >
      <span className="flex items-center gap-2 text-12 text-text-2">
        <PriorityTag priority={incident.priority} />
        {incident.ref}
        <span className="ml-auto text-text-3">{agoText(millis(incident.openedAt), now, t)}</span>
      </span>
      <span className="mt-2 block font-semibold">{sentence(incident.title)}</span>
      <span className="mt-1 block text-12 text-text-2">
        {incident.assignee === null
          ? t('incidents.nobody')
          : t('incidents.holderState', {
              holder: nameOf(incident.assignee),
              state: t(INCIDENT_LOOKS[incident.state].word),
            })}
      </span>
    </Link>
  );
}

function PresenceCard({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const day = useQuery(availabilityQuery(ci.id, DAY_MS, nowMs));
  const month = useMonth(ci.id);
  const booted = ci.details.find(({ name }) => name === 'bootedAt')?.value;
  return (
    <Card title={t('machines.presenceDay')}>
      {day.data ? (
        <PresenceStrip
          readable
          segments={stripSegments(day.data.intervals, day.data.toMs, ({ cause }) =>
            cause === null ? undefined : t(CAUSE_WORDS[cause]),
          )}
          fromMs={day.data.fromMs}
          toMs={day.data.toMs}
        />
      ) : day.error ? (
        <ErrorPanel error={day.error} retry={() => void day.refetch()} />
      ) : (
        <Skeleton className="h-9" />
      )}
      <dl className="mt-3 grid gap-1.5 text-12">
        <Row
          name={t('machines.availableMonth')}
          value={month?.availability == null ? ABSENT : percentText(month.availability, language)}
        />
        <Row
          name={t('machines.coverage')}
          value={month?.coverage == null ? ABSENT : quantityText(month.coverage, '%', language)}
        />
        <Row
          name={t('machines.lastStart')}
          value={typeof booted === 'number' ? dateTimeText(booted, language, false) : ABSENT}
        />
      </dl>
    </Card>
  );
}

/** The month so far, by whole days so that the question stays the same for a day. */
function useMonth(id: string) {
  const now = useNow(60_000);
  const endMs = startOfDay(now) + DAY_MS;
  return useQuery(
    useMemo(() => periodAvailabilityQuery(id, startOfMonth(endMs - DAY_MS), endMs), [id, endMs]),
  ).data;
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex justify-between gap-3">
      <dt className="text-text-3">{name}</dt>
      <dd className="text-right font-medium">{value}</dd>
    </div>
  );
}

/** How much of it is watched, and the way to what is in force on it. */
function RulesCard({ ci }: { ci: CiDetail }) {
  const t = useT();
  const { data, error, refetch } = useQuery(rulesInForceQuery(ci.id));
  const rules = new Set(data?.items.map(({ ruleId }) => ruleId)).size;
  return (
    <Card
      title={t('machines.rulesHere')}
      action={
        <Link to="/rules" search={{ ci: ci.id }} className="text-accent hover:underline">
          {t('ui.all')}
        </Link>
      }
    >
      {data ? (
        <p className="text-12 text-text-2">
          {rules === 0 ? t('machines.rulesNone') : t('machines.rulesCount', { count: rules })}
        </p>
      ) : error ? (
        <ErrorPanel error={error} retry={() => void refetch()} />
      ) : (
        <Skeleton className="h-4" />
      )}
    </Card>
  );
}

function ChangesCard({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const changes = useQuery(historyQuery(ci.id));
  return (
    <Card
      title={t('machines.recentChanges')}
      action={
        <Link to="/machines/$id/changes" params={{ id: ci.id }} className="text-accent hover:underline">
          {t('ui.all')}
        </Link>
      }
    >
      {changes.data ? (
        changes.data.length === 0 ? (
          <p className="text-text-2">{t('machines.noChanges')}</p>
        ) : (
          <ul className="grid gap-3">
            {changeRuns(changes.data)
              .slice(0, CHANGES_SHOWN)
              .map(([change, ...others]) => (
                <li key={change.id} className="flex gap-2.5">
                  <Icon name={changeIcon(change)} className="mt-0.5 text-text-3" />
                  <span className="min-w-0">
                    <span className="block break-words">{runTitle([change, ...others], t, language)}</span>
                    <span className="block text-12 text-text-3">
                      {recordTime(millis(change.at), now, language)} · {actorWord(change.actor, t)}
                    </span>
                  </span>
                </li>
              ))}
          </ul>
        )
      ) : changes.error ? (
        <ErrorPanel error={changes.error} retry={() => void changes.refetch()} />
      ) : (
        <Skeleton className="h-[200px]" />
      )}
    </Card>
  );
}
