/** Who is signed in, and what that person may do. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import type { Language, User } from '@muster/shared/api/access.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type Right, roleHas } from '@muster/shared/api/rights.ts';
import { call } from '../api/client.ts';
import { useT, switchLanguage } from '../i18n/i18n.ts';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { say } from '../ui/Toast.tsx';
import { browserLanguage, setPreference } from './preferences.ts';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => call(ENDPOINTS.me, {}, signal),
  staleTime: 5 * 60_000,
});

export function useMe(): User | undefined {
  return useQuery(meQuery).data;
}

export function useMay(right: Right): boolean {
  const me = useMe();
  return me !== undefined && roleHas(me.role, right);
}

/** Why an action is not possible for this role, or undefined where it is. */
export function useRefusal(right: Right): string | undefined {
  const t = useT();
  const me = useMe();
  if (me === undefined || roleHas(me.role, right)) return undefined;
  return t('errors.roleMayNot', { role: t(`states.role.${me.role}`) });
}

/** Switches at once and tells the server, so that the next browser starts in the same language. null: each in its own. */
export function useSetLanguage(): (language: Language | null) => void {
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (language: Language | null) => call(ENDPOINTS.updateMe, { body: { language } }),
    onSuccess: (user) => client.setQueryData(meQuery.queryKey, user),
  });
  const signedIn = client.getQueryData(meQuery.queryKey) !== undefined;
  return (language) => {
    setPreference('language', language);
    void switchLanguage(language ?? browserLanguage());
    if (signedIn) save.mutate(language);
  };
}

/** Leads to the sign-in once the session is over; one that the server did not hear of is not, and that is said. */
export function useSignOut() {
  const words = useErrorWords();
  const router = useRouter();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call(ENDPOINTS.signOut, {}),
    onSuccess: () => {
      queries.clear();
      void router.navigate({ to: '/sign-in' });
    },
    onError: (error) => say(words(error)),
  });
}
