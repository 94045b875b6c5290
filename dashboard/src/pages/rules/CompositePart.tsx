/** The form of a rule that stands on other rules of the same machine. */
import { useQuery } from '@tanstack/react-query';
import type { Rule } from '@muster/shared/api/rules.ts';
import { COMPOSITE_RULES_MAX } from '@muster/shared/api/rules.ts';
import { rulesQuery } from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { IconButton } from '../../ui/Button.tsx';
import { type Choice, ChoiceControl, SearchControl, SpanControl } from './controls.tsx';
import { withPart } from './draft.ts';
import { Indented, PartHelp, type PartProps, SeveritySlot, useWrong } from './formParts.tsx';
import { classWords, initialCapital } from './ruleWords.ts';
import { Sentence } from './Sentence.tsx';

export function CompositePart({ ruleId, ...props }: PartProps & { ruleId: string | null }) {
  const { draft, onChange, readOnly } = props;
  const t = useT();
  const wrong = useWrong(props);
  const { composite } = draft;
  const set = (part: Partial<typeof composite>) => onChange(withPart('composite', part));
  return (
    <>
      <div className="grid gap-1">
        <Sentence
          words="rules.form.compositeWhen"
          slots={{
            op: (
              <ChoiceControl
                label={t('rules.form.compositeOp')}
                value={composite.op}
                disabled={readOnly}
                options={(['and', 'or'] as const).map((each) => ({
                  value: each,
                  label: t(`rules.form.compositeOps.${each}`),
                }))}
                onChange={(op) => set({ op })}
              />
            ),
            hold: (
              <SpanControl
                label={t('rules.form.hold')}
                value={composite.forMs}
                disabled={readOnly}
                wrongId={wrong('forMs').wrongId}
                onChange={(forMs) => set({ forMs })}
              />
            ),
            severity: (
              <SeveritySlot
                value={composite.severity}
                readOnly={readOnly}
                onChange={(severity) => set({ severity })}
              />
            ),
          }}
        />
        {wrong('forMs').words}
      </div>
      <Chosen
        rules={composite.rules}
        ruleId={ruleId}
        readOnly={readOnly}
        onRules={(rules) => set({ rules })}
      />
      {wrong('rules').words}
      <PartHelp>{t('rules.form.compositeHelp')}</PartHelp>
    </>
  );
}

const NONE: Choice = { value: '', label: '' };

function Chosen({
  rules,
  ruleId,
  readOnly,
  onRules,
}: {
  rules: readonly string[];
  ruleId: string | null;
  readOnly: boolean;
  onRules: (rules: readonly string[]) => void;
}) {
  const t = useT();
  const language = useLanguage();
  const ruleName = useRuleName();
  const all = useQuery(rulesQuery).data ?? [];
  const nameOf = (id: string) => {
    const found = all.find((each) => each.id === id);
    return found ? ruleName(found) : id;
  };
  const aboutOf = ({ selector }: Rule) => initialCapital(classWords(selector.class, { t, language }));
  // A rule on rules stands on none of its kind: what it says would have no one moment.
  const offered = all.filter(
    ({ id, condition }) => id !== ruleId && condition.type !== 'composite' && !rules.includes(id),
  );
  return (
    <Indented>
      {rules.length > 0 && (
        <ul>
          {rules.map((id) => (
            <li key={id} className="flex min-h-8 items-center gap-2">
              <span className="min-w-0 flex-1 truncate font-medium">{nameOf(id)}</span>
              {!readOnly && (
                <IconButton
                  icon="close"
                  label={t('rules.form.removeRule', { name: nameOf(id) })}
                  className="text-text-3"
                  onClick={() => onRules(rules.filter((each) => each !== id))}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {!readOnly && rules.length < COMPOSITE_RULES_MAX && (
        <div>
          <SearchControl
            label={t('rules.form.addRule')}
            searchLabel={t('rules.form.ruleSearch')}
            nothing={t('rules.form.ruleNone')}
            choices={offered.map((each) => ({ value: each.id, label: ruleName(each), note: aboutOf(each) }))}
            value={{ ...NONE, label: t('rules.form.addRule') }}
            onChange={(id) => onRules([...rules, id])}
          />
        </div>
      )}
    </Indented>
  );
}
