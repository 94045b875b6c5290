/** The port of the maintenance windows in plain maps, for tests and simulations. */
import type { CoverageChange, MaintenanceStore } from '../../maintenance/store.ts';
import type { Trigger, WindowRecord } from '../../maintenance/window.ts';

export function createMemoryMaintenanceStore(): MaintenanceStore {
  const windows = new Map<string, WindowRecord>();
  const coverage = new Map<string, CoverageChange>();
  const triggers = new Map<string, Trigger>();
  return {
    put: async (window) => void windows.set(window.id, window),
    windows: async () => [...windows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    addCoverage: async (changes) => {
      for (const change of changes) coverage.set(`${change.windowId} ${change.atMs}`, change);
    },
    coverage: async () => [...coverage.values()].toSorted((a, b) => a.atMs - b.atMs),
    addTriggers: async (added) => {
      for (const one of added) triggers.set(`${one.windowId} ${one.ciId ?? ''} ${one.atMs}`, one);
    },
    triggers: async () => [...triggers.values()].toSorted((a, b) => a.atMs - b.atMs),
    drop: async (ids) => {
      for (const id of ids) windows.delete(id);
      for (const held of [coverage, triggers])
        for (const [key, { windowId }] of held) if (ids.includes(windowId)) held.delete(key);
    },
  };
}
