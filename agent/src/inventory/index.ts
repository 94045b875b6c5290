/** The registry of inventory sections, and the collection of all of them. */
import { SECTION_SCHEMAS } from '@muster/shared/inventory/sections.ts';
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { blankSection, isSectionSwitchable, withoutFields } from '@muster/shared/privacy/fields.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { z } from 'zod';
import type { Host } from '../host.ts';
import { canonical, sha256Hex } from './canonical.ts';
import { devices } from './devices/devices.ts';
import { drivers } from './drivers/drivers.ts';
import { fingerprints } from './fingerprints/fingerprints.ts';
import { fitToSchema } from './fit.ts';
import { guests } from './guests/guests.ts';
import { hardware } from './hardware/hardware.ts';
import type { CollectedInventory } from './native.ts';
import { network } from './network/network.ts';
import { os } from './os/os.ts';
import { patches } from './patches/patches.ts';
import { NOTHING_ASKED } from './section.ts';
import type { CollectedSection, InventoryAsked, SectionCollector } from './section.ts';
import { security } from './security/security.ts';
import { services } from './services/services.ts';
import { sockets } from './sockets/sockets.ts';
import { software } from './software/software.ts';
import { storage } from './storage/storage.ts';
import { users } from './users/users.ts';

export const SECTION_COLLECTORS: { readonly [Name in InventorySection]: SectionCollector<Name> } = {
  hardware,
  os,
  network,
  storage,
  software,
  services,
  users,
  devices,
  drivers,
  patches,
  guests,
  security,
  sockets,
  fingerprints,
};

/** One section as it goes into an inventory frame. */
export interface InventoryEntry<Name extends InventorySection = InventorySection> {
  /** Fits the section's schema; keys in canonical order, so `JSON.stringify(data) === json`. */
  readonly data: SectionData[Name];
  readonly complete: boolean;
  /** SHA-256 (64 hex digits) of `json`. */
  readonly hash: string;
  readonly json: string;
  /** Why it is not complete; for people, not sent. */
  readonly notes: readonly string[];
}

/** A section that could not be collected at all: it counts as unchanged, and the failure is reported. */
export interface SectionFailure {
  readonly section: InventorySection;
  readonly detail: string;
}

/** Sections in the order of the registry. A failing one is left out and handed to `report`; the others go on. */
export async function collectInventory(
  host: Host,
  report: (failure: SectionFailure) => void,
  collectors: readonly SectionCollector<InventorySection>[] = Object.values(SECTION_COLLECTORS),
  asked: InventoryAsked = NOTHING_ASKED,
): Promise<Map<InventorySection, InventoryEntry>> {
  const inventory = new Map<InventorySection, InventoryEntry>();
  const native = await nativeInventory(host);
  for (const collector of collectors) {
    try {
      inventory.set(collector.name, await collectSection(host, collector, asked, native));
    } catch (error) {
      report({ section: collector.name, detail: error instanceof Error ? error.message : String(error) });
    }
  }
  return inventory;
}

/** What the sources of Windows and macOS gave, all sections at once; null on Linux. */
type NativeInventory = { readonly sections: CollectedInventory; readonly failed: string | null } | null;

async function nativeInventory({ system }: Host): Promise<NativeInventory> {
  if (system === null) return null;
  try {
    return { sections: await system.inventory(), failed: null };
  } catch (error) {
    return { sections: {}, failed: error instanceof Error ? error.message : String(error) };
  }
}

/** A section that the platform has but did not give this time fails: it must not count as empty. */
async function collected(
  host: Host,
  collector: SectionCollector<InventorySection>,
  asked: InventoryAsked,
  native: NativeInventory,
): Promise<CollectedSection<InventorySection>> {
  if (native === null || host.system?.sections.includes(collector.name) !== true)
    return collector.collect(host, asked);
  const given = native.sections[collector.name];
  if (given === undefined) throw new Error(native.failed ?? 'nothing of it was told');
  return given;
}

async function collectSection(
  host: Host,
  collector: SectionCollector<InventorySection>,
  asked: InventoryAsked,
  native: NativeInventory,
): Promise<InventoryEntry> {
  const { name } = collector;
  const isOff = isSectionSwitchable(name) && asked.sectionsOff?.includes(name) === true;
  const given = isOff
    ? { data: blankSection(name), complete: true, notes: [SWITCHED_OFF] }
    : await collected(host, collector, asked, native);
  const { complete, notes } = given;
  const schema: z.ZodType<SectionData[InventorySection]> = SECTION_SCHEMAS[name];
  // Before anything is hashed, kept or sent.
  const fitted = fitToSchema(schema, withoutFields(name, given.data, asked.fieldsOff ?? []));
  if (!fitted.ok)
    throw new Error(`does not fit its schema: ${fitted.problems.slice(0, PROBLEMS_MAX).join('; ')}`);
  const data = canonical(fitted.data);
  const json = JSON.stringify(data);
  return {
    data,
    complete: complete && !fitted.listsCut,
    hash: sha256Hex(json),
    json,
    notes: fitted.listsCut ? [...notes, 'a list was longer than its limit and has been cut'] : notes,
  };
}

/** The note of such a section. */
export const SWITCHED_OFF = 'switched off by the configuration; nothing of it is collected';
/** Enough to see what is wrong. */
const PROBLEMS_MAX = 3;
