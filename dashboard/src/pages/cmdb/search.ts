/** What the addresses of the CMDB pages hold. */
import { z } from 'zod';
import { ATTRIBUTE_SOURCES, LIFECYCLES } from '@muster/shared/api/cmdb.ts';
import { ClassName } from '@muster/shared/api/classes.ts';
import { searchChoice, searchText } from '../../util/search.ts';

/** Days without evidence after which one may ask for what is stale. */
export const STALE_DAYS = ['1', '7', '30', '90'] as const;

/** Software is found by its whole name, which may be long. */
const packageName = z.string().min(1).max(256).optional().catch(undefined);

export const CisSearch = z.object({
  /** Built-in or of the administrator's own making; missing: all machines. */
  class: ClassName.optional().catch(undefined),
  q: searchText,
  lifecycle: searchChoice(LIFECYCLES),
  /** Empty: those without. */
  site: searchText,
  owner: searchText,
  tag: searchText,
  source: searchChoice(ATTRIBUTE_SOURCES),
  stale: searchChoice(STALE_DAYS),
  software: packageName,
  /** A new one is made; what is given is its asset number. */
  new: z.string().max(64).optional().catch(undefined),
});
export type CisSearch = z.infer<typeof CisSearch>;

export const CI_TABS = [
  'attributes',
  'asset',
  'parts',
  'relations',
  'history',
  'findings',
  'impact',
  'identity',
] as const;
export type CiTab = (typeof CI_TABS)[number];
export const CiSearch = z.object({
  /** Missing: the attributes. */
  tab: searchChoice(CI_TABS),
  /** Filter of the history. */
  q: searchText,
  /** History with that of the parts. */
  parts: searchChoice(['yes']),
});
