/** `lshal` of systems before udev: devices with typed properties. */
import { linesOf } from './lines.ts';

export interface HalDevice {
  readonly udi: string;
  /** Strings and lists as text (lists joined by a comma), numbers as numbers. */
  readonly properties: Readonly<Record<string, string | number | boolean>>;
}

export interface HalDisk {
  /** 'sda' */
  readonly name: string | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly firmware: string | null;
  /** 'disk', 'cdrom' … */
  readonly kind: string | null;
  readonly sizeBytes: number | null;
}

export function parseLshal(text: string): HalDevice[] {
  const devices: { udi: string; properties: Record<string, string | number | boolean> }[] = [];
  for (const line of linesOf(text)) {
    const udi = /^udi = '([^']*)'/.exec(line)?.[1];
    if (udi !== undefined) devices.push({ udi, properties: Object.create(null) as Record<string, string> });
    const device = devices.at(-1);
    const [, key, printed] = /^\s+([\w.-]+) = (.*)$/.exec(line) ?? [];
    if (device === undefined || key === undefined || printed === undefined) continue;
    const at = printed.lastIndexOf(' (');
    const type = at === -1 || !printed.endsWith(')') ? null : printed.slice(at + 2, -1);
    if (type !== null) device.properties[key] = valueOf(printed.slice(0, at).trimEnd(), type);
  }
  return devices;
}

function valueOf(printed: string, type: string): string | number | boolean {
  if (type === 'bool') return printed === 'true';
  const number = /^(-?\d{1,20})(?:\s+\(0x|$)/.exec(printed)?.[1];
  if (type.includes('int') && number !== undefined) return Number(number);
  if (type.startsWith('string list'))
    return [...printed.matchAll(/'([^']*)'/g)].map((item) => item[1]).join(',');
  return printed.replace(/^'(.*)'$/, '$1');
}

/** The drives among the devices. */
export function halDisks(devices: readonly HalDevice[]): HalDisk[] {
  return devices
    .filter(({ properties }) => properties['info.category'] === 'storage')
    .map(({ properties }) => ({
      name: text(properties['block.device'])?.replace(/^\/dev\//, '') ?? null,
      vendor: text(properties['storage.vendor']),
      model: text(properties['storage.model']),
      serial: text(properties['storage.serial']),
      firmware: text(properties['storage.firmware_version']),
      kind: text(properties['storage.drive_type']),
      sizeBytes: typeof properties['storage.size'] === 'number' ? properties['storage.size'] : null,
    }));
}

function text(value: string | number | boolean | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
