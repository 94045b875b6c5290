/** What can be bought and handed out, in memory and always current, with the few attributes that its lists show. */
import { isAssetClass, isMachineClass, RECORD_CLASSES } from '@muster/shared/cmdb/classes.ts';
import type { Ci, CmdbStore } from '../cmdb/store.ts';

export interface AssetEntry {
  readonly id: string;
  readonly class: Ci['class'];
  readonly subclass: string | null;
  readonly name: string;
  readonly lifecycle: Ci['lifecycle'];
  readonly assetNumber: string | null;
  readonly site: string | null;
  readonly texts: Readonly<Partial<Record<(typeof TEXTS)[number], string>>>;
  readonly cost: number | null;
}

const TEXTS = [
  'serial',
  'manufacturer',
  'model',
  'purchaseDate',
  'warrantyEnd',
  'endOfLife',
  'supplier',
  'currency',
] as const;

export class AssetIndex {
  readonly #entries = new Map<string, AssetEntry>();

  put(ci: Ci): void {
    if (!isAssetClass(ci.class) || ci.placeholder || ci.mergedInto !== null) {
      this.#entries.delete(ci.id);
      return;
    }
    // A virtual machine is an asset only where somebody numbered it.
    if (ci.class === 'VirtualMachine' && ci.assetNumber === null) {
      this.#entries.delete(ci.id);
      return;
    }
    this.#entries.set(ci.id, assetEntryOf(ci));
  }

  all(): Iterable<AssetEntry> {
    return this.#entries.values();
  }

  get(id: string): AssetEntry | undefined {
    return this.#entries.get(id);
  }
}

export function assetEntryOf(ci: Ci): AssetEntry {
  const texts: Partial<Record<(typeof TEXTS)[number], string>> = {};
  for (const name of TEXTS) {
    const value = ci.attributes[name]?.value;
    if (typeof value === 'string' && value !== '') texts[name] = value;
  }
  const cost = ci.attributes['cost']?.value;
  const { id, class: ciClass, subclass, name, lifecycle, assetNumber, site } = ci;
  return {
    id,
    class: ciClass,
    subclass,
    name,
    lifecycle,
    assetNumber,
    site,
    texts,
    cost: typeof cost === 'number' ? cost : null,
  };
}

export async function openAssetIndex(store: Pick<CmdbStore, 'machines' | 'records'>): Promise<AssetIndex> {
  const index = new AssetIndex();
  for (const machine of await store.machines()) index.put(machine);
  for (const recordClass of RECORD_CLASSES) {
    if (isMachineClass(recordClass) || !isAssetClass(recordClass)) continue;
    for (const record of await store.records(recordClass)) index.put(record);
  }
  return index;
}
