import { expect, test } from 'vitest';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import type { Translate } from '../i18n/catalogue.ts';
import { changeTitle } from './changes.ts';

const ENTRY: HistoryEntry = {
  id: 'hist_1',
  ciId: 'ci_1',
  ciName: 'SRV',
  ciClass: 'Server',
  kind: 'relation-added',
  attribute: 'relation:dependsOn',
  source: 'human',
  actor: 'user:anna',
  before: null,
  after: 'ERP',
  at: '2026-11-21T16:00:00.000Z',
};

/** Only the values: the sentence around them is the catalogue's. */
const values = ((_key: string, given?: Record<string, unknown>) =>
  `${String(given?.['name'])}|${String(given?.['tie'])}`) as Translate;

test.each([
  ['relation:dependsOn', 'SRV|depends on ERP', 'SRV|依赖 ERP'],
  ['relation:dependsOn:inverse', 'SRV|carries ERP', 'SRV|支撑 ERP'],
] as const)('[RE1] %s is read from the end whose history it is', (attribute, en, zh) => {
  const entry = { ...ENTRY, attribute };
  expect(changeTitle(entry, values, 'en')).toBe(en);
  expect(changeTitle(entry, values, 'zh')).toBe(zh);
});
