/** What other slices may know of maintenance: whether a CI is in a window, and when it was. */
import type { Millis } from '@muster/shared/time.ts';
import type { Span } from '../availability/spans.ts';

/** The window a CI is in; of several, the one that ends last. Half-open: `toMs` is the first moment after it. */
export interface ActiveWindow {
  readonly windowId: string;
  readonly title: string;
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

/** A stretch that counts as planned: agreed before it began, so never of a time before somebody set the window. */
export interface PlannedSpan extends Span {
  readonly windowId: string;
  readonly title: string;
}

export interface MaintenanceView {
  at(ciId: string, nowMs: Millis): ActiveWindow | null;
  /** Clipped to [fromMs, toMs), ascending by begin; spans of several windows may overlap. */
  spans(ciId: string, fromMs: Millis, toMs: Millis): readonly PlannedSpan[];
  /** Called after `at` may answer otherwise for some CI: a window began, ended, was set or was changed. */
  onChange(listener: (nowMs: Millis) => void): void;
}

/** Nothing is ever planned. */
export const NO_MAINTENANCE: MaintenanceView = {
  at: () => null,
  spans: () => [],
  onChange: () => undefined,
};
