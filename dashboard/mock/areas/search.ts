/** The mock's search: the same groups as the server's, found by plain inclusion. */
import type { SearchField } from '@muster/shared/api/search.ts';
import type { Handlers } from '../handlers.ts';
import type { World } from '../world.ts';

const FIELDS: Readonly<Record<string, SearchField>> = {
  serial: 'serial',
  macAddresses: 'mac',
  ipAddresses: 'address',
  lastUser: 'user',
  model: 'model',
};

const RECORDS = [
  {
    id: 'ci_printer',
    class: 'Printer' as const,
    name: 'S6-Printer-East',
    match: { field: 'serial' as const, value: 'VNBS6K0421' },
  },
  {
    id: 'ci_room',
    class: 'Location' as const,
    name: 'S6 Server room',
    match: { field: 'name' as const, value: 'S6 Server room' },
  },
];

export function searchHandlers(world: World, users: () => SearchUsers): Handlers {
  return {
    search: ({ query }) => {
      const needle = query.q.toLowerCase();
      const has = (text: string) => text.toLowerCase().includes(needle);
      const group = <T>(items: readonly T[]) => ({
        items: items.slice(0, query.limit),
        more: items.length > query.limit,
      });
      const software = new Map<string, number>();
      for (const machine of world.machines)
        for (const { name } of machine.software)
          if (has(name)) software.set(name, (software.get(name) ?? 0) + 1);
      return {
        machines: group(
          world.machines.flatMap(({ detail }) => {
            const values = [
              { field: 'name' as const, value: detail.name },
              ...detail.details.flatMap(({ name, value }) =>
                [value].flat().map((each) => ({ field: FIELDS[name], value: String(each) })),
              ),
              { field: 'owner' as const, value: detail.owner ?? '' },
            ];
            const match = values.find(({ field, value }) => field !== undefined && has(value));
            if (match?.field === undefined) return [];
            const { id, name, class: ciClass, lifecycle, state, site } = detail;
            return [
              {
                id,
                name,
                class: ciClass,
                lifecycle,
                state,
                site,
                match: { field: match.field, value: match.value },
              },
            ];
          }),
        ),
        records: group(
          RECORDS.filter(({ name, match }) => has(name) || has(match.value)).map((record) => ({
            ...record,
            subclass: null,
            lifecycle: 'in_use' as const,
          })),
        ),
        parts: group(
          world.machines.flatMap(({ detail }) =>
            detail.parts.flatMap((part) => {
              const serial = part.details.find(({ name }) => name === 'serial')?.value;
              if (typeof serial !== 'string' || !has(serial)) return [];
              return [
                {
                  id: part.id,
                  class: part.class,
                  name: part.name,
                  machineId: detail.id,
                  machineName: detail.name,
                  match: { field: 'serial' as const, value: serial },
                },
              ];
            }),
          ),
        ),
        incidents: group(
          world.incidents
            .filter(({ ref, title, ci }) => has(`${ref} ${title.en} ${title.zh} ${ci?.name ?? ''}`))
            .map(({ id, ref, title, state, priority, ci }) => ({
              id,
              ref,
              title,
              state,
              priority,
              ciName: ci?.name ?? null,
              match: has(ref)
                ? { field: 'ref' as const, value: ref }
                : { field: 'title' as const, value: title.en },
            })),
        ),
        software: group([...software].map(([name, machines]) => ({ name, machines }))),
        users: group(users().filter(({ name, displayName }) => has(name) || has(displayName))),
      };
    },
  };
}

type SearchUsers = readonly {
  id: string;
  name: string;
  displayName: string;
  role: 'admin' | 'operator' | 'desk' | 'viewer';
  disabled: boolean;
}[];
