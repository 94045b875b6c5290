/** The rule as sentences with controls in them: on what, when, how long, what it means; mistakes stand beside their field. */
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useId, useState } from 'react';
import type { Severity } from '@muster/shared/api/rules.ts';
import { CI_CLASSES, MACHINE_CLASSES } from '@muster/shared/cmdb/classes.ts';
import {
  isMetricName,
  METRIC_NAMES,
  METRICS,
  metricDefinition,
  type MetricName,
  shownUnit,
} from '@muster/shared/metrics/catalogue.ts';
import { ciQuery, machinesQuery } from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { CheckField, TextArea, TextField } from '../../ui/Field.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { Menu, MenuCheck } from '../../ui/Menu.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SEVERITY_LOOKS, TONE_TEXT } from '../../ui/states.ts';
import { cx } from '../../ui/cx.ts';
import { displayUnit } from '../../util/quantity.ts';
import {
  ChoiceControl,
  NumberControl,
  SearchControl,
  SpanControl,
  TextControl,
  Wrong,
  type Choice,
} from './controls.tsx';
import {
  type Draft,
  type DraftProblem,
  type Field,
  hasInstances,
  withLevel,
  withMetric,
  withOp,
  withSeverity,
} from './draft.ts';
import { inputScale } from './inputScale.ts';
import { machineChoicesQuery } from './queries.ts';
import { classWords, levelText } from './ruleWords.ts';
import { Sentence } from './Sentence.tsx';

export interface PartProps {
  readonly draft: Draft;
  readonly problems: readonly DraftProblem[];
  readonly onChange: (change: (draft: Draft) => Draft) => void;
  /** Nothing can be changed. */
  readonly readOnly: boolean;
}

export interface RuleFormProps extends PartProps {
  /** Of a rule that exists its kind is not changed. */
  readonly kindFixed: boolean;
  /** How many machines it applies to; null where it cannot be told while the form has a mistake. */
  readonly matching: number | 'counting' | null;
  /** Instances that machines have, to choose from. */
  readonly instances: readonly string[];
}

export function RuleForm(props: RuleFormProps) {
  const t = useT();
  const { draft, onChange, readOnly, kindFixed } = props;
  return (
    <Card title={t('rules.form.title')}>
      <div className="grid gap-3">
        {!kindFixed && (
          <Segmented
            label={t('rules.form.kind')}
            value={draft.kind}
            options={[
              { value: 'threshold', label: t('rules.form.kindThreshold') },
              { value: 'silent', label: t('rules.form.kindSilent') },
            ]}
            onChange={(kind) => onChange((before) => ({ ...before, kind }))}
          />
        )}
        <fieldset disabled={readOnly} className="grid min-w-0 gap-3">
          <legend className="sr-only">{t('rules.form.title')}</legend>
          <Where {...props} />
          {draft.held === null &&
            (draft.kind === 'silent' ? <SilentPart {...props} /> : <ThresholdPart {...props} />)}
        </fieldset>
      </div>
    </Card>
  );
}

/** What is wrong with a field, in words, and the id to point at them. */
function useWrong({ draft, problems }: Pick<PartProps, 'draft' | 'problems'>) {
  const t = useT();
  const language = useLanguage();
  const id = useId();
  return (field: Field) => {
    const problem = problems.find((each) => each.field === field);
    if (!problem) return { wrongId: undefined, words: null };
    const level = problem.level === undefined ? '' : levelText(draft.metric, problem.level, { t, language });
    const wrongId = `${id}${field}`;
    return { wrongId, words: <Wrong id={wrongId}>{t(problem.key, { level })}</Wrong> };
  };
}

