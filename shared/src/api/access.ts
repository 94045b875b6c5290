/** Signing in, users, API tokens, audit log. */
import { z } from 'zod';
import { endpoint, IdParams, IsoTime, IsoTimeInput, listOf, Page } from './endpoint.ts';
import { ROLES, TOKEN_ROLES } from './rights.ts';

export const Language = z.enum(['en', 'zh']);
export type Language = z.infer<typeof Language>;
export const PASSWORD_LENGTH_MIN = 10;
export const PASSWORD_LENGTH_MAX = 256;
const API_TOKEN_LENGTH_MAX = 128;
const Password = z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX);

export const User = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  role: z.enum(ROLES),
  /** What the user chose; null: nothing yet, the language of the browser holds. */
  language: Language.nullable(),
  disabled: z.boolean(),
  createdAt: IsoTime,
  lastSignInAt: IsoTime.nullable(),
});
export type User = z.infer<typeof User>;

export const Session = z.object({
  id: z.string(),
  createdAt: IsoTime,
  /** Written down every few minutes at most. */
  lastUsedAt: IsoTime,
  /** Where it was signed in from. */
  address: z.string(),
  /** 'Firefox 145' and 'Windows'; '' where the browser did not say. */
  browser: z.string(),
  system: z.string(),
  /** The session that asks. */
  current: z.boolean(),
});
export type Session = z.infer<typeof Session>;

export const ApiToken = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(TOKEN_ROLES),
  createdAt: IsoTime,
  expiresAt: IsoTime.nullable(),
  lastUsedAt: IsoTime.nullable(),
});
export type ApiToken = z.infer<typeof ApiToken>;

