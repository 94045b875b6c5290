/** Tables of the CMDB: CIs, relations, parts, keys, software, sections, history, identity traces. */
import type { IndependentClass, PartClass } from '@muster/shared/cmdb/classes.ts';
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { SectionHead } from '../../../cmdb/identity-record.ts';
import type { AttributeValue } from '../../../cmdb/picture.ts';
import type {
  Attributes,
  HistoryRow,
  IdentityKey,
  LifecycleState,
  RelationEdge,
  TraceRow,
} from '../../../cmdb/store.ts';
import type { Kit } from '../kit.ts';

export function cmdbTables(k: Kit) {
  const cis = k.table(
    'cis',
    {
      id: k.text('id').primaryKey(),
      class: k.text('class').$type<IndependentClass>().notNull(),
      subclass: k.text('subclass'),
      classLocked: k.bool('class_locked').notNull(),
      name: k.text('name').notNull(),
      nameLocked: k.bool('name_locked').notNull(),
      lifecycle: k.text('lifecycle').$type<LifecycleState>().notNull(),
      criticality: k.int('criticality').notNull(),
      assetNumber: k.text('asset_number'),
      owner: k.text('owner'),
      supportGroup: k.text('support_group'),
      serviceHours: k.text('service_hours'),
      site: k.text('site'),
      tags: k.json<readonly string[]>('tags').notNull(),
      agentId: k.text('agent_id'),
      placeholder: k.bool('placeholder').notNull(),
      mergedInto: k.text('merged_into'),
      createdAtMs: k.millis('created_at_ms').notNull(),
      attributes: k.json<Attributes>('attributes').notNull(),
    },
    (t) => [k.index('cis_name').on(t.name, t.id), k.index('cis_class').on(t.class, t.name, t.id)],
  );
  const parts = k.table(
    'parts',
    {
      id: k.text('id').primaryKey(),
      machineId: k
        .text('machine_id')
        .notNull()
        .references(() => cis.id),
      class: k.text('class').$type<PartClass>().notNull(),
      section: k.text('section').$type<InventorySection>().notNull(),
      name: k.text('name').notNull(),
      keys: k.json<readonly string[]>('keys').notNull(),
      attributes: k.json<Attributes>('attributes').notNull(),
      absentReports: k.int('absent_reports').notNull(),
      createdAtMs: k.millis('created_at_ms').notNull(),
      removedAtMs: k.millis('removed_at_ms'),
    },
    (t) => [
      k.index('parts_machine').on(t.machineId),
      k.index('parts_class').on(t.class, t.removedAtMs, t.name, t.id),
    ],
  );
  const machineKeys = k.table(
    'machine_keys',
    {
      machineId: k
        .text('machine_id')
        .notNull()
        .references(() => cis.id),
      kind: k.text('kind').$type<IdentityKey['kind']>().notNull(),
      value: k.text('value').notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.machineId, t.kind, t.value] }),
      k.index('machine_keys_value').on(t.kind, t.value),
    ],
  );
  /** One row per package name in the whole fleet; installations point at it. */
  const products = k.table(
    'software_products',
    {
      id: k.big('id').primaryKey(),
      key: k.text('key').notNull().unique(),
      name: k.text('name').notNull(),
      architecture: k.text('architecture'),
      source: k.text('source').$type<SoftwarePackage['source']>().notNull(),
    },
    (t) => [k.index('software_products_name').on(t.name)],
  );
  const installations = k.table(
    'software_installations',
    {
      machineId: k
        .text('machine_id')
        .notNull()
        .references(() => cis.id),
      productId: k
        .big('product_id')
        .notNull()
        .references(() => products.id),
      version: k.text('version').notNull(),
      publisher: k.text('publisher'),
      installedAtMs: k.millis('installed_at_ms'),
      sizeBytes: k.big('size_bytes'),
      firstSeenAtMs: k.millis('first_seen_at_ms').notNull(),
      absentReports: k.int('absent_reports').notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.machineId, t.productId] }),
      k.index('software_installations_product').on(t.productId),
    ],
  );
  const sections = k.table(
    'machine_sections',
    {
      machineId: k
        .text('machine_id')
        .notNull()
        .references(() => cis.id),
      section: k.text('section').$type<InventorySection>().notNull(),
      hash: k.text('hash').notNull(),
      complete: k.bool('complete').notNull(),
      reportedAtMs: k.millis('reported_at_ms').notNull(),
      confirmedAtMs: k.millis('confirmed_at_ms').notNull(),
      source: k.text('source').$type<SectionHead['source']>().notNull(),
      reporter: k.text('reporter').notNull(),
      missing: k.bool('missing').notNull(),
      leftOut: k.json<readonly string[]>('left_out').notNull(),
      /** zstd of the JSON text. */
      data: k.blob('data').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.machineId, t.section] })],
  );
  const ciHistory = k.table(
    'ci_history',
    {
      id: k.text('id').primaryKey(),
      atMs: k.millis('at_ms').notNull(),
      ciId: k.text('ci_id').notNull(),
      machineId: k.text('machine_id').notNull(),
      ciName: k.text('ci_name').notNull(),
      ciClass: k.text('ci_class').notNull(),
      kind: k.text('kind').$type<HistoryRow['kind']>().notNull(),
      attribute: k.text('attribute'),
      /** JSON text; null stands as the word. */
      before: k.json<{ value: AttributeValue }>('before').notNull(),
      after: k.json<{ value: AttributeValue }>('after').notNull(),
      source: k.text('source').$type<HistoryRow['source']>().notNull(),
      actor: k.text('actor').notNull(),
      causeId: k.text('cause_id'),
    },
    (t) => [
      k.index('ci_history_machine').on(t.machineId, t.atMs, t.id),
      k.index('ci_history_time').on(t.atMs, t.id),
    ],
  );
  const identityTraces = k.table(
    'identity_traces',
    {
      id: k.text('id').primaryKey(),
      atMs: k.millis('at_ms').notNull(),
      ciId: k.text('ci_id').notNull(),
      agentId: k.text('agent_id').notNull(),
      decision: k.text('decision').$type<TraceRow['decision']>().notNull(),
      rule: k.text('rule').notNull(),
      reason: k.text('reason').notNull(),
      keys: k.json<TraceRow['keys']>('keys').notNull(),
      rejected: k.json<TraceRow['rejected']>('rejected').notNull(),
    },
    (t) => [k.index('identity_traces_ci').on(t.ciId, t.atMs)],
  );
  /** Ends are CIs or parts. */
  const relations = k.table(
    'ci_relations',
    {
      id: k.text('id').primaryKey(),
      type: k.text('type').$type<RelationEdge['type']>().notNull(),
      fromId: k.text('from_id').notNull(),
      toId: k.text('to_id').notNull(),
      source: k.text('source').$type<RelationEdge['source']>().notNull(),
      actor: k.text('actor').notNull(),
      sinceMs: k.millis('since_ms').notNull(),
      endedAtMs: k.millis('ended_at_ms'),
      group: k.text('group_name'),
      needed: k.int('needed'),
    },
    (t) => [k.index('ci_relations_from').on(t.fromId), k.index('ci_relations_to').on(t.toId)],
  );
  return { cis, relations, parts, machineKeys, products, installations, sections, ciHistory, identityTraces };
}
