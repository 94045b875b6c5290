/** What is in force on a machine, with instances that have the same rule in one row. Pure. */
import type { InForce } from '@muster/shared/api/rules.ts';

export interface InForceRow {
  readonly metric: string | null;
  /** None where the metric has none. */
  readonly instances: readonly string[];
  /** Nothing of the metric has been reported yet. */
  readonly isExpected: boolean;
  readonly ruleId: string;
  readonly setBy: InForce['setBy'];
  readonly outdone: InForce['outdone'];
}

/** In the order of the answer, by the first instance of each row. */
export function inForceRows(items: readonly InForce[]): InForceRow[] {
  const key = ({ metric, instance, ruleId, outdone }: InForce) =>
    JSON.stringify([metric, instance === null, ruleId, outdone.map((each) => each.ruleId)]);
  return [...Map.groupBy(items, key).values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    return [
      {
        metric: first.metric,
        instances: alike.flatMap(({ instance }) => (instance === null || instance === '' ? [] : [instance])),
        isExpected: first.metric !== null && first.instance === null,
        ruleId: first.ruleId,
        setBy: first.setBy,
        outdone: first.outdone,
      },
    ];
  });
}
