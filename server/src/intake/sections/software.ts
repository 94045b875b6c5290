/** softwares → our sections `software` and `patches`. */
import type { SectionData, SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import { entryOf, dateMs, type Item, positive, sortedBy, text, unique } from '../values.ts';
import type { Context } from './context.ts';

export const SOFTWARE_SOURCES = ['softwares'] as const;
export const PATCHES_SOURCES = ['softwares'] as const;

const PACKAGES_MAX = 20_000;
const PATCHES_MAX = 10_000;
type Patches = SectionData['patches']['patches'];

export function softwarePatch(context: Context): object {
  const packages = (context.content.softwares ?? []).flatMap((item) => packageOf(item, context) ?? []);
  const sorted = sortedBy(
    packages,
    (entry) => `${entry.name}\0${entry.architecture ?? ''}\0${entry.version}`,
  );
  return { packages: unique(sorted, keyOf).slice(0, PACKAGES_MAX) };
}

/** Nothing where the report has no update: a machine that is no Windows has none, and an older agent leaves them out. */
export function patchesPatch(context: Context): object | null {
  if (context.family !== 'windows') return null;
  const list = (context.content.softwares ?? []).flatMap((item): Patches => {
    const id = updateId(item);
    return id === null ? [] : [{ id, title: text(item, 'name'), installedAtMs: installedAt(item, context) }];
  });
  if (list.length === 0) return null;
  return {
    patches: sortedBy(
      unique(list, ({ id }) => id),
      ({ id }) => id,
    ).slice(0, PATCHES_MAX),
  };
}

function keyOf(entry: SoftwarePackage): string {
  return `${entry.source}\0${entry.name}\0${entry.architecture ?? ''}\0${entry.version}`;
}

function packageOf(item: Item, context: Context): SoftwarePackage | null {
  const name = text(item, 'name', 256);
  if (name === null || (context.family === 'windows' && updateId(item) !== null)) return null;
  return {
    name,
    version: text(item, 'version', 128) ?? '',
    architecture: architectureOf(text(item, 'arch')),
    publisher: publisherOf(item),
    source: sourceOf(text(item, 'from'), context.family),
    installedAtMs: installedAt(item, context),
    sizeBytes: positive(item, 'filesize'),
  };
}

/** OCS puts the home page there. */
function publisherOf(item: Item): string | null {
  const told = text(item, 'publisher');
  return told !== null && /^https?:\/\//i.test(told) ? null : told;
}

/** 'KB5034441' of an update of Windows. */
function updateId(item: Item): string | null {
  const category = text(item, 'system_category') ?? text(item, 'release_type') ?? '';
  const [id] = /\bKB\d{5,8}\b/i.exec(text(item, 'name') ?? '') ?? [];
  if (id === undefined) return null;
  return /update|hotfix/i.test(category) || /^KB\d+$/i.test(text(item, 'name') ?? '')
    ? id.toUpperCase()
    : null;
}

/** By FROM, in the spelling of the agents. */
const SOURCES: Readonly<Record<string, SoftwarePackage['source']>> = {
  deb: 'dpkg',
  dpkg: 'dpkg',
  rpm: 'rpm',
  apk: 'apk',
  pacman: 'pacman',
  snap: 'snap',
  flatpak: 'flatpak',
  registry: 'windows',
  wmi: 'windows',
  uwp: 'windows',
  msi: 'windows',
  apple: 'macos',
  'mac app store': 'macos',
};

function sourceOf(from: string | null, family: Context['family']): SoftwarePackage['source'] {
  const known = entryOf(SOURCES, from?.toLowerCase());
  if (known !== undefined) return known;
  return family === 'windows' ? 'windows' : family === 'macos' ? 'macos' : 'other';
}

function architectureOf(told: string | null): string | null {
  return told === null || /^(unknown|\(none\))$/i.test(told) ? null : told;
}

/** OCS counts the months of Debian packages from zero: such a date is wrong by a month, and not told. */
function installedAt(item: Item, { offsetMs }: Context): Millis | null {
  const told = text(item, 'install_date');
  if (told !== null && text(item, 'from') === 'deb' && /^\d{4}\/\d\d\/\d\d \d\d:/.test(told)) return null;
  return dateMs(told, offsetMs);
}
