/** Port of saved views: how people look at the list of machines, by person. */
import type { Millis } from '@muster/shared/time.ts';

export interface ViewRecord {
  readonly id: string;
  /** As in the audit log: 'user:anna'. */
  readonly owner: string;
  readonly name: string;
  readonly search: string;
  readonly hiddenColumns: readonly string[] | null;
  readonly shared: boolean;
  readonly updatedAtMs: Millis;
}

/** Contract. Puts are by id and whole. `viewsFor` is by name, then id: those of the owner and all shared ones. */
export interface ViewStore {
  viewsFor(owner: string): Promise<ViewRecord[]>;
  view(id: string): Promise<ViewRecord | null>;
  putView(view: ViewRecord): Promise<void>;
  deleteView(id: string): Promise<boolean>;
}
