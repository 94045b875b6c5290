import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import { configChanges } from '@muster/shared/agent-config/changes.ts';
import { expect, test } from 'vitest';
import { withSettings, withSwitch } from './changes.ts';

const none = { tags: [], classes: [], sites: [] };
const before: ConfigGroups = {
  everybody: { intervalMs: 10_000, sections: { users: false } },
  groups: [
    { name: 'a', of: { ...none, tags: ['x'] }, settings: { labels: { env: 'test' } } },
    { name: 'b', of: { ...none, sites: ['Bonn'] }, settings: {} },
  ],
};

test('[CF40] a switch that says nothing more leaves no trace', () => {
  const on = withSwitch(before.everybody, 'fields', 'users.lastUser', false);
  expect(on.fields).toEqual({ 'users.lastUser': false });
  expect(withSwitch(on, 'fields', 'users.lastUser', null)).toEqual(before.everybody);
  expect(configChanges(before, withSettings(before, 'b', on))).toContainEqual({
    group: 'b',
    setting: 'fields.users.lastUser',
    before: null,
    after: false,
  });
  expect(withSettings(before, null, {}).everybody).toEqual({});
});
