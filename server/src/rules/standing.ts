/** Which rules are in force for each series of a machine, by what they are set, and which they outdo. Pure. */
import type { InForce } from '@muster/shared/api/rules.ts';
import { familyOf, highestStep, inForce, particularity } from '@muster/shared/rules/precedence.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import type { SeriesIdentity } from '../metrics/store.ts';
import { appliesTo, distanceTo, instanceMatcher, metricOf } from './rule.ts';
import type { Belonging, StoredRule } from './rule.ts';

/** `series`: what the machine has reported. In the order of metric and instance; silence and composites first. */
export function standingsOn(
  entry: CiEntry,
  series: readonly Pick<SeriesIdentity, 'metric' | 'instance'>[],
  rules: readonly StoredRule[],
  belonging: Belonging,
): InForce[] {
  const applying = rules.filter((rule) => appliesTo(rule, entry, belonging));
  const families = Map.groupBy(applying, ({ id, condition }) => familyOf(condition) ?? id);
  return [...families.values()]
    .flatMap((family) => standingsOf(family, entry, series, belonging))
    .sort((a, b) => order(a.metric, b.metric) || order(a.instance, b.instance) || order(a.ruleId, b.ruleId));
}

function standingsOf(
  family: readonly StoredRule[],
  entry: CiEntry,
  series: readonly Pick<SeriesIdentity, 'metric' | 'instance'>[],
  belonging: Belonging,
): InForce[] {
  const metric = family[0] ? metricOf(family[0].condition) : null;
  const known = series.filter((one) => one.metric === metric).map(({ instance }) => instance);
  const instances = metric === null ? [''] : known.length > 0 ? known : [null];
  return instances.flatMap((instance) => {
    // What has not been reported yet may be of any instance.
    const here = family.filter(
      ({ selector }) => instance === null || instanceMatcher(selector.instance)(instance),
    );
    const standing = inForce(here, (rule) => ({
      reach: rule.selector,
      op: '',
      distance: distanceTo(rule, entry.id, belonging),
    }));
    const outdone = here
      .filter((rule) => !standing.includes(rule))
      .sort((a, b) => particularity(b.selector) - particularity(a.selector))
      .map(({ id, selector }) => ({ ruleId: id, setBy: highestStep(selector) }));
    return standing.map(({ id, selector }) => ({
      metric,
      instance,
      ruleId: id,
      setBy: highestStep(selector),
      outdone,
    }));
  });
}

function order(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
}
