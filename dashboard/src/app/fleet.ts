/** The counts of the fleet as the server tells them, once a second at the most. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { overviewQuery } from '../api/queries.ts';
import { useLive } from './live.ts';
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
      if (before.fleet.total !== fleet.total) void queries.invalidateQueries({ queryKey: ['cis'] });
      return { ...before, fleet, openIncidents, unclaimedIncidents, samplesPerSecond };
    });
  });
}
