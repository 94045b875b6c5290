/** What is done to agents and enrolment tokens; afterwards the lists are read again. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { agentsQuery, enrolmentTokensQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { say } from '../../ui/Toast.tsx';

function useAct(queryKey: readonly unknown[], act: (id: string) => Promise<unknown>) {
  const queries = useQueryClient();
  const words = useErrorWords();
  return useMutation({
    mutationFn: act,
    onError: (error) => say(words(error)),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
}

export function useApproveAgent() {
  return useAct(agentsQuery.queryKey, (id) => call(ENDPOINTS.approveAgent, { params: { id } }));
}

export function useRevokeAgent() {
  return useAct(agentsQuery.queryKey, (id) => call(ENDPOINTS.revokeAgent, { params: { id } }));
}

/** What went wrong is said by the question that was asked first. */
export function useRevokeToken(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call(ENDPOINTS.deleteEnrolmentToken, { params: { id } }),
    onSettled: () => queries.invalidateQueries({ queryKey: enrolmentTokensQuery.queryKey }),
  });
}

/** Why agents cannot be let in or revoked now: the role, or the lost connection. */
export function useAgentRefusal(): string | undefined {
  return useActionRefusal('agents.write');
}
