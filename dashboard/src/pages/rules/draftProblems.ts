/** What is wrong with a draft, for the field beside which it is said. Pure. */
import {
  COMPOSITE_RULES_MAX,
  CONFIRM_SAMPLES_MAX,
  type Severity,
  SEVERITIES,
} from '@muster/shared/api/rules.ts';
import {
  BASELINE_WEEKS_MAX,
  BASELINE_WEEKS_MIN,
  WINDOW_MS_MAX,
  WINDOW_MS_MIN,
} from '@muster/shared/api/rules.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { Key } from '../../i18n/catalogue.ts';
import {
  conditionOf,
  type Draft,
  isShare,
  isShareLevel,
  type RuleInput,
  selectorOf,
  type StepDraft,
} from './draft.ts';

type SeverityField = `${Severity}.${'level' | 'clear' | 'floor' | 'at'}`;
export type Field =
  | 'name'
  | 'metric'
  | 'levels'
  | 'floor'
  | 'forMs'
  | 'keepForMs'
  | 'overMs'
  | 'window.n'
  | 'window.m'
  | 'atLeast'
  | 'target'
  | 'floorLevel'
  | 'minimum'
  | 'weeks'
  | 'score'
  | 'clearScore'
  | 'rules'
  | SeverityField;

/** `level` is in the catalogue's unit of the metric; `span` and `count` are limits. */
export interface DraftProblem {
  readonly field: Field;
  readonly key: Key;
  readonly level?: number;
  readonly span?: Millis;
  readonly count?: number;
}

const HOLD_MS_MAX = DAY_MS;
const ABSENT_MS_MAX = 7 * DAY_MS;
const FORECAST_OVER_MS_MIN = 10 * MINUTE_MS;

/** What must be put right before the rule can be saved; the first of a field counts. */
export function problemsOf(draft: Draft): DraftProblem[] {
  const named: DraftProblem[] = draft.name.trim() === '' ? [{ field: 'name', key: 'rules.wrong.name' }] : [];
  return [...named, ...conditionProblems(draft)];
}

/** What is tried on the past; null while something is wrong with it. A name is not needed for that. */
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

/** The same without what does not matter to trying it on the past. */
export function conditionProblems(draft: Draft): DraftProblem[] {
  switch (draft.kind) {
    case 'silent':
      return holdProblem('forMs', draft.silent.forMs);
    case 'threshold':
      return [
        ...someLevel(draft.warning, draft.critical),
        ...SEVERITIES.flatMap((severity) => levelProblems(draft, severity)),
        ...orderProblem(draft),
        ...windowProblems(draft),
        ...holdProblems(draft),
      ];
    case 'absence':
      return spanProblem('forMs', draft.absence.forMs, MINUTE_MS, ABSENT_MS_MAX);
    case 'change':
      return [
        ...numberProblem('atLeast', draft.change.atLeast, 0),
        ...spanProblem('overMs', draft.change.overMs, WINDOW_MS_MIN, WINDOW_MS_MAX),
        ...holdProblem('keepForMs', draft.change.keepForMs),
      ];
    case 'forecast':
      return forecastProblems(draft);
    case 'baseline':
      return baselineProblems(draft);
    case 'anomaly':
      return anomalyProblems(draft);
    case 'composite':
      return compositeProblems(draft);
  }
}

function someLevel(...levels: readonly { readonly on: boolean }[]): DraftProblem[] {
  return levels.some(({ on }) => on) ? [] : [{ field: 'levels', key: 'rules.wrong.noLevel' }];
}

