import { expect, test } from 'vitest';
import { changeOf, portions } from './bulkSteps.ts';

test('[DB82] many machines go in portions that keep the order of the steps', () => {
  const steps = [
    { ids: ['a', 'b', 'c'], change: { site: 'x' } },
    { ids: ['d', 'e'], change: { site: 'y' } },
  ];
  expect(portions(steps, 2)).toEqual([
    [{ ids: ['a', 'b'], change: { site: 'x' } }],
    [
      { ids: ['c'], change: { site: 'x' } },
      { ids: ['d'], change: { site: 'y' } },
    ],
    [{ ids: ['e'], change: { site: 'y' } }],
  ]);
  expect(portions(steps, 100)).toEqual([steps]);
});

test('[DB82] what a person typed as a change; an empty field takes the value away, no tag is no change', () => {
  const typed = { text: ' lab, vip ，lab', tags: [], choice: '2' };
  expect(changeOf('addTags', typed)).toEqual({ addTags: ['lab', 'vip'] });
  expect(changeOf('addTags', { ...typed, text: ' , ' })).toBeNull();
  expect(changeOf('removeTags', typed)).toBeNull();
  expect(changeOf('site', { ...typed, text: ' ' })).toEqual({ site: null });
  expect(changeOf('owner', { ...typed, text: ' Liu Fang ' })).toEqual({ owner: 'Liu Fang' });
  expect(changeOf('criticality', typed)).toEqual({ criticality: 2 });
  expect(changeOf('lifecycle', { ...typed, text: '', choice: 'in_maintenance' })).toEqual({
    lifecycle: 'in_maintenance',
  });
  expect(changeOf('lifecycle', { ...typed, text: ' ', choice: 'retired' })).toBeNull();
  expect(changeOf('lifecycle', { ...typed, text: ' worn out ', choice: 'retired' })).toEqual({
    lifecycle: 'retired',
    reason: 'worn out',
  });
});
