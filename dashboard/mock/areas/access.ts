/** Users, sessions, tokens and the audit log of the invented installation. */
import type { ApiToken, AuditEntry, User } from '@muster/shared/api/access.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, toIso } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';

/** `me` is the account of the mock, changed by what its page does. */
export function accessHandlers(startMs: Millis, me: User): Handlers {
  const users = [me, ...OTHERS.map((other, index) => makeUser(startMs, me, other, index))];
  const tokens = makeTokens(startMs);
  const audit = makeAudit(startMs);
  return {
    listUsers: () => ({ items: users, nextCursor: null }),
    createUser: ({ body }) => {
      const { name, displayName = name, role, language } = body;
      const user = {
        ...me,
        id: `usr_${users.length + 1}`,
        name,
        displayName,
        role,
        language,
        lastSignInAt: null,
      };
      users.push(user);
      return user;
    },
    updateUser: ({ params, body }) => {
      const user = users.find(({ id }) => id === params.id) ?? me;
      const { password: _password, ...change } = body;
      return Object.assign(user, change);
    },
    endUserSessions: () => ({ ended: 2 }),
    listSessions: () => ({ items: makeSessions(startMs), nextCursor: null }),
    endSession: () => ({}),
    endOtherSessions: () => ({ ended: 2 }),
    listApiTokens: () => ({ items: tokens, nextCursor: null }),
    createApiToken: ({ body }) => {
      const { name, role, expiresInDays } = body;
      const made: ApiToken = {
        id: `tok_${tokens.length + 1}`,
        name,
        role,
        createdAt: toIso(startMs),
        expiresAt: expiresInDays === null ? null : toIso(startMs + expiresInDays * DAY_MS),
        lastUsedAt: null,
      };
      tokens.push(made);
      return { ...made, token: 'mst_5tQv8N2kd0Zp7Yw1Lr4Xc9Hf6Gb3Mj_example0000' };
    },
    deleteApiToken: () => ({}),
    listAudit: ({ query }) => ({
      items: audit.filter(
        ({ action, actor, subject }) =>
          (query.action ?? action) === action &&
          (query.actor ?? actor) === actor &&
          (query.subject ?? subject) === subject,
      ),
      nextCursor: null,
    }),
    verifyAudit: () => VERDICT,
    auditCheck: () => ({ running: null, last: { at: toIso(startMs - 3 * MINUTE_MS), ...VERDICT } }),
  };
}

const OTHERS = [
  ['chen.yu', 'Chen Yu', 'operator', HOUR_MS],
  ['zhou.min', 'Zhou Min', 'operator', 2 * DAY_MS],
  ['wang.fang', '王芳', 'desk', 20 * MINUTE_MS],
  ['audit', 'External audit', 'viewer', null],
  ['lin.tao', 'Lin Tao', 'desk', 40 * DAY_MS],
] as const;

function makeUser(startMs: Millis, me: User, other: (typeof OTHERS)[number], index: number): User {
  const [name, displayName, role, agoMs] = other;
  return {
    ...me,
    id: `usr_${index + 2}`,
    name,
    displayName,
    role,
    language: index % 2 === 0 ? 'zh' : 'en',
    disabled: name === 'lin.tao',
    lastSignInAt: agoMs === null ? null : toIso(startMs - agoMs),
  };
}

function makeSessions(startMs: Millis) {
  const session = (id: string, browser: string, system: string, address: string, agoMs: number) => ({
    id,
    browser,
    system,
    address,
    createdAt: toIso(startMs - agoMs - 2 * DAY_MS),
    lastUsedAt: toIso(startMs - agoMs),
    current: id === 'ses_1',
  });
  return [
    session('ses_1', 'Chrome 142', 'Linux', '10.20.0.31', MINUTE_MS),
    session('ses_2', 'Safari 26', 'iOS', '10.20.8.4', 5 * HOUR_MS),
    session('ses_3', '', '', '10.20.0.77', 3 * DAY_MS),
  ];
}

