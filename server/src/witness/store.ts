/** The port of the settings of presence. */
import type { PresenceSettings } from '@muster/shared/api/presence.ts';
import type { Millis } from '@muster/shared/time.ts';

/** `changed`: who decided it and when; absent: not known. */
export interface HeldPresenceSettings extends PresenceSettings {
  readonly changed?: { readonly by: string; readonly atMs: Millis };
}

/** Contract. `get` gives what was put last, null before that. */
export interface PresenceSettingsStore {
  get(): Promise<HeldPresenceSettings | null>;
  put(settings: HeldPresenceSettings): Promise<void>;
}
