/** Impact × urgency → priority: the matrix that a house begins with, and the targets of each priority. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time.ts';

export const LEVELS = [1, 2, 3, 4] as const;
export type Level = (typeof LEVELS)[number];

/** Rows: impact 1 (organisation) to 4 (one user); columns: urgency 1 (now) to 4 (later). */
export type MatrixCells = readonly (readonly number[])[];

export const PRIORITY_MATRIX = [
  [1, 1, 2, 3],
  [1, 2, 3, 3],
  [2, 3, 3, 4],
  [3, 3, 4, 4],
] as const satisfies MatrixCells;

/** Targets per priority, in elapsed time from the opening: first response, service restored. */
export const INCIDENT_TARGETS = {
  1: { respondMs: 15 * MINUTE_MS, restoreMs: 4 * HOUR_MS },
  2: { respondMs: 30 * MINUTE_MS, restoreMs: 8 * HOUR_MS },
  3: { respondMs: 4 * HOUR_MS, restoreMs: 3 * DAY_MS },
  4: { respondMs: DAY_MS, restoreMs: 5 * DAY_MS },
} as const satisfies Record<Level, { respondMs: number; restoreMs: number }>;

/** @throws RangeError for a level that the matrix does not have. */
export function priorityIn(cells: MatrixCells, impact: number, urgency: number): number {
  const cell = cells[impact - 1]?.[urgency - 1];
  if (cell === undefined) throw new RangeError(`impact ${impact} and urgency ${urgency} must be from 1 to 4`);
  return cell;
}

/** Cells that are more urgent than one with more impact or more urgency: most likely a slip. */
export function slipsOf(cells: MatrixCells): { impact: number; urgency: number }[] {
  const slips: { impact: number; urgency: number }[] = [];
  for (const impact of LEVELS)
    for (const urgency of LEVELS) {
      const cell = priorityIn(cells, impact, urgency);
      const above = impact > 1 ? priorityIn(cells, impact - 1, urgency) : 0;
      const before = urgency > 1 ? priorityIn(cells, impact, urgency - 1) : 0;
      if (cell < Math.max(above, before)) slips.push({ impact, urgency });
    }
  return slips;
}
