/** HTTP operation of the search. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import type { PresenceFacts } from '../cmdb/routes.ts';
import type { Routes } from '../http/routes.ts';
import type { Search } from './search.ts';

export interface SearchRouteDeps {
  readonly search: Pick<Search, 'ask'>;
  readonly directory: Pick<CiDirectory, 'get'>;
  readonly presenceOf: (ciId: string) => PresenceFacts | undefined;
}

export function addSearchRoutes(routes: Routes, { search, directory, presenceOf }: SearchRouteDeps): void {
  routes.add(ENDPOINTS.search, async ({ query }) => {
    const found = await search.ask(query.q, query.limit);
    return {
      machines: {
        more: found.machines.more,
        items: found.machines.items.map(({ item, match }) => ({
          ...item,
          state: presenceOf(item.id)?.state ?? null,
          match,
        })),
      },
      records: {
        more: found.records.more,
        items: found.records.items.map(({ item, match }) => ({ ...item, match })),
      },
      parts: {
        more: found.parts.more,
        items: found.parts.items.map(({ item, match }) => ({
          ...item,
          machineName: directory.get(item.machineId)?.name ?? item.machineId,
          match,
        })),
      },
      incidents: {
        more: found.incidents.more,
        items: found.incidents.items.map(({ item: { id, ref, title, state, priority, ciName }, match }) => ({
          id,
          ref,
          title,
          state,
          priority,
          ciName,
          match,
        })),
      },
      software: found.software,
      users: {
        more: found.users.more,
        items: found.users.items.map(({ id, name, displayName, role, disabled }) => ({
          id,
          name,
          displayName,
          role,
          disabled,
        })),
      },
    };
  });
}
