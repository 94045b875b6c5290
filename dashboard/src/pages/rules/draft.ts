/** A rule while it is being written: what the form holds, what is wrong with it, and what becomes of it. Pure. */
import type { Condition, Level, Rule, RuleWindow, Severity } from '@muster/shared/api/rules.ts';
import { isMetricName, metricDefinition, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Key } from '../../i18n/catalogue.ts';

/** Longest hold and keep time that a rule may have. */
export const HOLD_MS_MAX = DAY_MS;

/** One level; null where the field holds no number. */
export interface LevelDraft {
  readonly on: boolean;
  readonly level: number | null;
  readonly clear: number | null;
  /** Level of the second condition at this severity. */
  readonly floor: number | null;
}

export interface Draft {
  readonly kind: 'threshold' | 'silent';
  readonly name: string;
  readonly en: string;
  readonly zh: string;
  readonly owner: string;
  /** ISO date, or ''. */
  readonly agreedOn: string;
  /** Empty: all machines. */
  readonly classes: readonly string[];
  readonly tag: string;
  readonly ciId: string | null;
  /** Pattern; '' for every instance. */
  readonly instance: string;
  readonly metric: string;
  readonly op: 'above' | 'below';
  readonly warning: LevelDraft;
  readonly critical: LevelDraft;
  readonly forMs: number | null;
  readonly keepForMs: number | null;
  /** The second condition that must hold too; null without one. */
  readonly floor: { readonly metric: string; readonly op: 'above' | 'below' } | null;
  /** Of a rule of silence. */
  readonly severity: Severity;
  readonly silentForMs: number | null;
  /** A condition that this form has no fields for: it stays as it is. */
  readonly held: Condition | null;
  /** Samples looked at together; stays as it is. */
  readonly window: RuleWindow | undefined;
  /** Stay as they are. */
  readonly location: string | null | undefined;
  readonly service: string | null | undefined;
}

export type RuleInput = Pick<Rule, 'name' | 'selector' | 'condition' | 'owner' | 'agreedOn' | 'explanation'>;

const NO_LEVEL: LevelDraft = { on: false, level: null, clear: null, floor: null };

export const BLANK: Draft = {
  kind: 'threshold',
  name: '',
  en: '',
  zh: '',
  owner: '',
  agreedOn: '',
  classes: [],
  tag: '',
  ciId: null,
  instance: '',
  metric: 'cpu.utilisation',
  op: 'above',
  warning: { on: true, level: 90, clear: 80, floor: null },
  critical: NO_LEVEL,
  forMs: 5 * MINUTE_MS,
  keepForMs: MINUTE_MS,
  floor: null,
  severity: 'critical',
  silentForMs: 0,
  held: null,
  window: undefined,
  location: undefined,
  service: undefined,
};

export function draftOf(rule: RuleInput): Draft {
  const { selector, condition, explanation } = rule;
  const common: Draft = {
    ...BLANK,
    name: rule.name,
    en: explanation.en,
    zh: explanation.zh,
    owner: rule.owner ?? '',
    agreedOn: rule.agreedOn ?? '',
    classes: selector.class ?? [],
    tag: selector.tag ?? '',
    ciId: selector.ciId,
    instance: selector.instance ?? '',
    location: selector.location,
    service: selector.service,
  };
  if (condition.type === 'silent')
    return { ...common, kind: 'silent', severity: condition.severity, silentForMs: condition.forMs ?? 0 };
  if (condition.type !== 'threshold') return { ...common, kind: 'silent', held: condition };
  const { metric, op, forMs, keepForMs, floor } = condition;
  const level = (severity: Severity): LevelDraft => {
    const found = condition.levels.find((each) => each.severity === severity);
    if (!found) return NO_LEVEL;
    return { on: true, level: found.level, clear: found.clear, floor: floor && (found.floor ?? floor.level) };
  };
  return {
    ...common,
    metric,
    op,
    forMs,
    keepForMs,
    warning: level('warning'),
    critical: level('critical'),
    floor: floor && { metric: floor.metric, op: floor.op },
    window: condition.window,
  };
}

export type Field =
  | 'name'
  | 'levels'
  | 'forMs'
  | 'keepForMs'
  | 'silentForMs'
  | `${Severity}.${'level' | 'clear' | 'floor'}`;

