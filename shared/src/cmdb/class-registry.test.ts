import { expect, test } from 'vitest';
import { classPair, classRegistry, type OwnAttribute, type OwnClass } from './class-registry.ts';

const own = (name: string, parent: string): OwnClass => ({
  name,
  parent,
  title: { en: name, zh: name },
  archived: false,
});
const attribute = (ofClass: string, name: string, more: Partial<OwnAttribute> = {}): OwnAttribute => ({
  id: `attr_${ofClass}_${name}`,
  class: ofClass,
  name,
  definition: {
    title: { en: name, zh: name },
    form: 'text',
    tracked: true,
    by: 'person',
    unit: null,
    required: false,
  },
  archived: false,
  ...more,
});
const registry = classRegistry(
  [own('Kiosk', 'Workstation'), own('TicketKiosk', 'Kiosk'), own('Camera', 'Peripheral')],
  [
    attribute('Item', 'insured'),
    attribute('Computer', 'diskKey'),
    attribute('Kiosk', 'counter'),
    attribute('Printer', 'toner', { archived: true }),
  ],
);

test.each([
  ['TicketKiosk', ['TicketKiosk', 'Kiosk', 'Workstation', 'Computer', 'Item'], 'Workstation'],
  ['Printer', ['Printer', 'Item'], 'Printer'],
  ['FileSystem', ['FileSystem'], 'FileSystem'],
  ['Item', ['Item'], null],
  ['Nothing', [], null],
])('[CL2] the line of %s', (name, line, base) => {
  expect([registry.lineOf(name), registry.baseOf(name)]).toEqual([line, base]);
});

test('[CL2] attributes are inherited with the class that brings them; archived ones are left out', () => {
  const brought = (name: string) =>
    Object.fromEntries(
      registry.attributesOf(name).flatMap((each) => (each.own ? [[each.name, each.origin]] : [])),
    );
  expect(brought('TicketKiosk')).toEqual({ insured: 'Item', diskKey: 'Computer', counter: 'Kiosk' });
  expect(brought('Workstation')).toEqual({ insured: 'Item', diskKey: 'Computer' });
  expect(brought('Printer')).toEqual({ insured: 'Item' });
  expect(brought('FileSystem')).toEqual({});
});

test('[CL2] an archived attribute still has its words for the values that are there', () => {
  expect(registry.definitionOf('Printer', null, 'toner')?.title.en).toBe('toner');
  expect(registry.definitionOf('Workstation', null, 'counter')).toBeUndefined();
  expect(registry.definitionOf('Workstation', 'TicketKiosk', 'counter')).toBeDefined();
});

test.each([
  ['Workstation', 'serial', 'Workstation'],
  ['Workstation', 'lifecycle', 'Item'],
  ['Item', 'toner', 'Printer'],
  ['Workstation', 'counter', 'Kiosk'],
  ['Camera', 'counter', null],
  ['Printer', 'counter', null],
  ['Server', 'diskKey', 'Computer'],
])('[CL3] in %s the name %s is taken by %s', (ofClass, name, holder) => {
  expect(registry.nameTaken(ofClass, name)).toBe(holder);
});

test('[CL2] a list of a class shows the CIs of all classes below', () => {
  expect([...registry.namesBelow('Kiosk')]).toEqual(['Kiosk', 'TicketKiosk']);
  expect([...registry.namesBelow('Workstation')]).toEqual(['Workstation', 'Kiosk', 'TicketKiosk']);
});

test('[CL2] a class says of which built-in one its CIs are', () => {
  expect(classPair(registry, 'TicketKiosk')).toEqual({ class: 'Workstation', subclass: 'TicketKiosk' });
  expect(classPair(registry, 'Printer')).toEqual({ class: 'Printer', subclass: null });
  expect(classPair(registry, 'Component')).toBeNull();
});
