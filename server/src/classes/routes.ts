/** HTTP operations of classes and attributes. */
import type { OwnAttributeOut, SchemaClass } from '@muster/shared/api/classes.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  ABSTRACT_CLASSES,
  ABSTRACT_TITLES,
  type ClassRegistry,
  type OwnAttribute,
  type SchemaAttribute,
} from '@muster/shared/cmdb/class-registry.ts';
import {
  CI_CLASSES,
  type CiClass,
  isAssetClass,
  isMachineClass,
  isPartClass,
  MACHINE_CLASSES,
  RECORD_CLASSES,
} from '@muster/shared/cmdb/classes.ts';
import { RELATION_TYPES, type RelationType } from '@muster/shared/cmdb/relation-types.ts';
import type { CmdbStore } from '../cmdb/store.ts';
import type { Routes } from '../http/routes.ts';
import type { Classes, SchemaUse } from './classes.ts';

interface ClassRouteDeps {
  readonly classes: Classes;
  readonly store: Pick<CmdbStore, 'machines' | 'records'>;
}

export function addClassRoutes(routes: Routes, { classes, store }: ClassRouteDeps): void {
  const use = schemaUse(store);

  routes.add(ENDPOINTS.classSchema, async () => {
    const registry = classes.registry();
    return {
      items: schemaOf(registry),
      ownClasses: registry.classes.map((each) => ({ ...each })),
      ownAttributes: registry.attributes.map(attributeOut),
    };
  });
  routes.add(ENDPOINTS.createClass, async ({ body }) => ({ ...(await classes.createClass(body)) }));
  routes.add(ENDPOINTS.updateClass, async ({ params, body }) => ({
    ...(await classes.updateClass(params.id, body)),
  }));
  routes.add(ENDPOINTS.deleteClass, ({ params }) => classes.deleteClass(params.id, use));
  routes.add(ENDPOINTS.createAttribute, async ({ body }, { nowMs }) => {
    const { class: ofClass, name, title, form, options, unit, required } = body;
    const definition = {
      title,
      form,
      tracked: true,
      by: 'person' as const,
      ...(options ? { options } : {}),
      unit,
      required,
    };
    return attributeOut(await classes.createAttribute({ class: ofClass, name, definition }, nowMs));
  });
  routes.add(ENDPOINTS.updateAttribute, async ({ params, body }) =>
    attributeOut(await classes.updateAttribute(params.id, body, use)),
  );
  routes.add(ENDPOINTS.deleteAttribute, ({ params }) => classes.deleteAttribute(params.id, use));
}

/** Reads every CI that stands on its own: deleting from the schema is rare and must be right. */
function schemaUse(store: ClassRouteDeps['store']): SchemaUse {
  async function count(
    fits: (ci: Awaited<ReturnType<CmdbStore['records']>>[number]) => boolean,
  ): Promise<number> {
    let found = (await store.machines()).filter(fits).length;
    for (const recordClass of RECORD_CLASSES) found += (await store.records(recordClass)).filter(fits).length;
    return found;
  }
  return {
    ofClass: (name) => count(({ subclass }) => subclass === name),
    ofAttribute: ({ name }, values) =>
      count(({ attributes }) => {
        const value = attributes[name]?.value ?? null;
        return value !== null && (values === undefined || values.has(String(value)));
      }),
  };
}

function attributeOut({ definition, ...attribute }: OwnAttribute): OwnAttributeOut {
  const { title, form, options, unit, required } = definition;
  return { ...attribute, title, form, options: options ? [...options] : null, unit, required };
}

function schemaOf(registry: ClassRegistry): SchemaClass[] {
  const builtIn = (name: CiClass): SchemaClass => ({
    name,
    title: CI_CLASSES[name].title,
    group: isMachineClass(name) ? 'machine' : isPartClass(name) ? 'part' : 'record',
    parent: isMachineClass(name) ? 'Computer' : isPartClass(name) ? null : 'Item',
    own: false,
    archived: false,
    attributes: registry.attributesOf(name).map(shown),
    relations: relationsOf(name),
  });
  const abstract = ABSTRACT_CLASSES.map(
    (name): SchemaClass => ({
      name,
      title: ABSTRACT_TITLES[name],
      group: 'abstract',
      parent: name === 'Item' ? null : 'Item',
      own: false,
      archived: false,
      attributes: registry.attributesOf(name).map(shown),
      relations: [],
    }),
  );
  const own = registry.classes.flatMap(({ name, parent, title, archived }): SchemaClass[] => {
    const base = registry.baseOf(name);
    return base === null
      ? []
      : [
          {
            ...builtIn(base),
            name,
            title,
            parent,
            own: true,
            archived,
            attributes: registry.attributesOf(name).map(shown),
          },
        ];
  });
  const names = [...MACHINE_CLASSES, ...RECORD_CLASSES, ...partClasses()];
  return [...abstract, ...names.map(builtIn), ...own];
}

function partClasses(): CiClass[] {
  return (Object.keys(CI_CLASSES) as CiClass[]).filter((name) => isPartClass(name));
}

function shown({ name, definition, origin, own }: SchemaAttribute): SchemaClass['attributes'][number] {
  return {
    name,
    title: definition.title,
    form: definition.form,
    options: definition.options ? [...definition.options] : null,
    unit: own?.definition.unit ?? null,
    required: own?.definition.required ?? false,
    by: definition.by,
    tracked: definition.tracked,
    origin,
    ownId: own?.id ?? null,
  };
}

function relationsOf(name: CiClass): SchemaClass['relations'] {
  return Object.entries(RELATION_TYPES as Record<string, RelationType>).flatMap(([type, definition]) => [
    ...(reaches(definition.from, name)
      ? [
          {
            type,
            title: definition.title,
            direction: 'from' as const,
            other: [...definition.to],
            max: definition.fromMax,
            by: definition.by,
          },
        ]
      : []),
    ...(reaches(definition.to, name)
      ? [
          {
            type,
            title: definition.inverse,
            direction: 'to' as const,
            other: [...definition.from],
            max: definition.toMax,
            by: definition.by,
          },
        ]
      : []),
  ]);
}

function reaches(ends: RelationType['from'], name: CiClass): boolean {
  return ends.some(
    (end) =>
      end === name ||
      (end === 'machine' && isMachineClass(name)) ||
      (end === 'part' && isPartClass(name)) ||
      (end === 'any' && !isPartClass(name)) ||
      (end === 'asset' && isAssetClass(name)),
  );
}
