/** Batteries of a Linux machine from /sys/class/power_supply. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import { readNumber, readValue } from '../text.ts';

type Battery = SectionData['devices']['batteries'][number];

const SUPPLIES = '/sys/class/power_supply';
/** What a full battery holds shrinks a little with each charge; steps of this share of the design are no daily change. */
const FULL_STEP_SHARE = 0.05;

/** Batteries of the machine itself; those of a mouse or a headset (scope `Device`) come and go. */
export function readBatteries(host: Host): Battery[] {
  return host
    .list(SUPPLIES)
    .filter((name) => readValue(host, `${SUPPLIES}/${name}/type`) === 'Battery')
    .filter((name) => readValue(host, `${SUPPLIES}/${name}/scope`) !== 'Device')
    .filter((name) => readValue(host, `${SUPPLIES}/${name}/present`) !== '0')
    .map((name) => {
      const value = (file: string) => readValue(host, `${SUPPLIES}/${name}/${file}`);
      const designWattHours = wattHours(host, name, 'full_design');
      return {
        name,
        manufacturer: value('manufacturer'),
        model: value('model_name'),
        chemistry: known(value('technology')),
        serial: known(value('serial_number')),
        madeAtMs: madeAtMs(host, name),
        designWattHours,
        fullWattHours: inSteps(wattHours(host, name, 'full'), designWattHours),
      };
    });
}

function known(value: string | null): string | null {
  return value === null || /^(unknown|0+)$/i.test(value) ? null : value;
}

/** µWh, or µAh times the design voltage in µV (power_supply class of the kernel). */
function wattHours(host: Host, name: string, what: 'full' | 'full_design'): number | null {
  const energy = readNumber(host, `${SUPPLIES}/${name}/energy_${what}`);
  if (energy !== null) return energy > 0 ? rounded(energy / 1e6) : null;
  const charge = readNumber(host, `${SUPPLIES}/${name}/charge_${what}`);
  const voltage = readNumber(host, `${SUPPLIES}/${name}/voltage_min_design`);
  return charge !== null && voltage !== null && charge > 0 ? rounded((charge / 1e6) * (voltage / 1e6)) : null;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function inSteps(full: number | null, design: number | null): number | null {
  if (full === null || design === null) return null;
  return rounded(Math.round(full / design / FULL_STEP_SHARE) * FULL_STEP_SHARE * design);
}

function madeAtMs(host: Host, name: string): number | null {
  const part = (file: string) => readNumber(host, `${SUPPLIES}/${name}/manufacture_${file}`);
  const [year, month, day] = [part('year'), part('month'), part('day')];
  return year !== null && month !== null && day !== null && year > 1980
    ? Date.UTC(year, month - 1, day)
    : null;
}
