/** What of an inventory must be sent: changed sections with their data, the others as a confirmation. */
import type { Millis } from '@muster/shared/time.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { InventoryBody } from '@muster/shared/wire/frame-bodies.ts';

/** One collected section, as far as the link cares. */
export interface ReportedSection {
  readonly data: unknown;
  readonly complete: boolean;
  /** SHA-256 (hex) of its JSON text. */
  readonly hash: string;
}

export type Inventory = ReadonlyMap<InventorySection, ReportedSection>;
export type SectionHashes = Partial<Record<InventorySection, string>>;

/**
 * The body of one report; null when nothing was collected. With `changesOnly` sections that the server holds
 * already are left out instead of confirmed.
 */
export function inventoryReport(
  atMs: Millis,
  inventory: Inventory,
  held: SectionHashes,
  changesOnly: boolean,
): InventoryBody | null {
  const sections: InventoryBody['sections'] = {};
  for (const [name, { data, complete, hash }] of inventory) {
    if (held[name] !== hash) sections[name] = { hash, complete, data };
    else if (!changesOnly) sections[name] = { hash, complete };
  }
  return Object.keys(sections).length > 0 ? { atMs, sections } : null;
}

/** The same report, one section at a time, for when it is too large for one frame. */
export function sectionBySection(body: InventoryBody): [InventorySection, InventoryBody][] {
  return (Object.keys(body.sections) as InventorySection[]).map((name) => [
    name,
    { atMs: body.atMs, sections: { [name]: body.sections[name] } },
  ]);
}
