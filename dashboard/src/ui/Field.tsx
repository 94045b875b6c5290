/** Form controls with visible labels; what is wrong stands under the control and is announced. */
import { useId, useState } from 'react';
import { useT } from '../i18n/i18n.ts';
import { cx } from './cx.ts';

const CONTROL =
  'w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 text-13 placeholder:text-text-3 max-tablet:text-16 disabled:opacity-60 aria-invalid:border-crit-solid';
const LINE = 'h-(--control)';

interface Labelled {
  readonly label: string;
  readonly help?: React.ReactNode;
  readonly error?: string | undefined;
}

/** From this share of what fits the length is told: what is typed beyond it is cut by the browser. */
const NEARLY_FULL = 0.9;

interface Text {
  readonly value?: unknown;
  readonly maxLength?: number | undefined;
}

function Length({ value, maxLength }: Text) {
  const t = useT();
  if (maxLength === undefined || typeof value !== 'string') return null;
  if (value.length < maxLength * NEARLY_FULL) return null;
  return (
    <p role="status" className="text-12 text-text-3">
      {t('ui.length', { count: value.length, max: maxLength })}
    </p>
  );
}

function Frame({
  id,
  label,
  help,
  error,
  text,
  children,
}: Labelled & { id: string; text?: Text; children: React.ReactNode }) {
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className="text-12 font-medium">
        {label}
      </label>
      {children}
      {help && (
        <p id={`${id}-help`} className="text-12 text-text-3">
          {help}
        </p>
      )}
      {text && <Length {...text} />}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-12 font-medium text-crit-fg">
          {error}
        </p>
      )}
    </div>
  );
}

function described(id: string, { help, error }: Labelled): string | undefined {
  const ids = [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(' ');
  return ids === '' ? undefined : ids;
}

export function TextField({
  label,
  help,
  error,
  className,
  ...rest
}: Labelled & Omit<React.ComponentProps<'input'>, 'id'>) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error} text={rest}>
      <input
        {...rest}
        id={id}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={described(id, { label, help, error })}
        className={cx(CONTROL, LINE, className)}
      />
    </Frame>
  );
}

export function PasswordField(props: Labelled & Omit<React.ComponentProps<'input'>, 'id' | 'type'>) {
  const t = useT();
  const id = useId();
  const [shown, setShown] = useState(false);
  const { label, help, error, className, ...rest } = props;
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <div className="relative">
        <input
          {...rest}
          id={id}
          type={shown ? 'text' : 'password'}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={described(id, props)}
          className={cx(CONTROL, LINE, 'pr-16', className)}
        />
        <button
          type="button"
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
          className="absolute inset-y-0 right-0 rounded-md px-2.5 text-12 text-accent -outline-offset-2"
        >
          {shown ? t('ui.hide') : t('ui.show')}
          <span className="sr-only">{label}</span>
        </button>
      </div>
    </Frame>
  );
}

export function TextArea({
  label,
  help,
  error,
  ...rest
}: Labelled & Omit<React.ComponentProps<'textarea'>, 'id'>) {
  const id = useId();
  return (
    <Frame id={id} label={label} help={help} error={error} text={rest}>
      <textarea
        rows={3}
        {...rest}
        id={id}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={described(id, { label, help, error })}
        className={cx(CONTROL, 'py-1.5 leading-prose')}
      />
    </Frame>
  );
}

export interface SelectFieldProps<T extends string> extends Labelled {
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}

export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const id = useId();
  const { label, help, error, value, options, onChange } = props;
  return (
    <Frame id={id} label={label} help={help} error={error}>
      <select
        id={id}
        value={value}
        aria-describedby={described(id, props)}
        onChange={(event) => {
          const next = options.find((option) => option.value === event.target.value);
          if (next) onChange(next.value);
        }}
        className={cx(CONTROL, LINE)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}

export function CheckField({
  label,
  help,
  ...rest
}: { label: string; help?: string } & Omit<React.ComponentProps<'input'>, 'id' | 'type'>) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5 coarse:min-h-11 coarse:items-center">
      <input
        {...rest}
        id={id}
        type="checkbox"
        aria-describedby={help ? `${id}-help` : undefined}
        className="mt-0.5 size-4 flex-none accent-accent-solid"
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {help && (
          <p id={`${id}-help`} className="text-12 text-text-3">
            {help}
          </p>
        )}
      </div>
    </div>
  );
}

/** Filter box of a list; `/` moves the focus here. */
export function SearchField({
  label,
  value,
  onChange,
  shortcut,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  shortcut?: React.ReactNode;
}) {
  return (
    <div className="no-print relative min-w-0 flex-1 tablet:max-w-60">
      <svg
        viewBox="0 0 16 16"
        width="16"
        height="16"
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-text-3"
      >
        <path
          d="M7.2 2.6a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2ZM10.600 10.600l3.200 3.200"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.4"
          strokeLinecap="round"
        />
      </svg>
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        data-list-filter=""
        onChange={(event) => onChange(event.target.value)}
        className={cx(CONTROL, LINE, 'border-line pl-8')}
      />
      {shortcut && value === '' && (
        <span className="pointer-events-none absolute top-1/2 right-2 -translate-y-1/2">{shortcut}</span>
      )}
    </div>
  );
}
