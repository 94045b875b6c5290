/** Which directories are fingerprinted, by class of machine; and a section of a machine's inventory as it was reported. */
import { z } from 'zod';
import { MACHINE_CLASSES } from '../cmdb/classes.ts';
import { INVENTORY_SECTIONS } from '../wire/inventory-sections.ts';
import { endpoint, IsoTime } from './endpoint.ts';

export const FINGERPRINT_DIRECTORIES_MAX = 64;
/** UTF-8 of all paths of one class: a quarter of the message in which an agent is told its whole configuration. */
export const FINGERPRINT_DIRECTORIES_BYTES_MAX = 16 << 10;

/** As they count against FINGERPRINT_DIRECTORIES_BYTES_MAX. */
export function directoriesBytes(directories: readonly string[]): number {
  const utf8 = new TextEncoder();
  return directories.reduce((bytes, path) => bytes + utf8.encode(path).length, 0);
}

/** Absolute, as the machine writes it. An agent refuses what is not on its own list, and says so. */
const Directory = z
  .string()
  .trim()
  .min(2)
  .max(1_024)
  .regex(/^(\/|[A-Za-z]:\\)/, 'an absolute path, as in /etc or C:\\ProgramData');

export const FingerprintDirectories = z.record(
  z.enum(MACHINE_CLASSES),
  z.array(Directory).max(FINGERPRINT_DIRECTORIES_MAX),
);
export type FingerprintDirectories = z.infer<typeof FingerprintDirectories>;

/** Servers are configured below /etc; of a workstation, what decides who may enter and what starts by itself. */
export const FINGERPRINT_DIRECTORIES_DEFAULT: FingerprintDirectories = {
  Server: ['/etc'],
  VirtualMachine: ['/etc'],
  Workstation: ['/etc/cron.d', '/etc/pam.d', '/etc/ssh', '/etc/sudoers.d', '/etc/systemd/system'],
};

export const fingerprintsEndpoints = {
  getFingerprints: endpoint({
    id: 'getFingerprints',
    method: 'GET',
    path: '/settings/fingerprints',
    right: 'read',
    tag: 'inventory',
    summary: 'Directories that are fingerprinted, by class of machine',
    response: z.object({ directories: FingerprintDirectories }),
  }),
  setFingerprints: endpoint({
    id: 'setFingerprints',
    method: 'PUT',
    path: '/settings/fingerprints',
    right: 'cis.write',
    tag: 'inventory',
    summary: 'Chooses the directories that are fingerprinted; connected agents hear of it at once',
    body: z.object({ directories: FingerprintDirectories }),
    response: z.object({ directories: FingerprintDirectories }),
  }),
  ciSections: endpoint({
    id: 'ciSections',
    method: 'GET',
    path: '/cis/:id/sections',
    right: 'read',
    tag: 'inventory',
    summary: 'How long each list of the inventory is, as it was reported last',
    params: z.object({ id: z.string() }),
    response: z.object({
      /** By section and list, as in 'sockets.listening'; packages are counted by their own list. */
      counts: z.record(z.string(), z.number()),
    }),
  }),
  ciSection: endpoint({
    id: 'ciSection',
    method: 'GET',
    path: '/cis/:id/sections/:section',
    right: 'read',
    tag: 'inventory',
    summary: 'One section of the inventory as it was reported last',
    params: z.object({ id: z.string(), section: z.enum(INVENTORY_SECTIONS) }),
    response: z.object({
      /** null: the section was never reported. */
      reportedAt: IsoTime.nullable(),
      confirmedAt: IsoTime.nullable(),
      /** false: something could not be read, so what is absent proves nothing. */
      complete: z.boolean(),
      /** In the form of the section's schema (`shared/src/inventory/sections.ts`); null where it was never reported. */
      data: z.unknown(),
    }),
  }),
};
