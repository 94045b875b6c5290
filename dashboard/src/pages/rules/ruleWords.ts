/** A rule in sentences: whom it is about, what must hold, when it ends. Pure. */
import type { Language } from '@muster/shared/api/access.ts';
import type { Condition, Level, Rule, Severity } from '@muster/shared/api/rules.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { isMetricName, type MetricName, METRICS } from '@muster/shared/metrics/catalogue.ts';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { Key, Translate } from '../../i18n/catalogue.ts';
import { displayUnit, quantityText } from '../../util/quantity.ts';
import { wholeSpanText } from '../../util/time.ts';
import { isSpanMetric } from './inputScale.ts';
import { levelUnit, type LookFn } from './windowFns.ts';

export interface Speech {
  readonly t: Translate;
  readonly language: Language;
}

/** Names of what a rule points at: machines, places, services and other rules. */
export type NameOf = (id: string) => string;

type Of<T extends Condition['type']> = Extract<Condition, { type: T }>;

/** One severity of a rule: what must hold, and when it is over; clauses without capital and full stop. */
export interface RuleLine {
  readonly severity: Severity;
  readonly condition: string;
  readonly end: string;
  /** What differs from a milder severity before it: `97 % or more`. */
  readonly again: string;
}

/** Between two ways to narrow. */
const NARROWED_GAP = { en: ' ', zh: '，' } as const;

/** Chinese and Latin characters keep a space between them, also where two sentences were joined. */
function spaced(text: string, language: Language): string {
  if (language !== 'zh') return text;
  return text
    .replace(/([A-Za-z0-9%°*])(?=\p{Script=Han})/gu, '$1 ')
    .replace(/(\p{Script=Han})(?=[A-Za-z0-9/])/gu, '$1 ');
}

const CLASS_WORDS: Readonly<Record<string, Key>> = {
  Server: 'rules.classes.server',
  Workstation: 'rules.classes.workstation',
  VirtualMachine: 'rules.classes.virtualMachine',
  NetworkDevice: 'rules.classes.networkDevice',
};

