/** Parser of `upower -i`: a battery of the machine or of something connected to it. */
import { leadingNumber, linesOf, pairOf, trimmed } from './lines.ts';

export interface UpowerDevice {
  /** Name in the kernel, e.g. 'BAT0'. */
  readonly path: string | null;
  /** true: it feeds the machine; false: it feeds a mouse, a keyboard … */
  readonly feedsMachine: boolean;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  /** 'lithium-ion' … */
  readonly chemistry: string | null;
  readonly designWattHours: number | null;
  readonly fullWattHours: number | null;
  readonly volts: number | null;
}

/** Numbers are written with the point or comma of the reader's language. null where there is no device. */
export function parseUpower(text: string): UpowerDevice | null {
  const values = new Map(linesOf(text).flatMap((line) => [pairOf(line)].filter((pair) => pair !== null)));
  if (!values.has('native-path')) return null;
  const amount = (name: string, unit: string) => {
    const value = values.get(name) ?? '';
    return value.endsWith(` ${unit}`) ? leadingNumber(value) : null;
  };
  return {
    path: trimmed(values.get('native-path')),
    feedsMachine: values.get('power supply') === 'yes',
    manufacturer: trimmed(values.get('vendor')),
    model: trimmed(values.get('model')),
    serial: trimmed(values.get('serial')),
    chemistry: trimmed(values.get('technology')),
    designWattHours: amount('energy-full-design', 'Wh'),
    fullWattHours: amount('energy-full', 'Wh'),
    volts: amount('voltage', 'V'),
  };
}
