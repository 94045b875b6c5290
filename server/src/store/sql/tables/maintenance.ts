/** Tables of the maintenance windows. */
import type { WindowRecord } from '../../../maintenance/window.ts';
import type { Kit } from '../kit.ts';

export function maintenanceTables(k: Kit) {
  /** The record whole: windows are few, and always read all. */
  const maintenanceWindows = k.table('maintenance_windows', {
    id: k.text('id').primaryKey(),
    record: k.json<WindowRecord>('record').notNull(),
  });
  const maintenanceCoverage = k.table(
    'maintenance_coverage',
    {
      windowId: k.text('window_id').notNull(),
      atMs: k.millis('at_ms').notNull(),
      added: k.json<readonly string[]>('added').notNull(),
      removed: k.json<readonly string[]>('removed').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.windowId, t.atMs] })],
  );
  const maintenanceTriggers = k.table(
    'maintenance_triggers',
    {
      windowId: k.text('window_id').notNull(),
      /** '' = for all of the window. */
      ciId: k.text('ci_id').notNull(),
      atMs: k.millis('at_ms').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.windowId, t.ciId, t.atMs] })],
  );
  return { maintenanceWindows, maintenanceCoverage, maintenanceTriggers };
}
