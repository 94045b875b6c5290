/** A small panel of controls under a button; Escape and a click outside close it. */
import { Popover as Base } from '@base-ui/react/popover';

export interface PopoverProps {
  readonly trigger: React.ReactElement;
  readonly label: string;
  readonly children: React.ReactNode;
  readonly align?: 'start' | 'end';
}

export function Popover({ trigger, label, children, align = 'end' }: PopoverProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align={align} className="z-30 outline-none">
          <Base.Popup
            aria-label={label}
            className="fade-in max-h-[min(560px,var(--available-height))] w-[min(320px,calc(100vw-32px))] overflow-y-auto rounded-md border border-line bg-raised p-3 shadow-2 outline-none"
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
