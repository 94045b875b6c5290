/** `/session`, `/users`, `/api-tokens`, `/audit`. */
import {
  accessEndpoints as endpoints,
  type Session,
  SESSIONS_MAX,
  type User,
} from '@muster/shared/api/access.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Role, TokenRole } from '@muster/shared/api/rights.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { DAY_MS, toIso } from '@muster/shared/time.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppError } from '../errors.ts';
import type { SessionDoor, SessionRoutes } from '../http/routes.ts';
import { newId } from '../ids.ts';
import { type Access, type Identity, issueApiToken, SESSION_MS_MAX } from './access.ts';
import { AuditCheck } from './audit-check.ts';
import type { AuditVerdict } from './audit-log.ts';
import { nameKey } from './name-key.ts';
import { hashPassword } from './password.ts';
import type { ApiTokenRecord, AuditRecord, SessionRecord, UserRecord } from './store.ts';

export function addAccessRoutes(routes: SessionRoutes, deps: { access: Access }): void {
  addSessionRoutes(routes, deps.access);
  addUserRoutes(routes, deps.access);
  addApiTokenRoutes(routes, deps.access);
  addAuditRoutes(routes, deps.access);
}

function addSessionRoutes(routes: SessionRoutes, access: Access): void {
  routes.addWithSession(endpoints.signIn, async ({ body }, { address, nowMs }, door) => {
    const { userAgent } = door;
    const { user, sessionToken } = await access.signIn({ ...body, address, userAgent }, nowMs);
    await endReplaced(access, door);
    door.start(sessionToken, SESSION_MS_MAX);
    return userView(user);
  });
  routes.addWithSession(endpoints.signInWithToken, async ({ body }, { address, nowMs }, door) => {
    const { userAgent } = door;
    const opened = await access.openWallboard({ ...body, address, userAgent }, nowMs);
    await endReplaced(access, door);
    door.start(opened.sessionToken, opened.ageMsMax);
    return tokenAsUser(opened.token);
  });
  routes.addWithSession(endpoints.me, async (_input, _context, { identity }) => {
    if (identity?.kind === 'token') return tokenAsUser(identity.token);
    return userView(signedIn(identity).user);
  });
  routes.addWithSession(endpoints.signOut, async (_input, _context, door) => {
    const session = door.identity?.session ?? null;
    if (session === null) throw new AppError('forbidden', NO_SESSION);
    await access.store.endSession(session.tokenHash);
    door.end();
    return {};
  });
  routes.addWithSession(endpoints.listSessions, async (_input, _context, { identity }) => {
    const { user, session: present } = signedIn(identity);
    const sessions = await access.store.listSessions({ userId: user.id }, SESSIONS_MAX);
    return { items: sessions.map((session) => sessionView(session, present)), nextCursor: null };
  });
  routes.addWithSession(endpoints.endSession, async ({ params }, _context, door) => {
    const { user, session } = signedIn(door.identity);
    if (!(await access.store.endSessionOfUser(user.id, params.id))) {
      throw new AppError('not-found', `There is no session ${params.id} of ${user.name}.`);
    }
    if (params.id === session.id) door.end();
    return {};
  });
  routes.addWithSession(endpoints.endOtherSessions, async ({ query }, _context, door) => {
    const { user, session } = signedIn(door.identity);
    const keep = query.includingThis ? null : session.tokenHash;
    const ended = await access.store.endSessionsOfUser(user.id, keep);
    if (query.includingThis) door.end();
    return { ended };
  });
  routes.addWithSession(endpoints.updateMe, async ({ body }, { address, nowMs }, { identity }) => {
    const { user, session } = signedIn(identity);
    const { password, ...change } = body;
    if (password !== undefined) {
      await access.changeOwnPassword({ user, session, address, ...password }, nowMs);
    }
    return userView(found(await access.store.changeUser(user.id, change), 'user', user.id));
  });
}

/** The cookie of this browser is replaced, and what nobody holds any more should not live on. */
async function endReplaced(access: Access, { identity }: SessionDoor): Promise<void> {
  const session = identity?.session ?? null;
  if (session !== null) await access.store.endSession(session.tokenHash);
}

const NO_SESSION = 'An API token has no session; this needs a person who signed in.';

function addUserRoutes(routes: SessionRoutes, access: Access): void {
  const { store } = access;
  routes.add(endpoints.listUsers, async ({ query }, { actor }) => {
    const after = query.cursor === undefined ? null : (decodeCursor(query.cursor, 1)[0] ?? null);
    const users = await store.listUsers({ limit: query.limit + 1, after });
    // Names and roles are needed to hand work over; when a colleague was last here is not everybody's business.
    const view = roleHas(actor.role, 'users.write')
      ? userView
      : (user: UserRecord) => ({ ...userView(user), lastSignInAt: null });
    return page(users, query.limit, view, (user) => nameKey(user.name));
  });
  routes.add(endpoints.createUser, async ({ body }, { nowMs }) => {
    const { password, displayName = body.name, name, role, language } = body;
    const user: UserRecord = {
      id: newId('usr', nowMs),
      name,
      displayName,
      role,
      language,
      disabled: false,
      passwordHash: await hashPassword(password),
      createdAtMs: nowMs,
      lastSignInAtMs: null,
    };
    await store.addUser(user);
    return userView(user);
  });
  routes.add(endpoints.updateUser, async ({ params, body }, { actor }) => {
    const { password, ...change } = body;
    if (params.id === actor.userId) refuseOwnAccount(body, actor.role);
    const user = found(await store.changeUser(params.id, change), 'user', params.id);
    if (password === undefined) return userView(user);
    return userView(found(await access.setPassword(params.id, password), 'user', params.id));
  });
  routes.addWithSession(endpoints.endUserSessions, async ({ params }, _context, { identity }) => {
    found(await store.user(params.id), 'user', params.id);
    const ended = await store.endSessionsOfUser(params.id, identity?.session?.tokenHash ?? null);
    return { ended };
  });
}