/** `Servers and virtual machines`, `Workstations with the tag “kiosk”`, `SRV-ERP01`. */
export function subjectWords(
  { selector }: Pick<Rule, 'selector'>,
  nameOf: NameOf,
  { t, language }: Speech,
): string {
  if (selector.ciId !== null) return nameOf(selector.ciId);
  const { location = null, service = null, tag } = selector;
  const parts = [
    location === null ? null : t('rules.inLocation', { name: nameOf(location) }),
    service === null ? null : t('rules.ofService', { name: nameOf(service) }),
    tag === null ? null : t('rules.withTag', { tag }),
  ].filter((each) => each !== null);
  const subject = initialCapital(classWords(selector.class, { t, language }));
  if (parts.length === 0) return subject;
  return spaced(t('rules.narrowed', { subject, by: parts.join(NARROWED_GAP[language]) }), language);
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

/** A number and its unit stand on one line. */
export function keepTogether(text: string): string {
  return text.replace(/(\d) (?=(%|°C|s|min|h|d|ms|[KMGT]iB(\/s)?|Mbit\/s)(?![A-Za-z]))/g, '$1\u00a0');
}

export function initialCapital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `File system available` → `file system available`; `CPU in use` stays. */
function withinSentence(title: string): string {
  return /^\p{Lu}\p{Ll}/u.test(title) ? title.slice(0, 1).toLowerCase() + title.slice(1) : title;
}

export function metricWords(metric: string, { language }: Speech): string {
  return isMetricName(metric) ? METRICS[metric].title[language] : metric;
}

/** `90 %`, `10 GiB`, `30 d`: levels are round numbers, so a zero behind the point says nothing. */
export function levelText(
  metric: string,
  value: number,
  { t, language }: Speech,
  fn: LookFn = 'each',
): string {
  const unit = levelUnit(metric, fn);
  if (unit === 's' && isSpanMetric(metric)) return wholeSpanText(value * SECOND_MS, t);
  const shown = displayUnit(metric, unit);
  return quantityText(value * shown.factor, shown.unit, language)
    .replace(/(\.\d*?)0+(?=\D*$)/, '$1')
    .replace(/\.(?=\D*$)/, '');
}

/** `90 % / 97 %`, `6 h / 1 h`: the levels alone; '' where a condition has none. */
export function levelsText(condition: Condition, speech: Speech): string {
  const spans = (levels: readonly { readonly withinMs: Millis }[]) =>
    levels.map(({ withinMs }) => wholeSpanText(withinMs, speech.t));
  switch (condition.type) {
    case 'threshold':
      return condition.levels
        .map(({ level }) => levelText(condition.metric, level, speech, condition.window?.fn))
        .join(' / ');
    case 'forecast':
      return spans(condition.levels).join(' / ');
    case 'baseline':
      return condition.levels.map(({ deviations }) => plain(deviations)).join(' / ');
    case 'anomaly':
      return plain(condition.score);
    case 'absence':
      return wholeSpanText(condition.forMs, speech.t);
    case 'change':
    case 'silent':
    case 'composite':
      return '';
  }
}

/** What a rule says, one line for each severity. */
export function ruleLines(
  rule: Pick<Rule, 'selector' | 'condition'>,
  nameOf: NameOf,
  speech: Speech,
): RuleLine[] {
  const { language } = speech;
  return rawLines(rule, nameOf, speech).map(({ severity, condition, end, again }) => ({
    severity,
    condition: spaced(condition, language),
    end: spaced(end, language),
    again: spaced(again, language),
  }));
}

function rawLines(
  { selector, condition }: Pick<Rule, 'selector' | 'condition'>,
  nameOf: NameOf,
  speech: Speech,
): RuleLine[] {
  const { t } = speech;
  switch (condition.type) {
    case 'threshold':
      return condition.levels.map((level) => thresholdLine(selector.instance, condition, level, speech));
    case 'silent':
      return [
        {
          severity: condition.severity,
          condition: held(t('rules.says.silent'), condition.forMs ?? 0, speech),
          end: t('rules.says.endHeard'),
          again: '',
        },
      ];
    case 'absence':
      return [absenceLine(selector.instance, condition, speech)];
    case 'change':
      return [changeLine(selector.instance, condition, speech)];
    case 'forecast':
      return forecastLines(selector.instance, condition, speech);
    case 'baseline':
      return baselineLines(selector.instance, condition, speech);
    case 'anomaly':
      return [anomalyLine(selector.instance, condition, speech)];
    case 'composite':
      return [compositeLine(condition, nameOf, speech)];
  }
}

/** The same as sentences of a list. */
export function lineSentences({ condition, end }: RuleLine, { t }: Speech): [first: string, second: string] {
  return [
    t('rules.says.stop', { what: initialCapital(condition) }),
    t('rules.says.stop', { what: initialCapital(end) }),
  ];
}

export function ruleSentences(
  rule: Pick<Rule, 'selector' | 'condition'>,
  nameOf: NameOf,
  speech: Speech,
): string[] {
  return ruleLines(rule, nameOf, speech).flatMap((line) => lineSentences(line, speech));
}

/** `Warns when the average of CPU in use over 5 min is 90 % or more for 3 min; ends below 80 %.` */
export function ruleSummary(
  rule: Pick<Rule, 'selector' | 'condition'>,
  nameOf: NameOf,
  speech: Speech,
): string[] {
  return ruleLines(rule, nameOf, speech).map(({ severity, condition, end }) =>
    spaced(speech.t(`rules.says.${severity}`, { condition, end }), speech.language),
  );
}

/** `CPU in use`, `file system in use of /var*`. */
function seriesWords(metric: string, instance: string | null, speech: Speech): string {
  const words = withinSentence(metricWords(metric, speech));
  return instance === null ? words : speech.t('rules.says.series', { metric: words, instance });
}

function held(what: string, forMs: Millis, { t }: Speech): string {
  return forMs === 0 ? what : t('rules.says.held', { what, span: wholeSpanText(forMs, t) });
}

function thresholdLine(
  instance: string | null,
  condition: Of<'threshold'>,
  level: Level,
  speech: Speech,
): RuleLine {
  const { t } = speech;
  const { op, floor, forMs } = condition;
  const beyond = beyondWords(instance, condition, level, speech);
  const begins = held(beyond, forMs, speech);
  const second = floor && { metric: floor.metric, op: floor.op, level: level.floor ?? floor.level };
  return {
    severity: level.severity,
    condition: withFloor(begins, second, speech),
    end: thresholdEnd(condition, level, speech),
    again: t(op === 'above' ? 'rules.says.againAbove' : 'rules.says.againBelow', {
      level: levelText(condition.metric, level.level, speech, condition.window?.fn),
    }),
  };
}

function thresholdEnd(condition: Of<'threshold'>, { clear }: Level, speech: Speech): string {
  const { t } = speech;
  const { metric, op, keepForMs, window } = condition;
  const span = wholeSpanText(keepForMs, t);
  if (asksNo(condition))
    return keepForMs === 0 ? t('rules.says.endYes') : t('rules.says.endYesFor', { span });
  const values = { clear: levelText(metric, clear, speech, window?.fn), span };
  if (keepForMs === 0) return t(op === 'above' ? 'rules.says.endBelow' : 'rules.says.endAbove', values);
  return t(op === 'above' ? 'rules.says.endBelowFor' : 'rules.says.endAboveFor', values);
}

/** Values are 1 for yes and 0 for no. */
const YES_OR_NO: ReadonlySet<string> = new Set<MetricName>(['service.running', 'network.link.up']);

/** Only a no is below its levels, sample by sample. */
function asksNo({ metric, op, levels, window }: Of<'threshold'>): boolean {
  const isPlain = window === undefined || window.fn === 'n-of-m';
  return (
    isPlain && op === 'below' && YES_OR_NO.has(metric) && levels.every(({ level }) => level > 0 && level <= 1)
  );
}

function beyondWords(
  instance: string | null,
  condition: Of<'threshold'>,
  { level }: Level,
  speech: Speech,
): string {
  const { t } = speech;
  const { metric, op, window } = condition;
  const series = seriesWords(metric, instance, speech);
  const shown = levelText(metric, level, speech, window?.fn);
  if (window?.fn === 'n-of-m') {
    const { n, m } = window;
    if (asksNo(condition)) return t('rules.says.isNoOf', { series, n, m });
    return t(op === 'above' ? 'rules.says.aboveOf' : 'rules.says.belowOf', { series, level: shown, n, m });
  }
  if (asksNo(condition)) return t('rules.says.isNo', { series });
  const subject =
    window === undefined
      ? series
      : t(`rules.says.window.${window.fn}`, { series, over: wholeSpanText(window.overMs, t) });
  return t(op === 'above' ? 'rules.says.above' : 'rules.says.below', { series: subject, level: shown });
}

function withFloor(
  what: string,
  floor: { readonly metric: string; readonly op: 'above' | 'below'; readonly level: number } | null,
  speech: Speech,
): string {
  if (floor === null) return what;
  return speech.t(floor.op === 'below' ? 'rules.says.whileBelow' : 'rules.says.whileAbove', {
    what,
    metric: withinSentence(metricWords(floor.metric, speech)),
    level: levelText(floor.metric, floor.level, speech),
  });
}

function absenceLine(instance: string | null, condition: Of<'absence'>, speech: Speech): RuleLine {
  const { t } = speech;
  const { metric, severity, forMs, scope } = condition;
  const values = { series: seriesWords(metric, instance, speech), span: wholeSpanText(forMs, t) };
  return {
    severity,
    condition: t(scope === 'instance' ? 'rules.says.absentInstance' : 'rules.says.absent', values),
    end: t('rules.says.endReported'),
    again: '',
  };
}

function changeLine(instance: string | null, condition: Of<'change'>, speech: Speech): RuleLine {
  const { t } = speech;
  const { metric, severity, direction, atLeast, overMs, keepForMs } = condition;
  const values = {
    series: seriesWords(metric, instance, speech),
    over: wholeSpanText(overMs, t),
    by: levelText(metric, atLeast, speech),
  };
  return {
    severity,
    condition: t(
      atLeast === 0 ? `rules.says.change.${direction}` : `rules.says.changeBy.${direction}`,
      values,
    ),
    end:
      keepForMs === 0
        ? t('rules.says.endAtOnce')
        : t('rules.says.endUnchanged', { span: wholeSpanText(keepForMs, t) }),
    again: '',
  };
}

function forecastLines(instance: string | null, condition: Of<'forecast'>, speech: Speech): RuleLine[] {
  const { t } = speech;
  const { metric, op, level, overMs, forMs, keepForMs, floor } = condition;
  return condition.levels.map(({ severity, withinMs, clearWithinMs }) => {
    const what = t(op === 'above' ? 'rules.says.willRise' : 'rules.says.willFall', {
      series: seriesWords(metric, instance, speech),
      level: levelText(metric, level, speech),
      within: wholeSpanText(withinMs, t),
      past: wholeSpanText(overMs, t),
    });
    const begins = forMs === 0 ? what : t('rules.says.forecastHeld', { what, span: wholeSpanText(forMs, t) });
    const clear = wholeSpanText(clearWithinMs, t);
    return {
      severity,
      condition: withFloor(begins, floor, speech),
      end:
        keepForMs === 0
          ? t('rules.says.endLeft', { clear })
          : t('rules.says.endLeftFor', { clear, span: wholeSpanText(keepForMs, t) }),
      again: t('rules.says.againWithin', { within: wholeSpanText(withinMs, t) }),
    };
  });
}

function baselineLines(instance: string | null, condition: Of<'baseline'>, speech: Speech): RuleLine[] {
  const { t } = speech;
  const { metric, direction, minimum, overMs, forMs, keepForMs } = condition;
  return condition.levels.map(({ severity, deviations, clear }) => ({
    severity,
    condition: held(
      t(`rules.says.unusual.${direction}`, {
        series: t('rules.says.window.avg', {
          series: seriesWords(metric, instance, speech),
          over: wholeSpanText(overMs, t),
        }),
        deviations: plain(deviations),
        least: levelText(metric, minimum, speech),
      }),
      forMs,
      speech,
    ),
    end:
      keepForMs === 0
        ? t('rules.says.endDeviations', { clear: plain(clear) })
        : t('rules.says.endDeviationsFor', { clear: plain(clear), span: wholeSpanText(keepForMs, t) }),
    again: t('rules.says.againDeviations', { deviations: plain(deviations) }),
  }));
}

function anomalyLine(instance: string | null, condition: Of<'anomaly'>, speech: Speech): RuleLine {
  const { t } = speech;
  const { metric, severity, score, clear, forMs, keepForMs } = condition;
  const series = seriesWords(metric, instance, speech);
  return {
    severity,
    condition: held(t('rules.says.strange', { series, score: plain(score) }), forMs, speech),
    end:
      keepForMs === 0
        ? t('rules.says.endScore', { clear: plain(clear) })
        : t('rules.says.endScoreFor', { clear: plain(clear), span: wholeSpanText(keepForMs, t) }),
    again: '',
  };
}

function compositeLine(
  { op, rules, severity, forMs }: Of<'composite'>,
  nameOf: NameOf,
  speech: Speech,
): RuleLine {
  const { t, language } = speech;
  const names = rules.map((id) => t('rules.says.quoted', { name: nameOf(id) }));
  const isAll = op === 'and' && rules.length > 1;
  const type = isAll ? 'conjunction' : 'disjunction';
  const list = new Intl.ListFormat(language, { type }).format(names);
  return {
    severity,
    condition: held(t(isAll ? 'rules.says.allOf' : 'rules.says.anyOf', { names: list }), forMs, speech),
    end: t('rules.says.endComposite'),
    again: '',
  };
}

function plain(value: number): string {
  return String(Number(value.toPrecision(4)));
}
