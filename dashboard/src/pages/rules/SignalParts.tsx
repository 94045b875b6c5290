/** The forms of silence, absence, change, forecast, what is usual, and strange behaviour. */
import type { Severity } from '@muster/shared/api/rules.ts';
import { useT } from '../../i18n/i18n.ts';
import { SEVERITY_LOOKS } from '../../ui/states.ts';
import { ChoiceControl, NumberControl, SpanControl } from './controls.tsx';
import { asksInstance, withPart, withStep } from './draft.ts';
import type { Field } from './draftProblems.ts';
import {
  Indented,
  InstanceHelp,
  LevelSlot,
  PartHelp,
  type PartProps,
  SeriesSlot,
  SeverityLine,
  SeveritySlot,
  TimesLine,
  useWrong,
} from './formParts.tsx';
import { Sentence } from './Sentence.tsx';
import { FloorPart } from './ThresholdPart.tsx';

const SEVERITY_ORDER = ['warning', 'critical'] as const;

export function SilentPart(props: PartProps) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props)('forMs');
  return (
    <div className="grid gap-1">
      <Sentence
        words="rules.form.silentWhen"
        slots={{
          hold: (
            <SpanControl
              label={t('rules.form.silentHold')}
              value={draft.silent.forMs}
              disabled={readOnly}
              wrongId={wrong.wrongId}
              onChange={(forMs) => onChange(withPart('silent', { forMs }))}
            />
          ),
          severity: (
            <SeveritySlot
              value={draft.silent.severity}
              readOnly={readOnly}
              onChange={(severity) => onChange(withPart('silent', { severity }))}
            />
          ),
        }}
      />
      {wrong.words}
      <PartHelp>{t('rules.form.silentHelp')}</PartHelp>
    </div>
  );
}

export function AbsencePart(props: PartProps) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props)('forMs');
  const { severity, forMs, scope } = draft.absence;
  return (
    <>
      <div className="grid gap-1">
        <Sentence
          words="rules.form.absenceWhen"
          slots={{
            series: <SeriesSlot {...props} />,
            hold: (
              <SpanControl
                label={t('rules.form.absenceHold')}
                value={forMs}
                disabled={readOnly}
                wrongId={wrong.wrongId}
                onChange={(next) => onChange(withPart('absence', { forMs: next }))}
              />
            ),
            severity: (
              <SeveritySlot
                value={severity}
                readOnly={readOnly}
                onChange={(next) => onChange(withPart('absence', { severity: next }))}
              />
            ),
          }}
        />
        {wrong.words}
      </div>
      <InstanceHelp draft={draft} />
      {asksInstance(draft) && (
        <Sentence
          words="rules.form.absenceScope"
          slots={{
            scope: (
              <ChoiceControl
                label={t('rules.form.scopeLabel')}
                value={scope}
                disabled={readOnly}
                options={[
                  { value: 'metric', label: t('rules.form.scope.metric') },
                  { value: 'instance', label: t('rules.form.scope.instance') },
                ]}
                onChange={(next) => onChange(withPart('absence', { scope: next }))}
              />
            ),
          }}
        />
      )}
      <PartHelp>{t('rules.form.absenceHelp')}</PartHelp>
    </>
  );
}

export function ChangePart(props: PartProps) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const { severity, direction, atLeast, overMs, keepForMs } = draft.change;
  const set = (part: Partial<typeof draft.change>) => onChange(withPart('change', part));
  return (
    <>
      <div className="grid gap-1">
        <Sentence
          words="rules.form.changeWhen"
          slots={{
            series: <SeriesSlot {...props} />,
            direction: (
              <ChoiceControl
                label={t('rules.form.changeDirection')}
                value={direction}
                disabled={readOnly}
                options={(['any', 'up', 'down'] as const).map((each) => ({
                  value: each,
                  label: t(`rules.form.changes.${each}`),
                }))}
                onChange={(next) => set({ direction: next })}
              />
            ),
            atLeast: (
              <LevelSlot
                label={t('rules.form.changeAtLeast')}
                metric={draft.metric}
                value={atLeast}
                disabled={readOnly}
                wrongId={wrong('atLeast').wrongId}
                onChange={(next) => set({ atLeast: next })}
              />
            ),
            over: (
              <SpanControl
                label={t('rules.form.changeSpan')}
                value={overMs}
                disabled={readOnly}
                wrongId={wrong('overMs').wrongId}
                onChange={(next) => set({ overMs: next })}
              />
            ),
            severity: (
              <SeveritySlot
                value={severity}
                readOnly={readOnly}
                onChange={(next) => set({ severity: next })}
              />
            ),
          }}
        />
        {wrong('atLeast').words}
        {wrong('overMs').words}
        <PartHelp>{t('rules.form.changeHelp')}</PartHelp>
      </div>
      <InstanceHelp draft={draft} />
      <div className="grid gap-1">
        <Sentence
          words="rules.form.changeEnds"
          slots={{
            keep: (
              <SpanControl
                label={t('rules.form.keep')}
                value={keepForMs}
                disabled={readOnly}
                wrongId={wrong('keepForMs').wrongId}
                onChange={(next) => set({ keepForMs: next })}
              />
            ),
          }}
        />
        {wrong('keepForMs').words}
      </div>
    </>
  );
}

