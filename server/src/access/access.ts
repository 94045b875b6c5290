/** Who may come in: sign-in, sessions, API tokens, passwords. */
import type { Language } from '@muster/shared/api/access.ts';
import type { Role } from '@muster/shared/api/rights.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, toIso } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../http/routes.ts';
import { newId } from '../ids.ts';
import type { RecordAudit } from './audit.ts';
import { nameKey } from './name-key.ts';
import { hashPassword, passwordMatches, UNKNOWN_USER_HASH } from './password.ts';
import { API_TOKEN_PREFIX, newApiToken, newSessionToken, secretHash } from './secret.ts';
import { SignInGuard } from './sign-in-guard.ts';
import type { AccessStore, ApiTokenRecord, UserRecord } from './store.ts';

/** A session ends this long after sign-in, or after its last use, whichever comes first. */
export const SESSION_MS_MAX = 30 * DAY_MS;
export const SESSION_IDLE_MS_MAX = 7 * DAY_MS;
/** Uses are written down at most this often. */
export const TOUCH_MS = 5 * MINUTE_MS;
/** Old sessions are forgotten this often. */
const CLEANING_MS = HOUR_MS;

/** What a request shows: at most one of the two counts, the bearer token first. */
export interface Credentials {
  readonly bearer: string | null;
  readonly session: string | null;
}

export type Identity =
  | { readonly kind: 'user'; readonly actor: Actor; readonly user: UserRecord; readonly sessionHash: string }
  | { readonly kind: 'token'; readonly actor: Actor; readonly token: ApiTokenRecord };

export interface Access {
  readonly store: AccessStore;
  /** null: nobody, or a credential that is unknown, ended, expired or of a disabled user. */
  identify(credentials: Credentials, nowMs: Millis): Promise<Identity | null>;
  /** @throws AppError sign-in-failed, sign-in-locked */
  signIn(
    attempt: { name: string; password: string; address: string; language?: Language | undefined },
    nowMs: Millis,
  ): Promise<{ user: UserRecord; sessionToken: string }>;
  /** Gives a user a new password and lets the name try again. null: no such user. */
  setPassword(
    userId: string,
    password: string,
    options?: { keepSession?: string },
  ): Promise<UserRecord | null>;
  tick(nowMs: Millis): Promise<void>;
}

export function createAccess(deps: { store: AccessStore; record: RecordAudit }): Access {
  const { store, record } = deps;
  const guard = new SignInGuard();
  let cleanedAtMs: Millis = Number.NEGATIVE_INFINITY;

  const refuse = async (name: string, address: string, reason: string) => {
    await record({ actor: 'system', action: 'signIn.refused', subject: name, detail: { address, reason } });
  };

  return {
    store,
    identify: ({ bearer, session }, nowMs) =>
      bearer !== null ? identifyToken(store, bearer, nowMs) : identifySession(store, session, nowMs),

    signIn: async ({ name, password, address, language }, nowMs) => {
      const key = nameKey(name);
      const attempt = guard.begin(key, address, nowMs);
      if (attempt.lockedUntilMs !== null) {
        const until = toIso(attempt.lockedUntilMs);
        if (attempt.lockStarted) await refuse(name, address, `locked until ${until}`);
        throw new AppError(
          'sign-in-locked',
          `Signing in as ${name} from ${address} is possible again at ${until}.`,
        );
      }
      const user = await store.userByName(name);
      const matches = await passwordMatches(password, user?.passwordHash ?? UNKNOWN_USER_HASH);
      if (user === null || !matches || user.disabled) {
        await refuse(name, address, user === null ? 'unknown name' : matches ? 'disabled' : 'wrong password');
        throw new AppError('sign-in-failed', `${name} could not be signed in.`);
      }
      guard.succeeded(key, address);
      const sessionToken = newSessionToken();
      await store.addSession({
        tokenHash: secretHash(sessionToken),
        userId: user.id,
        createdAtMs: nowMs,
        lastUsedAtMs: nowMs,
      });
      // Nobody has chosen a language for an account that was never used: the page it is first used from has.
      const first = user.lastSignInAtMs === null && language !== undefined ? { language } : {};
      const signedIn = (await store.changeUser(user.id, { lastSignInAtMs: nowMs, ...first })) ?? user;
      await record({ actor: `user:${user.name}`, action: 'signIn', subject: user.id, detail: { address } });
      return { user: signedIn, sessionToken };
    },

    setPassword: async (userId, password, options) => {
      const user = await store.changeUser(userId, { passwordHash: await hashPassword(password) }, options);
      if (user !== null) guard.forgetName(nameKey(user.name));
      return user;
    },

    tick: async (nowMs) => {
      if (nowMs - cleanedAtMs < CLEANING_MS) return;
      cleanedAtMs = nowMs;
      await store.dropSessions({
        createdBeforeMs: nowMs - SESSION_MS_MAX,
        usedBeforeMs: nowMs - SESSION_IDLE_MS_MAX,
      });
    },
  };
}

/** Makes an API token; its text is returned once and not kept. */
export async function issueApiToken(
  store: AccessStore,
  wish: { name: string; role: Role; expiresAtMs: Millis | null },
  nowMs: Millis,
): Promise<{ record: ApiTokenRecord; token: string }> {
  const token = newApiToken();
  const record = {
    ...wish,
    id: newId('tok', nowMs),
    tokenHash: secretHash(token),
    createdAtMs: nowMs,
    lastUsedAtMs: null,
  };
  await store.addApiToken(record);
  return { record, token };
}

async function identifyToken(store: AccessStore, bearer: string, nowMs: Millis): Promise<Identity | null> {
  if (!bearer.startsWith(API_TOKEN_PREFIX)) return null;
  const token = await store.apiToken(secretHash(bearer));
  if (token === null || (token.expiresAtMs !== null && token.expiresAtMs <= nowMs)) return null;
  if (nowMs - (token.lastUsedAtMs ?? Number.NEGATIVE_INFINITY) >= TOUCH_MS) {
    await store.touchApiToken(token.id, nowMs);
  }
  const actor: Actor = { name: `token:${token.name}`, userId: null, role: token.role, language: 'en' };
  return { kind: 'token', actor, token };
}

async function identifySession(
  store: AccessStore,
  sessionToken: string | null,
  nowMs: Millis,
): Promise<Identity | null> {
  if (sessionToken === null) return null;
  const found = await store.session(secretHash(sessionToken));
  if (found === null || found.user.disabled) return null;
  const { session, user } = found;
  const over =
    nowMs - session.createdAtMs >= SESSION_MS_MAX || nowMs - session.lastUsedAtMs >= SESSION_IDLE_MS_MAX;
  if (over) {
    await store.endSession(session.tokenHash);
    return null;
  }
  if (nowMs - session.lastUsedAtMs >= TOUCH_MS) await store.touchSession(session.tokenHash, nowMs);
  const actor: Actor = {
    name: `user:${user.name}`,
    userId: user.id,
    role: user.role,
    language: user.language,
  };
  return { kind: 'user', actor, user, sessionHash: session.tokenHash };
}
