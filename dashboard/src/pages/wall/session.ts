/** The session of a wallboard: that of whoever is signed in, else one opened with the token of its address. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { User } from '@muster/shared/api/access.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { ApiError, call } from '../../api/client.ts';

const KEY = 'muster.wall-token';
const RETRY_MS = 5 * SECOND_MS;
const LOOK_AGAIN_MS = 5 * MINUTE_MS;

let held: string | null = null;

/** Takes the token out of the address, so that neither history nor a photograph of the board has it. */
export function takeToken(): void {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token');
  if (token === null) return;
  held = token;
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // Refused storage: kept until the page closes.
  }
  window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
}

function keptToken(): string | null {
  try {
    return held ?? sessionStorage.getItem(KEY);
  } catch {
    return held; // Storage may be refused.
  }
}

async function open(signal: AbortSignal): Promise<User> {
  const token = keptToken();
  // A token in the address wins over a session that happens to be there.
  if (held !== null) return exchange(held, signal);
  try {
    return await call(ENDPOINTS.me, {}, signal);
  } catch (error) {
    if (token === null || !(error instanceof ApiError) || error.status !== 401) throw error;
    return exchange(token, signal);
  }
}

async function exchange(token: string, signal: AbortSignal): Promise<User> {
  const user = await call(ENDPOINTS.signInWithToken, { body: { token } }, signal);
  held = null;
  return user;
}

/** Only a refusal is final; a server that starts anew is waited for. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}

export const wallSessionQuery = queryOptions({
  queryKey: ['wall-session'],
  queryFn: ({ signal }) => open(signal),
  retry: (_failures, error) => !isFinal(error),
  retryDelay: RETRY_MS,
  staleTime: LOOK_AGAIN_MS,
  refetchInterval: LOOK_AGAIN_MS,
});

/** `ended`: refused now, but there was a session before. */
export function useWallSession(): { user: User | undefined; refused: boolean; ended: boolean } {
  const { data, error } = useQuery(wallSessionQuery);
  const refused = isFinal(error);
  return { user: refused ? undefined : data, refused, ended: refused && data !== undefined };
}
