/** One page of the register as the server answers it, and its rows as a file. Pure. */
import type { z } from 'zod';
import type { CapacityRow, capacityEndpoints } from '@muster/shared/api/capacity.ts';

export type Register = z.infer<(typeof capacityEndpoints)['capacityRegister']['response']>;

type Cell = string | number | null;

const COLUMNS = [
  ['machine', (row) => row.ciName],
  ['id', (row) => row.ciId],
  ['class', (row) => row.ciClass],
  ['site', (row) => row.site],
  ['file_system', (row) => row.instance],
  ['at', (row) => row.at],
  ['used_bytes', (row) => row.usedBytes],
  ['size_bytes', (row) => row.sizeBytes],
  ['free_bytes', (row) => row.freeBytes],
  ['utilisation_percent', (row) => row.utilisation],
  ['threshold_percent', (row) => row.threshold?.percent ?? null],
  ['state', (row) => row.state],
  ['growth_bytes_per_day', (row) => row.growthBytesPerDay],
  ['days_to_full', (row) => row.full?.days ?? null],
  ['days_to_full_early', (row) => row.full?.early ?? null],
  ['days_to_full_late', (row) => row.full?.late ?? null],
  ['days_to_threshold', (row) => row.reachesThreshold?.days ?? null],
  ['not_before', (row) => row.notBefore],
  ['no_trend', (row) => row.noTrend],
  ['history_days', (row) => row.historyDays],
  ['since', (row) => row.since],
  ['restart', (row) => row.restart?.why ?? null],
  ['back_test_days', (row) => row.backTestDays],
] as const satisfies readonly (readonly [string, (row: CapacityRow) => Cell])[];

export function csvRows(rows: readonly CapacityRow[]): Cell[][] {
  return [COLUMNS.map(([name]) => name), ...rows.map((row) => COLUMNS.map(([, value]) => value(row)))];
}

/** Right end of the axis that all rows share: the latest day that is told, in round steps of 30. */
export function axisDays(rows: readonly Pick<CapacityRow, 'full'>[]): number {
  const latest = Math.max(0, ...rows.map(({ full }) => (full === null ? 0 : (full.late ?? full.days))));
  return Math.min(180, Math.max(30, Math.ceil(latest / 30) * 30));
}
