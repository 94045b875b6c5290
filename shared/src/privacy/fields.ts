/** What is collected, read off the schemas themselves: the fields of a section, and what stands in one that is switched off. Pure. */
import { SECTION_SCHEMAS } from '../inventory/sections.ts';
import { INVENTORY_SECTIONS, type InventorySection } from '../wire/inventory-sections.ts';
import type { z } from 'zod';

export type FieldKind = 'text' | 'number' | 'yes-no' | 'choice' | 'list' | 'other';

export interface CollectedField {
  /** As in 'users.groups.members'. */
  readonly path: string;
  readonly kind: FieldKind;
  /** Can be left empty without another field's losing its sense. */
  readonly switchable: boolean;
}

/**
 * They say which machine it is: without them the CMDB takes a machine that was installed anew for another one, and
 * its class for what it is not. Only fields of them can be switched off.
 */
const SECTIONS_NEEDED: ReadonlySet<InventorySection> = new Set(['hardware', 'os', 'network']);

export function isSectionSwitchable(name: string): name is InventorySection {
  const section = INVENTORY_SECTIONS.find((one) => one === name);
  return section !== undefined && !SECTIONS_NEEDED.has(section);
}

/** Of those sections only what tells no machine from another, and no server from a workstation, can be left out. */
const FIELDS_SPARED: ReadonlySet<string> = new Set([
  'hardware.chassis.assetTag',
  'hardware.memoryModules.serial',
  'os.domain',
  'os.bootedAtMs',
  'os.installedAtMs',
  'os.timeZone',
  'network.interfaces.addresses',
  'network.gateways',
  'network.dnsServers',
]);

function isNeeded(section: string, path: string): boolean {
  return !isSectionSwitchable(section) && !FIELDS_SPARED.has(path);
}

/** All fields below `schema`, in its order; `path` is the name of what it is of. */
export function fieldsOf(
  path: string,
  schema: z.ZodType,
  needed: (path: string) => boolean = () => false,
): CollectedField[] {
  const inner = bare(schema);
  if (inner.def.type === 'array') return fieldsOf(path, elementOf(inner), needed);
  if (inner.def.type !== 'object') return [];
  return Object.entries(shapeOf(inner)).flatMap(([name, field]) => {
    const own = `${path}.${name}`;
    const kind = kindOf(bare(field));
    const below = fieldsOf(own, field, needed);
    // An object is its fields, and what always is the same word says nothing.
    if (['object', 'literal'].includes(bare(field).def.type)) return below;
    return [{ path: own, kind, switchable: blankOf(field) !== undefined && !needed(own) }, ...below];
  });
}

export function fieldsOfSection(section: InventorySection): CollectedField[] {
  return fieldsOf(section, SECTION_SCHEMAS[section], (path) => isNeeded(section, path));
}

/** The whole section as if there were nothing to tell. */
export function blankSection(section: InventorySection): unknown {
  const shape = shapeOf(bare(SECTION_SCHEMAS[section]));
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, blankOf(field)]));
}

/**
 * `data` of a section without what the paths name: null, an empty list, or the word for not known. Paths of other sections, and
 * those that are no fields, mean nothing.
 */
export function withoutFields<T>(section: InventorySection, data: T, off: readonly string[]): T {
  const paths = off
    .filter((path) => path.startsWith(`${section}.`) && !isNeeded(section, path))
    .map((path) => path.split('.').slice(1));
  if (paths.length === 0) return data;
  const copy = structuredClone(data);
  for (const path of paths) erase(SECTION_SCHEMAS[section], copy, path);
  return copy;
}

function erase(schema: z.ZodType, value: unknown, [name, ...below]: readonly string[]): void {
  const inner = bare(schema);
  if (value === null || typeof value !== 'object' || name === undefined) return;
  if (Array.isArray(value)) {
    if (inner.def.type === 'array') for (const item of value) erase(elementOf(inner), item, [name, ...below]);
    return;
  }
  if (inner.def.type !== 'object') return;
  const field = shapeOf(inner)[name];
  if (field === undefined) return;
  if (below.length > 0) return erase(field, Reflect.get(value, name), below);
  const blank = blankOf(field);
  if (blank !== undefined) Reflect.set(value, name, blank);
}

/** undefined: the field must say something. */
function blankOf(schema: z.ZodType): unknown {
  const { type } = schema.def;
  if (type === 'nullable') return null;
  if (type === 'array') return [];
  return type === 'default' ? structuredClone((schema as z.ZodDefault).def.defaultValue) : undefined;
}

const KINDS: Readonly<Record<string, FieldKind>> = {
  string: 'text',
  number: 'number',
  boolean: 'yes-no',
  enum: 'choice',
  array: 'list',
  tuple: 'list',
};

function kindOf(schema: z.ZodType): FieldKind {
  return KINDS[schema.def.type] ?? 'other';
}

const WRAPPERS: ReadonlySet<string> = new Set(['nullable', 'default', 'optional']);

function bare(schema: z.ZodType): z.ZodType {
  return WRAPPERS.has(schema.def.type) ? bare((schema as z.ZodNullable<z.ZodType>).def.innerType) : schema;
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  return (schema as z.ZodObject<Record<string, z.ZodType>>).shape;
}

function elementOf(schema: z.ZodType): z.ZodType {
  return (schema as z.ZodArray<z.ZodType>).element;
}
