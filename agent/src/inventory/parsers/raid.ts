/** Disks behind RAID controllers: /proc/scsi/scsi (Adaptec), mpt-status (LSI Logic), MegaCli. */
import { bytesOfSize, leadingNumber, linesOf, oneSpaced, trimmed } from './lines.ts';

export interface ScsiDevice {
  /** 'scsi0' */
  readonly host: string;
  readonly channel: number;
  readonly id: number;
  readonly lun: number;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly revision: string | null;
  readonly type: string | null;
  /** Place in the list, which is the number of the generic device: 1 → /dev/sg1. */
  readonly index: number;
  /** A volume that a controller makes of several disks. */
  readonly volume: boolean;
}

/** /proc/scsi/scsi */
export function parseProcScsi(text: string): ScsiDevice[] {
  const devices: { -readonly [K in keyof ScsiDevice]: ScsiDevice[K] }[] = [];
  for (const line of linesOf(text)) {
    const head = /^Host:\s*(\S+)\s+Channel:\s*(\d+)\s+Id:\s*(\d+)\s+Lun:\s*(\d+)/i.exec(line);
    if (head?.[1] !== undefined) {
      devices.push({
        host: head[1],
        channel: Number(head[2]),
        id: Number(head[3]),
        lun: Number(head[4]),
        vendor: null,
        model: null,
        revision: null,
        type: null,
        index: devices.length,
        volume: false,
      });
      continue;
    }
    const device = devices.at(-1);
    if (device === undefined) continue;
    const vendor = line.indexOf('Vendor:');
    const model = line.indexOf('Model:');
    const revision = line.indexOf('Rev:');
    if (vendor !== -1 && model > vendor && revision > model) {
      device.vendor = trimmed(line.slice(vendor + 'Vendor:'.length, model));
      device.model = trimmed(line.slice(model + 'Model:'.length, revision));
      device.revision = trimmed(line.slice(revision + 'Rev:'.length));
      device.volume = /raid|jbod|adaptec/i.test(`${device.vendor ?? ''} ${device.model ?? ''}`);
    }
    device.type = /^\s*Type:\s+(\S+)/.exec(line)?.[1] ?? device.type;
  }
  return devices;
}

export interface MptDisk {
  readonly controller: number;
  readonly physicalId: number;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  /** The tool prints whole gibibytes. */
  readonly sizeBytes: number | null;
  /** 'ONLINE', 'MISSING' … */
  readonly state: string | null;
}

/** `mpt-status -n -s`, `mpt-status`: the physical disks. */
export function parseMptStatus(text: string): MptDisk[] {
  return linesOf(text).flatMap((line) => {
    const head = /^ioc:(\d+)\s+phys_id:(\d+)\s/.exec(line);
    if (head === null) return [];
    const size = /\bsize\(GB\):\s*(\d+)/.exec(line)?.[1];
    return [
      {
        controller: Number(head[1]),
        physicalId: Number(head[2]),
        vendor: trimmed(between(line, 'vendor:', 'product_id:')),
        model: oneSpaced(between(line, 'product_id:', 'revision:')),
        firmware: trimmed(between(line, 'revision:', 'size(GB):')),
        sizeBytes: size === undefined ? null : Number(size) * 1024 ** 3,
        state: /\bstate:\s*(\S+)/.exec(line)?.[1] ?? null,
      },
    ];
  });
}

function between(line: string, start: string, end: string): string | null {
  const from = line.indexOf(start);
  const to = from === -1 ? -1 : line.indexOf(end, from + start.length);
  return to === -1 ? null : line.slice(from + start.length, to);
}

