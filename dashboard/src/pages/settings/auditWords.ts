/** Entries of the audit log in the reader's words: who, and what was done. */
import type { AuditEntry } from '@muster/shared/api/access.ts';
import { type ChangedGroups, ConfigMade } from '@muster/shared/api/agent-config.ts';
import { TOKEN_ROLES } from '@muster/shared/api/rights.ts';
import type { Key, Translate, Values } from '../../i18n/catalogue.ts';
import { INCIDENT_LOOKS } from '../../ui/states.ts';
import { roleWord } from './roleWords.ts';

/** What is written down: endpoints by their id, and events that no request causes. */
export const ACTION_WORDS: Readonly<Record<string, Key>> = {
  'audit.started': 'settings.audit.action.auditStarted',
  'backup.made': 'settings.audit.action.backupMade',
  'history.deleted': 'settings.audit.action.historyDeleted',
  'user.created': 'settings.audit.action.userCreated',
  'user.password-reset': 'settings.audit.action.passwordReset',
  signIn: 'settings.audit.action.signIn',
  'signIn.refused': 'settings.audit.action.signInRefused',
  'signIn.wallboard': 'settings.audit.action.signInWallboard',
  signOut: 'settings.audit.action.signOut',
  updateMe: 'settings.audit.action.updateMe',
  endSession: 'settings.audit.action.endSession',
  endOtherSessions: 'settings.audit.action.endOtherSessions',
  endUserSessions: 'settings.audit.action.endUserSessions',
  createUser: 'settings.audit.action.createUser',
  updateUser: 'settings.audit.action.updateUser',
  createApiToken: 'settings.audit.action.createApiToken',
  deleteApiToken: 'settings.audit.action.deleteApiToken',
  verifyAudit: 'settings.audit.action.verifyAudit',
  createChannel: 'settings.audit.action.createChannel',
  updateChannel: 'settings.audit.action.updateChannel',
  deleteChannel: 'settings.audit.action.deleteChannel',
  testChannel: 'settings.audit.action.testChannel',
  createWriteMapping: 'settings.audit.action.createWriteMapping',
  updateWriteMapping: 'settings.audit.action.updateWriteMapping',
  deleteWriteMapping: 'settings.audit.action.deleteWriteMapping',
  createWriteTarget: 'settings.audit.action.createWriteTarget',
  updateWriteTarget: 'settings.audit.action.updateWriteTarget',
  deleteWriteTarget: 'settings.audit.action.deleteWriteTarget',
  testWriteTarget: 'settings.audit.action.testWriteTarget',
  createEnrolmentToken: 'settings.audit.action.createEnrolmentToken',
  deleteEnrolmentToken: 'settings.audit.action.deleteEnrolmentToken',
  createIntakeSite: 'settings.audit.action.createIntakeSite',
  revokeIntakeSite: 'settings.audit.action.revokeIntakeSite',
  'agent.enrolled': 'settings.audit.action.agentEnrolled',
  'agent.refused': 'settings.audit.action.agentRefused',
  'agent.declined': 'settings.audit.action.agentDeclined',
  'agent.uninstalled': 'settings.audit.action.agentUninstalled',
  'agent.finding': 'settings.audit.action.agentFinding',
  approveAgent: 'settings.audit.action.approveAgent',
  revokeAgent: 'settings.audit.action.revokeAgent',
  createRollout: 'settings.audit.action.createRollout',
  moveRollout: 'settings.audit.action.moveRollout',
  deleteRelease: 'settings.audit.action.deleteRelease',
  pinAgent: 'settings.audit.action.pinAgent',
  updateCi: 'settings.audit.action.updateCi',
  createCi: 'settings.audit.action.createCi',
  createChange: 'settings.audit.action.createChange',
  updateChange: 'settings.audit.action.updateChange',
  moveChange: 'settings.audit.action.moveChange',
  putChangePolicy: 'settings.audit.action.putChangePolicy',
  decideIdentityReview: 'settings.audit.action.decideIdentityReview',
  mergeCis: 'settings.audit.action.mergeCis',
  undoMerge: 'settings.audit.action.undoMerge',
  splitCi: 'settings.audit.action.splitCi',
  removePin: 'settings.audit.action.removePin',
  addJunkValue: 'settings.audit.action.addJunkValue',
  removeJunkValue: 'settings.audit.action.removeJunkValue',
  setAgentConfig: 'settings.audit.action.setAgentConfig',
  restoreAgentConfig: 'settings.audit.action.restoreAgentConfig',
  setFingerprints: 'settings.audit.action.setFingerprints',
  setPresenceSettings: 'settings.audit.action.setPresenceSettings',
  confirmPresenceSuggestion: 'settings.audit.action.confirmPresenceSuggestion',
  dismissPresenceSuggestion: 'settings.audit.action.dismissPresenceSuggestion',
  undoPresenceSuggestion: 'settings.audit.action.undoPresenceSuggestion',
  putFindingRules: 'settings.audit.action.putFindingRules',
  restoreCi: 'settings.audit.action.restoreCi',
  createBaseline: 'settings.audit.action.createBaseline',
  updateBaseline: 'settings.audit.action.updateBaseline',
  deleteBaseline: 'settings.audit.action.deleteBaseline',
  setRetention: 'settings.audit.action.setRetention',
  nameSoftware: 'settings.audit.action.nameSoftware',
  mergeSoftware: 'settings.audit.action.mergeSoftware',
  createSoftwareRule: 'settings.audit.action.createSoftwareRule',
  updateSoftwareRule: 'settings.audit.action.updateSoftwareRule',
  deleteSoftwareRule: 'settings.audit.action.deleteSoftwareRule',
  createLicence: 'settings.audit.action.createLicence',
  updateLicence: 'settings.audit.action.updateLicence',
  createRelations: 'settings.audit.action.createRelations',
  endRelation: 'settings.audit.action.endRelation',
  setServiceMembers: 'settings.audit.action.setServiceMembers',
  setTwin: 'settings.audit.action.setTwin',
  runTwin: 'settings.audit.action.runTwin',
  decideFindings: 'settings.audit.action.decideFindings',
  createClass: 'settings.audit.action.createClass',
  updateClass: 'settings.audit.action.updateClass',
  deleteClass: 'settings.audit.action.deleteClass',
  createAttribute: 'settings.audit.action.createAttribute',
  updateAttribute: 'settings.audit.action.updateAttribute',
  deleteAttribute: 'settings.audit.action.deleteAttribute',
  giveAssetNumber: 'settings.audit.action.giveAssetNumber',
  archiveCi: 'settings.audit.action.archiveCi',
  unarchiveCi: 'settings.audit.action.unarchiveCi',
  checkOut: 'settings.audit.action.checkOut',
  checkIn: 'settings.audit.action.checkIn',
  putAssetSetting: 'settings.audit.action.putAssetSetting',
  createStocktake: 'settings.audit.action.createStocktake',
  scanStocktake: 'settings.audit.action.scanStocktake',
  endStocktake: 'settings.audit.action.endStocktake',
  applyImport: 'settings.audit.action.applyImport',
  undoImport: 'settings.audit.action.undoImport',
  bulkCis: 'settings.audit.action.bulkCis',
  createView: 'settings.audit.action.createView',
  updateView: 'settings.audit.action.updateView',
  deleteView: 'settings.audit.action.deleteView',
  createCalendar: 'settings.audit.action.createCalendar',
  updateCalendar: 'settings.audit.action.updateCalendar',
  deleteCalendar: 'settings.audit.action.deleteCalendar',
  assignCalendar: 'settings.audit.action.assignCalendar',
  createTarget: 'settings.audit.action.createTarget',
  updateTarget: 'settings.audit.action.updateTarget',
  deleteTarget: 'settings.audit.action.deleteTarget',
  requestReclassification: 'settings.audit.action.requestReclassification',
  decideReclassification: 'settings.audit.action.decideReclassification',
  withdrawReclassification: 'settings.audit.action.withdrawReclassification',
  undoReclassification: 'settings.audit.action.undoReclassification',
  createRule: 'settings.audit.action.createRule',
  updateRule: 'settings.audit.action.updateRule',
  deleteRule: 'settings.audit.action.deleteRule',
  acknowledgeAlerts: 'settings.audit.action.acknowledgeAlerts',
  withdrawAcknowledgements: 'settings.audit.action.withdrawAcknowledgements',
  restoreRule: 'settings.audit.action.restoreRule',
  createMaintenanceWindow: 'settings.audit.action.createMaintenanceWindow',
  updateMaintenanceWindow: 'settings.audit.action.updateMaintenanceWindow',
  endMaintenanceWindow: 'settings.audit.action.endMaintenanceWindow',
  extendMaintenanceWindow: 'settings.audit.action.extendMaintenanceWindow',
  skipMaintenanceOccurrence: 'settings.audit.action.skipMaintenanceOccurrence',
  createIncident: 'settings.audit.action.createIncident',
  transitionIncident: 'settings.audit.action.transitionIncident',
  noteIncident: 'settings.audit.action.noteIncident',
  assignIncident: 'settings.audit.action.assignIncident',
  mergeIncidents: 'settings.audit.action.mergeIncidents',
  splitIncident: 'settings.audit.action.splitIncident',
  linkIncident: 'settings.audit.action.linkIncident',
  setIncidentPriority: 'settings.audit.action.setIncidentPriority',
  fileIncident: 'settings.audit.action.fileIncident',
  putPriorityMatrix: 'settings.audit.action.putPriorityMatrix',
  putIncidentSettings: 'settings.audit.action.putIncidentSettings',
  putIncidentCategories: 'settings.audit.action.putIncidentCategories',
};

