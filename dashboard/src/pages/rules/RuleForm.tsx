/** The rule as sentences with controls in them: on what, when, how long, what it means; mistakes stand beside their field. */
import { useId } from 'react';
import type { Condition } from '@muster/shared/api/rules.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { CompositePart } from './CompositePart.tsx';
import { type Kind, withKind } from './draft.ts';
import { triedPart } from './draftProblems.ts';
import type { PartProps } from './formParts.tsx';
import { useNameOf } from './names.ts';
import { keepTogether, ruleSummary } from './ruleWords.ts';
import {
  AbsencePart,
  AnomalyPart,
  BaselinePart,
  ChangePart,
  ForecastPart,
  SilentPart,
} from './SignalParts.tsx';
import { ThresholdPart } from './ThresholdPart.tsx';
import { WherePart, type WherePartProps } from './WherePart.tsx';

const KINDS = [
  'threshold',
  'forecast',
  'baseline',
  'anomaly',
  'change',
  'absence',
  'silent',
  'composite',
] as const satisfies readonly Kind[];

export interface RuleFormProps extends PartProps, WherePartProps {
  /** null: it is not saved yet. Of a rule that exists its kind is not changed. */
  readonly ruleId: string | null;
}

export function RuleForm(props: RuleFormProps) {
  const t = useT();
  const { draft, onChange, readOnly, ruleId } = props;
  return (
    <Card
      title={t('rules.form.title')}
      note={ruleId === null ? undefined : t(`rules.form.kinds.${draft.kind}`)}
    >
      <fieldset disabled={readOnly} className="grid min-w-0 gap-3">
        <legend className="sr-only">{t('rules.form.title')}</legend>
        {ruleId === null && (
          <KindChoice kind={draft.kind} onKind={(kind) => onChange((before) => withKind(before, kind))} />
        )}
        <WherePart {...props} />
        <ConditionPart {...props} />
        <InWords {...props} />
      </fieldset>
    </Card>
  );
}

function KindChoice({ kind, onKind }: { kind: Kind; onKind: (kind: Kind) => void }) {
  const t = useT();
  const id = useId();
  return (
    <div>
      <div
        role="radiogroup"
        aria-label={t('rules.form.kind')}
        className="grid grid-cols-2 gap-1.5 tablet:grid-cols-4"
      >
        {KINDS.map((each) => (
          <label
            key={each}
            className={cx(
              'flex min-h-(--control) cursor-pointer items-center gap-2 rounded-md border px-2.5 text-13 font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent-solid',
              each === kind
                ? 'border-accent-solid bg-selected text-accent'
                : 'border-line text-text-2 hover:bg-hover',
            )}
          >
            <input
              type="radio"
              name={id}
              checked={each === kind}
              aria-describedby={`${id}-help`}
              onChange={() => onKind(each)}
              className="sr-only"
            />
            {t(`rules.form.kinds.${each}`)}
          </label>
        ))}
      </div>
      <p
        id={`${id}-help`}
        className="mt-1.5 max-w-[80ch] text-12 leading-prose text-text-2"
        aria-live="polite"
      >
        {t(`rules.form.kindHelp.${kind}`)}
      </p>
    </div>
  );
}

function ConditionPart(props: RuleFormProps) {
  switch (props.draft.kind) {
    case 'threshold':
      return <ThresholdPart {...props} />;
    case 'silent':
      return <SilentPart {...props} />;
    case 'absence':
      return <AbsencePart {...props} />;
    case 'change':
      return <ChangePart {...props} />;
    case 'forecast':
      return <ForecastPart {...props} />;
    case 'baseline':
      return <BaselinePart {...props} />;
    case 'anomaly':
      return <AnomalyPart {...props} />;
    case 'composite':
      return <CompositePart {...props} />;
  }
}

/** The whole as it will be read; nothing while it has a mistake. */
function InWords({ draft }: PartProps) {
  const t = useT();
  const language = useLanguage();
  const tried = triedPart(draft);
  const nameOf = useNameOf([tried ?? undefined]);
  if (tried === null) return null;
  const sentences: readonly string[] = ruleSummary(tried satisfies { condition: Condition }, nameOf, {
    t,
    language,
  });
  return (
    <div className="rounded-md bg-sunken px-3 py-2 leading-prose">
      <h3 className="text-12 font-normal text-text-3">{t('rules.form.inWords')}</h3>
      {sentences.map((each) => (
        <p key={each}>{keepTogether(each)}</p>
      ))}
    </div>
  );
}
