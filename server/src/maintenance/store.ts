/** Port of the maintenance windows. */
import type { Millis } from '@muster/shared/time.ts';
import type { Trigger, WindowRecord } from './window.ts';

/** From `atMs` on these are in the window, and those no more. */
export interface CoverageChange {
  readonly windowId: string;
  readonly atMs: Millis;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Contract. Windows are put by id and whole, and read in the order of their ids. Coverage and triggers are only ever added,
 * and read in the order of their times; the same change or trigger twice is there once. Dropping a window takes its
 * coverage and triggers along.
 */
export interface MaintenanceStore {
  put(window: WindowRecord): Promise<void>;
  windows(): Promise<WindowRecord[]>;
  addCoverage(changes: readonly CoverageChange[]): Promise<void>;
  coverage(): Promise<CoverageChange[]>;
  addTriggers(triggers: readonly Trigger[]): Promise<void>;
  triggers(): Promise<Trigger[]>;
  drop(windowIds: readonly string[]): Promise<void>;
}
