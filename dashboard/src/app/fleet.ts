/** The counts of the fleet as the server tells them, once a second at the most. */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { SECOND_MS } from '@muster/shared/time.ts';
import { overviewQuery } from '../api/queries.ts';
import { useLive } from './live.ts';
import { nowMs } from '../util/clock.ts';
import { useUnclaimedInTitle } from './title.ts';

/** Keeps the counts of navigation and overview as the server tells them. */
export function useFleetInCache(): void {
  const queries = useQueryClient();
  const { data } = useQuery(overviewQuery);
  useUnclaimedInTitle(data?.unclaimedIncidents ?? 0);
  useLive({ name: 'fleet' }, (message) => {
    if (message.type !== 'fleet') return;
    const { fleet, openIncidents, unclaimedIncidents, samplesPerSecond } = message;
    const before = queries.getQueryData(overviewQuery.queryKey);
    if (before === undefined) return;
    queries.setQueryData(overviewQuery.queryKey, {
      ...before,
      fleet,
      openIncidents,
      unclaimedIncidents,
      samplesPerSecond,
    });
    if (before.openIncidents !== openIncidents || before.unclaimedIncidents !== unclaimedIncidents)
      rereadIncidents(queries);
    if (before.fleet.total !== fleet.total) rereadMachines(queries);
  });
}

const rereadMachines = reread(['cis']);
const rereadIncidents = reread(['incidents'], overviewQuery.queryKey);

/** While machines or incidents come in by the hundred, the list of all is read again at most this often. */
const REREAD_MS = 5 * SECOND_MS;

/** The first time at once. */
function reread(...keys: readonly (readonly unknown[])[]): (queries: QueryClient) => void {
  let lastMs = 0;
  let waiting = false;
  return (queries) => {
    if (waiting) return;
    waiting = true;
    window.setTimeout(
      () => {
        waiting = false;
        lastMs = nowMs();
        for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
      },
      Math.max(0, lastMs + REREAD_MS - nowMs()),
    );
  };
}
