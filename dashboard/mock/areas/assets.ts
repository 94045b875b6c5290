/** The mock's asset side: assets of the invented machines, one import, one stock-take, locations, classes. */
import type { AssetRow, Assignment, LocationNode, StocktakeItem } from '@muster/shared/api/assets.ts';
import type { SchemaClass } from '@muster/shared/api/classes.ts';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import type { ImportDetail, ImportRow } from '@muster/shared/api/imports.ts';
import { daysUntil, valueNow, wholeMonths } from '@muster/shared/cmdb/asset-value.ts';
import { classRegistry, type OwnAttribute, type OwnClass } from '@muster/shared/cmdb/class-registry.ts';
import { CI_CLASSES, type CiClass, isMachineClass, isPartClass } from '@muster/shared/cmdb/classes.ts';
import { RELATION_TYPES, type RelationType } from '@muster/shared/cmdb/relation-types.ts';
import { DAY_MS, toIso } from '@muster/shared/time.ts';
import { Refusal } from '../refusal.ts';
import type { Handlers } from '../handlers.ts';
import { hash } from '../signal.ts';
import { isLabelledIn, type World } from '../world.ts';

const PEOPLE = ['Liu Fang', 'Wang Wei', 'Chen Jie', 'Anna Weber'];
const MODELS = ['ThinkPad T14', 'OptiPlex 7010', 'PowerEdge R650'];

