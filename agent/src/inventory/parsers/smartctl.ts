/** `smartctl -i`, `-a`, `-x` of smartmontools 5 to 7: who a disk is and how it does; also its JSON. */
import * as z from 'zod';
import { jsonOf, leadingNumber, linesOf, oneSpaced, pairOf, trimmed } from './lines.ts';

export interface SmartDisk {
  /** Vendor as printed, null where the drive names none. */
  readonly vendor: string | null;
  readonly family: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly firmware: string | null;
  /** 16 hex digits, lower case. */
  readonly wwn: string | null;
  readonly sizeBytes: number | null;
  /** 'disk', 'CD/DVD', 'enclosure' …; null where not told. */
  readonly type: string | null;
  readonly bus: 'sata' | 'ata' | 'sas' | 'nvme' | 'usb' | 'fc' | null;
  /** null: not told. 0: no moving parts. */
  readonly rotationRpm: number | null;
  readonly health: SmartHealth;
}

export interface SmartHealth {
  /** true: passed its own assessment; null where it was not asked or does not know. */
  readonly passed: boolean | null;
  readonly temperatureCelsius: number | null;
  readonly powerOnMs: number | null;
  readonly powerCycles: number | null;
  readonly reallocatedSectors: number | null;
  readonly pendingSectors: number | null;
  readonly uncorrectableSectors: number | null;
  readonly mediaErrors: number | null;
  /** 0 (new) to 100 and beyond (worn); null where not told. */
  readonly wearPercent: number | null;
}

const HOUR_MS = 3_600_000;

/** The text that smartctl prints for people; null where it names no device. */
export function parseSmartctl(text: string): SmartDisk | null {
  const lines = linesOf(text);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const pair = /^\S/.test(line) ? pairOf(line) : null;
    if (pair !== null && pair[1] !== '' && !fields.has(pair[0].toLowerCase()))
      fields.set(pair[0].toLowerCase(), pair[1]);
  }
  const field = (...names: readonly string[]): string | null => {
    const name = names.find((candidate) => fields.has(candidate));
    return name === undefined ? null : oneSpaced(fields.get(name));
  };
  const model = field('device model', 'product', 'model number');
  const type = field('device type');
  const serial = field('serial number');
  if (model === null && type === null && serial === null) return null;
  return {
    vendor: field('vendor'),
    family: field('model family'),
    model,
    serial,
    firmware: field('firmware version', 'revision'),
    wwn: field('lu wwn device id')?.replace(/\s/g, '').toLowerCase() ?? null,
    sizeBytes: capacityOf(field('user capacity', 'total nvm capacity', 'namespace 1 size/capacity')),
    type: type === null ? null : trimmed(type),
    bus: busOf(field('transport protocol'), fields),
    rotationRpm: rotationOf(field('rotation rate')),
    health: healthOf(lines, fields),
  };
}

