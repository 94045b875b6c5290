/** Volumes of LVM from `lvm fullreport --reportformat json`: one program for groups, physical and logical volumes. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import * as z from 'zod';
import { byText, cleanText } from '../text.ts';

type Volumes = Pick<SectionData['storage'], 'physicalVolumes' | 'volumeGroups' | 'logicalVolumes'>;

export const NO_VOLUMES: Volumes = { physicalVolumes: [], volumeGroups: [], logicalVolumes: [] };
/** Segments are not wanted, but cannot be left out. */
export const LVM_ARGUMENTS: readonly string[] = [
  'fullreport --reportformat json --units b --nosuffix',
  '--configreport vg -o vg_name,vg_uuid,vg_size,vg_free',
  '--configreport pv -o pv_name,vg_name,pv_uuid,pv_fmt,pv_size,pv_free',
  '--configreport lv -o lv_name,vg_name,lv_uuid,lv_size,segtype',
  '--configreport pvseg -o pv_name --configreport seg -o lv_name',
].flatMap((words) => words.split(' '));

const Row = z.record(z.string(), z.string());
const Report = z.object({
  report: z.array(
    z.object({ vg: z.array(Row).optional(), pv: z.array(Row).optional(), lv: z.array(Row).optional() }),
  ),
});

/** null for output of another form. */
export function parseLvm(json: string): Volumes | null {
  const parsed = Report.safeParse(parse(json));
  if (!parsed.success) return null;
  const rows = (kind: 'vg' | 'pv' | 'lv') => parsed.data.report.flatMap((one) => one[kind] ?? []);
  return {
    volumeGroups: rows('vg')
      .filter((row) => row.vg_name)
      .map((row) => ({
        name: row.vg_name ?? '',
        uuid: cleanText(row.vg_uuid),
        sizeBytes: bytes(row.vg_size),
        freeBytes: bytes(row.vg_free),
      }))
      .sort((a, b) => byText(a.name, b.name)),
    physicalVolumes: rows('pv')
      .filter((row) => row.pv_name)
      .map((row) => ({
        device: row.pv_name ?? '',
        volumeGroup: cleanText(row.vg_name),
        uuid: cleanText(row.pv_uuid),
        format: cleanText(row.pv_fmt),
        sizeBytes: bytes(row.pv_size),
        freeBytes: bytes(row.pv_free),
      }))
      .sort((a, b) => byText(a.device, b.device)),
    logicalVolumes: [...new Map(rows('lv').map((row) => [row.lv_uuid ?? row.lv_name, row])).values()]
      .filter((row) => row.lv_name)
      .map((row) => ({
        // Inner volumes of a mirror or a pool are in brackets.
        name: row.lv_name?.replace(/^\[(.*)\]$/, '$1') ?? '',
        volumeGroup: cleanText(row.vg_name),
        uuid: cleanText(row.lv_uuid),
        kind: cleanText(row.segtype),
        sizeBytes: bytes(row.lv_size),
      }))
      .sort((a, b) => byText(a.volumeGroup ?? '', b.volumeGroup ?? '') || byText(a.name, b.name)),
  };
}

function bytes(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,16}$/.test(value) ? Number(value) : null;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
