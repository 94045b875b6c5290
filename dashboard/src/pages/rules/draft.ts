/** A rule while it is being written: what the form holds, what is wrong with it, and what becomes of it. Pure. */
import {
  type Condition,
  type Level,
  type Rule,
  type RuleWindow,
  type Severity,
  SEVERITIES,
} from '@muster/shared/api/rules.ts';
import { isMetricName, metricDefinition, shownUnit } from '@muster/shared/metrics/catalogue.ts';

import { HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { metricDefaults } from './metricDefaults.ts';
import { isCountingFn } from './windowFns.ts';

export type Kind = Condition['type'];

/** One level; null where the field holds no number. */
export interface LevelDraft {
  readonly on: boolean;
  readonly level: number | null;
  readonly clear: number | null;
  /** Level of the second condition at this severity. */
  readonly floor: number | null;
}

/** A level that is no value of the metric: a time left, or deviations. */
export interface StepDraft {
  readonly on: boolean;
  readonly at: number | null;
  readonly clear: number | null;
}

/** How samples are looked at. `each`: every one by itself. */
export interface WindowDraft {
  readonly fn: 'each' | RuleWindow['fn'];
  readonly overMs: Millis | null;
  readonly n: number | null;
  readonly m: number | null;
}

export interface FloorDraft {
  readonly metric: string;
  readonly op: 'above' | 'below';
  /** Where a machine does not measure it, it counts as met. */
  readonly absent?: 'holds';
}

export interface Draft {
  readonly kind: Kind;
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
  readonly location: string | null;
  readonly service: string | null;
  /** Pattern; '' for every instance. */
  readonly instance: string;
  /** Of every kind but silence and combinations. */
  readonly metric: string;
  /** Of levels and forecasts. */
  readonly op: 'above' | 'below';
  readonly warning: LevelDraft;
  readonly critical: LevelDraft;
  readonly forMs: Millis | null;
  readonly keepForMs: Millis | null;
  /** The second condition that must hold too; null without one. */
  readonly floor: FloorDraft | null;
  readonly window: WindowDraft;
  readonly silent: { readonly severity: Severity; readonly forMs: Millis | null };
  readonly absence: {
    readonly severity: Severity;
    readonly forMs: Millis | null;
    readonly scope: 'metric' | 'instance';
  };
  readonly change: {
    readonly severity: Severity;
    readonly direction: 'any' | 'up' | 'down';
    readonly atLeast: number | null;
    readonly overMs: Millis | null;
    readonly keepForMs: Millis | null;
  };
  readonly forecast: {
    readonly level: number | null;
    readonly overMs: Millis | null;
    readonly warning: StepDraft;
    readonly critical: StepDraft;
    readonly forMs: Millis | null;
    readonly keepForMs: Millis | null;
    readonly floor: FloorDraft | null;
    readonly floorLevel: number | null;
  };
  readonly baseline: {
    readonly direction: 'above' | 'below' | 'both';
    readonly warning: StepDraft;
    readonly critical: StepDraft;
    readonly minimum: number | null;
    readonly weeks: number | null;
    readonly overMs: Millis | null;
    readonly forMs: Millis | null;
    readonly keepForMs: Millis | null;
  };
  readonly anomaly: {
    readonly severity: Severity;
    readonly score: number | null;
    readonly clear: number | null;
    readonly forMs: Millis | null;
    readonly keepForMs: Millis | null;
  };
  readonly composite: {
    readonly severity: Severity;
    readonly op: 'and' | 'or';
    readonly rules: readonly string[];
    readonly forMs: Millis | null;
  };
}

export type RuleInput = Pick<Rule, 'name' | 'selector' | 'condition' | 'owner' | 'agreedOn' | 'explanation'>;

const NO_LEVEL: LevelDraft = { on: false, level: null, clear: null, floor: null };
const NO_STEP: StepDraft = { on: false, at: null, clear: null };
const EACH: WindowDraft = { fn: 'each', overMs: 5 * MINUTE_MS, n: 3, m: 5 };

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
  location: null,
  service: null,
  instance: '',
  metric: 'cpu.utilisation',
  op: 'above',
  warning: { on: true, level: 90, clear: 80, floor: null },
  critical: NO_LEVEL,
  forMs: 5 * MINUTE_MS,
  keepForMs: MINUTE_MS,
  floor: null,
  window: EACH,
  silent: { severity: 'critical', forMs: 0 },
  absence: { severity: 'warning', forMs: 15 * MINUTE_MS, scope: 'metric' },
  change: { severity: 'warning', direction: 'any', atLeast: 0, overMs: 10 * MINUTE_MS, keepForMs: HOUR_MS },
  forecast: {
    level: 97,
    overMs: 12 * HOUR_MS,
    warning: { on: true, at: 6 * HOUR_MS, clear: 12 * HOUR_MS },
    critical: NO_STEP,
    forMs: 30 * MINUTE_MS,
    keepForMs: HOUR_MS,
    floor: null,
    floorLevel: null,
  },
  baseline: {
    direction: 'above',
    warning: { on: true, at: 4, clear: 2 },
    critical: NO_STEP,
    minimum: 50,
    weeks: 4,
    overMs: 15 * MINUTE_MS,
    forMs: 15 * MINUTE_MS,
    keepForMs: 15 * MINUTE_MS,
  },
  anomaly: { severity: 'warning', score: 0.9, clear: 0.6, forMs: 10 * MINUTE_MS, keepForMs: 15 * MINUTE_MS },
  composite: { severity: 'critical', op: 'and', rules: [], forMs: 0 },
};

