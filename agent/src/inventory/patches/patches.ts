/** Section `patches`: updates that are no packages. Linux has none: there, a patch is a package's next version. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';

export const patches: SectionCollector<'patches'> = {
  name: 'patches',
  collect: (host) =>
    collectOnPlatform(host, {
      linux: () => ({ data: { patches: [] }, complete: true, notes: [] }),
      elsewhere: notYetCollected<'patches'>({}),
    }),
};
