/** Values of a CI's attributes as text. */
import type { Language } from '@muster/shared/api/access.ts';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { type ClassRegistry, NO_OWN_CLASSES } from '@muster/shared/cmdb/class-registry.ts';
import {
  type AttributeDefinition,
  attributeDefinition,
  CI_CLASSES,
  type CiClass,
} from '@muster/shared/cmdb/classes.ts';
import type { Translate } from '../i18n/catalogue.ts';
import { ABSENT, formatNumber, quantityText } from '../util/quantity.ts';
import { dateTimeText } from '../util/time.ts';

let own: ClassRegistry = NO_OWN_CLASSES;
/** Attributes that the administrator added are read like the built-in ones from then on. */
export function setOwnClasses(registry: ClassRegistry): void {
  own = registry;
}

export function ownClasses(): ClassRegistry {
  return own;
}

function definitionOf(ciClass: string, name: string): AttributeDefinition | undefined {
  const builtIn = isCiClass(ciClass) ? attributeDefinition(ciClass, name) : undefined;
  return builtIn ?? own.ownByName(ciClass, name)?.definition;
}

/** The word for a class, also one of the administrator's own; an unknown one stands for itself. */
export function classTitle(name: string, language: Language): string {
  return own.titleOf(name)?.[language] ?? name;
}

/** A text attribute, or null where it is not known. */
export function attributeOf(ci: Pick<CiDetail, 'details'>, name: string): string | null {
  const value = ci.details.find((attribute) => attribute.name === name)?.value;
  return typeof value === 'string' && value !== '' ? value : null;
}

export function isCiClass(name: string): name is CiClass {
  return Object.hasOwn(CI_CLASSES, name);
}

/** The word for an attribute; a name the catalogue does not know stands for itself. */
export function attributeTitle(ciClass: string, name: string, language: Language): string {
  return definitionOf(ciClass, name)?.title[language] ?? name;
}

/** A value by the form its class gives it; what is not known is `–`. */
export function attributeText(
  ciClass: string,
  name: string,
  value: unknown,
  t: Translate,
  language: Language,
): string {
  if (value === null || value === undefined || value === '') return ABSENT;
  const form = definitionOf(ciClass, name)?.form;
  return formatted(form ?? 'text', value, t, language);
}

function formatted(
  form: AttributeDefinition['form'],
  value: unknown,
  t: Translate,
  language: Language,
): string {
  if (Array.isArray(value)) return value.length === 0 ? ABSENT : value.map(plain).join(t('ui.listSeparator'));
  if (typeof value === 'boolean') return t(value ? 'ui.yes' : 'ui.no');
  if (typeof value !== 'number') return plain(value);
  switch (form) {
    case 'bytes':
      return quantityText(value, 'B', language);
    case 'bits-per-second':
      return quantityText(value, 'bit/s', language);
    case 'hertz':
      return `${formatNumber(value / 1e9, 2, language)} GHz`;
    case 'time':
      return dateTimeText(value, language, false);
    case 'money':
      return formatNumber(value, 2, language);
    case 'text':
    case 'choice':
    case 'date':
    case 'number':
    case 'list':
    case 'yes-no':
      return formatNumber(value, Number.isInteger(value) ? 0 : 1, language);
  }
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
