/** Reads and writes of the exchange with Prometheus. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { MappingFields, TargetFields } from '@muster/shared/api/remote-write.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';

const KEY = ['exchange'] as const;
const REFRESH_MS = 5 * SECOND_MS;

export const inQuery = queryOptions({
  queryKey: [...KEY, 'in'],
  queryFn: ({ signal }) => call(ENDPOINTS.remoteWriteIn, {}, signal),
  refetchInterval: REFRESH_MS,
});

export const mappingsQuery = queryOptions({
  queryKey: [...KEY, 'mappings'],
  queryFn: async ({ signal }) => (await call(ENDPOINTS.listWriteMappings, {}, signal)).items,
});

export const outQuery = queryOptions({
  queryKey: [...KEY, 'out'],
  queryFn: ({ signal }) => call(ENDPOINTS.remoteWriteOut, {}, signal),
  refetchInterval: REFRESH_MS,
});

function useChange<I, O>(act: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: act, onSettled: () => queries.invalidateQueries({ queryKey: KEY }) });
}

/** `id` null: a new one. */
export function useSaveMapping() {
  return useChange(({ id, body }: { id: string | null; body: MappingFields }) =>
    id === null
      ? call(ENDPOINTS.createWriteMapping, { body })
      : call(ENDPOINTS.updateWriteMapping, { params: { id }, body }),
  );
}

export function useDeleteMapping() {
  return useChange((id: string) => call(ENDPOINTS.deleteWriteMapping, { params: { id } }));
}

export function useSaveTarget() {
  return useChange(({ id, body }: { id: string | null; body: TargetFields }) =>
    id === null
      ? call(ENDPOINTS.createWriteTarget, { body })
      : call(ENDPOINTS.updateWriteTarget, { params: { id }, body }),
  );
}

export function useDeleteTarget() {
  return useChange((id: string) => call(ENDPOINTS.deleteWriteTarget, { params: { id } }));
}

export function useTestTarget(id: string) {
  return useMutation({ mutationFn: () => call(ENDPOINTS.testWriteTarget, { params: { id } }) });
}