export function ForecastPart(props: PartProps) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const { forecast } = draft;
  const set = (part: Partial<typeof forecast>) => onChange(withPart('forecast', part));
  return (
    <>
      <div className="grid gap-1">
        <Sentence
          words="rules.form.forecastWhen"
          slots={{
            series: <SeriesSlot {...props} />,
            op: (
              <ChoiceControl
                label={t('rules.form.opLabel')}
                value={draft.op}
                disabled={readOnly}
                options={(['above', 'below'] as const).map((each) => ({
                  value: each,
                  label: t(`rules.form.heading.${each}`),
                }))}
                onChange={(op) => onChange((before) => ({ ...before, op }))}
              />
            ),
            target: (
              <LevelSlot
                label={t('rules.form.target')}
                metric={draft.metric}
                value={forecast.level}
                disabled={readOnly}
                wrongId={wrong('target').wrongId}
                onChange={(level) => set({ level })}
              />
            ),
            over: (
              <SpanControl
                label={t('rules.form.pastSpan')}
                value={forecast.overMs}
                disabled={readOnly}
                wrongId={wrong('overMs').wrongId}
                onChange={(overMs) => set({ overMs })}
              />
            ),
          }}
        />
        {wrong('target').words}
        {wrong('overMs').words}
      </div>
      <InstanceHelp draft={draft} />
      <Indented>
        {SEVERITY_ORDER.map((severity) => (
          <LeftLine key={severity} severity={severity} {...props} />
        ))}
        {wrong('levels').words}
      </Indented>
      <TimesLine {...props} forMs={forecast.forMs} keepForMs={forecast.keepForMs} onTimes={set} />
      <FloorPart
        {...props}
        floor={forecast.floor}
        help={t('rules.form.forecastFloorHelp')}
        onFloor={(floor) =>
          set(floor?.metric === forecast.floor?.metric ? { floor } : { floor, floorLevel: null })
        }
      >
        {(metric) => (
          <div className="grid gap-1">
            <Sentence
              words="rules.form.floorOnly"
              slots={{
                level: (
                  <LevelSlot
                    label={t('rules.form.floorOnlyLabel')}
                    metric={metric}
                    value={forecast.floorLevel}
                    disabled={readOnly}
                    wrongId={wrong('floorLevel').wrongId}
                    onChange={(floorLevel) => set({ floorLevel })}
                  />
                ),
              }}
            />
            {wrong('floorLevel').words}
          </div>
        )}
      </FloorPart>
    </>
  );
}

function LeftLine({ severity, ...props }: PartProps & { severity: Severity }) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const step = draft.forecast[severity];
  const word = t(SEVERITY_LOOKS[severity].word);
  const at = wrong(`${severity}.at`);
  const clear = wrong(`${severity}.clear`);
  const set = (part: Partial<typeof step>) =>
    onChange((before) =>
      withPart('forecast', { [severity]: { ...before.forecast[severity], ...part } })(before),
    );
  return (
    <SeverityLine
      severity={severity}
      on={step.on}
      readOnly={readOnly}
      onToggle={(on) =>
        onChange((before) => ({
          ...before,
          forecast: withStep(before.forecast, severity, on, 'closer'),
        }))
      }
      wrongs={[at.words, clear.words]}
    >
      <Sentence
        words="rules.form.leftLevel"
        slots={{
          at: (
            <SpanControl
              label={t('rules.form.leftLabel', { severity: word })}
              value={step.at}
              disabled={readOnly}
              wrongId={at.wrongId}
              onChange={(next) => set({ at: next })}
            />
          ),
          clear: (
            <SpanControl
              label={t('rules.form.leftClearLabel', { severity: word })}
              value={step.clear}
              disabled={readOnly}
              wrongId={clear.wrongId}
              onChange={(next) => set({ clear: next })}
            />
          ),
        }}
      />
    </SeverityLine>
  );
}

