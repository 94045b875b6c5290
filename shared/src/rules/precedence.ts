/** Which of several rules on one metric is in force: the most particular one. Read by the engine and by the rule editor. Pure. */

/** What a rule applies to; null = any. */
export interface Reach {
  readonly class: readonly string[] | null;
  readonly tag: string | null;
  readonly ciId: string | null;
  readonly instance: string | null;
}

/** From the least to the most particular. */
export const REACH_STEPS = ['class', 'tag', 'ciId', 'instance'] as const satisfies readonly (keyof Reach)[];
export type ReachStep = (typeof REACH_STEPS)[number];

/** Instance counts before machine, machine before tag, tag before class. */
export function particularity(reach: Reach): number {
  return REACH_STEPS.reduce((sum, step, index) => sum + (reach[step] === null ? 0 : 2 ** index), 0);
}

/** The most particular step at which two reaches differ in being narrowed; null where they are narrowed alike. */
export function decidingStep(a: Reach, b: Reach): ReachStep | null {
  return REACH_STEPS.findLast((step) => (a[step] === null) !== (b[step] === null)) ?? null;
}

/**
 * Of rules that all apply to one series of one metric, those in force: in each direction the most particular; several
 * where they are equally particular.
 */
export function inForce<T>(
  rules: readonly T[],
  of: (rule: T) => { readonly reach: Reach; readonly op: 'above' | 'below' },
): readonly T[] {
  if (rules.length < 2) return rules;
  const highest = { above: -1, below: -1 };
  for (const rule of rules) {
    const { reach, op } = of(rule);
    highest[op] = Math.max(highest[op], particularity(reach));
  }
  return rules.filter((rule) => {
    const { reach, op } = of(rule);
    return particularity(reach) === highest[op];
  });
}
