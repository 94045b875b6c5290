/** Who may come in: sign-in, sessions, API tokens, passwords. */
import { SESSIONS_MAX } from '@muster/shared/api/access.ts';
import type { TokenRole } from '@muster/shared/api/rights.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, toIso } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../http/routes.ts';
import { newId } from '../ids.ts';
import type { RecordAudit } from './audit.ts';
import { keepTokens } from './kept-tokens.ts';
import { nameKey } from './name-key.ts';
import { hashPassword, passwordMatches, UNKNOWN_USER_HASH } from './password.ts';
import { API_TOKEN_PREFIX, newApiToken, newSessionToken, secretHash } from './secret.ts';
import { SignInGuard } from './sign-in-guard.ts';
import type { AccessStore, ApiTokenRecord, SessionRecord, UserRecord } from './store.ts';
import { browserOf } from './user-agent.ts';

/** A session ends this long after sign-in, or after its last use, whichever comes first. */
export const SESSION_MS_MAX = 30 * DAY_MS;
export const SESSION_IDLE_MS_MAX = 7 * DAY_MS;
/** A wallboard's session lasts as long as its token and does not grow idle; browsers keep no cookie longer than this. */
export const WALLBOARD_MS_MAX = 400 * DAY_MS;
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
  | {
      readonly kind: 'user';
      readonly actor: Actor;
      readonly user: UserRecord;
      readonly session: SessionRecord;
    }
  | {
      readonly kind: 'token';
      readonly actor: Actor;
      readonly token: ApiTokenRecord;
      /** null: the request carried the token itself. */
      readonly session: SessionRecord | null;
    };

/** Where a request comes from. */
export interface Place {
  readonly address: string;
  /** The User-Agent header, '' when there is none. */
  readonly userAgent: string;
}

export interface Access {
  /** What ends sessions or tokens goes through it: it is counted by `endings`, and what was remembered is forgotten. */
  readonly store: AccessStore;
  /** null: nobody, or a credential that is unknown, ended, expired or of a disabled user. */
  identify(credentials: Credentials, nowMs: Millis): Promise<Identity | null>;
  /** @throws AppError sign-in-failed, sign-in-locked */
  signIn(
    attempt: Place & { name: string; password: string },
    nowMs: Millis,
  ): Promise<{ user: UserRecord; sessionToken: string }>;
  /**
   * Opens a session with an API token of the role viewer: a wallboard has no keyboard. It ends with the token.
   * @throws AppError sign-in-failed, sign-in-locked, forbidden (another role)
   */
  openWallboard(
    attempt: Place & { token: string },
    nowMs: Millis,
  ): Promise<{ token: ApiTokenRecord; sessionToken: string; ageMsMax: Millis }>;
  /**
   * One's own new password, which needs the present one; guesses count like those at the door. Other sessions end.
   * @throws AppError sign-in-failed, sign-in-locked
   */
  changeOwnPassword(
    attempt: { user: UserRecord; session: SessionRecord; address: string; current: string; next: string },
    nowMs: Millis,
  ): Promise<void>;
  /** Gives a user a new password and lets the name try again. null: no such user. */
  setPassword(userId: string, password: string): Promise<UserRecord | null>;
  /** Grows with everything that may have ended a session or token, so that open connections ask again at once. */
  endings(): number;
  tick(nowMs: Millis): Promise<void>;
}

