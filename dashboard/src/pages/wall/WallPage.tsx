/** The wallboard: read from across a room, without anybody at it; it says when it has nothing new to say. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import { ApiError } from '../../api/client.ts';
import { overviewQuery } from '../../api/queries.ts';
import { useFleetInCache } from '../../app/fleet.ts';
import { useLiveConnection, useLiveState } from '../../app/live.ts';
import { applyTheme, keptTheme } from '../../app/preferences.ts';
import { usePageTitle } from '../../app/title.ts';
import { switchLanguage, useLanguage, useT } from '../../i18n/i18n.ts';
import { headline } from '../../parts/headline.ts';
import { byPriority } from '../../parts/incidentOrder.ts';
import { usePersonName } from '../../parts/incidentActions.ts';
import { useOpenIncidents } from '../../parts/openIncidents.ts';
import { useRoll } from '../../parts/roll.ts';
import { type Counts, countCells, type Roll } from '../../parts/rollCells.ts';
import { useSentence } from '../../parts/sentence.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { countsSentence, FleetBar } from '../../ui/FleetBar.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Mark } from '../../ui/Icon.tsx';
import { PriorityTag } from '../../ui/PriorityTag.tsx';
import { RollGrid } from '../../ui/RollGrid.tsx';
import { SlaClock } from '../../ui/SlaClock.tsx';
import { PRESENCE_LOOKS, SHOWN_PRESENCES, TONE_TEXT } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { formatNumber } from '../../util/quantity.ts';
import { agoText, clockTime, dateText, millis, zoneText } from '../../util/time.ts';
import { cellSize, tilesFit } from './fit.ts';
import { takeToken, useWallSession, wallSessionQuery } from './session.ts';
import { useWakeLock } from './useWakeLock.ts';

const INCIDENTS_SHOWN = 6;
/** Older data is not shown as if it were the present. */
const STALE_MS = 30_000;
/** Sizes are made for 1080 lines of 1920; a larger board shows the same, larger. */
const DESIGN_WIDTH_PX = 1_920;
const DESIGN_HEIGHT_PX = 1_080;
const DESIGN_FONT_PX = 16;
/** Line of a site's name and the gap beneath its cells. */
const SITE_HEADING_REM = 2.125;

const route = getRouteApi('/wall');

export function WallPage() {
  const t = useT();
  const { lang } = route.useSearch();
  usePageTitle(t('wall.title'));
  useState(takeToken);
  const { user, refused, ended } = useWallSession();
  const language = lang ?? user?.language;
  useEffect(() => {
    if (language) void switchLanguage(language);
  }, [language]);
  useDarkAndLarge();
  useWakeLock();
  return (
    <div data-wall="" className="flex min-h-dvh flex-col bg-canvas text-16 desk:h-dvh desk:overflow-hidden">
      {user ? (
        <Board key={user.id} />
      ) : (
        <main className="m-auto p-8">{refused ? <NotAllowed ended={ended} /> : <Waiting />}</main>
      )}
    </div>
  );
}

/** The board is dark whatever this browser prefers, and as large as its screen. */
function useDarkAndLarge(): void {
  useEffect(() => {
    const root = document.documentElement;
    root.dataset['theme'] = 'dark';
    const fit = () => {
      const scale = Math.min(window.innerWidth / DESIGN_WIDTH_PX, window.innerHeight / DESIGN_HEIGHT_PX);
      root.style.fontSize = `${DESIGN_FONT_PX * Math.max(1, scale)}px`;
    };
    fit();
    window.addEventListener('resize', fit);
    return () => {
      window.removeEventListener('resize', fit);
      root.style.fontSize = '';
      applyTheme(keptTheme());
    };
  }, []);
}

function NotAllowed({ ended }: { ended: boolean }) {
  const t = useT();
  return (
    <div className="grid max-w-[46rem] justify-items-center gap-4 text-center">
      <Mark size={44} />
      <h1>{t(ended ? 'wall.ended' : 'wall.refused')}</h1>
      <p className="leading-prose text-text-2">{t('wall.refusedHint')}</p>
      <Link to="/sign-in" search={{ next: '/wall' }} className={buttonClass('primary')}>
        {t('access.signIn')}
      </Link>
    </div>
  );
}

function Waiting() {
  const t = useT();
  return (
    <p role="status" className="appear-late text-24 text-text-2">
      {t('wall.waiting')}
    </p>
  );
}