/** What is wrong, for the field beside which it is said. `level` is in the catalogue's unit of the metric. */
export interface DraftProblem {
  readonly field: Field;
  readonly key: Key;
  readonly level?: number;
}

/** What must be put right before the rule can be saved; the first of a field counts. */
export function problemsOf(draft: Draft): DraftProblem[] {
  const named: DraftProblem[] = draft.name.trim() === '' ? [{ field: 'name', key: 'rules.wrong.name' }] : [];
  return [...named, ...conditionProblems(draft)];
}

/** The same without what does not matter to trying it on the past. */
export function conditionProblems(draft: Draft): DraftProblem[] {
  if (draft.held !== null) return [];
  if (draft.kind === 'silent') return holdProblem('silentForMs', draft.silentForMs);
  return [
    ...(draft.warning.on || draft.critical.on
      ? []
      : [{ field: 'levels', key: 'rules.wrong.noLevel' } as const]),
    ...levelProblems(draft, 'warning'),
    ...levelProblems(draft, 'critical'),
    ...orderProblem(draft),
    ...holdProblem('forMs', draft.forMs),
    ...holdProblem('keepForMs', draft.keepForMs),
  ];
}

function levelProblems(draft: Draft, severity: Severity): DraftProblem[] {
  const { on, level, clear, floor } = draft[severity];
  if (!on) return [];
  const problems: DraftProblem[] = [];
  const isShare = isMetricName(draft.metric) && shownUnit(draft.metric) === '%';
  if (level === null) problems.push({ field: `${severity}.level`, key: 'rules.wrong.number' });
  else if (isShare && (level < 0 || level > 100))
    problems.push({ field: `${severity}.level`, key: 'rules.wrong.share' });
  if (clear === null) problems.push({ field: `${severity}.clear`, key: 'rules.wrong.number' });
  else if (level !== null && (draft.op === 'above' ? clear >= level : clear <= level)) {
    const key = draft.op === 'above' ? 'rules.wrong.clearBelow' : 'rules.wrong.clearAbove';
    problems.push({ field: `${severity}.clear`, key, level });
  }
  if (draft.floor && floor === null) problems.push({ field: `${severity}.floor`, key: 'rules.wrong.number' });
  return problems;
}

function orderProblem({ op, warning, critical }: Draft): DraftProblem[] {
  if (!warning.on || !critical.on || warning.level === null || critical.level === null) return [];
  const isOrdered = op === 'above' ? critical.level > warning.level : critical.level < warning.level;
  if (isOrdered) return [];
  const key = op === 'above' ? 'rules.wrong.criticalAbove' : 'rules.wrong.criticalBelow';
  return [{ field: 'critical.level', key, level: warning.level }];
}

function holdProblem(field: 'forMs' | 'keepForMs' | 'silentForMs', ms: number | null): DraftProblem[] {
  if (ms === null || ms < 0) return [{ field, key: 'rules.wrong.number' }];
  return ms > HOLD_MS_MAX ? [{ field, key: 'rules.wrong.hold' }] : [];
}

/** Selector and condition for a back-test; null while they cannot work. */
export function triedPart(draft: Draft): Pick<RuleInput, 'selector' | 'condition'> | null {
  if (conditionProblems(draft).length > 0) return null;
  return { selector: selectorOf(draft), condition: conditionOf(draft) };
}

/** What is sent to the server; null while something is wrong. */
export function inputOf(draft: Draft): RuleInput | null {
  const tried = triedPart(draft);
  if (tried === null || problemsOf(draft).length > 0) return null;
  return {
    ...tried,
    name: draft.name.trim(),
    owner: draft.owner.trim() === '' ? null : draft.owner.trim(),
    agreedOn: draft.agreedOn === '' ? null : draft.agreedOn,
    explanation: { en: draft.en, zh: draft.zh },
  };
}

export function selectorOf(draft: Draft): Rule['selector'] {
  return {
    class: draft.classes.length === 0 ? null : [...draft.classes],
    tag: draft.tag.trim() === '' ? null : draft.tag.trim(),
    ciId: draft.ciId,
    ...(draft.location === undefined ? {} : { location: draft.location }),
    ...(draft.service === undefined ? {} : { service: draft.service }),
    instance:
      draft.held !== null
        ? draft.instance.trim() || null
        : draft.kind === 'silent' || !hasInstances(draft.metric) || draft.instance.trim() === ''
          ? null
          : draft.instance.trim(),
  };
}

