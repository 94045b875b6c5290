/** Why an agent ends; no schema, so that the agent, which only says it, loads none. */
export const GOODBYE_REASONS = ['shutdown', 'restart', 'sleep', 'stop', 'upgrade'] as const;
export type GoodbyeReason = (typeof GOODBYE_REASONS)[number];

/** Why an agent leaves: as it says it, or that it is taken off its machine. */
export type LeaveReason = GoodbyeReason | 'uninstall';
/** As it is told: a server that does not know `uninstalled` reads a plain stop. */
export interface ToldReason {
  readonly reason: GoodbyeReason;
  /** Only with `stop`. Absent: no. */
  readonly uninstalled?: boolean | undefined;
}
export function toldReason(reason: LeaveReason): ToldReason {
  return reason === 'uninstall' ? { reason: 'stop', uninstalled: true } : { reason };
}
export function leaveReason({ reason, uninstalled }: ToldReason): LeaveReason {
  return reason === 'stop' && uninstalled === true ? 'uninstall' : reason;
}
