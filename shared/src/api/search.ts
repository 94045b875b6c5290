/** One question over everything that has a name: machines, other records, parts, incidents, software, people. */
import { z } from 'zod';
import { RECORD_CLASSES } from '../cmdb/classes.ts';
import { Lifecycle, PresenceStateName } from './cmdb.ts';
import { endpoint } from './endpoint.ts';
import { INCIDENT_STATES, Words } from './incidents.ts';
import { ROLES } from './rights.ts';

/** What of an item answered to the question. */
export const SEARCH_FIELDS = [
  'name',
  'assetNumber',
  'serial',
  'hostname',
  'mac',
  'address',
  'user',
  'owner',
  'tag',
  'model',
  'id',
  'ref',
  'title',
  'mail',
  /** An attribute that has no word of its own here. */
  'detail',
  /** The name of a CI that turned out to be this one. */
  'formerName',
] as const;
export const SearchField = z.enum(SEARCH_FIELDS);
export type SearchField = z.infer<typeof SearchField>;

/** `value` is the whole value as it is held. */
export const SearchMatch = z.object({ field: SearchField, value: z.string() });
export type SearchMatch = z.infer<typeof SearchMatch>;

/** `more`: there are others behind these, which are the best. */
const groupOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), more: z.boolean() });

export const SearchMachine = z.object({
  id: z.string(),
  class: z.string(),
  name: z.string(),
  lifecycle: Lifecycle,
  /** null: never heard. */
  state: PresenceStateName.nullable(),
  site: z.string().nullable(),
  match: SearchMatch,
});
/** What is kept beside machines: printers, people, places, services, licences … */
export const SearchRecord = z.object({
  id: z.string(),
  class: z.enum(RECORD_CLASSES),
  /** Class of the administrator's own making; null: none. */
  subclass: z.string().nullable(),
  name: z.string(),
  lifecycle: Lifecycle,
  match: SearchMatch,
});
export const SearchPart = z.object({
  id: z.string(),
  class: z.string(),
  name: z.string(),
  machineId: z.string(),
  machineName: z.string(),
  match: SearchMatch,
});
export const SearchIncident = z.object({
  id: z.string(),
  ref: z.string(),
  title: Words,
  state: z.enum(INCIDENT_STATES),
  priority: z.number(),
  ciName: z.string().nullable(),
  match: SearchMatch,
});
export const SearchSoftware = z.object({
  name: z.string(),
  /** On how many machines it is installed. */
  machines: z.number(),
});
export const SearchUser = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  role: z.enum(ROLES),
  disabled: z.boolean(),
});

export const SearchResult = z.object({
  machines: groupOf(SearchMachine),
  records: groupOf(SearchRecord),
  parts: groupOf(SearchPart),
  incidents: groupOf(SearchIncident),
  software: groupOf(SearchSoftware),
  users: groupOf(SearchUser),
});
export type SearchResult = z.infer<typeof SearchResult>;

export const SEARCH_TEXT_LENGTH_MAX = 128;
/** Items of one group. */
export const SEARCH_LIMIT_MAX = 50;

export const searchEndpoints = {
  search: endpoint({
    id: 'search',
    method: 'GET',
    path: '/search',
    right: 'read',
    tag: 'search',
    summary: 'Machines, other records, parts, incidents, software and people by any of their names',
    query: z.object({
      q: z.string().trim().min(1).max(SEARCH_TEXT_LENGTH_MAX),
      limit: z.coerce.number().int().min(1).max(SEARCH_LIMIT_MAX).default(6),
    }),
    response: SearchResult,
  }),
};
