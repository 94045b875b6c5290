/** The cookie that carries a session; pure. */
import { SECOND_MS } from '@muster/shared/time.ts';

export const SESSION_COOKIE = 'muster_session';

/** Scripts cannot read it, other sites' pages do not send it with a POST, plain text does not carry a secure one. */
export function sessionCookie(token: string, ageMsMax: number, secure: boolean): string {
  const age = Math.floor(ageMsMax / SECOND_MS);
  return `${SESSION_COOKIE}=${token}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

/** Session token of a Cookie header, null when there is none. */
export function sessionTokenOf(cookies: string | undefined): string | null {
  for (const pair of (cookies ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === SESSION_COOKIE && value) return value;
  }
  return null;
}

/** Token of `Authorization: Bearer …`; '' (which nobody has) for another scheme, null when there is no header. */
export function bearerOf(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
}
