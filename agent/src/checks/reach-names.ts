/** What the owner of a machine allows checks: nothing, other machines, or this machine's own loopback too. */
export const CHECK_REACHES = ['off', 'network', 'loopback'] as const;
export type CheckReach = (typeof CHECK_REACHES)[number];
