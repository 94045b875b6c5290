/** Tables of users, sessions, API tokens and the audit log. */
import type { Language } from '@muster/shared/api/access.ts';
import type { Role, TokenRole } from '@muster/shared/api/rights.ts';
import type { Kit } from '../kit.ts';

export function accessTables(k: Kit) {
  const users = k.table('users', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    /** Lower case, NFKC: two users cannot differ by it only. */
    nameKey: k.text('name_key').notNull().unique(),
    displayName: k.text('display_name').notNull(),
    role: k.text('role').$type<Role>().notNull(),
    language: k.text('language').$type<Language>(),
    disabled: k.bool('disabled').notNull(),
    passwordHash: k.text('password_hash').notNull(),
    createdAtMs: k.millis('created_at_ms').notNull(),
    lastSignInAtMs: k.millis('last_sign_in_at_ms'),
  });
  const apiTokens = k.table('api_tokens', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    role: k.text('role').$type<TokenRole>().notNull(),
    /** SHA-256 of the token, hex. */
    tokenHash: k.text('token_hash').notNull().unique(),
    createdAtMs: k.millis('created_at_ms').notNull(),
    expiresAtMs: k.millis('expires_at_ms'),
    lastUsedAtMs: k.millis('last_used_at_ms'),
  });
  const sessions = k.table(
    'sessions',
    {
      /** SHA-256 of the cookie's value, hex. */
      tokenHash: k.text('token_hash').primaryKey(),
      /** What the session is called by in addresses and lists: says nothing about the cookie. */
      id: k.text('id').notNull().unique(),
      /** Exactly one of the two: a person who signed in, or the API token of a wallboard. */
      userId: k.text('user_id').references(() => users.id, { onDelete: 'cascade' }),
      apiTokenId: k.text('api_token_id').references(() => apiTokens.id, { onDelete: 'cascade' }),
      createdAtMs: k.millis('created_at_ms').notNull(),
      lastUsedAtMs: k.millis('last_used_at_ms').notNull(),
      expiresAtMs: k.millis('expires_at_ms').notNull(),
      address: k.text('address').notNull(),
      browser: k.text('browser').notNull(),
      system: k.text('system').notNull(),
    },
    (t) => [
      k.index('sessions_user').on(t.userId, t.lastUsedAtMs),
      k.index('sessions_token').on(t.apiTokenId),
      k.index('sessions_last_used').on(t.lastUsedAtMs),
      k.index('sessions_expires').on(t.expiresAtMs),
    ],
  );
  const audit = k.table(
    'audit',
    {
      /** Place in the chain, from 1, without a gap. */
      seq: k.big('seq').primaryKey(),
      atMs: k.millis('at_ms').notNull(),
      actor: k.text('actor').notNull(),
      action: k.text('action').notNull(),
      subject: k.text('subject').notNull(),
      /** Canonical JSON, kept as text so that the hash can be recomputed byte by byte. */
      detail: k.text('detail').notNull(),
      hash: k.text('hash').notNull(),
    },
    (t) => [
      k.index('audit_at').on(t.atMs, t.seq),
      k.index('audit_action').on(t.action, t.seq),
      k.index('audit_actor').on(t.actor, t.seq),
      k.index('audit_subject').on(t.subject, t.seq),
    ],
  );
  return { users, sessions, apiTokens, audit };
}

/** Set up at each start, because a rebuild of the table would lose them: the log only grows. */
export const AUDIT_GUARDS_SQLITE = `
CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;
