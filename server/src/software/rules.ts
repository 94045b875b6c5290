/** What may be installed where: deny lists, and lists beside which nothing is allowed. Pure. */
import type { SoftwareRuleFields } from '@muster/shared/api/software.ts';
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import { nameFits } from '../changes/judge.ts';
import { publisherName } from './product.ts';
import type { StoredRule } from './store.ts';
import { compareVersions, familyOf } from './version.ts';

export interface Installed extends Pick<SoftwarePackage, 'name' | 'version' | 'publisher' | 'source'> {
  readonly productName: string;
}

export interface RuleSubject {
  readonly class: string;
  readonly tags: readonly string[];
}

/** What each rule finds on a machine; rules that find nothing are left out. */
export function violations<Item extends Installed>(
  rules: readonly StoredRule[],
  machine: RuleSubject,
  installed: readonly Item[],
): Map<StoredRule, Item[]> {
  const found = new Map<StoredRule, Item[]>();
  const inForce = rules.filter((rule) => rule.enabled && isInScope(rule, machine));
  const only = inForce.filter(({ mode }) => mode === 'only');
  for (const item of installed) {
    for (const rule of inForce) if (rule.mode === 'deny' && fits(rule, item)) add(found, rule, item);
    // Several lists for one machine allow together what each of them allows.
    const asked = only.filter((rule) => isLookedAt(rule, item));
    const [first] = asked;
    if (first && !asked.some((rule) => fits(rule, item))) add(found, first, item);
  }
  return found;
}

export function isInScope({ classes, tags }: SoftwareRuleFields, machine: RuleSubject): boolean {
  return (
    (classes.length === 0 || (classes as readonly string[]).includes(machine.class)) &&
    (tags.length === 0 || tags.some((tag) => machine.tags.includes(tag)))
  );
}

export function fits(rule: SoftwareRuleFields, item: Installed): boolean {
  const { names, publisher, version } = rule;
  return (
    isLookedAt(rule, item) &&
    (names.length === 0 ||
      names.some((name) => nameFits(name, item.name) || nameFits(name, item.productName))) &&
    (publisher === null || nameFits(publisher, publisherName(item.publisher) ?? '')) &&
    (version === null || versionFits(version, item))
  );
}

function isLookedAt({ sources }: SoftwareRuleFields, { source }: Installed): boolean {
  return sources.length === 0 || sources.includes(source);
}

function versionFits(
  { operator, value }: NonNullable<SoftwareRuleFields['version']>,
  { version, source }: Installed,
): boolean {
  const order = compareVersions(version, value, familyOf(source));
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
  }
}

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const held = map.get(key);
  if (held) held.push(value);
  else map.set(key, [value]);
}
