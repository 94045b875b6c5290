/** Our incidents against the event log of others: priorities by a configured matrix, closing by the configured time. */
import { createIncidents, type Incidents } from '@muster/server/incidents/incidents.ts';
import { VERIFY_MS } from '@muster/server/incidents/life-cycle.ts';
import { createMemoryIncidentStore } from '@muster/server/store/memory/incidents.ts';
import { newId } from '@muster/server/ids.ts';
import { LEVELS, priorityIn } from '@muster/shared/incidents/matrix.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { type LoggedIncident, readEventLogs } from './event-log.ts';

export interface IncidentsReport {
  readonly incidents: number;
  readonly events: number;
  /** Rows: impact 1 to 4; columns: urgency 1 to 4. */
  readonly matrix: readonly (readonly number[])[];
  /** Events whose priority our matrix does not give. */
  readonly priorityExceptions: readonly string[];
  readonly autoClose: AutoClose;
}

export interface AutoClose {
  readonly days: number;
  /** Closed by the account that closes most: a program. */
  readonly byProgram: number;
  /** By our life cycle not closed yet when the program closed it. */
  readonly early: readonly string[];
  /** By our life cycle closed by then, and not one minute before its time. */
  readonly reproduced: number;
  /** Of these the program came by within the hour. */
  readonly withinTheHour: number;
  /** Closed by people, at any time: our life cycle lets them. */
  readonly byPeople: number;
  readonly notClosed: number;
}

/** null: there is no log. */
export async function runIncidents(folder: string): Promise<IncidentsReport | null> {
  const logged = readEventLogs(folder);
  return logged === null ? null : reportOf(logged);
}

export async function reportOf(logged: readonly LoggedIncident[]): Promise<IncidentsReport> {
  const matrix = matrixOf(logged);
  return {
    incidents: logged.length,
    events: logged.reduce((sum, { events }) => sum + events.length, 0),
    matrix,
    priorityExceptions: await priorityExceptions(logged, matrix),
    autoClose: await autoClose(logged),
  };
}

async function desk(): Promise<Incidents> {
  return createIncidents({
    store: createMemoryIncidentStore(),
    newId,
    holderOf: async (name) => name,
    onEvent: () => undefined,
  });
}

