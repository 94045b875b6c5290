/** What the map reads. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { type MapSearch, NO_SITE, STEPS_DEFAULT } from './search.ts';

type Wish = Pick<MapSearch, 'class' | 'site' | 'service' | 'around' | 'steps' | 'group'>;

export const mapQuery = ({ class: ciClass, site, service, around, steps, group }: Wish) =>
  queryOptions({
    queryKey: ['map', { ciClass, site, service, around, steps, group }],
    queryFn: ({ signal }) =>
      call(
        ENDPOINTS.getMap,
        {
          query: {
            class: ciClass,
            site: site === NO_SITE ? '' : site,
            service,
            around,
            group: group ?? 'auto',
            ...(around === undefined ? {} : { steps: Number(steps ?? STEPS_DEFAULT) }),
          },
        },
        signal,
      ),
    staleTime: MINUTE_MS,
    // What the live connection tells is of CIs, not of groups.
    refetchInterval: ({ state }) => (state.data?.afar ? MINUTE_MS : false),
    placeholderData: keepPreviousData,
  });

/** What fails when all these fail. */
export const failingQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['impact', ids],
    queryFn: ({ signal }) => call(ENDPOINTS.getImpact, { query: { ci: ids.join(',') } }, signal),
    enabled: ids.length > 0,
    staleTime: MINUTE_MS,
  });

export const mapClassesQuery = queryOptions({
  queryKey: ['cmdb', 'classes'],
  queryFn: ({ signal }) => call(ENDPOINTS.listClasses, {}, signal),
  staleTime: MINUTE_MS,
});

export const serviceNamesQuery = queryOptions({
  queryKey: ['services', 'names'],
  queryFn: ({ signal }) => call(ENDPOINTS.listServices, { query: { limit: 500 } }, signal),
  staleTime: MINUTE_MS,
});
