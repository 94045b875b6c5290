/** The form of levels: on what values, each by itself or several together, how far, how long, and what else must hold. */
import type { Severity } from '@muster/shared/api/rules.ts';
import { isMetricName, METRIC_NAMES, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';
import { CheckField } from '../../ui/Field.tsx';
import { SEVERITY_LOOKS } from '../../ui/states.ts';
import { ChoiceControl, NumberControl, SearchControl, SpanControl } from './controls.tsx';
import { type FloorDraft, windowFns, withLevel, withOp, withSeverity, withWindow } from './draft.ts';
import {
  Indented,
  InstanceHelp,
  LevelSlot,
  type PartProps,
  SeriesSlot,
  SeverityLine,
  TimesLine,
  useMetricChoice,
  useWrong,
} from './formParts.tsx';
import { Sentence } from './Sentence.tsx';

const SEVERITY_ORDER = ['warning', 'critical'] as const;

export function ThresholdPart(props: PartProps) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  return (
    <>
      <Sentence
        words="rules.form.when"
        slots={{
          series: <SeriesSlot {...props} />,
          look: <LookSlot {...props} />,
          op: (
            <OpControl
              label={t('rules.form.opLabel')}
              value={draft.op}
              readOnly={readOnly}
              onChange={(op) => onChange((before) => withOp(before, op))}
            />
          ),
        }}
      />
      {['overMs', 'window.n', 'window.m'].map((field) => (
        <div key={field} className="-mt-2 empty:hidden">
          {wrong(field as 'overMs' | 'window.n' | 'window.m').words}
        </div>
      ))}
      <InstanceHelp draft={draft} />
      <Indented>
        {SEVERITY_ORDER.map((severity) => (
          <LevelLine key={severity} severity={severity} {...props} />
        ))}
        {wrong('levels').words}
      </Indented>
      <TimesLine
        {...props}
        forMs={draft.forMs}
        keepForMs={draft.keepForMs}
        onTimes={(times) => onChange((before) => ({ ...before, ...times }))}
      />
      <ThresholdFloor {...props} />
    </>
  );
}

export function OpControl({
  label,
  value,
  readOnly,
  onChange,
}: {
  label: string;
  value: 'above' | 'below';
  readOnly: boolean;
  onChange: (op: 'above' | 'below') => void;
}) {
  const t = useT();
  return (
    <ChoiceControl
      label={label}
      value={value}
      disabled={readOnly}
      options={[
        { value: 'above', label: t('rules.form.op.above') },
        { value: 'below', label: t('rules.form.op.below') },
      ]}
      onChange={onChange}
    />
  );
}

/** Each sample by itself, or what of several of them. */
function LookSlot(props: PartProps) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const { window, metric } = draft;
  const set = (change: Partial<typeof window>) =>
    onChange((before) => ({ ...before, window: { ...before.window, ...change } }));
  const fn = (
    <ChoiceControl
      label={t('rules.form.look')}
      value={window.fn}
      disabled={readOnly}
      options={windowFns(metric).map((each) => ({ value: each, label: t(`rules.form.looks.${each}`) }))}
      onChange={(next) => onChange((before) => withWindow(before, next))}
    />
  );
  if (window.fn === 'each') return fn;
  if (window.fn !== 'n-of-m')
    return (
      <Sentence
        inline
        words="rules.form.lookOver"
        slots={{
          fn,
          over: (
            <SpanControl
              label={t('rules.form.lookSpan')}
              value={window.overMs}
              disabled={readOnly}
              wrongId={wrong('overMs').wrongId}
              onChange={(overMs) => set({ overMs })}
            />
          ),
        }}
      />
    );
  const count = (part: 'n' | 'm') => (
    <NumberControl
      label={t(part === 'n' ? 'rules.form.samplesBeyond' : 'rules.form.samplesOf')}
      unit=""
      narrow
      value={window[part]}
      disabled={readOnly}
      wrongId={wrong(`window.${part}`).wrongId}
      onChange={(value) => set({ [part]: value })}
    />
  );
  return <Sentence inline words="rules.form.lookOf" slots={{ fn, n: count('n'), m: count('m') }} />;
}

