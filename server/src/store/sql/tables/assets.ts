/** Tables of the asset side: settings of classes, things handed out, counts of the stock. */
import type { Condition, StocktakeItem } from '@muster/shared/api/assets.ts';
import type { LifecycleState } from '@muster/shared/cmdb/lifecycle.ts';
import type { Kit } from '../kit.ts';

export function assetTables(k: Kit) {
  const assetSettings = k.table('asset_settings', {
    class: k.text('class').primaryKey(),
    pattern: k.text('pattern'),
    lifeMonths: k.int('life_months').notNull(),
    counters: k.json<Readonly<Record<string, number>>>('counters').notNull(),
  });
  const assignments = k.table(
    'assignments',
    {
      id: k.text('id').primaryKey(),
      ciId: k.text('ci_id').notNull(),
      kind: k.text('kind').$type<'out' | 'in'>().notNull(),
      personId: k.text('person_id').notNull(),
      personName: k.text('person_name').notNull(),
      atMs: k.millis('at_ms').notNull(),
      due: k.text('due'),
      condition: k.text('condition').$type<Condition>().notNull(),
      note: k.text('note').notNull(),
      actor: k.text('actor').notNull(),
      lifecycle: k.text('lifecycle').$type<LifecycleState>().notNull(),
      endedAtMs: k.millis('ended_at_ms'),
    },
    (t) => [
      k.index('assignments_ci').on(t.ciId, t.id),
      k.index('assignments_person').on(t.personId, t.id),
      k.index('assignments_due').on(t.endedAtMs, t.due),
    ],
  );
  const stocktakes = k.table('stocktakes', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    site: k.text('site'),
    locationId: k.text('location_id'),
    class: k.text('class'),
    startedAtMs: k.millis('started_at_ms').notNull(),
    startedBy: k.text('started_by').notNull(),
    endedAtMs: k.millis('ended_at_ms'),
    result: k.json<readonly StocktakeItem[]>('result'),
  });
  const stocktakeScans = k.table(
    'stocktake_scans',
    {
      stocktakeId: k.text('stocktake_id').notNull(),
      code: k.text('code').notNull(),
      ciId: k.text('ci_id'),
      atMs: k.millis('at_ms').notNull(),
      actor: k.text('actor').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.stocktakeId, t.code] })],
  );
  return { assetSettings, assignments, stocktakes, stocktakeScans };
}
