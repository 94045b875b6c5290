/** On or off, effective at once; the word stands beside it. */
import { cx } from './cx.ts';

export interface SwitchProps {
  /** What is switched. */
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
  /** Why it cannot be switched now. */
  readonly disabledReason?: string | undefined;
  /** The state in words; drawn beside the switch, spoken by its role. */
  readonly children: React.ReactNode;
}

export function Switch({
  label,
  checked,
  onChange,
  disabled = false,
  disabledReason,
  children,
}: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      aria-label={label}
      disabled={disabled || disabledReason !== undefined}
      title={disabledReason}
      onClick={() => onChange(!checked)}
      className="inline-flex items-center gap-2 text-12 text-text-2 disabled:opacity-60 coarse:min-h-11"
    >
      <span
        aria-hidden="true"
        className={cx(
          'flex h-4 w-7 flex-none items-center rounded-full border p-px',
          checked ? 'justify-end border-transparent bg-accent-solid' : 'border-line-strong bg-surface',
        )}
      >
        <span className={cx('size-3 rounded-full', checked ? 'bg-on-solid' : 'bg-line-strong')} />
      </span>
      <span aria-hidden="true" className="whitespace-nowrap">
        {children}
      </span>
    </button>
  );
}
