/** Table of the fingerprint settings: directories by class of machine. */
import type { Kit } from '../kit.ts';
import type { MachineClassName } from '../../../fingerprints/store.ts';

export function fingerprintTables(k: Kit) {
  const fingerprintSettings = k.table('fingerprint_settings', {
    class: k.text('class').$type<MachineClassName>().primaryKey(),
    directories: k.json<string[]>('directories').notNull(),
  });
  return { fingerprintSettings };
}