function Board() {
  const t = useT();
  const { site } = route.useSearch();
  useLiveConnection(wallSessionQuery.queryKey);
  useFleetInCache();
  useSessionWatch();
  const overview = useQuery({ ...overviewQuery, refetchInterval: 60_000 }).data;
  const open = useOpenIncidents(60_000).data;
  const roll = useRoll(true);
  const staleMs = useStaleSince();
  const sites = roll?.sites.filter((each) => site === undefined || (each.site ?? '') === site) ?? [];
  const ids = new Set(site === undefined ? [] : sites.flatMap(({ cells }) => cells.map(([id]) => id)));
  const incidents = (open ?? [])
    .filter(({ ci }) => site === undefined || (ci !== null && ids.has(ci.id)))
    .sort(byPriority);
  const fleet = site === undefined ? overview?.fleet : countCells(sites.flatMap(({ cells }) => cells));
  const ready = overview !== undefined && open !== undefined && fleet !== undefined;
  return (
    <>
      <main
        className={cx(
          'flex min-h-0 flex-1 flex-col gap-6 px-10 pt-8 max-desk:px-4',
          staleMs !== null && 'opacity-60 grayscale',
        )}
      >
        <h1 className="text-32 leading-tight">
          {ready &&
            headline(
              {
                openIncidents: incidents.length,
                unclaimedIncidents: incidents.filter(({ assignee }) => assignee === null).length,
                waitingAgents: 0,
              },
              t,
            )}
          {site !== undefined && <span className="ml-4 text-24 text-text-2">{site}</span>}
        </h1>
        {fleet && <FleetLine fleet={fleet} />}
        <div className="flex min-h-0 flex-1 gap-10 max-desk:flex-col">
          {incidents.length > 0 && <Incidents incidents={incidents} />}
          <RollBySite sites={sites} />
        </div>
      </main>
      <Foot staleMs={staleMs} />
    </>
  );
}

/** A session that ended is opened again, without anybody at the board. */
function useSessionWatch(): void {
  const queries = useQueryClient();
  const { error } = useQuery(overviewQuery);
  const over = error instanceof ApiError && error.status === 401;
  useEffect(() => {
    if (over)
      void queries
        .invalidateQueries({ queryKey: wallSessionQuery.queryKey })
        .then(() => queries.invalidateQueries({ queryKey: overviewQuery.queryKey }));
  }, [over, queries]);
}

/** Since when nothing new has come, once that is too long ago; else null. */
function useStaleSince(): number | null {
  const live = useLiveState();
  const now = useNow();
  const [startedMs] = useState(now);
  const heardMs = live.state === 'live' ? live.heardMs : live.state === 'lost' ? live.sinceMs : startedMs;
  return now - heardMs > STALE_MS ? heardMs : null;
}

