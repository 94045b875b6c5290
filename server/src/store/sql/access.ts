/** Users, sessions, API tokens and the audit log in SQL. */
import { and, asc, desc, eq, gt, gte, isNotNull, lt, lte, ne, or, type SQL, sql } from 'drizzle-orm';
import { chainEntry } from '../../access/audit-chain.ts';
import { nameKey } from '../../access/name-key.ts';
import type { AccessStore, UserChange, UserRecord } from '../../access/store.ts';
import { AppError } from '../../errors.ts';
import { builtOnce } from './built-once.ts';
import { bulkPut } from './bulk.ts';
import type { Db, SqlStore } from './open.ts';

export function createSqlAccessStore(store: SqlStore): AccessStore {
  const { read, t } = store;
  const { users, sessions, apiTokens } = t;
  const dropWhere = (which: SQL | undefined) =>
    store.tx(async (db) => (await db.delete(sessions).where(which).returning({ id: sessions.id })).length);
  // Every request asks one of these two: making the statement would take ten times as long as running it.
  const sessionByHash = read
    .select()
    .from(sessions)
    .leftJoin(users, eq(users.id, sessions.userId))
    .leftJoin(apiTokens, eq(apiTokens.id, sessions.apiTokenId))
    .where(eq(sessions.tokenHash, sql.placeholder('tokenHash')))
    .prepare();
  const apiTokenByHash = read
    .select()
    .from(apiTokens)
    .where(eq(apiTokens.tokenHash, sql.placeholder('tokenHash')))
    .prepare();
  const lastEntry = builtOnce((db) =>
    db.select().from(t.audit).orderBy(desc(t.audit.seq)).limit(1).prepare(),
  );
  const putEntries = bulkPut(t.audit, 'refuse');
  return {
    addUser: (user) => store.tx((db) => addUser(db, t, user)),
    addFirstUser: (user) =>
      store.tx(async (db) => {
        const [any] = await db.select({ id: users.id }).from(users).limit(1);
        if (any !== undefined) return false;
        await addUser(db, t, user);
        return true;
      }),
    user: async (id) => toUser((await read.select().from(users).where(eq(users.id, id)))[0]),
    userByName: async (name) =>
      toUser(
        (
          await read
            .select()
            .from(users)
            .where(eq(users.nameKey, nameKey(name)))
        )[0],
      ),
    listUsers: async ({ limit, after }) => {
      const where = after === null ? undefined : gt(users.nameKey, after);
      const rows = await read.select().from(users).where(where).orderBy(asc(users.nameKey)).limit(limit);
      return rows.flatMap((row) => toUser(row) ?? []);
    },
    changeUser: (id, change, options) =>
      store.tx((db) => changeUser(db, t, { id, change, keepSession: options?.keepSession })),

    addSession: (session) =>
      store.tx(async (db) => {
        await db.insert(sessions).values(session);
      }),
    session: async (tokenHash) => {
      const [row] = await sessionByHash.execute({ tokenHash });
      if (row === undefined) return null;
      const { sessions: session, users: userRow, api_tokens: token } = row;
      const user = toUser(userRow ?? undefined);
      if (user !== null) return { session, owner: { kind: 'user', user } };
      return token === null ? null : { session, owner: { kind: 'token', token } };
    },
    listSessions: async (of, limit) =>
      read
        .select()
        .from(sessions)
        .where('userId' in of ? eq(sessions.userId, of.userId) : eq(sessions.apiTokenId, of.apiTokenId))
        .orderBy(desc(sessions.lastUsedAtMs), desc(sessions.id))
        .limit(limit),
    touchSession: (tokenHash, atMs) =>
      store.tx(async (db) => {
        await db.update(sessions).set({ lastUsedAtMs: atMs }).where(eq(sessions.tokenHash, tokenHash));
      }),
    endSession: async (tokenHash) => (await dropWhere(eq(sessions.tokenHash, tokenHash))) > 0,
    endSessionOfUser: async (userId, id) =>
      (await dropWhere(and(eq(sessions.userId, userId), eq(sessions.id, id)))) > 0,
    endSessionsOfUser: (userId, keep) =>
      dropWhere(and(eq(sessions.userId, userId), keep === null ? undefined : ne(sessions.tokenHash, keep))),
    dropSessions: ({ expiredByMs, usedBeforeMs }) =>
      dropWhere(
        or(
          lte(sessions.expiresAtMs, expiredByMs),
          and(isNotNull(sessions.userId), lt(sessions.lastUsedAtMs, usedBeforeMs)),
        ),
      ),

    addApiToken: (token) =>
      store.tx(async (db) => {
        await db.insert(apiTokens).values(token);
      }),
    apiToken: async (tokenHash) => (await apiTokenByHash.execute({ tokenHash }))[0] ?? null,
    listApiTokens: async ({ limit, after }) => {
      const where = after === null ? undefined : gt(apiTokens.id, after);
      return read.select().from(apiTokens).where(where).orderBy(asc(apiTokens.id)).limit(limit);
    },
    touchApiToken: (id, atMs) =>
      store.tx(async (db) => {
        await db.update(apiTokens).set({ lastUsedAtMs: atMs }).where(eq(apiTokens.id, id));
      }),
    removeApiToken: (id) =>
      store.tx(async (db) => {
        const gone = await db.delete(apiTokens).where(eq(apiTokens.id, id)).returning({ id: apiTokens.id });
        return gone.length > 0;
      }),

    appendAudit: (event, atMs) =>
      store.tx(async (db) => {
        const [previous] = await lastEntry(db).execute();
        const entry = chainEntry(previous ?? null, event, atMs);
        await putEntries(db, [entry]);
        return entry;
      }),
    listAudit: async ({ limit, beforeSeq, action, actor, subject, fromMs, toMs }) => {
      const where = and(
        beforeSeq === null ? undefined : lt(t.audit.seq, beforeSeq),
        action === undefined ? undefined : eq(t.audit.action, action),
        actor === undefined ? undefined : eq(t.audit.actor, actor),
        subject === undefined ? undefined : eq(t.audit.subject, subject),
        fromMs === undefined ? undefined : gte(t.audit.atMs, fromMs),
        toMs === undefined ? undefined : lt(t.audit.atMs, toMs),
      );
      return read.select().from(t.audit).where(where).orderBy(desc(t.audit.seq)).limit(limit);
    },
    readAudit: async (afterSeq, limit) =>
      read.select().from(t.audit).where(gt(t.audit.seq, afterSeq)).orderBy(asc(t.audit.seq)).limit(limit),
  };
}

