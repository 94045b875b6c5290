/** What the parts of the rule form share: the words of mistakes, and the controls that several sentences have. */
import { useId } from 'react';
import type { Severity } from '@muster/shared/api/rules.ts';
import {
  isMetricName,
  METRIC_NAMES,
  METRICS,
  metricDefinition,
  type MetricName,
  shownUnit,
} from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { cx } from '../../ui/cx.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { SEVERITY_LOOKS, TONE_TEXT } from '../../ui/states.ts';
import { displayUnit } from '../../util/quantity.ts';
import { wholeSpanText } from '../../util/time.ts';
import {
  type Choice,
  ChoiceControl,
  NumberControl,
  SearchControl,
  SpanControl,
  TextControl,
  Wrong,
} from './controls.tsx';
import { asksInstance, type Draft, fitsKind, withMetric } from './draft.ts';
import type { DraftProblem, Field } from './draftProblems.ts';
import { inputScale } from './inputScale.ts';
import { levelText } from './ruleWords.ts';
import { Sentence } from './Sentence.tsx';
import type { LookFn } from './windowFns.ts';

export interface PartProps {
  readonly draft: Draft;
  readonly problems: readonly DraftProblem[];
  readonly onChange: (change: (draft: Draft) => Draft) => void;
  /** Nothing can be changed. */
  readonly readOnly: boolean;
  /** Instances that machines have, to choose from. */
  readonly instances: readonly string[];
}

/** What is wrong with a field, in words, and the id to point at them. */
export function useWrong({ draft, problems }: Pick<PartProps, 'draft' | 'problems'>) {
  const t = useT();
  const language = useLanguage();
  const id = useId();
  return (field: Field) => {
    const problem = problems.find((each) => each.field === field);
    if (!problem) return { wrongId: undefined, words: null };
    const { level, span, count = '' } = problem;
    const values = {
      level: level === undefined ? '' : levelText(draft.metric, level, { t, language }, lookOf(draft)),
      span: span === undefined ? '' : wholeSpanText(span, t),
      count,
    };
    const wrongId = `${id}${field}`;
    return { wrongId, words: <Wrong id={wrongId}>{t(problem.key, values)}</Wrong> };
  };
}

export function lookOf({ kind, window }: Draft): LookFn {
  return kind === 'threshold' ? window.fn : 'each';
}

/** `CPU in use`, `file system in use of /var*`: the metric, and which of its instances. */
export function SeriesSlot({ draft, onChange, readOnly, instances }: PartProps) {
  const t = useT();
  const metric = <MetricControl draft={draft} onChange={onChange} readOnly={readOnly} />;
  if (!asksInstance(draft) || !isMetricName(draft.metric)) return metric;
  const kind = metricDefinition(draft.metric).instance;
  return (
    <Sentence
      inline
      words="rules.form.series"
      slots={{
        metric,
        instance: (
          <TextControl
            label={t('rules.form.instanceLabel')}
            value={draft.instance}
            placeholder={t(`rules.form.every.${kind}`)}
            suggestions={instances}
            disabled={readOnly}
            onChange={(instance) => onChange((before) => ({ ...before, instance }))}
          />
        ),
      }}
    />
  );
}

/** How an instance is written, under the sentence that asks for one. */
export function InstanceHelp({ draft }: Pick<PartProps, 'draft'>) {
  const t = useT();
  if (!asksInstance(draft)) return null;
  return <p className="-mt-2 text-12 text-text-3">{t('rules.form.instanceHelp')}</p>;
}

function MetricControl({ draft, onChange, readOnly }: Pick<PartProps, 'draft' | 'onChange' | 'readOnly'>) {
  const t = useT();
  const choice = useMetricChoice();
  const { metric, kind } = draft;
  return (
    <SearchControl
      label={t('rules.form.metricLabel')}
      searchLabel={t('rules.form.metricSearch')}
      nothing={t('rules.form.metricNone')}
      disabled={readOnly}
      choices={METRIC_NAMES.filter((each) => fitsKind(each, kind)).map(choice)}
      value={isMetricName(metric) ? choice(metric) : { value: metric, label: metric }}
      onChange={(next) => onChange((before) => withMetric(before, next))}
    />
  );
}

