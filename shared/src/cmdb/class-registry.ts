/** The built-in classes and what the administrator added to them, as one schema. Pure; the same for server and dashboard. */
import {
  type AttributeDefinition,
  CI_CLASSES,
  type CiClass,
  isIndependentClass,
  isMachineClass,
  MACHINE_CLASSES,
  RECORD_CLASSES,
  type IndependentClass,
} from './classes.ts';

export interface Title {
  readonly en: string;
  readonly zh: string;
}

/** Attributes of these are of every class below. */
export const ABSTRACT_CLASSES = ['Item', 'Computer'] as const;
export type AbstractClass = (typeof ABSTRACT_CLASSES)[number];
export const ABSTRACT_TITLES: Readonly<Record<AbstractClass, Title>> = {
  Item: { en: 'Configuration item', zh: '配置项' },
  Computer: { en: 'Computer', zh: '计算机' },
};

/** A class of the administrator's own, below a built-in one or another own one. */
export interface OwnClass {
  readonly name: string;
  readonly parent: string;
  readonly title: Title;
  readonly archived: boolean;
}

export interface OwnDefinition extends AttributeDefinition {
  readonly unit: string | null;
  readonly required: boolean;
}

export interface OwnAttribute {
  readonly id: string;
  /** Class it was added to: abstract, built-in or own; those below inherit it. */
  readonly class: string;
  readonly name: string;
  readonly definition: OwnDefinition;
  /** Kept for the values it has, offered nowhere. */
  readonly archived: boolean;
}

export interface SchemaAttribute {
  readonly name: string;
  readonly definition: AttributeDefinition;
  /** Class that brings it. */
  readonly origin: string;
  readonly own: OwnAttribute | null;
}

/** Fields that every CI has; no attribute may be named like one. */
export const RECORD_FIELDS = [
  'id',
  'name',
  'class',
  'subclass',
  'lifecycle',
  'criticality',
  'assetNumber',
  'owner',
  'supportGroup',
  'serviceHours',
  'site',
  'tags',
  'reason',
] as const;

export interface ClassRegistry {
  readonly classes: readonly OwnClass[];
  readonly attributes: readonly OwnAttribute[];
  /** Built-in class that an own or built-in one comes down to; null for the abstract and unknown ones. */
  baseOf(name: string): CiClass | null;
  titleOf(name: string): Title | null;
  /** From the class up to the abstract ones; empty where there is no such class. */
  lineOf(name: string): readonly string[];
  /** Own classes right below. */
  childrenOf(name: string): readonly OwnClass[];
  /** The class and all own ones below it. */
  namesBelow(name: string): ReadonlySet<string>;
  /** Attributes of a class with the inherited ones; archived own ones are left out. */
  attributesOf(name: string): readonly SchemaAttribute[];
  /** Of a CI of this class and subclass; archived ones too. */
  definitionOf(ciClass: string, subclass: string | null, name: string): AttributeDefinition | undefined;
  /** Own attribute of this name in the class or anywhere below it; names are unique there. */
  ownByName(ciClass: string, name: string): OwnAttribute | undefined;
  required(ciClass: string, subclass: string | null): readonly OwnAttribute[];
  /** Why the attribute cannot be named so; null: it can. */
  nameTaken(className: string, name: string): string | null;
}