export function draftOf(rule: RuleInput): Draft {
  const { selector, condition, explanation } = rule;
  const { metric } = 'metric' in condition ? condition : BLANK;
  const draft: Draft = {
    ...withMetric(BLANK, metric),
    name: rule.name,
    en: explanation.en,
    zh: explanation.zh,
    owner: rule.owner ?? '',
    agreedOn: rule.agreedOn ?? '',
    classes: selector.class ?? [],
    tag: selector.tag ?? '',
    ciId: selector.ciId,
    location: selector.location ?? null,
    service: selector.service ?? null,
    instance: selector.instance ?? '',
    metric,
    kind: condition.type,
  };
  switch (condition.type) {
    case 'silent':
      return { ...draft, silent: { severity: condition.severity, forMs: condition.forMs ?? 0 } };
    case 'threshold':
      return { ...draft, ...thresholdDraft(condition) };
    case 'absence': {
      const { severity, forMs, scope } = condition;
      return { ...draft, absence: { severity, forMs, scope } };
    }
    case 'change': {
      const { type: _type, metric: _metric, ...change } = condition;
      return { ...draft, change };
    }
    case 'forecast': {
      const { op, level, overMs, levels, forMs, keepForMs, floor } = condition;
      const steps = stepsOf(levels, ({ withinMs, clearWithinMs }) => [withinMs, clearWithinMs]);
      const shared = { level, overMs, forMs, keepForMs, floorLevel: floor?.level ?? null };
      return { ...draft, op, forecast: { ...shared, ...steps, floor: floor && floorDraft(floor) } };
    }
    case 'baseline': {
      const { direction, levels, minimum, weeks, overMs, forMs, keepForMs } = condition;
      const steps = stepsOf(levels, ({ deviations, clear }) => [deviations, clear]);
      return { ...draft, baseline: { direction, minimum, weeks, overMs, forMs, keepForMs, ...steps } };
    }
    case 'anomaly': {
      const { severity, score, clear, forMs, keepForMs } = condition;
      return { ...draft, anomaly: { severity, score, clear, forMs, keepForMs } };
    }
    case 'composite': {
      const { severity, op, rules, forMs } = condition;
      return { ...draft, composite: { severity, op, rules, forMs } };
    }
  }
}

