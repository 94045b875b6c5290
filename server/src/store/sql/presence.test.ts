import { presenceStoresContract } from '../contract/presence.ts';
import { createSqlPresenceSettingsStore } from './presence-settings.ts';
import { createSqlSuggestionStore } from './presence-suggestions.ts';
import { openTestStore } from './testing.ts';

presenceStoresContract('sqlite', async () => {
  const sql = await openTestStore();
  return {
    settings: createSqlPresenceSettingsStore(sql),
    suggestions: createSqlSuggestionStore(sql),
    close: () => sql.close(),
  };
});
