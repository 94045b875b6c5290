/** A moment chosen by day and minute in the reader's own zone. */
import { toIso } from '@muster/shared/time.ts';
import { DateLine } from '../../ui/DateLine.tsx';
import { millis } from '../../util/time.ts';

export interface MomentFieldProps {
  readonly label: string;
  /** ISO time; undefined: none is chosen. */
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

export function MomentField({ label, value, onChange }: MomentFieldProps) {
  return (
    <DateLine
      label={label}
      type="datetime-local"
      value={value === undefined ? '' : localMinute(millis(value))}
      onChange={(typed) => {
        const atMs = typed === '' ? Number.NaN : Date.parse(typed);
        onChange(Number.isNaN(atMs) ? undefined : toIso(atMs));
      }}
    />
  );
}

/** As the browser's field wants it: `2026-10-01T12:00`. */
function localMinute(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
