/** Tables of the settings of presence, and of what was learned of the hours of machines. */
import type { SuggestionState } from '@muster/shared/api/presence.ts';
import type { SuggestionRecord } from '../../../presence-hours/store.ts';
import type { HeldPresenceSettings } from '../../../witness/store.ts';
import type { Kit } from '../kit.ts';

export function presenceTables(k: Kit) {
  const presenceSettings = k.table('presence_settings', {
    id: k.text('id').primaryKey(),
    settings: k.json<HeldPresenceSettings>('settings').notNull(),
  });
  const presenceSuggestions = k.table(
    'presence_suggestions',
    {
      id: k.text('id').primaryKey(),
      state: k.text('state').$type<SuggestionState>().notNull(),
      proposedAtMs: k.millis('proposed_at_ms').notNull(),
      record: k.json<SuggestionRecord>('record').notNull(),
    },
    (t) => [k.index('presence_suggestions_time').on(t.proposedAtMs)],
  );
  return { presenceSettings, presenceSuggestions };
}
