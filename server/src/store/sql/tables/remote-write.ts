/** Tables of the exchange with Prometheus: mappings, targets, series that came from senders. */
import type { MappingFields, TargetFields } from '@muster/shared/api/remote-write.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { Kit } from '../kit.ts';

export function remoteWriteTables(k: Kit) {
  const writeMappings = k.table('write_mappings', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    enabled: k.bool('enabled').notNull(),
    machine: k.json<MappingFields['machine']>('machine').notNull(),
    where: k.json<MappingFields['where']>('where').notNull(),
    lines: k.json<MappingFields['lines']>('lines').notNull(),
    createdAtMs: k.millis('created_at_ms').notNull(),
  });
  const writeTargets = k.table('write_targets', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    enabled: k.bool('enabled').notNull(),
    url: k.text('url').notNull(),
    /** With the secret, which no answer of the API shows. */
    auth: k.json<TargetFields['auth']>('auth').notNull(),
    labels: k.json<TargetFields['labels']>('labels').notNull(),
    metrics: k.json<TargetFields['metrics']>('metrics').notNull(),
    classes: k.json<TargetFields['classes']>('classes').notNull(),
    createdAtMs: k.millis('created_at_ms').notNull(),
  });
  const foreignSeries = k.table(
    'foreign_series',
    {
      ciId: k.text('ci_id').notNull(),
      metric: k.text('metric').$type<MetricName>().notNull(),
      instance: k.text('instance').notNull(),
      mappingId: k.text('mapping_id').notNull(),
      sender: k.text('sender').notNull(),
      sinceMs: k.millis('since_ms').notNull(),
      seenMs: k.millis('seen_ms').notNull(),
      agentReports: k.bool('agent_reports').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.ciId, t.metric, t.instance] })],
  );
  return { writeMappings, writeTargets, foreignSeries };
}
