/** When a value of a machine is old: by the interval its agent is told, and by how long it may hold readings back. */
import { useQuery } from '@tanstack/react-query';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { HOLD_MS_MAX, INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { machineConfigQuery } from '../../parts/machineConfig.ts';

/** Longest time between two readings of this page, where no live seconds come. */
const READ_MS = 10 * SECOND_MS;

/** Half an interval is left for the way. */
export function staleAfterMs({ intervalMs, holdMs }: { intervalMs: number; holdMs: number }): number {
  return holdMs + 1.5 * intervalMs + READ_MS;
}

/** Milliseconds; infinite until it is known what the agent is told, for a wrong mark is worse than a late one. */
export function useStaleAfter(ciId: string): number {
  const { data, isError } = useQuery({ ...machineConfigQuery(ciId), refetchInterval: MINUTE_MS });
  if (data === undefined)
    return isError
      ? staleAfterMs({ intervalMs: INTERVAL_MS_DEFAULT, holdMs: HOLD_MS_MAX })
      : Number.POSITIVE_INFINITY;
  const told = data.values.find(({ setting }) => setting === 'intervalMs')?.value;
  const intervalMs = typeof told === 'number' ? told : INTERVAL_MS_DEFAULT;
  return staleAfterMs({ intervalMs, holdMs: data.holdMs });
}
