/** Users, sessions, API tokens and the audit log in plain maps, for tests. */
import { chainEntry } from '../../access/audit-chain.ts';
import { nameKey } from '../../access/name-key.ts';
import type {
  AccessStore,
  ApiTokenRecord,
  AuditRecord,
  SessionRecord,
  UserRecord,
} from '../../access/store.ts';
import { AppError } from '../../errors.ts';

export function createMemoryAccessStore(): AccessStore {
  const users = new Map<string, UserRecord>();
  const sessions = new Map<string, SessionRecord>();
  const tokens = new Map<string, ApiTokenRecord>();
  const audit: AuditRecord[] = [];

  const byName = (name: string) =>
    [...users.values()].find((user) => nameKey(user.name) === nameKey(name)) ?? null;

  const endSessions = (userId: string, keep: string | undefined) => {
    const ended = [...sessions.values()].filter(
      (session) => session.userId === userId && session.tokenHash !== keep,
    );
    for (const session of ended) sessions.delete(session.tokenHash);
    return ended.length;
  };

  const add = (user: UserRecord) => {
    if (byName(user.name) !== null) throw new AppError('name-taken', `There is a user ${user.name} already.`);
    users.set(user.id, user);
  };

  return {
    addUser: async (user) => add(user),
    addFirstUser: async (user) => {
      if (users.size > 0) return false;
      add(user);
      return true;
    },
    user: async (id) => users.get(id) ?? null,
    userByName: async (name) => byName(name),
    listUsers: async ({ limit, after }) =>
      [...users.values()]
        .sort((a, b) => (nameKey(a.name) < nameKey(b.name) ? -1 : 1))
        .filter((user) => after === null || nameKey(user.name) > after)
        .slice(0, limit),
    changeUser: async (id, change, options) => {
      const user = users.get(id);
      if (user === undefined) return null;
      const next = { ...user, ...change };
      users.set(id, next);
      if (![...users.values()].some((other) => other.role === 'admin' && !other.disabled)) {
        users.set(id, user);
        throw new AppError('last-administrator', `${user.name} is the only administrator left.`);
      }
      if (next.disabled || change.passwordHash !== undefined) endSessions(id, options?.keepSession);
      return next;
    },

    addSession: async (session) => void sessions.set(session.tokenHash, session),
    session: async (tokenHash) => {
      const session = sessions.get(tokenHash);
      const user = users.get(session?.userId ?? '');
      const token = tokens.get(session?.apiTokenId ?? '');
      if (session !== undefined && user !== undefined) return { session, owner: { kind: 'user', user } };
      return session !== undefined && token !== undefined
        ? { session, owner: { kind: 'token', token } }
        : null;
    },
    listSessions: async (of, limit) =>
      [...sessions.values()]
        .filter((session) =>
          'userId' in of ? session.userId === of.userId : session.apiTokenId === of.apiTokenId,
        )
        .sort((a, b) => b.lastUsedAtMs - a.lastUsedAtMs || (a.id < b.id ? 1 : -1))
        .slice(0, limit),
    touchSession: async (tokenHash, atMs) => {
      const session = sessions.get(tokenHash);
      if (session !== undefined) sessions.set(tokenHash, { ...session, lastUsedAtMs: atMs });
    },
    endSession: async (tokenHash) => sessions.delete(tokenHash),
    endSessionOfUser: async (userId, id) => {
      const found = [...sessions.values()].find((session) => session.userId === userId && session.id === id);
      return found !== undefined && sessions.delete(found.tokenHash);
    },
    endSessionsOfUser: async (userId, keep) => endSessions(userId, keep ?? undefined),
    dropSessions: async ({ expiredByMs, usedBeforeMs }) => {
      const old = [...sessions.values()].filter(
        (session) =>
          session.expiresAtMs <= expiredByMs ||
          (session.userId !== null && session.lastUsedAtMs < usedBeforeMs),
      );
      for (const session of old) sessions.delete(session.tokenHash);
      return old.length;
    },

    addApiToken: async (token) => void tokens.set(token.id, token),
    apiToken: async (tokenHash) =>
      [...tokens.values()].find((token) => token.tokenHash === tokenHash) ?? null,
    listApiTokens: async ({ limit, after }) =>
      [...tokens.values()]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .filter((token) => after === null || token.id > after)
        .slice(0, limit),
    touchApiToken: async (id, atMs) => {
      const token = tokens.get(id);
      if (token !== undefined) tokens.set(id, { ...token, lastUsedAtMs: atMs });
    },
    removeApiToken: async (id) => {
      for (const session of sessions.values()) {
        if (session.apiTokenId === id) sessions.delete(session.tokenHash);
      }
      return tokens.delete(id);
    },

    appendAudit: async (event, atMs) => {
      const entry = chainEntry(audit.at(-1) ?? null, event, atMs);
      audit.push(entry);
      return entry;
    },
    listAudit: async ({ limit, beforeSeq, action, actor, subject, fromMs, toMs }) =>
      audit
        .toReversed()
        .filter(
          (entry) =>
            (beforeSeq === null || entry.seq < beforeSeq) &&
            (action === undefined || entry.action === action) &&
            (actor === undefined || entry.actor === actor) &&
            (subject === undefined || entry.subject === subject) &&
            (fromMs === undefined || entry.atMs >= fromMs) &&
            (toMs === undefined || entry.atMs < toMs),
        )
        .slice(0, limit),
    readAudit: async (afterSeq, limit) => audit.filter((entry) => entry.seq > afterSeq).slice(0, limit),
  };
}
