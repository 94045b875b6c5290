/** What every store of own classes and attributes does. */
import type { OwnAttribute, OwnClass } from '@muster/shared/cmdb/class-registry.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClassStore } from '../../classes/store.ts';

const KIOSK: OwnClass = {
  name: 'Kiosk',
  parent: 'Workstation',
  title: { en: 'Kiosk', zh: '自助终端' },
  archived: false,
};
const COLOUR: OwnAttribute = {
  id: 'attr_1',
  class: 'Kiosk',
  name: 'colour',
  definition: {
    title: { en: 'Colour', zh: '颜色' },
    form: 'choice',
    tracked: true,
    by: 'person',
    options: ['red', 'blue'],
    unit: null,
    required: false,
  },
  archived: false,
};

export function classStoreContract(
  name: string,
  open: () => Promise<{ store: ClassStore; close: () => Promise<void> }>,
): void {
  describe(name, () => {
    let store: ClassStore;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    test('[CL1] classes and attributes come back as they were put last, in the order of the first put', async () => {
      await store.putClass(KIOSK);
      await store.putClass({ ...KIOSK, name: 'Ticket', parent: 'Kiosk' });
      await store.putClass({ ...KIOSK, archived: true });
      await store.putAttribute(COLOUR);
      await store.putAttribute({ ...COLOUR, id: 'attr_2', name: 'size' });
      await store.putAttribute({ ...COLOUR, archived: true });
      expect(await store.classes()).toEqual([
        { ...KIOSK, archived: true },
        { ...KIOSK, name: 'Ticket', parent: 'Kiosk' },
      ]);
      expect(await store.attributes()).toEqual([
        { ...COLOUR, archived: true },
        { ...COLOUR, id: 'attr_2', name: 'size' },
      ]);
    });

    test('[CL1] what is deleted is gone, and nothing else', async () => {
      await store.putClass(KIOSK);
      await store.putAttribute(COLOUR);
      await store.deleteClass('Ticket');
      await store.deleteAttribute('attr_1');
      expect([await store.classes(), await store.attributes()]).toEqual([[KIOSK], []]);
      await store.deleteClass('Kiosk');
      expect(await store.classes()).toEqual([]);
    });
  });
}
