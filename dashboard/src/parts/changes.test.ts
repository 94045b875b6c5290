import { expect, test } from 'vitest';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import type { Translate } from '../i18n/catalogue.ts';
import { changeRuns, changeTitle, runTitle } from './changes.ts';

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

/** Key and values, as they come to the catalogue. */
const said = ((key: string, given: Record<string, unknown> = {}) =>
  key === 'ui.listSeparator' ? ', ' : [key, ...Object.values(given)].join('|')) as Translate;

const user = (name: string, kind: HistoryEntry['kind'] = 'removed', at = ENTRY.at): HistoryEntry => ({
  ...ENTRY,
  id: `hist_${name}`,
  kind,
  attribute: `user:${name}`,
  before: 'user',
  after: null,
  at,
});

test('[DB280] things of a machine are told by their own names, many of one report in one line', () => {
  const names = Array.from({ length: 58 }, (_, i) => `u${i}`);
  const other = { ...ENTRY, attribute: 'kernel', kind: 'changed' as const };
  const runs = changeRuns([user('root'), other, ...names.map((name) => user(name)), user('eve', 'created')]);
  expect(runs.map((run) => run.length)).toEqual([59, 1, 1]);
  expect(runs.map((run) => runTitle(run, said, 'en'))).toEqual([
    'machines.change.manyRemoved|machines.things.user|59|machines.change.namesMore|root, u0, u1|56',
    'machines.change.attribute|SRV|–|ERP|Kernel',
    'machines.change.created|machines.thing.user|eve|',
  ]);
});

test('[DB280] few things, and those of several reports, are lines by themselves', () => {
  const later = '2026-11-21T17:00:00.000Z';
  const entries = [user('a'), user('b'), user('c'), user('d', 'removed', later)];
  expect(changeRuns(entries)).toEqual(entries.map((entry) => [entry]));
});

test('[CF63] what an agent measures no more, or again, is told by the names of its collectors', () => {
  const entry = {
    ...ENTRY,
    kind: 'changed',
    attribute: 'collection:collectors',
    actor: 'configuration:3',
  } as const;
  const title = (language: 'en' | 'zh') =>
    changeTitle({ ...entry, before: ['load'], after: ['temperature', 'next-year'] }, said, language);
  expect(title('en')).toBe(
    'machines.change.fieldsOff|machines.change.metrics|Temperature, next-year|3, machines.change.fieldsOn|machines.change.metrics|Load|3',
  );
  expect(title('zh')).toContain('温度');
});

test('[CF43] what the configuration stopped or began to collect says which version did it', () => {
  const collection = (before: string[], after: string[]) =>
    changeTitle(
      { ...ENTRY, kind: 'changed', attribute: 'collection:users', before, after, actor: 'configuration:3' },
      said,
      'en',
    );
  expect(collection([], ['users'])).toBe('machines.change.collectionOff|Accounts|3');
  expect(collection(['users'], [])).toBe('machines.change.collectionOn|Accounts|3');
  expect(collection(['users.groups'], ['users.lastUser'])).toBe(
    'machines.change.fieldsOff|Accounts|Last user|3, machines.change.fieldsOn|Accounts|Local groups|3',
  );
});