export function createAccess(deps: { store: AccessStore; record: RecordAudit }): Access {
  const { record } = deps;
  let endings = 0;
  const store = reportEndings(keepTokens(deps.store), () => void (endings += 1));
  const guard = new SignInGuard();
  let cleanedAtMs: Millis = Number.NEGATIVE_INFINITY;

  const refuse = async (name: string, address: string, reason: string) => {
    await record({ actor: 'system', action: 'signIn.refused', subject: name, detail: { address, reason } });
  };

  /** Counts an attempt; throws when there were too many. `key` null: a token, which has no name to guess at. */
  const begin = async (key: string | null, name: string, address: string, nowMs: Millis) => {
    const attempt = guard.begin(key, address, nowMs);
    if (attempt.lockedUntilMs === null) return;
    const until = toIso(attempt.lockedUntilMs);
    if (attempt.lockStarted) await refuse(name, address, `locked until ${until}`);
    throw new AppError(
      'sign-in-locked',
      `Signing in as ${name} from ${address} is possible again at ${until}.`,
      { retryAtMs: attempt.lockedUntilMs },
    );
  };

  const addSession = async (
    owner: { userId: string | null; apiTokenId: string | null },
    place: Place,
    times: { nowMs: Millis; expiresAtMs: Millis },
  ) => {
    const sessionToken = newSessionToken();
    await store.addSession({
      ...owner,
      ...browserOf(place.userAgent),
      id: newId('ses', times.nowMs),
      tokenHash: secretHash(sessionToken),
      createdAtMs: times.nowMs,
      lastUsedAtMs: times.nowMs,
      expiresAtMs: times.expiresAtMs,
      address: place.address,
    });
    const { userId, apiTokenId } = owner;
    const of = userId === null ? { apiTokenId: apiTokenId ?? '' } : { userId };
    const kept = await store.listSessions(of, SESSIONS_MAX + 1);
    for (const { tokenHash } of kept.slice(SESSIONS_MAX)) await store.endSession(tokenHash);
    return sessionToken;
  };

  return {
    store,
    identify: ({ bearer, session }, nowMs) =>
      bearer !== null ? identifyToken(store, bearer, nowMs) : identifySession(store, session, nowMs),

    signIn: async ({ name, password, ...place }, nowMs) => {
      const key = nameKey(name);
      const { address } = place;
      await begin(key, name, address, nowMs);
      const user = await store.userByName(name);
      const matches = await passwordMatches(password, user?.passwordHash ?? UNKNOWN_USER_HASH);
      if (user === null || !matches || user.disabled) {
        await refuse(name, address, user === null ? 'unknown name' : matches ? 'disabled' : 'wrong password');
        throw new AppError('sign-in-failed', `${name} could not be signed in.`);
      }
      guard.succeeded(key, address);
      const sessionToken = await addSession({ userId: user.id, apiTokenId: null }, place, {
        nowMs,
        expiresAtMs: nowMs + SESSION_MS_MAX,
      });
      const signedIn = (await store.changeUser(user.id, { lastSignInAtMs: nowMs })) ?? user;
      await record({ actor: `user:${user.name}`, action: 'signIn', subject: user.id, detail: { address } });
      return { user: signedIn, sessionToken };
    },

    openWallboard: async ({ token: secret, ...place }, nowMs) => {
      const { address } = place;
      await begin(null, 'a wallboard', address, nowMs);
      const token = await validToken(store, secret, nowMs);
      if (token === null) {
        await refuse('wallboard', address, 'unknown token');
        throw new AppError('sign-in-failed', 'The token is unknown, revoked or over.');
      }
      if (token.role !== 'viewer') {
        await refuse('wallboard', address, `token ${token.name} has the role ${token.role}`);
        throw new AppError(
          'forbidden',
          `A wallboard is opened with a token of the role viewer; ${token.name} has the role ${token.role}.`,
        );
      }
      guard.succeeded(null, address);
      const expiresAtMs = Math.min(token.expiresAtMs ?? Number.POSITIVE_INFINITY, nowMs + WALLBOARD_MS_MAX);
      const sessionToken = await addSession({ userId: null, apiTokenId: token.id }, place, {
        nowMs,
        expiresAtMs,
      });
      const actor = `token:${token.name}`;
      await record({ actor, action: 'signIn.wallboard', subject: token.id, detail: { address } });
      return { token, sessionToken, ageMsMax: expiresAtMs - nowMs };
    },

    changeOwnPassword: async ({ user, session, address, current, next }, nowMs) => {
      const key = nameKey(user.name);
      await begin(key, user.name, address, nowMs);
      if (!(await passwordMatches(current, user.passwordHash))) {
        await refuse(user.name, address, 'wrong present password');
        throw new AppError('sign-in-failed', 'The present password is not right.');
      }
      guard.succeeded(key, address);
      await store.changeUser(
        user.id,
        { passwordHash: await hashPassword(next) },
        { keepSession: session.tokenHash },
      );
    },

    setPassword: async (userId, password) => {
      const user = await store.changeUser(userId, { passwordHash: await hashPassword(password) });
      if (user !== null) guard.forgetName(nameKey(user.name));
      return user;
    },

    endings: () => endings,

    tick: async (nowMs) => {
      if (nowMs - cleanedAtMs < CLEANING_MS) return;
      cleanedAtMs = nowMs;
      await store.dropSessions({
        expiredByMs: nowMs,
        usedBeforeMs: nowMs - SESSION_IDLE_MS_MAX,
      });
    },
  };
}

