import { expect, test } from 'vitest';
import { type HitGroup, orderedGroups } from './hits.ts';

const group = (value: string, ...labels: string[]): HitGroup => ({
  value,
  label: value,
  items: labels.map((label) => ({ id: label, icon: 'box', label, run: () => {} })),
});
const order = (text: string, found: HitGroup[], own: HitGroup[]) =>
  orderedGroups(text, found, own).map(({ value }) => value);

test('[DB188] things come before pages, and a group without any is left out', () => {
  expect(order('er', [group('machines', 'erp'), group('parts')], [group('pages', 'Errors')])).toEqual([
    'machines',
    'pages',
  ]);
});

test('[DB188] a page whose name begins with what was typed comes first', () => {
  expect(order('rul', [group('machines', 'rule-1')], [group('pages', 'Rules')])).toEqual([
    'pages',
    'machines',
  ]);
  expect(order('ule', [group('machines', 'rule-1')], [group('pages', 'Rules')])).toEqual([
    'machines',
    'pages',
  ]);
});