/** `File system in use`, noted with unit and name. */
export function useMetricChoice(): (metric: MetricName) => Choice {
  const language = useLanguage();
  return (metric) => {
    const { unit } = displayUnit(metric, shownUnit(metric));
    return {
      value: metric,
      label: METRICS[metric].title[language],
      note: unit === '1' ? metric : `${unit} · ${metric}`,
    };
  };
}

export function SeveritySlot({
  value,
  readOnly,
  onChange,
}: {
  value: Severity;
  readOnly: boolean;
  onChange: (severity: Severity) => void;
}) {
  const t = useT();
  return (
    <ChoiceControl
      label={t('rules.form.severity')}
      value={value}
      disabled={readOnly}
      options={(['warning', 'critical'] as const).map((each) => ({
        value: each,
        label: t(SEVERITY_LOOKS[each].word),
      }))}
      onChange={onChange}
    />
  );
}

/** A value of the metric, typed in the unit that it is read in. */
export function LevelSlot({
  metric,
  fn = 'each',
  value,
  onChange,
  ...rest
}: {
  label: string;
  metric: string;
  fn?: LookFn;
  value: number | null;
  disabled: boolean;
  wrongId: string | undefined;
  onChange: (value: number | null) => void;
}) {
  const { unit, factor } = inputScale(metric, fn);
  return (
    <NumberControl
      {...rest}
      unit={unit}
      value={value === null ? null : value * factor}
      onChange={(next) => onChange(next === null ? null : next / factor)}
    />
  );
}

/** How long it must hold, and how long it must be clear. */
export function TimesLine({
  forMs,
  keepForMs,
  onTimes,
  ...props
}: PartProps & {
  forMs: Millis | null;
  keepForMs: Millis | null;
  onTimes: (times: { readonly forMs: Millis | null; readonly keepForMs: Millis | null }) => void;
}) {
  const t = useT();
  const wrong = useWrong(props);
  const hold = wrong('forMs');
  const keep = wrong('keepForMs');
  return (
    <div className="grid gap-1">
      <Sentence
        words="rules.form.times"
        slots={{
          hold: (
            <SpanControl
              label={t('rules.form.hold')}
              value={forMs}
              disabled={props.readOnly}
              wrongId={hold.wrongId}
              onChange={(next) => onTimes({ forMs: next, keepForMs })}
            />
          ),
          keep: (
            <SpanControl
              label={t('rules.form.keep')}
              value={keepForMs}
              disabled={props.readOnly}
              wrongId={keep.wrongId}
              onChange={(next) => onTimes({ forMs, keepForMs: next })}
            />
          ),
        }}
      />
      {hold.words}
      {keep.words}
    </div>
  );
}

/** One severity with its own levels: on or off, then what it takes. */
export function SeverityLine({
  severity,
  on,
  readOnly,
  onToggle,
  children,
  wrongs,
}: {
  severity: Severity;
  on: boolean;
  readOnly: boolean;
  onToggle: (on: boolean) => void;
  children: React.ReactNode;
  wrongs: readonly React.ReactNode[];
}) {
  const t = useT();
  const look = SEVERITY_LOOKS[severity];
  return (
    <div className="grid gap-1">
      <div className="flex flex-wrap items-center gap-x-2">
        <label className="inline-flex min-w-24 items-center gap-2 coarse:min-h-11">
          <input
            type="checkbox"
            checked={on}
            disabled={readOnly}
            onChange={(event) => onToggle(event.target.checked)}
            className="size-4 accent-accent-solid"
          />
          <span className={cx('inline-flex items-center gap-1.5 font-medium', on && TONE_TEXT[look.tone])}>
            <Glyph name={look.glyph} />
            {t(look.word)}
          </span>
        </label>
        {on && children}
      </div>
      {on && wrongs}
    </div>
  );
}

/** Lines that belong to the sentence above them. */
export function Indented({ children }: { children: React.ReactNode }) {
  return <div className="grid gap-2 border-l-2 border-line pl-3">{children}</div>;
}

/** A line of explanation under a part of the form. */
export function PartHelp({ children }: { children: React.ReactNode }) {
  return <p className="max-w-[80ch] text-12 leading-prose text-text-3">{children}</p>;
}
