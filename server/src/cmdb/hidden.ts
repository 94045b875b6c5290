/**
 * What the configuration has switched shows in a machine's picture: changes of it are none of the machine, all others are told. Pure.
 */
import type { PartClass } from '@muster/shared/cmdb/classes.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { equal } from './held-values.ts';
import type { PartPicture, SectionPicture } from './picture.ts';

/** Of one section. */
export interface Hidden {
  /** Of the machine. */
  readonly attributes: ReadonlySet<string>;
  /** Of parts, as `partAttribute` spells them. */
  readonly partAttributes: ReadonlySet<string>;
  /** Parts of these came or went with what was switched, or lost what they are known by. */
  readonly classes: ReadonlySet<PartClass>;
}

export const NOTHING_HIDDEN: Hidden = {
  attributes: new Set(),
  partAttributes: new Set(),
  classes: new Set(),
};

export function partAttribute(ciClass: PartClass, name: string): string {
  return `${ciClass} ${name}`;
}

/** @param pairs pictures of one state each: as it is told, and without what was switched */
export function hiddenIn(
  pairs: readonly { readonly told: readonly SectionPicture[]; readonly alike: readonly SectionPicture[] }[],
): ReadonlyMap<InventorySection, Hidden> {
  const all = new Map<InventorySection, Mutable>();
  for (const { told, alike } of pairs) {
    for (const picture of told) {
      const without = alike.find(({ section }) => section === picture.section);
      const hidden = all.get(picture.section) ?? {
        attributes: new Set(),
        partAttributes: new Set(),
        classes: new Set(),
      };
      all.set(picture.section, hidden);
      for (const name of differing(picture.attributes, without?.attributes ?? {}))
        hidden.attributes.add(name);
      hideParts(picture.parts, without?.parts ?? [], hidden);
    }
  }
  return all;
}

interface Mutable extends Hidden {
  readonly attributes: Set<string>;
  readonly partAttributes: Set<string>;
  readonly classes: Set<PartClass>;
}

function hideParts(told: readonly PartPicture[], alike: readonly PartPicture[], hidden: Mutable): void {
  const byKey = new Map(alike.flatMap((part) => part.keys.map((key) => [`${part.class} ${key}`, part])));
  for (const { class: ciClass, keys, attributes } of told) {
    const key = keys.find((one) => byKey.has(`${ciClass} ${one}`));
    const without = key === undefined ? undefined : byKey.get(`${ciClass} ${key}`);
    if (without === undefined) hidden.classes.add(ciClass);
    for (const name of differing(attributes, without?.attributes ?? attributes))
      hidden.partAttributes.add(partAttribute(ciClass, name));
  }
}

function differing(one: PartPicture['attributes'], other: PartPicture['attributes']): string[] {
  return Object.keys(one).filter((name) => !equal(one[name] ?? null, other[name] ?? null));
}
