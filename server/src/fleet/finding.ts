/** What is odd about an agent and stays on its page: one entry per kind, the latest. */
import type { Millis } from '@muster/shared/time.ts';

export const FINDING_KINDS = [
  /** Two machines are, or were in turn, online with one key. */
  'cloned-identity',
  /** The spool is older than what the server holds of it. */
  'restored-image',
  /** Sequence numbers that never arrived. */
  'frames-missing',
  /** The agent says it had to drop frames. */
  'frames-dropped',
  /** What the machine reports does not fit the CI it was. */
  'identity-contradicted',
  /** Sections of the inventory that were not of the known form, or could not be applied. */
  'inventory-refused',
  /** An event that the server failed to handle three times and went past. */
  'event-failed',
  /** Samples from more than a day ahead, left out. */
  'clock-ahead',
  /** The machine has as many series as one may have; new ones are left out. */
  'series-left-out',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  readonly atMs: Millis;
  readonly detail: string;
}

/** The list with `finding` in the place of an older one of its kind. */
export function withFinding(findings: readonly Finding[], finding: Finding): Finding[] {
  return [...findings.filter(({ kind }) => kind !== finding.kind), finding];
}
