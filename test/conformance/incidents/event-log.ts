/** Reads an event log of incidents (UCI 498): one row per change of an incident, times to the minute and without a zone. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';

/** Levels as numbers: '2 - Medium' is 2. */
export interface LoggedEvent {
  readonly impact: number;
  readonly urgency: number;
  readonly priority: number;
  readonly state: string;
  readonly by: string;
  /** null: nobody wrote down when; its levels count all the same. */
  readonly atMs: Millis | null;
}

export interface LoggedIncident {
  readonly number: string;
  readonly openedAtMs: Millis;
  /** null: it was never resolved, or nobody wrote down when. */
  readonly resolvedAtMs: Millis | null;
  /** null: not closed in this log. */
  readonly closedAtMs: Millis | null;
  /** Who closed it. */
  readonly closedBy: string | null;
  readonly events: readonly LoggedEvent[];
}

/** null: there is no such folder, or no log in it. */
export function readEventLogs(folder: string): LoggedIncident[] | null {
  const at = join(folder, 'uci498');
  if (!existsSync(at)) return null;
  const files = readdirSync(at).filter((name) => name.endsWith('.csv'));
  if (files.length === 0) return null;
  return files.flatMap((name) => incidentsOf(readFileSync(join(at, name), 'utf8')));
}

export function incidentsOf(csv: string): LoggedIncident[] {
  const [header = [], ...rows] = cells(csv);
  const column = new Map(header.map((name, i) => [name, i]));
  const of = (row: readonly string[], name: string) => row[column.get(name) ?? -1] ?? '?';
  const byNumber = new Map<string, string[][]>();
  for (const row of rows) {
    const number = of(row, 'number');
    const held = byNumber.get(number);
    if (held) held.push(row);
    else byNumber.set(number, [row]);
  }
  return [...byNumber].flatMap(([number, own]) => {
    const events = own.map((row): LoggedEvent => {
      const level = (name: string) => Number.parseInt(of(row, name), 10);
      return {
        impact: level('impact'),
        urgency: level('urgency'),
        priority: level('priority'),
        state: of(row, 'incident_state'),
        by: of(row, 'sys_updated_by'),
        atMs: timeOf(of(row, 'sys_updated_at')),
      };
    });
    const last = own.at(-1);
    const lastEvent = events.at(-1);
    const openedAtMs = last ? timeOf(of(last, 'opened_at')) : null;
    if (!last || !lastEvent || openedAtMs === null) return [];
    const resolved = events.findLast(({ state }) => state === 'Resolved');
    const closed = lastEvent.state === 'Closed';
    return [
      {
        number,
        openedAtMs,
        resolvedAtMs: timeOf(of(last, 'resolved_at')) ?? resolved?.atMs ?? null,
        closedAtMs: closed ? timeOf(of(last, 'closed_at')) : null,
        closedBy: closed ? lastEvent.by : null,
        events,
      },
    ];
  });
}

/** '29/2/2016 01:16'; '?' is nothing. */
function timeOf(text: string): Millis | null {
  const found = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})$/.exec(text);
  if (!found) return null;
  const [, day, month, year, hour, minute] = found.map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour) + (minute ?? 0) * MINUTE_MS;
}

/** RFC 4180: cells in quotes may hold commas, quotes and line ends. */
function cells(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < csv.length; i += 1) {
    const char = csv[i] ?? '';
    if (quoted) {
      if (char !== '"') cell += char;
      else if (csv[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',' || char === '\n') {
      row.push(cell);
      cell = '';
      if (char === '\n') {
        rows.push(row);
        row = [];
      }
    } else if (char !== '\r') cell += char;
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell]);
  return rows;
}
