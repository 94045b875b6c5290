/** The classes with what the administrator added to them, as the pages ask for it. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { classRegistry, type ClassRegistry, NO_OWN_CLASSES } from '@muster/shared/cmdb/class-registry.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { setOwnClasses } from './attributes.ts';

export const classSchemaQuery = queryOptions({
  queryKey: ['classSchema'],
  queryFn: async ({ signal }) => {
    const schema = await call(ENDPOINTS.classSchema, {}, signal);
    const registry: ClassRegistry = classRegistry(
      schema.ownClasses,
      schema.ownAttributes.map(({ title, form, options, unit, required, ...attribute }) => ({
        ...attribute,
        definition: {
          title,
          form,
          tracked: true,
          by: 'person',
          ...(options ? { options } : {}),
          unit,
          required,
        },
      })),
    );
    // Titles and forms of own attributes are known from then on wherever a value is shown.
    setOwnClasses(registry);
    return { ...schema, registry };
  },
  staleTime: MINUTE_MS,
});

/** What the administrator added; nothing until it is read. */
export function useClassRegistry(): ClassRegistry {
  return useQuery(classSchemaQuery).data?.registry ?? NO_OWN_CLASSES;
}