function LevelLine({ severity, ...props }: PartProps & { severity: Severity }) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const word = t(SEVERITY_LOOKS[severity].word);
  const { on, level, clear } = draft[severity];
  const levelWrong = wrong(`${severity}.level`);
  const clearWrong = wrong(`${severity}.clear`);
  const field = (name: 'level' | 'clear', wrongId: string | undefined) => (
    <LevelSlot
      label={t(name === 'level' ? 'rules.form.levelLabel' : 'rules.form.clearLabel', { severity: word })}
      metric={draft.metric}
      fn={draft.window.fn}
      value={name === 'level' ? level : clear}
      disabled={readOnly}
      wrongId={wrongId}
      onChange={(next) =>
        onChange((before) =>
          name === 'level' && before[severity].clear !== null && next !== null
            ? withLevel(before, severity, next)
            : { ...before, [severity]: { ...before[severity], [name]: next } },
        )
      }
    />
  );
  return (
    <SeverityLine
      severity={severity}
      on={on}
      readOnly={readOnly}
      onToggle={(next) => onChange((before) => withSeverity(before, severity, next))}
      wrongs={[levelWrong.words, clearWrong.words]}
    >
      <Sentence
        words={draft.op === 'above' ? 'rules.form.levelAbove' : 'rules.form.levelBelow'}
        slots={{ level: field('level', levelWrong.wrongId), clear: field('clear', clearWrong.wrongId) }}
      />
    </SeverityLine>
  );
}

/** A second condition at the same instance: less than 10 GiB left, beside a share of a big volume. */
function ThresholdFloor(props: PartProps) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  return (
    <FloorPart
      {...props}
      floor={draft.floor}
      help={t('rules.form.floorHelp')}
      onFloor={(floor) =>
        onChange((before) => {
          const isSame = floor?.metric === before.floor?.metric;
          if (isSame || floor === null || before.floor === null) return { ...before, floor };
          // Levels of another metric mean nothing.
          return {
            ...before,
            floor,
            warning: { ...before.warning, floor: null },
            critical: { ...before.critical, floor: null },
          };
        })
      }
    >
      {(metric) =>
        SEVERITY_ORDER.filter((each) => draft[each].on).map((severity) => {
          const { wrongId, words } = wrong(`${severity}.floor`);
          const word = t(SEVERITY_LOOKS[severity].word);
          return (
            <div key={severity} className="grid gap-1">
              <Sentence
                words="rules.form.floorLevel"
                values={{ severity: word }}
                slots={{
                  level: (
                    <LevelSlot
                      label={t('rules.form.floorLevelLabel', { severity: word })}
                      metric={metric}
                      value={draft[severity].floor}
                      disabled={readOnly}
                      wrongId={wrongId}
                      onChange={(floor) =>
                        onChange((before) => ({ ...before, [severity]: { ...before[severity], floor } }))
                      }
                    />
                  ),
                }}
              />
              {words}
            </div>
          );
        })
      }
    </FloorPart>
  );
}

/** Whether a second value must be beyond its level too, and which one; its levels are the children. */
export function FloorPart({
  draft,
  readOnly,
  floor,
  help,
  onFloor,
  children,
}: PartProps & {
  floor: FloorDraft | null;
  help: string;
  onFloor: (floor: FloorDraft | null) => void;
  children: (metric: string) => React.ReactNode;
}) {
  const t = useT();
  const choice = useMetricChoice();
  const kind = isMetricName(draft.metric) ? metricDefinition(draft.metric).instance : 'none';
  const fitting = METRIC_NAMES.filter(
    (each) =>
      metricDefinition(each).instance === kind && (each !== draft.metric || draft.kind === 'forecast'),
  );
  const metric = floor?.metric ?? fitting[0] ?? draft.metric;
  if (fitting.length === 0) return null;
  return (
    <div className="grid gap-2">
      <CheckField
        label={t('rules.form.floor')}
        help={help}
        checked={floor !== null}
        disabled={readOnly}
        onChange={(event) => onFloor(event.target.checked ? { metric, op: 'below' } : null)}
      />
      {floor && (
        <Indented>
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
                  value={isMetricName(metric) ? choice(metric) : { value: metric, label: metric }}
                  onChange={(next) => onFloor({ metric: next, op: floor.op })}
                />
              ),
              op: (
                <OpControl
                  label={t('rules.form.floorOp')}
                  value={floor.op}
                  readOnly={readOnly}
                  onChange={(op) => onFloor({ metric, op })}
                />
              ),
            }}
          />
          {children(metric)}
        </Indented>
      )}
    </div>
  );
}
