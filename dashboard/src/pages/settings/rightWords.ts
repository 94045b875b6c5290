/** What each right of the table lets a person do, in the reader's words. */
import { RIGHTS, type Right } from '@muster/shared/api/rights.ts';
import type { Key } from '../../i18n/catalogue.ts';

/** Rights that say something about people; everybody has the others, or nobody needs them. */
const WORDS = {
  open: null,
  session: null,
  read: 'settings.users.right.read',
  'incidents.write': 'settings.users.right.incidents',
  'cis.write': 'settings.users.right.cis',
  'changes.request': 'settings.users.right.changesRequest',
  'changes.approve': 'settings.users.right.changesApprove',
  'views.share': 'settings.users.right.views',
  'enrolment.write': 'settings.users.right.enrolment',
  'agents.write': 'settings.users.right.agents',
  'rollouts.write': 'settings.users.right.rollouts',
  'config.write': 'settings.users.right.config',
  'rules.write': 'settings.users.right.rules',
  'presence.write': 'settings.users.right.presence',
  'calendars.write': 'settings.users.right.calendars',
  'targets.write': 'settings.users.right.targets',
  'availability.request': 'settings.users.right.availabilityRequest',
  'availability.approve': 'settings.users.right.availabilityApprove',
  'maintenance.write': 'settings.users.right.maintenance',
  'incidents.settings': 'settings.users.right.incidentsSettings',
  'channels.read': 'settings.users.right.channelsRead',
  'channels.write': 'settings.users.right.channelsWrite',
  'assets.write': 'settings.users.right.assets',
  'assets.correct': 'settings.users.right.assetsCorrect',
  'classes.write': 'settings.users.right.classes',
  'users.write': 'settings.users.right.users',
  'tokens.write': 'settings.users.right.tokens',
  'history.write': 'settings.users.right.history',
  'twin.write': 'settings.users.right.twin',
  'audit.read': 'settings.users.right.audit',
  'metrics.scrape': 'settings.users.right.metrics',
  'metrics.write': 'settings.users.right.metricsWrite',
  'exchange.read': 'settings.users.right.exchangeRead',
  'exchange.write': 'settings.users.right.exchangeWrite',
} as const satisfies Record<Right, Key | null>;

/** Each right with its words, those that most roles have first. */
export const RIGHT_WORDS: readonly { readonly right: Right; readonly word: Key }[] = Object.entries(
  WORDS as Record<Right, Key | null>,
)
  .flatMap(([right, word]) => (word === null ? [] : [{ right: right as Right, word }]))
  .sort((a, b) => (RIGHTS[b.right]?.length ?? 0) - (RIGHTS[a.right]?.length ?? 0));
