/** A row of a CI's history in words. */
import type { Language } from '@muster/shared/api/access.ts';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import type { Translate } from '../i18n/catalogue.ts';
import { CI_CLASSES, isAssetClass, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { RELATION_TYPES, type RelationType } from '@muster/shared/cmdb/relation-types.ts';
import type { IconName } from '../ui/Icon.tsx';
import { isCiClass } from './attributes.ts';
import { valueText, valueTitle } from './valueWords.ts';

/** `mysql-server 8.0.43 → 8.0.44`, `eno2: MTU 1500 → 9000`, `New: sda`. */
export function changeTitle(entry: HistoryEntry, t: Translate, language: Language): string {
  const name = entry.ciName;
  const value = (of: unknown) => valueText(entry.ciClass, entry.attribute ?? '', of, t, language);
  switch (entry.kind) {
    case 'created':
      return t('machines.change.created', {
        name,
        version: entry.attribute === 'version' ? String(entry.after) : '',
      }).trim();
    case 'removed':
      return t('machines.change.removed', { name });
    case 'returned':
      return t('machines.change.returned', { name });
    case 'merged':
      return t('machines.change.merged', { name });
    case 'split':
      return t('machines.change.split', { name });
    case 'relation-added':
      return t('machines.change.relationAdded', { name, tie: tieWords(entry, entry.after, language) });
    case 'relation-ended':
      return t('machines.change.relationEnded', { name, tie: tieWords(entry, entry.before, language) });
    case 'changed': {
      const values = { name, before: value(entry.before), after: value(entry.after) };
      if (entry.attribute === null || (entry.ciClass === 'Software' && entry.attribute === 'version'))
        return t('machines.change.version', values);
      return t('machines.change.attribute', {
        ...values,
        attribute: valueTitle(entry.ciClass, entry.attribute, t, language),
      });
    }
  }
}

/** `is used by Chen Jie`, read from the end whose history it is. */
function tieWords({ attribute, ciClass }: HistoryEntry, other: unknown, language: Language): string {
  const name = typeof other === 'string' ? other : '';
  const types: Readonly<Record<string, RelationType>> = RELATION_TYPES;
  const [, word = '', side] = attribute?.split(':') ?? [];
  const type = types[word];
  if (!type) return name;
  const isFrom =
    side !== 'inverse' &&
    type.from.some(
      (end) =>
        end === ciClass ||
        end === 'any' ||
        (end === 'machine' && isMachineClass(ciClass)) ||
        (end === 'asset' && isCiClass(ciClass) && isAssetClass(ciClass)),
    );
  return `${(isFrom ? type.title : type.inverse)[language]} ${name}`.trim();
}

/** Class of the changed thing in words. */
export function changedClass(entry: HistoryEntry, t: Translate, language: Language): string {
  if (isCiClass(entry.ciClass)) return CI_CLASSES[entry.ciClass].title[language];
  return entry.ciClass === 'Software' ? t('machines.tab.software') : entry.ciClass;
}

export function changeIcon(entry: HistoryEntry): IconName {
  switch (entry.ciClass) {
    case 'Software':
      return 'box';
    case 'NetworkInterface':
      return 'network';
    case 'FileSystem':
      return 'disk';
    case 'OperatingSystem':
      return 'gear';
    case 'Component':
      return 'disk';
    default:
      return 'change';
  }
}

/** `user:anna` → `anna`; the agent and the system by their words. */
export function actorWord(actor: string, t: Translate): string {
  if (actor.startsWith('user:')) return actor.slice('user:'.length);
  if (actor.startsWith('token:')) return t('machines.actor.token', { name: actor.slice('token:'.length) });
  if (actor.startsWith('agent')) return t('machines.actor.agent');
  return t('machines.actor.system');
}
