/** All machines at once, for lists: what they are, how they do, and their last day; and the views people keep of them. */
import { z } from 'zod';
import { CiSummary, PresenceStateName } from './cmdb.ts';
import { endpoint, IdParams, IsoTime, IsoTimeInput } from './endpoint.ts';

/** Attributes of a machine that lists show. */
export const LISTED_ATTRIBUTES = [
  'lastUser',
  'model',
  'osName',
  'osVersion',
  'ipAddresses',
  'serial',
] as const;

export const MachineSummary = CiSummary.extend({
  owner: z.string().nullable(),
  supportGroup: z.string().nullable(),
  assetNumber: z.string().nullable(),
});
export type MachineSummary = z.infer<typeof MachineSummary>;

/** Machines whose strips are told in one answer. */
export const STRIP_IDS_MAX = 100;

/**
 * [id, CPU %, memory %, fullest file system %, its mount point]. CPU and memory only of machines that are up; of a file
 * system the last known.
 */
const MachineValues = z.tuple([
  z.string(),
  z.number().nullable(),
  z.number().nullable(),
  z.number().nullable(),
  z.string().nullable(),
]);

/** [from, state], ascending; each ends where the next begins. null: not known, e.g. before the machine was. */
const StripPart = z.tuple([z.number(), PresenceStateName.nullable()]);

export const VIEWS_PER_PERSON_MAX = 50;
export const VIEW_NAME_LENGTH_MAX = 64;
export const VIEW_SEARCH_LENGTH_MAX = 2_000;
const VIEW_COLUMNS_MAX = 32;

const ViewFields = {
  name: z.string().trim().min(1).max(VIEW_NAME_LENGTH_MAX),
  /** The page's search string with its filters and order. */
  search: z.string().max(VIEW_SEARCH_LENGTH_MAX),
  /** Columns left out; null: those that each person leaves out. */
  hiddenColumns: z.array(z.string().max(32)).max(VIEW_COLUMNS_MAX).nullable(),
  /** Seen by everybody. */
  shared: z.boolean(),
};

export const View = z.object({
  id: z.string(),
  ...ViewFields,
  /** Who made it, as in the audit log. */
  owner: z.string(),
  /** The caller made it. */
  mine: z.boolean(),
  updatedAt: IsoTime,
});
export type View = z.infer<typeof View>;

export const machinesEndpoints = {
  listMachines: endpoint({
    id: 'listMachines',
    method: 'GET',
    path: '/machines',
    right: 'read',
    tag: 'machines',
    summary: 'All machines in one answer, with the attributes that lists show; by name',
    response: z.object({ items: z.array(MachineSummary) }),
  }),
  machineValues: endpoint({
    id: 'machineValues',
    method: 'GET',
    path: '/machines/values',
    right: 'read',
    tag: 'machines',
    summary: 'Latest CPU, memory and fullest file system of all machines',
    response: z.object({ at: IsoTime, items: z.array(MachineValues) }),
  }),
  machineStrips: endpoint({
    id: 'machineStrips',
    method: 'GET',
    path: '/machines/strips',
    right: 'read',
    tag: 'machines',
    summary: 'Presence of some machines over [from, to) as strips, at most a week',
    query: z.object({
      /** Joined by commas. */
      ids: z
        .string()
        .min(1)
        .transform((text) => text.split(','))
        .pipe(z.array(IdParams.shape.id).max(STRIP_IDS_MAX)),
      from: IsoTimeInput,
      to: IsoTimeInput,
    }),
    response: z.object({ items: z.array(z.object({ id: z.string(), parts: z.array(StripPart) })) }),
  }),
  listViews: endpoint({
    id: 'listViews',
    method: 'GET',
    path: '/views',
    right: 'session',
    tag: 'machines',
    summary: 'Views of the list of machines: own ones and those shared with everybody, by name',
    response: z.object({ items: z.array(View) }),
  }),
  createView: endpoint({
    id: 'createView',
    method: 'POST',
    path: '/views',
    right: 'session',
    tag: 'machines',
    summary: 'Keep a view; sharing one needs the right views.share',
    body: z.object({
      ...ViewFields,
      hiddenColumns: ViewFields.hiddenColumns.default(null),
      shared: z.boolean().default(false),
    }),
    response: View,
    status: 201,
  }),
  updateView: endpoint({
    id: 'updateView',
    method: 'PATCH',
    path: '/views/:id',
    right: 'session',
    tag: 'machines',
    summary: 'Change a view: an own one, or with views.share a shared one',
    params: IdParams,
    body: z.object(ViewFields).partial(),
    response: View,
  }),
  deleteView: endpoint({
    id: 'deleteView',
    method: 'DELETE',
    path: '/views/:id',
    right: 'session',
    tag: 'machines',
    summary: 'Delete a view: an own one, or with views.share a shared one',
    params: IdParams,
    status: 204,
  }),
};
