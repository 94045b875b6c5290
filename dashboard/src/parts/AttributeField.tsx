/** One attribute as a form control, by its form; the value as people type it, and back. */
import type { AttributeDefinition } from '@muster/shared/cmdb/classes.ts';
import { useT, useWords } from '../i18n/i18n.ts';
import { SelectField, TextField } from '../ui/Field.tsx';

export type FieldDefinition = Pick<AttributeDefinition, 'title' | 'form'> & {
  readonly options?: readonly string[] | null | undefined;
  readonly unit?: string | null | undefined;
  readonly required?: boolean | undefined;
};

interface AttributeFieldProps {
  readonly definition: FieldDefinition;
  readonly value: string;
  readonly error?: string | undefined;
  readonly onChange: (value: string) => void;
}

const NUMBERS: readonly string[] = ['number', 'money', 'bytes', 'hertz', 'bits-per-second'];

export function AttributeField({ definition, value, error, onChange }: AttributeFieldProps) {
  const t = useT();
  const words = useWords();
  const { form, options, unit, required } = definition;
  const title = words(definition.title);
  const label = unit ? t('assets.fieldUnit', { title, unit }) : title;
  const help = required ? t('assets.required') : undefined;
  const shared = { label, help, error };
  if (form === 'choice')
    return (
      <SelectField
        {...shared}
        value={value}
        options={[
          { value: '', label: t('assets.notSaid') },
          ...(options ?? []).map((each) => ({ value: each, label: each })),
        ]}
        onChange={onChange}
      />
    );
  if (form === 'yes-no')
    return (
      <SelectField
        {...shared}
        value={value}
        options={[
          { value: '', label: t('assets.notSaid') },
          { value: 'true', label: t('ui.yes') },
          { value: 'false', label: t('ui.no') },
        ]}
        onChange={onChange}
      />
    );
  return (
    <TextField
      {...shared}
      value={value}
      type={form === 'date' ? 'date' : 'text'}
      inputMode={NUMBERS.includes(form) ? 'decimal' : undefined}
      maxLength={1_000}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** A value as its control holds it. */
export function typedOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join('; ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was typed as a value; null takes it away, undefined: it is not of the form. */
export function valueOf(form: AttributeDefinition['form'], typed: string): unknown {
  const text = typed.trim();
  if (text === '') return null;
  if (form === 'yes-no') return text === 'true';
  if (form === 'list') return text.split(/[;,，；]/).map((part) => part.trim());
  if (!NUMBERS.includes(form)) return text;
  const number = Number(text.replace(',', '.'));
  return Number.isFinite(number) ? number : undefined;
}