function levelProblems(draft: Draft, severity: Severity): DraftProblem[] {
  const { on, level, clear, floor } = draft[severity];
  if (!on) return [];
  const problems: DraftProblem[] = [];
  if (level === null) problems.push({ field: `${severity}.level`, key: 'rules.wrong.number' });
  else if (isShareLevel(draft) && (level < 0 || level > 100))
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

function windowProblems({ window: { fn, overMs, n, m } }: Draft): DraftProblem[] {
  if (fn === 'each') return [];
  if (fn !== 'n-of-m') return spanProblem('overMs', overMs, WINDOW_MS_MIN, WINDOW_MS_MAX);
  const samples = [
    ...countProblem('window.n', n, 1, CONFIRM_SAMPLES_MAX),
    ...countProblem('window.m', m, 1, CONFIRM_SAMPLES_MAX),
  ];
  if (samples.length > 0 || n === null || m === null || n <= m) return samples;
  return [{ field: 'window.n', key: 'rules.wrong.atMostCount', count: m }];
}

function forecastProblems({ metric, forecast }: Draft): DraftProblem[] {
  const { level, overMs, floor, floorLevel } = forecast;
  return [
    ...numberProblem('target', level, null),
    ...(isShare(metric) && level !== null && (level < 0 || level > 100)
      ? [{ field: 'target', key: 'rules.wrong.share' } as const]
      : []),
    ...spanProblem('overMs', overMs, FORECAST_OVER_MS_MIN, WINDOW_MS_MAX),
    ...someLevel(forecast.warning, forecast.critical),
    ...SEVERITIES.flatMap((severity) => leftProblems(severity, forecast[severity])),
    ...stepOrder(forecast, (warning, critical) => critical < warning, 'rules.wrong.criticalSooner'),
    ...(floor ? numberProblem('floorLevel', floorLevel, null) : []),
    ...holdProblems(forecast),
  ];
}

function leftProblems(severity: Severity, { on, at, clear }: StepDraft): DraftProblem[] {
  if (!on) return [];
  const first = spanProblem(`${severity}.at`, at, MINUTE_MS, Infinity);
  if (clear === null) return [...first, { field: `${severity}.clear`, key: 'rules.wrong.number' }];
  if (at === null || clear > at) return first;
  return [...first, { field: `${severity}.clear`, key: 'rules.wrong.clearLater', span: at }];
}

function baselineProblems({ baseline }: Draft): DraftProblem[] {
  const { minimum, weeks, overMs } = baseline;
  return [
    ...someLevel(baseline.warning, baseline.critical),
    ...SEVERITIES.flatMap((severity) => deviationProblems(severity, baseline[severity])),
    ...stepOrder(baseline, (warning, critical) => critical > warning, 'rules.wrong.criticalFarther'),
    ...numberProblem('minimum', minimum, null),
    ...countProblem('weeks', weeks, BASELINE_WEEKS_MIN, BASELINE_WEEKS_MAX),
    ...spanProblem('overMs', overMs, WINDOW_MS_MIN, HOUR_MS),
    // The average still holds the hour before at the edge of an hour.
    ...spanProblem('forMs', baseline.forMs, overMs ?? 0, HOLD_MS_MAX),
    ...holdProblem('keepForMs', baseline.keepForMs),
  ];
}

function deviationProblems(severity: Severity, { on, at, clear }: StepDraft): DraftProblem[] {
  if (!on) return [];
  const first = numberProblem(`${severity}.at`, at, 1);
  const second = numberProblem(`${severity}.clear`, clear, 0);
  if (second.length > 0 || at === null || clear === null || clear < at) return [...first, ...second];
  return [...first, { field: `${severity}.clear`, key: 'rules.wrong.below', count: at }];
}

function stepOrder(
  { warning, critical }: { readonly warning: StepDraft; readonly critical: StepDraft },
  isOrdered: (warning: number, critical: number) => boolean,
  key: Key,
): DraftProblem[] {
  if (!warning.on || !critical.on || warning.at === null || critical.at === null) return [];
  return isOrdered(warning.at, critical.at) ? [] : [{ field: 'critical.at', key }];
}

function anomalyProblems({ anomaly }: Draft): DraftProblem[] {
  const { score, clear } = anomaly;
  const isScore = score !== null && score > 0 && score <= 1;
  const scored: DraftProblem[] = isScore ? [] : [{ field: 'score', key: 'rules.wrong.score' }];
  const cleared: DraftProblem[] =
    clear === null || clear < 0 || clear > 1
      ? [{ field: 'clearScore', key: 'rules.wrong.score' }]
      : isScore && clear >= score
        ? [{ field: 'clearScore', key: 'rules.wrong.below', count: score }]
        : [];
  return [...scored, ...cleared, ...holdProblems(anomaly)];
}

function compositeProblems({ composite }: Draft): DraftProblem[] {
  const { rules, forMs } = composite;
  const chosen: DraftProblem[] =
    rules.length === 0
      ? [{ field: 'rules', key: 'rules.wrong.noRules' }]
      : rules.length > COMPOSITE_RULES_MAX
        ? [{ field: 'rules', key: 'rules.wrong.atMostCount', count: COMPOSITE_RULES_MAX }]
        : [];
  return [...chosen, ...holdProblem('forMs', forMs)];
}

function holdProblems(times: {
  readonly forMs: Millis | null;
  readonly keepForMs: Millis | null;
}): DraftProblem[] {
  return [...holdProblem('forMs', times.forMs), ...holdProblem('keepForMs', times.keepForMs)];
}

function holdProblem(field: 'forMs' | 'keepForMs', value: Millis | null): DraftProblem[] {
  return spanProblem(field, value, 0, HOLD_MS_MAX);
}

function spanProblem(field: Field, value: Millis | null, min: Millis, max: Millis): DraftProblem[] {
  if (value === null) return [{ field, key: 'rules.wrong.number' }];
  if (value < min) return [{ field, key: 'rules.wrong.atLeast', span: Math.max(min, SECOND_MS) }];
  return value > max ? [{ field, key: 'rules.wrong.atMost', span: max }] : [];
}

function numberProblem(field: Field, value: number | null, min: number | null): DraftProblem[] {
  if (value === null) return [{ field, key: 'rules.wrong.number' }];
  return min !== null && value < min ? [{ field, key: 'rules.wrong.atLeastCount', count: min }] : [];
}

function countProblem(field: Field, value: number | null, min: number, max: number): DraftProblem[] {
  if (value === null || !Number.isInteger(value)) return [{ field, key: 'rules.wrong.whole' }];
  if (value < min) return [{ field, key: 'rules.wrong.atLeastCount', count: min }];
  return value > max ? [{ field, key: 'rules.wrong.atMostCount', count: max }] : [];
}

/** Server path of a problem → field of the form. */
const FIELDS_BY_PATH: readonly [path: RegExp, field: Field][] = [
  [/name$/, 'name'],
  [/condition\.floor/, 'floor'],
  [/condition\.metric$/, 'metric'],
  [/condition\.window\.n$/, 'window.n'],
  [/condition\.window\.m$/, 'window.m'],
  [/condition\.window/, 'overMs'],
  [/condition\.levels/, 'levels'],
  [/condition\.rules/, 'rules'],
  [/condition\.forMs$/, 'forMs'],
  [/condition\.keepForMs$/, 'keepForMs'],
  [/condition\.overMs$/, 'overMs'],
  [/condition\.weeks$/, 'weeks'],
  [/condition\.minimum$/, 'minimum'],
  [/condition\.score$/, 'score'],
];

const FIELDS_BY_CODE: Readonly<Record<string, Field>> = {
  'metric-unknown': 'metric',
  'clear-level-invalid': 'levels',
};

/** Beside which field a refusal of the server belongs; null: beside none. */
export function refusedField(code: string, paths: readonly string[]): Field | null {
  const byPath = paths.flatMap((path) => FIELDS_BY_PATH.find(([pattern]) => pattern.test(path))?.[1] ?? []);
  return byPath[0] ?? FIELDS_BY_CODE[code] ?? null;
}
