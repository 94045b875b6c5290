/** Sections that the sources of Windows and macOS give, for the collectors of the sections to pick theirs. */
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { CollectedSection } from './section.ts';

export type CollectedInventory = { readonly [Name in InventorySection]?: CollectedSection<Name> };

/** What a recording cannot know, but the agent on the machine does. */
export function withLiveFacts(
  sections: CollectedInventory,
  { bootId, machineId }: { readonly bootId: string; readonly machineId: string | null },
): CollectedInventory {
  const { os } = sections;
  if (os === undefined) return sections;
  const data = {
    ...os.data,
    bootId,
    machineId: os.data.machineId ?? machineId,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  return { ...sections, os: { ...os, data } };
}