export interface MegacliDisk {
  /** Every field as printed, in order; keys keep their own spaces. */
  readonly fields: Readonly<Record<string, string>>;
  readonly enclosureId: number | null;
  readonly slot: number | null;
  readonly sizeBytes: number | null;
  readonly bus: string | null;
  /** 'Online, Spun Up', 'Failed', 'Unconfigured(good), Spun down' … */
  readonly state: string | null;
  readonly mediaErrors: number | null;
  readonly predictiveFailures: number | null;
  readonly temperatureCelsius: number | null;
  /** Serial, vendor and model run together as the drive sends them. */
  readonly inquiry: string | null;
}

/** `MegaCli -PDlist -aAll` */
export function parseMegacliDisks(text: string): MegacliDisk[] {
  const all: Record<string, string>[] = [];
  for (const line of linesOf(text)) {
    const at = line.indexOf(':');
    if (at <= 0) continue;
    const key = line.slice(0, at).trimStart();
    const value = line.slice(at + 1).trim();
    if (key === 'Enclosure Device ID') all.push(Object.create(null) as Record<string, string>);
    const fields = all.at(-1);
    if (fields !== undefined && value !== '') fields[key] = value;
  }
  return all.map((fields) => ({
    fields,
    enclosureId: leadingNumber(fields['Enclosure Device ID']),
    slot: leadingNumber(fields['Slot Number']),
    sizeBytes: sectorsOf(fields['Raw Size']),
    bus: fields['PD Type'] ?? null,
    state: fields['Firmware state'] ?? null,
    mediaErrors: leadingNumber(fields['Media Error Count']),
    predictiveFailures: leadingNumber(fields['Predictive Failure Count']),
    temperatureCelsius: leadingNumber(fields['Drive Temperature '] ?? fields['Drive Temperature']),
    inquiry: oneSpaced(fields['Inquiry Data']),
  }));
}

/** '223.570 GB [0x1bf244b0 Sectors]': the sectors are exact. */
function sectorsOf(size: string | undefined): number | null {
  const sectors = /\[0x([0-9a-f]{1,12}) Sectors\]/i.exec(size ?? '')?.[1];
  return sectors === undefined ? bytesOfSize(size, 1024) : Number.parseInt(sectors, 16) * 512;
}

export interface MegacliSummaryDisk {
  /** Number of the enclosure, not its device id. */
  readonly enclosure: number;
  readonly position: number;
  readonly slot: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** The disks of `MegaCli -ShowSummary -aALL`; what sits at no position of an enclosure (a backplane) is no disk. */
export function parseMegacliSummary(text: string): MegacliSummaryDisk[] {
  const disks: { enclosure: number; position: number; slot: number; fields: Record<string, string> }[] = [];
  let current: Record<string, string> | null = null;
  for (const line of linesOf(text)) {
    const at = line.indexOf(':');
    const key = line.slice(0, at === -1 ? undefined : at).trim();
    if (key === 'Connector') {
      const place = /:\s*(?:Port\s+)?(\d{1,4})[^:]*<Encl Pos (\d{1,4}) *>: Slot (\d{1,4})/.exec(line);
      current = place === null ? null : (Object.create(null) as Record<string, string>);
      if (place !== null && current !== null)
        disks.push({
          enclosure: Number(place[1]),
          position: Number(place[2]),
          slot: Number(place[3]),
          fields: current,
        });
    } else if (key === 'Storage') current = null;
    else if (current !== null && at !== -1) {
      const value = line.slice(at + 1).trim();
      if (value !== '') current[key] = value;
    }
  }
  return disks;
}

/** Enclosure number → device id, from `MegaCli -EncInfo -aALL`. */
export function parseMegacliEnclosures(text: string): Map<number, number> {
  const enclosures = new Map<number, number>();
  let enclosure: number | null = null;
  for (const line of linesOf(text)) {
    const number = /^\s*Enclosure (\d+):/.exec(line)?.[1];
    if (number !== undefined) enclosure = Number(number);
    const id = /^\s*Device ID\s*:\s*(\d+)/.exec(line)?.[1];
    if (id !== undefined && enclosure !== null) enclosures.set(enclosure, Number(id));
  }
  return enclosures;
}
