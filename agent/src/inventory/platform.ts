/** The platform switch of sections that Windows, macOS or both do not give: Linux is collected, the others say plainly that they are not. */
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { Host } from '../host.ts';
import type { CollectedSection } from './section.ts';

type Collect<Name extends InventorySection> = (
  host: Host,
) => CollectedSection<Name> | Promise<CollectedSection<Name>>;

/** One function for Linux and one for every other platform. */
export interface PlatformCollectors<Name extends InventorySection> {
  readonly linux: Collect<Name>;
  readonly elsewhere: Collect<Name>;
}

export async function collectOnPlatform<Name extends InventorySection>(
  host: Host,
  collectors: PlatformCollectors<Name>,
): Promise<CollectedSection<Name>> {
  return host.platform === 'linux' ? collectors.linux(host) : collectors.elsewhere(host);
}

/** An incomplete section: absent items prove nothing, and `show` says why. */
export function notYetCollected<Name extends InventorySection>(
  empty: CollectedSection<Name>['data'],
): Collect<Name> {
  return (host) => ({ data: empty, complete: false, notes: [`not yet collected on ${host.platform}`] });
}
