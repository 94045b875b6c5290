/** A rule in sentences: whom it is about, what must hold, when it clears. Pure. */
import type { Language } from '@muster/shared/api/access.ts';
import type { Level, Rule } from '@muster/shared/api/rules.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { isMetricName, METRICS, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import type { Key, Translate } from '../../i18n/catalogue.ts';
import { displayUnit, quantityText } from '../../util/quantity.ts';
import { wholeSpanText } from '../../util/time.ts';

export interface Speech {
  readonly t: Translate;
  readonly language: Language;
}

type Threshold = Extract<Rule['condition'], { type: 'threshold' }>;

const CLASS_WORDS: Readonly<Record<string, Key>> = {
  Server: 'rules.classes.server',
  Workstation: 'rules.classes.workstation',
  VirtualMachine: 'rules.classes.virtualMachine',
};

/** `Servers and virtual machines`, `Workstations with tag “kiosk”`, `SRV-ERP01`. */
export function subjectWords(
  { selector }: Pick<Rule, 'selector'>,
  nameOf: (ciId: string) => string,
  { t, language }: Speech,
): string {
  if (selector.ciId !== null) return nameOf(selector.ciId);
  const whom = classWords(selector.class, { t, language });
  return initialCapital(
    selector.tag === null ? whom : t('rules.tagged', { subject: whom, tag: selector.tag }),
  );
}

/** `servers and virtual machines`; null: all machines. */
export function classWords(classes: readonly string[] | null, { t, language }: Speech): string {
  if (classes === null) return t('rules.allMachines');
  const names = classes.map((name) => {
    const word = CLASS_WORDS[name];
    if (word) return t(word);
    return isMachineClass(name) ? CI_CLASSES[name].title[language] : name;
  });
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(names);
}

function initialCapital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** One sentence of one level: what must be so for how long, what else must hold, when it clears. */
export function levelWords(
  { selector }: Pick<Rule, 'selector'>,
  condition: Threshold,
  level: Level,
  speech: Speech,
): string[] {
  const { t } = speech;
  const above = condition.op === 'above';
  const metric = metricWords(condition.metric, speech);
  const series =
    selector.instance === null ? metric : t('rules.series', { metric, instance: selector.instance });
  const values = { series, level: levelText(condition.metric, level.level, speech) };
  const begins =
    condition.forMs === 0
      ? t(above ? 'rules.aboveAtOnce' : 'rules.belowAtOnce', values)
      : t(above ? 'rules.above' : 'rules.below', {
          ...values,
          span: wholeSpanText(condition.forMs, t),
        });
  return [begins, ...floorWords(condition, level, speech), clearWords(condition, level, speech)];
}

function floorWords({ floor }: Threshold, level: Level, speech: Speech): string[] {
  if (floor === null) return [];
  const { t } = speech;
  return [
    t(floor.op === 'below' ? 'rules.whileBelow' : 'rules.whileAbove', {
      metric: withinSentence(metricWords(floor.metric, speech)),
      level: levelText(floor.metric, level.floor ?? floor.level, speech),
    }),
  ];
}

/** `File system available` → `file system available`; `CPU in use` stays. */
function withinSentence(title: string): string {
  return /^\p{Lu}\p{Ll}/u.test(title) ? title.slice(0, 1).toLowerCase() + title.slice(1) : title;
}

function clearWords(condition: Threshold, level: Level, speech: Speech): string {
  const { t } = speech;
  const clear = levelText(condition.metric, level.clear, speech);
  const above = condition.op === 'above';
  if (condition.keepForMs === 0) return t(above ? 'rules.clearBelow' : 'rules.clearAbove', { clear });
  const span = wholeSpanText(condition.keepForMs, t);
  return t(above ? 'rules.clearBelowFor' : 'rules.clearAboveFor', { clear, span });
}

export function metricWords(metric: string, { language }: Speech): string {
  return isMetricName(metric) ? METRICS[metric].title[language] : metric;
}

/** `90 %`, `10 GiB`: levels are round numbers, so a zero behind the point says nothing. */
export function levelText(metric: string, value: number, { language }: Speech): string {
  const unit = isMetricName(metric) ? shownUnit(metric) : '1';
  const shown = displayUnit(metric, unit);
  return quantityText(value * shown.factor, shown.unit, language).replace(/\.0+(?=\D*$)/, '');
}

/** What a rule says, all of it: each level with its hold, what else must hold, when it clears. */
export function ruleSentences(rule: Pick<Rule, 'selector' | 'condition' | 'says'>, speech: Speech): string[] {
  const { condition } = rule;
  if (condition.type === 'threshold')
    return condition.levels.flatMap((level) => levelWords(rule, condition, level, speech));
  const { t } = speech;
  if (condition.type !== 'silent') return (rule.says ?? []).map((words) => words[speech.language]);
  return [
    condition.forMs ? t('rules.silentFor', { span: wholeSpanText(condition.forMs, t) }) : t('rules.silent'),
  ];
}