function makeTokens(startMs: Millis): ApiToken[] {
  const token = (
    id: string,
    name: string,
    role: ApiToken['role'],
    usedMs: number | null,
    forMs: number | null,
  ) => ({
    id,
    name,
    role,
    createdAt: toIso(startMs - 60 * DAY_MS),
    expiresAt: forMs === null ? null : toIso(startMs + forMs),
    lastUsedAt: usedMs === null ? null : toIso(startMs - usedMs),
  });
  return [
    token('tok_1', 'Hall, second floor', 'viewer', 2 * MINUTE_MS, 300 * DAY_MS),
    token('tok_2', 'Asset import', 'operator', 9 * HOUR_MS, 21 * DAY_MS),
    token('tok_3', 'Prometheus', 'viewer', MINUTE_MS, null),
    token('tok_4', 'Trial', 'desk', null, -DAY_MS),
  ];
}

const HASH = '9f2c4a71e0b85d36a1c7f4e29b06d8535c1e7a40f39b2d6880e4c5a17b93d2f6';
const VERDICT = { ok: true, entries: 48_210, brokenAt: null, head: { seq: 48_210, hash: HASH } };

const NOBODY = { everybody: false, order: false, groups: [], moreGroups: 0 };

function makeAudit(startMs: Millis): AuditEntry[] {
  const rows: readonly (readonly [number, string, string, string, AuditEntry['detail']])[] = [
    [
      2 * MINUTE_MS,
      'user:wang.fang',
      'transitionIncident',
      'INC-0041',
      { to: 'in_progress', note: 'Switch restarts' },
    ],
    [6 * MINUTE_MS, 'user:wang.fang', 'signIn', 'usr_4', { address: '10.20.3.18' }],
    [
      9 * MINUTE_MS,
      'system',
      'signIn.refused',
      'wang.fang',
      { address: '10.20.3.18', reason: 'wrong password' },
    ],
    [
      38 * MINUTE_MS,
      'user:admin',
      'createUser',
      'usr_5',
      { name: 'audit', role: 'viewer', password: '••••', language: 'en' },
    ],
    [
      52 * MINUTE_MS,
      'agent:agt_12',
      'agent.enrolled',
      'agt_12',
      { hostname: 'HZ-LT-0231', platform: 'linux', address: '10.20.5.9' },
    ],
    [55 * MINUTE_MS, 'user:admin', 'moveRollout', 'rol_3', { to: 'paused', note: 'Month end' }],
    [56 * MINUTE_MS, 'user:admin', 'createRollout', 'rol_3', { serial: 12, tags: [] }],
    [
      57 * MINUTE_MS,
      'user:admin',
      'setAgentConfig',
      'agents',
      { basedOn: 12, made: 13, changed: { ...NOBODY, groups: ['Suzhou works council'] } },
    ],
    [
      58 * MINUTE_MS,
      'user:admin',
      'restoreAgentConfig',
      'agents',
      { version: 10, made: 12, changed: { ...NOBODY, everybody: true } },
    ],
    [59 * MINUTE_MS, 'user:chen.yu', 'pinAgent', 'agt_uninstalled', { pinned: true, note: '' }],
    [2 * HOUR_MS, 'token:Asset import', 'updateCi', 'ci_0004', { owner: 'Chen Yu', assetNumber: 'A-10442' }],
    [3 * HOUR_MS, 'user:chen.yu', 'updateRule', 'rul_3', { enabled: false }],
    [4 * HOUR_MS, 'user:admin', 'updateUser', 'usr_3', { role: 'operator' }],
    [5 * HOUR_MS, 'token:Hall, second floor', 'signIn.wallboard', 'tok_1', { address: '10.20.0.90' }],
    [26 * HOUR_MS, 'user:admin', 'verifyAudit', 'access', {}],
    [27 * HOUR_MS, 'user:admin', 'testChannel', 'chn_1', {}],
    [28 * HOUR_MS, 'user:admin', 'someday.later', 'thing_1', { old: 1 }],
  ];
  return rows.map(([agoMs, actor, action, subject, detail], index) => ({
    seq: 48_210 - index,
    at: toIso(startMs - agoMs),
    actor,
    action,
    subject,
    detail,
    hash: HASH.slice(index) + HASH.slice(0, index),
  }));
}