export function BaselinePart(props: PartProps) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const { baseline } = draft;
  const set = (part: Partial<typeof baseline>) => onChange(withPart('baseline', part));
  return (
    <>
      <div className="grid gap-1">
        <Sentence
          words="rules.form.baselineWhen"
          slots={{
            series: <SeriesSlot {...props} />,
            over: (
              <SpanControl
                label={t('rules.form.averageSpan')}
                value={baseline.overMs}
                disabled={readOnly}
                wrongId={wrong('overMs').wrongId}
                onChange={(overMs) => set({ overMs })}
              />
            ),
            direction: (
              <ChoiceControl
                label={t('rules.form.opLabel')}
                value={baseline.direction}
                disabled={readOnly}
                options={(['above', 'below', 'both'] as const).map((each) => ({
                  value: each,
                  label: t(`rules.form.side.${each}`),
                }))}
                onChange={(direction) => set({ direction })}
              />
            ),
          }}
        />
        {wrong('overMs').words}
      </div>
      <InstanceHelp draft={draft} />
      <Indented>
        {SEVERITY_ORDER.map((severity) => (
          <DeviationLine key={severity} severity={severity} {...props} />
        ))}
        {wrong('levels').words}
      </Indented>
      <div className="grid gap-1">
        <Sentence
          words={`rules.form.minimum.${baseline.direction}`}
          slots={{
            minimum: (
              <LevelSlot
                label={t('rules.form.minimumLabel')}
                metric={draft.metric}
                value={baseline.minimum}
                disabled={readOnly}
                wrongId={wrong('minimum').wrongId}
                onChange={(minimum) => set({ minimum })}
              />
            ),
          }}
        />
        {wrong('minimum').words}
        <PartHelp>{t('rules.form.minimumHelp')}</PartHelp>
      </div>
      <div className="grid gap-1">
        <Sentence
          words="rules.form.weeks"
          slots={{
            weeks: (
              <CountSlot
                {...props}
                field="weeks"
                label={t('rules.form.weeksLabel')}
                value={baseline.weeks}
                onValue={(weeks) => set({ weeks })}
              />
            ),
          }}
        />
        {wrong('weeks').words}
      </div>
      <TimesLine
        {...props}
        readOnly={readOnly}
        forMs={baseline.forMs}
        keepForMs={baseline.keepForMs}
        onTimes={set}
      />
    </>
  );
}

/** A plain number. */
function CountSlot({
  field,
  label,
  value,
  onValue,
  ...props
}: PartProps & {
  field: Field;
  label: string;
  value: number | null;
  onValue: (value: number | null) => void;
}) {
  const { wrongId } = useWrong(props)(field);
  return (
    <NumberControl
      label={label}
      unit=""
      narrow
      value={value}
      disabled={props.readOnly}
      wrongId={wrongId}
      onChange={onValue}
    />
  );
}

function DeviationLine({ severity, ...props }: PartProps & { severity: Severity }) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const step = draft.baseline[severity];
  const word = t(SEVERITY_LOOKS[severity].word);
  const set = (part: Partial<typeof step>) =>
    onChange((before) =>
      withPart('baseline', { [severity]: { ...before.baseline[severity], ...part } })(before),
    );
  return (
    <SeverityLine
      severity={severity}
      on={step.on}
      readOnly={readOnly}
      onToggle={(on) =>
        onChange((before) => ({
          ...before,
          baseline: withStep(before.baseline, severity, on, 'farther'),
        }))
      }
      wrongs={[wrong(`${severity}.at`).words, wrong(`${severity}.clear`).words]}
    >
      <Sentence
        words="rules.form.deviationLevel"
        slots={{
          at: (
            <CountSlot
              {...props}
              field={`${severity}.at`}
              label={t('rules.form.deviationLabel', { severity: word })}
              value={step.at}
              onValue={(at) => set({ at })}
            />
          ),
          clear: (
            <CountSlot
              {...props}
              field={`${severity}.clear`}
              label={t('rules.form.deviationClearLabel', { severity: word })}
              value={step.clear}
              onValue={(clear) => set({ clear })}
            />
          ),
        }}
      />
    </SeverityLine>
  );
}

export function AnomalyPart(props: PartProps) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const { anomaly } = draft;
  const set = (part: Partial<typeof anomaly>) => onChange(withPart('anomaly', part));
  return (
    <>
      <div className="grid gap-1">
        <Sentence
          words="rules.form.anomalyWhen"
          slots={{
            series: <SeriesSlot {...props} />,
            score: (
              <CountSlot
                {...props}
                field="score"
                label={t('rules.form.scoreLabel')}
                value={anomaly.score}
                onValue={(score) => set({ score })}
              />
            ),
            clear: (
              <CountSlot
                {...props}
                field="clearScore"
                label={t('rules.form.clearScoreLabel')}
                value={anomaly.clear}
                onValue={(clear) => set({ clear })}
              />
            ),
            severity: (
              <SeveritySlot
                value={anomaly.severity}
                readOnly={readOnly}
                onChange={(severity) => set({ severity })}
              />
            ),
          }}
        />
        {wrong('score').words}
        {wrong('clearScore').words}
        <PartHelp>{t('rules.form.anomalyHelp')}</PartHelp>
      </div>
      <InstanceHelp draft={draft} />
      <TimesLine {...props} forMs={anomaly.forMs} keepForMs={anomaly.keepForMs} onTimes={set} />
    </>
  );
}
