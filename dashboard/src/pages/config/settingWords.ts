/** What settings and their values are called, on the pages and in comparisons. */
import type { SettingValue } from '@muster/shared/agent-config/changes.ts';
import type { Collected, ConfigSettings } from '@muster/shared/api/agent-config.ts';
import { type Check, checkTarget } from '@muster/shared/checks/check.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { INTERVAL_MS_DEFAULT, INVENTORY_INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { wholeSpanText } from '../../util/time.ts';

type OneLanguage = (words: { readonly en: string; readonly zh: string }) => string;

/** 'sections.users' → 'Inventory: Accounts'. What an older version names and is no more keeps its name. */
export function settingTitle(
  setting: string,
  collected: Collected | undefined,
  t: Translate,
  words: OneLanguage,
): string {
  const dot = setting.indexOf('.');
  const [kind, name] = dot < 0 ? [setting, ''] : [setting.slice(0, dot), setting.slice(dot + 1)];
  const titleOf = (all: readonly { name: string; title: { en: string; zh: string } }[] | undefined) => {
    const found = all?.find((one) => one.name === name);
    return found ? words(found.title) : name;
  };
  switch (kind) {
    case 'intervalMs':
    case 'inventoryIntervalMs':
    case 'group':
    case 'order':
      return t(`config.setting.${kind}`);
    case 'of':
      return name === 'tags' || name === 'classes' || name === 'sites' ? t(`config.setting.${name}`) : name;
    case 'collectors':
      return t('config.setting.collector', { name: titleOf(collected?.collectors) });
    case 'sections':
      return t('config.setting.section', { name: titleOf(collected?.kinds) });
    case 'checks':
      return t('config.setting.check', { name });
    case 'labels':
      return t('config.setting.label', { name });
    case 'fields':
      return fieldTitle(name, collected, t, words);
    default:
      return setting;
  }
}

function fieldTitle(
  path: string,
  collected: Collected | undefined,
  t: Translate,
  words: OneLanguage,
): string {
  const whole = collected?.kinds.find(({ name }) => name === path);
  if (whole) return words(whole.title);
  const section = collected?.kinds.find(({ name }) => path.startsWith(`${name}.`));
  const field = section?.fields.find((one) => one.path === path);
  if (!section || !field) return path;
  return t('config.setting.field', { section: words(section.title), name: words(field.title) });
}

/** null: not said. */
export function settingValue(setting: string, value: SettingValue | null, t: Translate): string {
  if (value === null) return t('config.value.absent');
  if (setting === 'group') return t(value === true ? 'config.value.there' : 'config.value.gone');
  if (value === false && setting.startsWith('checks.')) return t('config.checks.notHere');
  if (typeof value === 'boolean') return t(value ? 'config.value.on' : 'config.value.off');
  return typeof value === 'number' ? wholeSpanText(value, t) : value;
}

/** How often agents read where nothing is said. */
export const defaultSpans = (t: Translate) => ({
  interval: wholeSpanText(INTERVAL_MS_DEFAULT, t),
  inventory: wholeSpanText(INVENTORY_INTERVAL_MS_DEFAULT, t),
});

/** What holds for everybody where nothing is said: the span of an interval; what is read is on; there are no labels and checks. */
export function defaultValue(setting: string, t: Translate): string {
  const { interval, inventory } = defaultSpans(t);
  if (setting === 'intervalMs') return t('config.choice.defaultIs', { value: interval });
  if (setting === 'inventoryIntervalMs') return t('config.choice.defaultIs', { value: inventory });
  return t(/^(labels|checks)\./.test(setting) ? 'config.value.none' : 'config.choice.default');
}

/** All that a check asks and is judged by. */
export function checkWords(check: Check, t: Translate): string {
  const verify = (trusted: boolean) => t(trusted ? 'config.check.trusted' : 'config.check.anyCertificate');
  const parts = (): readonly string[] => {
    switch (check.kind) {
      case 'tcp':
        return [];
      case 'tls':
        return [verify(check.verify)];
      case 'dns':
        return check.expected === null ? [] : [t('config.check.expects', { text: check.expected })];
      case 'http':
        return [
          t('config.check.status', { min: check.statusMin, max: check.statusMax }),
          ...(check.contains === null ? [] : [t('config.check.contains', { text: check.contains })]),
          t(check.followRedirects ? 'config.check.follows' : 'config.check.stays'),
          verify(check.verify),
        ];
    }
  };
  return [
    `${check.kind} ${checkTarget(check)}`,
    ...parts(),
    t('config.check.every', { span: wholeSpanText(check.intervalMs, t) }),
    t('config.check.atMost', { span: wholeSpanText(check.timeoutMs, t) }),
  ].join(' · ');
}

/** Title and value in one phrase; of a check what is asked and how often, without what its answer is judged by. */
export function settingPhrase(
  [setting, value]: readonly [string, SettingValue],
  { checks = {} }: ConfigSettings,
  collected: Collected | undefined,
  t: Translate,
  words: OneLanguage,
): string {
  const title = settingTitle(setting, collected, t, words);
  if (setting.startsWith('labels.')) return `${title}=${value}`;
  const check = setting.startsWith('checks.') ? checks[setting.slice('checks.'.length)] : undefined;
  if (!check) return `${title} ${settingValue(setting, value, t)}`;
  return t('config.setting.checkInShort', {
    title,
    what: `${check.kind} ${checkTarget(check)}`,
    span: wholeSpanText(check.intervalMs, t),
  });
}
