/** Port of the administrator's own classes and attributes. */
import type { OwnAttribute, OwnClass } from '@muster/shared/cmdb/class-registry.ts';

/** Contract. Puts are by name or id and whole; reads are in the order in which they were first put. */
export interface ClassStore {
  classes(): Promise<OwnClass[]>;
  attributes(): Promise<OwnAttribute[]>;
  putClass(ownClass: OwnClass): Promise<void>;
  deleteClass(name: string): Promise<void>;
  putAttribute(attribute: OwnAttribute): Promise<void>;
  deleteAttribute(id: string): Promise<void>;
}
