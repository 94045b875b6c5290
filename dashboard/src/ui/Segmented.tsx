/** A row of exclusive choices that are all visible. */
import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';
import { cx } from './cx.ts';

export interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}

export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  return (
    <ToggleGroup
      aria-label={label}
      value={[value]}
      onValueChange={(values) => {
        const next = options.find((option) => option.value === values[0]);
        if (next) onChange(next.value);
      }}
      className="no-print flex h-(--control) w-fit flex-none overflow-hidden rounded-md border border-line bg-surface"
    >
      {options.map((option, index) => (
        <Toggle
          key={option.value}
          value={option.value}
          className={cx(
            'px-2.5 text-12 font-medium whitespace-nowrap text-text-2 -outline-offset-2 hover:bg-hover',
            'data-pressed:bg-selected data-pressed:text-accent',
            index > 0 && 'border-l border-line',
          )}
        >
          {option.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
