/** Whether a program is there, without starting it. */
import type { Host } from '../host.ts';

/** The path that the host gives to what it runs. */
const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

/** Its path; null where it is not installed. */
export function installedProgram(host: Host, name: string): string | null {
  return FOLDERS.map((folder) => `${folder}/${name}`).find((path) => host.modifiedMs(path) !== null) ?? null;
}
