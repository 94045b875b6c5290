/** A menu of actions under a button. */
import { Menu as Base } from '@base-ui/react/menu';
import { cx } from './cx.ts';

export interface MenuProps {
  readonly trigger: React.ReactElement;
  readonly children: React.ReactNode;
  readonly align?: 'start' | 'end';
}

export function Menu({ trigger, children, align = 'end' }: MenuProps) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align={align} className="z-30 outline-none">
          <Base.Popup className="fade-in min-w-48 rounded-md border border-line bg-raised p-1 shadow-2 outline-none">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

const ITEM =
  'flex min-h-8 w-full items-center gap-2 rounded-sm px-2 py-1 outline-none select-none data-highlighted:bg-hover coarse:min-h-11';

/** `disabledReason`: it cannot be chosen now, and says why. */
export function MenuItem({
  onSelect,
  disabledReason,
  children,
}: {
  onSelect: () => void;
  disabledReason?: string | undefined;
  children: React.ReactNode;
}) {
  if (disabledReason === undefined)
    return (
      <Base.Item onClick={onSelect} className={cx(ITEM, 'cursor-pointer')}>
        {children}
      </Base.Item>
    );
  return (
    <Base.Item disabled className={cx(ITEM, 'cursor-default text-text-3')}>
      <span className="grid max-w-72">
        <span>{children}</span>
        <span className="text-12 whitespace-normal">{disabledReason}</span>
      </span>
    </Base.Item>
  );
}

export function MenuLinkItem({ render }: { render: React.ReactElement }) {
  return <Base.LinkItem render={render} closeOnClick className={ITEM} />;
}

export function MenuHeading({ children }: { children: React.ReactNode }) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-12 text-text-3">{children}</Base.GroupLabel>
    </Base.Group>
  );
}

export interface MenuChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}

/** One of a few, within a menu. */
export function MenuChoice<T extends string>({ label, value, options, onChange }: MenuChoiceProps<T>) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next: T) => onChange(next)} aria-label={label}>
      <Base.Group>
        <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-12 text-text-3">{label}</Base.GroupLabel>
        {options.map((option) => (
          <Base.RadioItem
            key={option.value}
            value={option.value}
            closeOnClick
            className={cx(ITEM, 'cursor-pointer')}
          >
            <span className="grid size-3 place-items-center rounded-full border border-line-strong">
              <Base.RadioItemIndicator className="size-1.5 rounded-full bg-accent" />
            </span>
            {option.label}
          </Base.RadioItem>
        ))}
      </Base.Group>
    </Base.RadioGroup>
  );
}

/** Several of a few, within a menu; it stays open. */
export function MenuCheck({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: React.ReactNode;
}) {
  return (
    <Base.CheckboxItem checked={checked} onCheckedChange={onChange} className={cx(ITEM, 'cursor-pointer')}>
      <span className="grid size-4 place-items-center rounded-sm border border-line-strong">
        <Base.CheckboxItemIndicator className="text-accent">
          <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            <path d="m2 6.4 2.7 2.7L10 3.4" fill="none" stroke="currentColor" strokeWidth="1.8" />
          </svg>
        </Base.CheckboxItemIndicator>
      </span>
      {children}
    </Base.CheckboxItem>
  );
}

export function MenuSeparator() {
  return <Base.Separator className="mx-1 my-1 h-px bg-line" />;
}
