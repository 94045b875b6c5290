/** A value with its unit, short enough for a sentence. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { RateUnit, Unit } from '@muster/shared/metrics/catalogue.ts';

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const STEP = 1_024;
const MILLI = 1_000;

/** '95.2 %' and '95.2%', '9.8 GiB', '12 /s', '4.1 ms'. Chinese sets the percent sign without a space. */
export function valueWords(value: number, unit: Unit | RateUnit): Words {
  if (unit === '%') return { en: `${short(value, 1)} %`, zh: `${short(value, 1)}%` };
  const text = withUnit(value, unit);
  return { en: text, zh: text };
}

function withUnit(value: number, unit: Unit | RateUnit): string {
  switch (unit) {
    case 'B':
      return bytes(value);
    case 'B/s':
      return `${bytes(value)}/s`;
    case 's':
      return Math.abs(value) < 1 && value !== 0 ? `${short(value * MILLI, 1)} ms` : `${short(value, 2)} s`;
    case '1':
      return short(value, 2);
    case '1/s':
      return `${short(value, 2)}/s`;
    case '%':
    case '%/s':
    case 's/s':
    case '°C':
    case '°C/s':
    case 'bit/s':
    case 'bit/s/s':
      return `${short(value, 1)} ${unit}`;
  }
}

function bytes(value: number): string {
  let scaled = value;
  let power = 0;
  while (Math.abs(scaled) >= STEP && power < BINARY.length - 1) {
    scaled /= STEP;
    power += 1;
  }
  return `${short(scaled, power === 0 ? 0 : 1)} ${BINARY[power] ?? 'B'}`;
}

/** At most so many decimals, none that are zero. */
function short(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}
