/** A choice in a line of filters, its label beside it. */
export interface SelectLineProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}

export function SelectLine<T extends string>({ label, value, options, onChange }: SelectLineProps<T>) {
  return (
    <label className="flex max-w-full min-w-0 flex-none items-center gap-2 text-12 text-text-2">
      {label}
      <select
        value={value}
        onChange={(event) => {
          const next = options.find((option) => option.value === event.target.value);
          if (next) onChange(next.value);
        }}
        className="h-(--control) max-w-60 min-w-0 truncate rounded-md border border-line-strong bg-surface px-2 text-13 text-text max-tablet:text-16"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}