/** The sentence of an entry; an action without words stands as it is. `nameOf` knows some ids, `releaseOf` versions of releases. */
export function auditSentence(
  entry: AuditEntry,
  t: Translate,
  nameOf: (id: string) => string,
  releaseOf: (serial: number) => string | undefined = () => undefined,
): string {
  const { action, subject } = entry;
  const config = configSentence(entry, t);
  if (config !== undefined) return config;
  const word = specialWord(entry) ?? ACTION_WORDS[action];
  return word === undefined ? `${action} ${nameOf(subject)}` : t(word, slots(entry, t, nameOf, releaseOf));
}

/** undefined: the entry is of something else, or from before entries kept what was made. */
function configSentence({ action, detail }: AuditEntry, t: Translate): string | undefined {
  const restored = action === 'restoreAgentConfig';
  const kept = restored || action === 'setAgentConfig' ? ConfigMade.safeParse(detail).data : undefined;
  if (kept === undefined) return undefined;
  const { made, changed } = kept;
  const version = Number(detail['version']);
  const what = !restored
    ? t('settings.audit.action.madeAgentConfig', { made })
    : version === 0
      ? t('settings.audit.action.restoreAgentDefaultsAs', { made })
      : t('settings.audit.action.restoreAgentConfigAs', { version, made });
  const groups = changedWords(changed, t).join(t('ui.listSeparator'));
  return groups === ''
    ? t('settings.audit.configSame', { what })
    : t('settings.audit.configChanged', { what, groups });
}