function Where({ draft, onChange, readOnly, matching }: RuleFormProps) {
  const t = useT();
  return (
    <div>
      <Sentence
        words="rules.form.where"
        slots={{
          classes: (
            <ClassControl
              classes={draft.classes}
              disabled={readOnly}
              onChange={(classes) => onChange((before) => ({ ...before, classes }))}
            />
          ),
          tag: (
            <TagControl
              tag={draft.tag}
              disabled={readOnly}
              onChange={(tag) => onChange((before) => ({ ...before, tag }))}
            />
          ),
          machine: (
            <MachineControl
              ciId={draft.ciId}
              disabled={readOnly}
              onChange={(ciId) => onChange((before) => ({ ...before, ciId }))}
            />
          ),
        }}
      />
      <p className="mt-1 min-h-[18px] text-12 text-text-3" aria-live="polite">
        {matching === null
          ? ''
          : matching === 'counting'
            ? t('rules.form.countUnknown')
            : matching === 0
              ? t('rules.form.matchesNone')
              : t('rules.form.matches', { count: matching })}
      </p>
    </div>
  );
}

function ClassControl({
  classes,
  onChange,
  disabled,
}: {
  classes: readonly string[];
  onChange: (classes: readonly string[]) => void;
  disabled: boolean;
}) {
  const t = useT();
  const language = useLanguage();
  const words = classWords(classes.length === 0 ? null : classes, { t, language });
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          disabled={disabled}
          aria-label={t('rules.form.classesLabel', { words })}
          className="inline-flex h-(--control) max-w-full items-center gap-1.5 rounded-md align-middle leading-tight border border-line-strong bg-surface px-2 text-13 font-medium disabled:border-line disabled:text-text-2 max-tablet:text-16"
        >
          <span className="min-w-0 truncate">{words}</span>
          <Icon name="chevron" size={12} className="text-text-3" />
        </button>
      }
    >
      <MenuCheck checked={classes.length === 0} onChange={() => onChange([])}>
        {t('rules.allMachines')}
      </MenuCheck>
      {MACHINE_CLASSES.map((each) => (
        <MenuCheck
          key={each}
          checked={classes.includes(each)}
          onChange={(on) => onChange(on ? [...classes, each] : classes.filter((other) => other !== each))}
        >
          {CI_CLASSES[each].title[language]}
        </MenuCheck>
      ))}
    </Menu>
  );
}

const ANY = '';

function TagControl({
  tag,
  onChange,
  disabled,
}: {
  tag: string;
  onChange: (tag: string) => void;
  disabled: boolean;
}) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState('');
  const machines = useQuery({ ...machinesQuery, enabled: opened }).data;
  const counts = new Map<string, number>();
  for (const each of machines?.flatMap(({ tags }) => tags) ?? [])
    counts.set(each, (counts.get(each) ?? 0) + 1);
  const known = [...counts].sort(([a], [b]) => a.localeCompare(b));
  const matches = known.filter(([each]) => each.toLowerCase().includes(typed.trim().toLowerCase()));
  const isNew = typed.trim() !== '' && !counts.has(typed.trim());
  const any: Choice = { value: ANY, label: t('rules.form.anyTag') };
  return (
    <SearchControl
      label={t('rules.form.tagLabel')}
      searchLabel={t('rules.form.tagSearch')}
      nothing={t('rules.form.tagNone')}
      disabled={disabled}
      choices={[
        ...(typed.trim() === '' ? [any] : []),
        ...matches.map(([each, count]) => ({
          value: each,
          label: each,
          note: t('rules.form.machines', { count }),
        })),
        ...(isNew ? [{ value: typed.trim(), label: typed.trim(), note: t('rules.form.tagUnused') }] : []),
      ]}
      value={tag === '' ? any : { value: tag, label: tag }}
      onChange={onChange}
      onSearch={setTyped}
      onOpen={() => setOpened(true)}
    />
  );
}

