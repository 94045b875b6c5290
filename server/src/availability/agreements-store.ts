/** Port of what people agree about availability: judgements of the record, and targets. */
import type { ReclassifiedAs } from '@muster/shared/api/availability.ts';
import type { TargetFields } from '@muster/shared/api/availability-targets.ts';
import type { ReclassificationState } from '@muster/shared/api/reclassifications.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface ReclassificationRecord {
  readonly id: string;
  readonly ciId: string;
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly as: ReclassifiedAs;
  readonly reason: string;
  readonly undoes: string | null;
  readonly state: ReclassificationState;
  readonly requestedBy: string;
  readonly requestedAtMs: Millis;
  readonly decidedBy: string | null;
  readonly decidedAtMs: Millis | null;
  readonly decisionNote: string | null;
}

export interface TargetRecord extends TargetFields {
  readonly id: string;
  readonly by: string;
  readonly atMs: Millis;
}

/**
 * Contract. Puts are by id and whole; `putReclassifications` takes all of its records at once or none. Lists come by id,
 * which is by the time they were made.
 */
export interface AgreementStore {
  reclassifications(): Promise<ReclassificationRecord[]>;
  putReclassifications(records: readonly ReclassificationRecord[]): Promise<void>;
  targets(): Promise<TargetRecord[]>;
  putTarget(target: TargetRecord): Promise<void>;
  deleteTarget(id: string): Promise<void>;
}
