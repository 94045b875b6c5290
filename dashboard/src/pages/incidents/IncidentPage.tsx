/** One incident: what happened, why it matters, what is known, and what a person can do. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { type IncidentDetail, type IncidentState, INCIDENT_VERIFY_MS } from '@muster/shared/api/incidents.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { incidentQuery } from '../../api/queries.ts';
import { useLive } from '../../app/live.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { useMe } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { useIncidentRefusal, usePersonName, useTake } from '../../parts/incidentActions.ts';
import { MaintenanceMark, WorkingNowItem } from '../../parts/MaintenanceMark.tsx';
import { useRuleName, useSentence } from '../../parts/sentence.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { PriorityTag } from '../../ui/PriorityTag.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { INCIDENT_LOOKS } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { agoText, clockTime, dateTimeText, millis, recordTime, zoneText } from '../../util/time.ts';
import { AssignDialog, TransitionDialog } from './dialogs.tsx';
import { EightSteps } from './EightSteps.tsx';
import { ChangesBefore, EvidenceCard, PresenceEvidence, ProcessesAtBreach } from './evidence.tsx';
import { LINK_ACTIONS, type LinkAction, LinkDialogs } from './linkDialogs.tsx';
import { nextStates, recoveryStandsOn } from './moves.ts';
import { ClockCard, IncidentRail } from './rail.tsx';
import { SceneCard, SuspectsCard } from './scene.tsx';
import { TimelineCard } from './TimelineCard.tsx';

const READ_AGAIN_MS = 30_000;

export function IncidentPage() {
  const { ref } = useParams({ from: `/app${'/incidents/$ref'}` });
  const t = useT();
  const queries = useQueryClient();
  // Values of its alerts move without any news of the incident.
  const incident = useQuery({ ...incidentQuery(ref), refetchInterval: READ_AGAIN_MS });
  usePageTitle(incident.data?.ref ?? ref);
  useLive({ name: 'incident', id: incident.data?.id ?? ref }, (message) => {
    if (message.type === 'incident')
      void queries.invalidateQueries({ queryKey: incidentQuery(ref).queryKey });
  });
  if (incident.data) return <Page incident={incident.data} />;
  if (incident.error) {
    return (
      <Card>
        <h1>{ref}</h1>
        <ErrorPanel error={incident.error} retry={() => void incident.refetch()} />
        <Link to="/incidents" search={{}} className="text-accent hover:underline">
          {t('incidents.backToList')}
        </Link>
      </Card>
    );
  }
  return (
    <div className="grid gap-4">
      <Skeleton className="h-24" />
      <Skeleton className="h-72" />
    </div>
  );
}

function Page({ incident }: { incident: IncidentDetail }) {
  const note = useRef<HTMLTextAreaElement>(null);
  return (
    <div className="pb-20 tablet:pb-0">
      <Header incident={incident} onNote={() => note.current?.focus()} />
      <EightSteps incident={incident} />
      {/* On a phone the clock stands directly under the header, the rest of the rail at the end. */}
      <div className="mt-4 grid items-start gap-4 desk:grid-cols-[minmax(0,1fr)_var(--rail)] desk:grid-rows-[auto_1fr]">
        <div className="min-w-0 desk:col-start-2">
          <ClockCard incident={incident} />
        </div>
        <div className="grid min-w-0 gap-4 desk:col-start-1 desk:row-span-2 desk:row-start-1">
          <SuspectsCard incident={incident} />
          <EvidenceCard incident={incident} />
          <SceneCard incident={incident} />
          <PresenceEvidence incident={incident} />
          <ChangesBefore incident={incident} />
          <ProcessesAtBreach incident={incident} />
          <TimelineCard incident={incident} noteRef={note} />
        </div>
        <IncidentRail incident={incident} />
      </div>
    </div>
  );
}

function Header({ incident, onNote }: { incident: IncidentDetail; onNote: () => void }) {
  const t = useT();
  const sentence = useSentence();
  const nameOf = usePersonName();
  const look = INCIDENT_LOOKS[incident.state];
  const state =
    incident.holdReason === null
      ? t(look.word)
      : t('incidents.waitsFor', { state: t(look.word), whom: t(`incidents.hold.${incident.holdReason}`) });
  return (
    <header className="flex flex-wrap items-start gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-80">
        <p className="flex flex-wrap items-center gap-2 text-12 text-text-2">
          <PriorityTag priority={incident.priority} />
          {incident.ref}
          <StatusBadge look={look} kind="badge">
            {incident.assignee === null
              ? t('incidents.stateNobody', { state })
              : t('incidents.stateHolder', { state, holder: nameOf(incident.assignee) })}
          </StatusBadge>
          {incident.ci && <MaintenanceMark ciId={incident.ci.id} />}
        </p>
        <h1 className="mt-1.5 break-words">{sentence(incident.title)}</h1>
        <Where incident={incident} />
        <Elsewhere incident={incident} />
        <Account incident={incident} />
        <Why incident={incident} />
        <Opened incident={incident} />
        <Verifying incident={incident} />
      </div>
      <Actions incident={incident} onNote={onNote} />
    </header>
  );
}

