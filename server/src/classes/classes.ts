/** The schema at work: what the administrator adds is there at once, for reading, checking and lists. */
import {
  type ClassRegistry,
  classRegistry,
  type OwnAttribute,
  type OwnClass,
  type OwnDefinition,
  type Title,
} from '@muster/shared/cmdb/class-registry.ts';
import { isPartClass } from '@muster/shared/cmdb/classes.ts';
import { OWN_ATTRIBUTES_MAX, OWN_CLASSES_MAX } from '@muster/shared/api/classes.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { ClassStore } from './store.ts';

/** What of the schema somebody uses; given by the slice that knows. */
export interface SchemaUse {
  /** How many CIs are of exactly this own class. */
  ofClass(name: string): Promise<number>;
  /** How many CIs hold a value of the attribute; `values`: only these. */
  ofAttribute(attribute: OwnAttribute, values?: ReadonlySet<string>): Promise<number>;
}

export interface Classes {
  registry(): ClassRegistry;
  createClass(ownClass: Omit<OwnClass, 'archived'>): Promise<OwnClass>;
  updateClass(
    name: string,
    change: { title?: Title | undefined; archived?: boolean | undefined },
  ): Promise<OwnClass>;
  /** Archives instead where it is in use. */
  deleteClass(name: string, use: SchemaUse): Promise<{ archived: boolean }>;
  createAttribute(
    attribute: Pick<OwnAttribute, 'class' | 'name'> & { readonly definition: OwnDefinition },
    nowMs: Millis,
  ): Promise<OwnAttribute>;
  updateAttribute(id: string, change: AttributeChange, use: SchemaUse): Promise<OwnAttribute>;
  /** Archives instead where a CI has a value. */
  deleteAttribute(id: string, use: SchemaUse): Promise<{ archived: boolean }>;
}

export interface AttributeChange {
  readonly title?: Title | undefined;
  readonly options?: readonly string[] | undefined;
  readonly unit?: string | null | undefined;
  readonly required?: boolean | undefined;
  readonly archived?: boolean | undefined;
}

export async function createClasses({
  store,
  newId,
}: {
  readonly store: ClassStore;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}): Promise<Classes> {
  let registry = classRegistry(await store.classes(), await store.attributes());
  // Two at once could both find a name free.
  let queue: Promise<unknown> = Promise.resolve();
  function changing<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work).then(async (value) => {
      registry = classRegistry(await store.classes(), await store.attributes());
      return value;
    });
    queue = done.catch(() => undefined);
    return done;
  }

  function requireClass(name: string): OwnClass {
    const found = registry.classes.find((each) => each.name === name);
    if (!found) throw new AppError('not-found', `There is no class ${name} of your own.`);
    return found;
  }

  function requireAttribute(id: string): OwnAttribute {
    const found = registry.attributes.find((each) => each.id === id);
    if (!found) throw new AppError('not-found', `There is no attribute ${id} of your own.`);
    return found;
  }

  return {
    registry: () => registry,
    createClass: (wanted) =>
      changing(async () => {
        if (registry.classes.length >= OWN_CLASSES_MAX)
          throw new AppError('input-invalid', `${OWN_CLASSES_MAX} classes of your own are the most.`);
        if (registry.titleOf(wanted.name))
          throw new AppError('name-taken', `There is a class ${wanted.name} already.`);
        const base = registry.baseOf(wanted.parent);
        if (base === null || isPartClass(base))
          throw new AppError('input-invalid', `A class cannot stand below ${wanted.parent}.`);
        const ownClass = { ...wanted, archived: false };
        await store.putClass(ownClass);
        return ownClass;
      }),
    updateClass: (name, change) =>
      changing(async () => {
        const before = requireClass(name);
        const after = {
          ...before,
          title: change.title ?? before.title,
          archived: change.archived ?? before.archived,
        };
        await store.putClass(after);
        return after;
      }),
    deleteClass: (name, use) =>
      changing(async () => {
        const before = requireClass(name);
        const inUse =
          registry.childrenOf(name).length > 0 ||
          registry.attributes.some((each) => each.class === name) ||
          (await use.ofClass(name)) > 0;
        if (inUse) await store.putClass({ ...before, archived: true });
        else await store.deleteClass(name);
        return { archived: inUse };
      }),
    createAttribute: ({ class: className, name, definition }, nowMs) =>
      changing(async () => {
        if (registry.attributes.length >= OWN_ATTRIBUTES_MAX)
          throw new AppError('input-invalid', `${OWN_ATTRIBUTES_MAX} attributes of your own are the most.`);
        const line = registry.lineOf(className);
        if (line.length === 0) throw new AppError('not-found', `There is no class ${className}.`);
        if (isPartClass(line.at(-1)))
          throw new AppError(
            'input-invalid',
            `What is known of a ${className} comes from reports; it takes no attributes of your own.`,
          );
        const holder = registry.nameTaken(className, name);
        if (holder !== null) throw new AppError('name-taken', `${holder} has an attribute ${name} already.`);
        requireFit(definition);
        const attribute: OwnAttribute = {
          id: newId('attr', nowMs),
          class: className,
          name,
          definition,
          archived: false,
        };
        await store.putAttribute(attribute);
        return attribute;
      }),
    updateAttribute: (id, { archived, ...change }, use) =>
      changing(async () => {
        const before = requireAttribute(id);
        const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
        const definition: OwnDefinition = { ...before.definition, ...given };
        requireFit(definition);
        const dropped = (before.definition.options ?? []).filter(
          (option) => !definition.options?.includes(option),
        );
        if (dropped.length > 0) {
          const held = await use.ofAttribute(before, new Set(dropped));
          if (held > 0)
            throw new AppError(
              'conflict',
              `${held} configuration items have ${dropped.join(', ')}; give them another value first.`,
            );
        }
        const after = { ...before, definition, archived: archived ?? before.archived };
        await store.putAttribute(after);
        return after;
      }),
    deleteAttribute: (id, use) =>
      changing(async () => {
        const before = requireAttribute(id);
        const inUse = (await use.ofAttribute(before)) > 0;
        if (inUse) await store.putAttribute({ ...before, archived: true });
        else await store.deleteAttribute(id);
        return { archived: inUse };
      }),
  };
}

/** @throws AppError input-invalid */
function requireFit({ form, options }: OwnDefinition): void {
  if (form === 'choice' && !options?.length)
    throw new AppError('input-invalid', 'A choice needs options.', {
      issues: [{ path: 'options', message: 'at least one' }],
    });
  if (form !== 'choice' && options)
    throw new AppError('input-invalid', 'Only a choice has options.', {
      issues: [{ path: 'options', message: 'not for this form' }],
    });
}
