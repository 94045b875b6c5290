/**
 * Things of a machine that are no parts but whose coming, going and changing is history: services, drivers, patches, accounts,
 * virtual machines, protection, configuration files. Told by what a section said before and says now. Pure.
 */
import type { SectionData, Snapshot } from '@muster/shared/inventory/sections.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { AttributeValue } from './picture.ts';

/** What a row of history needs beside the machine it is of. */
export interface ItemChange {
  readonly kind: 'created' | 'changed' | 'removed';
  /** 'file:/etc/hosts', 'driver:nvidia' … */
  readonly attribute: string;
  readonly before: AttributeValue;
  readonly after: AttributeValue;
}

/** Rows of one section in one report; a machine whose files were all rewritten says so once, not ten thousand times. */
export const ITEM_CHANGES_MAX = 500;

/**
 * @param before the section as it was held
 * @param complete both reports told all of it; otherwise an absent item proves nothing
 */
export function itemChanges<Name extends InventorySection>(
  section: Name,
  before: SectionData[Name],
  after: SectionData[Name],
  complete: boolean,
): ItemChange[] {
  const list = LISTS[section];
  if (list === undefined) return [];
  const [held, told] = [list(before), list(after)];
  const scope = section === 'fingerprints' ? sharedDirectories(before, after) : null;
  const changes: ItemChange[] = [];
  for (const [attribute, value] of told) {
    const known = held.get(attribute);
    if (known === value || !inScope(scope, attribute)) continue;
    changes.push({
      kind: known === undefined ? 'created' : 'changed',
      attribute,
      before: known ?? null,
      after: value,
    });
  }
  for (const [attribute, value] of complete ? held : []) {
    if (!told.has(attribute) && inScope(scope, attribute))
      changes.push({ kind: 'removed', attribute, before: value, after: null });
  }
  if (changes.length <= ITEM_CHANGES_MAX) return changes;
  const rest = changes.length - ITEM_CHANGES_MAX + 1;
  return [
    ...changes.slice(0, ITEM_CHANGES_MAX - 1),
    { kind: 'changed', attribute: `${PREFIXES[section] ?? section}:*`, before: null, after: rest },
  ];
}

const PREFIXES: Partial<Readonly<Record<InventorySection, string>>> = {
  services: 'service',
  drivers: 'driver',
  patches: 'patch',
  users: 'user',
  guests: 'guest',
  security: 'security',
  fingerprints: 'file',
};

type Listing<Name extends InventorySection> = (data: SectionData[Name]) => Map<string, AttributeValue>;

const LISTS: { readonly [Name in InventorySection]?: Listing<Name> } = {
  /** Whether one runs is no change; whether it starts by itself is. */
  services: ({ services }) => named('service', services, ({ name, startType }) => [name, startType]),
  /** Modules of the kernel itself are loaded with each cable, and their version is the kernel's. */
  drivers: ({ drivers }) =>
    named(
      'driver',
      drivers.filter(({ kind, provider }) => kind !== 'kernel-module' || provider !== null),
      ({ name, version }) => [name, version ?? ''],
    ),
  patches: ({ patches }) => named('patch', patches, ({ id, title }) => [id, title ?? '']),
  users: ({ users, groups }) =>
    new Map([
      ...named('user', users, ({ name, administrator }) => [name, administrator ? 'administrator' : 'user']),
      ...named('group', groups, ({ name, members }) => [name, members.join(', ')]),
    ]),
  /** Containers come and go by the minute; virtual machines do not. */
  guests: ({ guests }) =>
    named(
      'guest',
      guests.filter(({ kind }) => kind === 'virtual-machine'),
      ({ name, id }) => [name, id ?? ''],
    ),
  security: (data) => securityState(data),
  fingerprints: ({ files }) => named('file', files, (file) => [file.path, fileText(file)]),
};

function named<Item>(
  prefix: string,
  items: readonly Item[],
  of: (item: Item) => readonly [name: string, value: AttributeValue],
): Map<string, AttributeValue> {
  return new Map(
    items.map((item) => {
      const [name, value] = of(item);
      return [`${prefix}:${name}`, value];
    }),
  );
}

function securityState(data: SectionData['security']): Map<string, AttributeValue> {
  const state = new Map<string, AttributeValue>();
  const put = (name: string, value: boolean | string | null) => {
    // Not known is not off.
    if (value !== null) state.set(`security:${name}`, value);
  };
  for (const { name, enabled } of data.antivirus) put(name, enabled);
  for (const { product, profile, enabled } of data.firewalls)
    put([product, profile].filter(Boolean).join(' '), enabled);
  for (const { volume, enabled } of data.diskEncryption) put(`encryption ${volume}`, enabled);
  put('secure boot', data.secureBoot);
  put('access control', data.accessControl);
  for (const { product } of data.remoteControls) put(product, true);
  return state;
}

const HASH_DIGITS_SHOWN = 12;

/** 'root:root 0644 3f2a…' – all of what a fingerprint compares, short enough to read. */
function fileText(file: SectionData['fingerprints']['files'][number]): string {
  const content =
    file.linkTarget === null ? (file.sha256?.slice(0, HASH_DIGITS_SHOWN) ?? '') : `→ ${file.linkTarget}`;
  return `${file.owner ?? ''}:${file.group ?? ''} ${file.mode ?? ''} ${content}`.trim();
}

/** Files of a directory that was not read both times are no news: the administrator has just asked for it. */
function sharedDirectories(before: unknown, after: unknown): readonly string[] {
  const read = (data: unknown) =>
    (data as SectionData['fingerprints']).directories
      .filter(({ state }) => state === 'read' || state === 'cut')
      .map(({ path }) => path);
  const earlier = new Set(read(before));
  return read(after).filter((path) => earlier.has(path));
}

function inScope(scope: readonly string[] | null, attribute: string): boolean {
  if (scope === null) return true;
  return scope.some((path) => attribute.startsWith(`file:${path === '/' ? '' : path}/`));
}

/** Of all sections that a report brought and that were held before. */
export function allItemChanges(
  held: Snapshot,
  reported: Snapshot,
  complete: (section: InventorySection) => boolean,
): ItemChange[] {
  return (Object.keys(reported) as InventorySection[]).flatMap((section) => {
    // What is held is unpacked by being looked at.
    if (LISTS[section] === undefined) return [];
    const [before, after] = [held[section], reported[section]];
    return before && after ? itemChanges(section, before, after, complete(section)) : [];
  });
}
