import type { ConfigSettings } from '@muster/shared/api/agent-config.ts';
import { expect, test } from 'vitest';
import type { Translate } from '../../i18n/catalogue.ts';
import { settingsOf } from './changes.ts';
import { defaultValue, settingPhrase } from './settingWords.ts';

const t = ((key: string, values?: object) => `${key} ${JSON.stringify(values ?? {})}`) as Translate;

test('[DB345] a group says a label as it is filtered by, and of a check what is asked and how often', () => {
  const settings: ConfigSettings = {
    labels: { env: 'live' },
    checks: {
      mail: { kind: 'tcp', host: 'mail.example', port: 25, intervalMs: 60_000, timeoutMs: 5_000 },
      away: null,
    },
  };
  const [label, mail, away] = settingsOf(settings).map((each) =>
    settingPhrase(each, settings, undefined, t, ({ en }) => en),
  );
  expect(label).toBe('config.setting.label {"name":"env"}=live');
  expect(mail).toContain('tcp mail.example:25');
  expect(mail).not.toContain('timeout');
  expect(away).toContain('config.checks.notHere');
});

test.each([
  ['intervalMs', 'config.choice.defaultIs {"value":"time.seconds {\\"value\\":10}"}'],
  ['inventoryIntervalMs', 'config.choice.defaultIs {"value":"time.hours {\\"value\\":4}"}'],
  ['sections.users', 'config.choice.default {}'],
  ['labels.env', 'config.value.none {}'],
])('[DB346] what holds for everybody where nothing is said is named: %s', (setting, words) => {
  expect(defaultValue(setting, t)).toBe(words);
});
