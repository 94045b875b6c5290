/** What the addresses of the maintenance pages hold beside their path. */
import { z } from 'zod';
import { searchChoice, searchText } from '../../util/search.ts';

export const SHOWS = ['running', 'coming', 'recurring', 'past'] as const;
export type Show = (typeof SHOWS)[number];

export const MaintenanceSearch = z.object({ show: searchChoice(SHOWS) });
export type MaintenanceSearch = z.infer<typeof MaintenanceSearch>;

/** `ci`: the machine, service or place from whose page one comes. */
export const NewWindowSearch = z.object({ ci: searchText });
