import { presenceStoresContract } from '../contract/presence.ts';
import { createMemoryPresenceSettingsStore } from './presence-settings.ts';
import { createMemorySuggestionStore } from './presence-suggestions.ts';

presenceStoresContract('memory', async () => ({
  settings: createMemoryPresenceSettingsStore(),
  suggestions: createMemorySuggestionStore(),
  close: async () => {},
}));
