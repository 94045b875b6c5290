/** The port of the settings of presence. */
import type { PresenceSettings } from '@muster/shared/api/presence.ts';

/** Contract. `get` gives what was put last, null before that. */
export interface PresenceSettingsStore {
  get(): Promise<PresenceSettings | null>;
  put(settings: PresenceSettings): Promise<void>;
}
