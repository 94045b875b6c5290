/** The highest level that rules set on the space of a file system, worked out as a share of its size. Pure. */
import type { Words } from '@muster/shared/api/incidents.ts';
import { inForce, isCounting } from '@muster/shared/rules/precedence.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { NO_MEMBERSHIP } from '../relations/membership.ts';
import { nameWordsOf } from './packs/name-words.ts';
import { appliesTo, distanceTo, instanceMatcher } from './rule.ts';
import type { Belonging, StoredRule } from './rule.ts';

export interface SpaceLevelInForce {
  /** 0 to 100. */
  readonly percent: number;
  readonly severity: 'warning' | 'critical';
  readonly ruleId: string;
  readonly ruleName: string;
  /** Both languages, for rules that came with the product. */
  readonly ruleNameWords?: Words;
}

/**
 * The share at which the most severe level of the rules in force is breached. A level with a floor of free bytes is breached
 * only when less than that is left too, so on a large disk it lies higher than its percentage. null: no rule.
 */
export function spaceLevel(
  rules: Iterable<StoredRule>,
  entry: CiEntry,
  instance: string,
  sizeBytes: number,
  belonging: Belonging = NO_MEMBERSHIP,
): SpaceLevelInForce | null {
  let highest: SpaceLevelInForce | null = null;
  const applying = [...rules].flatMap((rule) => {
    const { condition, selector } = rule;
    if (
      condition.type !== 'threshold' ||
      condition.metric !== 'filesystem.utilisation' ||
      isCounting(condition)
    )
      return [];
    const fits =
      condition.op === 'above' &&
      appliesTo(rule, entry, belonging) &&
      instanceMatcher(selector.instance)(instance);
    const distance = distanceTo(rule, entry.id, belonging);
    return fits ? [{ rule, condition, reach: selector, op: condition.op, distance }] : [];
  });
  for (const { rule, condition } of inForce(applying, (one) => one)) {
    for (const level of condition.levels) {
      const floorBytes = level.floor ?? condition.floor?.level ?? null;
      const isFreeFloor =
        condition.floor?.metric === 'filesystem.available' && condition.floor.op === 'below';
      const percent =
        isFreeFloor && floorBytes !== null && sizeBytes > 0
          ? Math.max(level.level, 100 * (1 - floorBytes / sizeBytes))
          : level.level;
      const words = nameWordsOf(rule.name);
      const found = {
        percent,
        severity: level.severity,
        ruleId: rule.id,
        ruleName: rule.name,
        ...(words ? { ruleNameWords: words } : {}),
      };
      if (highest === null || outranks(found, highest)) highest = found;
    }
  }
  return highest;
}

/** More severe; of one severity the one that is breached first. */
function outranks(a: SpaceLevelInForce, b: SpaceLevelInForce): boolean {
  if (a.severity !== b.severity) return a.severity === 'critical';
  return a.percent < b.percent;
}
