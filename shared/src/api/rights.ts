/** Who may do what: one table, read by the server, the dashboard and the tests. */

export const ROLES = ['admin', 'operator', 'desk', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** A token may also be of a program that delivers samples and needs nothing else; no person has that role. */
export const TOKEN_ROLES = [...ROLES, 'sender'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/**
 * admin: everything. operator: machines, rules, enrolment, incidents. desk: incidents.
 * viewer: read. sender: deliver samples. `session` needs only a valid sign-in, `open` nothing at all.
 */
export const RIGHTS = {
  open: null,
  session: ['admin', 'operator', 'desk', 'viewer'],
  read: ['admin', 'operator', 'desk', 'viewer'],
  'cis.write': ['admin', 'operator'],
  'classes.write': ['admin'],
  'assets.write': ['admin', 'operator', 'desk'],
  'assets.correct': ['admin'],
  /** Asking for a change, and withdrawing or closing it. */
  'changes.request': ['admin', 'operator', 'desk'],
  'changes.approve': ['admin', 'operator'],
  'views.share': ['admin', 'operator'],
  'enrolment.write': ['admin', 'operator'],
  'agents.write': ['admin', 'operator'],
  /** What runs on the machines: releases of the agent and how they go out. */
  'rollouts.write': ['admin'],
  /** What agents do and collect. */
  'config.write': ['admin'],
  'rules.write': ['admin', 'operator'],
  /** Agreed availability. */
  'targets.write': ['admin', 'operator'],
  /** Judging the record of availability otherwise: asking for it, and deciding what somebody else asked for. */
  'availability.request': ['admin', 'operator', 'desk'],
  'availability.approve': ['admin', 'operator'],
  /** Service hours: calendars and what they are assigned to. */
  'calendars.write': ['admin', 'operator'],
  'maintenance.write': ['admin', 'operator'],
  /** Who may be asked about silent machines, and whether learned hours are taken. */
  'presence.write': ['admin'],
  'incidents.write': ['admin', 'operator', 'desk'],
  /** Matrix of priorities, kinds of incidents, how they age. */
  'incidents.settings': ['admin'],
  'channels.write': ['admin'],
  'channels.read': ['admin', 'operator'],
  'users.write': ['admin'],
  'tokens.write': ['admin'],
  'twin.write': ['admin'],
  /** How long the past is kept: shortening it deletes. */
  'history.write': ['admin'],
  'audit.read': ['admin'],
  /** Sending samples of other programs, as Prometheus does. */
  'metrics.write': ['admin', 'operator', 'sender'],
  /** Exchange with Prometheus: mappings, and where samples are sent to. */
  'exchange.read': ['admin', 'operator'],
  'exchange.write': ['admin'],
  'metrics.scrape': ['admin', 'operator', 'desk', 'viewer'],
} as const satisfies Record<string, readonly TokenRole[] | null>;
export type Right = keyof typeof RIGHTS;

export function roleHas(role: TokenRole, right: Right): boolean {
  const roles: readonly TokenRole[] | null = RIGHTS[right];
  return roles === null || roles.includes(role);
}
