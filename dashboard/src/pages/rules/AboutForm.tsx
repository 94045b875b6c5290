/** Name, meaning in both languages, who answers for it and when it was agreed (K1). */
import type { Rule } from '@muster/shared/api/rules.ts';
import { useT } from '../../i18n/i18n.ts';
import { useRuleName } from '../../parts/sentence.ts';
import { Card } from '../../ui/Card.tsx';
import { DateField } from '../../ui/DateField.tsx';
import { TextArea, TextField } from '../../ui/Field.tsx';
import type { Draft } from './draft.ts';
import type { PartProps } from './formParts.tsx';

interface AboutFormProps extends Omit<PartProps, 'instances'> {
  /** As it is saved; null: a new rule. */
  readonly given: Pick<Rule, 'name' | 'nameWords'> | null;
}

export function AboutForm({ draft, problems, onChange, readOnly, given }: AboutFormProps) {
  const t = useT();
  const ruleName = useRuleName();
  const words = given?.nameWords;
  const shown = given?.name === draft.name ? ruleName(given) : draft.name;
  // Typed as it is shown, it is still the name that the product gave.
  const stored = (typed: string) =>
    given && words && Object.values(words).includes(typed) ? given.name : typed;
  const wrong = problems.find(({ field }) => field === 'name');
  const set = (change: Partial<Draft>) => onChange((before) => ({ ...before, ...change }));
  return (
    <Card title={t('rules.form.about')}>
      <fieldset disabled={readOnly} className="grid min-w-0 gap-3">
        <legend className="sr-only">{t('rules.form.about')}</legend>
        <TextField
          label={t('rules.form.name')}
          value={shown}
          maxLength={128}
          error={wrong && draft.name !== '' ? t(wrong.key) : undefined}
          required
          onChange={(event) => set({ name: stored(event.target.value) })}
        />
        <div className="grid gap-3 tablet:grid-cols-2">
          <TextArea
            label={t('rules.form.meaningEn')}
            value={draft.en}
            maxLength={2000}
            lang="en"
            rows={5}
            onChange={(event) => set({ en: event.target.value })}
          />
          <TextArea
            label={t('rules.form.meaningZh')}
            value={draft.zh}
            maxLength={2000}
            lang="zh-CN"
            rows={5}
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
          <DateField
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