function thresholdDraft(condition: Extract<Condition, { type: 'threshold' }>): Partial<Draft> {
  const { op, forMs, keepForMs, floor, window } = condition;
  const level = (severity: Severity): LevelDraft => {
    const found = condition.levels.find((each) => each.severity === severity);
    if (!found) return NO_LEVEL;
    return { on: true, level: found.level, clear: found.clear, floor: floor && (found.floor ?? floor.level) };
  };
  return {
    op,
    forMs,
    keepForMs,
    warning: level('warning'),
    critical: level('critical'),
    floor: floor && floorDraft(floor),
    window: window === undefined ? EACH : { ...EACH, ...window },
  };
}

function floorDraft({ metric, op, absent }: FloorDraft): FloorDraft {
  return { metric, op, ...(absent === undefined ? {} : { absent }) };
}

function stepsOf<T extends { readonly severity: Severity }>(
  levels: readonly T[],
  of: (level: T) => [at: number, clear: number],
): { readonly warning: StepDraft; readonly critical: StepDraft } {
  const step = (severity: Severity): StepDraft => {
    const found = levels.find((each) => each.severity === severity);
    if (!found) return NO_STEP;
    const [at, clear] = of(found);
    return { on: true, at, clear };
  };
  return { warning: step('warning'), critical: step('critical') };
}

/** The condition as it stands; an empty field of one that has a mistake counts as nought. */
export function conditionOf(draft: Draft): Condition {
  const { kind, metric, op } = draft;
  switch (kind) {
    case 'silent': {
      const { severity, forMs } = draft.silent;
      return forMs ? { type: kind, severity, forMs } : { type: kind, severity };
    }
    case 'threshold':
      return thresholdOf(draft);
    case 'absence': {
      const { severity, forMs, scope } = draft.absence;
      return {
        type: kind,
        metric,
        severity,
        forMs: forMs ?? 0,
        scope: hasInstances(metric) ? scope : 'metric',
      };
    }
    case 'change': {
      const { severity, direction, atLeast, overMs, keepForMs } = draft.change;
      const times = { overMs: overMs ?? 0, keepForMs: keepForMs ?? 0 };
      return { type: kind, metric, severity, direction, atLeast: atLeast ?? 0, ...times };
    }
    case 'forecast': {
      const { level, overMs, forMs, keepForMs, floor, floorLevel } = draft.forecast;
      return {
        type: kind,
        metric,
        op,
        level: level ?? 0,
        overMs: overMs ?? 0,
        levels: stepList(draft.forecast, (severity, withinMs, clearWithinMs) => ({
          severity,
          withinMs,
          clearWithinMs,
        })),
        forMs: forMs ?? 0,
        keepForMs: keepForMs ?? 0,
        floor: floor && { ...floor, level: floorLevel ?? 0 },
      };
    }
    case 'baseline': {
      const { direction, minimum, weeks, overMs, forMs, keepForMs } = draft.baseline;
      return {
        type: kind,
        metric,
        direction,
        levels: stepList(draft.baseline, (severity, deviations, clear) => ({ severity, deviations, clear })),
        minimum: minimum ?? 0,
        weeks: weeks ?? 0,
        overMs: overMs ?? 0,
        forMs: forMs ?? 0,
        keepForMs: keepForMs ?? 0,
      };
    }
    case 'anomaly': {
      const { severity, score, clear, forMs, keepForMs } = draft.anomaly;
      const times = { forMs: forMs ?? 0, keepForMs: keepForMs ?? 0 };
      return { type: kind, metric, severity, score: score ?? 0, clear: clear ?? 0, ...times };
    }
    case 'composite': {
      const { severity, op: how, rules, forMs } = draft.composite;
      return { type: kind, op: how, rules: [...rules], severity, forMs: forMs ?? 0 };
    }
  }
}