/** '480,103,981,056 bytes [480 GB]'; thousands are parted by commas, points, spaces or not at all. */
function capacityOf(text: string | null): number | null {
  const digits =
    /^([\d.,'\s\u00a0\u202f\u2019\ufffd]+?)\s*(?:bytes|\[|$)/.exec(text ?? '')?.[1]?.replace(/\D/g, '') ?? '';
  return digits === '' || digits.length > 30 ? null : Number(digits);
}

function busOf(transport: string | null, fields: ReadonlyMap<string, string>): SmartDisk['bus'] {
  if (transport !== null) {
    if (/^SAS/i.test(transport)) return 'sas';
    if (/^SATA/i.test(transport)) return 'sata';
    if (/^(?:Fibre|FC)/i.test(transport)) return 'fc';
    if (/^USB/i.test(transport)) return 'usb';
  }
  if (fields.has('nvme version') || fields.has('total nvm capacity') || fields.has('model number'))
    return 'nvme';
  if (fields.has('sata version is')) return 'sata';
  return fields.has('ata version is') ? 'ata' : null;
}

function rotationOf(text: string | null): number | null {
  if (text === null) return null;
  return /solid state/i.test(text) ? 0 : leadingNumber(text);
}

function healthOf(lines: readonly string[], fields: ReadonlyMap<string, string>): SmartHealth {
  const attributes = attributesOf(lines);
  const verdict =
    fields.get('smart overall-health self-assessment test result') ?? fields.get('smart health status');
  const hours =
    leadingNumber(fields.get('power on hours')?.replaceAll(',', '')) ??
    attributes.get(9) ??
    leadingNumber(
      /number of hours powered up = (.*)/.exec(
        lines.find((line) => line.includes('hours powered up')) ?? '',
      )?.[1],
    );
  return {
    passed: verdict === undefined ? null : /^(?:PASSED|OK)/i.test(verdict),
    temperatureCelsius:
      leadingNumber(fields.get('temperature')) ??
      leadingNumber(fields.get('current drive temperature')) ??
      attributes.get(194) ??
      attributes.get(190) ??
      null,
    powerOnMs: hours === null || hours === undefined ? null : hours * HOUR_MS,
    powerCycles: leadingNumber(fields.get('power cycles')?.replaceAll(',', '')) ?? attributes.get(12) ?? null,
    reallocatedSectors: attributes.get(5) ?? leadingNumber(fields.get('elements in grown defect list')),
    pendingSectors: attributes.get(197) ?? null,
    uncorrectableSectors: attributes.get(198) ?? null,
    mediaErrors: leadingNumber(fields.get('media and data integrity errors')?.replaceAll(',', '')),
    wearPercent: leadingNumber(fields.get('percentage used')),
  };
}

/** Number → raw value of the ATA attribute table; only the leading number of a raw value counts. */
function attributesOf(lines: readonly string[]): Map<number, number> {
  const attributes = new Map<number, number>();
  for (const line of lines) {
    const match = /^\s*(\d{1,3})\s+[A-Za-z][\w/-]*\s+(0x[0-9a-f]{4}|[-A-Z]{6})\s+(\S.*)$/i.exec(line);
    if (match?.[3] === undefined) continue;
    const words = match[3].split(/\s+/);
    // With flags in hex come VALUE WORST THRESH TYPE UPDATED WHEN_FAILED RAW; with letters VALUE WORST THRESH FAIL RAW.
    const raw = leadingNumber(words[(match[2] ?? '').startsWith('0x') ? 6 : 4]);
    if (raw !== null) attributes.set(Number(match[1]), raw);
  }
  return attributes;
}

const Count = z.number().nullish().catch(null);
const Text = z.string().nullish().catch(null);
const Json = z.object({
  vendor: Text,
  scsi_vendor: Text,
  product: Text,
  scsi_product: Text,
  scsi_model_name: Text,
  model_family: Text,
  model_name: Text,
  serial_number: Text,
  firmware_version: Text,
  scsi_revision: Text,
  revision: Text,
  wwn: z.object({ naa: z.number(), oui: z.number(), id: z.number() }).nullish().catch(null),
  user_capacity: z.object({ bytes: Count }).nullish().catch(null),
  nvme_total_capacity: Count,
  device: z.object({ protocol: Text, type: Text }).nullish().catch(null),
  device_type: z.object({ name: Text }).nullish().catch(null),
  sata_version: z.object({}).nullish().catch(null),
  rotation_rate: Count,
  smart_status: z
    .object({ passed: z.boolean().nullish().catch(null) })
    .nullish()
    .catch(null),
  temperature: z.object({ current: Count }).nullish().catch(null),
  power_on_time: z.object({ hours: Count }).nullish().catch(null),
  power_cycle_count: Count,
  scsi_grown_defect_list: Count,
  scsi_percentage_used_endurance_indicator: Count,
  ata_smart_attributes: z
    .object({
      table: z
        .array(
          z
            .object({ id: z.number(), value: Count, raw: z.object({ value: z.number() }) })
            .nullable()
            .catch(null),
        )
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
  nvme_smart_health_information_log: z
    .object({ media_errors: Count, percentage_used: Count })
    .nullish()
    .catch(null),
});

/** The output of `smartctl --json -a` (smartmontools 7 and later); null where it names no device. */
export function parseSmartctlJson(text: string): SmartDisk | null {
  const parsed = Json.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const disk = parsed.data;
  const model = trimmed(disk.model_name ?? disk.scsi_model_name ?? disk.scsi_product ?? disk.product);
  if (model === null && trimmed(disk.serial_number) === null) return null;
  return {
    vendor: trimmed(disk.scsi_vendor ?? disk.vendor),
    family: trimmed(disk.model_family),
    model,
    serial: trimmed(disk.serial_number),
    firmware: trimmed(disk.firmware_version ?? disk.scsi_revision ?? disk.revision),
    wwn: wwnOf(disk.wwn),
    sizeBytes: disk.user_capacity?.bytes ?? disk.nvme_total_capacity ?? null,
    type: trimmed(disk.device_type?.name) ?? 'disk',
    bus: jsonBus(
      disk.device?.protocol ?? null,
      disk.sata_version !== null && disk.sata_version !== undefined,
    ),
    rotationRpm: disk.rotation_rate ?? null,
    health: jsonHealth(disk),
  };
}

/** The same of any answer, also of one that was asked for health alone and names no device; null for what is no JSON. */
export function parseSmartctlHealth(text: string): SmartHealth | null {
  const parsed = Json.safeParse(jsonOf(text));
  return parsed.success ? jsonHealth(parsed.data) : null;
}

/** Attributes that count down from 100 with the wear of flash: media wear-out, wear levelling, remaining life. */
const WEAR_ATTRIBUTES = [231, 233, 177, 173, 202];

function jsonHealth(disk: z.infer<typeof Json>): SmartHealth {
  const table = (disk.ata_smart_attributes?.table ?? []).filter((entry) => entry !== null);
  const attributes = new Map(table.map(({ id, raw }) => [id, raw.value]));
  const left = WEAR_ATTRIBUTES.flatMap((id) => table.find((entry) => entry.id === id)?.value ?? [])[0];
  const hours = disk.power_on_time?.hours ?? null;
  const nvme = disk.nvme_smart_health_information_log;
  return {
    passed: disk.smart_status?.passed ?? null,
    temperatureCelsius: disk.temperature?.current ?? null,
    powerOnMs: hours === null ? null : hours * HOUR_MS,
    powerCycles: disk.power_cycle_count ?? null,
    reallocatedSectors: attributes.get(5) ?? disk.scsi_grown_defect_list ?? null,
    pendingSectors: attributes.get(197) ?? null,
    uncorrectableSectors: attributes.get(198) ?? null,
    mediaErrors: nvme?.media_errors ?? null,
    wearPercent:
      nvme?.percentage_used ??
      disk.scsi_percentage_used_endurance_indicator ??
      (left === undefined ? null : 100 - left),
  };
}

function wwnOf(wwn: z.infer<typeof Json>['wwn']): string | null {
  if (wwn === null || wwn === undefined) return null;
  const hex = (value: number, digits: number): string => Math.abs(value).toString(16).padStart(digits, '0');
  return `${hex(wwn.naa, 1)}${hex(wwn.oui, 6)}${hex(wwn.id, 9)}`;
}

function jsonBus(protocol: string | null, sata: boolean): SmartDisk['bus'] {
  if (protocol === 'NVMe') return 'nvme';
  if (protocol === 'SCSI') return 'sas';
  if (protocol === 'ATA') return sata ? 'sata' : 'ata';
  return null;
}