function changedWords({ everybody, order, groups, moreGroups }: ChangedGroups, t: Translate): string[] {
  return [
    ...(everybody ? [t('config.everybody')] : []),
    ...groups,
    ...(moreGroups > 0 ? [t('settings.audit.moreGroups', { count: moreGroups })] : []),
    ...(order ? [t('settings.audit.groupOrder')] : []),
  ];
}

const ROLLOUT_WORDS: Readonly<Record<string, Key>> = {
  paused: 'settings.audit.action.pauseRollout',
  running: 'settings.audit.action.resumeRollout',
  promoted: 'settings.audit.action.promoteRollout',
  stopped: 'settings.audit.action.stopRollout',
  'rolling-back': 'settings.audit.action.undoRollout',
};

/** A change of a user, or a step of a rollout, says which, because that is what one looks for. */
function specialWord({ action, detail }: AuditEntry): Key | undefined {
  if (action === 'transitionIncident' && typeof detail['to'] !== 'string')
    return 'settings.audit.action.changeIncident';
  if (action === 'updateMe' && detail['password'] !== undefined) return 'settings.audit.action.ownPassword';
  if (action === 'updateRule' && onlyHas(detail, 'enabled'))
    return detail['enabled'] === true
      ? 'settings.audit.action.enableRule'
      : 'settings.audit.action.disableRule';
  if (action === 'moveRollout') return ROLLOUT_WORDS[String(detail['to'])];
  if (action === 'deleteRelease' && detail['serial'] === undefined)
    return 'settings.audit.action.deleteSomeRelease';
  if (action === 'restoreAgentConfig' && detail['version'] !== undefined)
    return detail['version'] === 0
      ? 'settings.audit.action.restoreAgentDefaults'
      : 'settings.audit.action.restoreAgentConfigOf';
  if (action === 'pinAgent' && detail['pinned'] === false) return 'settings.audit.action.unpinAgent';
  if (action !== 'updateUser') return undefined;
  if (onlyHas(detail, 'role')) return 'settings.audit.action.changeRole';
  if (onlyHas(detail, 'password')) return 'settings.audit.action.setPassword';
  if (onlyHas(detail, 'disabled'))
    return detail['disabled'] === true
      ? 'settings.audit.action.disableUser'
      : 'settings.audit.action.enableUser';
  return undefined;
}

