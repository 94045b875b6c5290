/** The directories that each class of machine is asked to fingerprint; held in memory, because every connection asks. */
import {
  FINGERPRINT_DIRECTORIES_DEFAULT,
  type FingerprintDirectories,
} from '@muster/shared/api/fingerprints.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import type { FingerprintStore } from './store.ts';

export interface Fingerprints {
  directories(): FingerprintDirectories;
  /** Of a machine of this class; empty for a class that is none of a machine. */
  directoriesOf(ciClass: string | undefined): readonly string[];
  /** Without doublets and blanks around. */
  set(directories: FingerprintDirectories): Promise<FingerprintDirectories>;
  /** Called after the settings have changed. */
  onChange(listener: () => void): void;
}

export async function createFingerprints(store: FingerprintStore): Promise<Fingerprints> {
  let current: FingerprintDirectories = { ...FINGERPRINT_DIRECTORIES_DEFAULT, ...(await store.all()) };
  const listeners: (() => void)[] = [];
  return {
    directories: () => current,
    directoriesOf: (ciClass) => (ciClass !== undefined && isMachineClass(ciClass) ? current[ciClass] : []),
    set: async (directories) => {
      const next = Object.fromEntries(
        Object.entries(directories).map(([name, list]) => [
          name,
          [...new Set(list.map((one) => one.trim()))],
        ]),
      ) as FingerprintDirectories;
      await store.put(next);
      current = next;
      for (const listener of listeners) listener();
      return next;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
