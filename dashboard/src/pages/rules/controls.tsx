/** Controls that stand within a sentence: a number with its unit, a length of time, one of a few, one of many. */
import { Combobox } from '@base-ui/react/combobox';
import { useEffect, useId, useRef, useState } from 'react';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { useT } from '../../i18n/i18n.ts';
import { cx } from '../../ui/cx.ts';
import { Icon, type IconName } from '../../ui/Icon.tsx';

const BOX =
  'h-(--control) min-w-0 rounded-md align-middle leading-tight border border-line-strong bg-surface text-13 font-medium max-tablet:text-16 aria-invalid:border-crit-solid disabled:border-line disabled:text-text-2';

interface Described {
  /** What the control is, for those who do not see the sentence around it. */
  readonly label: string;
  readonly disabled?: boolean | undefined;
  /** Id of the words that say what is wrong. */
  readonly wrongId?: string | undefined;
}

/** A number as it is typed; what comes from elsewhere, such as the chart, replaces the text. */
export function NumberControl({
  label,
  unit,
  value,
  narrow = false,
  onChange,
  disabled,
  wrongId,
}: Described & {
  unit: string;
  /** For numbers of few digits. */
  narrow?: boolean;
  value: number | null;
  onChange: (value: number | null) => void;
}) {
  const [text, setText] = useState(() => numberText(value));
  const told = useRef(value);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(numberText(value));
  }, [value]);
  const change = (next: string) => {
    setText(next);
    const parsed = parseNumber(next);
    told.current = parsed;
    onChange(parsed);
  };
  return (
    <span className="inline-flex items-center gap-1 align-middle leading-tight">
      <input
        type="text"
        inputMode="decimal"
        aria-label={unit === '' ? label : `${label} (${unit})`}
        aria-invalid={wrongId !== undefined || undefined}
        aria-describedby={wrongId}
        value={text}
        disabled={disabled}
        onChange={(event) => change(event.target.value)}
        className={cx(BOX, 'px-2 text-right', narrow ? 'w-14' : 'w-[76px]')}
      />
      {unit !== '' && <span className="text-text-2">{unit}</span>}
    </span>
  );
}

/** Digits of a typed number; what lies behind them comes from its conversion. */
const DIGITS = 6;

function numberText(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(DIGITS)));
}

/** `85`, `8.5` and `8,5`; null for anything else. */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replace(',', '.');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

const SPAN_UNITS = { s: SECOND_MS, min: MINUTE_MS, h: HOUR_MS, d: DAY_MS } as const;
type SpanUnit = keyof typeof SPAN_UNITS;

export function SpanControl({
  label,
  value,
  onChange,
  disabled,
  wrongId,
}: Described & { value: Millis | null; onChange: (value: Millis | null) => void }) {
  const t = useT();
  const [unit, setUnit] = useState<SpanUnit>(() => spanUnit(value));
  const told = useRef(value);
  const unitMs = SPAN_UNITS[unit];
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setUnit(spanUnit(value));
  }, [value]);
  const change = (next: Millis | null) => {
    told.current = next;
    onChange(next);
  };
  return (
    <span className="inline-flex items-center gap-1 align-middle leading-tight">
      <NumberControl
        label={label}
        unit=""
        narrow
        value={value === null ? null : value / unitMs}
        onChange={(next) => change(next === null ? null : Math.round(next * unitMs))}
        disabled={disabled}
        wrongId={wrongId}
      />
      <ChoiceControl
        label={t('rules.form.unitOf', { label })}
        value={unit}
        options={(['s', 'min', 'h', 'd'] as const).map((each) => ({
          value: each,
          label: t(`rules.form.unit.${each}`),
        }))}
        onChange={(next) => {
          if (value !== null) change(Math.round((value / unitMs) * SPAN_UNITS[next]));
          setUnit(next);
        }}
        disabled={disabled}
      />
    </span>
  );
}

/** The largest unit in which the span is a whole number. */
function spanUnit(value: Millis | null): SpanUnit {
  if (value === null || value === 0) return 'min';
  if (value % DAY_MS === 0) return 'd';
  if (value % HOUR_MS === 0) return 'h';
  return value % MINUTE_MS === 0 ? 'min' : 's';
}

