/** Port of service hours calendars and of what they are assigned to. */
import type { AssignmentLevel, CalendarHours } from '@muster/shared/api/calendars.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface StoredVersion extends CalendarHours {
  /** ISO date; null: since ever, only of the first. */
  readonly fromDay: string | null;
  readonly note: string;
  readonly by: string;
  readonly atMs: Millis;
}

export interface CalendarRecord {
  readonly id: string;
  readonly name: string;
  /** Ascending by day, at least one; the first since ever. */
  readonly versions: readonly StoredVersion[];
  readonly revision: number;
  readonly updatedAtMs: Millis | null;
}

export interface AssignmentRecord {
  readonly id: string;
  readonly level: AssignmentLevel;
  readonly key: string;
  /** null: nothing from that day on. */
  readonly calendarId: string | null;
  readonly fromDay: string | null;
  readonly by: string;
  readonly atMs: Millis;
}

/**
 * Contract. Calendars come by name, then id; a put is by id and whole. Assignments come by level, key and day, those since
 * ever first; `putAssignments` replaces all of one level and key at once.
 */
export interface CalendarStore {
  calendars(): Promise<CalendarRecord[]>;
  putCalendar(calendar: CalendarRecord): Promise<void>;
  deleteCalendar(id: string): Promise<void>;
  assignments(): Promise<AssignmentRecord[]>;
  putAssignments(level: AssignmentLevel, key: string, records: readonly AssignmentRecord[]): Promise<void>;
}
