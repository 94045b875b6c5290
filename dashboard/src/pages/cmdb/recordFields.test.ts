import { expect, test } from 'vitest';
import { changedFields, recordFieldsOf } from './recordFields.ts';

const CI = {
  name: 'SRV-01',
  class: 'Server',
  lifecycle: 'in_use',
  criticality: 2,
  assetNumber: null,
  owner: 'anna',
  supportGroup: null,
  site: 'Hangzhou',
  tags: ['erp', 'database'],
} as const;
const HELD = { ...CI, tags: [...CI.tags] };

test('[DB184] a form that was only opened changes nothing', () => {
  expect(changedFields(HELD, recordFieldsOf(HELD))).toEqual({});
});

test('[DB184] only what differs is sent; an emptied field takes the value away', () => {
  const fields = recordFieldsOf(HELD);
  expect(
    changedFields(HELD, { ...fields, name: ' SRV-02 ', owner: '  ', criticality: '1', lifecycle: 'retired' }),
  ).toEqual({ name: 'SRV-02', owner: null, criticality: 1, lifecycle: 'retired' });
});

test('[DB184] tags are parted by commas of either script, each once', () => {
  const fields = recordFieldsOf(HELD);
  expect(changedFields(HELD, { ...fields, tags: 'erp，test, erp ,' })).toEqual({ tags: ['erp', 'test'] });
});
