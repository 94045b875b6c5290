/** Logical volume manager: `pvs`, `vgs` and `lvs`, as columns and as JSON. */
import * as z from 'zod';
import { jsonOf, leadingNumber, linesOf, wholeNumber, wordsOf } from './lines.ts';

/** What to ask for so that the JSON parsers below understand the answer; sizes come in bytes. */
export const LVM_JSON_ARGUMENTS = {
  pvs: [
    '--reportformat',
    'json',
    '--units',
    'b',
    '--nosuffix',
    '-o',
    'pv_name,pv_fmt,pv_attr,pv_size,pv_free,pv_uuid,pv_pe_count,vg_uuid,vg_name',
  ],
  vgs: [
    '--reportformat',
    'json',
    '--units',
    'b',
    '--nosuffix',
    '-o',
    'vg_name,pv_count,lv_count,vg_attr,vg_size,vg_free,vg_uuid,vg_extent_size',
  ],
  lvs: [
    '--reportformat',
    'json',
    '--units',
    'b',
    '--nosuffix',
    '-o',
    'lv_name,vg_uuid,lv_attr,lv_size,lv_uuid,seg_count,vg_name',
  ],
} as const;

export interface PhysicalVolume {
  readonly device: string;
  readonly format: string;
  readonly attributes: string;
  readonly sizeBytes: number | null;
  readonly freeBytes: number | null;
  readonly uuid: string;
  readonly extents: number | null;
  readonly groupUuid: string | null;
  readonly groupName: string | null;
}

export interface VolumeGroup {
  readonly name: string;
  readonly physicalVolumes: number | null;
  readonly logicalVolumes: number | null;
  readonly attributes: string;
  readonly sizeBytes: number | null;
  readonly freeBytes: number | null;
  readonly uuid: string;
  readonly extentBytes: number | null;
}

export interface LogicalVolume {
  readonly name: string;
  readonly groupUuid: string;
  readonly groupName: string | null;
  readonly attributes: string;
  readonly sizeBytes: number | null;
  readonly uuid: string;
  readonly segments: number | null;
}

const UUID = /^[0-9A-Za-z]{6}(?:-[0-9A-Za-z]{4}){5}-[0-9A-Za-z]{6}$/;

/**
 * `pvs --noheadings --nosuffix --units … -o pv_name,pv_fmt,pv_attr,pv_size,pv_free,pv_uuid,pv_pe_count[,vg_uuid]`.
 * @param unitBytes what `--units` was: 1 for `b`, 1e6 for `M`
 */
export function parsePvs(text: string, unitBytes: number): PhysicalVolume[] {
  return linesOf(text).flatMap((line) => {
    const [device, format, attributes, size, free, uuid, extents, groupUuid] = wordsOf(line);
    if (device === undefined || format === undefined || attributes === undefined || !isUuid(uuid)) return [];
    return [
      {
        device,
        format,
        attributes,
        sizeBytes: bytes(size, unitBytes),
        freeBytes: bytes(free, unitBytes),
        uuid,
        extents: wholeNumber(extents),
        groupUuid: isUuid(groupUuid) ? groupUuid : null,
        groupName: null,
      },
    ];
  });
}

/** `vgs … -o vg_name,pv_count,lv_count,vg_attr,vg_size,vg_free,vg_uuid,vg_extent_size`. */
export function parseVgs(text: string, unitBytes: number): VolumeGroup[] {
  return linesOf(text).flatMap((line) => {
    const [name, pvs, lvs, attributes, size, free, uuid, extent] = wordsOf(line);
    if (name === undefined || attributes === undefined || !isUuid(uuid)) return [];
    return [
      {
        name,
        physicalVolumes: wholeNumber(pvs),
        logicalVolumes: wholeNumber(lvs),
        attributes,
        sizeBytes: bytes(size, unitBytes),
        freeBytes: bytes(free, unitBytes),
        uuid,
        extentBytes: bytes(extent, unitBytes),
      },
    ];
  });
}