/** What the log gives most often for its levels; a cell that never occurs is as urgent as the lesser of its neighbours. */
function matrixOf(logged: readonly LoggedIncident[]): number[][] {
  const counts = new Map<string, number>();
  for (const { impact, urgency, priority } of logged.flatMap(({ events }) => events)) {
    const key = `${impact} ${urgency} ${priority}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const cells: number[][] = [];
  for (const impact of LEVELS) {
    const row: number[] = [];
    for (const urgency of LEVELS) {
      const [most] = LEVELS.map((priority) => ({
        priority,
        count: counts.get(`${impact} ${urgency} ${priority}`) ?? 0,
      })).toSorted((a, b) => b.count - a.count);
      const neighbours = Math.max(row[urgency - 2] ?? 1, cells[impact - 2]?.[urgency - 1] ?? 1);
      row.push(most && most.count > 0 ? most.priority : neighbours);
    }
    cells.push(row);
  }
  return cells;
}

/** Each combination of levels is reported by hand to a desk that has this matrix; each event is held against it. */
async function priorityExceptions(
  logged: readonly LoggedIncident[],
  cells: readonly (readonly number[])[],
): Promise<string[]> {
  const incidents = await desk();
  const { policy } = incidents;
  const change = { cells, by: 'user:admin', reason: 'as in the log', from: policy.matrix().version };
  const { version } = await policy.setMatrix(change, 0);
  const given = new Map<string, number>();
  for (const impact of LEVELS)
    for (const urgency of LEVELS) {
      const report = { title: 'x', description: '', impact, urgency, ci: null };
      const opened = await incidents.report(report, 'user:anna', 1);
      if (opened.matrixVersion !== version || opened.priority !== priorityIn(cells, impact, urgency))
        return [`impact ${impact}, urgency ${urgency}: judged by another matrix`];
      given.set(`${impact} ${urgency}`, opened.priority);
    }
  return logged.flatMap(({ number, events }) =>
    events
      .filter(({ impact, urgency, priority }) => given.get(`${impact} ${urgency}`) !== priority)
      .map(
        ({ impact, urgency, priority }) =>
          `${number}: impact ${impact}, urgency ${urgency} had priority ${priority}`,
      ),
  );
}

/** Each incident lives in a desk of its own: opened, resolved as in the log, then only time passes. */
async function autoClose(logged: readonly LoggedIncident[]): Promise<AutoClose> {
  const program = mostOften(logged.flatMap(({ closedBy }) => closedBy ?? []));
  const closed = logged.filter(
    ({ closedAtMs, resolvedAtMs }) => closedAtMs !== null && resolvedAtMs !== null,
  );
  const byProgram = closed.filter(({ closedBy }) => closedBy === program);
  const days = daysOf(byProgram);
  const early: string[] = [];
  let withinTheHour = 0;
  for (const one of byProgram) {
    const closesMs = await closingOf(one, days);
    const atMs = one.closedAtMs ?? 0;
    // The log counts minutes: what happened within one may be written in either order.
    if (closesMs === null || closesMs > atMs + MINUTE_MS) early.push(one.number);
    else if (atMs - closesMs <= HOUR_MS + MINUTE_MS) withinTheHour += 1;
  }
  return {
    days,
    byProgram: byProgram.length,
    early,
    reproduced: byProgram.length - early.length,
    withinTheHour,
    byPeople: closed.length - byProgram.length,
    notClosed: logged.length - closed.length,
  };
}

/** The whole half days that most were left to lie. */
function daysOf(closed: readonly LoggedIncident[]): number {
  const halves = closed.map(({ closedAtMs, resolvedAtMs }) =>
    Math.floor((((closedAtMs ?? 0) - (resolvedAtMs ?? 0)) / DAY_MS) * 2),
  );
  return Number(mostOften(halves.map(String)) ?? 0) / 2;
}

/** When our life cycle closes it; null: not at its time, or it did so before. */
async function closingOf(one: LoggedIncident, days: number): Promise<Millis | null> {
  const incidents = await desk();
  const { policy } = incidents;
  const { value, version } = policy.settings();
  await policy.setSettings({ ...value, autoCloseDays: days }, version, 'user:admin', 0);
  const resolvedAtMs = one.resolvedAtMs ?? 0;
  const report = { title: one.number, description: '', impact: 2, urgency: 2, ci: null };
  const { ref } = await incidents.report(report, 'user:anna', one.openedAtMs);
  const state = async () => (await incidents.note(ref, 'x', 'user:anna', resolvedAtMs)).state;
  await incidents.move(ref, { to: 'resolved', note: '' }, undefined, 'user:anna', resolvedAtMs);
  await incidents.tick(resolvedAtMs + VERIFY_MS);
  const dueMs = resolvedAtMs + days * DAY_MS;
  await incidents.tick(dueMs - 1);
  if ((await state()) !== 'restored') return null;
  await incidents.tick(dueMs);
  return (await state()) === 'closed' ? dueMs : null;
}

function mostOften(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

export function incidentsTable(report: IncidentsReport): string {
  const { autoClose: closing, priorityExceptions: exceptions } = report;
  return [
    `incidents ${report.incidents}, events ${report.events}`,
    `priority: ${report.events - exceptions.length} of ${report.events} by the matrix ${report.matrix.map((row) => row.join('')).join(' ')}`,
    `closing: ${closing.reproduced} of ${closing.byProgram} closed ${closing.days} days after they were resolved or later, ${closing.early.length} before; ${closing.withinTheHour} within the hour`,
    `closed by people ${closing.byPeople}, not closed or never resolved ${closing.notClosed}`,
    ...exceptions.slice(0, SHOWN_MAX).map((line) => `FAILED   ${line}`),
    ...closing.early.slice(0, SHOWN_MAX).map((number) => `FAILED   ${number}: closed too early`),
  ].join('\n');
}

const SHOWN_MAX = 20;
