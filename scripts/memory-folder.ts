/** Where small files of tests lie: in memory. Thousands of databases are made there, and none outlives its test; a disk would write each through. */
import { readFileSync, statfsSync } from 'node:fs';

const FOLDER = '/dev/shm';
/** Some files make whole programs of 100 MiB, several at a time. */
const FREE_BYTES_MIN = 4 * 2 ** 30;

/** null where there is no such folder, too little room in it, or programs must not run there. */
export function memoryFolder(): string | null {
  if (process.platform !== 'linux') return null;
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, folder, type]) => folder === FOLDER && type === 'tmpfs');
  const options = mount?.[3]?.split(',');
  if (!options?.includes('rw') || options.includes('noexec')) return null;
  const { bavail, bsize } = statfsSync(FOLDER);
  return bavail * bsize < FREE_BYTES_MIN ? null : FOLDER;
}
