/** What every inventory section is. */
import type { SectionInput } from '@muster/shared/inventory/sections.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import * as z from 'zod';
import type { Host } from '../host.ts';

export interface CollectedSection<Name extends InventorySection> {
  readonly data: SectionInput[Name];
  /** false: part of it could not be read, so an absent item proves nothing. */
  readonly complete: boolean;
  /** Why it is not complete, one sentence each, for people; never sent. */
  readonly notes: readonly string[];
}

/** What the server may ask for; the agent has the last word on it. */
export const InventoryAsked = z.object({
  /** Directories whose files are to be fingerprinted. */
  fingerprintDirectories: z.array(z.string()),
  /** Not collected; what is told of each is that there is nothing. */
  sectionsOff: z.array(z.string()).optional(),
  /** Left empty, as in 'users.lastUser'. */
  fieldsOff: z.array(z.string()).optional(),
});
export type InventoryAsked = z.infer<typeof InventoryAsked>;

export const NOTHING_ASKED: InventoryAsked = { fingerprintDirectories: [] };

export interface SectionCollector<Name extends InventorySection> {
  readonly name: Name;
  collect(host: Host, asked?: InventoryAsked): Promise<CollectedSection<Name>>;
}
