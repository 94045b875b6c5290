/** By what a rule can be narrowed, from the least to the most particular; location and service stand on one step. */
export const REACH_STEPS = ['class', 'location', 'service', 'tag', 'ciId', 'instance'] as const;
export type ReachStep = (typeof REACH_STEPS)[number];
