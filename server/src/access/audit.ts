/** The audit log as other slices see it. */

export interface AuditEvent {
  /** 'user:<name>', 'token:<name>', 'agent:<id>', 'system'. */
  readonly actor: string;
  /** Verb in the form `agent.enrolled`, `agent.refused`, `signIn`. */
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Appends durably, in call order; each entry carries the hash of the one before. */
export type RecordAudit = (event: AuditEvent) => Promise<void>;
