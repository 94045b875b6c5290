/** Tables of the administrator's own classes and attributes. */
import type { OwnDefinition, Title } from '@muster/shared/cmdb/class-registry.ts';
import type { Kit } from '../kit.ts';

export function classTables(k: Kit) {
  const ownClasses = k.table('own_classes', {
    name: k.text('name').primaryKey(),
    position: k.int('position').notNull(),
    parent: k.text('parent').notNull(),
    title: k.json<Title>('title').notNull(),
    archived: k.bool('archived').notNull(),
  });
  const ownAttributes = k.table('own_attributes', {
    id: k.text('id').primaryKey(),
    position: k.int('position').notNull(),
    class: k.text('class').notNull(),
    name: k.text('name').notNull(),
    definition: k.json<OwnDefinition>('definition').notNull(),
    archived: k.bool('archived').notNull(),
  });
  return { ownClasses, ownAttributes };
}