type Tables = SqlStore['t'];
type UserRow = Tables['users']['$inferSelect'];

function toUser(row: UserRow | undefined): UserRecord | null {
  if (row === undefined) return null;
  const { nameKey: _key, ...user } = row;
  return user;
}

async function addUser(db: Db, t: Tables, user: UserRecord): Promise<void> {
  const added = await db
    .insert(t.users)
    .values({ ...user, nameKey: nameKey(user.name) })
    .onConflictDoNothing({ target: t.users.nameKey })
    .returning({ id: t.users.id });
  if (added.length === 0) throw new AppError('name-taken', `There is a user ${user.name} already.`);
}

async function changeUser(
  db: Db,
  t: Tables,
  options: { id: string; change: UserChange; keepSession: string | undefined },
): Promise<UserRecord | null> {
  const { id, change, keepSession } = options;
  const [before] = await db.select().from(t.users).where(eq(t.users.id, id));
  if (before === undefined) return null;
  const next = { ...before, ...change };
  await db.update(t.users).set(next).where(eq(t.users.id, id));
  const [admin] = await db
    .select({ id: t.users.id })
    .from(t.users)
    .where(and(eq(t.users.role, 'admin'), eq(t.users.disabled, false)))
    .limit(1);
  if (admin === undefined) {
    throw new AppError('last-administrator', `${before.name} is the only administrator left.`);
  }
  if (next.disabled || change.passwordHash !== undefined) {
    const others = keepSession === undefined ? undefined : ne(t.sessions.tokenHash, keepSession);
    await db.delete(t.sessions).where(and(eq(t.sessions.userId, id), others));
  }
  return toUser(next);
}
