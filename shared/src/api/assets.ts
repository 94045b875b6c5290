/** Assets: numbers, who has what, what it is worth, where it is, and counting the stock. */
import { z } from 'zod';
import { ASSET_FILTERS, LABEL_LENGTH_MAX } from './choices.ts';
import { ASSET_NUMBER_LENGTH_MAX, patternFault } from '../cmdb/asset-number.ts';
import { USEFUL_LIFE_MONTHS_MAX } from '../cmdb/asset-value.ts';
import { Lifecycle } from './cmdb.ts';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';

export const CONDITIONS = ['new', 'good', 'worn', 'damaged'] as const;
export const Condition = z.enum(CONDITIONS);
export type Condition = z.infer<typeof Condition>;
const Note = z.string().trim().max(1_000).default('');
const Day = z.iso.date();
const Ref = z.object({ id: z.string(), name: z.string() });

export const AssetSetting = z.object({
  class: z.string(),
  /** null: numbers are given by hand. */
  pattern: z.string().nullable(),
  /** What the next new one gets; null where there is no pattern. */
  next: z.string().nullable(),
  lifeMonths: z.number(),
});
export type AssetSetting = z.infer<typeof AssetSetting>;

export const Assignment = z.object({
  id: z.string(),
  ci: Ref.extend({ class: z.string(), assetNumber: z.string().nullable() }),
  /** 'out': handed to the person. 'in': taken back from them. */
  kind: z.enum(['out', 'in']),
  person: Ref,
  at: IsoTime,
  /** Day until which it was handed out; null: for good. */
  due: Day.nullable(),
  condition: Condition,
  note: z.string(),
  actor: z.string(),
  lifecycle: Lifecycle,
  /** Of one 'out': the 'in' that ended it, or null while it is out. */
  endedAt: IsoTime.nullable(),
});
export type Assignment = z.infer<typeof Assignment>;

export const AssetRow = z.object({
  id: z.string(),
  class: z.string(),
  subclass: z.string().nullable(),
  name: z.string(),
  assetNumber: z.string().nullable(),
  serial: z.string().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  lifecycle: Lifecycle,
  user: Ref.nullable(),
  location: Ref.nullable(),
  site: z.string().nullable(),
  purchaseDate: z.string().nullable(),
  ageMonths: z.number().nullable(),
  warrantyEnd: z.string().nullable(),
  warrantyDays: z.number().nullable(),
  endOfLife: z.string().nullable(),
  supplier: z.string().nullable(),
  cost: z.number().nullable(),
  currency: z.string().nullable(),
  value: z.number().nullable(),
});
export type AssetRow = z.infer<typeof AssetRow>;

export const WARRANTY_ENDING_DAYS = 90;

export const STOCKTAKE_STATES = ['found', 'seen', 'missing', 'unexpected'] as const;
export const StocktakeItem = z.object({
  id: z.string().nullable(),
  name: z.string(),
  class: z.string().nullable(),
  assetNumber: z.string().nullable(),
  /** 'found': scanned. 'seen': not scanned, its agent was heard. 'missing': neither. 'unexpected': scanned, and not of this count. */
  state: z.enum(STOCKTAKE_STATES),
  expectedAt: z.string().nullable(),
  scannedAt: IsoTime.nullable(),
  scannedBy: z.string().nullable(),
  lastSeenAt: IsoTime.nullable(),
});
export type StocktakeItem = z.infer<typeof StocktakeItem>;
export const Stocktake = z.object({
  id: z.string(),
  name: z.string(),
  site: z.string().nullable(),
  location: Ref.nullable(),
  class: z.string().nullable(),
  startedAt: IsoTime,
  startedBy: z.string(),
  endedAt: IsoTime.nullable(),
  counts: z.object({
    expected: z.number(),
    found: z.number(),
    seen: z.number(),
    missing: z.number(),
    unexpected: z.number(),
  }),
});
export type Stocktake = z.infer<typeof Stocktake>;
export const STOCKTAKE_ITEMS_MAX = 20_000;

