/** Numbers with their unit as people read them: IEC prefixes for bytes, SI for bits, fixed decimals. */
import type { Language } from '@muster/shared/api/access.ts';

/** Printed where a value is absent or not known; never 0. */
export const ABSENT = '–';

/** How a stored value is shown: multiply by `factor`, write `decimals` digits and `unit` behind it. */
export interface Scale {
  readonly factor: number;
  readonly unit: string;
  readonly decimals: number;
}

const IEC = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const SI_BITS = ['bit', 'kbit', 'Mbit', 'Gbit', 'Tbit'] as const;

/** Catalogue unit in which a metric is shown; a network's bytes are shown as bits. */
export function displayUnit(metric: string, unit: string): { unit: string; factor: number } {
  const inBits = unit === 'B/s' && (metric === 'network.received' || metric === 'network.transmitted');
  return inBits ? { unit: 'bit/s', factor: 8 } : { unit, factor: 1 };
}

/** The scale for values of about `magnitude`, in the catalogue's unit. One scale serves a whole axis or column. */
export function scaleFor(unit: string, magnitude: number): Scale {
  const size = Math.abs(magnitude);
  switch (unit) {
    case '%':
      return { factor: 1, unit: '%', decimals: 1 };
    case 'B':
    case 'B/s':
      return iecScale(unit, size);
    case 'bit/s':
      return siScale(size);
    case 's':
      return secondsScale(size);
    case '1':
      return {
        factor: 1,
        unit: '',
        decimals: size >= 100 || Number.isInteger(size) ? 0 : size >= 10 ? 1 : 2,
      };
    case '1/s':
      return { factor: 1, unit: '/s', decimals: size >= 100 ? 0 : 1 };
    default:
      return { factor: 1, unit, decimals: 1 };
  }
}

function iecScale(unit: string, size: number): Scale {
  const power = Math.min(IEC.length - 1, size < 1 ? 0 : Math.floor(Math.log2(size) / 10));
  const suffix = unit === 'B/s' ? '/s' : '';
  // Below 1 MiB/s a fraction says nothing; the smallest rate worth a digit is KiB/s.
  const shown = unit === 'B/s' ? Math.max(1, power) : power;
  const factor = 1024 ** -shown;
  return { factor, unit: `${IEC[shown] ?? 'B'}${suffix}`, decimals: shown === 0 ? 0 : digits(size * factor) };
}

function siScale(size: number): Scale {
  const power = Math.min(SI_BITS.length - 1, Math.max(1, size < 1 ? 0 : Math.floor(Math.log10(size) / 3)));
  const factor = 1000 ** -power;
  return { factor, unit: `${SI_BITS[power] ?? 'bit'}/s`, decimals: digits(size * factor) };
}

function secondsScale(size: number): Scale {
  if (size < 1) return { factor: 1_000, unit: 'ms', decimals: size < 0.1 ? 1 : 0 };
  return { factor: 1, unit: 's', decimals: size < 10 ? 1 : 0 };
}

function digits(value: number): number {
  return Math.abs(value) < 99.95 ? 1 : 0;
}

export interface QuantityText {
  readonly text: string;
  readonly unit: string;
}

/** Making one takes as long as drawing a row; there are only a handful of kinds. */
const formats = new Map<string, Intl.NumberFormat>();

export function formatNumber(value: number, decimals: number, language: Language): string {
  const key = `${language} ${decimals}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    formats.set(key, format);
  }
  return format.format(value);
}

/** Number and unit apart, so that the unit can be set smaller. `scale` fixes prefix and decimals, e.g. of a column. */
export function quantity(
  value: number | null | undefined,
  unit: string,
  language: Language,
  scale: Scale = scaleFor(unit, value ?? 0),
): QuantityText {
  if (value === null || value === undefined || !Number.isFinite(value)) return { text: ABSENT, unit: '' };
  return { text: formatNumber(value * scale.factor, scale.decimals, language), unit: scale.unit };
}

/** One string: `89.7 %` in English, `89.7%` in Chinese, `1.4 GiB` in both. */
export function quantityText(
  value: number | null | undefined,
  unit: string,
  language: Language,
  scale?: Scale,
): string {
  const { text, unit: shown } = quantity(value, unit, language, scale);
  if (shown === '') return text;
  return shown.startsWith('/') || (shown === '%' && language === 'zh')
    ? `${text}${shown}`
    : `${text} ${shown}`;
}

/** Availability is read to hundredths; 100 % only where nothing was missing. */
export function percentText(value: number, language: Language): string {
  const shown = value < 100 ? Math.min(99.99, value) : value;
  return `${formatNumber(shown, 2, language)}${language === 'zh' ? '%' : ' %'}`;
}
