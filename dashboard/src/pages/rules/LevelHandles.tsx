/** Levels that can be moved on the chart: by their lines, by grips at the right end, by arrow keys. */
import { useRef } from 'react';
import type { Severity } from '@muster/shared/api/rules.ts';
import type { PlotGeometry } from '../../charts/TimeChart.tsx';
import { useT } from '../../i18n/i18n.ts';
import { cx } from '../../ui/cx.ts';

/** Pointer may miss the line by so much. */
const LINE_REACH_PX = 5;
/** Keys that move by ten steps. */
const FAR_STEPS = 10;

export interface LevelHandle {
  readonly severity: Severity;
  readonly part: 'level' | 'clear';
  /** In the unit of the chart. */
  readonly value: number;
  /** `Warning level`. */
  readonly label: string;
  /** The value in words. */
  readonly text: string;
}

export interface LevelHandlesProps {
  readonly geometry: PlotGeometry;
  readonly handles: readonly LevelHandle[];
  readonly min: number;
  readonly max: number;
  /** One press of an arrow key; a drag stands still on multiples of it. */
  readonly step: number;
  readonly onMove: (handle: LevelHandle, value: number) => void;
  /** A drag begins or ends. */
  readonly onDrag: (dragging: boolean) => void;
}

export function LevelHandles(props: LevelHandlesProps) {
  return props.handles.map((handle) => (
    <Handle key={`${handle.severity} ${handle.part}`} handle={handle} {...props} />
  ));
}

const TONES = {
  warning: 'border-warn-solid text-warn-fg',
  critical: 'border-crit-solid text-crit-fg',
} as const satisfies Record<Severity, string>;

function Handle({
  handle,
  geometry,
  min,
  max,
  step,
  onMove,
  onDrag,
}: LevelHandlesProps & { handle: LevelHandle }) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const { severity, part, value, label, text } = handle;
  const bounded = (next: number) => Math.min(max, Math.max(min, next));
  const y = geometry.valueToY(bounded(value));
  const isOutside = value > max || value < min;
  const drag = (event: React.PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    target.focus();
    onDrag(true);
    // Where the grip was taken, so that it does not jump to the pointer.
    const offset = event.clientY - y;
    const move = (moved: PointerEvent) => {
      const next = geometry.yToValue(moved.clientY - offset);
      onMove(handle, Number((Math.round(bounded(next) / step) * step).toPrecision(12)));
    };
    const end = () => {
      target.removeEventListener('pointermove', move);
      target.removeEventListener('pointerup', end);
      target.removeEventListener('pointercancel', end);
      onDrag(false);
    };
    target.addEventListener('pointermove', move);
    target.addEventListener('pointerup', end);
    target.addEventListener('pointercancel', end);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const next = keyValue(event, value, { step, min, max });
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    onMove(handle, Number(bounded(next).toPrecision(12)));
  };
  return (
    <div ref={box}>
      <div
        aria-hidden="true"
        onPointerDown={drag}
        className="absolute cursor-ns-resize coarse:pointer-events-none"
        style={{
          left: geometry.leftPx,
          width: geometry.widthPx,
          top: y - LINE_REACH_PX,
          height: 2 * LINE_REACH_PX,
        }}
      >
        {part === 'clear' && (
          <span
            className={cx('block border-t border-dotted', TONES[severity])}
            style={{ marginTop: LINE_REACH_PX }}
          />
        )}
      </div>
      <div
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-orientation="vertical"
        aria-valuemin={min}
        aria-valuemax={max}
        aria-valuenow={value}
        aria-valuetext={text}
        title={t('rules.chart.drag', { label })}
        onPointerDown={drag}
        onKeyDown={onKeyDown}
        className={cx(
          'absolute flex h-5 -translate-y-1/2 cursor-ns-resize touch-none items-center gap-1 rounded-sm border bg-surface px-1 text-11 leading-none font-medium whitespace-nowrap select-none coarse:h-8 coarse:px-2',
          TONES[severity],
          part === 'clear' && 'border-dashed',
          isOutside && 'opacity-60',
        )}
        style={{
          top: y,
          // Level and clear level stand beside each other, however near they are.
          right: part === 'level' ? 0 : 96,
        }}
      >
        <svg width="7" height="11" viewBox="0 0 7 11" aria-hidden="true">
          <path d="M1 4 3.5 1 6 4M1 7l2.5 3L6 7" fill="none" stroke="currentColor" strokeWidth="1.3" />
        </svg>
        {text}
      </div>
    </div>
  );
}

/** Arrows a step, with Shift or Page keys ten; Home and End to the ends of the axis. */
export function keyValue(
  event: Pick<React.KeyboardEvent, 'key' | 'shiftKey'>,
  value: number,
  { step, min, max }: { step: number; min: number; max: number },
): number | null {
  const steps = event.shiftKey ? FAR_STEPS : 1;
  switch (event.key) {
    case 'ArrowUp':
    case 'ArrowRight':
      return value + steps * step;
    case 'ArrowDown':
    case 'ArrowLeft':
      return value - steps * step;
    case 'PageUp':
      return value + FAR_STEPS * step;
    case 'PageDown':
      return value - FAR_STEPS * step;
    case 'Home':
      return min;
    case 'End':
      return max;
    default:
      return null;
  }
}
