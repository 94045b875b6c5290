/** A moment chosen by day and minute in the reader's own zone. */
import { toIso } from '@muster/shared/time.ts';
import { millis } from '../../util/time.ts';

export interface MomentFieldProps {
  readonly label: string;
  /** ISO time; undefined: none is chosen. */
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

export function MomentField({ label, value, onChange }: MomentFieldProps) {
  return (
    <label className="no-print flex max-w-full min-w-0 flex-none items-center gap-2 text-12 text-text-2">
      {label}
      <input
        type="datetime-local"
        value={value === undefined ? '' : localMinute(millis(value))}
        onChange={({ target }) => {
          const atMs = target.value === '' ? Number.NaN : Date.parse(target.value);
          onChange(Number.isNaN(atMs) ? undefined : toIso(atMs));
        }}
        className="h-(--control) min-w-0 rounded-md border border-line-strong bg-surface px-2 text-13 text-text max-tablet:text-16"
      />
    </label>
  );
}

/** As the browser's field wants it: `2026-10-01T12:00`. */
function localMinute(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
