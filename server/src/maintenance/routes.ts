/** HTTP operations of the maintenance windows. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  type MaintenanceWindow,
  OCCURRENCES_PERIOD_DAYS_MAX,
  PREVIEW_OCCURRENCES,
  type WindowSchedule as ApiSchedule,
  type WindowTargets as ApiTargets,
} from '@muster/shared/api/maintenance.ts';
import { DAY_MS, MINUTE_MS, type Millis, toIso } from '@muster/shared/time.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Span } from '../availability/spans.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { WindowFields } from './edit.ts';
import type { Maintenance, WindowStanding } from './maintenance.ts';
import { namedCi, type PreviewSource, previewOf, shownCis, shownOccurrence } from './preview.ts';
import { coming, type Flexible, latest, occurrencesOf, type Schedule, type WindowRecord } from './window.ts';

export interface MaintenanceRouteDeps {
  readonly maintenance: Maintenance;
  readonly nameOf: PreviewSource['nameOf'];
  readonly hoursOf: PreviewSource['hoursOf'];
  /** What turned out to be another one is that; itself otherwise. */
  readonly survivorOf?: (ciId: string) => string;
}

/** Past windows of a CI go back this far. */
const PAST_SHOWN_MS = 30 * DAY_MS;
/** Of the strip of coming windows. */
const OCCURRENCES_SHOWN_MAX = 1_000;