function FleetLine({ fleet }: { fleet: Counts }) {
  const t = useT();
  const language = useLanguage();
  return (
    <section aria-label={t('overview.fleet')}>
      <FleetBar counts={fleet} size="wall" />
      <ul className="mt-4 flex flex-wrap gap-x-12 gap-y-2">
        {SHOWN_PRESENCES.map((presence) => {
          const look = PRESENCE_LOOKS[presence];
          const count = fleet[presence];
          return (
            <li
              key={presence}
              className={cx('flex items-baseline gap-2', count === 0 ? 'text-text-3' : TONE_TEXT[look.tone])}
            >
              <Glyph name={look.glyph} className="size-4.5 self-center" />
              <span className="text-20">{t(look.word)}</span>
              <span className={cx('text-24 font-semibold', count > 0 && 'text-text')}>
                {formatNumber(count, 0, language)}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Incidents({ incidents }: { incidents: readonly IncidentSummary[] }) {
  const t = useT();
  const more = incidents.length - INCIDENTS_SHOWN;
  return (
    <section aria-label={t('overview.needsAPerson')} className="min-w-0 flex-[1.35]">
      <ul className="grid gap-3">
        {incidents.slice(0, INCIDENTS_SHOWN).map((incident) => (
          <Incident key={incident.id} incident={incident} />
        ))}
      </ul>
      {more > 0 && <p className="mt-3 text-20 text-text-2">{t('wall.more', { count: more })}</p>}
    </section>
  );
}

function Incident({ incident }: { incident: IncidentSummary }) {
  const t = useT();
  const sentence = useSentence();
  const nameOf = usePersonName();
  const { sla } = incident;
  const responding = sla.respondedAt === null;
  return (
    <li className="card grid grid-cols-[auto_minmax(0,1fr)_11rem] items-center gap-x-5 px-5 py-3 max-desk:grid-cols-[auto_minmax(0,1fr)]">
      <PriorityTag priority={incident.priority} large />
      <div className="min-w-0">
        <p className="line-clamp-2 text-24 leading-8 font-semibold">{sentence(incident.title)}</p>
        <p
          className={cx(
            'truncate text-16',
            incident.assignee === null ? 'font-medium text-crit-fg' : 'text-text-2',
          )}
        >
          {incident.assignee === null
            ? t('wall.nobody')
            : t('wall.heldBy', { name: nameOf(incident.assignee) })}
          <span className="ml-3 font-normal text-text-3">{incident.ref}</span>
        </p>
      </div>
      <div className="max-desk:col-start-2">
        {sla.paused ? (
          <p className="text-16 text-text-2">{t('incidents.clockPaused')}</p>
        ) : (
          <SlaClock
            label={t(responding ? 'incidents.respondWithin' : 'incidents.restoreWithin')}
            fromMs={millis(incident.openedAt)}
            dueMs={millis(responding ? sla.respondBy : sla.restoreBy)}
            size="wall"
          />
        )}
      </div>
    </li>
  );
}

/** All machines at once, as large as there is room. */
function RollBySite({ sites }: { sites: Roll['sites'] }) {
  const t = useT();
  const language = useLanguage();
  const frame = useRef<HTMLElement>(null);
  const [room, setRoom] = useState({ widthPx: 0, heightPx: 0, headingPx: 0, remPx: DESIGN_FONT_PX });
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      const remPx = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      setRoom({
        widthPx: element.clientWidth,
        heightPx: element.clientHeight,
        headingPx: SITE_HEADING_REM * remPx,
        remPx,
      });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const counts = sites.map(({ cells }) => cells.length);
  const named = tilesFit(counts, room);
  const size = cellSize(counts, room);
  return (
    <section ref={frame} aria-label={t('overview.roll')} className="min-h-0 min-w-0 flex-1">
      {room.widthPx > 0 &&
        sites.map(({ site, cells }) => (
          <div key={site ?? ''} className="pb-2">
            <p className="flex h-[1.625rem] items-baseline gap-3 text-16">
              <span className="truncate font-medium">{site ?? t('overview.noSite')}</span>
              <span className="text-text-3">{formatNumber(cells.length, 0, language)}</span>
            </p>
            {named ? (
              <Tiles cells={cells} />
            ) : (
              <RollGrid cells={cells} label={countsSentence(countCells(cells), t)} cellPx={size} />
            )}
          </div>
        ))}
    </section>
  );
}

/** A small fleet is called by name. */
function Tiles({ cells }: { cells: Roll['sites'][number]['cells'] }) {
  const t = useT();
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] gap-x-2">
      {cells.map(([id, name, state]) => {
        const look = PRESENCE_LOOKS[state];
        return (
          <li
            key={id}
            className={cx(
              'mb-2 flex h-9 items-center gap-2 rounded-md border px-2.5',
              state === 'up' ? 'border-line text-text-2' : cx('border-line-strong', TONE_TEXT[look.tone]),
            )}
          >
            <Glyph name={look.glyph} className={cx('size-4', state === 'up' && 'text-up-solid')} />
            <span className="truncate text-16">{name}</span>
            <span className="sr-only">{t(look.word)}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** Clock and age of the data, always; when the data is old, since when. */
function Foot({ staleMs }: { staleMs: number | null }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow();
  const live = useLiveState();
  return (
    <footer className="flex flex-none items-baseline gap-6 px-10 py-5 max-desk:flex-wrap max-desk:px-4">
      <Link
        to="/"
        className="flex items-center gap-2.5 self-center text-16 font-title"
        title={t('shell.nav.overview')}
      >
        <Mark size={26} />
        <span translate="no">{t('shell.product')}</span>
      </Link>
      {staleMs !== null && (
        <p role="alert" className="flex items-center gap-3 self-center text-24 font-semibold text-warn-fg">
          <Glyph name="triangle" />
          {t('wall.noDataSince', { time: clockTime(staleMs) })}
        </p>
      )}
      <p className="ml-auto text-16 text-text-3">
        {live.state === 'live'
          ? t('wall.age', { ago: agoText(live.heardMs, now, t) })
          : live.state === 'lost'
            ? t('wall.age', { ago: agoText(live.sinceMs, now, t) })
            : t('shell.connecting')}
      </p>
      <p className="text-16 text-text-2">
        {dateText(now, language)} · {zoneText(now)}
      </p>
      <p className="text-32 leading-none font-semibold">{clockTime(now, true)}</p>
    </footer>
  );
}
