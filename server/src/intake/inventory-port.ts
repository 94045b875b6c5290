/** What the intake needs of the CMDB. */
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { DeviceDelivery } from './device-delivery.ts';
import type { IntakeScope } from './store.ts';

export interface ThirdPartyReport {
  /** Stable for one program on one machine as far as anybody can tell; stands in history as the one who says so. */
  readonly reporter: string;
  readonly hostname: string;
  readonly scope: IntakeScope;
  /** CI of earlier reports of the same program: evidence, not proof. */
  readonly evidenceCiId: string | null;
  /** Whole sections of ours; one that is not there is unchanged. */
  readonly sections: Snapshot;
  /** false: an item that is not there proves nothing. */
  readonly complete: boolean;
  readonly nowMs: Millis;
}

export interface InventoryPort {
  /** The CI that a report with these sections would be taken for; null: none, or nobody can tell. */
  whose(
    sections: Snapshot,
    by: Pick<ThirdPartyReport, 'reporter' | 'evidenceCiId' | 'scope'>,
  ): Promise<string | null>;
  /** CIs that turned out to be this one. */
  mergedIn(ciId: string): readonly string[];
  /** `known`: what is known of a CI; `base`: of it the sections that a report of another agent would go on with. */
  held(ciId: string, nowMs: Millis): Promise<{ readonly known: Snapshot; readonly base: Snapshot }>;
  /** A device without an agent; null: it is not known, and was not to be made. */
  deliverDevice(
    delivery: DeviceDelivery,
  ): Promise<{ readonly ciId: string; readonly created: boolean } | null>;
  /** Applies the report as one of our own agents would be, from a weaker source. @throws AppError */
  deliver(report: ThirdPartyReport): Promise<{ readonly ciId: string; readonly created: boolean }>;
}
