/** Own classes and attributes in plain maps, for tests. */
import type { OwnAttribute, OwnClass } from '@muster/shared/cmdb/class-registry.ts';
import type { ClassStore } from '../../classes/store.ts';

export function createMemoryClassStore(): ClassStore {
  const classes = new Map<string, OwnClass>();
  const attributes = new Map<string, OwnAttribute>();
  return {
    classes: async () => structuredClone([...classes.values()]),
    attributes: async () => structuredClone([...attributes.values()]),
    putClass: async (ownClass) => void classes.set(ownClass.name, structuredClone(ownClass)),
    deleteClass: async (name) => void classes.delete(name),
    putAttribute: async (attribute) => void attributes.set(attribute.id, structuredClone(attribute)),
    deleteAttribute: async (id) => void attributes.delete(id),
  };
}
