/** The directories that each class of machine is asked to fingerprint; held in memory, because every connection asks. */
import {
  directoriesBytes,
  FINGERPRINT_DIRECTORIES_BYTES_MAX,
  FINGERPRINT_DIRECTORIES_DEFAULT,
  type FingerprintDirectories,
} from '@muster/shared/api/fingerprints.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { AppError } from '../errors.ts';
import type { FingerprintStore } from './store.ts';

export interface Fingerprints {
  directories(): FingerprintDirectories;
  /** Of a machine of this class; empty for a class that is none of a machine. */
  directoriesOf(ciClass: string | undefined): readonly string[];
  /** Without doublets and blanks around. @throws AppError `input-invalid`: more than an agent is told */
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
      for (const [name, list] of Object.entries(next)) requireTellable(name, list);
      await store.put(next);
      current = next;
      for (const listener of listeners) listener();
      return next;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

function requireTellable(ciClass: string, directories: readonly string[]): void {
  const bytes = directoriesBytes(directories);
  if (bytes > FINGERPRINT_DIRECTORIES_BYTES_MAX)
    throw new AppError(
      'input-invalid',
      `The ${directories.length} paths of ${ciClass} have ${bytes} bytes, and at most ${FINGERPRINT_DIRECTORIES_BYTES_MAX} can be told: name fewer directories, or the one above them.`,
    );
}
