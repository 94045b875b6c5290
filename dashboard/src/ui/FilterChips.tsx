/** Filters that are always visible, each with its count; several at once. */
import { cx } from './cx.ts';
import { Glyph } from './Glyph.tsx';
import { type GlyphName, type Tone, TONE_TEXT } from './states.ts';

export interface FilterChip<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly count: number | null;
  readonly glyph?: GlyphName;
  readonly tone?: Tone;
}

export interface FilterChipsProps<T extends string> {
  readonly label: string;
  readonly all: { readonly label: string; readonly count: number | null };
  readonly chips: readonly FilterChip<T>[];
  readonly chosen: readonly T[];
  readonly onChange: (chosen: T[]) => void;
}

export function FilterChips<T extends string>({ label, all, chips, chosen, onChange }: FilterChipsProps<T>) {
  const toggle = (value: T) =>
    onChange(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);
  return (
    <div
      role="group"
      aria-label={label}
      className="scrollbar-none -mx-1 flex min-w-0 gap-2 overflow-x-auto px-1 py-1 tablet:flex-wrap"
    >
      <Chip label={all.label} count={all.count} pressed={chosen.length === 0} onPress={() => onChange([])} />
      {chips.map((chip) => (
        <Chip
          key={chip.value}
          {...chip}
          pressed={chosen.includes(chip.value)}
          onPress={() => toggle(chip.value)}
        />
      ))}
    </div>
  );
}

function Chip({
  label,
  count,
  glyph,
  tone = 'quiet',
  pressed,
  onPress,
}: {
  label: string;
  count: number | null;
  glyph?: GlyphName;
  tone?: Tone;
  pressed: boolean;
  onPress: () => void;
}) {
  // A state nobody is in is no news: its chip stays grey.
  const shownTone = count === 0 ? 'quiet' : tone;
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onPress}
      className={cx(
        'inline-flex h-[30px] flex-none items-center gap-1.5 rounded-full border px-3 text-12 font-medium whitespace-nowrap coarse:h-(--control)',
        pressed
          ? 'border-accent bg-selected text-accent'
          : cx('border-line bg-surface hover:bg-hover', TONE_TEXT[shownTone]),
      )}
    >
      {glyph && <Glyph name={glyph} />}
      {label}
      <span className={cx('min-w-4', !pressed && 'text-text')}>{count?.toLocaleString('en-GB')}</span>
    </button>
  );
}
