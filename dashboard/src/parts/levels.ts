/** Which levels of which rules hold for a metric of a machine. Pure. */
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import type { Rule, Severity } from '@muster/shared/api/rules.ts';

export interface LevelInForce {
  readonly severity: Severity;
  readonly op: 'above' | 'below';
  readonly level: number;
  readonly clear: number;
}

type Subject = Pick<CiSummary, 'id' | 'class' | 'tags'>;

/** The levels in force, the most particular rule first; `instance` '' where the metric has none. */
export function levelsInForce(
  rules: readonly Rule[],
  ci: Subject,
  metric: string,
  instance: string,
): LevelInForce[] {
  const matching = rules
    .filter(
      (rule) =>
        rule.enabled &&
        rule.condition.type === 'threshold' &&
        rule.condition.metric === metric &&
        applies(rule, ci, instance),
    )
    .sort((a, b) => particularity(b) - particularity(a));
  const [first] = matching;
  if (first?.condition.type !== 'threshold') return [];
  const { op, levels } = first.condition;
  return levels.map((level) => ({ ...level, op }));
}

function applies({ selector }: Rule, ci: Subject, instance: string): boolean {
  return (
    (selector.class === null || selector.class.includes(ci.class)) &&
    (selector.tag === null || ci.tags.includes(selector.tag)) &&
    (selector.ciId === null || selector.ciId === ci.id) &&
    (selector.instance === null || globMatches(selector.instance, instance))
  );
}

function particularity({ selector }: Rule): number {
  return [selector.class, selector.tag, selector.ciId, selector.instance].reduce(
    (sum, each, index) => sum + (each === null ? 0 : 2 ** index),
    0,
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
