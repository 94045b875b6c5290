/** Beside the evidence: the clock, why this priority, what is affected. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import {
  type IncidentDetail,
  type IncidentSummary,
  isOpen,
  PRIORITY_MATRIX,
} from '@muster/shared/api/incidents.ts';
import { CI_CLASSES, type CiClass, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { ciQuery } from '../../api/queries.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useMay } from '../../app/session.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { NextDuty } from '../../parts/IncidentList.tsx';
import { useRuleName, useSentence } from '../../parts/sentence.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Term } from '../../ui/Term.tsx';
import { ALERT_WORDS, INCIDENT_LOOKS, PRESENCE_LOOKS } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { ABSENT, quantityText } from '../../util/quantity.ts';
import { dateText, millis, recordTime, wholeSpanText } from '../../util/time.ts';
import { CiLink } from './CiLink.tsx';
import { similarIncidentsQuery } from './queries.ts';
import { matrixQuery, relatedQuery, useCategories } from './related.ts';

export function IncidentRail({ incident }: { incident: IncidentDetail }) {
  return (
    <aside className="grid min-w-0 gap-4 desk:col-start-2">
      <WhyCard incident={incident} />
      <AffectedCard incident={incident} />
      <RelatedCard incident={incident} />
      <AlertsCard incident={incident} />
      <OutcomeCard incident={incident} />
      <SeenBeforeCard incident={incident} />
    </aside>
  );
}

export function ClockCard({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const at = (iso: string | null) => (iso === null ? ABSENT : recordTime(millis(iso), now, language));
  const { sla } = incident;
  return (
    <Card title={<Term id="sla">{t('incidents.clock')}</Term>}>
      <NextDuty incident={incident} size={isOpen(incident.state) ? 'large' : 'normal'} />
      <Rows
        rows={[
          [
            'incidents.respondBy',
            sla.respondedAt === null
              ? at(sla.respondBy)
              : t('incidents.doneAt', { due: at(sla.respondBy), done: at(sla.respondedAt) }),
          ],
          [
            'incidents.restoreBy',
            sla.restoredAt === null
              ? at(sla.restoreBy)
              : t('incidents.doneAt', { due: at(sla.restoreBy), done: at(sla.restoredAt) }),
          ],
          ...(incident.breachedAt === null ? [] : [['incidents.breached', at(incident.breachedAt)] as const]),
        ]}
      />
    </Card>
  );
}

function Rows({ rows }: { rows: readonly (readonly [Key, string])[] }) {
  const t = useT();
  return (
    <dl className="mt-3 grid gap-1.5 text-12">
      {rows.map(([word, value]) => (
        <div key={word} className="flex justify-between gap-3">
          <dt className="text-text-3">{t(word)}</dt>
          <dd className="text-right font-medium">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const LEVELS = [1, 2, 3, 4] as const;
const CELL: Readonly<Record<number, string>> = {
  1: 'bg-crit-weak text-crit-fg',
  2: 'bg-crit-weak text-crit-fg',
  3: 'bg-sunken text-text-2',
  4: 'bg-sunken text-text-2',
};

/** The whole matrix with its cell in force; row and column are named in words. */
function WhyCard({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const words = useWords();
  const versions = useQuery(matrixQuery).data?.history ?? [];
  // By the matrix that judged it, not by the one of today.
  const cells = versions.find(({ version }) => version === incident.matrixVersion)?.cells ?? PRIORITY_MATRIX;
  return (
    <Card title={<Term id="priority">{t('incidents.why', { priority: incident.priority })}</Term>}>
      <table className="w-full border-separate border-spacing-1 text-12">
        <caption className="sr-only">
          {t('incidents.matrix', {
            impact: incident.impact,
            urgency: incident.urgency,
            priority: incident.priority,
          })}
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="sr-only">{t('incidents.impactByUrgency')}</span>
            </th>
            {LEVELS.map((urgency) => (
              <th
                key={urgency}
                scope="col"
                className={cx(
                  'px-0.5 text-center text-11 leading-4',
                  urgency === incident.urgency ? 'font-semibold' : 'font-normal text-text-3',
                )}
              >
                {t(`incidents.urgency.${urgency}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {LEVELS.map((impact) => (
            <tr key={impact}>
              <th
                scope="row"
                className={cx(
                  'pr-1 text-left text-11 leading-4',
                  impact === incident.impact ? 'font-semibold' : 'font-normal text-text-3',
                )}
              >
                {t(`incidents.impact.${impact}`)}
              </th>
              {LEVELS.map((urgency) => {
                const priority = cells[impact - 1]?.[urgency - 1] ?? 4;
                const here = impact === incident.impact && urgency === incident.urgency;
                return (
                  <td
                    key={urgency}
                    className={cx(
                      'h-6 rounded-sm text-center font-medium',
                      here
                        ? cx(
                            'outline-2 outline-offset-1',
                            priority <= 2
                              ? 'bg-crit-solid text-on-solid outline-crit-solid'
                              : 'bg-text-2 text-surface outline-text-2',
                          )
                        : CELL[priority],
                      !here &&
                        impact !== incident.impact &&
                        urgency !== incident.urgency &&
                        'bg-sunken text-text-2',
                    )}
                  >
                    {t('ui.priority', { priority })}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-2 leading-prose text-text-2">{reasonAlone(words(incident.why))}</p>
      {incident.hand && (
        <p className="mt-2 leading-prose font-medium">
          {t('incidents.byHand', {
            priority: incident.hand.priority,
            who: incident.hand.by.replace(/^\w+:/, ''),
            reason: incident.hand.reason,
            judged: incident.judgedPriority,
          })}
        </p>
      )}
      {incident.matrixVersion > 1 && (
        <p className="mt-1 text-12 text-text-3">
          {t('incidents.matrixVersion', { version: incident.matrixVersion })}
        </p>
      )}
    </Card>
  );
}

/** The card is headed by the priority: its reason need not begin with it. */
function reasonAlone(why: string): string {
  const reason = why.replace(/^P[1-4][:：]\s*/, '');
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}

const AFFECTED_SHOWN = 8;

/** The CI at fault, whom else it hits, and who answers for it. */
function AffectedCard({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const words = useWords();
  const language = useLanguage();
  const now = useNow(60_000);
  const [all, setAll] = useState(false);
  const machine = incident.ci !== null && isMachineClass(incident.ci.class);
  const ci = useQuery({ ...ciQuery(incident.ci?.id ?? ''), enabled: machine }).data;
  const category = useCategories(incident.category).find(({ value }) => value === incident.category);
  const { affected, place } = incident;
  const others = affected.filter(({ ciId }) => ciId !== incident.ci?.id);
  // As it was at the breach, where that was captured.
  const criticality = incident.evidence?.scene?.criticality ?? ci?.criticality;
  const stillHit = (until: string | null) => (until === null ? 0 : 1);
  const shown = others
    .toSorted((a, b) => stillHit(a.until) - stillHit(b.until))
    .slice(0, all ? others.length : AFFECTED_SHOWN);
  const hidden = others.length - shown.length;
  const ciClass = incident.ci?.class ?? '';
  return (
    <Card
      title={t('incidents.affected')}
      note={incident.affectedCount > 1 && t('incidents.affectedCount', { count: incident.affectedCount })}
    >
      <ul className="grid gap-2">
        {incident.ci && (
          <li className="flex items-center gap-2 font-medium">
            <Icon name={classIcon(ciClass)} className="text-text-3" />
            <CiLink id={incident.ci.id} name={incident.ci.name} ciClass={ciClass} />
            <span className="ml-auto text-12">{ci && <StatusBadge look={PRESENCE_LOOKS[ci.state]} />}</span>
          </li>
        )}
        {shown.map((one) => (
          <li key={one.ciId} className="flex items-center gap-2">
            <Icon name={classIcon(one.class)} className="text-text-3" />
            <CiLink id={one.ciId} name={one.name} ciClass={one.class} />
            <span className="ml-auto text-12 text-text-2">
              {one.until === null
                ? t('time.since', { time: recordTime(millis(one.since), now, language) })
                : t('incidents.affectedUntil', { time: recordTime(millis(one.until), now, language) })}
            </span>
          </li>
        ))}
      </ul>
      {hidden > 0 && (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="mt-2 text-12 text-accent hover:underline coarse:min-h-11"
        >
          {t('incidents.affectedMore', { count: hidden })}
        </button>
      )}
      {incident.affectedBeyond > 0 && (
        <p className="mt-2 text-12 text-text-3">
          {t('incidents.affectedBeyond', { count: incident.affectedBeyond })}
        </p>
      )}
      <Rows
        rows={[
          ['incidents.category', category?.label ?? t('incidents.categoryUnknown')],
          ...(Object.hasOwn(CI_CLASSES, ciClass)
            ? [['machines.class', words(CI_CLASSES[ciClass as CiClass].title)] as const]
            : []),
          ...(criticality == null ? [] : [['incidents.criticality', String(criticality)] as const]),
          ['machines.fact.place', place.location?.name ?? ABSENT],
          ['machines.fact.owner', place.owner?.name ?? ABSENT],
          ...(place.user ? [['incidents.placeUser', place.user.name] as const] : []),
          ...(place.department ? [['incidents.department', place.department.name] as const] : []),
          ['incidents.supportGroup', incident.supportGroup?.name ?? ABSENT],
        ]}
      />
      {incident.supportGroup && incident.assignee === null && isOpen(incident.state) && (
        <p className="mt-2 text-12 text-text-2">
          {t('incidents.proposedGroup', { group: incident.supportGroup.name })}
        </p>
      )}
    </Card>
  );
}

/** Above it, below it, and merged into it. */
function RelatedCard({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const related = useQuery(relatedQuery(incident.id)).data;
  if (!related) return null;
  const { parent, children, merged } = related;
  if (parent === null && children.length + merged.length === 0) return null;
  return (
    <Card title={t('incidents.related.title')}>
      {parent && <RelatedList word="incidents.related.parent" incidents={[parent]} />}
      <RelatedList word="incidents.related.children" incidents={children} />
      <RelatedList word="incidents.related.merged" incidents={merged} />
    </Card>
  );
}

function RelatedList({ word, incidents }: { word: Key; incidents: readonly IncidentSummary[] }) {
  const t = useT();
  const sentence = useSentence();
  if (incidents.length === 0) return null;
  return (
    <section className="mt-2 first:mt-0">
      <h3 className="text-12 font-medium text-text-3">{t(word)}</h3>
      <ul className="mt-1 grid gap-1.5">
        {incidents.map(({ id, ref, title, state }) => (
          <li key={id}>
            <Link to="/incidents/$ref" params={{ ref }} className="font-medium text-accent hover:underline">
              {ref}
            </Link>{' '}
            <span className="text-12 text-text-2">
              {t(INCIDENT_LOOKS[state].word)} · {sentence(title)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A flapping cause has very many; the newest tell enough. */
const ALERTS_SHOWN = 5;

/** The alerts behind the incident, with the value at the breach and now. */
function AlertsCard({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const ruleName = useRuleName();
  const language = useLanguage();
  const mayAcknowledge = useMay('incidents.write');
  const now = useNow(60_000);
  const { alerts } = incident;
  if (alerts.length === 0) return null;
  const open = (alert: (typeof alerts)[number]) => (alert.state === 'resolved' ? 1 : 0);
  const shown = [...alerts]
    .sort((a, b) => open(a) - open(b) || b.openedAt.localeCompare(a.openedAt))
    .slice(0, ALERTS_SHOWN);
  return (
    <Card
      title={t('incidents.alerts')}
      note={
        shown.length < alerts.length
          ? t('incidents.alertsOf', { shown: shown.length, count: alerts.length })
          : String(alerts.length)
      }
      action={
        incident.ci !== null &&
        mayAcknowledge &&
        shown.some(({ state }) => state === 'open') && (
          <Link
            to="/alerts"
            search={{ machine: incident.ci.id }}
            className="no-print text-accent hover:underline"
          >
            {t('alerts.acknowledge.button')}
          </Link>
        )
      }
    >
      <ul className="grid gap-3">
        {shown.map((alert) => {
          const value = (of: number | null) =>
            quantityText(of, alert.unit ?? '1', language).replace(/\.0(?=\D*$)/, '');
          // An alert that is over says how it ended; one that is open may know nothing newer.
          const asOfMs = alert.state === 'resolved' ? null : millis(alert.lastValueAt ?? null);
          return (
            <li key={alert.id}>
              <p className="flex flex-wrap items-baseline gap-x-2">
                <Link to="/rules/$id" params={{ id: alert.ruleId }} className="font-medium hover:text-accent">
                  {ruleName({ name: alert.ruleName, nameWords: alert.ruleNameWords })}
                </Link>
                {alert.ciId !== incident.ci?.id && (
                  <CiLink
                    id={alert.ciId}
                    name={alert.ciName}
                    // Past the affected that are listed there are machines only.
                    ciClass={incident.affected.find(({ ciId }) => ciId === alert.ciId)?.class ?? 'Server'}
                  />
                )}
                <span className="text-12 text-text-3">{t(ALERT_WORDS[alert.state])}</span>
              </p>
              {alert.value !== null && (
                <p className="text-12 text-text-2">
                  {t(asOfMs === null ? 'incidents.alertValues' : 'incidents.alertValuesOf', {
                    instance: alert.instance,
                    value: value(alert.value),
                    level: value(alert.level),
                    last: value(alert.lastValue),
                    time: asOfMs === null ? '' : recordTime(asOfMs, now, language),
                  }).trim()}
                </p>
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

/** Earlier ones that tell how this one may end. */
function SeenBeforeCard({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const language = useLanguage();
  const sentence = useSentence();
  const similar = useQuery(similarIncidentsQuery(incident.id)).data;
  if (similar === undefined || similar.items.length === 0) return null;
  return (
    <Card
      title={t('incidents.seen.title')}
      note={similar.sameCause > 0 && t('incidents.seen.count', { count: similar.sameCause })}
      action={
        incident.ci && (
          <Link
            to="/machines/$id/incidents"
            params={{ id: incident.ci.id }}
            className="text-accent hover:underline"
          >
            {t('incidents.seen.all')}
          </Link>
        )
      }
    >
      <ul className="grid gap-3">
        {similar.items.map(({ likeness, incident: other, cause, action, resolution }) => {
          const openedMs = millis(other.openedAt);
          const overMs = millis(other.sla.restoredAt);
          return (
            <li key={other.id}>
              <p className="flex flex-wrap items-baseline gap-x-2">
                <Link
                  to="/incidents/$ref"
                  params={{ ref: other.ref }}
                  className="font-medium text-accent hover:underline"
                >
                  {other.ref}
                </Link>
                <span className="text-12 text-text-3">
                  {t(`incidents.seen.${likeness}`, { date: dateText(openedMs, language) })}
                </span>
              </p>
              {likeness !== 'cause' && (
                <p className="line-clamp-2 text-12 text-text-2">{sentence(other.title)}</p>
              )}
              <p className="text-12 break-words text-text-2">
                {cause !== null && action !== null
                  ? t('incidents.seen.ended', { cause, action })
                  : resolution === null
                    ? t(INCIDENT_LOOKS[other.state].word)
                    : t(`incidents.resolutions.${resolution}`)}
                {overMs !== null && (
                  <span className="text-text-3">
                    {' '}
                    {t('incidents.seen.within', {
                      span: wholeSpanText(Math.max(1_000, overMs - openedMs), t),
                    })}
                  </span>
                )}
              </p>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function OutcomeCard({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  if (incident.cause === null && incident.action === null && incident.resolution === null) return null;
  return (
    <Card title={t('incidents.outcome')}>
      <dl className="grid gap-2">
        {incident.resolution !== null && (
          <Outcome word="incidents.resolution" value={t(`incidents.resolutions.${incident.resolution}`)} />
        )}
        {incident.cause !== null && <Outcome word="incidents.cause" value={incident.cause} />}
        {incident.action !== null && <Outcome word="incidents.action" value={incident.action} />}
      </dl>
    </Card>
  );
}

function Outcome({ word, value }: { word: Key; value: string }) {
  const t = useT();
  return (
    <div>
      <dt className="text-12 text-text-3">{t(word)}</dt>
      <dd className="break-words whitespace-pre-wrap">{value}</dd>
    </div>
  );
}