export function addMaintenanceRoutes(routes: Routes, deps: MaintenanceRouteDeps): void {
  const { maintenance, nameOf, survivorOf = (id) => id } = deps;

  function named(ids: readonly string[]) {
    return [...new Set(ids.map(survivorOf))].map((id) => namedCi(id, nameOf));
  }

  /** A form may name one that meanwhile turned out to be another one. */
  function living(targets: ApiTargets): ApiTargets {
    const known = { ...targets, ciIds: [...new Set(targets.ciIds.map(survivorOf))] };
    requireKnown(known);
    return known;
  }

  function shown(window: WindowRecord, nowMs: Millis): MaintenanceWindow {
    const { targets, children, title, reason, agreedBy, createdBy, id } = window;
    const version = latest(window);
    const { state, now, next, last } = maintenance.standing(window, nowMs);
    return {
      id,
      title,
      reason,
      agreedBy,
      targets: {
        cis: named(targets.ciIds),
        services: named(targets.services),
        locations: named(targets.locations),
        classes: [...targets.classes],
        tags: [...targets.tags],
      },
      children,
      schedule: version.schedule && apiSchedule(version.schedule),
      timeZone: version.timeZone,
      flexible: version.flexible && apiFlexible(version.flexible),
      state,
      now: now && apiSpan(now),
      next: next && shownOccurrence(next, version.timeZone),
      last: last && apiSpan(last),
      covered: maintenance.coveredBy(id).length,
      createdBy,
      createdAt: toIso(window.createdAtMs),
      changedAt: toIso(window.changedAtMs),
      ended: version.schedule === null ? { at: toIso(version.agreedAtMs), by: version.by } : null,
    };
  }

  function requireKnown({ ciIds, services, locations }: ApiTargets): void {
    const missing = [...ciIds, ...services, ...locations].find((id) => nameOf(id) === undefined);
    if (missing !== undefined) throw new AppError('not-found', `There is no configuration item ${missing}.`);
    requireClass(services, 'Service');
    requireClass(locations, 'Location');
  }

  /** @throws AppError input-invalid */
  function requireClass(ids: readonly string[], ciClass: string): void {
    const other = ids.find((id) => nameOf(id)?.class !== ciClass);
    if (other !== undefined)
      throw new AppError('input-invalid', `${nameOf(other)?.name ?? other} is no ${ciClass}.`);
  }

  routes.add(ENDPOINTS.listMaintenanceWindows, async ({ query }, { nowMs }) => {
    const ofCi = query.ci === undefined ? null : new Set(maintenance.windowsOf(query.ci).map(({ id }) => id));
    const all = [...maintenance.all()]
      .filter(({ id }) => ofCi === null || ofCi.has(id))
      .map((window) => ({ window, standing: maintenance.standing(window, nowMs) }))
      .filter(({ window, standing }) => query.show === undefined || showsIn(query.show, window, standing))
      .map(({ window, standing }) => ({ window, key: sortKey(window, standing) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const after = query.cursor === undefined ? '' : (decodeCursor(query.cursor, 1)[0] as string);
    const rest = all.filter(({ key }) => key > after);
    const page = rest.slice(0, query.limit);
    const last = page.at(-1);
    return {
      items: page.map(({ window }) => shown(window, nowMs)),
      nextCursor: rest.length > page.length && last ? encodeCursor([last.key]) : null,
    };
  });

  routes.add(ENDPOINTS.getMaintenanceWindow, async ({ params }, { nowMs }) => {
    const window = maintenance.get(params.id);
    const version = latest(window);
    const members = new Set(maintenance.coveredBy(window.id));
    const ways = new Map(maintenance.coverage(window).covered.map(({ ciId, via }) => [ciId, via]));
    return {
      ...shown(window, nowMs),
      occurrences: coming(version, nowMs, PREVIEW_OCCURRENCES).map((one) =>
        shownOccurrence(one, version.timeZone),
      ),
      cis: shownCis(
        [...members].map((ciId) => ({ ciId, via: ways.get(ciId) ?? 'named' })),
        nameOf,
      ),
    };
  });

  routes.add(ENDPOINTS.createMaintenanceWindow, async ({ body }, { actor, nowMs }) => {
    const fields = {
      ...body,
      targets: living(body.targets),
      ...timesOf(body),
      agreedBy: body.agreedBy || personOf(actor.name),
    };
    return shown(await maintenance.set(fields, actor.name, nowMs), nowMs);
  });

  routes.add(ENDPOINTS.updateMaintenanceWindow, async ({ params, body }, { actor, nowMs }) => {
    const targets = body.targets && living(body.targets);
    const change = {
      ...given({ title: body.title, reason: body.reason, agreedBy: body.agreedBy, children: body.children }),
      ...given({ targets, timeZone: body.timeZone }),
      ...(body.schedule ? { schedule: scheduleOf(body.schedule, runningOf(params.id)) } : {}),
      ...(body.flexible === undefined ? {} : { flexible: flexibleOf(body.flexible) }),
    };
    return shown(await maintenance.change(params.id, change, actor.name, nowMs), nowMs);
  });

  /** What was prolonged by hand stays so when the rule is edited. */
  function runningOf(id: string): Schedule | null {
    return latest(maintenance.get(id)).schedule;
  }

  routes.add(ENDPOINTS.endMaintenanceWindow, async ({ params }, { actor, nowMs }) =>
    shown(await maintenance.end(params.id, actor.name, nowMs), nowMs),
  );

  routes.add(ENDPOINTS.extendMaintenanceWindow, async ({ params, body }, { actor, nowMs }) =>
    shown(await maintenance.prolong(params.id, body.minutes * MINUTE_MS, actor.name, nowMs), nowMs),
  );

  routes.add(ENDPOINTS.skipMaintenanceOccurrence, async ({ params, body }, { actor, nowMs }) =>
    shown(await maintenance.skip(params.id, Date.parse(body.from), actor.name, nowMs), nowMs),
  );

  routes.add(ENDPOINTS.previewMaintenanceWindow, async ({ body }, { nowMs }) =>
    previewOf({ ...body, ...timesOf(body) }, deps, nowMs),
  );

  routes.add(ENDPOINTS.listMaintenanceOccurrences, async ({ query }) => {
    const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
    if (toMs <= fromMs || toMs - fromMs > OCCURRENCES_PERIOD_DAYS_MAX * DAY_MS)
      throw new AppError(
        'input-invalid',
        `The period is not empty and at most ${OCCURRENCES_PERIOD_DAYS_MAX} days long.`,
      );
    const items = [...maintenance.all()]
      .flatMap((window) => {
        const version = latest(window);
        const covered = maintenance.coveredBy(window.id).length;
        return occurrencesOf(version, fromMs, toMs).map((one) => ({
          windowId: window.id,
          title: window.title,
          ...apiSpan(one),
          flexible: version.flexible !== null,
          covered,
        }));
      })
      .sort((a, b) => (a.from < b.from ? -1 : 1));
    const whole = wholeWindows(items);
    return { items: whole, cut: items.length > whole.length };
  });

  routes.add(ENDPOINTS.getCiMaintenance, async ({ params }, { nowMs }) => {
    if (nameOf(params.id) === undefined)
      throw new AppError('not-found', `There is no configuration item ${params.id}.`);
    const now = maintenance.at(params.id, nowMs);
    const past = maintenance.spans(params.id, nowMs - PAST_SHOWN_MS, nowMs);
    return {
      now: now && { windowId: now.windowId, title: now.title, ...apiSpan(now) },
      windows: maintenance
        .windowsOf(params.id)
        .map((window) => ({ window, standing: maintenance.standing(window, nowMs) }))
        .filter(({ standing }) => standing.state !== 'over')
        .sort((a, b) => (sortKey(a.window, a.standing) < sortKey(b.window, b.standing) ? -1 : 1))
        .map(({ window }) => shown(window, nowMs)),
      past: past.map(({ windowId, title, fromMs, toMs }) => ({
        windowId,
        title,
        ...apiSpan({ fromMs, toMs }),
      })),
    };
  });
}

/** Of as many windows as there is room for, all times: a line that stops in the middle reads as if nothing followed. */
function wholeWindows<T extends { readonly windowId: string }>(items: readonly T[]): T[] {
  const counts = new Map<string, number>();
  for (const { windowId } of items) counts.set(windowId, (counts.get(windowId) ?? 0) + 1);
  const shown = new Set<string>();
  let room = OCCURRENCES_SHOWN_MAX;
  for (const [windowId, count] of counts) {
    if (count > room) break;
    room -= count;
    shown.add(windowId);
  }
  return items.filter(({ windowId }) => shown.has(windowId));
}

function showsIn(
  show: 'running' | 'coming' | 'recurring' | 'past',
  window: WindowRecord,
  { state }: WindowStanding,
): boolean {
  if (show === 'running') return state === 'running' || state === 'waiting';
  if (show === 'past') return state === 'over';
  const recurs = latest(window).schedule?.kind === 'recurring';
  return show === 'recurring' ? recurs && state !== 'over' : !recurs && state === 'coming';
}

/** Running first by their end, then by what comes next, the past by how lately it was. */
function sortKey({ id, changedAtMs }: WindowRecord, { state, now, next, last }: WindowStanding): string {
  const order = { running: 0, waiting: 1, coming: 2, over: 3 }[state];
  const atMs = state === 'over' ? -(last?.toMs ?? changedAtMs) : (now?.toMs ?? next?.fromMs ?? 0);
  return `${order} ${String(SORT_BASE + atMs).padStart(17, '0')} ${id}`;
}

const SORT_BASE = 1e15;

function personOf(actor: string): string {
  return actor.replace(/^[a-z]+:/, '');
}

function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function timesOf(body: {
  schedule: ApiSchedule;
  timeZone: string;
  flexible: { durationMinutes: number; per: 'ci' | 'window' } | null;
}): Pick<WindowFields, 'schedule' | 'timeZone' | 'flexible'> {
  return {
    schedule: scheduleOf(body.schedule, null),
    timeZone: body.timeZone,
    flexible: flexibleOf(body.flexible),
  };
}

function scheduleOf(schedule: ApiSchedule, before: Schedule | null): Schedule {
  if (schedule.kind === 'once')
    return { kind: 'once', fromMs: Date.parse(schedule.startsAt), toMs: Date.parse(schedule.endsAt) };
  const { start, durationMinutes, rule, except } = schedule;
  const prolonged = before?.kind === 'recurring' ? before.prolonged : [];
  return { kind: 'recurring', start, rule, durationMs: durationMinutes * MINUTE_MS, except, prolonged };
}

function flexibleOf(flexible: { durationMinutes: number; per: 'ci' | 'window' } | null): Flexible | null {
  return flexible && { durationMs: flexible.durationMinutes * MINUTE_MS, per: flexible.per };
}

function apiSchedule(schedule: Schedule): ApiSchedule {
  if (schedule.kind === 'once')
    return { kind: 'once', startsAt: toIso(schedule.fromMs), endsAt: toIso(schedule.toMs) };
  const { start, durationMs, rule, except } = schedule;
  return { kind: 'recurring', start, durationMinutes: durationMs / MINUTE_MS, rule, except: [...except] };
}

function apiFlexible({ durationMs, per }: Flexible) {
  return { durationMinutes: Math.round(durationMs / MINUTE_MS), per };
}

function apiSpan({ fromMs, toMs }: Span) {
  return { from: toIso(fromMs), to: toIso(toMs) };
}
