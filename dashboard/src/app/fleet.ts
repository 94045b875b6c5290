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
    queries.setQueryData(overviewQuery.queryKey, (before) => {
      if (before === undefined) return before;
      if (before.openIncidents !== openIncidents || before.unclaimedIncidents !== unclaimedIncidents) {
        void queries.invalidateQueries({ queryKey: ['incidents'] });
        void queries.invalidateQueries({ queryKey: overviewQuery.queryKey });
      }
      if (before.fleet.total !== fleet.total) relist(queries);
      return { ...before, fleet, openIncidents, unclaimedIncidents, samplesPerSecond };
    });
  });
}

/** While machines come in by the hundred, the list of all is read again at most this often. */
const RELIST_MS = 5 * SECOND_MS;
let relistedMs = 0;
let relisting = false;

function relist(queries: QueryClient): void {
  if (relisting) return;
  relisting = true;
  window.setTimeout(
    () => {
      relisting = false;
      relistedMs = nowMs();
      void queries.invalidateQueries({ queryKey: ['cis'] });
    },
    Math.max(0, relistedMs + RELIST_MS - nowMs()),
  );
}
