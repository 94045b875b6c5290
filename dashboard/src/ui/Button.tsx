/** Buttons and things that look like one. */
import { cx } from './cx.ts';
import { Icon, type IconName } from './Icon.tsx';

export type ButtonLook = 'primary' | 'plain' | 'danger' | 'quiet';

const LOOKS: Readonly<Record<ButtonLook, string>> = {
  primary: 'border-transparent bg-accent-solid text-on-solid hover:brightness-110',
  plain: 'border-line bg-surface hover:bg-hover aria-pressed:bg-selected aria-pressed:text-accent',
  danger: 'border-transparent bg-crit-solid text-on-solid hover:brightness-110',
  quiet: 'border-transparent text-text-2 hover:bg-hover',
};

/** Classes of a button, for links that act as one. */
export function buttonClass(look: ButtonLook = 'plain', size: 'normal' | 'small' = 'normal'): string {
  return cx(
    'inline-flex flex-none items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap',
    'disabled:opacity-55 aria-disabled:opacity-55 print:hidden',
    size === 'normal' ? 'h-(--control) px-3' : 'h-[26px] px-2.5 text-12 coarse:h-(--control)',
    LOOKS[look],
  );
}

export interface ButtonProps extends React.ComponentProps<'button'> {
  readonly look?: ButtonLook;
  readonly size?: 'normal' | 'small';
  readonly icon?: IconName;
  /** Letter that does the same, shown on the button. */
  readonly shortcut?: string;
  /** Why it cannot be pressed now; a disabled button always says. */
  readonly disabledReason?: string | undefined;
}

export function Button({
  look,
  size,
  icon,
  shortcut,
  disabledReason,
  className,
  children,
  ...rest
}: ButtonProps) {
  const disabled = rest.disabled === true || disabledReason !== undefined;
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled}
      title={disabledReason ?? rest.title}
      className={cx(buttonClass(look, size), className)}
    >
      {icon && <Icon name={icon} size={14} />}
      {children}
      {shortcut && <Key inherit>{shortcut}</Key>}
    </button>
  );
}

/** A button that is only an icon; `label` is what it does. */
export function IconButton({
  icon,
  label,
  className,
  ...rest
}: Omit<React.ComponentProps<'button'>, 'children'> & { icon: IconName; label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={cx(
        'grid size-(--control) flex-none place-items-center rounded-md text-text-2 hover:bg-hover print:hidden',
        className,
      )}
    >
      <Icon name={icon} />
    </button>
  );
}

/** One key of the keyboard. */
export function Key({ children, inherit = false }: { children: React.ReactNode; inherit?: boolean }) {
  return (
    <kbd
      className={cx(
        'rounded-[4px] border border-b-2 px-1 font-sans text-11 leading-4 font-medium coarse:hidden',
        inherit ? 'border-current opacity-75' : 'border-line bg-surface text-text-3',
      )}
    >
      {children}
    </kbd>
  );
}
