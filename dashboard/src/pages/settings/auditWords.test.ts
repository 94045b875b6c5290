import type { AuditEntry } from '@muster/shared/api/access.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import i18next from 'i18next';
import { beforeAll, expect, test } from 'vitest';
import type { Translate } from '../../i18n/catalogue.ts';
import { en, zh } from '../../i18n/testing.ts';
import { ACTION_WORDS, auditActor, auditSentence } from './auditWords.ts';

/** Shows key and slots instead of words. */
const t: Translate = (key, values = {}) =>
  [key.split('.').at(-1), ...Object.values(values).filter(Boolean)].join(' ');
const i18n = i18next.createInstance();
beforeAll(() =>
  i18n.init({
    fallbackLng: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    resources: { en: { translation: en }, zh: { translation: zh } },
  }),
);
const speech = (language: string): Translate => {
  const inLanguage = i18n.getFixedT(language);
  return (key, values) => inLanguage(key, { ...values });
};
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

const releaseOf = (serial: number) => (serial === 11 ? '1.3.2' : undefined);
const NOBODY = { everybody: false, order: false, groups: [], moreGroups: 0 };
const SERVERS = { ...NOBODY, everybody: true, groups: ['Servers'] };
const MANY = { everybody: false, order: true, groups: ['a', 'b'], moreGroups: 3 };

test.each([
  [entry('createRollout', 'rol_9', { serial: 11, tags: [] }), 'createRollout release 1.3.2 11'],
  [entry('createRollout', 'rol_9', { serial: 7, tags: [] }), 'createRollout 7'],
  [entry('moveRollout', 'usr_1', { to: 'paused' }), 'pauseRollout anna paused'],
  [entry('deleteRelease', 'rollouts', { serial: 11 }), 'deleteRelease release 1.3.2 11'],
  [entry('deleteRelease', 'rollouts', { serial: 7 }), 'deleteRelease 7'],
  [entry('deleteRelease', 'rollouts'), 'deleteSomeRelease rollouts'],
  [entry('setAgentConfig', 'agents', { basedOn: 8 }), 'setAgentConfig agents'],
  [entry('restoreAgentConfig', 'agents', { version: 3 }), 'restoreAgentConfigOf agents 3'],
  [entry('restoreAgentConfig', 'agents', { version: 0 }), 'restoreAgentDefaults agents'],
  [entry('restoreAgentConfig', 'agents'), 'restoreAgentConfig agents'],
])(
  '[DB383] an entry of a rollout or a configuration says of which release or version it is: %#',
  (given, expected) => {
    expect(auditSentence(given, t, nameOf, releaseOf).replace(' undefined', '')).toBe(expected);
  },
);

test.each<[string, string, AuditEntry['detail'], string, string]>([
  [
    '[DB384] who was changed',
    'setAgentConfig',
    { made: 4, changed: SERVERS },
    'Made version 4 of the agent configuration; changed: Everybody, Servers',
    '生成代理配置版本 4，涉及：所有计算机、Servers',
  ],
  [
    '[DB384] many groups and their order',
    'setAgentConfig',
    { made: 4, changed: MANY },
    'Made version 4 of the agent configuration; changed: a, b, 3 more groups, the order of the groups',
    '生成代理配置版本 4，涉及：a、b、另外 3 个分组、分组顺序',
  ],
  [
    '[DB384] nothing changed',
    'setAgentConfig',
    { made: 7, changed: NOBODY },
    'Made version 7 of the agent configuration; nothing changed',
    '生成代理配置版本 7，内容未变',
  ],
  [
    '[DB384] a version that came back',
    'restoreAgentConfig',
    { version: 10, made: 14, changed: SERVERS },
    'Restored version 10 of the agent configuration as version 14; changed: Everybody, Servers',
    '恢复代理配置版本 10，生成版本 14，涉及：所有计算机、Servers',
  ],
  [
    '[DB384] the defaults that came back',
    'restoreAgentConfig',
    { version: 0, made: 15, changed: NOBODY },
    'Restored the defaults of the agent configuration as version 15; nothing changed',
    '将代理配置恢复为默认值，生成版本 15，内容未变',
  ],
  [
    '[DB384] an entry from before this was kept',
    'setAgentConfig',
    { basedOn: 3, content: {} },
    'Changed the agent configuration',
    '修改代理配置',
  ],
  [
    '[DB385] a rollout of a release whose version is not known',
    'createRollout',
    { serial: 7 },
    'Started a rollout of release 7',
    '开始升级批次：发布 7',
  ],
  [
    '[DB385] a rollout of a release',
    'createRollout',
    { serial: 11 },
    'Started a rollout of release 1.3.2 (number 11)',
    '开始升级批次：发布 1.3.2（编号 11）',
  ],
  [
    '[DB385] a release whose version is not known',
    'deleteRelease',
    { serial: 7 },
    'Removed release 7 from the server',
    '从服务器移除发布 7',
  ],
  [
    '[DB385] a release',
    'deleteRelease',
    { serial: 11 },
    'Removed release 1.3.2 (number 11) from the server',
    '从服务器移除发布 1.3.2（编号 11）',
  ],
])('%s is said in both languages', (_what, action, detail, english, chinese) => {
  const given = entry(action, 'agents', detail);
  expect(auditSentence(given, speech('en'), nameOf, releaseOf)).toBe(english);
  expect(auditSentence(given, speech('zh'), nameOf, releaseOf)).toBe(chinese);
});

test.each([
  ['user:anna', 'anna'],
  ['token:ci: nightly', 'token ci: nightly'],
  ['agent:usr_1', 'agent anna'],
  ['system', 'system'],
  ['other', 'other'],
])('[DB66] who acted is said in words: %s', (actor, expected) => {
  expect(auditActor(actor, t, nameOf)).toBe(expected);
});
