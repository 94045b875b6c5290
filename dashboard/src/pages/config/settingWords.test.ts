import type { ConfigSettings } from '@muster/shared/api/agent-config.ts';
import { expect, test } from 'vitest';
import type { Translate } from '../../i18n/catalogue.ts';
import { settingsOf } from '@muster/shared/agent-config/changes.ts';
import { checkWords, defaultValue, settingPhrase } from './settingWords.ts';

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

test('[DB349] of a check all that it says stands in the comparison of versions', () => {
  const words = checkWords(
    {
      kind: 'http',
      url: 'https://a.example/',
      statusMin: 200,
      statusMax: 204,
      contains: 'well',
      followRedirects: true,
      verify: false,
      intervalMs: 60_000,
      timeoutMs: 5_000,
    },
    t,
  );
  expect(words.split(' · ').map((part) => part.split(' ')[0])).toEqual([
    'http',
    'config.check.status',
    'config.check.contains',
    'config.check.follows',
    'config.check.anyCertificate',
    'config.check.every',
    'config.check.atMost',
  ]);
});