export function assetHandlers(world: World): Handlers {
  const day = (atMs: number) => toIso(atMs).slice(0, 10);
  const rowOf = ({ id, class: ofClass, name, lifecycle, site, details }: CiDetail): AssetRow => {
    const share = hash(`${id} asset`);
    const purchaseDate = day(world.startMs - share * 1_500 * DAY_MS);
    const warrantyEnd = day(Date.parse(purchaseDate) + 1_095 * DAY_MS);
    const cost = 4_000 + Math.round(share * 80) * 100;
    const text = (key: string) => {
      const value = details.find((each) => each.name === key)?.value;
      return typeof value === 'string' ? value : null;
    };
    const person = PEOPLE[Math.floor(share * PEOPLE.length)] ?? null;
    return {
      id,
      class: ofClass,
      subclass: null,
      name,
      assetNumber: numberOf(id),
      serial: text('serial'),
      manufacturer: text('manufacturer'),
      model: text('model') ?? MODELS[Math.floor(share * MODELS.length)] ?? null,
      lifecycle,
      user: person === null ? null : { id: `ci_person_${person}`, name: person },
      location: site === null ? null : { id: 'ci_loc_2', name: 'Room 201' },
      site,
      purchaseDate,
      ageMonths: wholeMonths(purchaseDate, world.startMs),
      warrantyEnd,
      warrantyDays: daysUntil(warrantyEnd, world.startMs),
      endOfLife: null,
      supplier: 'Huadong Computers',
      cost,
      currency: 'CNY',
      value: valueNow({ cost, purchaseDate }, 48, world.startMs)?.value ?? null,
    };
  };
  const numberOf = (id: string) => `PC-2026-${id.replace(/\D/g, '').padStart(5, '0')}`;
  const rows = () =>
    world.machines
      .map(({ detail }) => rowOf(detail))
      .toSorted((a, b) => (a.warrantyDays ?? 0) - (b.warrantyDays ?? 0));
  const assignment = (row: AssetRow, kind: 'out' | 'in' = 'out'): Assignment => ({
    id: `asg_${row.id}`,
    ci: { id: row.id, name: row.name, class: row.class, assetNumber: row.assetNumber },
    kind,
    person: row.user ?? { id: 'ci_person', name: 'Liu Fang' },
    at: toIso(world.startMs - 20 * DAY_MS),
    due: day(world.startMs - 2 * DAY_MS),
    condition: 'good',
    note: '',
    actor: 'user:admin',
    lifecycle: row.lifecycle,
    endedAt: null,
  });
  const one = (id: string): AssetRow => {
    const found = rows().find((row) => row.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no configuration item ${id}.`);
    return found;
  };
  const counted = (): StocktakeItem[] =>
    rows()
      .slice(0, 12)
      .map((row, i) => ({
        id: row.id,
        name: row.name,
        class: row.class,
        assetNumber: row.assetNumber,
        state: (['found', 'found', 'seen', 'missing'] as const)[i % 4] ?? 'found',
        expectedAt: 'Room 201',
        scannedAt: i % 4 < 2 ? toIso(world.startMs) : null,
        scannedBy: i % 4 < 2 ? 'user:admin' : null,
        lastSeenAt: null,
      }));
  const stocktake = (items = counted()) => {
    const count = (state: StocktakeItem['state']) => items.filter((item) => item.state === state).length;
    return {
      id: 'stk_1',
      name: 'Autumn',
      site: 'Hangzhou',
      location: null,
      class: null,
      startedAt: toIso(world.startMs - DAY_MS),
      startedBy: 'user:admin',
      endedAt: null,
      counts: {
        expected: items.length,
        found: count('found'),
        seen: count('seen'),
        missing: count('missing'),
        unexpected: 0,
      },
    };
  };
  return {
    listAssets: ({ query }) => {
      const all = rows().filter(
        (row) =>
          (!query.q || JSON.stringify(row).toLowerCase().includes(query.q.toLowerCase())) &&
          (query.label === undefined || isLabelledIn(world, row.id, query.label)),
      );
      return { items: all.slice(0, query.limit), nextCursor: null, total: all.length };
    },
    findAsset: ({ query }) => {
      const found = rows().find((row) => row.assetNumber === query.number);
      if (!found) throw new Refusal(404, 'not-found', `Nothing has the asset number ${query.number}.`);
      return { id: found.id, name: found.name, class: found.class, assetNumber: found.assetNumber ?? '' };
    },
    getAsset: ({ params }) => {
      const row = one(params.id);
      return { ...row, monthsLeft: 20, contract: null, open: assignment(row) };
    },
    listAssignments: ({ query }) => ({
      items: (query.ci ? [one(query.ci)] : rows().slice(0, 6)).map((row) => assignment(row)),
      nextCursor: null,
    }),
    getAssignment: ({ params }) => assignment(one(params.id.replace('asg_', ''))),
    listAssetSettings: () => ({
      items: ['Server', 'Workstation', 'VirtualMachine', 'NetworkDevice', 'Printer', 'Peripheral'].map(
        (name) => ({
          class: name,
          pattern: name === 'Workstation' ? 'PC-{year}-{seq:5}' : null,
          next: name === 'Workstation' ? 'PC-2026-00214' : null,
          lifeMonths: 48,
        }),
      ),
    }),
    listLocations: () => ({ items: LOCATIONS }),
    listStocktakes: () => ({ items: [stocktake()] }),
    getStocktake: () => ({ ...stocktake(), items: counted() }),
    scanStocktake: () => {
      const [item] = counted();
      if (!item) throw new Refusal(404, 'not-found', 'There is nothing to scan.');
      return item;
    },
    listImports: () => ({ items: [importOf(world.startMs)] }),
    getImport: () => importOf(world.startMs),
    listImportRows: () => ({ items: importRows(), nextCursor: null }),
    classSchema: schema,
  };
}

const LOCATIONS: LocationNode[] = [
  {
    id: 'ci_loc_1',
    name: 'Hangzhou',
    kind: 'site',
    address: null,
    parentId: null,
    assets: 0,
    assetsBelow: 14,
  },
  {
    id: 'ci_loc_3',
    name: 'Building A',
    kind: 'building',
    address: null,
    parentId: 'ci_loc_1',
    assets: 2,
    assetsBelow: 14,
  },
  {
    id: 'ci_loc_2',
    name: 'Room 201',
    kind: 'room',
    address: null,
    parentId: 'ci_loc_3',
    assets: 12,
    assetsBelow: 12,
  },
];

function importOf(nowMs: number): ImportDetail {
  return {
    id: 'imp_1',
    name: 'assets-2026.csv',
    state: 'checked',
    createdAt: toIso(nowMs - DAY_MS),
    actor: 'user:admin',
    rows: 4,
    counts: { new: 1, changed: 1, unchanged: 1, error: 1 },
    done: 0,
    appliedAt: null,
    undoneAt: null,
    kept: 0,
    fault: null,
    format: 'csv',
    encoding: 'GB18030',
    delimiter: ';',
    columns: [
      { header: '资产编号', samples: ['PC-2026-00001', 'PC-2026-00002'], guess: 'assetNumber' },
      { header: '名称', samples: ['ws-001', 'ws-002'], guess: 'name' },
      { header: '购买日期', samples: ['31/03/2026'], guess: 'attribute:purchaseDate' },
      { header: '使用人', samples: ['Liu Fang'], guess: 'relation:user' },
      { header: '其他', samples: ['x'], guess: null },
    ],
    preview: [],
    mapping: null,
  };
}

function importRows(): ImportRow[] {
  const row = (line: number, more: Partial<ImportRow>): ImportRow => ({
    line,
    outcome: 'unchanged',
    name: `ws-00${line}`,
    ci: null,
    matchedBy: null,
    changes: [],
    kept: [],
    problems: [],
    undo: null,
    left: null,
    ...more,
  });
  return [
    row(2, {
      outcome: 'new',
      changes: [
        { field: 'assetNumber', before: null, after: 'PC-2026-00001' },
        { field: 'purchaseDate', before: null, after: '2026-03-31' },
        { field: 'user', before: null, after: 'Liu Fang' },
      ],
    }),
    row(3, {
      outcome: 'changed',
      matchedBy: 'serial',
      ci: { id: 'ci_0002', name: 'ws-003' },
      changes: [{ field: 'cost', before: 5_000, after: 6_499 }],
      kept: ['owner'],
    }),
    row(4, { matchedBy: 'assetNumber', ci: { id: 'ci_0003', name: 'ws-004' } }),
    row(5, {
      outcome: 'error',
      problems: [
        {
          column: 2,
          code: 'value-date',
          data: { value: '31/02/2026' },
          message: '"31/02/2026" should be a date such as 2026-03-31 or 31/03/2026.',
        },
      ],
    }),
  ];
}

export const OWN_CLASSES: OwnClass[] = [
  { name: 'Kiosk', parent: 'Workstation', title: { en: 'Kiosk', zh: '自助终端' }, archived: false },
];
const OWN_ATTRIBUTES: OwnAttribute[] = [
  {
    id: 'attr_1',
    class: 'Workstation',
    name: 'imageVersion',
    definition: {
      title: { en: 'Image version', zh: '镜像版本' },
      form: 'choice',
      tracked: true,
      by: 'person',
      options: ['2025-10', '2026-04'],
      unit: null,
      required: false,
    },
    archived: false,
  },
];

function schema() {
  const registry = classRegistry(OWN_CLASSES, OWN_ATTRIBUTES);
  const relations = Object.entries(RELATION_TYPES as Record<string, RelationType>);
  const of = (name: string, more: Partial<SchemaClass>): SchemaClass => ({
    name,
    title: registry.titleOf(name) ?? { en: name, zh: name },
    group: 'record',
    parent: 'Item',
    own: false,
    archived: false,
    attributes: registry.attributesOf(name).map((each) => ({
      name: each.name,
      title: each.definition.title,
      form: each.definition.form,
      options: each.definition.options ? [...each.definition.options] : null,
      unit: each.own?.definition.unit ?? null,
      required: each.own?.definition.required ?? false,
      by: each.definition.by,
      tracked: each.definition.tracked,
      origin: each.origin,
      ownId: each.own?.id ?? null,
    })),
    relations: relations.slice(0, 4).map(([type, definition]) => ({
      type,
      title: definition.title,
      direction: 'from' as const,
      other: [...definition.to],
      max: definition.fromMax,
      by: definition.by,
    })),
    ...more,
  });
  const names = Object.keys(CI_CLASSES) as CiClass[];
  return {
    items: [
      of('Item', { group: 'abstract', parent: null, relations: [] }),
      of('Computer', { group: 'abstract', relations: [] }),
      ...names.map((name) =>
        of(
          name,
          isMachineClass(name)
            ? { group: 'machine', parent: 'Computer' }
            : isPartClass(name)
              ? { group: 'part', parent: null }
              : {},
        ),
      ),
      of('Kiosk', { group: 'machine', parent: 'Workstation', own: true }),
    ],
    ownClasses: OWN_CLASSES,
    ownAttributes: OWN_ATTRIBUTES.map(({ definition, ...attribute }) => ({
      ...attribute,
      title: definition.title,
      form: definition.form,
      options: definition.options ? [...definition.options] : null,
      unit: definition.unit,
      required: definition.required,
    })),
  };
}