function conditionOf(draft: Draft): Condition {
  const { kind, severity, silentForMs, metric, op, forMs, keepForMs, held, window } = draft;
  if (held !== null) return held;
  if (kind === 'silent')
    return silentForMs ? { type: 'silent', severity, forMs: silentForMs } : { type: 'silent', severity };
  const levels = (['warning', 'critical'] as const).flatMap((each): Level[] => {
    const { on, level, clear, floor } = draft[each];
    if (!on || level === null || clear === null) return [];
    return [{ severity: each, level, clear, ...(draft.floor && floor !== null ? { floor } : {}) }];
  });
  const floorLevel = levels[0]?.floor ?? 0;
  return {
    type: 'threshold',
    metric,
    op,
    levels,
    forMs: forMs ?? 0,
    keepForMs: keepForMs ?? 0,
    floor: draft.floor && { ...draft.floor, level: floorLevel },
    ...(window === undefined ? {} : { window }),
  };
}

export function hasInstances(metric: string): boolean {
  return isMetricName(metric) && metricDefinition(metric).instance !== 'none';
}

/** Another metric: levels of the old one mean nothing for it. */
export function withMetric(draft: Draft, metric: string): Draft {
  if (metric === draft.metric || !isMetricName(metric)) return draft;
  const isShare = shownUnit(metric) === '%';
  const warning = isShare
    ? { ...draft.warning, on: true, level: 90, clear: 85, floor: null }
    : { ...NO_LEVEL, on: true };
  const kept = isMetricName(draft.metric) && metricDefinition(draft.metric).instance;
  const sameInstances = kept === metricDefinition(metric).instance;
  return {
    ...draft,
    metric,
    op: 'above',
    warning,
    critical: NO_LEVEL,
    floor: null,
    instance: sameInstances ? draft.instance : '',
  };
}

/** The other direction: levels stay, each with its clear level at the same distance on the other side. */
export function withOp(draft: Draft, op: Draft['op']): Draft {
  if (op === draft.op) return draft;
  const turned = (each: LevelDraft): LevelDraft => ({
    ...each,
    clear: each.level === null || each.clear === null ? each.clear : 2 * each.level - each.clear,
  });
  return { ...draft, op, warning: turned(draft.warning), critical: turned(draft.critical) };
}

/** A level moved on the chart or by keys takes its clear level along. */
export function withLevel(draft: Draft, severity: Severity, level: number | null): Draft {
  const before = draft[severity];
  const distance = before.level === null || before.clear === null ? null : before.clear - before.level;
  const clear = level === null || distance === null ? before.clear : level + distance;
  return { ...draft, [severity]: { ...before, level, clear } };
}

/** A second level where there was one: beyond the other, or as it was before it was switched off. */
export function withSeverity(draft: Draft, severity: Severity, on: boolean): Draft {
  const before = draft[severity];
  if (!on || before.level !== null) return { ...draft, [severity]: { ...before, on } };
  const other = draft[severity === 'warning' ? 'critical' : 'warning'];
  if (other.level === null || other.clear === null) return { ...draft, [severity]: { ...before, on } };
  const gap = Math.abs(other.level - other.clear) || Math.abs(other.level) / 10 || 1;
  const outwards = (draft.op === 'above') === (severity === 'critical') ? gap : -gap;
  const isShare = isMetricName(draft.metric) && shownUnit(draft.metric) === '%';
  const bounded = (value: number) => (isShare ? Math.min(99, Math.max(1, value)) : value);
  const level = bounded(other.level + outwards);
  const clear = level + (draft.op === 'above' ? -gap / 2 : gap / 2);
  return { ...draft, [severity]: { on, level, clear, floor: other.floor } };
}

export function sameDraft(a: Draft, b: Draft): boolean {
  return JSON.stringify(settled(a)) === JSON.stringify(settled(b));
}

/** Without what is remembered of fields that are switched off. */
function settled(draft: Draft): unknown {
  const input = { ...draft, selector: selectorOf(draft), condition: conditionOf(draft) };
  const { kind, name, en, zh, owner, agreedOn, selector, condition } = input;
  const levels = [draft.warning, draft.critical].map((each) => (each.on ? each : null));
  const numbers = kind === 'silent' ? draft.silentForMs : [levels, draft.forMs, draft.keepForMs];
  return { kind, name, en, zh, owner, agreedOn, selector, condition, numbers };
}
