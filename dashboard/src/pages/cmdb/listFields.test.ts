import { expect, test } from 'vitest';
import { classRegistry, NO_OWN_CLASSES, type OwnAttribute } from '@muster/shared/cmdb/class-registry.ts';
import { FIELDS_LENGTH_MAX, fieldsOf, listFieldsOf } from './listFields.ts';

const own = (ofClass: string, name: string, archived = false): OwnAttribute => ({
  id: name,
  class: ofClass,
  name,
  definition: {
    title: { en: name, zh: name },
    form: 'number',
    tracked: true,
    by: 'person',
    unit: null,
    required: false,
  },
  archived,
});
const KIOSK = {
  name: 'Kiosk',
  parent: 'Workstation',
  title: { en: 'Kiosk', zh: '自助终端' },
  archived: false,
};
const REGISTRY = classRegistry(
  [KIOSK],
  [
    own('Computer', 'rackUnits'),
    own('Kiosk', 'coins'),
    own('Licence', 'seatsFree'),
    own('Kiosk', 'old', true),
  ],
);

test.each([
  [undefined, ['serial', 'model', 'osName', 'rackUnits']],
  ['Workstation', ['serial', 'model', 'osName', 'rackUnits']],
  ['Kiosk', ['serial', 'model', 'osName', 'rackUnits', 'coins']],
  ['Licence', ['seatsFree']],
  ['FileSystem', ['type', 'device', 'sizeBytes']],
  ['Nothing', []],
])('[DB210] the list of %s shows the built-in attributes and those that were added', (name, fields) => {
  expect(fieldsOf(name, REGISTRY)).toEqual(fields);
});

test('[DB210] numbers that were added stand at the right', () => {
  expect(listFieldsOf('Licence', REGISTRY)[0]?.look).toBe('right');
});

test('[DB210] a list asks for no more attributes than one request may name', () => {
  const many = Array.from({ length: 60 }, (_, i) => own('Kiosk', `veryLongAttributeName${i}`));
  const fields = fieldsOf('Kiosk', classRegistry([KIOSK], many));
  expect(fields.length).toBeGreaterThan(fieldsOf('Kiosk', NO_OWN_CLASSES).length);
  expect(fields.join(',').length).toBeLessThanOrEqual(FIELDS_LENGTH_MAX);
});