export function MachineControl({
  ciId,
  onChange,
  disabled = false,
  label,
  choices,
}: {
  ciId: string | null;
  onChange: (ciId: string | null) => void;
  disabled?: boolean;
  label?: string;
  /** Offered before anything is typed; without them any machine may be left open. */
  choices?: readonly Choice[];
}) {
  const t = useT();
  const [typed, setTyped] = useState('');
  const [opened, setOpened] = useState(false);
  const text = useDeferredValue(typed.trim());
  const { data: answered = [], isPlaceholderData } = useQuery({
    ...machineChoicesQuery(text),
    enabled: opened,
  });
  // Enter takes the first that is offered: of the answer before, only what matches now.
  const found = isPlaceholderData
    ? answered.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()))
    : answered;
  const named = useQuery({ ...ciQuery(ciId ?? ''), enabled: ciId !== null }).data;
  const any: Choice = { value: ANY, label: t('rules.form.anyMachine') };
  const offered = found.map((ci) => ({
    value: ci.id,
    label: ci.name,
    ...(ci.site === null ? {} : { note: ci.site }),
    icon: classIcon(ci.class),
  }));
  const first = text === '' ? (choices ?? [any]) : [];
  const known = new Set(first.map(({ value }) => value));
  return (
    <SearchControl
      label={label ?? t('rules.form.machineLabel')}
      searchLabel={t('rules.form.machineSearch')}
      nothing={t('rules.form.machineNone')}
      disabled={disabled}
      choices={[...first, ...offered.filter(({ value }) => !known.has(value))]}
      value={
        ciId === null
          ? any
          : (choices?.find(({ value }) => value === ciId) ?? { value: ciId, label: named?.name ?? ciId })
      }
      onChange={(next) => onChange(next === ANY ? null : next)}
      onSearch={setTyped}
      onOpen={() => setOpened(true)}
    />
  );
}

function SilentPart({ draft, onChange, readOnly, problems }: RuleFormProps) {
  const t = useT();
  const wrong = useWrong({ draft, problems })('silentForMs');
  return (
    <div className="grid gap-1">
      <Sentence
        words="rules.form.silentWhen"
        slots={{
          hold: (
            <SpanControl
              label={t('rules.form.silentHold')}
              value={draft.silentForMs}
              disabled={readOnly}
              wrongId={wrong.wrongId}
              onChange={(silentForMs) => onChange((before) => ({ ...before, silentForMs }))}
            />
          ),
          severity: (
            <ChoiceControl
              label={t('rules.form.severity')}
              value={draft.severity}
              disabled={readOnly}
              options={(['warning', 'critical'] as const).map((each) => ({
                value: each,
                label: t(SEVERITY_LOOKS[each].word),
              }))}
              onChange={(severity) => onChange((before) => ({ ...before, severity }))}
            />
          ),
        }}
      />
      {wrong.words}
      <p className="max-w-[80ch] text-12 leading-prose text-text-3">{t('rules.form.silentHelp')}</p>
    </div>
  );
}

function ThresholdPart(props: RuleFormProps) {
  const { draft, onChange, readOnly, problems, instances } = props;
  const t = useT();
  const wrong = useWrong(props);
  const several = hasInstances(draft.metric);
  const kind = isMetricName(draft.metric) ? metricDefinition(draft.metric).instance : 'none';
  const slots = {
    metric: (
      <MetricControl
        metric={draft.metric}
        disabled={readOnly}
        onChange={(metric) => onChange((before) => withMetric(before, metric))}
      />
    ),
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
    op: (
      <ChoiceControl
        label={t('rules.form.opLabel')}
        value={draft.op}
        disabled={readOnly}
        options={[
          { value: 'above', label: t('rules.form.op.above') },
          { value: 'below', label: t('rules.form.op.below') },
        ]}
        onChange={(op) => onChange((before) => withOp(before, op))}
      />
    ),
  };
  const hold = wrong('forMs');
  const keep = wrong('keepForMs');
  return (
    <>
      {several ? (
        <Sentence words="rules.form.whenInstance" slots={slots} />
      ) : (
        <Sentence words="rules.form.when" slots={slots} />
      )}
      {several && <p className="-mt-2 text-12 text-text-3">{t('rules.form.instanceHelp')}</p>}
      <div className="grid gap-2 border-l-2 border-line pl-3">
        {(['warning', 'critical'] as const).map((severity) => (
          <LevelLine key={severity} severity={severity} {...props} />
        ))}
        {wrong('levels').words}
      </div>
      <div className="grid gap-1">
        <Sentence
          words="rules.form.times"
          slots={{
            hold: (
              <SpanControl
                label={t('rules.form.hold')}
                value={draft.forMs}
                disabled={readOnly}
                wrongId={hold.wrongId}
                onChange={(forMs) => onChange((before) => ({ ...before, forMs }))}
              />
            ),
            keep: (
              <SpanControl
                label={t('rules.form.keep')}
                value={draft.keepForMs}
                disabled={readOnly}
                wrongId={keep.wrongId}
                onChange={(keepForMs) => onChange((before) => ({ ...before, keepForMs }))}
              />
            ),
          }}
        />
        {hold.words}
        {keep.words}
      </div>
      <FloorPart {...props} problems={problems} />
    </>
  );
}

