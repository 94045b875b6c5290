/** Which of the rules on one metric is in force for a machine's series, and why the others are not. Pure. */
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import type { Rule } from '@muster/shared/api/rules.ts';
import {
  decidingStep,
  familyOf,
  inForce,
  particularity,
  type ReachStep,
} from '@muster/shared/rules/precedence.ts';
import { type BelongsTo, distanceTo, globMatches } from '../../parts/levels.ts';

export type Verdict =
  | { readonly type: 'in-force' }
  /** A more particular rule applies; `step` is what it is narrowed to and this one is not. */
  | { readonly type: 'outdone'; readonly by: string; readonly step: ReachStep }
  | { readonly type: 'off' }
  /** It does not apply to the series: the first step that does not fit. */
  | { readonly type: 'elsewhere'; readonly step: ReachStep };

export interface Standing {
  readonly id: string;
  readonly rule: Pick<Rule, 'id' | 'name' | 'nameWords' | 'enabled' | 'selector' | 'condition'>;
  readonly verdict: Verdict;
}

export interface StandingMachine extends Pick<CiSummary, 'id' | 'class' | 'tags'> {
  readonly belongsTo: BelongsTo;
}

/** Rules that say the same kind of thing about the same metric, the most particular first. */
export function standingsOf(
  rules: readonly Standing['rule'][],
  machine: StandingMachine,
  series: { readonly family: string; readonly instance: string },
): Standing[] {
  const alike = rules.filter(({ condition }) => familyOf(condition) === series.family);
  const applying = alike.filter(
    (rule) => rule.enabled && misfit(rule.selector, machine, series.instance) === null,
  );
  const standing = new Set(
    inForce(applying, ({ selector }) => ({
      reach: selector,
      op: series.family,
      distance: distanceTo(selector, machine.belongsTo),
    })),
  );
  const [first] = standing;
  return alike
    .map((rule): Standing => {
      const step = misfit(rule.selector, machine, series.instance);
      return { id: rule.id, rule, verdict: verdictOf(rule, step, standing.has(rule), first) };
    })
    .sort((a, b) => rank(b, machine) - rank(a, machine));
}

function rank({ rule: { selector }, verdict }: Standing, { belongsTo }: StandingMachine): number {
  const isHere = verdict.type !== 'elsewhere';
  const nearness = isHere ? 1 / (2 + distanceTo(selector, belongsTo)) : 0;
  return particularity(selector) + nearness + (isHere ? 64 : 0);
}

function verdictOf(
  rule: Standing['rule'],
  misfitting: ReachStep | null,
  stands: boolean,
  first: Standing['rule'] | undefined,
): Verdict {
  if (stands) return { type: 'in-force' };
  if (misfitting !== null) return { type: 'elsewhere', step: misfitting };
  if (!rule.enabled || first === undefined) return { type: 'off' };
  // Narrowed alike, it is for a place that is farther away.
  return { type: 'outdone', by: first.id, step: decidingStep(first.selector, rule.selector) ?? 'location' };
}

function misfit(
  { class: classes, tag, ciId, instance, location = null, service = null }: Rule['selector'],
  machine: StandingMachine,
  of: string,
): ReachStep | null {
  if (ciId !== null && ciId !== machine.id) return 'ciId';
  if (classes !== null && !classes.includes(machine.class)) return 'class';
  if (location !== null && !machine.belongsTo.locations.includes(location)) return 'location';
  if (service !== null && !machine.belongsTo.services.includes(service)) return 'service';
  if (tag !== null && !machine.tags.includes(tag)) return 'tag';
  return instance !== null && !globMatches(instance, of) ? 'instance' : null;
}