export function ChoiceControl<T extends string>({
  label,
  value,
  options,
  onChange,
  disabled,
}: Described & {
  value: T;
  options: readonly { readonly value: T; readonly label: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <select
      aria-label={label}
      value={value}
      disabled={disabled}
      onChange={(event) => {
        const next = options.find((option) => option.value === event.target.value);
        if (next) onChange(next.value);
      }}
      className={cx(BOX, 'field-sizing-content max-w-full px-1.5')}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

export function TextControl({
  label,
  value,
  placeholder,
  suggestions,
  onChange,
  disabled,
}: Described & {
  value: string;
  placeholder: string;
  suggestions: readonly string[];
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <>
      <input
        type="text"
        aria-label={label}
        list={id}
        value={value}
        placeholder={placeholder}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value)}
        className={cx(BOX, 'w-44 px-2 placeholder:font-normal placeholder:text-text-3')}
      />
      <datalist id={id}>
        {suggestions.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </datalist>
    </>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  /** Smaller, behind the label; searched too. */
  readonly note?: string;
  readonly icon?: IconName;
}

/** One of many, found by typing. With `onSearch` the choices come from the server and are not filtered here. */
export function SearchControl({
  label,
  searchLabel,
  nothing,
  choices,
  value,
  onChange,
  onSearch,
  onOpen,
  disabled,
}: Described & {
  searchLabel: string;
  /** Said where nothing matches. */
  nothing: string;
  choices: readonly Choice[];
  value: Choice;
  onChange: (value: string) => void;
  onSearch?: (text: string) => void;
  onOpen?: () => void;
}) {
  const t = useT();
  return (
    <Combobox.Root
      items={choices}
      value={value}
      onValueChange={(next: Choice | null) => next && onChange(next.value)}
      isItemEqualToValue={(one: Choice, other: Choice) => one.value === other.value}
      itemToStringLabel={(choice: Choice) => `${choice.label} ${choice.note ?? ''}`}
      disabled={disabled ?? false}
      autoHighlight
      onOpenChange={(open) => open && onOpen?.()}
      {...(onSearch ? { filter: null, onInputValueChange: onSearch } : {})}
    >
      <Combobox.Trigger
        aria-label={`${label}${t('ui.colon')}${value.label}`}
        className={cx(BOX, 'inline-flex max-w-full items-center gap-1.5 px-2 text-left')}
      >
        {value.icon && <Icon name={value.icon} size={14} className="text-text-3" />}
        <span className="min-w-0 truncate">{value.label}</span>
        <Icon name="chevron" size={12} className="text-text-3" />
      </Combobox.Trigger>
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={6} align="start" className="z-30 outline-none">
          <Combobox.Popup
            aria-label={label}
            className="fade-in flex max-h-[min(420px,var(--available-height))] w-[min(380px,calc(100vw-32px))] flex-col rounded-md border border-line bg-raised shadow-2 outline-none"
          >
            <Combobox.Input
              aria-label={searchLabel}
              placeholder={searchLabel}
              className="h-10 flex-none rounded-t-md border-b border-line bg-transparent px-3 text-13 outline-none placeholder:text-text-3 max-tablet:text-16"
            />
            <Combobox.Empty className="text-12 text-text-2 empty:hidden">
              <span className="block px-3 py-4">{nothing}</span>
            </Combobox.Empty>
            <Combobox.List className="min-h-0 overflow-y-auto p-1 empty:hidden">
              {(choice: Choice) => (
                <Combobox.Item
                  key={choice.value}
                  value={choice}
                  className="flex min-h-8 items-center gap-2 rounded-sm px-2 outline-none select-none data-highlighted:bg-selected coarse:min-h-11"
                >
                  {choice.icon && <Icon name={choice.icon} size={14} className="text-text-3" />}
                  <span className="min-w-0 flex-1 truncate">{choice.label}</span>
                  {choice.note && (
                    <span className="max-w-[55%] truncate text-11 text-text-3">{choice.note}</span>
                  )}
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}

/** What is wrong with the control above it. */
export function Wrong({ id, children }: { id: string; children: React.ReactNode }) {
  return (
    <p id={id} role="alert" className="text-12 font-medium text-crit-fg">
      {children}
    </p>
  );
}