/** Makes an API token; its text is returned once and not kept. */
export async function issueApiToken(
  store: AccessStore,
  wish: { name: string; role: TokenRole; expiresAtMs: Millis | null },
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
  const token = await validToken(store, bearer, nowMs);
  return token === null ? null : tokenIdentity(store, token, null, nowMs);
}

/** null: not one of ours, unknown, or expired. */
async function validToken(store: AccessStore, secret: string, nowMs: Millis): Promise<ApiTokenRecord | null> {
  if (!secret.startsWith(API_TOKEN_PREFIX)) return null;
  const token = await store.apiToken(secretHash(secret));
  return token === null || isExpired(token, nowMs) ? null : token;
}

function isExpired(token: ApiTokenRecord, nowMs: Millis): boolean {
  return token.expiresAtMs !== null && token.expiresAtMs <= nowMs;
}

async function tokenIdentity(
  store: AccessStore,
  token: ApiTokenRecord,
  session: SessionRecord | null,
  nowMs: Millis,
): Promise<Identity> {
  if (nowMs - (token.lastUsedAtMs ?? Number.NEGATIVE_INFINITY) >= TOUCH_MS) {
    await store.touchApiToken(token.id, nowMs);
  }
  const actor: Actor = { name: `token:${token.name}`, userId: null, role: token.role };
  return { kind: 'token', actor, token, session };
}

async function identifySession(
  store: AccessStore,
  sessionToken: string | null,
  nowMs: Millis,
): Promise<Identity | null> {
  if (sessionToken === null) return null;
  const found = await store.session(secretHash(sessionToken));
  if (found === null) return null;
  const { session, owner } = found;
  const idle = owner.kind === 'user' && nowMs - session.lastUsedAtMs >= SESSION_IDLE_MS_MAX;
  if (idle || session.expiresAtMs <= nowMs) {
    await store.endSession(session.tokenHash);
    return null;
  }
  if (owner.kind === 'user' && owner.user.disabled) return null;
  if (nowMs - session.lastUsedAtMs >= TOUCH_MS) await store.touchSession(session.tokenHash, nowMs);
  if (owner.kind === 'token') return tokenIdentity(store, owner.token, session, nowMs);
  const { user } = owner;
  const actor: Actor = { name: `user:${user.name}`, userId: user.id, role: user.role };
  return { kind: 'user', actor, user, session };
}

/** The same store, which says so after each verb that may end a session or token, also when it failed half-way. */
function reportEndings(store: AccessStore, ended: () => void): AccessStore {
  const told =
    <A extends unknown[], R>(verb: (...given: A) => Promise<R>) =>
    (...given: A) =>
      verb(...given).finally(ended);
  return {
    ...store,
    changeUser: told(store.changeUser),
    endSession: told(store.endSession),
    endSessionOfUser: told(store.endSessionOfUser),
    endSessionsOfUser: told(store.endSessionsOfUser),
    removeApiToken: told(store.removeApiToken),
  };
}