/** Who could lock the own account would sooner or later; and the own password needs the present one. */
function refuseOwnAccount(
  change: { role?: Role; disabled?: boolean; password?: string },
  role: TokenRole,
): void {
  const what =
    change.role !== undefined && change.role !== role
      ? 'role'
      : change.disabled === true
        ? 'sign-in'
        : change.password === undefined
          ? null
          : 'password';
  if (what !== null) throw new AppError('own-account', `This would change your own ${what}.`);
}

function addApiTokenRoutes(routes: SessionRoutes, { store }: Access): void {
  routes.add(endpoints.listApiTokens, async ({ query }) => {
    const after = query.cursor === undefined ? null : (decodeCursor(query.cursor, 1)[0] ?? null);
    const tokens = await store.listApiTokens({ limit: query.limit + 1, after });
    return page(tokens, query.limit, apiTokenView, (token) => token.id);
  });
  routes.add(endpoints.createApiToken, async ({ body }, { nowMs }) => {
    const { name, role, expiresInDays } = body;
    const expiresAtMs = expiresInDays === null ? null : nowMs + expiresInDays * DAY_MS;
    const { record, token } = await issueApiToken(store, { name, role, expiresAtMs }, nowMs);
    return { ...apiTokenView(record), token };
  });
  routes.add(endpoints.deleteApiToken, async ({ params }) => {
    if (!(await store.removeApiToken(params.id))) {
      throw new AppError('not-found', `There is no API token ${params.id}.`);
    }
    return {};
  });
}

function addAuditRoutes(routes: SessionRoutes, { store }: Access): void {
  routes.add(endpoints.listAudit, async ({ query }) => {
    const { limit, cursor, from, to, ...filter } = query;
    const beforeSeq = cursor === undefined ? null : seqOf(cursor);
    const period = {
      ...(from === undefined ? {} : { fromMs: Date.parse(from) }),
      ...(to === undefined ? {} : { toMs: Date.parse(to) }),
    };
    const entries = await store.listAudit({ ...filter, ...period, limit: limit + 1, beforeSeq });
    return page(entries, limit, auditView, (entry) => String(entry.seq));
  });
  const check = new AuditCheck(store);
  routes.add(endpoints.verifyAudit, async (_input, { nowMs }) => verdictView(await check.run(nowMs)));
  routes.add(endpoints.auditCheck, async () => {
    const { running, last } = check.state();
    return { running, last: last && { at: toIso(last.atMs), ...verdictView(last.verdict) } };
  });
}

function seqOf(cursor: string): number {
  const seq = Number(decodeCursor(cursor, 1)[0]);
  if (!Number.isSafeInteger(seq)) {
    throw new AppError('input-invalid', 'The cursor is not one that this server gave out.');
  }
  return seq;
}

/** `rows` holds one more than the page when there is a next page. */
function page<T, V>(rows: T[], limit: number, view: (row: T) => V, key: (row: T) => string) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: items.map(view), nextCursor: more ? encodeCursor([key(last)]) : null };
}

function signedIn(identity: Identity | null): Extract<Identity, { kind: 'user' }> {
  if (identity?.kind !== 'user') {
    throw new AppError('forbidden', NO_SESSION);
  }
  return identity;
}

function found<T>(value: T | null, kind: string, id: string): T {
  if (value === null) throw new AppError('not-found', `There is no ${kind} ${id}.`);
  return value;
}

function userView(user: UserRecord): User {
  return {
    id: user.id,
    name: user.name,
    displayName: user.displayName,
    role: user.role,
    language: user.language,
    disabled: user.disabled,
    createdAt: toIso(user.createdAtMs),
    lastSignInAt: user.lastSignInAtMs === null ? null : toIso(user.lastSignInAtMs),
  };
}

function sessionView(session: SessionRecord, present: SessionRecord): Session {
  return {
    id: session.id,
    createdAt: toIso(session.createdAtMs),
    lastUsedAt: toIso(session.lastUsedAtMs),
    address: session.address,
    browser: session.browser,
    system: session.system,
    current: session.id === present.id,
  };
}

/** A token asks who it is: answered in the form of a user. */
function tokenAsUser(token: ApiTokenRecord): User {
  const { role } = token;
  invariant(role !== 'sender', 'a sender may not ask who it is');
  return {
    id: token.id,
    name: token.name,
    displayName: token.name,
    role,
    language: null,
    disabled: false,
    createdAt: toIso(token.createdAtMs),
    lastSignInAt: null,
  };
}

function apiTokenView(token: ApiTokenRecord) {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    createdAt: toIso(token.createdAtMs),
    expiresAt: token.expiresAtMs === null ? null : toIso(token.expiresAtMs),
    lastUsedAt: token.lastUsedAtMs === null ? null : toIso(token.lastUsedAtMs),
  };
}

function verdictView({ entries, brokenAt, head }: AuditVerdict) {
  return { ok: brokenAt === null, entries, brokenAt, head };
}

function auditView(entry: AuditRecord) {
  const { seq, atMs, actor, action, subject, hash } = entry;
  return {
    seq,
    at: toIso(atMs),
    actor,
    action,
    subject,
    hash,
    detail: JSON.parse(entry.detail) as Record<string, unknown>,
  };
}
