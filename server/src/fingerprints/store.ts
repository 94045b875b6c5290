/** The port of the fingerprint settings. */
import type { FingerprintDirectories } from '@muster/shared/api/fingerprints.ts';

export type MachineClassName = keyof FingerprintDirectories;

/** Contract. A class that was never set is not there; `put` replaces all classes that it names, together or not at all. */
export interface FingerprintStore {
  all(): Promise<Partial<FingerprintDirectories>>;
  put(directories: FingerprintDirectories): Promise<void>;
}