function MetricControl({
  metric,
  onChange,
  disabled,
}: {
  metric: string;
  onChange: (metric: string) => void;
  disabled: boolean;
}) {
  const t = useT();
  const choice = useMetricChoice();
  return (
    <SearchControl
      label={t('rules.form.metricLabel')}
      searchLabel={t('rules.form.metricSearch')}
      nothing={t('rules.form.metricNone')}
      disabled={disabled}
      choices={METRIC_NAMES.map(choice)}
      value={isMetricName(metric) ? choice(metric) : { value: metric, label: metric }}
      onChange={onChange}
    />
  );
}

/** `File system in use`, noted with unit and name. */
function useMetricChoice(): (metric: MetricName) => Choice {
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

function LevelLine({ severity, ...props }: RuleFormProps & { severity: Severity }) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const scale = inputScale(draft.metric);
  const look = SEVERITY_LOOKS[severity];
  const word = t(look.word);
  const { on, level, clear } = draft[severity];
  const typed = (value: number | null) => (value === null ? null : value * scale.factor);
  const stored = (value: number | null) => (value === null ? null : value / scale.factor);
  const levelWrong = wrong(`${severity}.level`);
  const clearWrong = wrong(`${severity}.clear`);
  const field = (name: 'level' | 'clear', wrongId: string | undefined) => (
    <NumberControl
      label={t(name === 'level' ? 'rules.form.levelLabel' : 'rules.form.clearLabel', { severity: word })}
      unit={scale.unit}
      value={typed(name === 'level' ? level : clear)}
      disabled={readOnly}
      wrongId={wrongId}
      onChange={(next) =>
        onChange((before) =>
          name === 'level' && before[severity].clear !== null && next !== null
            ? withLevel(before, severity, stored(next))
            : { ...before, [severity]: { ...before[severity], [name]: stored(next) } },
        )
      }
    />
  );
  return (
    <div className="grid gap-1">
      <div className="flex flex-wrap items-center gap-x-2">
        <label className="inline-flex min-w-24 items-center gap-2 coarse:min-h-11">
          <input
            type="checkbox"
            checked={on}
            disabled={readOnly}
            onChange={(event) => {
              const { checked } = event.target;
              onChange((before) => withSeverity(before, severity, checked));
            }}
            className="size-4 accent-accent-solid"
          />
          <span className={cx('inline-flex items-center gap-1.5 font-medium', on && TONE_TEXT[look.tone])}>
            <Glyph name={look.glyph} />
            {word}
          </span>
        </label>
        {on && (
          <Sentence
            words={draft.op === 'above' ? 'rules.form.levelAbove' : 'rules.form.levelBelow'}
            slots={{
              level: field('level', levelWrong.wrongId),
              clear: field('clear', clearWrong.wrongId),
            }}
          />
        )}
      </div>
      {levelWrong.words}
      {clearWrong.words}
    </div>
  );
}