export function classRegistry(
  classes: readonly OwnClass[],
  attributes: readonly OwnAttribute[],
): ClassRegistry {
  const byName = new Map(classes.map((each) => [each.name, each]));

  function lineOf(name: string): string[] {
    const line: string[] = [];
    let at: string | null = name;
    while (at !== null && line.length <= classes.length) {
      line.push(at);
      const own: OwnClass | undefined = byName.get(at);
      if (!own) break;
      at = own.parent;
    }
    const base = line.at(-1) ?? '';
    if (base === 'Item') return line;
    if (base === 'Computer') return [...line, 'Item'];
    if (!Object.hasOwn(CI_CLASSES, base)) return [];
    if (!isIndependentClass(base)) return line;
    return isMachineClass(base) ? [...line, 'Computer', 'Item'] : [...line, 'Item'];
  }

  function baseOf(name: string): CiClass | null {
    return (lineOf(name).find((each) => Object.hasOwn(CI_CLASSES, each)) as CiClass | undefined) ?? null;
  }

  /** Built-in classes that an attribute of the class reaches. */
  function basesOf(name: string): readonly CiClass[] {
    if (name === 'Item') return [...MACHINE_CLASSES, ...RECORD_CLASSES];
    if (name === 'Computer') return MACHINE_CLASSES;
    const base = baseOf(name);
    return base === null ? [] : [base];
  }

  const reaches = (attribute: OwnAttribute, ciClass: string): boolean =>
    basesOf(attribute.class).some((base) => base === ciClass);

  function ownByName(ciClass: string, name: string): OwnAttribute | undefined {
    const base = baseOf(ciClass) ?? ciClass;
    return attributes.find((each) => each.name === name && reaches(each, base));
  }

  function attributesOf(name: string): SchemaAttribute[] {
    const line = lineOf(name);
    const base = baseOf(name);
    const builtIn: Record<string, AttributeDefinition> = base === null ? {} : CI_CLASSES[base].attributes;
    return [
      ...Object.entries(builtIn).map(([each, definition]) => ({
        name: each,
        definition,
        origin: base ?? name,
        own: null,
      })),
      ...attributes
        .filter((each) => !each.archived && line.includes(each.class))
        .map((own) => ({ name: own.name, definition: own.definition, origin: own.class, own })),
    ];
  }

  return {
    classes,
    attributes,
    baseOf,
    lineOf,
    attributesOf,
    ownByName,
    titleOf(name) {
      const own = byName.get(name);
      if (own) return own.title;
      if (Object.hasOwn(ABSTRACT_TITLES, name)) return ABSTRACT_TITLES[name as AbstractClass];
      return Object.hasOwn(CI_CLASSES, name) ? CI_CLASSES[name as CiClass].title : null;
    },
    childrenOf: (name) => classes.filter(({ parent }) => parent === name),
    namesBelow: (name) =>
      new Set([name, ...classes.filter((each) => lineOf(each.name).includes(name)).map((each) => each.name)]),
    definitionOf(ciClass, subclass, name) {
      const line = lineOf(subclass ?? ciClass);
      const own = attributes.find((each) => each.name === name && line.includes(each.class));
      if (own) return own.definition;
      const builtIn: Record<string, AttributeDefinition> | undefined = Object.hasOwn(CI_CLASSES, ciClass)
        ? CI_CLASSES[ciClass as CiClass].attributes
        : undefined;
      return builtIn && Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
    },
    required(ciClass, subclass) {
      const line = lineOf(subclass ?? ciClass);
      return attributes.filter(
        (each) => !each.archived && each.definition.required && line.includes(each.class),
      );
    },
    nameTaken(className, name) {
      if ((RECORD_FIELDS as readonly string[]).includes(name)) return 'Item';
      const bases = basesOf(className);
      const builtIn = bases.find((base) => Object.hasOwn(CI_CLASSES[base].attributes, name));
      if (builtIn !== undefined) return builtIn;
      const clash = attributes.find(
        (each) => each.name === name && bases.some((base) => reaches(each, base)),
      );
      return clash ? clash.class : null;
    },
  };
}

export const NO_OWN_CLASSES: ClassRegistry = classRegistry([], []);

/** A class that a CI of its own may be of: the built-in one, and the own one where it is one. */
export function classPair(
  registry: ClassRegistry,
  name: string,
): { class: IndependentClass; subclass: string | null } | null {
  const base = registry.baseOf(name);
  if (base === null || !isIndependentClass(base)) return null;
  return { class: base, subclass: base === name ? null : name };
}
