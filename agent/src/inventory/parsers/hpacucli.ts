/** HP Smart Array controllers: `hpacucli` and its heir `ssacli`. */
import { diskMaker } from './disk-maker.ts';
import { bytesOfSize, linesOf, oneSpaced, pairOf } from './lines.ts';

export interface SmartArrayDisk {
  readonly vendor: string | null;
  readonly maker: string | null;
  /** Without the vendor. */
  readonly model: string | null;
  /** Vendor and model as the drive says them. */
  readonly name: string | null;
  readonly serial: string | null;
  readonly firmware: string | null;
  readonly sizeBytes: number | null;
  readonly bus: string | null;
  /** 'Data Drive', 'Spare Drive', 'Unassigned Drive' … */
  readonly role: string | null;
  /** 'OK', 'Failed', 'Predictive Failure' … */
  readonly status: string | null;
}

/** Slot numbers of `ctrl all show`. */
export function parseSmartArraySlots(text: string): number[] {
  return linesOf(text).flatMap((line) => {
    const slot = / in Slot (\d{1,3})\b/.exec(line)?.[1];
    return slot === undefined ? [] : [Number(slot)];
  });
}

/** Drive addresses ('2I:1:1') of `ctrl slot=N pd all show`. */
export function parseSmartArrayDrives(text: string): string[] {
  return linesOf(text).flatMap((line) => /^\s*physicaldrive (\S+)/.exec(line)?.[1] ?? []);
}

/** `ctrl slot=N pd ADDRESS show`; null where it describes no drive. */
export function parseSmartArrayDisk(text: string): SmartArrayDisk | null {
  const fields = new Map<string, string>();
  for (const line of linesOf(text)) {
    const pair = pairOf(line);
    const value = oneSpaced(pair?.[1]);
    if (pair !== null && value !== null && !fields.has(pair[0])) fields.set(pair[0], value);
  }
  const name = fields.get('Model')?.replace(/^ATA /, '') ?? null;
  const serial = fields.get('Serial Number') ?? null;
  if (name === null && serial === null) return null;
  const [, vendor, model] = /^(\S+) (\S+)$/.exec(name ?? '') ?? [];
  return {
    vendor: vendor ?? null,
    maker: diskMaker(vendor ?? name),
    model: model ?? name,
    name,
    serial,
    firmware: fields.get('Firmware Revision') ?? null,
    sizeBytes: bytesOfSize(fields.get('Size'), 1000),
    bus: fields.get('Interface Type') ?? null,
    role: fields.get('Drive Type') ?? null,
    status: fields.get('Status') ?? null,
  };
}
