/** What the configuration leaves out of a section, so that its going and coming is no change of the machine. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { blankSection, withoutFields } from '@muster/shared/privacy/fields.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';

/** What an agent works by, where its server has its word for it. */
export interface LeftOut {
  /** Sections and fields, as in 'users' and 'users.lastUser'. */
  readonly names: readonly string[];
  /** Of the configuration that said so. */
  readonly version: number;
  readonly sinceMs: Millis;
}

/** Of one machine: the collectors that are off, before and after, by the configuration of this version. */
export interface CollectorSwitch {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly version: number;
}

/** Rows of history that say what the configuration leaves out of a section carry its name behind this, as in `collection:users`. */
export const COLLECTION_PREFIX = 'collection:';
/** The same of the metrics: values are the names of collectors that are off. */
export const COLLECTION_OF_METRICS = `${COLLECTION_PREFIX}collectors`;

/** Who such a row says did it. */
export function configurationActor(version: number | ''): string {
  return `configuration:${version}`;
}

/** Those of one section, in order. */
export function leftOutOfSection(section: InventorySection, names: readonly string[]): readonly string[] {
  return names.filter((name) => name === section || name.startsWith(`${section}.`)).toSorted();
}

/**
 * What is left out of `data`, the section as it is from this report on. A report can be older than the configuration (agents keep
 * them while they are away): what it holds in spite of the configuration is not left out yet, and what it lacks may be left out still.
 *
 * @param data read only where something of it may be left out
 * @param before what was left out of it as it was held
 * @param atMs when the report was made
 */
export function leftOutNow(
  section: InventorySection,
  data: () => unknown,
  before: readonly string[],
  asked: LeftOut | null,
  atMs: Millis,
): readonly string[] {
  if (asked === null) return before;
  const off = leftOutOfSection(section, asked.names);
  const still = atMs < asked.sinceMs ? before.filter((name) => !off.includes(name)) : [];
  return leftOutOfSection(
    section,
    [...off, ...still].filter((name) => lacks(section, data(), name)),
  );
}

function lacks(section: InventorySection, data: unknown, name: string): boolean {
  return isDeepStrictEqual(
    data,
    name === section ? blankSection(section) : withoutFields(section, data, [name]),
  );
}

/** Names that are left out of one and not of the other. */
export function switched(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...before.filter((name) => !after.includes(name)),
    ...after.filter((name) => !before.includes(name)),
  ];
}
