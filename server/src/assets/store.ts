/** Port of the asset side: numbers given, things handed out, counts of the stock. */
import type { Condition, StocktakeItem } from '@muster/shared/api/assets.ts';
import type { LifecycleState } from '@muster/shared/cmdb/lifecycle.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface AssetSettingRecord {
  readonly class: string;
  readonly pattern: string | null;
  readonly lifeMonths: number;
  /** Series of the pattern → last number given. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface AssignmentRecord {
  readonly id: string;
  readonly ciId: string;
  readonly kind: 'out' | 'in';
  readonly personId: string;
  readonly personName: string;
  readonly atMs: Millis;
  /** YYYY-MM-DD. */
  readonly due: string | null;
  readonly condition: Condition;
  readonly note: string;
  readonly actor: string;
  readonly lifecycle: LifecycleState;
  /** Of an 'out': when it was given back. */
  readonly endedAtMs: Millis | null;
}

export interface StocktakeRecord {
  readonly id: string;
  readonly name: string;
  readonly site: string | null;
  readonly locationId: string | null;
  readonly class: string | null;
  readonly startedAtMs: Millis;
  readonly startedBy: string;
  readonly endedAtMs: Millis | null;
  /** What it came to; null while it goes on. */
  readonly result: readonly StocktakeItem[] | null;
}

export interface ScanRecord {
  readonly stocktakeId: string;
  /** As compared, see assetNumberKey. */
  readonly code: string;
  readonly ciId: string | null;
  readonly atMs: Millis;
  readonly actor: string;
}

export interface AssignmentQuery {
  readonly ciId?: string;
  /** And of these: CIs that turned out to be it. */
  readonly alsoOf?: readonly string[];
  readonly personId?: string;
  /** Only those 'out' that are not given back. */
  readonly open?: boolean;
  /** And whose day is before this one (YYYY-MM-DD). */
  readonly dueBefore?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * Contract. Assignments are only added; of an 'out' nothing changes but `endedAtMs`, once. Settings and stocktakes are put whole. A
 * scan of a code that the stocktake has is left as it was first.
 */
export interface AssetStore {
  settings(): Promise<AssetSettingRecord[]>;
  putSetting(setting: AssetSettingRecord): Promise<void>;
  /** Together or not at all; `endsId`: the 'out' that the first of them ends. */
  addAssignments(rows: readonly AssignmentRecord[], endsId: string | null): Promise<void>;
  assignment(id: string): Promise<AssignmentRecord | null>;
  /** Newest first. */
  assignments(query: AssignmentQuery): Promise<{ items: AssignmentRecord[]; nextCursor: string | null }>;
  /** The 'out' of a CI that is not given back. */
  openAssignment(ciId: string): Promise<AssignmentRecord | null>;
  /** Newest first. */
  stocktakes(): Promise<StocktakeRecord[]>;
  stocktake(id: string): Promise<StocktakeRecord | null>;
  putStocktake(stocktake: StocktakeRecord): Promise<void>;
  addScan(scan: ScanRecord): Promise<void>;
  scans(stocktakeId: string): Promise<ScanRecord[]>;
}
