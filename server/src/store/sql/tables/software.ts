/** Tables of the register of software and of the licences. */
import type { LicenceFields, SoftwareRuleFields } from '@muster/shared/api/software.ts';
import type { Kit } from '../kit.ts';

export function softwareTables(k: Kit) {
  /** How many machines have a package in a version; made from the installations, package by package. */
  const softwareCounts = k.table(
    'software_counts',
    {
      packageId: k.big('package_id').notNull(),
      version: k.text('version').notNull(),
      /** '': not told. */
      publisher: k.text('publisher').notNull(),
      count: k.int('count').notNull(),
      firstSeenAtMs: k.millis('first_seen_at_ms').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.packageId, t.version, t.publisher] })],
  );
  /** What people said of products. */
  const softwareNames = k.table('software_names', {
    id: k.text('id').primaryKey(),
    name: k.text('name'),
    into: k.text('merged_into'),
  });
  const softwareRules = k.table('software_rules', {
    id: k.text('id').primaryKey(),
    rule: k.json<SoftwareRuleFields>('rule').notNull(),
  });
  const licences = k.table('licences', {
    /** Of the CI. */
    id: k.text('id').primaryKey(),
    licence: k.json<LicenceFields>('licence').notNull(),
  });
  return { softwareCounts, softwareNames, softwareRules, licences };
}