export const LocationNode = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string().nullable(),
  address: z.string().nullable(),
  parentId: z.string().nullable(),
  /** What is right there, and with all below. */
  assets: z.number(),
  assetsBelow: z.number(),
});
export type LocationNode = z.infer<typeof LocationNode>;

const Pattern = z
  .string()
  .trim()
  .max(ASSET_NUMBER_LENGTH_MAX)
  .refine((pattern) => patternFault(pattern) === null, {
    message: 'one {seq} or {seq:5}, and of {year}, {yy}, {month} what you like',
  });

export const assetsEndpoints = {
  listAssets: endpoint({
    id: 'listAssets',
    method: 'GET',
    path: '/assets',
    right: 'read',
    tag: 'assets',
    summary:
      'What was bought, with user, location, age, warranty and value; those whose warranty ends first come first',
    query: Page.extend({
      filter: z.enum(ASSET_FILTERS).optional(),
      class: z.string().max(64).optional(),
      q: z.string().max(128).optional(),
      /** `name=value`, or a name for any value. */
      label: z.string().min(1).max(LABEL_LENGTH_MAX).optional(),
    }),
    response: listOf(AssetRow).extend({ total: z.number() }),
  }),
  findAsset: endpoint({
    id: 'findAsset',
    method: 'GET',
    path: '/assets/by-number',
    right: 'read',
    tag: 'assets',
    summary: 'The one that has an asset number',
    query: z.object({ number: z.string().min(1).max(ASSET_NUMBER_LENGTH_MAX) }),
    response: z.object({ id: z.string(), name: z.string(), class: z.string(), assetNumber: z.string() }),
  }),
  getAsset: endpoint({
    id: 'getAsset',
    method: 'GET',
    path: '/assets/:id',
    right: 'read',
    tag: 'assets',
    summary: 'The asset side of one CI',
    params: IdParams,
    response: AssetRow.extend({
      monthsLeft: z.number().nullable(),
      contract: Ref.nullable(),
      open: Assignment.nullable(),
    }),
  }),
  giveAssetNumber: endpoint({
    id: 'giveAssetNumber',
    method: 'POST',
    path: '/assets/:id/number',
    right: 'cis.write',
    tag: 'assets',
    summary: 'Give the next free number of its class',
    params: IdParams,
    response: z.object({ id: z.string(), assetNumber: z.string() }),
  }),
  archiveCi: endpoint({
    id: 'archiveCi',
    method: 'POST',
    path: '/cis/:id/archive',
    right: 'cis.write',
    tag: 'assets',
    summary:
      'Take a record off the books that no agent reports: in no list, its number is free, its relations end, its history stays',
    params: IdParams,
    response: Ref,
  }),
  unarchiveCi: endpoint({
    id: 'unarchiveCi',
    method: 'POST',
    path: '/cis/:id/unarchive',
    right: 'cis.write',
    tag: 'assets',
    summary: 'Put a record back that was taken off the books, with its number and relations',
    params: IdParams,
    response: Ref,
  }),
  checkOut: endpoint({
    id: 'checkOut',
    method: 'POST',
    path: '/assets/:id/check-out',
    right: 'assets.write',
    tag: 'assets',
    summary: 'Hand it to a person; who had it before gives it up',
    params: IdParams,
    body: z.object({
      personId: IdParams.shape.id.optional(),
      /** A person who is not recorded yet is added by name. */
      personName: z.string().trim().min(1).max(128).optional(),
      condition: Condition,
      due: Day.nullable().optional(),
      note: Note,
    }),
    response: Assignment,
  }),
  checkIn: endpoint({
    id: 'checkIn',
    method: 'POST',
    path: '/assets/:id/check-in',
    right: 'assets.write',
    tag: 'assets',
    summary: 'Take it back from whoever has it',
    params: IdParams,
    body: z.object({
      condition: Condition,
      note: Note,
      to: z.enum(['in_stock', 'in_repair', 'defective', 'retired']).default('in_stock'),
    }),
    response: Assignment,
  }),
  listAssignments: endpoint({
    id: 'listAssignments',
    method: 'GET',
    path: '/assignments',
    right: 'read',
    tag: 'assets',
    summary: 'Who was handed what, newest first',
    query: Page.extend({
      ci: IdParams.shape.id.optional(),
      person: IdParams.shape.id.optional(),
      /** 'open': not given back. 'overdue': and the day has passed. */
      state: z.enum(['open', 'overdue']).optional(),
    }),
    response: listOf(Assignment),
  }),
  getAssignment: endpoint({
    id: 'getAssignment',
    method: 'GET',
    path: '/assignments/:id',
    right: 'read',
    tag: 'assets',
    summary: 'One handing over, for its receipt',
    params: IdParams,
    response: Assignment,
  }),
  listAssetSettings: endpoint({
    id: 'listAssetSettings',
    method: 'GET',
    path: '/asset-settings',
    right: 'read',
    tag: 'assets',
    summary: 'Number pattern and useful life of each class that can be bought',
    response: z.object({ items: z.array(AssetSetting) }),
  }),
  putAssetSetting: endpoint({
    id: 'putAssetSetting',
    method: 'PUT',
    path: '/asset-settings/:class',
    right: 'classes.write',
    tag: 'assets',
    summary: 'Set the number pattern and useful life of a class',
    params: z.object({ class: z.string().min(1).max(64) }),
    body: z.object({
      pattern: Pattern.nullable(),
      lifeMonths: z.int().min(1).max(USEFUL_LIFE_MONTHS_MAX),
    }),
    response: AssetSetting,
  }),
  listLocations: endpoint({
    id: 'listLocations',
    method: 'GET',
    path: '/locations',
    right: 'read',
    tag: 'assets',
    summary: 'The locations as a tree, with what is at each',
    response: z.object({ items: z.array(LocationNode) }),
  }),
  listStocktakes: endpoint({
    id: 'listStocktakes',
    method: 'GET',
    path: '/stocktakes',
    right: 'read',
    tag: 'assets',
    summary: 'Counts of the stock, newest first',
    response: z.object({ items: z.array(Stocktake) }),
  }),
  createStocktake: endpoint({
    id: 'createStocktake',
    method: 'POST',
    path: '/stocktakes',
    right: 'assets.write',
    tag: 'assets',
    summary: 'Begin to count the stock of a place, a location or a class',
    status: 201,
    body: z.object({
      name: z.string().trim().min(1).max(128),
      site: z.string().trim().min(1).max(64).nullable().default(null),
      locationId: IdParams.shape.id.nullable().default(null),
      class: z.string().max(64).nullable().default(null),
    }),
    response: Stocktake,
  }),
  getStocktake: endpoint({
    id: 'getStocktake',
    method: 'GET',
    path: '/stocktakes/:id',
    right: 'read',
    tag: 'assets',
    summary: 'One count with every difference',
    params: IdParams,
    response: Stocktake.extend({ items: z.array(StocktakeItem) }),
  }),
  scanStocktake: endpoint({
    id: 'scanStocktake',
    method: 'POST',
    path: '/stocktakes/:id/scans',
    right: 'assets.write',
    tag: 'assets',
    summary: 'Tick what was found; the same once more changes nothing',
    params: IdParams,
    body: z.object({ code: z.string().trim().min(1).max(ASSET_NUMBER_LENGTH_MAX) }),
    response: StocktakeItem,
  }),
  endStocktake: endpoint({
    id: 'endStocktake',
    method: 'POST',
    path: '/stocktakes/:id/end',
    right: 'assets.write',
    tag: 'assets',
    summary: 'End a count; its differences stay as they are then',
    params: IdParams,
    response: Stocktake,
  }),
};