export const AuditEntry = z.object({
  /** Place in the chain, from 1. */
  seq: z.number(),
  at: IsoTime,
  /** 'user:<name>', 'token:<name>', 'agent:<id>', 'system'. */
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
  /** SHA-256 (hex) over the previous hash and this entry. */
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditVerdict = z.object({
  /** Every entry fits the one before it. */
  ok: z.boolean(),
  entries: z.number(),
  /** The first place that is missing or does not fit. */
  brokenAt: z.number().nullable(),
  /** The last entry up to which the chain is whole: note its hash elsewhere, then a log cut off at the end is found. */
  head: z.object({ seq: z.number(), hash: z.string() }),
});
export type AuditVerdict = z.infer<typeof AuditVerdict>;

/** Of one user or wallboard's token; beyond it the session ends that was not used for longest. */
export const SESSIONS_MAX = 100;

const UserName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[\p{L}\p{N}._@-]+$/u);

export const accessEndpoints = {
  signIn: endpoint({
    id: 'signIn',
    method: 'POST',
    path: '/session',
    right: 'open',
    tag: 'access',
    summary: 'Sign in with name and password; sets the session cookie',
    body: z.object({
      name: z.string().max(64),
      password: z.string().max(PASSWORD_LENGTH_MAX),
    }),
    response: User,
  }),
  signInWithToken: endpoint({
    id: 'signInWithToken',
    method: 'POST',
    path: '/session/token',
    right: 'open',
    tag: 'access',
    summary:
      'Open a wallboard with an API token of the role viewer; sets a session cookie that ends with the token',
    body: z.object({ token: z.string().max(API_TOKEN_LENGTH_MAX) }),
    response: User,
  }),
  me: endpoint({
    id: 'me',
    method: 'GET',
    path: '/session',
    right: 'session',
    tag: 'access',
    summary: 'Who is signed in',
    response: User,
  }),
  signOut: endpoint({
    id: 'signOut',
    method: 'DELETE',
    path: '/session',
    right: 'session',
    tag: 'access',
    summary: 'Sign out',
    status: 204,
  }),
  updateMe: endpoint({
    id: 'updateMe',
    method: 'PATCH',
    path: '/session',
    right: 'session',
    tag: 'access',
    summary: 'Change own language, display name or password',
    body: z.object({
      /** null: again that of each browser. */
      language: Language.nullable().optional(),
      displayName: z.string().trim().min(1).max(128).optional(),
      password: z.object({ current: z.string().max(PASSWORD_LENGTH_MAX), next: Password }).optional(),
    }),
    response: User,
  }),
  listSessions: endpoint({
    id: 'listSessions',
    method: 'GET',
    path: '/sessions',
    right: 'session',
    tag: 'access',
    summary: 'Own sessions, last used first',
    response: listOf(Session),
  }),
  endSession: endpoint({
    id: 'endSession',
    method: 'DELETE',
    path: '/sessions/:id',
    right: 'session',
    tag: 'access',
    summary: 'Sign out one of the own sessions',
    params: IdParams,
    status: 204,
  }),
  endOtherSessions: endpoint({
    id: 'endOtherSessions',
    method: 'DELETE',
    path: '/sessions',
    right: 'session',
    tag: 'access',
    summary: 'Sign out everywhere else, or everywhere',
    query: z.object({ includingThis: z.stringbool().default(false) }),
    response: z.object({ ended: z.number() }),
  }),
  endUserSessions: endpoint({
    id: 'endUserSessions',
    method: 'DELETE',
    path: '/users/:id/sessions',
    right: 'users.write',
    tag: 'access',
    summary: 'Sign a user out everywhere; the own session stays',
    params: IdParams,
    response: z.object({ ended: z.number() }),
  }),
  listUsers: endpoint({
    id: 'listUsers',
    method: 'GET',
    path: '/users',
    right: 'read',
    tag: 'access',
    summary: 'Users',
    query: Page,
    response: listOf(User),
  }),
  createUser: endpoint({
    id: 'createUser',
    method: 'POST',
    path: '/users',
    right: 'users.write',
    tag: 'access',
    summary: 'Add a user',
    body: z.object({
      name: UserName,
      displayName: z.string().trim().min(1).max(128).optional(),
      role: z.enum(ROLES),
      password: Password,
      /** null: the user's browser says. */
      language: Language.nullable().default(null),
    }),
    response: User,
    status: 201,
  }),
  updateUser: endpoint({
    id: 'updateUser',
    method: 'PATCH',
    path: '/users/:id',
    right: 'users.write',
    tag: 'access',
    summary:
      'Change a user; disabling ends all sessions. Nobody changes the own role, disables or resets the own account',
    params: IdParams,
    body: z.object({
      role: z.enum(ROLES).optional(),
      disabled: z.boolean().optional(),
      displayName: z.string().trim().min(1).max(128).optional(),
      password: Password.optional(),
    }),
    response: User,
  }),
  listApiTokens: endpoint({
    id: 'listApiTokens',
    method: 'GET',
    path: '/api-tokens',
    right: 'tokens.write',
    tag: 'access',
    summary: 'API tokens',
    query: Page,
    response: listOf(ApiToken),
  }),
  createApiToken: endpoint({
    id: 'createApiToken',
    method: 'POST',
    path: '/api-tokens',
    right: 'tokens.write',
    tag: 'access',
    summary: 'Make an API token; the secret is shown once',
    body: z.object({
      name: z.string().trim().min(1).max(64),
      role: z.enum(TOKEN_ROLES),
      expiresInDays: z.int().min(1).max(3650).nullable().default(null),
    }),
    response: ApiToken.extend({ token: z.string() }),
    status: 201,
  }),
  deleteApiToken: endpoint({
    id: 'deleteApiToken',
    method: 'DELETE',
    path: '/api-tokens/:id',
    right: 'tokens.write',
    tag: 'access',
    summary: 'Revoke an API token',
    params: IdParams,
    status: 204,
  }),
  listAudit: endpoint({
    id: 'listAudit',
    method: 'GET',
    path: '/audit',
    right: 'audit.read',
    tag: 'access',
    summary: 'Audit log, newest first',
    query: Page.extend({
      action: z.string().max(64).optional(),
      actor: z.string().max(128).optional(),
      subject: z.string().max(128).optional(),
      from: IsoTimeInput.optional(),
      to: IsoTimeInput.optional(),
    }),
    response: listOf(AuditEntry),
  }),
  verifyAudit: endpoint({
    id: 'verifyAudit',
    method: 'POST',
    path: '/audit/verify',
    right: 'audit.read',
    tag: 'access',
    summary: 'Recompute the hash chain; joins a check that is running',
    response: AuditVerdict,
  }),
  auditCheck: endpoint({
    id: 'auditCheck',
    method: 'GET',
    path: '/audit/verify',
    right: 'audit.read',
    tag: 'access',
    summary: 'How far a running check of the hash chain is, and what the last one found',
    response: z.object({
      running: z.object({ checked: z.number(), total: z.number() }).nullable(),
      last: AuditVerdict.extend({ at: IsoTime }).nullable(),
    }),
  }),
};