/** A second condition at the same instance: less than 10 GiB left, beside a share of a big volume. */
function FloorPart(props: RuleFormProps) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const choice = useMetricChoice();
  const kind = isMetricName(draft.metric) ? metricDefinition(draft.metric).instance : 'none';
  const fitting = METRIC_NAMES.filter(
    (each) => metricDefinition(each).instance === kind && each !== draft.metric,
  );
  const floorMetric = draft.floor?.metric ?? fitting[0] ?? draft.metric;
  const scale = inputScale(floorMetric);
  const shown = (['warning', 'critical'] as const).filter((each) => draft[each].on);
  if (fitting.length === 0) return null;
  return (
    <div className="grid gap-2">
      <CheckField
        label={t('rules.form.floor')}
        help={t('rules.form.floorHelp')}
        checked={draft.floor !== null}
        disabled={readOnly}
        onChange={(event) => {
          const { checked } = event.target;
          onChange((before) => ({ ...before, floor: checked ? { metric: floorMetric, op: 'below' } : null }));
        }}
      />
      {draft.floor && (
        <div className="grid gap-2 border-l-2 border-line pl-3">
          <Sentence
            words="rules.form.floorWhen"
            slots={{
              metric: (
                <SearchControl
                  label={t('rules.form.floorMetric')}
                  searchLabel={t('rules.form.metricSearch')}
                  nothing={t('rules.form.metricNone')}
                  disabled={readOnly}
                  choices={fitting.map(choice)}
                  value={
                    isMetricName(floorMetric)
                      ? choice(floorMetric)
                      : { value: floorMetric, label: floorMetric }
                  }
                  onChange={(metric) =>
                    onChange((before) => ({
                      ...before,
                      floor: { metric, op: before.floor?.op ?? 'below' },
                      warning: { ...before.warning, floor: null },
                      critical: { ...before.critical, floor: null },
                    }))
                  }
                />
              ),
              op: (
                <ChoiceControl
                  label={t('rules.form.floorOp')}
                  value={draft.floor.op}
                  disabled={readOnly}
                  options={[
                    { value: 'above', label: t('rules.form.op.above') },
                    { value: 'below', label: t('rules.form.op.below') },
                  ]}
                  onChange={(op) => onChange((before) => ({ ...before, floor: { metric: floorMetric, op } }))}
                />
              ),
            }}
          />
          {shown.map((severity) => {
            const { wrongId, words } = wrong(`${severity}.floor`);
            const word = t(SEVERITY_LOOKS[severity].word);
            const { floor } = draft[severity];
            return (
              <div key={severity} className="grid gap-1">
                <Sentence
                  words="rules.form.floorLevel"
                  values={{ severity: word }}
                  slots={{
                    level: (
                      <NumberControl
                        label={t('rules.form.floorLevelLabel', { severity: word })}
                        unit={scale.unit}
                        value={floor === null ? null : floor * scale.factor}
                        disabled={readOnly}
                        wrongId={wrongId}
                        onChange={(next) =>
                          onChange((before) => ({
                            ...before,
                            [severity]: {
                              ...before[severity],
                              floor: next === null ? null : next / scale.factor,
                            },
                          }))
                        }
                      />
                    ),
                  }}
                />
                {words}
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}

/** Name, meaning in both languages, who answers for it and when it was agreed (K1). */
export function AboutForm({ draft, problems, onChange, readOnly }: PartProps) {
  const t = useT();
  const wrong = problems.find(({ field }) => field === 'name');
  const set = (change: Partial<Draft>) => onChange((before) => ({ ...before, ...change }));
  return (
    <Card title={t('rules.form.about')}>
      <fieldset disabled={readOnly} className="grid min-w-0 gap-3">
        <legend className="sr-only">{t('rules.form.about')}</legend>
        <TextField
          label={t('rules.form.name')}
          value={draft.name}
          maxLength={128}
          error={wrong && draft.name !== '' ? t(wrong.key) : undefined}
          required
          onChange={(event) => set({ name: event.target.value })}
        />
        <div className="grid gap-3 tablet:grid-cols-2">
          <TextArea
            label={t('rules.form.meaningEn')}
            value={draft.en}
            maxLength={2000}
            lang="en"
            onChange={(event) => set({ en: event.target.value })}
          />
          <TextArea
            label={t('rules.form.meaningZh')}
            value={draft.zh}
            maxLength={2000}
            lang="zh-CN"
            onChange={(event) => set({ zh: event.target.value })}
          />
        </div>
        <p className="-mt-1 text-12 text-text-3">{t('rules.form.meaningHelp')}</p>
        <div className="grid gap-3 tablet:grid-cols-2">
          <TextField
            label={t('rules.owner')}
            value={draft.owner}
            maxLength={128}
            help={t('rules.form.ownerHelp')}
            onChange={(event) => set({ owner: event.target.value })}
          />
          <TextField
            label={t('rules.form.agreedOn')}
            type="date"
            value={draft.agreedOn}
            help={t('rules.form.agreedHelp')}
            onChange={(event) => set({ agreedOn: event.target.value })}
          />
        </div>
      </fieldset>
    </Card>
  );
}
