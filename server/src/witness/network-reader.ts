/** Reads where machines stand from their inventory, a few at a time: after a start there are thousands to read. */
import { type SectionData, SECTION_SCHEMAS } from '@muster/shared/inventory/sections.ts';

/** Machines read in one tick. */
export const NETWORKS_READ_MAX = 10;

type NetworkSection = SectionData['network'];

export interface NetworkReaderDeps {
  /** The section as it is kept; undefined: none. */
  readonly read: (ciId: string) => Promise<unknown>;
  readonly found: (ciId: string, section: NetworkSection | null) => void;
}

export interface NetworkReader {
  /** Its inventory was reported, or it connected for the first time. */
  changed(ciId: string): void;
  connected(ciId: string): void;
  /** Once a second. */
  tick(): Promise<void>;
}

export function createNetworkReader({ read, found }: NetworkReaderDeps): NetworkReader {
  const waiting = new Set<string>();
  const known = new Set<string>();
  let reading = false;
  return {
    changed: (ciId) => void waiting.add(ciId),
    connected: (ciId) => {
      if (!known.has(ciId)) waiting.add(ciId);
    },
    tick: async () => {
      if (reading || waiting.size === 0) return;
      reading = true;
      try {
        for (const ciId of [...waiting].slice(0, NETWORKS_READ_MAX)) {
          waiting.delete(ciId);
          known.add(ciId);
          const parsed = SECTION_SCHEMAS.network.safeParse(await read(ciId));
          found(ciId, parsed.success ? parsed.data : null);
        }
      } finally {
        reading = false;
      }
    },
  };
}
