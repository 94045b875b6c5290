/** What every store of presence settings and of suggestions does. */
import { PRESENCE_SETTINGS_DEFAULT } from '@muster/shared/api/presence.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SuggestionRecord, SuggestionStore } from '../../presence-hours/store.ts';
import type { PresenceSettingsStore } from '../../witness/store.ts';

interface Opened {
  readonly settings: PresenceSettingsStore;
  readonly suggestions: SuggestionStore;
  readonly close: () => Promise<void>;
}

function suggestion(
  id: string,
  proposedAtMs: number,
  fields: Partial<SuggestionRecord> = {},
): SuggestionRecord {
  return {
    id,
    key: `hours ${id}`,
    kind: 'hours',
    state: 'proposed',
    class: 'Workstation',
    locationId: null,
    whole: true,
    ciIds: ['ci_1', 'ci_2'],
    zone: 'Asia/Shanghai',
    hours: [{ fromMinute: 495, toMinute: 1_080 }, null, null, null, null, null, null],
    weekMinutesNow: 3_000,
    weekMinutesThen: 585,
    capped: false,
    daysShare: 0.93,
    profile: [0, 0.5, 1],
    weeks: 4,
    proposedAtMs,
    decidedBy: null,
    decidedAtMs: null,
    reason: null,
    ...fields,
  };
}

export function presenceStoresContract(name: string, open: () => Promise<Opened>): void {
  describe(`presence stores: ${name}`, () => {
    let opened: Opened;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    test('[WN4] settings are there as they were put last, and nothing before that', async () => {
      const { settings } = opened;
      expect(await settings.get()).toBeNull();
      await settings.put(PRESENCE_SETTINGS_DEFAULT);
      const other = { ...PRESENCE_SETTINGS_DEFAULT, notSeenDays: 40 };
      await settings.put(other);
      expect(await settings.get()).toEqual(other);
    });

    test('[WN9] suggestions come newest first, are replaced by their id and forgotten by it', async () => {
      const { suggestions } = opened;
      await suggestions.put(suggestion('sug_1', 10));
      await suggestions.put(suggestion('sug_2', 20));
      const decided = suggestion('sug_1', 10, { state: 'dismissed', reason: 'not so', decidedBy: 'anna' });
      await suggestions.put(decided);
      expect(await suggestions.all()).toEqual([suggestion('sug_2', 20), decided]);
      await suggestions.drop(['sug_2', 'sug_9']);
      await suggestions.drop([]);
      expect(await suggestions.all()).toEqual([decided]);
    });
  });
}
