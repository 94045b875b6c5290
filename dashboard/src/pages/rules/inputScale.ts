/** In which unit a level of a metric is typed and stepped: one for each metric, so that it never changes under the hand. Pure. */
import { niceStep } from '../../charts/scale.ts';
import { displayUnit } from '../../util/quantity.ts';
import { levelUnit, type LookFn } from './windowFns.ts';

export interface InputScale {
  /** Typed value = value in the catalogue's unit × factor. */
  readonly factor: number;
  /** Behind the field; '' for plain numbers. */
  readonly unit: string;
  /** Digits that are kept when a level is dragged. */
  readonly decimals: number;
}

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const HOUR_S = 3_600;
const DAY_S = 86_400;

export function inputScale(metric: string, fn: LookFn = 'each'): InputScale {
  const shown = displayUnit(metric, levelUnit(metric, fn));
  switch (shown.unit) {
    case '%':
      return { factor: 1, unit: '%', decimals: 1 };
    case 'B':
      return { factor: 1 / GIB, unit: 'GiB', decimals: 2 };
    case 'B/s':
      return { factor: 1 / MIB, unit: 'MiB/s', decimals: 2 };
    case 'bit/s':
      return { factor: shown.factor / 1e6, unit: 'Mbit/s', decimals: 1 };
    case 's':
      return secondsScale(metric);
    case '1':
      return { factor: 1, unit: '', decimals: 2 };
    case '1/s':
      return { factor: 1, unit: '/s', decimals: 2 };
    default:
      return { factor: 1, unit: shown.unit, decimals: 1 };
  }
}

function secondsScale(metric: string): InputScale {
  switch (metric) {
    case 'system.uptime':
      return { factor: 1 / HOUR_S, unit: 'h', decimals: 1 };
    case 'certificate.remaining':
    case 'check.certificate.remaining':
      return { factor: 1 / DAY_S, unit: 'd', decimals: 1 };
    default:
      return { factor: 1_000, unit: 'ms', decimals: 1 };
  }
}

/** Values of these are lengths of time that people read in hours and days. */
export function isSpanMetric(metric: string): boolean {
  return metric === 'system.uptime' || metric.endsWith('certificate.remaining');
}

/** Of a value too small for the decimals of its unit so many digits are kept. */
const SMALL_DIGITS = 2;

/** A level as a person would have typed it. */
export function roundTyped(value: number, { factor, decimals }: InputScale): number {
  const typed = value * factor;
  const isSmall = Math.abs(typed) < 10 ** (SMALL_DIGITS - 1 - decimals);
  return Number(isSmall ? typed.toPrecision(SMALL_DIGITS) : typed.toFixed(decimals)) / factor;
}

/** What one arrow key moves, in the catalogue's unit: a round number, about a hundredth of the axis. */
export function keyStep(top: number, scale: InputScale): number {
  if (scale.unit === '%') return 1;
  const step = niceStep(Math.max(top * scale.factor, 10 ** -scale.decimals), 100);
  return Math.max(step, 10 ** -scale.decimals) / scale.factor;
}
