/** The settings of presence in memory. */
import type { PresenceSettings } from '@muster/shared/api/presence.ts';
import type { PresenceSettingsStore } from '../../witness/store.ts';

export function createMemoryPresenceSettingsStore(): PresenceSettingsStore {
  let held: PresenceSettings | null = null;
  return {
    get: async () => held,
    put: async (settings) => {
      held = settings;
    },
  };
}