function thresholdOf(draft: Draft): Extract<Condition, { type: 'threshold' }> {
  const levels = SEVERITIES.flatMap((severity): Level[] => {
    const { on, level, clear, floor } = draft[severity];
    if (!on || level === null || clear === null) return [];
    return [{ severity, level, clear, ...(draft.floor && floor !== null ? { floor } : {}) }];
  });
  const window = windowOf(draft.window);
  return {
    type: 'threshold',
    metric: draft.metric,
    op: draft.op,
    levels,
    forMs: draft.forMs ?? 0,
    keepForMs: draft.keepForMs ?? 0,
    floor: draft.floor && { ...draft.floor, level: levels[0]?.floor ?? 0 },
    ...(window === undefined ? {} : { window }),
  };
}

function windowOf({ fn, overMs, n, m }: WindowDraft): RuleWindow | undefined {
  if (fn === 'each') return undefined;
  return fn === 'n-of-m' ? { fn, n: n ?? 0, m: m ?? 0 } : { fn, overMs: overMs ?? 0 };
}

function stepList<T>(
  steps: { readonly warning: StepDraft; readonly critical: StepDraft },
  make: (severity: Severity, at: number, clear: number) => T,
): T[] {
  return SEVERITIES.flatMap((severity): T[] => {
    const { on, at, clear } = steps[severity];
    return on && at !== null && clear !== null ? [make(severity, at, clear)] : [];
  });
}

export function selectorOf(draft: Draft): Rule['selector'] {
  const instance = draft.instance.trim();
  return {
    class: draft.classes.length === 0 ? null : [...draft.classes],
    tag: draft.tag.trim() === '' ? null : draft.tag.trim(),
    ciId: draft.ciId,
    ...(draft.location === null ? {} : { location: draft.location }),
    ...(draft.service === null ? {} : { service: draft.service }),
    instance: asksInstance(draft) && instance !== '' ? instance : null,
  };
}

export function hasMetric(kind: Kind): boolean {
  return kind !== 'silent' && kind !== 'composite';
}

/** Its series are told apart by an instance, which may be narrowed. */
export function asksInstance({ kind, metric }: Pick<Draft, 'kind' | 'metric'>): boolean {
  return hasMetric(kind) && hasInstances(metric);
}

export function hasInstances(metric: string): boolean {
  return isMetricName(metric) && metricDefinition(metric).instance !== 'none';
}

export function isCounter(metric: string): boolean {
  return isMetricName(metric) && metricDefinition(metric).kind === 'counter';
}

/** Kinds that make sense of a metric: where a counter is heading nobody can say. */
export function fitsKind(metric: string, kind: Kind): boolean {
  return (kind !== 'change' && kind !== 'forecast') || !isCounter(metric);
}

/** Ways to look at samples that make sense of a metric. */
export function windowFns(metric: string): readonly WindowDraft['fn'][] {
  const common = ['each', 'avg', 'min', 'max', 'p95', 'n-of-m'] as const;
  return isCounter(metric) ? [...common, 'rate', 'increase'] : [...common, 'changes', 'resets'];
}

/** Another kind: what the metric cannot do gives way to one that can. */
export function withKind(draft: Draft, kind: Kind): Draft {
  const fitting = fitsKind(draft.metric, kind) ? draft : withMetric({ ...draft, kind }, BLANK.metric);
  return { ...fitting, kind };
}

/** Another metric: levels of the old one mean nothing for it. */
export function withMetric(draft: Draft, metric: string): Draft {
  if (metric === draft.metric || !isMetricName(metric)) return draft;
  const usual = metricDefaults(metric);
  const kept = isMetricName(draft.metric) && metricDefinition(draft.metric).instance;
  const sameInstances = kept === metricDefinition(metric).instance;
  return {
    ...draft,
    metric,
    op: usual.op,
    warning: usual.warning
      ? { on: true, ...usual.warning, floor: null }
      : { ...NO_LEVEL, on: !usual.critical },
    critical: usual.critical ? { on: true, ...usual.critical, floor: null } : NO_LEVEL,
    window: { ...EACH, ...usual.window },
    ...(usual.window ? { forMs: 0, keepForMs: 0 } : {}),
    floor: null,
    instance: sameInstances ? draft.instance : '',
    change: { ...draft.change, atLeast: usual.changeAtLeast, direction: 'any' },
    forecast: { ...draft.forecast, level: usual.full, floor: null, floorLevel: null },
    baseline: { ...draft.baseline, direction: usual.op, minimum: usual.minimum },
  };
}

