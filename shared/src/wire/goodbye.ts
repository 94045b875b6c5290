/** Why an agent ends; no schema, so that the agent, which only says it, loads none. */
export const GOODBYE_REASONS = ['shutdown', 'restart', 'sleep', 'stop', 'upgrade'] as const;
export type GoodbyeReason = (typeof GOODBYE_REASONS)[number];
