/** What a person does with an incident; two people at once are told apart by its version. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { IncidentDetail, IncidentSummary } from '@muster/shared/api/incidents.ts';
import { useState } from 'react';
import { type CallInput, call } from '../api/client.ts';
import { incidentQuery, usersQuery } from '../api/queries.ts';
import { useConnected } from '../app/live.ts';
import { useMe, useRefusal } from '../app/session.ts';
import { useT } from '../i18n/i18n.ts';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { say } from '../ui/Toast.tsx';

export type TransitionBody = CallInput<typeof ENDPOINTS.transitionIncident>['body'];

/** Puts the incident as it is now where it is shown. */
function useShowIncident(): (incident: IncidentDetail) => void {
  const queries = useQueryClient();
  return (incident) => {
    queries.setQueryData(incidentQuery(incident.ref).queryKey, incident);
    // An answer from before that is still on its way must not take its place.
    void queries.invalidateQueries({ queryKey: incidentQuery(incident.ref).queryKey });
    void queries.invalidateQueries({ queryKey: ['incidents'] });
    void queries.invalidateQueries({ queryKey: ['overview'] });
  };
}

/** Every action answers with the incident as it is afterwards; it is put where it is shown. */
export function useIncidentMutation<Input>(
  ref: string,
  act: (input: Input) => Promise<IncidentDetail>,
  quiet = false,
) {
  const queries = useQueryClient();
  const words = useErrorWords();
  const show = useShowIncident();
  return useMutation({
    mutationFn: act,
    onSuccess: show,
    onError: (error) => {
      // Whatever failed, the reader should see how the incident is now.
      void queries.invalidateQueries({ queryKey: incidentQuery(ref).queryKey });
      void queries.invalidateQueries({ queryKey: ['incidents'] });
      if (!quiet) say(words(error));
    },
  });
}

export type Versioned = Pick<IncidentSummary, 'id' | 'ref' | 'version'>;

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

/** For lists, where any incident may be moved: a step that asks nothing. */
export function useMoveAtOnce() {
  const queries = useQueryClient();
  const show = useShowIncident();
  return useMutation({
    mutationFn: ({ incident, body }: { incident: Versioned; body: TransitionBody }) =>
      call(ENDPOINTS.transitionIncident, {
        params: { id: incident.id },
        body: { ...body, version: incident.version },
      }),
    onSuccess: show,
    onError: () => void queries.invalidateQueries({ queryKey: ['incidents'] }),
  });
}

export function useReport() {
  const show = useShowIncident();
  return useMutation({
    mutationFn: (body: CallInput<typeof ENDPOINTS.createIncident>['body']) =>
      call(ENDPOINTS.createIncident, { body }),
    onSuccess: show,
  });
}

/** One step on many incidents, one after the other; what failed is told at the end, the rest is done. */
export function useBulk() {
  const queries = useQueryClient();
  const [progress, setProgress] = useState<{ done: number; of: number } | null>(null);
  async function run(
    incidents: readonly Versioned[],
    step: (incident: Versioned) => Promise<unknown>,
  ): Promise<{ ref: string; error: unknown }[]> {
    const failed: { ref: string; error: unknown }[] = [];
    for (const [done, incident] of incidents.entries()) {
      setProgress({ done, of: incidents.length });
      try {
        await step(incident);
      } catch (error) {
        failed.push({ ref: incident.ref, error });
      }
    }
    setProgress(null);
    void queries.invalidateQueries({ queryKey: ['incidents'] });
    void queries.invalidateQueries({ queryKey: ['overview'] });
    return failed;
  }
  return {
    progress,
    assign: (incidents: readonly Versioned[], assignee: string | null) =>
      run(incidents, ({ id, version }) =>
        call(ENDPOINTS.assignIncident, { params: { id }, body: { assignee, version } }),
      ),
    move: (incidents: readonly Versioned[], body: TransitionBody) =>
      run(incidents, ({ id, version }) =>
        call(ENDPOINTS.transitionIncident, { params: { id }, body: { ...body, version } }),
      ),
  };
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