type PartKind = Exclude<Kind, 'threshold'>;

/** One kind's own fields. */
export function withPart<K extends PartKind>(kind: K, part: Partial<Draft[K]>): (draft: Draft) => Draft {
  return (draft) => ({ ...draft, [kind]: { ...draft[kind], ...part } });
}

/** Another way to look at samples; what counts has other levels than what the metric itself is. */
export function withWindow(draft: Draft, fn: WindowDraft['fn']): Draft {
  if (isCountingFn(fn) === isCountingFn(draft.window.fn))
    return { ...draft, window: { ...draft.window, fn } };
  if (!isCountingFn(fn)) {
    const { warning, critical, op } = withMetric({ ...draft, metric: '' }, draft.metric);
    return { ...draft, op, warning, critical, window: { ...draft.window, fn } };
  }
  return {
    ...draft,
    op: 'above',
    warning: { on: true, level: 1, clear: 0.5, floor: null },
    critical: NO_LEVEL,
    floor: null,
    forMs: 0,
    keepForMs: 0,
    window: { ...draft.window, fn, overMs: HOUR_MS },
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
  const bounded = (value: number) => (isShareLevel(draft) ? Math.min(99, Math.max(1, value)) : value);
  const level = bounded(other.level + outwards);
  const clear = level + (draft.op === 'above' ? -gap / 2 : gap / 2);
  return { ...draft, [severity]: { on, level, clear, floor: other.floor } };
}

/** The same for times left (`closer` is worse) and for deviations. */
export function withStep<T extends { readonly warning: StepDraft; readonly critical: StepDraft }>(
  steps: T,
  severity: Severity,
  on: boolean,
  worse: 'closer' | 'farther',
): T {
  const before = steps[severity];
  if (!on || before.at !== null) return { ...steps, [severity]: { ...before, on } };
  const other = steps[severity === 'warning' ? 'critical' : 'warning'];
  if (other.at === null || other.clear === null) return { ...steps, [severity]: { ...before, on } };
  const farther = (worse === 'farther') === (severity === 'critical');
  const factor = worse === 'closer' ? (farther ? 4 : 1 / 4) : farther ? 1.5 : 1 / 1.5;
  return { ...steps, [severity]: { on, at: other.at * factor, clear: other.clear * factor } };
}

/** Levels of this draft are shares of 0 to 100. */
export function isShareLevel({ metric, window }: Pick<Draft, 'metric' | 'window'>): boolean {
  return !isCountingFn(window.fn) && isShare(metric);
}

export function isShare(metric: string): boolean {
  return isMetricName(metric) && shownUnit(metric) === '%';
}

export function sameDraft(a: Draft, b: Draft): boolean {
  return JSON.stringify(settled(a)) === JSON.stringify(settled(b));
}

/** Without what is remembered of fields that are switched off or of other kinds. */
function settled(draft: Draft): unknown {
  const { kind, name, en, zh, owner, agreedOn } = draft;
  const levels = [draft.warning, draft.critical].map((each) => (each.on ? each : null));
  // The condition alone would take an empty field for a nought.
  const fields =
    kind === 'threshold' ? [levels, draft.forMs, draft.keepForMs, draft.window.fn] : onSteps(draft[kind]);
  const made = [selectorOf(draft), conditionOf(draft)];
  return { kind, name, en, zh, owner, agreedOn, made, fields };
}

function onSteps(fields: object): unknown {
  return Object.entries(fields).map(([key, value]: [string, unknown]) =>
    isStep(value) && !value.on ? [key] : [key, value],
  );
}

function isStep(value: unknown): value is StepDraft {
  return typeof value === 'object' && value !== null && 'on' in value;
}
