/** Port of users, sessions, API tokens and the audit log. One contract suite runs on each implementation. */
import type { Language } from '@muster/shared/api/access.ts';
import type { Role, TokenRole } from '@muster/shared/api/rights.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { AuditEvent } from './audit.ts';

export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  /** null until one is chosen: the browser's then. */
  readonly language: Language | null;
  readonly disabled: boolean;
  /** PHC string, see password.ts. */
  readonly passwordHash: string;
  readonly createdAtMs: Millis;
  readonly lastSignInAtMs: Millis | null;
}

export type UserChange = Partial<
  Pick<UserRecord, 'displayName' | 'role' | 'language' | 'disabled' | 'passwordHash' | 'lastSignInAtMs'>
>;

export interface SessionRecord {
  /** What lists and addresses call it by. */
  readonly id: string;
  /** SHA-256 of the cookie's value, hex. */
  readonly tokenHash: string;
  /** Exactly one of `userId` and `apiTokenId` is not null. */
  readonly userId: string | null;
  readonly apiTokenId: string | null;
  readonly createdAtMs: Millis;
  readonly lastUsedAtMs: Millis;
  readonly expiresAtMs: Millis;
  /** Where it was signed in from, and with what: '' where the browser did not say. */
  readonly address: string;
  readonly browser: string;
  readonly system: string;
}

/** Whose session it is: a person who signed in, or the API token that opened a wallboard. */
export type SessionOwner =
  | { readonly kind: 'user'; readonly user: UserRecord }
  | { readonly kind: 'token'; readonly token: ApiTokenRecord };

export interface ApiTokenRecord {
  readonly id: string;
  readonly name: string;
  readonly role: TokenRole;
  /** SHA-256 of the token, hex. */
  readonly tokenHash: string;
  readonly createdAtMs: Millis;
  readonly expiresAtMs: Millis | null;
  readonly lastUsedAtMs: Millis | null;
}

export interface AuditRecord {
  readonly seq: number;
  readonly atMs: Millis;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  /** Canonical JSON. */
  readonly detail: string;
  readonly hash: string;
}

/**
 * Contract. Each verb is atomic and durable when its promise resolves.
 * - Names are compared by `nameKey` (name-key.ts); `addUser` and its likes reject with AppError 'name-taken'.
 * - `changeUser` never leaves the server without an enabled administrator: AppError 'last-administrator', nothing is
 *   changed. Disabling a user or giving a new password ends the user's sessions except `keepSession`. It resolves to
 *   null when there is no such user.
 * - `addFirstUser` adds only while there is no user at all and says whether it did.
 * - Lists are sorted: users by name key, tokens by id (age), sessions last used first, audit entries newest first.
 *   `after` is the key of the last item seen.
 * - `endSession` and its likes resolve to whether there was one, or to how many there were. Removing an API token ends
 *   the sessions that it opened.
 * - `appendAudit` gives the next place in the chain, also when several processes append; entries are never changed.
 */
export interface AccessStore {
  addUser(user: UserRecord): Promise<void>;
  addFirstUser(user: UserRecord): Promise<boolean>;
  user(id: string): Promise<UserRecord | null>;
  userByName(name: string): Promise<UserRecord | null>;
  listUsers(page: { limit: number; after: string | null }): Promise<UserRecord[]>;
  changeUser(id: string, change: UserChange, options?: { keepSession?: string }): Promise<UserRecord | null>;

  addSession(session: SessionRecord): Promise<void>;
  session(tokenHash: string): Promise<{ session: SessionRecord; owner: SessionOwner } | null>;
  listSessions(of: { userId: string } | { apiTokenId: string }, limit: number): Promise<SessionRecord[]>;
  touchSession(tokenHash: string, atMs: Millis): Promise<void>;
  endSession(tokenHash: string): Promise<boolean>;
  endSessionOfUser(userId: string, id: string): Promise<boolean>;
  /** All of a user, but the one with the hash `keep`. */
  endSessionsOfUser(userId: string, keep: string | null): Promise<number>;
  /** Forgets what expired by `expiredByMs`, and sessions of users not used since `usedBeforeMs`; resolves to their number. */
  dropSessions(limits: { expiredByMs: Millis; usedBeforeMs: Millis }): Promise<number>;

  addApiToken(token: ApiTokenRecord): Promise<void>;
  apiToken(tokenHash: string): Promise<ApiTokenRecord | null>;
  listApiTokens(page: { limit: number; after: string | null }): Promise<ApiTokenRecord[]>;
  touchApiToken(id: string, atMs: Millis): Promise<void>;
  /** False when there was none. */
  removeApiToken(id: string): Promise<boolean>;

  appendAudit(event: AuditEvent, atMs: Millis): Promise<AuditRecord>;
  /** Newest first, below `beforeSeq`. */
  listAudit(query: {
    limit: number;
    beforeSeq: number | null;
    action?: string | undefined;
    actor?: string | undefined;
    subject?: string | undefined;
    /** From this time on, and before that one. */
    fromMs?: Millis | undefined;
    toMs?: Millis | undefined;
  }): Promise<AuditRecord[]>;
  /** Ascending, above `afterSeq`. */
  readAudit(afterSeq: number, limit: number): Promise<AuditRecord[]>;
}