function onlyHas(detail: AuditEntry['detail'], field: string): boolean {
  const fields = Object.keys(detail).filter((one) => one !== 'called');
  return fields.length === 1 && fields[0] === field;
}

function slots(
  entry: AuditEntry,
  t: Translate,
  nameOf: (id: string) => string,
  releaseOf: (serial: number) => string | undefined,
): Values {
  const { detail, subject } = entry;
  const role = TOKEN_ROLES.find((each) => each === detail['role']);
  const look = Object.entries(INCIDENT_LOOKS).find(([state]) => state === detail['to'])?.[1];
  const { serial, version } = detail;
  return {
    name:
      typeof serial === 'number'
        ? releaseName(serial, releaseOf(serial), t)
        : (['name', 'hostname', 'title', 'called'].map((field) => textOf(detail[field])).find(Boolean) ??
          nameOf(subject)),
    role: role === undefined ? '' : t(roleWord(role)),
    state: look === undefined ? String(detail['to']) : t(look.word),
    ...(typeof version === 'number' ? { version } : {}),
  };
}

/** By its version, and by its number, which tells it from another build. */
function releaseName(serial: number, version: string | undefined, t: Translate): string {
  return version === undefined ? String(serial) : t('settings.audit.release', { version, serial });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `user:anna` → anna; tokens, agents and the server itself say what they are. */
export function auditActor(actor: string, t: Translate, nameOf: (id: string) => string): string {
  if (actor === 'system') return t('settings.audit.actor.system');
  const [kind, ...rest] = actor.split(':');
  const name = rest.join(':');
  if (kind === 'user') return name;
  if (kind === 'token') return t('settings.audit.actor.token', { name });
  if (kind === 'agent') return t('settings.audit.actor.agent', { name: nameOf(name) });
  // Programs of others have names that people know.
  if (kind === 'other-agent') return name;
  return actor;
}
