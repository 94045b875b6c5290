/** Names of what rules point at: machines, places, services and other rules; read only where a rule points at one. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Rule } from '@muster/shared/api/rules.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { machinesQuery, rulesQuery } from '../../api/queries.ts';
import { useRuleName } from '../../parts/sentence.ts';
import type { NameOf } from './ruleWords.ts';

/** All of a class of records; there are few of these. */
export const recordsQuery = (ofClass: 'Location' | 'Service') =>
  queryOptions({
    queryKey: ['rule-records', ofClass],
    queryFn: async ({ signal }): Promise<CiSummary[]> =>
      (await call(ENDPOINTS.listCis, { query: { class: ofClass, limit: LIST_LIMIT_MAX } }, signal)).items,
    staleTime: MINUTE_MS,
  });

/** An id stays where the name is not known, or not yet. */
export function useNameOf(rules: readonly (Pick<Rule, 'selector' | 'condition'> | undefined)[]): NameOf {
  const ruleName = useRuleName();
  const some = (asks: (rule: Pick<Rule, 'selector' | 'condition'>) => boolean) =>
    rules.some((rule) => rule !== undefined && asks(rule));
  const machines = useQuery({
    ...machinesQuery,
    enabled: some(({ selector }) => selector.ciId !== null),
  }).data;
  const locations = useQuery({
    ...recordsQuery('Location'),
    enabled: some(({ selector }) => (selector.location ?? null) !== null),
  }).data;
  const services = useQuery({
    ...recordsQuery('Service'),
    enabled: some(({ selector }) => (selector.service ?? null) !== null),
  }).data;
  const others = useQuery({
    ...rulesQuery,
    enabled: some(({ condition }) => condition.type === 'composite'),
  }).data;
  return (id) => {
    const rule = others?.find((each) => each.id === id);
    if (rule) return ruleName(rule);
    return (
      [machines, locations, services].flatMap((list) => list ?? []).find((ci) => ci.id === id)?.name ?? id
    );
  };
}
