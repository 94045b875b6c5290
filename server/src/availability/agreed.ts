/** What was agreed about CIs, beside their record: hours, planned work, and what people judged afterwards. */
import type { MaintenanceView } from '../maintenance/view.ts';
import { NO_MAINTENANCE } from '../maintenance/view.ts';
import { CLASS_EXPECTATIONS } from './expectation.ts';
import type { Expectations } from './expectation.ts';
import type { Mark } from './marks.ts';

export interface Marks {
  /** In force, ascending and apart. */
  of(ciId: string): readonly Mark[];
  /** Called after the marks of a CI changed. */
  onChange(listener: (ciId: string) => void): void;
}

export interface Agreed {
  readonly expectations: Expectations;
  readonly planned: Pick<MaintenanceView, 'spans' | 'onChange'>;
  readonly marks: Marks;
}

export const NO_MARKS: Marks = { of: () => [], onChange: () => undefined };

/** Of a house without calendars, windows and judgements. */
export const NOTHING_AGREED: Agreed = {
  expectations: CLASS_EXPECTATIONS,
  planned: NO_MAINTENANCE,
  marks: NO_MARKS,
};
