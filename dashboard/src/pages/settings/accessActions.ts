/** What is done to users and API tokens; afterwards the lists are read again. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type CallInput, ApiError, call } from '../../api/client.ts';
import { usersQuery } from '../../api/queries.ts';
import { useT } from '../../i18n/i18n.ts';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';

export const apiTokensQuery = queryOptions({
  queryKey: ['api-tokens'],
  queryFn: async ({ signal }) =>
    (await call(ENDPOINTS.listApiTokens, { query: { limit: LIST_LIMIT_MAX } }, signal)).items,
});

function useChange<I, O>(queryKey: readonly unknown[], act: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: act, onSettled: () => queries.invalidateQueries({ queryKey }) });
}

export function useCreateUser() {
  return useChange(usersQuery.queryKey, (body: CallInput<typeof ENDPOINTS.createUser>['body']) =>
    call(ENDPOINTS.createUser, { body }),
  );
}

export function useUpdateUser(id: string) {
  return useChange(usersQuery.queryKey, (body: NonNullable<CallInput<typeof ENDPOINTS.updateUser>['body']>) =>
    call(ENDPOINTS.updateUser, { params: { id }, body }),
  );
}

export function useEndUserSessions(id: string) {
  return useChange(usersQuery.queryKey, () => call(ENDPOINTS.endUserSessions, { params: { id } }));
}

export function useCreateToken() {
  return useChange(apiTokensQuery.queryKey, (body: CallInput<typeof ENDPOINTS.createApiToken>['body']) =>
    call(ENDPOINTS.createApiToken, { body }),
  );
}

export function useDeleteToken() {
  return useChange(apiTokensQuery.queryKey, (id: string) =>
    call(ENDPOINTS.deleteApiToken, { params: { id } }),
  );
}

/** The words of a refusal: what only these pages meet, else those of all pages. */
export function useAccessErrorWords(): (error: unknown) => string {
  const t = useT();
  const words = useErrorWords();
  return (error) => {
    if (!(error instanceof ApiError)) return words(error);
    if (error.code === 'own-account') return t('settings.users.ownAccount');
    if (error.code === 'last-administrator') return t('settings.users.lastAdministrator');
    if (error.code === 'input-invalid' && error.issues?.[0]?.path === 'body.name') {
      return t('settings.users.nameRule');
    }
    return words(error);
  };
}
