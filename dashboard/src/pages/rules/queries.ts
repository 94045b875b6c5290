/** What only the pages of rules read. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { BACKTEST_DAYS_MAX } from '@muster/shared/api/rules.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { readRange } from '../../api/queries.ts';
import { nowMs } from '../../util/clock.ts';
import type { RuleInput } from './draft.ts';

export const ruleQuery = (id: string) =>
  queryOptions({
    queryKey: ['rule', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getRule, { params: { id } }, signal),
    staleTime: 30 * SECOND_MS,
  });

export const ruleFactsQuery = queryOptions({
  queryKey: ['rules', 'facts'],
  queryFn: ({ signal }) => call(ENDPOINTS.listRuleFacts, {}, signal).then((answer) => answer.items),
  staleTime: 10 * SECOND_MS,
  refetchInterval: 30 * SECOND_MS,
});

export const ruleHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ['rule', id, 'history'],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.ruleHistory, { params: { id }, query: { limit: LIST_LIMIT_MAX } }, signal).then(
        (answer) => answer.items,
      ),
    staleTime: 10 * SECOND_MS,
  });

/** The last run stays while the next one runs; one that nobody waits for any more is ended, here and at the server. */
export const backtestQuery = (
  tried: Pick<RuleInput, 'selector' | 'condition'> | null,
  ruleId: string | null,
) =>
  queryOptions({
    queryKey: ['backtest', tried, ruleId],
    queryFn: ({ signal }) => {
      if (tried === null) throw new Error('a draft that cannot work is not tried');
      const utcOffsetMinutes = -new Date(nowMs()).getTimezoneOffset();
      return call(
        ENDPOINTS.backtestRule,
        {
          body: {
            ...tried,
            days: BACKTEST_DAYS_MAX,
            utcOffsetMinutes,
            ...(ruleId === null ? {} : { ruleId }),
          },
        },
        signal,
      );
    },
    enabled: tried !== null,
    staleTime: 5 * MINUTE_MS,
    gcTime: MINUTE_MS,
    placeholderData: keepPreviousData,
    retry: false,
  });

/** Points of the chart: 30 days by the hour. */
const CHART_POINTS = 721;

export const chartRangeQuery = (ci: string, metric: MetricName, fromMs: Millis, toMs: Millis) =>
  queryOptions({
    queryKey: ['rule-chart', ci, metric, fromMs, toMs],
    queryFn: ({ signal }) => readRange({ ci, metric, fromMs, toMs, points: CHART_POINTS }, signal),
    staleTime: 5 * MINUTE_MS,
    placeholderData: keepPreviousData,
  });

/** Machines offered for what was typed. */
export const MACHINES_OFFERED_MAX = 30;

export const machineChoicesQuery = (text: string) =>
  queryOptions({
    queryKey: ['rule-machines', text],
    queryFn: async ({ signal }): Promise<CiSummary[]> => {
      const query = { limit: MACHINES_OFFERED_MAX, ...(text === '' ? {} : { q: text }) };
      return (await call(ENDPOINTS.listCis, { query }, signal)).items;
    },
    staleTime: MINUTE_MS,
    placeholderData: keepPreviousData,
  });
