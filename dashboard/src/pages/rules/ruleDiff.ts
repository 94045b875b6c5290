/** What changed between two versions of a rule, in words. Pure. */
import type { Rule, RuleWindow, Severity } from '@muster/shared/api/rules.ts';
import { wholeSpanText } from '../../util/time.ts';
import {
  levelText,
  metricWords,
  type NameOf,
  ruleSentences,
  type Speech,
  subjectWords,
} from './ruleWords.ts';

type Version = Pick<
  Rule,
  'nameWords' | 'name' | 'enabled' | 'selector' | 'condition' | 'owner' | 'agreedOn' | 'explanation'
>;
type Facet = [label: string, value: string];

/** One sentence for each thing that differs, `before → after`; what was not there is a dash. */
export function ruleDiff(before: Version, after: Version, nameOf: NameOf, speech: Speech): string[] {
  const { t } = speech;
  const old = new Map(facets(before, nameOf, speech));
  const now = new Map(facets(after, nameOf, speech));
  const labels = [...new Set([...now.keys(), ...old.keys()])];
  const differing = labels
    .map((what) => ({
      what,
      before: old.get(what) ?? t('rules.history.nothing'),
      after: now.get(what) ?? t('rules.history.nothing'),
    }))
    .filter((each) => each.before !== each.after)
    .map((each) => t('rules.history.differs', each));
  const meaning =
    before.explanation.en === after.explanation.en && before.explanation.zh === after.explanation.zh
      ? []
      : [t('rules.history.meaningDiffers')];
  return [...differing, ...meaning];
}

function facets(rule: Version, nameOf: NameOf, speech: Speech): Facet[] {
  const { t } = speech;
  const { condition, selector, name, nameWords } = rule;
  const span = (ms: number) => (ms === 0 ? t('rules.history.atOnce') : wholeSpanText(ms, t));
  const common: Facet[] = [
    [t('rules.form.name'), nameWords?.[speech.language] ?? name],
    [t('rules.history.state'), t(rule.enabled ? 'rules.on' : 'rules.off')],
    [t('rules.history.appliesTo'), subjectWords(rule, nameOf, speech)],
    ...(selector.instance === null ? [] : [[t('rules.form.instanceLabel'), selector.instance] as Facet]),
    ...(rule.owner === null ? [] : [[t('rules.owner'), rule.owner] as Facet]),
    ...(rule.agreedOn === null ? [] : [[t('rules.agreed'), rule.agreedOn] as Facet]),
  ];
  if (condition.type === 'silent')
    return [
      ...common,
      [t('rules.form.severity'), t(`states.severity.${condition.severity}`)],
      [t('rules.form.silentHold'), span(condition.forMs ?? 0)],
    ];
  if (condition.type !== 'threshold')
    return [
      ...common,
      [
        t('rules.history.condition'),
        ruleSentences(rule, nameOf, speech).join(speech.language === 'zh' ? '' : ' '),
      ],
    ];
  const { metric, op, floor, window } = condition;
  const levels = condition.levels.flatMap(({ severity, level, clear, floor: own }): Facet[] => [
    [levelName(severity, 'level', speech), levelText(metric, level, speech, window?.fn)],
    [levelName(severity, 'clear', speech), levelText(metric, clear, speech, window?.fn)],
    ...(floor
      ? [[levelName(severity, 'floor', speech), levelText(floor.metric, own ?? floor.level, speech)] as Facet]
      : []),
  ]);
  return [
    ...common,
    [t('rules.form.metricLabel'), metricWords(metric, speech)],
    [t('rules.form.opLabel'), t(`rules.form.op.${op}`)],
    ...(window ? [[t('rules.form.look'), lookWords(window, speech)] as Facet] : []),
    ...levels,
    [t('rules.form.hold'), span(condition.forMs)],
    [t('rules.form.keep'), span(condition.keepForMs)],
    ...(floor
      ? [
          [
            t('rules.form.floorMetric'),
            t('rules.history.floor', {
              metric: metricWords(floor.metric, speech),
              op: t(`rules.form.op.${floor.op}`),
            }),
          ] as Facet,
        ]
      : []),
  ];
}

function lookWords(window: RuleWindow, { t }: Speech): string {
  const fn = t(`rules.form.looks.${window.fn}`);
  return window.fn === 'n-of-m'
    ? t('rules.form.lookOf', { fn, n: window.n, m: window.m })
    : t('rules.form.lookOver', { fn, over: wholeSpanText(window.overMs, t) });
}

const LEVEL_NAMES = {
  level: 'rules.form.levelLabel',
  clear: 'rules.form.clearLabel',
  floor: 'rules.form.floorLevelLabel',
} as const;

function levelName(severity: Severity, part: keyof typeof LEVEL_NAMES, { t }: Speech): string {
  return t(LEVEL_NAMES[part], { severity: t(`states.severity.${severity}`) });
}
