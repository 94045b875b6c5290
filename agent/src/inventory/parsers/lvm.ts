/** Logical volume manager: the columns of `pvs`, `vgs` and `lvs`. (Its JSON: `storage/lvm.ts`.) */
import { leadingNumber, linesOf, wholeNumber, wordsOf } from './lines.ts';

export interface PhysicalVolume {
  readonly device: string;
  readonly format: string;
  readonly attributes: string;
  readonly sizeBytes: number | null;
  readonly freeBytes: number | null;
  readonly uuid: string;
  readonly extents: number | null;
  readonly groupUuid: string | null;
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
