/** The settings of presence, held in memory: where machines may be asked about silent neighbours. */
import { PRESENCE_SETTINGS_DEFAULT, type PresenceSettings } from '@muster/shared/api/presence.ts';
import type { Millis } from '@muster/shared/time.ts';
import { contains, type Network, networkOf } from '../relations/cidr.ts';
import type { HeldPresenceSettings, PresenceSettingsStore } from './store.ts';

export interface PresenceSettingsKeeper {
  get(): HeldPresenceSettings;
  set(settings: PresenceSettings, actor: string, nowMs: Millis): Promise<PresenceSettings>;
  /** Whether neighbours may be asked about an address at one of these locations. */
  allows(address: string, locationIds: readonly string[]): boolean;
}

export async function createPresenceSettings(store: PresenceSettingsStore): Promise<PresenceSettingsKeeper> {
  let settings: HeldPresenceSettings = (await store.get()) ?? PRESENCE_SETTINGS_DEFAULT;
  let networks = networksOf(settings);
  return {
    get: () => settings,
    set: async (next, by, atMs) => {
      const { witnesses } = next;
      const clean: HeldPresenceSettings = {
        ...next,
        changed: { by, atMs },
        witnesses: {
          ...witnesses,
          subnets: [...new Set(witnesses.subnets.map((one) => one.trim()))],
          locations: [...new Set(witnesses.locations)],
        },
      };
      await store.put(clean);
      settings = clean;
      networks = networksOf(clean);
      return clean;
    },
    allows: (address, locationIds) => {
      const { enabled, locations } = settings.witnesses;
      if (!enabled) return false;
      return (
        networks.some((network) => contains(network, address)) ||
        locationIds.some((id) => locations.includes(id))
      );
    },
  };
}

function networksOf({ witnesses }: PresenceSettings): Network[] {
  return witnesses.subnets.flatMap((text) => networkOf(text) ?? []);
}
