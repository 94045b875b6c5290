/** What a person does with an incident; two people at once are told apart by its version. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { IncidentDetail, IncidentSummary } from '@muster/shared/api/incidents.ts';
import { type CallInput, call } from '../api/client.ts';
import { incidentQuery, usersQuery } from '../api/queries.ts';
import { useConnected } from '../app/live.ts';
import { useMe, useRefusal } from '../app/session.ts';
import { useT } from '../i18n/i18n.ts';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { say } from '../ui/Toast.tsx';

export type TransitionBody = CallInput<typeof ENDPOINTS.transitionIncident>['body'];

/** Every action answers with the incident as it is afterwards; it is put where it is shown. */
function useIncidentMutation<Input>(
  ref: string,
  act: (input: Input) => Promise<IncidentDetail>,
  quiet = false,
) {
  const queries = useQueryClient();
  const words = useErrorWords();
  return useMutation({
    mutationFn: act,
    onSuccess: (incident) => {
      queries.setQueryData(incidentQuery(incident.ref).queryKey, incident);
      void queries.invalidateQueries({ queryKey: ['incidents'] });
      void queries.invalidateQueries({ queryKey: ['overview'] });
    },
    onError: (error) => {
      // Whatever failed, the reader should see how the incident is now.
      void queries.invalidateQueries({ queryKey: incidentQuery(ref).queryKey });
      void queries.invalidateQueries({ queryKey: ['incidents'] });
      if (!quiet) say(words(error));
    },
  });
}

type Versioned = Pick<IncidentSummary, 'id' | 'ref' | 'version'>;

export function useAssign(incident: Versioned) {
  return useIncidentMutation(incident.ref, (assignee: string | null) =>
    call(ENDPOINTS.assignIncident, {
      params: { id: incident.id },
      body: { assignee, version: incident.version },
    }),
  );
}

export function useTake(incident: Versioned) {
  const me = useMe();
  const assign = useAssign(incident);
  return { ...assign, take: () => me && assign.mutate(me.name) };
}

/** The dialog that asks shows its own errors. */
export function useTransition(incident: Versioned) {
  return useIncidentMutation(
    incident.ref,
    (body: TransitionBody) =>
      call(ENDPOINTS.transitionIncident, {
        params: { id: incident.id },
        body: { ...body, version: incident.version },
      }),
    true,
  );
}

export function useNote(incident: Versioned) {
  return useIncidentMutation(incident.ref, (note: string) =>
    call(ENDPOINTS.noteIncident, { params: { id: incident.id }, body: { note } }),
  );
}

/** Why nothing can be done to incidents now: the role, or the lost connection. */
export function useIncidentRefusal(): string | undefined {
  const t = useT();
  const role = useRefusal('incidents.write');
  const connected = useConnected();
  return role ?? (connected ? undefined : t('errors.notConnected'));
}

/** The shown name of an account; the account itself where nobody has it. */
export function usePersonName(): (name: string) => string {
  const users = useQuery(usersQuery).data;
  return (name) => users?.find((user) => user.name === name)?.displayName ?? name;
}
