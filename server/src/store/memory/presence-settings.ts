/** The settings of presence in memory. */
import type { HeldPresenceSettings, PresenceSettingsStore } from '../../witness/store.ts';

export function createMemoryPresenceSettingsStore(): PresenceSettingsStore {
  let held: HeldPresenceSettings | null = null;
  return {
    get: async () => held,
    put: async (settings) => {
      held = settings;
    },
  };
}
