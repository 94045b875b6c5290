/** The server's reasons about identity in the reader's words. Pure. */
import type { Language } from '@muster/shared/api/access.ts';
import type { IdentityTrace } from '@muster/shared/api/cmdb.ts';
import type { z } from 'zod';
import type { Key, Translate } from '../../i18n/catalogue.ts';
import { valueTitle } from '../../parts/valueWords.ts';

type Trace = z.infer<typeof IdentityTrace>;

const RULES: Readonly<Record<string, Key>> = {
  'matched agent': 'cmdb.identity.why.agent',
  'matched serial+uuid': 'cmdb.identity.why.serialUuid',
  'matched serial': 'cmdb.identity.why.serial',
  'matched mainboard-swap': 'cmdb.identity.why.swap',
  'matched uuid': 'cmdb.identity.why.uuid',
  'matched vm-uuid': 'cmdb.identity.why.vmUuid',
  'matched asset-number': 'cmdb.identity.why.assetNumber',
  'matched person': 'cmdb.identity.why.person',
  'created person': 'cmdb.identity.why.person',
  'matched board-serial': 'cmdb.identity.why.boardSerial',
  'matched macs': 'cmdb.identity.why.macs',
  'matched machine-id+hostname': 'cmdb.identity.why.machineId',
  'matched same-boot': 'cmdb.identity.why.sameBoot',
  'created new': 'cmdb.identity.why.created',
  'contradicted agent': 'cmdb.identity.why.contradicted',
  'ambiguous mainboard-swap': 'cmdb.identity.why.swapDoubt',
  'ambiguous serial': 'cmdb.identity.why.serialDoubt',
  'ambiguous vm-uuid': 'cmdb.identity.why.cloneDoubt',
  'ambiguous uuid': 'cmdb.identity.why.uuidDoubt',
  'ambiguous board-serial': 'cmdb.identity.why.boardSerialDoubt',
  'ambiguous machine-id+hostname': 'cmdb.identity.why.machineIdDoubt',
};

/** null: a rule this dashboard does not know; the server's own sentence then stands. */
export function ruleKey({ decision, rule, reason }: Pick<Trace, 'decision' | 'rule' | 'reason'>): Key | null {
  if (decision === 'created' && reason.includes('before any inventory'))
    return 'cmdb.identity.why.placeholder';
  // Several that match by one rule are the common case; one that is only doubtful is the other.
  if (decision === 'ambiguous' && /^\d/.test(reason)) return 'cmdb.identity.why.several';
  if (decision === 'ambiguous' && rule === 'serial' && reason.startsWith('the serial number is equal'))
    return 'cmdb.identity.why.serialCloneDoubt';
  return RULES[`${decision} ${rule}`] ?? null;
}

export function rejectedText(reason: string, t: Translate, language: Language): string {
  const differs = /^differs in (.+)$/.exec(reason)?.[1];
  if (differs !== undefined) {
    const names = differs.split(', ').map((name) => valueTitle('Server', name, t, language));
    return t('cmdb.identity.not.differs', { names: names.join(t('ui.listSeparator')) });
  }
  if (reason.startsWith('one of several')) return t('cmdb.identity.not.several');
  if (reason === 'only the host name is equal') return t('cmdb.identity.not.hostname');
  if (reason === 'kept apart by a person') return t('cmdb.identity.not.apart');
  if (reason === 'too few keys are equal') return t('cmdb.identity.not.few');
  return reason;
}

/** What a key of a part begins with → what it is; what follows is the value. */
const PART_KEYS: readonly (readonly [string, Key])[] = [
  ['memory serial ', 'cmdb.identity.part.serial'],
  ['disk serial ', 'cmdb.identity.part.serial'],
  ['cpu slot ', 'cmdb.identity.part.slot'],
  ['memory slot ', 'cmdb.identity.part.slot'],
  ['disk name ', 'cmdb.identity.part.name'],
  ['mac ', 'cmdb.identity.part.mac'],
  ['volume ', 'cmdb.identity.part.volume'],
  ['mount ', 'cmdb.identity.part.mount'],
  ['name ', 'cmdb.identity.part.name'],
];

export function partKeyText(key: string, t: Translate): string {
  if (key === 'operating system') return t('cmdb.identity.part.system');
  const found = PART_KEYS.find(([prefix]) => key.startsWith(prefix));
  return found ? t(found[1], { value: key.slice(found[0].length) }) : key;
}