/** `lvs … -o lv_name,vg_uuid,lv_attr,lv_size,lv_uuid,seg_count`. */
export function parseLvs(text: string, unitBytes: number): LogicalVolume[] {
  return linesOf(text).flatMap((line) => {
    const [name, groupUuid, attributes, size, uuid, segments] = wordsOf(line);
    if (name === undefined || attributes === undefined || !isUuid(groupUuid) || !isUuid(uuid)) return [];
    return [
      {
        name,
        groupUuid,
        groupName: null,
        attributes,
        sizeBytes: bytes(size, unitBytes),
        uuid,
        segments: wholeNumber(segments),
      },
    ];
  });
}

function isUuid(value: string | undefined): value is string {
  return value !== undefined && UUID.test(value);
}

function bytes(value: string | undefined, unitBytes: number): number | null {
  const size = leadingNumber(value);
  return size === null ? null : Math.round(size * unitBytes);
}

const Row = z.record(z.string(), z.union([z.string(), z.number().transform(String)]));
const Report = z.object({
  report: z.array(
    z
      .object({ pv: z.array(Row).catch([]), vg: z.array(Row).catch([]), lv: z.array(Row).catch([]) })
      .partial(),
  ),
});

function rowsOf(text: string, kind: 'pv' | 'vg' | 'lv'): z.infer<typeof Row>[] {
  const parsed = Report.safeParse(jsonOf(text));
  return parsed.success ? parsed.data.report.flatMap((report) => report[kind] ?? []) : [];
}

/** `pvs` with `LVM_JSON_ARGUMENTS.pvs`. */
export function parsePvsJson(text: string): PhysicalVolume[] {
  return rowsOf(text, 'pv').flatMap((row) => {
    const [device, uuid] = [row['pv_name'], row['pv_uuid']];
    if (device === undefined || uuid === undefined || uuid === '') return [];
    return [
      {
        device,
        format: row['pv_fmt'] ?? '',
        attributes: row['pv_attr'] ?? '',
        sizeBytes: bytes(row['pv_size'], 1),
        freeBytes: bytes(row['pv_free'], 1),
        uuid,
        extents: wholeNumber(row['pv_pe_count']),
        groupUuid: told(row['vg_uuid']),
        groupName: told(row['vg_name']),
      },
    ];
  });
}

/** `vgs` with `LVM_JSON_ARGUMENTS.vgs`. */
export function parseVgsJson(text: string): VolumeGroup[] {
  return rowsOf(text, 'vg').flatMap((row) => {
    const [name, uuid] = [row['vg_name'], row['vg_uuid']];
    if (name === undefined || uuid === undefined || uuid === '') return [];
    return [
      {
        name,
        physicalVolumes: wholeNumber(row['pv_count']),
        logicalVolumes: wholeNumber(row['lv_count']),
        attributes: row['vg_attr'] ?? '',
        sizeBytes: bytes(row['vg_size'], 1),
        freeBytes: bytes(row['vg_free'], 1),
        uuid,
        extentBytes: bytes(row['vg_extent_size'], 1),
      },
    ];
  });
}

/** `lvs` with `LVM_JSON_ARGUMENTS.lvs`. */
export function parseLvsJson(text: string): LogicalVolume[] {
  return rowsOf(text, 'lv').flatMap((row) => {
    const [name, uuid, groupUuid] = [row['lv_name'], row['lv_uuid'], row['vg_uuid']];
    if (name === undefined || uuid === undefined || uuid === '' || groupUuid === undefined) return [];
    return [
      {
        name,
        groupUuid,
        groupName: told(row['vg_name']),
        attributes: row['lv_attr'] ?? '',
        sizeBytes: bytes(row['lv_size'], 1),
        uuid,
        segments: wholeNumber(row['seg_count']),
      },
    ];
  });
}

function told(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}
