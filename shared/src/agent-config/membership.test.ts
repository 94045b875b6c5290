import { expect, test } from 'vitest';
import type { ConfigGroups } from '../api/agent-config.ts';
import { isLabelled, isMember, type Member } from './membership.ts';

const SERVER: Member = { class: 'Server', tags: ['db', 'gdpr'], site: 'Bonn' };

test('[CF1] a group is of machines that have one of each list that it names', () => {
  const of = (tags: string[], classes: 'Server'[], sites: string[]) =>
    isMember({ of: { tags, classes, sites } }, SERVER);
  expect(of([], [], [])).toBe(true);
  expect(of(['web', 'db'], [], [])).toBe(true);
  expect(of(['web'], [], [])).toBe(false);
  expect(of(['db'], ['Server'], ['Bonn', 'Köln'])).toBe(true);
  expect(of(['db'], ['Server'], ['Köln'])).toBe(false);
  expect(isMember({ of: { tags: [], classes: [], sites: ['Bonn'] } }, { ...SERVER, site: null })).toBe(false);
});

test('[AS32] [DB340] a label is asked for by name and value or by name; of the groups that give it the last wins', () => {
  const of = (tags: string[], value: string) => ({
    name: tags.join(),
    of: { tags, classes: [], sites: [] },
    settings: { labels: { env: value } },
  });
  const groups: ConfigGroups = {
    everybody: { labels: { env: 'test', owner: 'it' } },
    groups: [of(['db'], 'live=1'), of(['web'], 'stage')],
  };
  const other = { ...SERVER, tags: [] };
  const asked = [
    'env',
    'env=live=1',
    'owner',
    'owner=it',
    'env=test',
    'env=live',
    'env=',
    'en',
    'owner=db',
    'constructor',
  ];
  expect(asked.filter((label) => isLabelled(SERVER, groups, label))).toEqual(asked.slice(0, 4));
  expect(isLabelled(other, groups, 'env=test')).toBe(true);
  expect(isLabelled(other, { ...groups, everybody: {} }, 'env')).toBe(false);
});
