import type { AuditEntry } from '@muster/shared/api/access.ts';
import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { expect, test } from 'vitest';
import type { Translate } from '../../i18n/catalogue.ts';
import { ACTION_WORDS, auditActor, auditSentence } from './auditWords.ts';

/** Shows key and slots instead of words. */
const t: Translate = (key, values = {}) =>
  [key.split('.').at(-1), ...Object.values(values).filter(Boolean)].join(' ');
const nameOf = (id: string) => (id === 'usr_1' ? 'anna' : id);
const entry = (action: string, subject: string, detail: AuditEntry['detail'] = {}): AuditEntry => ({
  seq: 1,
  at: '2026-01-02T03:04:05.000Z',
  actor: 'user:anna',
  action,
  subject,
  detail,
  hash: '',
});

test('[DB66] every endpoint that leaves an entry has its sentence', () => {
  const written = Object.values(ENDPOINTS).filter(({ audited, right }) => audited && right !== 'open');
  expect(written.map(({ id }) => id).filter((id) => ACTION_WORDS[id] === undefined)).toEqual([]);
});

/** What the server writes down by itself stands there as a plain text beside who and what. */
function actionsInServer(): Set<string> {
  const folder = join(import.meta.dirname, '../../../../server/src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !/\.test\.ts$|(^|[\\/])(contract|testing)\b/.test(name),
  );
  const found = new Set<string>();
  for (const name of files) {
    const text = readFileSync(join(folder, name), 'utf8');
    for (const { index } of text.matchAll(/\brecord(?:Audit)?\(\{/g)) {
      const [, action, constant] =
        /^.{0,200}?\baction: (?:'([^']+)'|([A-Z_]+))/s.exec(text.slice(index)) ?? [];
      const named = new RegExp(`\\b${constant} = '([^']+)'`).exec(text)?.[1];
      if (action !== undefined || constant !== undefined)
        found.add(action ?? named ?? `${constant} in ${name}`);
    }
  }
  return found;
}

test('[DB362] every event that the server writes down by itself has its sentence too', () => {
  const actions = [...actionsInServer()];
  expect(actions).toEqual(expect.arrayContaining(['agent.uninstalled', 'signIn.refused', 'backup.made']));
  expect(actions.filter((action) => ACTION_WORDS[action] === undefined)).toEqual([]);
});

test.each([
  [entry('createUser', 'usr_2', { name: 'bert', role: 'desk' }), 'createUser bert desk'],
  [entry('updateUser', 'usr_1', { role: 'admin' }), 'changeRole anna admin'],
  [entry('updateUser', 'usr_1', { disabled: true }), 'disableUser anna'],
  [entry('updateUser', 'usr_1', { disabled: false }), 'enableUser anna'],
  [entry('updateUser', 'usr_1', { password: '••••' }), 'setPassword anna'],
  [entry('updateUser', 'usr_1', { displayName: 'A', role: 'desk' }), 'updateUser anna desk'],
  [entry('updateMe', 'access', { password: '••••' }), 'ownPassword access'],
  [entry('signIn.refused', 'mallory', { address: '10.0.0.1' }), 'signInRefused mallory'],
  [entry('transitionIncident', 'INC-1', { to: 'closed' }), 'transitionIncident INC-1 closed'],
  [
    entry('transitionIncident', 'inc_1', { to: 'closed', called: 'INC-1' }),
    'transitionIncident INC-1 closed',
  ],
  [entry('updateRule', 'rul_1', { enabled: true, called: 'Disk' }), 'enableRule Disk'],
  [entry('moveRollout', 'rol_1', { to: 'rolling-back', note: '' }), 'undoRollout rol_1 rolling-back'],
  [entry('moveRollout', 'rol_1', { to: 'elsewhere' }), 'moveRollout rol_1 elsewhere'],
  [entry('pinAgent', 'agt_1', { pinned: true }), 'pinAgent agt_1'],
  [entry('pinAgent', 'agt_1', { pinned: false }), 'unpinAgent agt_1'],
  [entry('agent.enrolled', 'agt_1', { hostname: 'SRV-1' }), 'agentEnrolled SRV-1'],
  [entry('agent.uninstalled', 'agt_1', { hostname: 'SRV-1' }), 'agentUninstalled SRV-1'],
  [entry('someThing.new', 'usr_1'), 'someThing.new anna'],
])('[DB66] an entry is one sentence about its subject: %#', (given, expected) => {
  expect(auditSentence(given, t, nameOf).replace(' undefined', '')).toBe(expected);
});

const CONFIGS = new Map<number, ConfigGroups>([
  [3, { everybody: {}, groups: [] }],
  [
    4,
    {
      everybody: { intervalMs: 5_000 },
      groups: [{ name: 'Servers', of: { tags: ['a'], classes: [], sites: [] }, settings: {} }],
    },
  ],
]);
const known = {
  releaseOf: (serial: number) => (serial === 11 ? '1.3.2' : undefined),
  configOf: (version: number) => CONFIGS.get(version),
};

test.each([
  [entry('createRollout', 'rol_9', { serial: 11, tags: [] }), 'createRollout release 1.3.2 11'],
  [entry('createRollout', 'rol_9', { serial: 7, tags: [] }), 'createRollout releaseAlone 7'],
  [entry('moveRollout', 'usr_1', { to: 'paused' }), 'pauseRollout anna paused'],
  [entry('deleteRelease', 'rollouts', { serial: 11 }), 'deleteRelease release 1.3.2 11'],
  [entry('deleteRelease', 'rollouts'), 'deleteSomeRelease rollouts'],
  [
    entry('setAgentConfig', 'agents', { basedOn: 3 }),
    'setAgentConfigOf agents 4 everybodylistSeparatorServers',
  ],
  [entry('setAgentConfig', 'agents', { basedOn: 8 }), 'setAgentConfig agents'],
  [entry('restoreAgentConfig', 'agents', { version: 3 }), 'restoreAgentConfigOf agents 3'],
  [entry('restoreAgentConfig', 'agents', { version: 0 }), 'restoreAgentDefaults agents'],
  [entry('restoreAgentConfig', 'agents'), 'restoreAgentConfig agents'],
])(
  '[DB383] an entry of a rollout or a configuration says of which release, version and groups: %#',
  (given, expected) => {
    expect(auditSentence(given, t, nameOf, known).replace(' undefined', '')).toBe(expected);
  },
);

test.each([
  ['user:anna', 'anna'],
  ['token:ci: nightly', 'token ci: nightly'],
  ['agent:usr_1', 'agent anna'],
  ['system', 'system'],
  ['other', 'other'],
])('[DB66] who acted is said in words: %s', (actor, expected) => {
  expect(auditActor(actor, t, nameOf)).toBe(expected);
});
