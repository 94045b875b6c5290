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

/** Ids of the locations that hold a machine, nearest first, and of the services that it carries. */
export interface BelongsTo {
  readonly locations: readonly string[];
  readonly services: readonly string[];
}
export const NOWHERE: BelongsTo = { locations: [], services: [] };

/** Where it is not known to what the machine belongs, rules of places and services are left aside. */
export interface LevelSubject extends Pick<CiSummary, 'id' | 'class' | 'tags'> {
  readonly belongsTo?: BelongsTo | undefined;
}

/** The levels in force: in each direction those of the most particular rules; `instance` '' where the metric has none. */
export function levelsInForce(
  rules: readonly Rule[],
  ci: LevelSubject,
  metric: string,
  instance: string,
): LevelInForce[] {
  const matching = rules.flatMap((rule) => {
    const { condition, selector, enabled } = rule;
    const fits =
      enabled && condition.type === 'threshold' && condition.metric === metric && !isCounting(condition);
    if (!fits || !applies(rule, ci, instance)) return [];
    const distance = distanceTo(selector, ci.belongsTo ?? NOWHERE);
    return [{ reach: selector, condition, op: condition.op, distance }];
  });
  return inForce(matching, (one) => one).flatMap(({ condition, op }) =>
    condition.levels.map((level) => ({ ...level, op })),
  );
}

/** The levels in force on one machine. */
export type LevelsOf = (metric: string, instance: string) => readonly LevelInForce[];

/** Steps from the machine to the place or service of the rule: of two places the nearer one counts. */
export function distanceTo(
  { location, service }: Pick<Rule['selector'], 'location' | 'service'>,
  { locations, services }: BelongsTo,
): number {
  return (location ? locations.indexOf(location) : 0) + (service ? services.indexOf(service) : 0);
}

function applies({ selector }: Rule, ci: LevelSubject, instance: string): boolean {
  const { locations, services } = ci.belongsTo ?? NOWHERE;
  return (
    (selector.class === null || selector.class.includes(ci.class)) &&
    (!selector.location || locations.includes(selector.location)) &&
    (!selector.service || services.includes(selector.service)) &&
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
  const beyond = levels.filter(({ op, level }) => (op === 'above' ? value >= level : value < level));
  if (beyond.some(({ severity }) => severity === 'critical')) return 'crit';
  return beyond.length > 0 ? 'warn' : undefined;
}
