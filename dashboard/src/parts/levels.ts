/** Which levels of which rules hold for a metric of a machine. Pure. */
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import type { Rule, Severity } from '@muster/shared/api/rules.ts';
import { inForce, isCounting } from '@muster/shared/rules/precedence.ts';

export interface LevelInForce {
  readonly severity: Severity;
  readonly op: 'above' | 'below';
  readonly level: number;
  readonly clear: number;
}

type Subject = Pick<CiSummary, 'id' | 'class' | 'tags'>;

/** The levels in force: in each direction those of the most particular rules; `instance` '' where the metric has none. */
export function levelsInForce(
  rules: readonly Rule[],
  ci: Subject,
  metric: string,
  instance: string,
): LevelInForce[] {
  const matching = rules.flatMap((rule) => {
    const { condition, selector, enabled } = rule;
    const fits =
      enabled && condition.type === 'threshold' && condition.metric === metric && !isCounting(condition);
    return fits && applies(rule, ci, instance) ? [{ reach: selector, condition, op: condition.op }] : [];
  });
  return inForce(matching, (one) => one).flatMap(({ condition, op }) =>
    condition.levels.map((level) => ({ ...level, op })),
  );
}

function applies({ selector }: Rule, ci: Subject, instance: string): boolean {
  return (
    (selector.class === null || selector.class.includes(ci.class)) &&
    // Where a machine stands in places and services is known to the server alone.
    (selector.location ?? null) === null &&
    (selector.service ?? null) === null &&
    (selector.tag === null || ci.tags.includes(selector.tag)) &&
    (selector.ciId === null || selector.ciId === ci.id) &&
    (selector.instance === null || globMatches(selector.instance, instance))
  );
}

/** `*` stands for anything, `?` for one character. */
export function globMatches(glob: string, text: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`).test(text);
}

/** The worst level a value is beyond, for the tint of a meter. */
export function breachTone(
  levels: readonly LevelInForce[],
  value: number | undefined,
): 'warn' | 'crit' | undefined {
  if (value === undefined) return undefined;
  const beyond = levels.filter(({ op, level }) => (op === 'above' ? value >= level : value <= level));
  if (beyond.some(({ severity }) => severity === 'critical')) return 'crit';
  return beyond.length > 0 ? 'warn' : undefined;
}