const REACHED_SHOWN = 3;

/** Where it is, what it reaches and whose it is: on a narrow screen the cards that say so are far below. */
function Where({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const reached = (incident.evidence?.scene?.impact ?? []).slice(0, REACHED_SHOWN);
  const facts = [
    { word: t('machines.fact.place'), value: incident.place.location?.name },
    {
      word: t('incidents.scene.impact'),
      value: reached.map(({ name }) => name).join(t('ui.listSeparator')) || undefined,
    },
    { word: t('incidents.supportGroup'), value: incident.supportGroup?.name },
  ].filter(({ value }) => value !== undefined);
  if (facts.length === 0) return null;
  return (
    <dl className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 text-12 desk:hidden">
      {facts.map(({ word, value }) => (
        <div key={word} className="flex min-w-0 gap-1.5">
          <dt className="shrink-0 text-text-3">{word}</dt>
          <dd className="min-w-0 font-medium break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Nobody has it for too long, or it goes on in another one. */
function Elsewhere({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const { mergedInto, unclaimedSince } = incident;
  if (mergedInto !== null)
    return (
      <p className="mt-1.5 font-medium">
        <Link to="/incidents/$ref" params={{ ref: mergedInto.ref }} className="text-accent hover:underline">
          {t('incidents.mergedInto', { ref: mergedInto.ref })}
        </Link>
      </p>
    );
  if (unclaimedSince === null) return null;
  return (
    <p className="mt-1.5 flex items-center gap-2 font-medium text-crit-fg">
      <Glyph name="triangle" />
      {t('incidents.unclaimedSince', { time: recordTime(millis(unclaimedSince), now, language) })}
    </p>
  );
}

/** What it means and what to do; what the presence was judged by stands with the evidence. */
function Account({ incident }: { incident: IncidentDetail }) {
  const sentence = useSentence();
  const language = useLanguage();
  const elsewhere = new Set(incident.evidence?.presence?.reasons.map((reason) => reason[language]));
  const lines = incident.description[language].split('\n').filter((line) => !elsewhere.has(line));
  return (
    <div className="mt-1 grid max-w-[72ch] gap-1 text-14 leading-prose break-words text-text-2">
      {lines.map((line) => line !== '' && <p key={line}>{sentence({ en: line, zh: line })}</p>)}
    </div>
  );
}

/** Where the card with the matrix is far below. */
function Why({ incident }: { incident: IncidentDetail }) {
  const words = useWords();
  return <p className="mt-1.5 text-12 leading-prose text-text-2 desk:hidden">{words(incident.why)}</p>;
}

/** When it was opened and by whom, and in which zone all times of the page are. */
function Opened({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(10_000);
  const openedMs = millis(incident.openedAt);
  return (
    <p className="mt-1.5 flex flex-wrap gap-x-3 text-12 text-text-3">
      <time dateTime={incident.openedAt} title={dateTimeText(openedMs, language)}>
        {t(incident.source === 'person' ? 'incidents.reportedAgo' : 'incidents.openedAgo', {
          time: recordTime(openedMs, now, language),
          ago: agoText(openedMs, now, t),
        })}
      </time>
      <span>{t('incidents.zone', { zone: zoneText(now) })}</span>
    </p>
  );
}

/** The server looks once a second; from so much on it is the machine that it waits for. */
const LATE_MS = 30_000;

/** After the cause went away it must stay away for a while. */
function Verifying({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const now = useNow();
  const untilMs = millis(incident.verifyUntil);
  if (incident.state !== 'resolved') return null;
  if (untilMs === null && incident.resolution === 'not-watched')
    return <p className="mt-1.5 font-medium text-warn-fg">{t('incidents.notWatched')}</p>;
  if (untilMs === null) {
    const backMs = (millis(incident.resolvedAt) ?? now) + INCIDENT_VERIFY_MS;
    return (
      <p className="mt-1.5 font-medium text-warn-fg">
        {t('incidents.stillBroken', { time: clockTime(backMs) })}
      </p>
    );
  }
  if (now - untilMs > LATE_MS)
    return <p className="mt-1.5 font-medium text-warn-fg">{t('incidents.verifyWaits')}</p>;
  const quietMs = Math.min(INCIDENT_VERIFY_MS, Math.max(0, now - untilMs + INCIDENT_VERIFY_MS));
  return (
    <p className="mt-1.5 flex items-center gap-2.5 font-medium text-up-fg">
      {t('incidents.verifying', {
        done: Math.floor(quietMs / MINUTE_MS),
        of: INCIDENT_VERIFY_MS / MINUTE_MS,
      })}
      <span aria-hidden="true" className="block h-1 w-24 overflow-hidden rounded-sm bg-sunken">
        <span
          style={{ width: `${(100 * quietMs) / INCIDENT_VERIFY_MS}%` }}
          className="block h-full rounded-sm bg-up-solid"
        />
      </span>
    </p>
  );
}

/** The alerts in the way by rule and machine; null: nothing is. */
function useWhyNotRecovered(standsOn: ReturnType<typeof recoveryStandsOn>): string | null {
  const t = useT();
  const ruleName = useRuleName();
  if (standsOn === null) return null;
  const { open, openCount } = standsOn;
  if (openCount === 0) return t('incidents.verifiedByItself');
  const names = open.map((alert) =>
    t('incidents.alertOn', {
      rule: ruleName({ name: alert.ruleName, nameWords: alert.ruleNameWords }),
      name: alert.ciName,
    }),
  );
  return t('incidents.openInTheWay', { count: openCount, alerts: names.join(t('ui.listSeparator')) });
}

function Actions({ incident, onNote }: { incident: IncidentDetail; onNote: () => void }) {
  const t = useT();
  const me = useMe();
  const refusal = useIncidentRefusal();
  const { take, isPending } = useTake(incident);
  const [dialog, setDialog] = useState<IncidentState | 'assign' | null>(null);
  const [linking, setLinking] = useState<LinkAction | null>(null);
  const standsOn = recoveryStandsOn(incident);
  const isLeftToPeople = incident.state === 'resolved' && incident.affectedCount > 0 && standsOn === null;
  const next = [...nextStates(incident), ...(isLeftToPeople ? (['restored'] as const) : [])];
  const whyNot = useWhyNotRecovered(standsOn);
  const open = next.includes('resolved');
  const mine = incident.assignee !== null && incident.assignee === me?.name;
  const main: IncidentState | undefined = open
    ? 'resolved'
    : next.includes('closed')
      ? 'closed'
      : next.includes('restored')
        ? 'restored'
        : undefined;
  const others = next.filter((state) => state !== main && !(state === 'new' && incident.assignee === null));
  const may = refusal === undefined;
  useShortcuts({
    ...(may && open && !mine ? { t: take } : {}),
    ...(may && open ? { a: () => setDialog('assign') } : {}),
    ...(may && main ? { r: () => setDialog(main) } : {}),
    ...(may ? { n: onNote } : {}),
  });
  if (next.length === 0) return null;
  return (
    <div className="no-print flex flex-wrap gap-2 max-tablet:fixed max-tablet:inset-x-0 max-tablet:bottom-[calc(56px+env(safe-area-inset-bottom))] max-tablet:z-20 max-tablet:border-t max-tablet:border-line max-tablet:bg-surface max-tablet:px-4 max-tablet:py-2">
      {open && !mine && (
        <Button
          look={incident.assignee === null ? 'primary' : 'plain'}
          shortcut="T"
          disabled={isPending}
          disabledReason={refusal}
          onClick={take}
          className="max-tablet:flex-1"
        >
          {t('incidents.take')}
        </Button>
      )}
      {open && (
        <Button
          shortcut="A"
          disabledReason={refusal}
          onClick={() => setDialog('assign')}
          className="max-tablet:flex-1"
        >
          {t('incidents.assign')}
        </Button>
      )}
      <Button shortcut="N" disabledReason={refusal} onClick={onNote} className="max-tablet:hidden">
        {t('incidents.note')}
      </Button>
      {main && (
        <Button
          look={mine || !open ? 'primary' : 'plain'}
          shortcut="R"
          disabledReason={refusal}
          onClick={() => setDialog(main)}
          className="max-tablet:flex-1"
        >
          {t(`incidents.to.${main}`)}
        </Button>
      )}
      {may && (
        <Menu
          trigger={
            <IconButton
              icon="more"
              label={t('incidents.moreActions')}
              className="border border-line bg-surface"
            />
          }
        >
          {open && incident.ci && <WorkingNowItem ci={incident.ci} reason={incident.ref} />}
          {others.map((state) => (
            <MenuItem key={state} onSelect={() => setDialog(state)}>
              {t(`incidents.to.${state}`)}
            </MenuItem>
          ))}
          {whyNot !== null && (
            <MenuItem onSelect={() => undefined} disabledReason={whyNot}>
              {t('incidents.to.restored')}
            </MenuItem>
          )}
          {LINK_ACTIONS.filter((action) => action !== 'split' || incident.affected.length > 1).map(
            (action) => (
              <MenuItem key={action} onSelect={() => setLinking(action)}>
                {t(`incidents.links.menu.${action}`)}
              </MenuItem>
            ),
          )}
        </Menu>
      )}
      <AssignDialog incident={incident} open={dialog === 'assign'} onClose={() => setDialog(null)} />
      <TransitionDialog
        incident={incident}
        to={dialog === 'assign' ? null : dialog}
        onClose={() => setDialog(null)}
      />
      <LinkDialogs incident={incident} action={linking} onClose={() => setLinking(null)} />
    </div>
  );
}
